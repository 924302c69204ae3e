"""Rows as a table to be read: nothing in it is typed, columns in which nothing stands are left out."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import Head, Line, table

ABREAST, SHORT = 4, 12  # columns side by side on a telephone, unless nothing in them is longer than so many letters
MANY = 200  # more rows than anybody reads one after the other: they scroll in a frame of their own


def listing(rows: Sequence[dict[str, str]], alt: str, nothing: str = "") -> None:
    """Show rows; `alt` says what they are to whoever cannot see them, `nothing` is said when there are none."""
    kept = dict.fromkeys(name for row in rows for name, value in row.items() if value)
    if not rows:
        if nothing:
            st.caption(escaped(nothing))
    elif len(rows) > MANY:
        st.dataframe([{name: row.get(name, "") for name in kept} for row in rows], hide_index=True, alt=alt)
    else:
        lines = [Line([row.get(name, "") for name in kept]) for row in rows]
        wordy = any(len(row.get(name, "")) > SHORT for row in rows for name in list(kept)[1:])
        st.html(table([Head(name) for name in kept], lines, label=alt, stacked=wordy and len(kept) > ABREAST))
