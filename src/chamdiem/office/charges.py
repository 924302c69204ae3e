"""Who is in charge of a commune on a day: read from all assignments by decision, through the reform; and the gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chamdiem.contest.record import Row
from chamdiem.contest.registry import RegisteredUnit, Registry, eve
from chamdiem.office.field_entry import day_of
from chamdiem.office.lineage import Kept, Origin, records_of

ENDED = "ended"
JANUARY = 1
ONE_DAY = timedelta(days=1)


def begun_on(row: Row) -> date:
    """The first day of an assignment."""
    return day_of(row["valid_from"])


def over(row: Row, day: str) -> bool:
    """Whether the stated term of an assignment has run out before this day."""
    return bool(row["valid_to"]) and row["valid_to"] < day


@dataclass(frozen=True)
class Charge:
    """One who is in charge of a commune on a day, and why he still is.

    `beyond_term`: the term has run out, or a January has gone by without a new decision: he stays until there is one.
    `origin`: the assignment was to what the commune was before.
    """

    row: Row
    origin: Origin
    beyond_term: bool

    @property
    def inherited(self) -> bool:
        """Whether he was assigned to a commune that went into this one."""
        return not self.origin.own


@dataclass(frozen=True)
class Held:
    """A commune on a day and who is in charge of it: nobody is a gap."""

    unit: RegisteredUnit
    charges: tuple[Charge, ...]


@dataclass(frozen=True)
class Gap:
    """Days, both included, on which nobody was in charge of a commune; `before`: those of the communes that went into it,
    up to the day on which it began."""

    unit: RegisteredUnit
    first: date
    last: date
    before: tuple[Gap, ...] = ()


def of_commune(registry: Registry, unit: str, day: date, held: Iterable[Row]) -> list[Row]:
    """The assignments of the commune of this day and of what it was before; those to come as well, by day."""
    found = (kept.record for kept in kept_of(registry, unit, day, held))
    return sorted(found, key=lambda row: (row["valid_from"], row["id"]))


def kept_of(registry: Registry, unit: str, day: date, held: Iterable[Row]) -> list[Kept[Row]]:
    return records_of(registry, unit, day, held, unit=lambda row: str(row["unit"]), on=begun_on)


def charges(registry: Registry, unit: str, day: date, held: Sequence[Row]) -> tuple[Charge, ...]:
    """Who is in charge of the commune with this code on this day: the latest by decision, and those joint with him."""
    standing = in_charge(registry, unit, day, held)
    of = [kept for kept in kept_of(registry, unit, day, held) if kept.record in standing]
    return tuple(Charge(one.record, one.origin, _beyond(one.record, day)) for one in of)


def in_charge(registry: Registry, unit: str, day: date, held: Sequence[Row]) -> list[Row]:
    """Each new decision takes the place of what was before it; a joint one stands beside. Predecessors merged into one
    commune keep theirs side by side until there is one for the new commune."""
    begun = [kept for kept in kept_of(registry, unit, day, held) if day_of(kept.record["valid_from"]) <= day]
    standing: list[Kept[Row]] = []
    for kept in sorted(begun, key=lambda one: (one.record["valid_from"], one.record["id"])):
        if not kept.record["joint"]:
            standing = [one for one in standing if not _replaced(registry, one, kept)]
        standing.append(kept)
    return [
        kept.record for kept in standing if kept.record["status"] != ENDED or day <= day_of(kept.record["valid_to"])
    ]


def _replaced(registry: Registry, old: Kept[Row], new: Kept[Row]) -> bool:
    """Whether a decision about the one unit speaks of the other: it is the same, or was made of it."""
    one, other = old.origin.unit, new.origin.unit
    if one == other:
        return True
    return one in registry.lineage(other.code, day_of(new.record["valid_from"])).before


def _beyond(row: Row, day: date) -> bool:
    """Whether one stays only because there is no new decision: his term is over, or the re-assignment of January is due."""
    began = day_of(row["valid_from"])
    january_over = date(day.year, JANUARY, 31)
    due = day > january_over and began.year < day.year
    return over(row, day.isoformat()) or due


def gaps(registry: Registry, unit: str, first: date, last: date, held: Sequence[Row]) -> list[Gap]:
    """The days from `first` to `last` on which nobody was in charge of the commune that has this code on the last of them;
    days before there was that commune are its predecessors', told with the gap that goes on from theirs."""
    place = registry.get(unit, last)
    if place is None or first > last:
        return []
    wanted, first = first, max(first, place.valid_from or first)
    found: list[Gap] = []
    for start, end in _spans(held, first, last):
        if not charges(registry, unit, start, held):
            if found and found[-1].last + ONE_DAY == start:
                found[-1] = Gap(place, found[-1].first, end)
            else:
                found.append(Gap(place, start, end))
    if found and wanted < found[0].first == place.valid_from:
        earlier = _until(registry, place, wanted, eve(first), held)
        found[0] = replace(found[0], before=tuple(earlier))
    return found


def _until(registry: Registry, place: RegisteredUnit, first: date, last: date, held: Sequence[Row]) -> Iterator[Gap]:
    """The gaps of what a commune was made of that last until it began."""
    for unit in registry.lineage(place.code, place.valid_from).before:
        if unit.valid(last):
            yield from (gap for gap in gaps(registry, unit.code, first, last, held) if gap.last == last)


def _spans(held: Iterable[Row], first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days between which nothing changes."""
    begins = {day_of(row["valid_from"]) for row in held}
    ends = {day_of(row["valid_to"]) + ONE_DAY for row in held if row["status"] == ENDED}
    starts = sorted({first, *(day for day in begins | ends if first < day <= last)})
    return zip(starts, [*map(eve, starts[1:]), last], strict=True)
