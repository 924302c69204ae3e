"""When something is due, as documents say it: a day of the period's last month, a fixed day, a month, or not said.

Recurrence is reckoned by dateutil's rrule, which knows leap years and months without a 31st. `falls` wants a rule that
the checks have passed, and days from 1900 to 2199.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, TypeAlias

from dateutil.rrule import YEARLY, rrule
from pydantic import Field

from chamdiem.criteria.scalars import Flag, Frozen, Whole
from chamdiem.programmes.periods import LAST_MONTHS, Every, Period, period_ending

Limit: TypeAlias = Literal["on_or_before", "before"]
Day: TypeAlias = Annotated[Whole, Field(ge=1, le=31)]
Month: TypeAlias = Annotated[Whole, Field(ge=1, le=12)]
COMMON_YEAR = 2023
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Falling:
    """One time that a rule falls: for which period, the day it names, the last day in time and, of a month, its first."""

    period: Period
    named: date | None = None
    first: date | None = None
    last: date | None = None


class LastMonthDay(Frozen):
    """Ngày thứ mấy của tháng cuối kỳ: ngày 10 của tháng cuối quý."""

    kind: Literal["last_month_day"]
    day: Day
    """Ngày trong tháng."""
    limit: Limit
    """on_or_before: đúng ngày ấy vẫn là đúng hạn; before: phải xong trước ngày ấy."""

    def falls(self, every: Every, phases: Sequence[Period], start: date, end: date) -> Iterator[Falling]:
        """Every time it falls whose last day in time is from `start` to `end`, both included."""
        if every == "phase":
            named = [(last.replace(day=self.day), phase) for phase, last in _ended(phases)]
        else:
            days = _recurring(LAST_MONTHS[every], self.day, start, end)
            named = [(day, period_ending(every, day.year, day.month)) for day in days]
        return _in_span(named, self.limit, start, end)

    def missing(self, every: Every, phases: Sequence[Period]) -> Iterator[tuple[int, int]]:
        """The days that there are not in every year, as day and month: 31 and 6."""
        months = {last.month for _, last in _ended(phases)} if every == "phase" else LAST_MONTHS.get(every, ())
        return ((self.day, month) for month in sorted(months) if not _is_in_every_year(self.day, month))


class DayMonth(Frozen):
    """Một ngày cố định trong năm: ngày 25 tháng 11."""

    kind: Literal["day_month"]
    day: Day
    """Ngày."""
    month: Month
    """Tháng."""
    limit: Limit
    """on_or_before: đúng ngày ấy vẫn là đúng hạn; before: phải xong trước ngày ấy."""
    next_year: Flag = False
    """true: ngày ấy ở năm sau năm của kỳ."""

    def falls(self, every: Every, phases: Sequence[Period], start: date, end: date) -> Iterator[Falling]:
        """Every time it falls whose last day in time is from `start` to `end`, both included."""
        if every == "phase":
            named = [(date(last.year + self.next_year, self.month, self.day), phase) for phase, last in _ended(phases)]
        else:
            days, (ending,) = _recurring((self.month,), self.day, start, end), LAST_MONTHS[every]
            named = [(day, period_ending(every, day.year - self.next_year, ending)) for day in days]
        return _in_span(named, self.limit, start, end)

    def missing(self, every: Every, phases: Sequence[Period]) -> Iterator[tuple[int, int]]:
        """The day itself, when not every year has it: 30 and 2."""
        return iter(() if _is_in_every_year(self.day, self.month) else ((self.day, self.month),))


class InMonth(Frozen):
    """Trong một tháng, không ghi ngày: tháng 01 hằng năm."""

    kind: Literal["month"]
    month: Month
    """Tháng."""

    def falls(self, every: Every, phases: Sequence[Period], start: date, end: date) -> Iterator[Falling]:
        """Every such month whose last day is from `start` to `end`, both included."""
        (ending,) = LAST_MONTHS[every]
        for last in _recurring((self.month,), -1, start, end):
            if start <= last <= end:
                yield Falling(period_ending(every, last.year, ending), None, last.replace(day=1), last)

    def missing(self, every: Every, phases: Sequence[Period]) -> Iterator[tuple[int, int]]:
        """Every year has every month."""
        return iter(())


class NotSet(Frozen):
    """Văn bản không ghi ngày: người dùng phải đặt hạn, phần mềm không đoán."""

    kind: Literal["not_set"]

    def falls(self, every: Every, phases: Sequence[Period], start: date, end: date) -> Iterator[Falling]:
        """Every period that ends from `start` to `end`, without a day; a phase whose end is not known always."""
        if every == "phase":
            return (Falling(phase) for phase in phases if phase.last is None or start <= phase.last <= end)
        ends = _recurring(LAST_MONTHS.get(every, ()), -1, start, end)
        return (Falling(period_ending(every, day.year, day.month)) for day in ends if start <= day <= end)

    def missing(self, every: Every, phases: Sequence[Period]) -> Iterator[tuple[int, int]]:
        """No day is named that could be missing."""
        return iter(())


DueRule: TypeAlias = Annotated[LastMonthDay | DayMonth | InMonth | NotSet, Field(discriminator="kind")]


def _is_in_every_year(day: int, month: int) -> bool:
    return day <= monthrange(COMMON_YEAR, month)[1]


def _ended(phases: Iterable[Period]) -> list[tuple[Period, date]]:
    return [(phase, phase.last) for phase in phases if phase.last is not None]


def _recurring(months: Sequence[int], day: int, start: date, end: date) -> list[date]:
    """This day of these months in every year, up to a day beyond the span; -1 is the last day of a month."""
    if not months:
        return []
    first, last = datetime.combine(start, time()), datetime.combine(end + ONE_DAY, time())
    return [moment.date() for moment in rrule(YEARLY, first, bymonth=months, bymonthday=day, until=last)]


def _in_span(named: Iterable[tuple[date, Period]], limit: Limit, start: date, end: date) -> Iterator[Falling]:
    for day, period in named:
        last = day - ONE_DAY if limit == "before" else day
        if start <= last <= end:
            yield Falling(period, day, None, last)
