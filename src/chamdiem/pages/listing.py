"""Rows as a table to be read: nothing in it is typed, columns in which nothing stands are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import LINES, NAME, Head, Line, table

ABREAST, SHORT, LONG = 4, 12, 80
"""On a telephone so many columns stand side by side, more only where nothing in them is longer than so many letters, and only
two beside a text of so many."""
FIGURES = re.compile(r"[\d\s/:.,%–-]*")  # numbers, shares, days and hours: none of them is broken over two lines
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
        longest = max((len(row.get(name, "")) for row in rows for name in list(kept)[1:]), default=0)
        stacked = (longest > SHORT and len(kept) > ABREAST) or (longest > LONG and len(kept) > 2)
        figures = {name for name in kept if all(FIGURES.fullmatch(row.get(name, "")) for row in rows)}
        several = {name for name in kept if any("\n" in row.get(name, "") for row in rows)}
        heads = [Head(name, NAME if name in figures else LINES if name in several else "") for name in kept]
        st.html(table(heads, lines, label=alt, stacked=stacked))
