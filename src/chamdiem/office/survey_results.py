"""Results of closed rounds, and of a campaign: never of so few that somebody could be recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.permissions import Actor, allowed
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, message, refuse
from chamdiem.office.survey_rounds import CLOSED, called, questionnaire_of, round_for, subject_of
from chamdiem.store import ballot_box, tables
from chamdiem.store.database import Store
from chamdiem.surveys.filling import read_written
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.surveys.results import Group, Results, added, results
from chamdiem.surveys.suppression import shown


@dataclass(frozen=True)
class Outcome:
    """What a closed round found: the round, what was asked, the results, and what must be known beside them."""

    row: Row
    questionnaire: Questionnaire
    results: Results
    remarks: tuple[Message, ...]


def results_for(store: Store, actor: Actor, round_: str) -> Outcome:
    """The results of a round that is closed; refused while it runs: a box is opened once."""
    with store.read() as connection:
        row = round_for(connection, actor, "survey.read", round_)
        return outcome_of(connection, row)


def outcome_of(connection: Connection, row: Row) -> Outcome:
    """The same in a snapshot that is being read."""
    if row["status"] != CLOSED:
        raise refuse("survey.not_closed", round=called(connection, row))
    asked = questionnaire_of(connection, row["questionnaire"])
    found = results(asked, [read_written(answer) for answer in ballot_box.answers_of(connection, row["id"])])
    return Outcome(row, asked, found, tuple(_remarks(row, asked, found)))


def _remarks(row: Row, asked: Questionnaire, found: Results) -> list[Message]:
    """What stands beside the figures: too few answers, more answers than people, classes that are not shown."""
    answered = row["online"] + row["paper"]
    remarks = [message("survey.remark_too_few", least=found.least)] if found.everybody is None else []
    if answered < max(row["target"], asked.sample.least):
        wanted = max(row["target"], asked.sample.least)
        remarks.append(message("survey.remark_below_target", n=answered, target=wanted))
    if answered > row["population"]:
        remarks.append(message("survey.remark_above_population", n=answered, population=row["population"]))
    if found.everybody is not None and None in found.classes.values():
        remarks.append(message("survey.remark_hidden", least=found.least))
    return remarks


@dataclass(frozen=True)
class Campaign:
    """Closed rounds of a campaign side by side. Units with too few answers are None, and so many more that theirs cannot
    be worked out; `together` adds up what is shown, and nothing else."""

    questionnaire: Questionnaire
    units: tuple[tuple[Row, Outcome | None], ...]
    together: Group | None


def campaign_for(store: Store, actor: Actor, campaign: str) -> Campaign:
    """What may be shown of the closed rounds of a campaign that a person may read; refused when there is none."""
    with store.read() as connection:
        closed = [row for row in rows(connection, tables.survey_round, campaign=campaign) if row["status"] == CLOSED]
        mine = [row for row in closed if allowed(actor, "survey.read", subject_of(connection, actor, row))]
        if not mine or len({row["questionnaire"] for row in mine}) > 1:
            raise refuse("permission.not_found")
        outcomes = [outcome_of(connection, row) for row in mine]
    asked = outcomes[0].questionnaire
    visible = shown({one.row["unit"]: one.results.forms for one in outcomes}, asked.shown_from)
    units = tuple((one.row, one if one.row["unit"] in visible else None) for one in outcomes)
    groups = [one.results.everybody for _, one in units if one is not None]
    return Campaign(asked, units, _together(asked, [group for group in groups if group is not None]))


def _together(asked: Questionnaire, groups: Sequence[Group]) -> Group | None:
    if not groups:
        return None
    questions = {}
    for question in asked.questions:
        counts = [count for group in groups if (count := group.questions[question.code]) is not None]
        questions[question.code] = added(counts) if counts else None
    counted = [count for one in asked.counted if (count := questions[one.code]) is not None]
    overall = added(counted) if len(counted) == len(asked.counted) else None
    return Group(sum(group.forms for group in groups), questions, overall)
