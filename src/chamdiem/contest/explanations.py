"""The right of reply: an appraisal, the commune's explanation of it, the appraiser's decision; all three are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chamdiem.contest.access import Footing, need
from chamdiem.contest.deadlines import due_or_unknown
from chamdiem.contest.judging import marks_of_sheet
from chamdiem.contest.law import calendar_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, Stage, law_for, rows, score_of, units_of
from chamdiem.errors import refuse
from chamdiem.scoring.trace import MarkLine, Trace
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


@dataclass(frozen=True)
class Departure:
    """A criterion on which the appraisal says something else than the commune: both with their points, the appraiser's
    reason, and what the commune has explained."""

    criterion: str
    claimed: MarkLine | None
    appraised: MarkLine
    why: str
    explanation: Row | None


def departures_for(store: Store, actor: Actor, contest: str, unit: str) -> list[Departure]:
    """Where the appraisal of a unit departs from what the unit said of itself, in the order of the rubric: the
    criteria that are open to this person."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        verbs = ("mark.read_self", "mark.read_appraisal", "explanation.read")
        for verb in verbs:
            footing.need(verb, unit=unit)
        if not units_of(connection, contest, unit):
            raise refuse("permission.not_found")
        return [
            one
            for one in departures(footing, unit)
            if all(footing.may(verb, unit=unit, criterion=one.criterion) for verb in verbs)
        ]


def departures(footing: Footing, unit: str) -> list[Departure]:
    """The same in a snapshot that is being read, for whoever may read both stages."""
    claimed, appraised = _said(footing, unit, "self"), _said(footing, unit, "appraisal")
    found = rows(footing.connection, tables.explanation, contest=footing.contest, unit=unit)
    explained = {row["criterion"]: row for row in found}
    marks = marks_of_sheet(footing.connection, footing.contest, unit, "appraisal", "")
    reasons = {row["criterion"]: row["note"] or row["reason"] for row in marks}
    return [
        Departure(code, claimed.get(code), line, reasons.get(code, ""), explained.get(code))
        for code, line in appraised.items()
        if code not in claimed or _answer(claimed[code]) != _answer(line)
    ]


def _answer(line: MarkLine) -> tuple[object, ...]:
    return (line.state, *(() if line.state else line.cells))


def _said(footing: Footing, unit: str, stage: Stage) -> dict[str, MarkLine]:
    """What one stage says of each criterion of a unit, in the order of the rubric."""
    marks = marks_of_sheet(footing.connection, footing.contest, unit, stage, "")
    if not marks:
        return {}
    result = score_of(footing.connection, footing.contest, stage=stage, marks=marks, units={unit})
    trace = Trace(result, unit)
    return {leaf.node.code: lines[0] for leaf in result.plan.leaves if (lines := trace.marks(leaf))}


def explanation_id(contest: str, unit: str, criterion: str) -> str:
    """The key of an explanation: one for each criterion of a unit."""
    return f"{contest}/{unit}/{criterion}"
