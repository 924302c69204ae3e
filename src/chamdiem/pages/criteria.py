"""Bộ tiêu chí: a criteria set read as people read a decision; editions compared; new ones checked or edited."""

from __future__ import annotations

import streamlit as st

from chamdiem.pages.criteria_comparing import show_comparison
from chamdiem.pages.criteria_editing import show_editing
from chamdiem.pages.criteria_editions import Edition, editions
from chamdiem.pages.criteria_reading import show_reading
from chamdiem.pages.criteria_upload import show_upload
from chamdiem.pages.desk import Desk, title
from chamdiem.words import say

EVERYBODY, OFFICE = ("read", "compare"), ("upload", "edit")


def show(desk: Desk) -> None:
    """The page."""
    title("page.bo-tieu-chi")
    known = editions(desk)
    chosen = _view(desk)
    if chosen == "upload":
        show_upload()
    elif chosen == "compare":
        show_comparison(known)
    elif chosen == "edit":
        show_editing(choose(known, "rubric.edit_which"))
    else:
        show_reading(choose(known, "rubric.which"))


def _view(desk: Desk) -> str:
    """What to do with the sets; changing them is for those who prepare contests, and changes none that is in use."""
    views = [*EVERYBODY, *(OFFICE if desk.has("contest.configure", "account.manage") else ())]
    chosen = st.segmented_control(
        say("rubric.views"),
        views,
        default="read",
        required=True,
        format_func=lambda view: say(f"rubric.view.{view}"),
        label_visibility="collapsed",
        key="criteria:view",
    )
    return str(chosen)


def choose(known: dict[str, Edition], label: str) -> Edition:
    """One of the editions, the first unless another one is chosen."""
    chosen = st.selectbox(
        say(label), list(known), format_func=lambda one: known[one].name, key=label, placeholder=say("rubric.which")
    )
    return known[chosen]
