"""Tổng quan: where the contest stands, what waits for me, who is late."""

from __future__ import annotations

import streamlit as st

from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.words import say


def show(desk: Desk) -> None:
    """The page."""
    title("page.tong-quan")
    if desk.contest is None:
        st.info(escaped(say("overview.no_contest")))
        return
    st.subheader(escaped(str(desk.contest["title"])))
