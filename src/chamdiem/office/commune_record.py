"""All that is on record about a commune, and about what it was before: its work in programmes, its published results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from chamdiem.contest.access import Footing as ContestFooting
from chamdiem.contest.permissions import Actor
from chamdiem.contest.publication import Standing, latest, said_of
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import RegisteredUnit
from chamdiem.contest.units import registry_now
from chamdiem.errors import Refusal, refuse
from chamdiem.office.difficulties import difficulties_of
from chamdiem.office.field_entry import day_of
from chamdiem.office.lineage import Kept, Origin, Place, into, origins, place_on, records_of
from chamdiem.office.sponsoring import assignments_of
from chamdiem.office.support import ledger_of
from chamdiem.office.visits import visits_of
from chamdiem.store import tables
from chamdiem.store.database import Store


class Published(NamedTuple):
    """What a contest has published of a unit, by the code it had then; the stars stay that unit's."""

    contest: str
    title: str
    unit: str
    on: date
    standing: Standing


@dataclass(frozen=True)
class Descent:
    """A commune on a day with what stands above it, what it was made of, and what it has become since if it has ended."""

    place: Place
    origins: tuple[Origin, ...]
    now: tuple[RegisteredUnit, ...]


@dataclass(frozen=True)
class Work:
    """The records of a commune in one programme, each its own or its predecessors'."""

    programme: str
    difficulties: list[Kept[Row]]
    visits: list[Kept[Row]]
    support: list[Kept[Row]]
    assignments: list[Kept[Row]]


def descent_of(store: Store, unit: str, *, on: date, today: date) -> Descent:
    """Where a commune comes from and what it has become; refused where there was none with this code on this day."""
    registry = registry_now(store)
    place = place_on(registry, unit, on)
    if place is None:
        raise refuse("lineage.no_unit_on_day", code=unit, day=on)
    return Descent(place, origins(registry, unit, on), into(registry, place.unit, today))


def work_of(store: Store, actor: Actor, programme: str, unit: str, *, on: date) -> Work:
    """What a person may read of the records of a commune in a programme; see `lineage.records_of`."""
    return Work(
        programme,
        difficulties_of(store, actor, programme, unit, today=on),
        visits_of(store, actor, programme, unit, today=on),
        ledger_of(store, actor, programme, unit, today=on),
        assignments_of(store, actor, programme, unit, today=on),
    )


def works_of(store: Store, actor: Actor, unit: str, *, on: date) -> list[Work]:
    """The same in every programme of which a person may read, by id."""
    with store.read() as connection:
        known = [row["id"] for row in rows(connection, tables.programme)]
    found: list[Work] = []
    for programme in known:
        try:
            found.append(work_of(store, actor, programme, unit, on=on))
        except Refusal as refusal:
            if [problem.message.id for problem in refusal.problems] != ["permission.not_found"]:
                raise
    return found


def results_of(store: Store, actor: Actor, unit: str, *, on: date) -> list[Kept[Published]]:
    """What contests have published of a commune, and of what it was before, the earliest first. A predecessor's stars are
    shown as its own: they were given to a unit that is no more."""
    registry = registry_now(store)
    with store.read() as connection:
        found = [
            published
            for contest in rows(connection, tables.contest)
            if ContestFooting(connection, actor, contest["id"]).may("publication.read")
            and (last := latest(connection, contest["id"])) is not None
            for published in _published(
                contest, json.loads(last["snapshot"]), rows(connection, tables.contest_unit, contest=contest["id"])
            )
        ]
    found.sort(key=lambda one: (one.on, one.contest, one.unit))
    return records_of(registry, unit, on, found, unit=lambda one: one.unit, on=lambda one: one.on)


def _published(contest: Row, snapshot: Row, units: list[Row]) -> list[Published]:
    """What a snapshot says, each unit on the last day of the period on which there was that unit."""
    end = str(contest["period_to"])
    last: dict[str, str] = {row["code"]: min(end, row["unit"].partition("@")[2] or end) for row in units}
    found = {code: said_of(said) for code, said in snapshot["units"].items()}
    return [
        Published(contest["id"], snapshot["title"], code, day_of(last.get(code, end)), standing)
        for code, standing in found.items()
        if standing is not None
    ]
