"""Chấm điểm: a judge marks a unit, its claim and evidence beside the sheet, and seals it."""

from __future__ import annotations

import streamlit as st

from chamdiem.contest.panel import declare_conflict
from chamdiem.contest.sheets import OpenSheet
from chamdiem.pages import entry
from chamdiem.pages.confirming import carry_out
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.score_sheet import sheet_key
from chamdiem.words import say


def show(desk: Desk) -> None:
    """The page."""
    title("page.cham-diem")
    entry.work(desk, "judge", below=_conflict)


def _conflict(desk: Desk, sheet: OpenSheet) -> None:
    """A judge who has an interest in this unit says so: from then on it is closed to him."""
    with desk.footing() as footing:
        if not footing.may("conflict.declare", account=desk.actor.account):
            return
    with st.expander(say("judging.conflict")):
        st.caption(escaped(say("judging.conflict_says", name=sheet.unit.name)))
        reason = st.text_input(say("judging.conflict_reason"), key=f"conflict/{sheet_key(sheet)}")
        if st.button(say("judging.declare"), key=f"declare/{sheet_key(sheet)}", disabled=not reason.strip()):
            carry_out("judging.declared", _declare, desk, sheet, reason)


def _declare(desk: Desk, sheet: OpenSheet, reason: str) -> None:
    """Declare it, and leave the unit."""
    declare_conflict(desk.store, desk.actor, sheet.contest["id"], sheet.unit.code, reason)
    st.query_params.pop(entry.UNIT, None)
