"""Which days are worked: certain where a notice says so, expected where only the law does, unknown elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import Field

from chamdiem.criteria.model import Calendar
from chamdiem.criteria.rules.dated import day_of
from chamdiem.criteria.scalars import Day, Frozen, Text

Sure: TypeAlias = Literal["announced", "expected", "unknown"]
LONGEST_SEARCH = 60  # no run of days off is as long


class Undecided(Frozen):
    """Khoảng ngày chưa ai quyết định nghỉ hay làm."""

    from_: Annotated[Day, Field(alias="from")]
    """Từ ngày."""
    to: Day
    """Đến hết ngày."""
    why: Text
    """Vì sao chưa biết."""


class ExpectedCalendar(Calendar):
    """Lịch dự kiến của năm chưa có thông báo nghỉ: chỉ những ngày luật đã định."""

    undecided: tuple[Undecided, ...]
    """Các khoảng ngày chưa biết."""


class Found(NamedTuple):
    """A working day that was looked for, or None where the calendar does not know; and how sure it is."""

    day: date | None
    sure: Sure


class WorkingDays:
    """The working days of calendars that were announced, and beyond them of those that are expected."""

    def __init__(self, announced: Sequence[Calendar], expected: Sequence[ExpectedCalendar] = ()) -> None:
        self._announced, self._expected = announced, expected

    @cached_property
    def _worked(self) -> frozenset[date]:
        return frozenset(day_of(day) for one in (*self._announced, *self._expected) for day in one.days())

    def sure(self, day: date) -> Sure:
        """How sure it is whether this day is worked."""
        if any(one.from_ <= day <= one.to for one in self._announced):
            return "announced"
        covering = [one for one in self._expected if one.from_ <= day <= one.to]
        open_ones = (gap for one in covering for gap in one.undecided)
        if not covering or any(gap.from_ <= day <= gap.to for gap in open_ones):
            return "unknown"
        return "expected"

    def works(self, day: date) -> bool | None:
        """Whether this day is worked; None where nobody has said."""
        return None if self.sure(day) == "unknown" else day in self._worked

    def on_or_before(self, day: date) -> Found:
        """The last working day that is not after this day."""
        return self._search(day, -1)

    def on_or_after(self, day: date) -> Found:
        """The first working day that is not before this day."""
        return self._search(day, 1)

    def between(self, after: date, last: date) -> int | None:
        """How many days are worked after the first of these days, the last one included; None where the calendar does not
        know all of them, or the last is before the first."""
        if last < after:
            return None
        worked = 0
        for n in range(1, (last - after).days + 1):
            works = self.works(after + timedelta(days=n))
            if works is None:
                return None
            worked += works
        return worked

    def _search(self, day: date, step: int) -> Found:
        sure: Sure = "announced"
        for away in range(LONGEST_SEARCH):
            at = day + timedelta(days=step * away)
            works = self.works(at)
            if works is None:
                break
            sure = "expected" if self.sure(at) == "expected" else sure
            if works:
                return Found(at, sure)
        return Found(None, "unknown")
