"""What the terminal shows of surveys: the rounds there are, and what a closed one found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from chamdiem.cli.views import console
from chamdiem.office.survey_results import Campaign, Outcome
from chamdiem.office.survey_rounds import Standing
from chamdiem.office.survey_words import interval, label, labels, percent
from chamdiem.office.survey_workbook import facts
from chamdiem.surveys import library
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.surveys.results import Count, Group
from chamdiem.words import say, shown

ROUND = ("id", "contest", "programme", "unit", "unit_name", "mode", "status", "link", "population", "target", "codes")


def list_record(found: Sequence[Standing]) -> dict[str, object]:
    """Questionnaires and rounds, for machines."""
    shipped = [library.load(path) for path in library.shipped()]
    rounds = [{**{name: one.row[name] for name in ROUND}, "collected": one.collected} for one in found]
    return {
        "questionnaires": [
            {"id": one.id, "kind": one.kind, "title": one.title, "status": one.status} for one in shipped
        ],
        "rounds": rounds,
    }


def show_list(found: Sequence[Standing]) -> None:
    """The same for people."""
    page = console()
    page.print(say("survey.shipped"))
    for path in library.shipped():
        one = library.load(path)
        page.print(f"  {one.id}  {one.title} [{label(one)}]", soft_wrap=True)
    table = Table(title=say("survey.rounds"), title_justify="left")
    for head in ("id", "unit", "status", "collected", "target", "title"):
        table.add_column(say(f"survey.column_{head}"))
    for standing in found:
        row = standing.row
        state = say(f"survey.status_{row['status']}")
        figures = (shown(standing.collected), shown(row["target"]))
        table.add_row(row["id"], row["unit_name"], state, *figures, standing.title)
    page.print(table if found else say("survey.no_rounds"))


def count_record(count: Count | None) -> dict[str, Any] | None:
    """The answers to a question, for machines; shares are exact."""
    if count is None:
        return None
    shares = {"share": count.share, "weighted": count.weighted}
    return {
        "options": dict(count.options), "answered": count.answered, "valid": count.valid, "satisfied": count.satisfied,
        **{name: None if share is None else str(share) for name, share in shares.items()},
        "interval": None if count.interval is None else [str(end) for end in count.interval],
    }  # fmt: skip


def group_record(group: Group | None) -> dict[str, Any] | None:
    """One group, for machines; None where there are too few."""
    if group is None:
        return None
    questions = {code: count_record(count) for code, count in group.questions.items()}
    return {"forms": group.forms, "questions": questions, "overall": count_record(group.overall)}


def outcome_record(found: Outcome) -> dict[str, Any]:
    """A closed round, for machines."""
    names = ("id", "unit", "population", "target", "online", "paper", "kept", "answers_hash")
    return {
        **{name: found.row[name] for name in names}, "sample": bool(found.row["sample"]),
        "status": found.questionnaire.status, "shown_from": found.results.least,
        "everybody": group_record(found.results.everybody),
        "classes": {key: group_record(group) for key, group in found.results.classes.items()},
        "remarks": [say(remark) for remark in found.remarks],
    }  # fmt: skip


def show_outcome(found: Outcome) -> None:
    """The same for people."""
    page, asked = console(), found.questionnaire
    page.print(f"{asked.title}\n{labels(asked, sample=bool(found.row['sample']))}")
    for name, value in facts(found):
        page.print(f"{name}: {value}")
    if found.results.everybody is not None:
        page.print(_table(asked, say("survey.everybody"), found.results.everybody))
    for one in asked.respondents if len(asked.respondents) > 1 else ():
        group = found.results.classes[one.key]
        hidden = f"{one.title}: {say('survey.not_shown', least=found.results.least)}"
        page.print(hidden if group is None else _table(asked, one.title, group))


def _table(asked: Questionnaire, title: str, group: Group) -> Table:
    table = Table(title=f"{title} ({shown(group.forms)})", title_justify="left")
    for head in ("question", "valid", "share", "interval", "weighted"):
        table.add_column(say(f"survey.head_{head}"), justify="left" if head == "question" else "right")
    for question in asked.counted:
        table.add_row(f"{question.code}. {question.title}", *_figures(group.questions[question.code]))
    if group.overall is not None:
        table.add_row(say("survey.overall"), *_figures(group.overall))
    return table


def _figures(count: Count | None) -> tuple[str, ...]:
    if count is None:
        return (say("survey.not_shown_short"), "", "", "")
    return (shown(count.valid), percent(count.share), interval(count), percent(count.weighted))


def campaign_record(found: Campaign) -> dict[str, Any]:
    """The closed rounds of a campaign, for machines."""
    units = {row["unit"]: None if one is None else group_record(one.results.everybody) for row, one in found.units}
    return {"units": units, "together": group_record(found.together), "status": found.questionnaire.status}


def show_campaign(found: Campaign) -> None:
    """The same for people: the headline question of each unit."""
    asked = found.questionnaire
    headline = asked.by_code[asked.headline]
    table = Table(title=f"{headline.code}. {headline.title}", title_justify="left")
    for head in ("unit", "valid", "share", "interval", "weighted"):
        table.add_column(say(f"survey.head_{head}" if head != "unit" else "survey.column_unit"))
    for row, one in found.units:
        group = None if one is None else one.results.everybody
        table.add_row(row["unit_name"], *_figures(None if group is None else group.questions[asked.headline]))
    if found.together is not None:
        table.add_row(say("survey.everybody"), *_figures(found.together.questions[asked.headline]))
    console().print(f"{asked.title}\n{label(asked)}")
    console().print(table)
