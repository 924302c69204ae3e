"""Ways to other pages: within the app in the same session, and out of it to the pages of the server in the same tab."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from chamdiem.pages.desk import CONTEST, Desk
from chamdiem.words import say

LOOK = (
    "display:inline-block;padding:.45rem .8rem;border:1px solid rgba(128,128,128,.4);border-radius:.5rem;"
    "text-decoration:none;color:inherit"
)


def to_page(desk: Desk, path: str, label: str = "", **query: str) -> None:
    """A link to a page of the app, in this contest; it goes by its own name unless it is called otherwise."""
    known: dict[str, Any] = {CONTEST: desk.contest_id, **query}
    st.page_link(
        st.Page(_elsewhere, title=path, url_path=path),
        label=label or say(f"page.{path}"),
        icon=":material/arrow_forward:",
        query_params={name: value for name, value in known.items() if value},
    )


def _elsewhere() -> None:
    """Streamlit finds a page by its address alone; the page itself is in the list of pages."""


def out_of_app(path: str, label: str) -> None:
    """A link to a page of the server itself. Streamlit's own links open another tab, this one does not."""
    st.html(f'<a href="{escape(path)}" style="{LOOK}">{escape(label)}</a>')
