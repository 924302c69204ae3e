"""Chương trình: a programme read as people read a plan; of one at work also its tasks and who takes part."""

from __future__ import annotations

import streamlit as st

from chamdiem.pages.confirming import said
from chamdiem.pages.desk import Desk, title
from chamdiem.pages.programme_begin import begin_button
from chamdiem.pages.programme_chosen import sample_badge
from chamdiem.pages.programme_members import show_members
from chamdiem.pages.programme_shelf import Shelved, choose, shelf
from chamdiem.pages.programme_text import heading, show_text
from chamdiem.pages.programme_work import show_work
from chamdiem.words import say

VIEWS = ("text", "work", "members")


def show(desk: Desk) -> None:
    """The page."""
    title("page.chuong-trinh")
    said()
    chosen = choose(shelf(desk), "programmes")
    heading(chosen.law)
    if chosen.row is None:
        begin_button(desk, chosen.law)
        show_text(chosen.law)
        return
    sample_badge(desk, [chosen.row])
    view = _view(chosen)
    if view == "work":
        show_work(desk, chosen.law, chosen.key)
    elif view == "members":
        show_members(desk, chosen.law, chosen.key)
    else:
        show_text(chosen.law)


def _view(chosen: Shelved) -> str:
    view = st.segmented_control(
        say("programmes.views"), VIEWS, default="text", required=True, key=f"programmes:view/{chosen.key}",
        format_func=lambda one: say(f"programmes.view.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    return str(view)
