"""Đợt chấm: contests are created and led from phase to phase; score sheets are imported with a preview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st

from chamdiem.contest.contests import criteria_for, due_days, without_of
from chamdiem.contest.deadlines import working_days_left
from chamdiem.contest.law import calendar_of
from chamdiem.contest.phases import ORDER, Phase, phases_of
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.results_words import label
from chamdiem.pages.confirming import said
from chamdiem.pages.contest_begin import begin_button
from chamdiem.pages.contest_deadlines import deadlines_section
from chamdiem.pages.contest_steps import steps_section
from chamdiem.pages.contest_units import units_section
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.import_preview import import_section
from chamdiem.words import say

SECTIONS: dict[str, tuple[str, Callable[[Desk], None]]] = {
    "tien-trinh": ("contests.section_steps", steps_section),
    "don-vi": ("contests.section_units", units_section),
    "thoi-han": ("contests.section_deadlines", deadlines_section),
    "nhap-phieu": ("contests.section_import", import_section),
}


def show(desk: Desk) -> None:
    """The page."""
    title("page.dot-cham")
    said()
    if not desk.has("contest.create", "contest.configure", "contest.advance"):
        st.info(escaped(say("contests.closed")))
        return
    if desk.contest is None:
        st.info(escaped(say("contests.none" if desk.has("contest.create") else "contests.none_yours")))
        begin_button(desk)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(escaped(str(desk.contest["title"])), width="stretch")
        begin_button(desk)
    _about(desk, criteria_for(desk.store, desk.actor, desk.contest_id))
    SECTIONS[_section()][1](desk)


def _section() -> str:
    """Which part of the page is open; it is in the address, so that a link leads to it."""
    asked = st.query_params.get("muc", "")
    chosen = st.segmented_control(
        say("contests.section"),
        list(SECTIONS),
        default=asked if asked in SECTIONS else "tien-trinh",
        required=True,
        format_func=lambda name: say(SECTIONS[name][0]),
        key="contests:section",
        label_visibility="collapsed",
    )
    st.query_params["muc"] = str(chosen)
    return str(chosen)


def _about(desk: Desk, criteria: CriteriaSet) -> None:
    """By which criteria, when, and how far it is."""
    assert desk.contest is not None
    assert desk.phase is not None
    start, end = (date.fromisoformat(str(desk.contest[name])) for name in ("period_from", "period_to"))
    st.caption(escaped(say("contests.about", criteria=criteria.title, start=start, end=end, label=label(criteria))))
    st.markdown(" → ".join(_badge(desk.phase, phase) for phase in phases_of(without_of(desk.contest))))
    due = due_days(desk.contest).get(desk.phase)
    if due is not None:
        left = working_days_left(desk.today, due, calendar_of(criteria))
        told = "contests.overdue" if due < desk.today else "contests.due" if left is None else "contests.due_in"
        st.caption(escaped(say(told, day=due, left=left or 0)))


def _badge(here: Phase, phase: Phase) -> str:
    """One phase of the rail: gone by, here, or still to come."""
    words = escaped(say(f"phase.{phase}"))
    if phase is here:
        return f":primary-badge[:material/location_on: {words}]"
    past = ORDER.index(phase) < ORDER.index(here)
    return f":green-badge[:material/check: {words}]" if past else f":gray-badge[{words}]"
