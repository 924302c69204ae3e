"""A span of time on the calendar of reports: a year, a quarter or a month of it."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import streamlit as st

from chamdiem.words import say

QUARTERS = ("I", "II", "III", "IV")
WHOLE = "year"


def span_asked(years: range, today: date, key: str) -> tuple[date, date]:
    """The first and the last day of what is chosen: this year as a whole unless something else is."""
    left, right = st.columns(2)
    listed = list(years)
    at = listed.index(min(max(today.year, listed[0]), listed[-1]))
    year = left.selectbox(say("calendar.year"), listed, at, format_func=str, key=f"{key}:year")
    part = right.selectbox(
        say("calendar.part"), [WHOLE, *(f"q{n}" for n in range(1, 5)), *(f"m{n}" for n in range(1, 13))],
        format_func=part_name, key=f"{key}:part",
    )  # fmt: skip
    return days_of(int(year), str(part))


def month_asked(years: range, today: date, key: str) -> tuple[date, date]:
    """The first and the last day of a month: this one unless another is chosen; of a programme that is over its last."""
    left, right = st.columns(2)
    listed = list(years)
    year = min(max(today.year, listed[0]), listed[-1])
    at = today.month if year == today.year else 12 if year < today.year else 1
    chosen = left.selectbox(say("calendar.year"), listed, listed.index(year), format_func=str, key=f"{key}:grid:year")
    part = right.selectbox(
        say("calendar.month_asked"), [f"m{n}" for n in range(1, 13)], at - 1, format_func=part_name,
        key=f"{key}:grid:month",
    )  # fmt: skip
    return days_of(int(chosen), str(part))


def part_name(part: str) -> str:
    """What a part of the year is called."""
    if part == WHOLE:
        return say("calendar.whole_year")
    if part.startswith("q"):
        return say("calendar.quarter", n=QUARTERS[int(part[1:]) - 1])
    return say(f"month.{part[1:]}")


def days_of(year: int, part: str) -> tuple[date, date]:
    """The first and the last day of a part of a year."""
    first, last = 1, 12
    if part != WHOLE:
        number = int(part[1:])
        first, last = (number * 3 - 2, number * 3) if part.startswith("q") else (number, number)
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
