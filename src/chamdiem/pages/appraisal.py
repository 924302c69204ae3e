"""Thẩm định: the appraiser checks a commune's claim and its evidence, criterion by criterion."""

from __future__ import annotations

import secrets

import streamlit as st

from chamdiem.contest.marking import Entry
from chamdiem.contest.sheets import OpenSheet, enter_each
from chamdiem.errors import Refusal, message
from chamdiem.pages import entry
from chamdiem.pages.confirming import finish
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.score_sheet import sheet_key
from chamdiem.words import say


def show(desk: Desk) -> None:
    """The page."""
    title("page.tham-dinh")
    entry.work(desk, "appraisal", more=_agree)


def _agree(desk: Desk, sheet: OpenSheet) -> None:
    """Take over what the commune says where nothing was entered yet: an appraiser types only what he sees otherwise."""
    claims = {row["criterion"]: row["answer"] for row in sheet.beside if row["stage"] == "self" and row["answer"]}
    blank = [code for code in claims if code in sheet.enterable and code not in sheet.own]
    if blank and st.button(
        say("appraisal.agree", n=len(blank)), key=f"agree/{sheet_key(sheet)}", help=say("appraisal.agree_help")
    ):
        entries = [Entry(code, claims[code], seen=0) for code in blank]
        place = (sheet.contest["id"], sheet.unit.code, "appraisal")
        done = enter_each(desk.store, desk.actor, *place, entries, key=secrets.token_hex(16))
        refused = [one for one in done.values() if isinstance(one, Refusal)]
        for refusal in refused:
            told(refusal)
        agreed = message("appraisal.agreed", n=len(done) - len(refused))
        if refused:
            st.toast(escaped(say(agreed)))
        else:
            finish(agreed)
