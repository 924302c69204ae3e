"""Giải trình: where the appraisal departs from a commune's claim, its explanation, and the appraiser's answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st

from chamdiem.contest.explanations import (
    WORKING_DAYS,
    Departure,
    decide_explanation,
    departures_for,
    enter_explanation,
    explanations_for,
)
from chamdiem.contest.law import law_of
from chamdiem.contest.progress import due_days
from chamdiem.contest.record import Row, units_of
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.exchange.results_words import label
from chamdiem.office.mark_sources import sources_in
from chamdiem.pages.confirming import carry_out, said
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.overview import until
from chamdiem.scoring.trace import MarkLine
from chamdiem.words import say

COLOURS = {"waiting": "orange", "accepted": "green", "refused": "gray"}
READING = ("mark.read_self", "mark.read_appraisal", "explanation.read")


def show(desk: Desk) -> None:
    """The page."""
    title("page.giai-trinh")
    said()
    if desk.contest is None:
        st.info(escaped(say("overview.no_contest")))
        return
    with desk.store.read() as connection:
        law = law_of(connection, str(desk.contest["criteria"]))
        units = {unit.code: unit.name or unit.code for unit in units_of(connection, desk.contest_id)}
    with desk.footing() as footing:
        readable = [code for code in units if all(footing.may(verb, unit=code) for verb in READING)]
    if not readable or not desk.has("explanation.enter", "explanation.decide"):
        st.info(escaped(say("explanations.closed", phase=say("phase.explanation"))))
        return
    _deadline(desk, law)
    unit = _choose(desk, {code: units[code] for code in readable})
    _unit(desk, law, unit, departures_for(desk.store, desk.actor, desk.contest_id, unit))


def _deadline(desk: Desk, law: CriteriaSet) -> None:
    assert desk.contest is not None
    assert desk.phase is not None
    due = due_days(desk.contest).get(desk.phase)
    if desk.phase == "explanation" and due is not None:
        st.write(escaped(until(desk, law, due)))
    if law.status != "official":
        st.caption(f":orange-badge[{escaped(label(law))}]")


def _choose(desk: Desk, units: dict[str, str]) -> str:
    """The unit to look at: those where a decision is waited for come first."""
    rows = explanations_for(desk.store, desk.actor, desk.contest_id)
    waiting = Counter(row["unit"] for row in rows if row["status"] == "waiting")
    order = sorted(units, key=lambda code: (-waiting[code], code))
    if len(order) == 1:
        return order[0]
    chosen = st.selectbox(
        say("explanations.unit"),
        order,
        format_func=lambda code: (
            say("explanations.unit_line", unit=units[code], n=waiting[code]) if waiting[code] else units[code]
        ),
        key=f"explanations.unit/{desk.contest_id}",
    )
    return str(chosen)


def _unit(desk: Desk, law: CriteriaSet, unit: str, found: list[Departure]) -> None:
    if not found:
        st.success(escaped(say("explanations.agree")))
        return
    leaves = {leaf.code: leaf for leaf in law.leaves}
    titles = {code: f"{code}. {leaf.title}" for code, leaf in leaves.items()}
    with desk.footing() as footing:
        may_enter = footing.may("explanation.enter", unit=unit)
    if may_enter:
        st.caption(escaped(say("explanations.about", n=WORKING_DAYS)))
    for one in found:
        with st.container(border=True):
            st.markdown(f"**{escaped(titles.get(one.criterion, one.criterion))}**")
            _both(one, partial(_noted, desk, leaves.get(one.criterion)))
            _reply(desk, law, unit, one, may_enter=may_enter)


def _noted(desk: Desk, leaf: Node | None, note: str) -> str:
    """A note as people read it: where it refers to reports or surveys, what they are called."""
    if leaf is None or "#" not in note:
        return note
    with desk.store.read() as connection:
        found = sources_in(connection, desk.actor, leaf, note)
    return "; ".join(say(one.words) for one in found) or note


def _both(one: Departure, noted: Callable[[str], str]) -> None:
    """What was claimed and what was found, side by side."""
    claimed, appraised = st.columns(2)
    _line(claimed, "stage.self", one.claimed, "" if one.claimed is None else noted(one.claimed.note))
    _line(appraised, "stage.appraisal", one.appraised, noted(one.why))


def _line(place: object, stage: str, line: MarkLine | None, note: str) -> None:
    with place:  # type: ignore[attr-defined]
        st.caption(escaped(say(stage)))
        if line is None:
            st.markdown(escaped(say("explanations.not_said")))
            return
        points = "" if line.points is None else say("explanations.points", points=line.points)
        st.markdown(f"**{escaped(points)}** · {escaped(say(line.answer))}" if points else escaped(say(line.answer)))
        if note:
            st.caption(escaped(say("explanations.note", note=note)))


def _reply(desk: Desk, law: CriteriaSet, unit: str, one: Departure, *, may_enter: bool) -> None:
    """What the commune has explained and what was decided; the form of whoever is to act."""
    row = one.explanation
    if row is not None:
        status = row["status"]
        state = f":{COLOURS[status]}-badge[{escaped(say(f'explanations.{status}'))}]"
        st.markdown(f"{state} {escaped(row['words'])}")
        if status != "waiting":
            st.markdown(f"**{escaped(say('explanations.decision'))}** {escaped(row['decision'])}")
        elif row["due"]:
            due = until(desk, law, date.fromisoformat(row["due"]))
            st.caption(escaped(say("explanations.decide_by", until=due)))
    if may_enter and (row is None or row["status"] == "waiting"):
        _enter(desk, unit, one.criterion, row)
    elif row is None:
        st.caption(escaped(say("explanations.none_sent")))
    elif row["status"] == "waiting":
        with desk.footing() as footing:
            may_decide = footing.may("explanation.decide", unit=unit, criterion=one.criterion)
        if may_decide:
            _decide(desk, unit, row)


def _key(desk: Desk, unit: str, criterion: str, row: Row | None) -> str:
    assert desk.contest is not None
    version = 0 if row is None else row["version"]
    return f"explanations/{desk.contest_id}/{unit}/{criterion}/{desk.contest['criteria']}/{version}"


def _enter(desk: Desk, unit: str, criterion: str, row: Row | None) -> None:
    key = _key(desk, unit, criterion, row)
    with st.form(key, border=False):
        words = st.text_area(
            say("explanations.words"),
            "" if row is None else row["words"],
            key=f"{key}/words",
            max_chars=4000,
            height=90,
        )
        sent = st.form_submit_button(say("explanation.enter" if row is None else "explanations.again"))
    if sent:
        carry_out(
            "explanations.sent",
            lambda: enter_explanation(
                desk.store, desk.actor, desk.contest_id, unit, criterion, words,
                today=desk.today, expected=None if row is None else row["version"],
            ),
        )  # fmt: skip


def _decide(desk: Desk, unit: str, row: Row) -> None:
    key = _key(desk, unit, row["criterion"], row)
    with st.form(key, border=False):
        words = st.text_area(say("explanations.your_decision"), key=f"{key}/words", max_chars=4000, height=90)
        accepted = st.radio(
            say("explanations.verdict"),
            (True, False),
            index=None,
            format_func=lambda yes: say("explanations.accept" if yes else "explanations.refuse"),
            key=f"{key}/verdict",
            horizontal=True,
        )
        sent = st.form_submit_button(say("explanation.decide"))
    if sent and accepted is None:
        st.error(escaped(say("explanations.needs_verdict")))
    elif sent:
        carry_out(
            "explanations.decided",
            lambda: decide_explanation(
                desk.store, desk.actor, desk.contest_id, unit, row["criterion"], words,
                accepted=bool(accepted), expected=row["version"],
            ),
        )  # fmt: skip
