"""Petitions against what was published: entered with a due day, answered in words; open ones keep a contest open."""

from __future__ import annotations

from datetime import date

from chamdiem.contest.access import Footing, need
from chamdiem.contest.deadlines import due_or_unknown
from chamdiem.contest.law import calendar_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, law_for, rows
from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

WORKING_DAYS = 10  # within which a petition is to be answered


def enter_petition(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    words: str,
    *,
    today: date,
    criterion: str = "",
    working_days: int = WORKING_DAYS,
    key: str = "",
) -> str:
    """Take a petition of a unit, about one criterion or the whole result; returns its key. One that comes on paper is
    entered by the secretary."""
    if not words.strip():
        raise refuse("petition.no_words")

    def enter(transaction: Transaction) -> str:
        connection = transaction.connection
        need(connection, actor, "petition.enter", contest, unit=unit, criterion=criterion or None)
        law = law_for(connection, contest, unit, criterion)
        made = rows(connection, tables.petition, contest=contest, unit=unit)
        id = f"{contest}/{unit}/{len(made) + 1}"  # noqa: A001 - the column is called so
        until = due_or_unknown(today, working_days, calendar_of(law))
        about = {"contest": contest, "unit": unit, "criterion": criterion, "words": words.strip()}
        transaction.put(tables.petition, id, {**about, "due": until, "status": "open"}, expected=0)
        return id

    return store.write(Order(actor.account, "petition.enter", contest, key=key), enter)


def decide_petition(
    store: Store, actor: Actor, petition: str, answer: str, *, upheld: bool, expected: int | None = None
) -> int:
    """Answer a petition in words. A result that follows from it is changed by reopening and publishing again."""
    if not answer.strip():
        raise refuse("petition.no_words")

    def decide(transaction: Transaction) -> int:
        found = transaction.row(tables.petition, petition)
        if found is None:
            raise refuse("permission.not_found")
        need(transaction.connection, actor, "petition.decide", found["contest"], unit=found["unit"])
        if found["status"] != "open":
            raise refuse("petition.decided_already")
        said = {"status": "upheld" if upheld else "dismissed", "answer": answer.strip()}
        return transaction.put(tables.petition, petition, said, expected)

    with store.read() as connection:
        known = rows(connection, tables.petition, id=petition)
    if not known:
        raise refuse("permission.not_found")
    return store.write(Order(actor.account, "petition.decide", known[0]["contest"], answer.strip()), decide)


def petitions_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """The petitions that are open to a person, with their due days and answers."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        found = rows(connection, tables.petition, contest=contest)
        return [row for row in found if footing.may("petition.read", unit=row["unit"])]
