"""Piles of paper forms as those see them who enter and re-check them: how far each is, never what a form says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from chamdiem.contest.permissions import Actor, allowed
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.survey_paper import DRAWN, ENTERED, ENTERING, INVALID, Said
from chamdiem.office.survey_rounds import questionnaire_of, round_row, subject_of
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.surveys.filling import WHO
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.words import plain

SOMEBODY = ""  # another person than who asks: nobody re-checks what he entered himself
VERBS = ("survey.manage", "survey.enter", "survey.recheck", "survey.read")
BLANK = ("0", "-")
NOT_VALID = "x"


@dataclass(frozen=True)
class Batch:
    """One pile: its row, the numbers of the forms that were entered, what this person may do with it now."""

    row: Row
    entered: frozenset[int]
    may_enter: bool
    may_check: bool

    @property
    def missing(self) -> list[int]:
        """The numbers that are still to be entered."""
        return sorted(set(range(1, self.row["returned"] + 1)) - self.entered)

    @property
    def drawn(self) -> list[int]:
        """The numbers that were drawn to be entered once more."""
        return list(json.loads(self.row["drawn"] or "[]"))

    @property
    def differences(self) -> list[tuple[int, str]]:
        """Where the two entries differ: number of the form, code of the question (WHO for the class)."""
        return [(int(number), str(code)) for number, code in json.loads(self.row["differences"] or "[]")]


def batches_for(store: Store, actor: Actor, round_: str) -> list[Batch]:
    """The piles of a round in the order they were begun; not found for who neither enters nor re-checks there."""
    with store.read() as connection:
        row = round_row(connection, round_)
        subject = subject_of(connection, actor, row)
        found = rows(connection, tables.survey_batch, round=round_)
        enters = allowed(actor, "survey.enter", subject)
        made = []
        for one in sorted(found, key=lambda one: int(one["id"].rpartition("/")[2])):
            checks = allowed(actor, "survey.recheck", subject_of(connection, actor, row, one["entered_by"]))
            entered = {form["number"] for form in rows(connection, tables.survey_paper, batch=one["id"])}
            mine = one["entered_by"] == actor.account
            waits = one["status"] == ENTERED or (one["status"] == DRAWN and one["checked_by"] == actor.account)
            made.append(Batch(one, frozenset(entered), enters and mine and one["status"] == ENTERING, checks and waits))
    if not {"survey.manage", "survey.enter", "survey.recheck"} & verbs_for(store, actor, round_):
        raise refuse("permission.not_found")
    return made


def verbs_for(store: Store, actor: Actor, round_: str) -> frozenset[str]:
    """What a person may do with a round; re-check only what another one has entered."""
    with store.read() as connection:
        subject = subject_of(connection, actor, round_row(connection, round_), SOMEBODY)
    return frozenset(verb for verb in VERBS if allowed(actor, verb, subject))


def questionnaire_for(store: Store, actor: Actor, round_: str) -> Questionnaire:
    """What a round asks; not found for who may not know of it."""
    with store.read() as connection:
        row = round_row(connection, round_)
        subject = subject_of(connection, actor, row, SOMEBODY)
        if not any(allowed(actor, verb, subject) for verb in VERBS):
            raise refuse("permission.not_found")
        return questionnaire_of(connection, row["questionnaire"])


def read_line(asked: Questionnaire, typed: str, respondents: str) -> Said:
    """One paper form typed on one line: the place of the answer to each question (1 for the first, 0 for a blank), with or
    without spaces between; "x" for a form that does not count.

    Raises Refusal: another number of answers than questions, a place that no answer has; all of them at once.
    """
    if plain(typed) == NOT_VALID:
        return INVALID
    parts = typed.replace(",", " ").replace(";", " ").split()
    parts = list(parts[0]) if len(parts) == 1 and len(asked.questions) > 1 else parts
    if len(parts) != len(asked.questions):
        raise refuse("survey.line_length", n=len(parts), wanted=len(asked.questions))
    problems = [Problem(Where(path=(code,)), why) for code, why in _wrong(asked, parts)]
    if problems:
        raise Refusal(problems)
    said = {
        one.code: "" if part in BLANK else asked.options_of(one)[int(part) - 1].key
        for one, part in zip(asked.questions, parts, strict=True)
    }
    return {**said, WHO: respondents} if respondents else said


def _wrong(asked: Questionnaire, parts: Sequence[str]) -> list[tuple[str, Message]]:
    found = []
    for one, part in zip(asked.questions, parts, strict=True):
        most = len(asked.options_of(one))
        if part not in BLANK and not (part.isascii() and part.isdecimal() and 1 <= int(part[:6]) <= most):
            found.append((one.code, message("survey.line_place", value=part[:20], most=most)))
    return found
