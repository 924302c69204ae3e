"""Finding units by a few letters, with or without diacritics."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.registry import Match, RegisteredUnit
from chamdiem.contest.units import registry_now, unit_key
from chamdiem.pages.desk import Desk, escaped
from chamdiem.words import say


def found_units(desk: Desk, *, key: str, on: date | None = None, limit: int = 20) -> list[Match]:
    """A field for a name or code and the units it finds, of a day or of any; none before anything is typed."""
    text = st.text_input(
        say("unitsearch.field"), key=f"{key}:text", placeholder=say("unitsearch.example"), icon=":material/search:"
    )
    if not text.strip():
        return []
    matches = registry_now(desk.store).search(text, on, limit)
    if not matches:
        st.caption(escaped(say("unitsearch.nothing")))
    return matches


def chosen_unit(desk: Desk, *, key: str, on: date | None = None) -> RegisteredUnit | None:
    """One unit, found and chosen; None until there is one."""
    matches = found_units(desk, key=key, on=on)
    if not matches:
        return None
    names = {unit_key(match.unit): named(match) for match in matches}
    units = {unit_key(match.unit): match.unit for match in matches}
    return units[st.selectbox(say("unitsearch.choose"), list(names), format_func=names.__getitem__, key=f"{key}:one")]


def named(match: Match) -> str:
    """A unit with the units above it, its code, and its last day where it is no more."""
    if match.unit.valid_to is None:
        return say("unitsearch.named", label=match.label, code=match.unit.code)
    return say("unitsearch.ended", label=match.label, code=match.unit.code, day=match.unit.valid_to)
