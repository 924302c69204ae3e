"""Results as each person may see them: before publication of the units that are open to him, afterwards as published."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from typing import Any, TypeVar, get_args

from chamdiem.contest.access import Footing
from chamdiem.contest.judging import marks_of_sheet
from chamdiem.contest.permissions import Actor
from chamdiem.contest.publication import Standing, latest, revocations, said_of, standings
from chamdiem.contest.record import Row, Stage, rows, score_of, units_of
from chamdiem.errors import refuse
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import head_of

T = TypeVar("T")


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
        seen = units_seen(footing, "ranking.read")
        return once((head_of(connection).hash, contest, "ranking", seen), lambda: _ranking(footing, seen))


def _ranking(footing: Footing, seen: frozenset[str]) -> Standings:
    connection, contest = footing.connection, footing.contest
    result = result_of(footing, seen)
    settled = dict(zip((unit.code for unit in result.marks.units), result.settled.tolist(), strict=True))
    names = {unit.code: unit.name for unit in result.marks.units}
    said = standings(result, revocations(connection, contest))
    places = [Place(code, names[code], standing, settled[code]) for code, standing in said.items()]
    places.sort(key=lambda place: (place.standing.rank or len(places) + 1, place.unit))
    return Standings(tuple(places), len(places) < len(units_of(connection, contest)))


def result_for(store: Store, actor: Actor, contest: str) -> Result:
    """The whole result of the units that are open to this person: points with their reasons, conditions, open matters."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        return result_of(footing, units_seen(footing, "figures.read"))


def units_seen(footing: Footing, verb: str) -> frozenset[str]:
    """The units of a contest about which a person may do this; refused as not found when there is none."""
    head = head_of(footing.connection).hash
    seen = once((head, footing.contest, verb, footing.actor), lambda: _seen(footing, verb))
    if not seen:
        footing.need(verb)
        raise refuse("permission.not_found")
    return seen


def _seen(footing: Footing, verb: str) -> frozenset[str]:
    footing.look_up_sheets()
    codes = [unit.code for unit in units_of(footing.connection, footing.contest)]
    return frozenset(code for code in codes if footing.may(verb, unit=code))


def result_of(footing: Footing, seen: frozenset[str]) -> Result:
    """The result of these units alone, for who was asked already whether he may see them."""
    key = (head_of(footing.connection).hash, footing.contest, "result", seen)
    return once(key, lambda: score_of(footing.connection, footing.contest, units=seen))


KEPT = 16
_kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
_keeping = RLock()


def once(key: tuple[object, ...], work: Callable[[], T]) -> T:
    """What was worked out under this key a moment ago, or work it out now; refusals are not kept.

    Each key begins with the hash of the journal's head, which only this state of this store has, and holds whose eyes it
    is for or which units they see: nothing outlives a change, and nothing reaches anybody who may not see it.
    """
    with _keeping:
        if key not in _kept:
            _kept[key] = work()
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]  # type: ignore[no-any-return]


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
        if not units_of(connection, contest, unit):
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


def publications_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """Every publication of a contest with number, day, reason and hash, the one in force first; the same for everybody."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("publication.read")
        found = rows(connection, tables.publication, contest=contest)
        return sorted(found, key=lambda row: -int(row["number"]))
