"""Đối chiếu: differences between judges over the limit, and how they were settled."""

from __future__ import annotations

import streamlit as st

from chamdiem.contest.contests import criteria_for
from chamdiem.contest.differences import Compared, Difference, differences_for
from chamdiem.contest.reconciliation import record_reconciliation
from chamdiem.errors import Refusal
from chamdiem.exchange.results_words import label
from chamdiem.pages.confirming import carry_out, said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.listing import listing
from chamdiem.words import say

SHOWN = 12


def show(desk: Desk) -> None:
    """The page."""
    title("page.doi-chieu")
    said()
    if desk.contest is None or not desk.has("reconciliation.record"):
        st.info(escaped(say("reconcile.closed")))
        return
    with desk.footing() as footing:
        sealed = footing.sealed
    if sealed:
        st.info(escaped(say("reconcile.sealed")))
        return
    try:
        found = differences_for(desk.store, desk.actor, desk.contest_id)
    except Refusal as refusal:
        told(refusal)
        return
    left = sum(not one.settled for one in found)
    st.markdown(f"#### {escaped(say('reconcile.left', n=left) if left else say('reconcile.none'))}")
    st.caption(escaped(label(criteria_for(desk.store, desk.actor, desk.contest_id))))
    for one in found:
        _difference(desk, one)


def _difference(desk: Desk, one: Difference) -> None:
    """One difference: what it is, the marks side by side, what was agreed on."""
    sign = ":material/check_circle:" if one.settled else ":material/error:"
    with st.expander(f"**{escaped(one.name)}** · {escaped(say(one.says))}", expanded=not one.settled, icon=sign):
        for compared in one.compared[:SHOWN] if one.criterion else ():
            st.text(f"{compared.criterion} {compared.title}")
            listing(_each(compared), say("reconcile.table"))
        if not one.criterion:
            listing(_beside(one), say("reconcile.table"))
        _settle(desk, one)


def _each(compared: Compared) -> list[dict[str, str]]:
    """The judges one below the other: what each gave, and why."""
    return [
        {
            say("reconcile.judge"): mark.source.judge,
            say("reconcile.answer"): say(mark.answer),
            say("reconcile.points"): "" if mark.points is None else say("word.text", text=mark.points),
            say("reconcile.counted"): say("word.yes" if mark.counted else "word.no"),
            say("import.column.note"): mark.note,
        }
        for mark in compared.marks
    ]


def _beside(one: Difference) -> list[dict[str, str]]:
    """The criteria on which the judges differ, the widest first, the judges side by side."""
    judges = sorted({mark.source.judge for compared in one.compared for mark in compared.marks})
    rows = []
    for compared in one.compared[:SHOWN]:
        given = {mark.source.judge: mark.points for mark in compared.marks if mark.points is not None}
        row = {say("reconcile.criterion"): f"{compared.criterion} {compared.title}"}
        row |= {judge: say("word.text", text=given[judge]) if judge in given else "" for judge in judges}
        rows.append(row | {say("reconcile.apart"): say("word.text", text=compared.apart)})
    return rows


def _settle(desk: Desk, one: Difference) -> None:
    """The record of what was agreed on; a third marker settles by his marks alone."""
    if one.record:
        st.markdown(f"**{escaped(say('reconcile.record'))}**")
        st.text(one.record)
    if one.kind.endswith("_third_marker"):
        st.caption(escaped(say("reconcile.third_marker")))
        return
    with desk.footing() as footing:
        may = footing.may("reconciliation.record", unit=one.unit, criterion=one.criterion or None)
    if not may or not one.kind.endswith("_discuss"):
        return
    place = f"reconcile:{desk.contest_id}:{one.unit}:{one.criterion}:{one.version}"
    with st.form(place, border=False):
        words = st.text_area(say("reconcile.words"), one.record, key=f"{place}:words", max_chars=4000, height=100)
        if st.form_submit_button(say("reconcile.keep"), type="primary"):
            carry_out(
                "reconcile.kept", record_reconciliation, desk.store, desk.actor, desk.contest_id, one.unit,
                one.criterion, words, expected=one.version,
            )  # fmt: skip
