"""What waits for a second person: shown where it belongs, confirmed or refused by another one, withdrawn by oneself."""

from __future__ import annotations

import json
from collections.abc import Collection

import streamlit as st

from chamdiem.contest.decisions import confirm, waiting_for, withdraw
from chamdiem.contest.record import Row
from chamdiem.contest.registration import participants_for
from chamdiem.errors import message
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.words import say


def show_waiting(desk: Desk, verbs: Collection[str] = ()) -> list[Row]:
    """The decisions that wait for this person or were asked for by him, of these verbs or of all; returns them."""
    found = [row for row in waiting_for(desk.store, desk.actor, desk.contest_id) if not verbs or row["verb"] in verbs]
    for row in found:
        with st.container(border=True):
            _one(desk, row)
    return found


def _one(desk: Desk, row: Row) -> None:
    own = row["asked_by"] == desk.actor.account
    st.markdown(f":orange-badge[{escaped(say('waiting.badge'))}] **{escaped(what(desk, row))}**")
    who = say("waiting.own") if own else say("waiting.by", who=row["who"])
    st.caption(escaped(" · ".join(filter(None, (who, row["reason"])))))
    with st.container(horizontal=True):
        if not own:
            ask_in_dialog(
                say("waiting.confirm"), lambda: _confirm(desk, row), key=f"waiting:{row['id']}", look="primary"
            )
        if st.button(say("waiting.withdraw" if own else "waiting.refuse"), key=f"waiting:drop:{row['id']}"):
            carry_out("waiting.withdrawn", withdraw, desk.store, desk.actor, row["id"])


def _confirm(desk: Desk, row: Row) -> None:
    st.write(escaped(say("waiting.sure", what=what(desk, row), who=row["who"])))
    if row["reason"]:
        st.write(escaped(say("waiting.reason", reason=row["reason"])))
    if st.button(say("waiting.confirm"), key=f"waiting:yes:{row['id']}", type="primary"):
        carry_out(
            "waiting.confirmed",
            lambda: confirm(desk.store, desk.acting(row["verb"]), row["id"], today=desk.today),
        )


def what(desk: Desk, row: Row) -> str:
    """What was asked for, in words: the act, and the phase or unit it is about."""
    about = json.loads(row["about"])
    if "phase" in about:
        return say("waiting.about", what=message(row["verb"]), about=message(f"phase.{about['phase']}"))
    if "unit" in about:
        names = {one.code: one.name for one in participants_for(desk.store, desk.actor, desk.contest_id)}
        return say("waiting.about", what=message(row["verb"]), about=names.get(about["unit"], about["unit"]))
    return say(row["verb"])
