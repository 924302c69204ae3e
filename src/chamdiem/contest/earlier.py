"""What has changed in a result since an earlier day: both are scored by the engine, from the marks of then and of now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection

from chamdiem.clock import VIETNAM
from chamdiem.contest.access import Footing, sealed
from chamdiem.contest.permissions import Actor
from chamdiem.contest.publication import Change, Standing, revocations, standings
from chamdiem.contest.record import rows, score_of
from chamdiem.contest.standings import once, result_of, units_seen
from chamdiem.errors import Refusal
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import head_of
from chamdiem.store.earlier import as_it_was, changed_since, last_before
from chamdiem.store.proof import values_of

SCORED = (
    tables.contest, tables.criteria_set, tables.contest_unit, tables.unit, tables.panel_member, tables.person,
    tables.conflict, tables.sheet, tables.mark, tables.evidence, tables.evidence_link, tables.recognition,
)  # fmt: skip
"""All that a score is made of, and what says whether it was open to anybody."""


@dataclass(frozen=True)
class Since:
    """What changed: the units whose total, stars or rank are others, and how many marks of each unit were changed.

    `comparable`: there was a result then that was open to people; a mark that was still sealed then is told to nobody.
    """

    comparable: bool
    changes: tuple[Change, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()


def changes_since(store: Store, actor: Actor, contest: str, day: date) -> Since:
    """What this person may see of what has changed since this day began, in Vietnam."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        seen = units_seen(footing, "figures.read")
        moment = datetime.combine(day, time(), VIETNAM).astimezone(UTC)
        key = (head_of(connection).hash, contest, "since", seen, moment)
        return once(key, lambda: _since(footing, seen, last_before(connection, moment)))


def _since(footing: Footing, seen: frozenset[str], to: int) -> Since:
    connection, contest = footing.connection, footing.contest
    with as_it_was(connection, to, contest, SCORED) as copy:
        then = _standings_then(copy, contest, seen)
    if then is None:
        return Since(comparable=False)
    result = result_of(footing, seen)
    now, names = standings(result, revocations(connection, contest)), {one.code: one.name for one in result.marks.units}
    changes = [
        Change(code, names[code], then.get(code), standing)
        for code, standing in now.items()
        if then.get(code) != standing
    ]
    marks = Counter(_units_of_marks(connection, contest, to))
    return Since(
        comparable=True,
        changes=tuple(changes),
        marks=tuple((code, marks[code]) for code in sorted(seen) if marks[code]),
    )


def _standings_then(copy: Connection, contest: str, seen: frozenset[str]) -> dict[str, Standing] | None:
    """What every unit stood at; None when there was no contest yet, it was not opened, or its marks gave no result."""
    found = rows(copy, tables.contest, id=contest)
    if not found or sealed(copy, found[0]):
        return None
    try:
        return standings(score_of(copy, contest, units=seen), revocations(copy, contest))
    except Refusal:
        return None


def _units_of_marks(connection: Connection, contest: str, to: int) -> list[str]:
    """The unit of every mark that is not what it was then."""
    changed = changed_since(connection, to, [tables.mark])
    now = {row["id"]: row for row in rows(connection, tables.mark, contest=contest)} if changed else {}
    found: list[str] = []
    for (_, place), said in changed.items():
        before, after = values_of(said), now.get(place)
        if (before is not None and before["contest"] != contest) or (before is None and after is None):
            continue
        if before is None or after is None or before["answer"] != after["answer"]:
            found.append(str((after or before or {})["unit"]))
    return found
