"""Rows as a table to be read: nothing in it is typed, columns in which nothing stands are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

WHOLE = 40  # so many rows are shown without a scroll bar of their own


def listing(rows: Sequence[dict[str, str]], alt: str, nothing: str = "") -> None:
    """Show rows; `alt` says what they are to whoever cannot see them, `nothing` is said when there are none."""
    kept = dict.fromkeys(name for row in rows for name, value in row.items() if value)
    shown = [{name: row.get(name, "") for name in kept} for row in rows]
    height: Literal["content", "auto"] = "content" if len(rows) <= WHOLE else "auto"
    st.dataframe(shown, hide_index=True, height=height, alt=alt, placeholder=nothing or None)
