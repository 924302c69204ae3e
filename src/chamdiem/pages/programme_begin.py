"""A programme is begun from a shipped document: its period, and the days that the document leaves to the office."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.contests import proposed_id
from chamdiem.contest.permissions import Subject, allowed
from chamdiem.office.programmes_begun import Beginning, begin_programme
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.programme_chosen import PROGRAMME, day_asked
from chamdiem.programmes.due import due_dates
from chamdiem.programmes.model import Programme
from chamdiem.words import say

LONGEST_ID = 60


def begin_button(desk: Desk, law: Programme) -> None:
    """The button that opens the form, for whoever may begin a programme; who sets up the rest of the office reads who may."""
    if allowed(desk.actor, "programme.manage", Subject()):
        key = f"programmes:begin/{law.id}@{law.version}"
        ask_in_dialog(say("programmes.begin"), lambda: _form(desk, law, key), key=key, icon=":material/add:")
    elif desk.has("account.manage", "contest.create"):
        about = {"role": say("role.programme_lead"), "page": say("page.tai-khoan")}
        st.caption(escaped(say("begin.who", **about)))


def _form(desk: Desk, law: Programme, key: str) -> None:
    st.markdown(escaped(law.title))
    title = st.text_input(say("programmes.title"), law.title, key=f"{key}:title", max_chars=300)
    proposed = proposed_id(f"{law.id} {desk.today.year}")[:LONGEST_ID].strip("-")
    code = st.text_input(say("programmes.id"), proposed, key=f"{key}:id", help=say("programmes.id_help"), max_chars=60)
    left, right = st.columns(2)
    with left:
        first = day_asked(say("begin.from"), law.effective.from_, f"{key}:from")
    with right:
        last = day_asked(say("begin.to"), law.effective.to or date(desk.today.year, 12, 31), f"{key}:to")
    if first and last and first <= last:
        _asked(law, first, last)
    if st.button(say("programmes.begin_do"), type="primary", key=f"{key}:do"):
        wish = Beginning(id=code.strip(), source=law.id, title=title.strip(), period_from=first, period_to=last)
        carry_out("programmes.begun", _begin, desk, wish)


def _asked(law: Programme, first: date, last: date) -> None:
    """How many days the document leaves open: they are set one by one in the calendar, where each can be seen."""
    unset = [due for due in due_dates(law, first, last) if due.last is None]
    if unset:
        kinds = len({due.duty for due in unset})
        st.info(escaped(say("programmes.days_asked", n=len(unset), kinds=kinds)))


def _begin(desk: Desk, wish: Beginning) -> None:
    made = begin_programme(desk.store, desk.actor, wish)
    st.query_params[PROGRAMME] = made
    st.session_state[PROGRAMME] = made
