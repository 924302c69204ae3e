"""What is due in a span of time, for which period, by whom, to whom, and on which last day: as the document says it.

A day is never moved and never guessed. Where the document names none, the day is what the users have set, or not set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, TypeAlias

from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.programmes.model import Duty, DutyStage, Programme
from chamdiem.programmes.periods import EARLIEST, LATEST, Period, period_called
from chamdiem.programmes.rules import Falling, Limit, NotSet
from chamdiem.programmes.working_days import Found, Sure, WorkingDays

Origin: TypeAlias = Literal["document", "user", "not_set"]
NOBODY_SET: Mapping[str, date] = MappingProxyType({})
NOWHERE = Found(None, "unknown")


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due once. `last` is the last day in time: of "trước ngày 05/6" it is 04/6.

    `named` is the day the document names; `first` is the first day of a whole month. `working_before` is the last working
    day that is not after `last`, `working_after` the first that is not before it: facts beside the day, which stays.
    `until` is `last`, or `working_after` where the programme's own words allow it. Days are None where they are not set
    or not known; `sure` says how sure the working days are.
    """

    programme: str
    duty: str
    title: str
    what: Literal["report", "review", "task"]
    period: Period
    stage: str
    stage_title: str
    by: tuple[str, ...]
    to: tuple[str, ...]
    via: tuple[str, ...]
    collects: str | None
    origin: Origin
    limit: Limit | None
    named: date | None
    first: date | None
    last: date | None
    until: date | None
    works: bool | None
    working_before: date | None
    working_after: date | None
    sure: Sure
    in_force: bool

    @property
    def key(self) -> str:
        """The name of this one thing, the same for ever: programme/duty/period/stage."""
        return key_of(self.programme, self.duty, self.period.id, self.stage)

    @property
    def called(self) -> Message:
        """What people call it: "Báo cáo quý kết quả …, Quý I/2021"."""
        return message("due.called", title=self.title, period=self.period.label)

    @property
    def rule(self) -> Message:
        """When it is due, in the words of the document."""
        if self.last is None:
            return message("due.not_set")
        if self.first is not None:
            return message("due.month", month=f"{self.last:%m}", year=str(self.last.year))
        return message(f"due.{self.limit}", day=self.named, last=self.last)

    @property
    def beside(self) -> tuple[Message, ...]:
        """What should be known beside the day: that it is a day off, that its calendar is not announced, who set it."""
        unknown = message("due.not_known")
        found = [message("due.set_by_user")] if self.origin == "user" else []
        if self.works is False:
            around = {"before": self.working_before or unknown, "after": self.working_after or unknown}
            found.append(message("due.day_off", **around))
        if self.last is not None and self.works is None:
            found.append(message("due.unknown"))
        if self.sure == "expected":
            found.append(message("due.expected"))
        return tuple(found)


def key_of(programme: str, duty: str, period: str, stage: str) -> str:
    """The name of one thing that is due once."""
    return f"{programme}/{duty}/{period}/{stage}"


def due_dates(
    programme: Programme,
    start: date,
    end: date,
    *,
    given: Mapping[str, date] = NOBODY_SET,
    working: WorkingDays | None = None,
    beyond: bool = False,
) -> tuple[Due, ...]:
    """Everything due whose last day is from `start` to `end`, both included, the earliest first, then as in the file.

    What has no day stands where its period ends, until `given` names its day by its key. Only what falls while the
    programme is in force; with `beyond` also the rest, marked so. Raises Refusal for a span outside 1900 to 2199 and for
    days given to what does not exist or has a day in the document; keys of other programmes are passed over.
    """
    if not EARLIEST <= start <= end <= LATEST:
        raise refuse("programme.span", start=start, end=end, earliest=EARLIEST, latest=LATEST)
    days = _days_set(programme, given)
    found = (
        _due(programme, duty, stage, falling, working)
        for duty in programme.duties
        for stage in duty.stages
        for falling in _falling(duty, stage, start, end, days.get((duty.id, stage.id), {}))
    )
    return tuple(sorted((one for one in found if beyond or one.in_force), key=_day))


def due_called(
    programme: Programme, key: str, *, given: Mapping[str, date] = NOBODY_SET, working: WorkingDays | None = None
) -> Due:
    """The one thing that goes by this key, whether the programme is then in force or not; refused when there is none."""
    spot = spot_of(programme, key)
    if spot is None:
        raise refuse("programme.no_such_due", Where(path=(key,)), key=key)
    duty, stage, period = spot
    day = _days_set(programme, given).get((duty.id, stage.id), {}).get(period)
    year = period.last.year if period.last else EARLIEST.year
    span = date(year - 1, 1, 1), date(year + 2, 12, 31)
    falls = (one for one in stage.due.falls(duty.every, duty.periods, *span) if one.period == period)
    return _due(programme, duty, stage, Falling(period, day, None, day) if day else next(falls), working)


def spot_of(programme: Programme, key: str) -> tuple[Duty, DutyStage, Period] | None:
    """What a key speaks of; None when there is no such thing in this programme."""
    parts = key.split("/")
    duty = programme.duty(parts[1]) if len(parts) == 4 and parts[0] == programme.id else None
    if duty is None or duty.every == "ad_hoc":
        return None
    stage = next((one for one in duty.stages if one.id == parts[3]), None)
    period = period_called(duty.every, parts[2]) or next((one for one in duty.periods if one.id == parts[2]), None)
    if stage is None or period is None or not EARLIEST <= (period.last or EARLIEST) <= LATEST:
        return None
    return duty, stage, period


def when_needed(programme: Programme) -> tuple[tuple[Duty, DutyStage], ...]:
    """The duties without a period: due when somebody asks or something happens."""
    return tuple((duty, stage) for duty in programme.duties if duty.every == "ad_hoc" for stage in duty.stages)


def _day(due: Due) -> date:
    return due.last or due.period.last or date.max


def _falling(duty: Duty, stage: DutyStage, start: date, end: date, days: Mapping[Period, date]) -> Iterator[Falling]:
    """What falls in the span by the rule of a stage, with the days that were set taken for those that are not."""
    for falling in stage.due.falls(duty.every, duty.periods, start, end) if duty.every != "ad_hoc" else ():
        if falling.period not in days:
            yield falling
    yield from (Falling(period, day, None, day) for period, day in days.items() if start <= day <= end)


def _days_set(programme: Programme, given: Mapping[str, date]) -> dict[tuple[str, str], dict[Period, date]]:
    """The days that users have set, by duty and stage; refused for what does not exist or has its day already."""
    found: dict[tuple[str, str], dict[Period, date]] = defaultdict(dict)
    problems = []
    for key, day in given.items():
        spot = spot_of(programme, key)
        if spot is not None and isinstance(spot[1].due, NotSet):
            found[spot[0].id, spot[1].id][spot[2]] = day
        elif key.startswith(f"{programme.id}/"):
            known = spot and message("due.called", title=spot[0].title, period=spot[2].label)
            why = (
                message("programme.day_in_document", due=known) if known else message("programme.no_such_due", key=key)
            )
            problems.append(Problem(Where(path=(key,)), why))
    if problems:
        raise Refusal(problems)
    return found


def _due(programme: Programme, duty: Duty, stage: DutyStage, falling: Falling, working: WorkingDays | None) -> Due:
    last, is_open = falling.last, isinstance(stage.due, NotSet)  # open: the document names no day
    before = working.on_or_before(last) if working and last else NOWHERE
    after = working.on_or_after(last) if working and last else NOWHERE
    moves = programme.days_off.when_off == "next_working_day" and falling.first is None
    return Due(
        programme.id, duty.id, duty.title, duty.what, falling.period, stage.id, stage.title,
        stage.by, stage.to, stage.via, stage.collects,
        origin=("not_set" if last is None else "user") if is_open else "document",
        limit=None if last is None or falling.first else getattr(stage.due, "limit", "on_or_before"),
        named=falling.named, first=falling.first, last=last,
        until=after.day or last if moves else last,
        works=working.works(last) if working and last else None,
        working_before=before.day, working_after=after.day,
        sure=_least_sure(before.sure, after.sure),
        in_force=_in_force(programme, falling),
    )  # fmt: skip


def _least_sure(*all_of: Sure) -> Sure:
    order: tuple[Sure, ...] = ("unknown", "expected", "announced")
    return min(all_of, key=order.index)


def _in_force(programme: Programme, falling: Falling) -> bool:
    """Whether the last day, or where none is set some day of the period, is in the programme's time."""
    if falling.last is not None:
        return programme.in_force(falling.last)
    period, span = falling.period, programme.effective
    starts_in_time = span.to is None or period.first is None or period.first <= span.to
    return starts_in_time and (period.last is None or period.last >= span.from_)
