"""The right of reply: an appraisal, the commune's explanation of it, the appraiser's decision; all three are kept."""

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

WORKING_DAYS = 3  # within which the appraiser is to decide


def enter_explanation(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    criterion: str,
    words: str,
    *,
    today: date,
    working_days: int = WORKING_DAYS,
    expected: int | None = None,
) -> int:
    """A commune explains itself on one criterion; returns the version. It may be written anew until it was decided."""
    if not words.strip():
        raise refuse("explanation.no_words")

    def enter(transaction: Transaction) -> int:
        connection = transaction.connection
        need(connection, actor, "explanation.enter", contest, unit=unit, criterion=criterion)
        if not criterion:
            raise refuse("permission.not_found")
        law = law_for(connection, contest, unit, criterion)
        place = explanation_id(contest, unit, criterion)
        found = transaction.row(tables.explanation, place)
        if found is not None and found["status"] != "waiting":
            raise refuse("explanation.decided_already", criterion=criterion)
        until = found["due"] if found is not None else due_or_unknown(today, working_days, calendar_of(law))
        about = {"contest": contest, "unit": unit, "criterion": criterion, "words": words.strip()}
        return transaction.put(tables.explanation, place, {**about, "due": until, "status": "waiting"}, expected)

    return store.write(Order(actor.account, "explanation.enter", contest), enter)


def decide_explanation(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    criterion: str,
    decision: str,
    *,
    accepted: bool,
    expected: int | None = None,
) -> int:
    """The appraiser answers an explanation in words; a mark that follows from it is entered as any other."""
    if not decision.strip():
        raise refuse("explanation.no_words")

    def decide(transaction: Transaction) -> int:
        need(transaction.connection, actor, "explanation.decide", contest, unit=unit, criterion=criterion)
        place = explanation_id(contest, unit, criterion)
        found = transaction.row(tables.explanation, place)
        if found is None:
            raise refuse("permission.not_found")
        if found["status"] != "waiting":
            raise refuse("explanation.decided_already", criterion=criterion)
        answer = {"status": "accepted" if accepted else "refused", "decision": decision.strip()}
        return transaction.put(tables.explanation, place, {**answer, "decided_by": actor.account}, expected)

    return store.write(Order(actor.account, "explanation.decide", contest, decision.strip()), decide)


def explanations_for(store: Store, actor: Actor, contest: str, unit: str | None = None) -> list[Row]:
    """The explanations that are open to a person, each with what the commune and the appraiser said of the criterion."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        where = {"contest": contest} | ({"unit": unit} if unit is not None else {})
        said = {
            (row["unit"], row["criterion"], row["stage"]): row["answer"]
            for row in rows(connection, tables.mark, **where)
            if row["stage"] in ("self", "appraisal")
        }
        return [
            {**row, **{stage: said.get((row["unit"], row["criterion"], stage), "") for stage in ("self", "appraisal")}}
            for row in rows(connection, tables.explanation, **where)
            if footing.may("explanation.read", unit=row["unit"], criterion=row["criterion"])
        ]


def explanation_id(contest: str, unit: str, criterion: str) -> str:
    """The key of an explanation: one for each criterion of a unit."""
    return f"{contest}/{unit}/{criterion}"
