"""What a closed survey found: units side by side, then one of them question by question; never of too few."""

from __future__ import annotations

import streamlit as st

from chamdiem.errors import Refusal
from chamdiem.office.survey_results import Outcome, campaign_for, results_for
from chamdiem.office.survey_rounds import CLOSED
from chamdiem.office.survey_words import interval, percent, spoken
from chamdiem.office.survey_workbook import facts
from chamdiem.pages.desk import Desk, escaped, told
from chamdiem.pages.plain_table import EXTRA, NUMBER, Cell, Head, Line, table
from chamdiem.pages.survey_known import Campaign, round_asked
from chamdiem.pages.ways import out_of_app
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.surveys.results import Count, Group
from chamdiem.words import say, shown

WORKBOOK = "/khao-sat-so-lieu"  # a page of the server
EVERYBODY = ""


def show_results(desk: Desk, campaign: Campaign) -> None:
    """The results, as far as rounds are closed."""
    closed = campaign.of(CLOSED)
    if not closed:
        st.info(escaped(say("surveys.not_closed")))
        return
    if len(closed) > 1:
        _units(desk, campaign)
    row = round_asked(closed, f"surveys:results/{campaign.id}")
    try:
        found = results_for(desk.store, desk.actor, str(row["id"]))
    except Refusal as refusal:
        told(refusal)
        return
    _one(found)


def _units(desk: Desk, campaign: Campaign) -> None:
    """The headline question of each unit."""
    try:
        found = campaign_for(desk.store, desk.actor, campaign.id)
    except Refusal as refusal:
        told(refusal)
        return
    asked = found.questionnaire
    headline = asked.by_code[asked.headline]
    lines = []
    for row, one in found.units:
        group = None if one is None else one.results.everybody
        lines.append(Line(_figures(str(row["unit_name"]), None if group is None else group.questions[asked.headline])))
    if found.together is not None:
        lines.append(Line(_figures(say("survey.everybody"), found.together.questions[asked.headline]), strong=True))
    st.html(table(_heads("survey.column_unit"), lines, f"{headline.code}. {spoken(headline)}"))


def _heads(first: str) -> list[Head]:
    return [
        Head(say(first)), Head(say("survey.head_share"), NUMBER), Head(say("survey.head_interval"), f"{NUMBER} {EXTRA}"),
        Head(say("survey.head_valid"), NUMBER), Head(say("survey.head_weighted"), f"{NUMBER} {EXTRA}"),
    ]  # fmt: skip


def _figures(name: str, count: Count | None) -> list[str | Cell]:
    if count is None:
        return [Cell(name), say("survey.not_shown_short"), "–", "–", "–"]
    more = interval(count)
    return [Cell(name, narrow=more), percent(count.share), more, shown(count.valid), percent(count.weighted)]


def _one(found: Outcome) -> None:
    """One unit: what must be known beside the figures, then the figures."""
    row, asked = found.row, found.questionnaire
    for remark in found.remarks:
        st.warning(escaped(say(remark)))
    known = dict(facts(found))
    st.caption(
        "  \n".join(
            escaped(f"{say(name)}: {known[say(name)]}")
            for name in ("survey.fact_days", "survey.fact_sample", "survey.fact_forms")
        )
    )
    group = _group(found)
    if group is None:
        st.info(escaped(say("survey.not_shown", least=found.results.least)))
    else:
        st.html(table(_heads("survey.head_question"), _questions(asked, group), say("surveys.of_forms", n=group.forms)))
        st.caption(escaped(say("surveys.interval_about")))
    out_of_app(f"{WORKBOOK}/{row['id']}.xlsx", say("surveys.workbook"))


def _group(found: Outcome) -> Group | None:
    """Everybody, or one class of respondents."""
    classes = found.questionnaire.respondents
    if len(classes) < 2 or found.row["respondents"]:
        return found.results.everybody
    names = {EVERYBODY: say("survey.everybody")} | {one.key: spoken(one) for one in classes}
    chosen = st.selectbox(
        say("survey.head_class"), list(names), format_func=names.__getitem__, key=f"surveys:class/{found.row['id']}"
    )
    return found.results.classes[chosen] if chosen else found.results.everybody


def _questions(asked: Questionnaire, group: Group) -> list[Line]:
    lines = [Line(_figures(f"{one.code}. {spoken(one)}", group.questions[one.code])) for one in asked.counted]
    if group.overall is not None:
        lines.append(Line(_figures(say("survey.overall"), group.overall), strong=True))
    return lines
