"""Reports asked for out of turn ("đột xuất"): asked for by the leading office, shown to whoever is to answer."""

from __future__ import annotations

import streamlit as st

from chamdiem.office.asked_reports import Asked
from chamdiem.office.asking import Wish, ask_report, asked_for, may_ask, take_back
from chamdiem.office.footing import RUNNING
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import escaped
from chamdiem.pages.programme_chosen import Chosen, day_asked
from chamdiem.words import say

WHICH = "ky"  # the query parameter that names what is due: duty/period, of what was asked for duty/period/stage
OTHER = ("", "")


def ask_button(programme: Chosen) -> None:
    """The way to ask for a report, for whoever manages a programme that has members and is not over."""
    runs = programme.row["status"] == RUNNING and programme.row["period_to"] >= programme.desk.today.isoformat()
    if runs and programme.members and programme.footing.may("programme.manage"):
        key = f"asking:{programme.id}"
        ask_in_dialog(say("asking.ask"), lambda: _form(programme, key), key=key, icon=":material/campaign:")


def _form(programme: Chosen, place: str) -> None:
    law = programme.law.programme
    st.caption(escaped(say("asking.about")))
    named = {(duty.id, stage.id): f"{duty.title} · {stage.title}" for duty, stage in may_ask(law)}
    duty, stage = OTHER
    if named:
        duty, stage = st.selectbox(
            say("asking.which"), [OTHER, *named], key=f"{place}:which",
            format_func=lambda one: named.get(one) or say("asking.other"),
        )  # fmt: skip
    offices = dict.fromkeys(str(row["office"]) for row in programme.members.values())
    by: list[str] = []
    if not duty:
        by = st.multiselect(
            say("asking.by"), list(offices), list(offices), key=f"{place}:by", placeholder=say("programmes.choose_office"),
            format_func=lambda one: law.organisation(one).name,
        )  # fmt: skip
    subject = st.text_input(say("asking.subject"), key=f"{place}:subject", max_chars=200)
    content = st.text_area(say("asking.content"), key=f"{place}:content", height=120, max_chars=4000)
    until = day_asked(say("asking.until"), None, f"{place}:until")
    if st.button(say("asking.send"), key=f"{place}:yes", type="primary"):
        if until is None:
            st.error(escaped(say("calendar.choose_day")))
            return
        wish = Wish(until=until, subject=subject, content=content, duty=duty, stage=stage, by=by)
        carry_out("asking.sent", _send, programme, wish)


def _send(programme: Chosen, wish: Wish) -> None:
    """Ask for it, and lead to what was asked for."""
    desk = programme.desk
    key = ask_report(desk.store, desk.actor, programme.id, wish, today=desk.today)
    st.query_params[WHICH] = key.partition("/")[2]


def asked_shown(programme: Chosen, key: str) -> None:
    """What was asked for under this key, when and until when; nothing for what the document itself wants."""
    asked = asked_for(programme.desk.store, programme.desk.actor, programme.id).get(key)
    if asked is None:
        return
    with st.container(border=True):
        st.markdown(f"**{escaped(asked.title)}**")
        st.caption(escaped(say("asking.asked_on", day=asked.spot.asked_on, until=asked.until)))
        if asked.content:
            st.text(asked.content)
        if programme.footing.may("programme.manage"):
            place = f"asking:back:{key}"
            ask_in_dialog(
                say("asking.take_back"), lambda: _take_back(programme, asked, place), key=place, look="tertiary"
            )


def _take_back(programme: Chosen, asked: Asked, place: str) -> None:
    desk = programme.desk
    st.markdown(escaped(asked.title))
    reason = reason_and_button(say("asking.take_back"), key=place)
    if reason is not None:
        carry_out("asking.taken_back", take_back, desk.store, desk.actor, programme.id, asked.key, reason)
