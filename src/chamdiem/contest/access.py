"""Before anything is done: how the person stands to it, looked up in the same snapshot, held against the permissions."""

from __future__ import annotations

from sqlalchemy import Connection, select

from chamdiem.contest.permissions import Actor, Subject, allowed, require
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.store import tables


def subject_of(
    connection: Connection,
    actor: Actor,
    contest: str,
    *,
    unit: str | None = None,
    criterion: str | None = None,
    stage: str | None = None,
    judge: str | None = None,
    account: str | None = None,
) -> Subject:
    """How a person stands to a contest, or to a unit, criterion or sheet of it; an unknown contest is not found.

    About a whole contest the person is in conflict as soon as there is one unit about which he is.
    """
    about = contest_row(connection, contest)
    return Subject(
        contest=contest,
        phase=Phase(about["phase"]),
        unit=unit,
        criterion=criterion,
        stage=stage,
        judge=judge,
        account=account,
        assigned=unit is not None and is_assigned(connection, actor, contest, unit, criterion),
        published=bool(rows(connection, tables.publication, contest=contest)),
        conflicted=in_conflict(connection, actor, contest, unit),
        sealed=not about["revealed"],
        submitted=None if unit is None else is_submitted(connection, contest, unit, stage or "self", judge or ""),
    )


def need(connection: Connection, actor: Actor, verb: str, contest: str, **about: str | None) -> Subject:
    """The same, refused as not found unless the person may do it."""
    subject = subject_of(connection, actor, contest, **about)
    require(actor, verb, subject)
    return subject


def may(connection: Connection, actor: Actor, verb: str, contest: str, **about: str | None) -> bool:
    """Whether the person may do it."""
    return allowed(actor, verb, subject_of(connection, actor, contest, **about))


def in_conflict(connection: Connection, actor: Actor, contest: str, unit: str | None) -> bool:
    """Whether a conflict of interest of this person is on record, with this unit or with any."""
    table = tables.conflict
    found = select(table.c.id).where(table.c.contest == contest, table.c.account == actor.account)
    return connection.execute(found if unit is None else found.where(table.c.unit == unit)).first() is not None


def is_assigned(connection: Connection, actor: Actor, contest: str, unit: str, criterion: str | None) -> bool:
    """Whether this unit (and criterion) is among what was assigned to this person; "" stands for all of them."""
    table = tables.assignment
    mine = select(table.c.criterion).where(
        table.c.contest == contest, table.c.account == actor.account, table.c.unit.in_(("", unit))
    )
    return any(criterion is None or found in ("", criterion) for found in connection.execute(mine).scalars())


def is_submitted(connection: Connection, contest: str, unit: str, stage: str, judge: str) -> bool:
    """Whether the sheet was handed in."""
    return sheet_row(connection, contest, unit, stage, judge).get("status") in ("submitted", "revealed")


def sheet_row(connection: Connection, contest: str, unit: str, stage: str, judge: str) -> Row:
    """One sheet, empty when nobody has begun it."""
    found = rows(connection, tables.sheet, id=sheet_id(contest, unit, stage, judge))
    return found[0] if found else {}


def sheet_id(contest: str, unit: str, stage: str, judge: str) -> str:
    """The key of a sheet: one for each unit and stage, of judges one for each of them as well."""
    return "/".join((contest, unit, stage, judge if stage == "judge" else ""))
