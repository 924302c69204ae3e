"""A programme is closed at its end, knowing what is missing, and reopened where something has to be added after all."""

from __future__ import annotations

from collections.abc import Iterator

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import rows
from chamdiem.errors import Message, message, refuse
from chamdiem.office import survey_rounds
from chamdiem.office.difficulties import OPEN
from chamdiem.office.footing import CLOSED, RUNNING, Footing, order
from chamdiem.office.report_rows import SUBMITTED, owed_in
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction


def missing_at_end(store: Store, actor: Actor, programme: str) -> list[Message]:
    """What a programme would be closed without: reports nobody handed in or took, difficulties without an answer, surveys
    that still run. Nothing of it stands in the way; refused as not found unless the person may close it."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.manage")
        return list(_missing(footing))


def _missing(footing: Footing) -> Iterator[Message]:
    owed = [one for one in owed_in(footing) if one.member is not None]
    waiting = [one for one in owed if one.row is not None and one.row["status"] == SUBMITTED]
    for name, left in (("reports", [one for one in owed if one.delivered_on is None]), ("to_take", waiting)):
        if left:
            members = sorted({str(one.member["name"]) for one in left if one.member})
            yield message(f"closing.{name}", n=len(left), members=members)
    about = {"programme": footing.programme}
    if unanswered := rows(footing.connection, tables.difficulty, **about, status=OPEN):
        yield message("closing.difficulties", n=len(unanswered))
    if running := rows(footing.connection, tables.survey_round, **about, status=survey_rounds.OPEN):
        yield message("closing.surveys", n=len(running))


def close_programme(
    store: Store, actor: Actor, programme: str, reason: str, *, expected: int | None = None
) -> list[Message]:
    """Close a programme, saying why: from then on it takes nothing more in, and what is missing stays so without days being
    counted. Surveys go on. Returns what it was closed without. Raises Refusal: no reason, or it is closed already."""
    return _put(store, actor, programme, CLOSED, reason, expected)


def reopen_programme(store: Store, actor: Actor, programme: str, reason: str, *, expected: int | None = None) -> None:
    """Begin a closed programme anew, saying why. Raises Refusal: no reason, or it is not closed."""
    _put(store, actor, programme, RUNNING, reason, expected)


def _put(store: Store, actor: Actor, programme: str, status: str, reason: str, expected: int | None) -> list[Message]:
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def put(transaction: Transaction) -> list[Message]:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("programme.manage")
        if footing.row["status"] == status:
            raise refuse(f"closing.is_{status}", title=footing.row["title"])
        missing = list(_missing(footing))
        transaction.put(tables.programme, programme, {"status": status}, expected)
        return missing

    verb = "programme.close" if status == CLOSED else "programme.reopen"
    return store.write(order(actor, verb, programme, reason=reason.strip()), put)
