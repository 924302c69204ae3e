"""What is chosen on a page stands in its address, so that a link shows somebody else the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from chamdiem.pages.desk import Desk
from chamdiem.words import say

AT_ONCE = 50


def word(desk: Desk, name: str, label: str) -> str:
    """A text to search for."""
    key = f"{name}:{desk.contest_id}"
    said = st.text_input(label, st.query_params.get(name, ""), key=key, max_chars=100, placeholder=say("ranking.any"))
    return keep(name, said or "")


def choice(
    desk: Desk, name: str, label: str, options: Sequence[str], shown: Callable[[str], str], *, about: str = ""
) -> str:
    """One of these, from a list; the first unless the address names another. `about` goes into the key."""
    asked = st.query_params.get(name, "")
    at = options.index(asked) if asked in options else 0
    chosen = st.selectbox(
        label, options, at, format_func=shown, key=f"{name}:{desk.contest_id}:{about}", placeholder=say("ranking.any")
    )
    return keep(name, chosen or "", options[0] if options else "")


def segment(desk: Desk, name: str, label: str, options: Sequence[str], shown: Callable[[str], str]) -> str:
    """One of a few, side by side."""
    asked = st.query_params.get(name, "")
    chosen = st.segmented_control(
        label,
        options,
        default=asked if asked in options else options[0],
        required=True,
        format_func=shown,
        key=f"{name}:{desk.contest_id}",
        label_visibility="collapsed",
    )
    return keep(name, chosen or options[0], options[0])


def page_of(desk: Desk, rows: int) -> slice:
    """Which of so many rows are shown; people turn pages where there are many."""
    pages = -(-rows // AT_ONCE)
    page = st.pagination(pages, key=f"trang:{desk.contest_id}:{pages}") if pages > 1 else 1
    return slice((page - 1) * AT_ONCE, page * AT_ONCE)


def keep(name: str, value: str, usual: str = "") -> str:
    """Put a choice into the address; the usual one needs no word there."""
    if value and value != usual:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
    return value
