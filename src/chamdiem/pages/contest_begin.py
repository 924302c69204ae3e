"""A new contest: its title and key, the criteria set, the period, the phases it goes without."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from chamdiem.contest.contests import Plan, create_contest, proposed_id
from chamdiem.contest.law import shipped_sets
from chamdiem.contest.permissions import Subject, allowed
from chamdiem.contest.phases import OPTIONAL, ORDER
from chamdiem.criteria.editions import content_hash
from chamdiem.exchange.results_words import label
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.criteria_editions import Edition, editions, law_to_use
from chamdiem.pages.desk import CONTEST, Desk, escaped
from chamdiem.words import say

DAY = "DD/MM/YYYY"


def begin_button(desk: Desk) -> None:
    """The button that opens the form, for whoever may begin a contest."""
    if allowed(desk.actor, "contest.create", Subject()):
        ask_in_dialog(say("begin.button"), lambda: _form(desk), key="begin", icon=":material/add:")


def _form(desk: Desk) -> None:
    title = st.text_input(say("begin.title"), key="begin:title", max_chars=300)
    st.text_input(
        say("begin.id"),
        proposed_id(title),
        key=f"begin:id:{proposed_id(title)}",
        help=say("begin.id_help"),
        max_chars=80,
    )
    shipped = {one.id: one for one in shipped_sets()}
    known = {content_hash(one) for one in shipped.values()}
    others = {hash: one for hash, one in editions(desk).items() if hash not in known}  # noqa: A001 - it is one
    names = {one.id: one.title for one in shipped.values()} | {hash: one.name for hash, one in others.items()}  # noqa: A001
    criteria = st.selectbox(
        say("begin.criteria"), list(names), format_func=names.__getitem__, key="begin:criteria", index=None,
        placeholder=say("begin.choose"), help=say("begin.criteria_help"),
    )  # fmt: skip
    if criteria:
        st.caption(escaped(label(shipped[criteria] if criteria in shipped else others[criteria].criteria)))
    this_year = desk.today.year
    left, right = st.columns(2)
    start = left.date_input(say("begin.from"), date(this_year, 1, 1), format=DAY, key="begin:from")
    end = right.date_input(say("begin.to"), date(this_year, 12, 31), format=DAY, key="begin:to")
    without = st.multiselect(
        say("begin.without"),
        [phase for phase in ORDER if phase in OPTIONAL],
        format_func=lambda phase: say(f"phase.{phase}"),
        placeholder=say("begin.without_none"),
        key="begin:without",
    )
    titles = {"": say("begin.no_parent")} | {str(row["id"]): str(row["title"]) for row in desk.contests}
    parent = st.selectbox(say("begin.parent"), list(titles), format_func=titles.__getitem__, key="begin:parent")
    if st.button(say("begin.do"), type="primary", key="begin:do"):
        if criteria is None:
            st.error(escaped(say("begin.no_criteria")))
            return
        id = str(st.session_state.get(f"begin:id:{proposed_id(title)}", "")).strip()  # noqa: A001 - what it is called
        plan = Plan(id, title, criteria, start, end, str(parent), tuple(without))
        carry_out("begin.done", _begin, desk, plan, others.get(criteria))


def _begin(desk: Desk, plan: Plan, edition: Edition | None) -> None:
    """Create it, and go on with it."""
    if edition is not None:
        plan = replace(plan, criteria=law_to_use(desk, edition))
    made = create_contest(desk.store, desk.actor, plan)
    st.query_params[CONTEST] = made
    st.session_state[CONTEST] = made
