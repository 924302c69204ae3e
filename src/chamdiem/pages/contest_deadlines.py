"""Deadlines of the phases of a contest: typed as days, or reckoned in working days after a day."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.contests import criteria_for, due_days, set_deadlines, without_of
from chamdiem.contest.deadlines import due
from chamdiem.contest.law import calendar_of
from chamdiem.contest.phases import Phase, phases_of
from chamdiem.errors import Refusal
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.contest_begin import DAY
from chamdiem.pages.desk import Desk, escaped, told
from chamdiem.words import say

WITHOUT_DEADLINE = (Phase.DRAFT, Phase.PUBLISHED, Phase.ARCHIVED)
MOST_DAYS = 60


def deadlines_section(desk: Desk) -> None:
    """One day for each phase; nobody who may not change them is asked to."""
    assert desk.contest is not None
    with desk.footing() as footing:
        draft = footing.may("contest.configure")
        may = draft or footing.may("contest.advance")
    set_now = due_days(desk.contest)
    phases = [phase for phase in phases_of(without_of(desk.contest)) if phase not in WITHOUT_DEADLINE]
    st.caption(escaped(say("deadlines.about")))
    with st.form("deadlines", border=False):
        days: dict[Phase, date] = {}
        lines = [
            st.columns(3) for _ in range(0, len(phases), 3)
        ]  # on a telephone they stand below each other, in order
        for at, phase in enumerate(phases):
            place = f"deadline:{desk.contest_id}:{desk.contest['version']}:{phase}"
            day = lines[at // 3][at % 3].date_input(
                say(f"phase.{phase}"), set_now.get(phase), format=DAY, key=place, disabled=not may
            )
            if isinstance(day, date):
                days[phase] = day
        reason = "" if draft or not may else st.text_input(say("deadlines.reason"), key="deadlines:reason")
        if st.form_submit_button(say("deadlines.save"), type="primary", disabled=not may):
            verb = "contest.configure" if draft else "contest.advance"
            carry_out(
                "deadlines.saved",
                lambda: set_deadlines(desk.store, desk.acting(verb), desk.contest_id, days, reason),
            )
    with st.expander(say("deadlines.reckon"), icon=":material/calculate:"):
        _reckon(desk)


def _reckon(desk: Desk) -> None:
    """The day so many working days after another one, by the calendar of the criteria set."""
    calendar = calendar_of(criteria_for(desk.store, desk.actor, desk.contest_id))
    start = st.date_input(say("deadlines.start"), desk.today, format=DAY, key="reckon:start", width=260)
    days = st.slider(say("deadlines.days"), 1, MOST_DAYS, 5, key="reckon:days")
    try:
        st.markdown(f"**{escaped(say('deadlines.due', day=due(start, days, calendar)))}**")
    except Refusal as refusal:
        told(refusal)
    st.caption(escaped(calendar.title))
