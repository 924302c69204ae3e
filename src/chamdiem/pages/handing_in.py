"""Before a sheet is handed in: what stands in the way, listed; who hands it in all the same says why."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from chamdiem.contest.handing_in import hand_in
from chamdiem.contest.judging import Receipt
from chamdiem.contest.sheets import Lack, OpenSheet
from chamdiem.pages.confirming import carry_out, reason_and_button
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.score_sheet import sheet_key, wrong_in
from chamdiem.words import say


def confirm(desk: Desk, sheet: OpenSheet, missing: Sequence[Lack]) -> None:
    """What is missing, that nobody can change it afterwards, and the button."""
    key = f"hand_in/{sheet_key(sheet)}"
    st.write(escaped(say("entry.confirm_says", n=len(sheet.own))))
    wrong = sorted(wrong_in(sheet))
    if wrong:
        st.error(escaped(say("entry.wrong_cells", codes=wrong)), icon=":material/block:")
    for what in ("answer", "evidence"):
        found = [one for one in missing if one.what == what]
        if found:
            st.error(escaped(say(f"entry.confirm_lacks_{what}", n=len(found))), icon=":material/block:")
            st.markdown("\n".join(f"- {escaped(one.criterion)} {escaped(one.title)}" for one in found))
    if wrong:
        return
    if missing:
        st.write(escaped(say("entry.confirm_reason")))
        reason = reason_and_button(say("entry.submit_anyway"), key=key)
    else:
        reason = "" if st.button(say("entry.submit_now"), type="primary", key=key) else None
    if reason is not None:
        carry_out("entry.submitted", _hand_in, desk, sheet, reason)


def _hand_in(desk: Desk, sheet: OpenSheet, reason: str) -> Receipt:
    actor = desk.acting("sheet.submit")
    return hand_in(desk.store, actor, sheet.contest["id"], sheet.unit.code, sheet.stage, reason)
