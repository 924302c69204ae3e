"""Grave acts are asked once more in a dialog; a refusal keeps what was typed, what is done is said on the fresh page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, ParamSpec

import streamlit as st

from chamdiem.errors import Message, Refusal
from chamdiem.pages.desk import escaped, speak, told
from chamdiem.words import say

P = ParamSpec("P")
OPEN, DONE = "confirming:open", "confirming:done"
Look = Literal["primary", "secondary", "tertiary"]


def carry_out(done: str | Message, work: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
    """Carry out a service, close the dialog and begin the page anew, saying so there; or show why it was refused."""
    try:
        work(*args, **kwargs)
    except Refusal as refusal:
        told(refusal)
        return
    finish(done)


def finish(done: str | Message) -> None:
    """Close the dialog and begin the page anew, saying there what was done."""
    st.session_state[DONE] = say(done)
    close()
    st.rerun()


def said() -> None:
    """Say what was done just before this run; the first thing below the title of a page."""
    if done := st.session_state.pop(DONE, ""):
        st.toast(escaped(done), icon=":material/check:")


def close() -> None:
    """Close the dialog."""
    st.session_state.pop(OPEN, None)


def ask_in_dialog(
    label: str,
    body: Callable[[], None],
    *,
    key: str,
    heading: str = "",
    look: Look = "secondary",
    icon: str | None = None,
    disabled: bool = False,
) -> None:
    """A button that opens a dialog with this content; the content closes it by `carry_out` or `finish`."""
    if st.button(label, key=key, type=look, icon=icon, disabled=disabled):
        st.session_state[OPEN] = key
    if st.session_state.get(OPEN) == key:
        st.dialog(escaped(heading or label), on_dismiss=close)(_in_his_language(body))()


def _in_his_language(body: Callable[[], None]) -> Callable[[], None]:
    """The content of a dialog as it runs again by itself, without the page that said which language is spoken."""

    def inside() -> None:
        speak()
        body()

    return inside


def reason_and_button(label: str, *, key: str, needed: bool = True) -> str | None:
    """A reason and the button of the act; the reason once it was pressed, None before. An empty one is refused here."""
    reason = st.text_area(say("confirming.reason"), key=f"{key}:reason", max_chars=1000, height=100)
    if not st.button(label, key=f"{key}:yes", type="primary"):
        return None
    if needed and not reason.strip():
        st.error(escaped(say("contest.needs_reason")))
        return None
    return str(reason)
