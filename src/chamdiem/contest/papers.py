"""What goes onto paper for one person: the score sheet he may fill in, and what must stand beside printed figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chamdiem.contest.access import Footing
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.publication import revocations
from chamdiem.contest.record import panel_of, rows, units_of
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import refuse
from chamdiem.scoring.marks import STAGES, Judge, Unit
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.words import say


@dataclass(frozen=True)
class SheetToFill:
    """A score sheet before it is printed: of which stage and unit, by whom, and what it says already."""

    criteria: CriteriaSet
    stage: str
    unit: Unit
    judge: Judge | None
    said: dict[str, tuple[str, str]]


def sheet_to_fill(store: Store, actor: Actor, contest: str, unit: str, stage: str = "") -> SheetToFill:
    """The sheet of a unit at this stage ("": the one at which the person may enter marks now), with what he entered."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        about = next(iter(units_of(connection, contest, unit)), None)
        whose = {one: actor.account if one == "judge" else None for one in STAGES if stage in ("", one)}
        open_to_him = [
            one
            for one, judge in whose.items()
            if about is not None and footing.may(f"mark.enter_{one}", unit=unit, stage=one, judge=judge)
        ]
        if about is None or not open_to_him:
            raise refuse("permission.not_found")
        chosen = open_to_him[0]
        author = whose[chosen] or ""
        marks = rows(connection, tables.mark, contest=contest, unit=unit, stage=chosen, author=author)
        said = {mark["criterion"]: (mark["answer"], mark["note"]) for mark in marks}
        seats = rows(connection, tables.panel_member, contest=contest, account=actor.account)
        codes = {row["code"] for row in seats}
        judge = next((one for one in panel_of(connection, contest) if one.code in codes), None)
        law = law_of(connection, footing.row["criteria"])
        return SheetToFill(law, chosen, about, judge if chosen == "judge" else None, said)


def notice_for(store: Store, actor: Actor, contest: str, result: Result) -> str:
    """What must stand beside the figures of a result on paper: that they are made up, whose recognition was revoked."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        sample, revoked = bool(footing.row["sample"]), revocations(connection, contest)
    ended = [
        say("cli.revoked_on", unit=unit.name or unit.code, day=date.fromisoformat(revoked[unit.code].on))
        for unit in result.marks.units
        if unit.code in revoked
    ]
    told = [say("cli.sample")] if sample else []
    return " · ".join([*told, say("cli.revoked", units=ended)] if ended else told)
