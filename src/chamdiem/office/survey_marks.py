"""Marks that a survey gives: the answer to a criterion by reference to closed rounds, never typed from them.

A mark keeps the reference in its note: `khao-sat:<round>#<first 16 signs of the hash over its box>`, one for each round;
a round of a programme with the questionnaire before it: `khao-sat:<questionnaire>:<campaign>/<unit>#…`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.law import law_of
from chamdiem.contest.marking import Entry, enter_marks
from chamdiem.contest.permissions import SYSTEM, Actor
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.criteria.rules.counted import SurveyShare, SurveyWeighted
from chamdiem.errors import Message, Refusal, Where, message, refuse
from chamdiem.office.survey_results import Outcome, outcome_of
from chamdiem.office.survey_rounds import called, member_of, round_for
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.surveys.results import Count, added

Rule = SurveyShare | SurveyWeighted
HASH_SHOWN = 16
REFERENCE = re.compile(rf"khao-sat:(?:[a-z0-9-]+:)?([a-z0-9-]+/\S+?)(?:\[([a-z0-9_,]*)\])?#([0-9a-f]{{{HASH_SHOWN}}})")


@dataclass(frozen=True)
class Reference:
    """Where a mark's figures come from: rounds, which classes of respondents count (none named: all)."""

    rounds: tuple[str, ...]
    respondents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """What a survey says to a criterion: the answer as it is marked, and the reference as the mark keeps it."""

    answer: str
    reference: str


def figures_for(store: Store, actor: Actor, contest: str, unit: str, criterion: str, reference: Reference) -> Figures:
    """The answer that closed rounds of a unit give to a criterion.

    Raises Refusal: the criterion is not marked by a survey, a round of another unit or contest, one that is not closed, too
    few answers to be shown, options that are not those of the criterion.
    """
    with store.read() as connection:
        return _figures(connection, actor, contest, unit, criterion, reference)


def enter_from_survey(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    stage: str,
    criterion: str,
    reference: Reference,
    *,
    reason: str = "",
    seen: int | None = None,
) -> Figures:
    """Mark a criterion by what closed rounds say; the note of the mark is the reference. As entering any mark else."""
    found = figures_for(store, actor, contest, unit, criterion, reference)
    entry = Entry(criterion, found.answer, found.reference, seen)
    enter_marks(store, actor, contest, unit, stage, [entry], reason=reason)
    return found


def _figures(
    connection: Connection, actor: Actor, contest: str, unit: str, criterion: str, reference: Reference
) -> Figures:
    rule = _rule(connection, contest, criterion)
    found = [round_for(connection, actor, "survey.read", round_) for round_ in reference.rounds]
    wrong = [row for row in found if not is_about(connection, row, contest, unit)]
    if wrong or not found or len(set(reference.rounds)) != len(found):
        named = [called(connection, row) for row in wrong or found]
        raise refuse("survey.foreign_round", Where(path=(criterion,)), rounds=named, unit=unit)
    return figures_of(connection, rule, found, reference.respondents)


def is_about(connection: Connection, row: Row, contest: str, unit: str) -> bool:
    """Whether a round is about this unit of this contest; one of a programme also by the member that the unit is."""
    if row["contest"]:
        return bool((row["contest"], row["unit"]) == (contest, unit))
    homes = rows(connection, tables.programme_member, programme=row["programme"], code=member_of(connection, row))
    return unit in (row["unit"], *(home["unit"] for home in homes))


def figures_of(connection: Connection, rule: Rule, found: Sequence[Row], respondents: Collection[str] = ()) -> Figures:
    """The answer of closed rounds to a rule, whoever asks, with the reference to them.

    Raises Refusal: one is not closed, has too few answers to be shown, or other options than the rule.
    """
    outcomes = [outcome_of(connection, row) for row in found]
    counts = [_count(connection, one, respondents) for one in outcomes]
    classes = f"[{','.join(respondents)}]" if respondents else ""
    words = [f"khao-sat:{_round_named(one)}{classes}#{one.row['answers_hash'][:HASH_SHOWN]}" for one in outcomes]
    return Figures(_answer(connection, rule, outcomes, counts), " ".join(words))


def _round_named(outcome: Outcome) -> str:
    row = outcome.row
    return f"{outcome.questionnaire.id}:{row['id']}" if row["programme"] else str(row["id"])


def _rule(connection: Connection, contest: str, criterion: str) -> Rule:
    law = law_of(connection, contest_row(connection, contest)["criteria"])
    rule = next((leaf.rule for leaf in law.leaves if leaf.code == criterion), None)
    if not isinstance(rule, SurveyShare | SurveyWeighted):
        raise refuse("survey.not_a_survey_rule", Where(path=(criterion,)), code=criterion)
    return rule


def _count(connection: Connection, outcome: Outcome, respondents: Collection[str]) -> Count:
    """The answers to the headline question, of all or of some classes; refused where one of them may not be shown."""
    found = outcome.results
    groups = [found.everybody] if not respondents else [found.classes.get(key) for key in respondents]
    headline = outcome.questionnaire.headline
    counts = [None if group is None else group.questions[headline] for group in groups]
    visible = [count for count in counts if count is not None]
    if len(visible) < len(counts) or not any(count.answered for count in visible):
        raise refuse("survey.too_few_for_mark", round=called(connection, outcome.row), least=found.least)
    return added(visible)


def _answer(connection: Connection, rule: Rule, outcomes: Sequence[Outcome], counts: Sequence[Count]) -> str:
    """The answer in the words in which marks are written."""
    whole = added(counts)
    if isinstance(rule, SurveyShare):
        return f"{whole.satisfied}/{whole.valid}"
    wanted = [option.key for option in rule.options]
    for outcome in outcomes:
        asked = outcome.questionnaire
        has = [one.key for one in asked.options_of(asked.by_code[asked.headline]) if one.weight is not None]
        if sorted(has) != sorted(wanted):
            raise refuse("survey.other_options", round=called(connection, outcome.row), has=has, wanted=wanted)
    return "; ".join(f"{key}: {whole.options[key]}" for key in wanted)


def faults(connection: Connection, actor: Actor, contest: str) -> Iterator[Message]:
    """Marks that name a survey and do not say what it says: changed by hand, or their round is another one now."""
    for mark in rows(connection, tables.mark, contest=contest):
        reference = reference_in(mark["note"])
        if reference is not None and not _holds(connection, actor, mark, reference):
            yield message("survey.mark_differs", unit=mark["unit"], code=mark["criterion"], note=mark["note"][:200])


def all_faults(store: Store) -> Iterator[Message]:
    """The same of all contests, for whoever owns the machine."""
    with store.read() as connection:
        for contest in rows(connection, tables.contest):
            yield from faults(connection, SYSTEM, contest["id"])


def reference_in(note: str) -> Reference | None:
    """The reference that a mark's note is, None of any other note."""
    parts = [REFERENCE.fullmatch(word) for word in note.split()]
    found = [part for part in parts if part is not None]
    if not found or len(found) < len(parts) or len({part[2] for part in found}) > 1:
        return None
    return Reference(tuple(part[1] for part in found), tuple(filter(None, (found[0][2] or "").split(","))))


def _holds(connection: Connection, actor: Actor, mark: Row, reference: Reference) -> bool:
    try:
        found = _figures(connection, actor, mark["contest"], mark["unit"], mark["criterion"], reference)
    except Refusal:
        return False
    return (found.answer, found.reference) == (mark["answer"], mark["note"])
