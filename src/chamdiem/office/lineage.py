"""A commune through the reform: what stood above it on a day, what it was before, and whose records it goes on from.

A record keeps the code that its commune had on its own day, and is never rewritten: the commune made of that one shows
it as its predecessor's. Where a commune was divided, nobody knows which part a record was about: each part says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from chamdiem.contest.registry import COMMUNES, RegisteredUnit, Registry
from chamdiem.errors import Message, message, refuse

T = TypeVar("T")

COMMUNE, DISTRICT, PROVINCE = "commune", "district", "province"
DISTRICTS_UNTIL = date(2025, 6, 30)
"""The last day of the district level (Luật 72/2025/QH15; Nghị quyết 203/2025/QH15)."""
LEVEL_OF = {**dict.fromkeys(COMMUNES, COMMUNE), "huyen": DISTRICT, "tinh": PROVINCE}


@dataclass(frozen=True)
class Origin:
    """A unit whose records a commune shows: itself, or one that went into it, then shared with these if it was divided."""

    unit: RegisteredUnit
    own: bool
    shared_with: tuple[RegisteredUnit, ...] = ()

    def said(self) -> Message:
        """Whose record it is, in words."""
        name, code = self.unit.name, self.unit.code
        if self.own:
            return message("lineage.own", name=name, code=code)
        until = self.unit.last_day
        if self.shared_with:
            others = [f"{one.name} ({one.code})" for one in self.shared_with]
            return message("lineage.divided", name=name, code=code, until=until, others=others)
        return message("lineage.before", name=name, code=code, until=until)


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A record as a commune shows it: its own, or of what it was before."""

    record: T
    origin: Origin


@dataclass(frozen=True)
class Place:
    """A unit on a day, and what stood above it, nearest first: district and province until 30/6/2025, then the province."""

    unit: RegisteredUnit
    above: tuple[RegisteredUnit, ...]

    @property
    def label(self) -> str:
        """The whole name: "Xã Đồng Tâm, Huyện Yên Thế, Tỉnh Bắc Giang"."""
        return ", ".join(one.name for one in (self.unit, *self.above))

    def at(self, level: str) -> RegisteredUnit | None:
        """The unit at this level; None where the register has none."""
        return next((one for one in (self.unit, *self.above) if LEVEL_OF.get(one.kind) == level), None)


def ladder(day: date) -> tuple[str, ...]:
    """The levels of government on a day, the lowest first."""
    return (COMMUNE, DISTRICT, PROVINCE) if day <= DISTRICTS_UNTIL else (COMMUNE, PROVINCE)


def place_on(registry: Registry, code: str, day: date) -> Place | None:
    """The unit that had this code on this day, with what stood above it then; None when there was none."""
    unit = registry.get(code, day)
    return None if unit is None else Place(unit, registry.above(unit, day))


def commune_on(registry: Registry, code: str, day: date) -> Place:
    """The same for a commune; refused where there was none, saying what it became or what it was made of."""
    place = place_on(registry, code, day)
    if place is not None and place.at(COMMUNE) == place.unit:
        return place
    ever = [one for one in registry.bearers(code) if one.kind in COMMUNES]
    if not ever:
        raise refuse("lineage.no_commune", code=code)
    later = [f"{one.name} ({one.code})" for one in into(registry, ever[0], day)]
    if later:
        raise refuse("lineage.ended", name=ever[0].name, code=code, until=ever[0].last_day, now=later)
    raise refuse("lineage.not_on_day", name=ever[0].name, code=code, day=day)


def into(registry: Registry, unit: RegisteredUnit, day: date) -> tuple[RegisteredUnit, ...]:
    """What a unit has become on this day: itself while it is there, else all those it went into."""
    if unit.valid(day):
        return (unit,)
    return tuple(one for one in registry.lineage(unit.code, unit.last_day).after if one.valid(day))


def origins(registry: Registry, code: str, day: date) -> tuple[Origin, ...]:
    """The unit with this code on this day, then all it was made of, by code; nothing when there was none."""
    unit = registry.get(code, day)
    if unit is None:
        return ()
    before = registry.lineage(code, day).before
    shared = ((one, tuple(other for other in into(registry, one, day) if other != unit)) for one in before)
    return (Origin(unit, own=True), *(Origin(one, own=False, shared_with=others) for one, others in shared))


def records_of(
    registry: Registry,
    code: str,
    day: date,
    records: Iterable[T],
    *,
    unit: Callable[[T], str],
    on: Callable[[T], date],
) -> list[Kept[T]]:
    """The records of the commune that has this code on this day, and of what it was before, marked as such.

    `unit` tells the code that a record keeps, `on` the day it is of: a code alone is not enough, it may have been
    another unit's. Records come in the order they are given.
    """
    of = origins(registry, code, day)
    found = (
        (record, next((one for one in of if one.unit.code == unit(record) and one.unit.valid(on(record))), None))
        for record in records
    )
    return [Kept(record, origin) for record, origin in found if origin is not None]
