"""A programme is closed at its end, knowing what is missing, and reopened where something has to be added after all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import rows
from chamdiem.errors import Message, message, refuse
from chamdiem.office import survey_rounds
from chamdiem.office.difficulties import OPEN
from chamdiem.office.footing import CLOSED, RUNNING, Footing, order
from chamdiem.office.report_rows import SUBMITTED, Owed, owed_in
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction


def missing_at_end(store: Store, actor: Actor, programme: str, *, today: date) -> list[Message]:
    """What a programme would be closed without: reports nobody handed in or took, apart from them those that are not due
    yet, difficulties without an answer, surveys that still run. Nothing of it stands in the way; refused as not found
    unless the person may close it."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.manage")
        return list(_missing(footing, today))


def _missing(footing: Footing, today: date) -> Iterator[Message]:
    for name, left in _reports(list(owed_in(footing)), today).items():
        members = sorted({str(one.member["name"]) for one in left if one.member})
        if members:
            yield message(f"closing.{name}", n=len(left), members=members)
    about = {"programme": footing.programme}
    if unanswered := rows(footing.connection, tables.difficulty, **about, status=OPEN):
        yield message("closing.difficulties", n=len(unanswered))
    if running := rows(footing.connection, tables.survey_round, **about, status=survey_rounds.OPEN):
        yield message("closing.surveys", n=len(running))


def _reports(every: Sequence[Owed], today: date) -> dict[str, list[Owed]]:
    """What was not handed in although its day is over or nobody set one, what is not due yet, what nobody has taken."""
    owed = [one for one in every if one.member is not None]
    absent = [one for one in owed if one.delivered_on is None]
    return {
        "reports": [one for one in absent if one.word(today) != "not_yet"],
        "to_take": [one for one in owed if one.row is not None and one.row["status"] == SUBMITTED],
        "not_due": [one for one in absent if one.word(today) == "not_yet"],
    }


def close_programme(
    store: Store, actor: Actor, programme: str, reason: str, *, today: date, expected: int | None = None
) -> list[Message]:
    """Close a programme, saying why: from then on it takes nothing more in, and what is missing stays so without days being
    counted. Surveys go on. Returns what it was closed without. Raises Refusal: no reason, or it is closed already."""
    return _put(store, actor, programme, CLOSED, reason, expected, today)


def reopen_programme(store: Store, actor: Actor, programme: str, reason: str, *, expected: int | None = None) -> None:
    """Begin a closed programme anew, saying why. Raises Refusal: no reason, or it is not closed."""
    _put(store, actor, programme, RUNNING, reason, expected)


def _put(
    store: Store,
    actor: Actor,
    programme: str,
    status: str,
    reason: str,
    expected: int | None,
    today: date | None = None,
) -> list[Message]:
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def put(transaction: Transaction) -> list[Message]:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("programme.manage")
        if footing.row["status"] == status:
            raise refuse(f"closing.is_{status}", title=footing.row["title"])
        missing = list(_missing(footing, today)) if today else []
        transaction.put(tables.programme, programme, {"status": status}, expected)
        return missing

    verb = "programme.close" if status == CLOSED else "programme.reopen"
    return store.write(order(actor, verb, programme, reason=reason.strip()), put)
