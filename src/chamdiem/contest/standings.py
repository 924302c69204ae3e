"""Results as each person may see them: before publication of the units that are open to him, afterwards as published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, get_args

from chamdiem.contest.access import Footing
from chamdiem.contest.judging import marks_of_sheet
from chamdiem.contest.permissions import Actor
from chamdiem.contest.publication import Standing, latest, revocations, said_of, standings
from chamdiem.contest.record import Row, Stage, rows, score_of, units_of
from chamdiem.errors import refuse
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.database import Store


@dataclass(frozen=True)
class Place:
    """One line of a ranking: the unit, what it stands at, and whether nothing about it is open any more."""

    unit: str
    name: str
    standing: Standing
    settled: bool


@dataclass(frozen=True)
class Standings:
    """A ranking as one person may see it. `partial`: units with which he has a conflict of interest are left out, and the
    others are ranked and compared as if those had not taken part."""

    places: tuple[Place, ...]
    partial: bool


def ranking_for(store: Store, actor: Actor, contest: str) -> Standings:
    """The ranking as it stands, in order of rank; units without a rank come last, by code."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        result = _result(footing, "ranking.read")
        settled = dict(zip((unit.code for unit in result.marks.units), result.settled.tolist(), strict=True))
        names = {unit.code: unit.name for unit in result.marks.units}
        said = standings(result, revocations(connection, contest))
        places = [Place(code, names[code], standing, settled[code]) for code, standing in said.items()]
        places.sort(key=lambda place: (place.standing.rank or len(places) + 1, place.unit))
        return Standings(tuple(places), len(places) < len(units_of(connection, contest)))


def result_for(store: Store, actor: Actor, contest: str) -> Result:
    """The whole result of the units that are open to this person: points with their reasons, conditions, open matters."""
    with store.read() as connection:
        return _result(Footing(connection, actor, contest), "figures.read")


def _result(footing: Footing, verb: str) -> Result:
    codes = [unit.code for unit in units_of(footing.connection, footing.contest)]
    seen = {code for code in codes if footing.may(verb, unit=code)}
    if not seen:
        footing.need(verb)
        raise refuse("permission.not_found")
    return score_of(footing.connection, footing.contest, units=seen)


def sheet_result_for(
    store: Store, actor: Actor, contest: str, unit: str, stage: Stage, author: str | None = None
) -> Result:
    """What one sheet alone comes to, for whoever may read its marks; of a judge his own unless another is named."""
    whose = (author or actor.account) if stage == "judge" else ""
    if stage not in get_args(Stage):
        raise refuse("permission.not_found")
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need(f"mark.read_{stage}", unit=unit, stage=stage, judge=whose or None)
        if unit not in {one.code for one in units_of(connection, contest)}:
            raise refuse("permission.not_found")
        marks = marks_of_sheet(connection, contest, unit, stage, whose)
        return score_of(connection, contest, stage=stage, marks=marks, units={unit})


def published_for(store: Store, actor: Actor, contest: str) -> dict[str, Any]:
    """The publication in force, word for word, with its hash, number and day; the same for everybody."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("publication.read")
        last = latest(connection, contest)
        if last is None:
            raise refuse("permission.not_found")
        about = {"number": last["number"], "hash": last["result_hash"], "published_at": last["published_at"]}
        return {**about, "snapshot": json.loads(last["snapshot"])}


def own_result_for(store: Store, actor: Actor, contest: str, unit: str) -> Standing:
    """What was published of one's own unit."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("result.read_own", unit=unit)
        last = latest(connection, contest)
        said = said_of(json.loads(last["snapshot"])["units"].get(unit)) if last is not None else None
        if said is None:
            raise refuse("permission.not_found")
        return said


def recognitions_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """The recognitions that a contest has given, with the days between which they hold, also those that have ended."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("publication.read")
        return rows(connection, tables.recognition, contest=contest)
