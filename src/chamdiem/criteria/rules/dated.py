"""Rules answered by a date: on time or late, counted in calendar days or working days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from chamdiem.criteria.columns import Array, Exact, Mask
from chamdiem.criteria.rules.base import Answers, Fault, Graded, Input, Rule, Scale, point_faults, top_of
from chamdiem.criteria.scalars import Day, Frozen, Key, Points, Whole
from chamdiem.errors import Message, message

EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = 0, date(2200, 1, 1).toordinal() - EPOCH


def day_number(day: date) -> int:
    """Days since 1/1/1970."""
    return day.toordinal() - EPOCH


def day_of(number: int) -> date:
    """The date so many days after 1/1/1970."""
    return date.fromordinal(int(number) + EPOCH)


def after_working_days(start: Array, days: int, working: Array) -> tuple[Array, Mask]:
    """The n-th working day after each start day (which itself never counts), and where the calendar knows it.

    `working` begins with the day before the calendar does: later days are inside it.
    """
    at = np.searchsorted(working, start, side="right") + days - 1
    known = (start > working[0]) & (at < len(working))
    return working[np.minimum(at, len(working) - 1)], known


class Late(Frozen):
    """Chậm không quá từng này ngày thì còn được số điểm này."""

    within_days: Whole
    """Chậm nhiều nhất từng này ngày (ngày lịch)."""
    points: Points
    """Số điểm còn được."""


class After(Frozen):
    """Hạn tính bằng ngày làm việc sau một ngày khác."""

    working_days: Whole
    """Số ngày làm việc."""
    calendar: Key
    """Lịch làm việc dùng để đếm, ví dụ vn."""
    day: Day | None = None
    """Ngày bắt đầu tính; bỏ trống thì người chấm nhập ngày bắt đầu của từng đơn vị."""

    def faults(self, working: Array) -> Iterator[Fault]:
        """No days at all, or a fixed start from which the calendar does not reach the due day."""
        if self.working_days < 1:
            yield ("working_days",), message("criteria.step_not_positive", step=self.working_days)
        elif self.day is not None and working.size:
            known = after_working_days(np.array(day_number(self.day)), self.working_days, working)[1]
            if not known:
                yield ("day",), message("criteria.calendar_does_not_reach", calendar=self.calendar, day=self.day)


class Deadline(Rule):
    """Làm đúng hạn được điểm tối đa; chậm thì theo bảng, ngoài bảng 0 điểm."""

    kind: Literal["deadline"]
    due: Day | None = None
    """Hạn là một ngày cố định."""
    after: After | None = None
    """Hạn là n ngày làm việc sau một ngày khác."""
    limit: Literal["on_or_before", "before"]
    """on_or_before: chậm nhất ngày hạn; before: trước ngày hạn."""
    late: Annotated[tuple[Late, ...], Field(max_length=20)] = ()
    """Điểm khi chậm, xếp từ chậm ít đến chậm nhiều."""

    def inputs(self, scale: Scale) -> tuple[Input, ...]:
        done = Input("done_on", "date", low=FIRST_DAY, high=LAST_DAY)
        if self.after is not None and self.after.day is None:
            return (Input("started_on", "date", low=FIRST_DAY, high=LAST_DAY), done)
        return (done,)

    def due_days(self, answers: Answers, scale: Scale) -> tuple[Array, Mask]:
        """The due day of each cell and whether the calendar reaches it."""
        done = answers["done_on"]
        if self.due is not None or self.after is None:
            due = np.full(done.shape, day_number(self.due or date.max))
            return due, np.ones(done.shape, dtype=np.bool_)
        started = np.full(done.shape, day_number(self.after.day)) if self.after.day else answers["started_on"]
        return after_working_days(started, self.after.working_days, scale.working_days[self.after.calendar])

    def grade(self, answers: Answers, scale: Scale) -> Graded:
        due, known = self.due_days(answers, scale)
        days_late = answers["done_on"] - due + (self.limit == "before")
        points = np.zeros(days_late.shape, dtype=np.int64)
        for late in sorted(self.late, key=lambda late: -late.within_days):
            points = np.where(days_late <= late.within_days, scale.ticks(late.points), points)
        return Graded(Exact(np.where(days_late <= 0, scale.top, points)), ~known, "matter.calendar_too_short")

    def how(self, scale: Scale) -> tuple[Message, ...]:
        if self.after is None:
            head = message(f"rule.due_{self.limit}", due=self.due, top=top_of(scale))
        else:
            start = self.after.day or message("rule.start_entered")
            head = message(f"rule.after_{self.limit}", n=self.after.working_days, start=start, top=top_of(scale))
        return (head, *(message("rule.late", days=late.within_days, points=late.points) for late in self.late))

    def faults(self, scale: Scale) -> Iterator[Fault]:
        if (self.due is None) == (self.after is None):
            yield (), message("criteria.due_or_after")
        if self.after is not None and self.after.calendar not in scale.working_days:
            yield ("after", "calendar"), message("criteria.unknown_calendar", calendar=self.after.calendar)
        elif self.after is not None:
            for place, why in self.after.faults(scale.working_days[self.after.calendar]):
                yield ("after", *place), why
        yield from point_faults({("late", at, "points"): late.points for at, late in enumerate(self.late)}, scale)
        steps = [(0, top_of(scale)), *((late.within_days, Fraction(late.points)) for late in self.late)]
        for at, ((days, points), (more_days, fewer)) in enumerate(pairwise(steps)):
            if more_days <= days or fewer > points:
                yield ("late", at), message("criteria.late_order")

    def lowest(self, scale: Scale) -> int:
        return min(0, *(scale.ticks(late.points) for late in self.late)) if self.late else 0
