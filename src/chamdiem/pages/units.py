"""Đơn vị: the register of units: search, predecessors, import."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from chamdiem.contest.permissions import Subject, allowed
from chamdiem.contest.registry import RegisteredUnit, Registry
from chamdiem.contest.units import import_registry, registry_now
from chamdiem.pages.confirming import ask_in_dialog, carry_out, said
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.listing import MANY, listing
from chamdiem.pages.received import received
from chamdiem.pages.unit_search import chosen_unit
from chamdiem.words import say

KINDS_SHOWN = ("tinh", "xa", "phuong", "dac_khu")
ENDINGS = ["xlsx", "xls", "ods", "csv"]
DAYS = {"since": "valid_from", "until": "valid_to"}


def show(desk: Desk) -> None:
    """The page."""
    title("page.don-vi")
    said()
    if not desk.signed_in:
        st.info(escaped(say("units.sign_in")))
        return
    registry = registry_now(desk.store)
    _sum(desk, registry)
    if registry.units:
        unit = chosen_unit(desk, key="units")
        if unit is not None:
            _unit(registry, unit)
        elif not st.session_state.get("units:text"):
            _in_force(desk, registry)
    if allowed(desk.actor, "unit.import", Subject()):
        _import(desk, empty=not registry.units)


def _sum(desk: Desk, registry: Registry) -> None:
    if not registry.units:
        st.info(escaped(say("units.empty")))
        return
    counts = Counter(unit.kind for unit in registry.units if unit.valid(desk.today))
    told = [
        say("units.count", n=counts[kind], kind=say(f"results.kind.{kind}")) for kind in counts if kind in KINDS_SHOWN
    ]
    ended = sum(unit.valid_to is not None and unit.last_day < desk.today for unit in registry.units)
    st.caption(escaped(" · ".join([*told, say("units.ended", n=ended)])))


def _in_force(desk: Desk, registry: Registry) -> None:
    """Before anything is looked for: the units there are today, of the whole country those above all others."""
    now = [unit for unit in registry.units if unit.valid(desk.today)]
    _table(tuple(now if len(now) <= MANY else (unit for unit in now if not registry.above(unit))))


def _unit(registry: Registry, unit: RegisteredUnit) -> None:
    """One unit: what it is, under whom, since when, from what it was made and what became of it."""
    with st.container(border=True):
        st.subheader(escaped(unit.name))
        st.text(say("units.about", kind=say(f"results.kind.{unit.kind}"), code=unit.code))
        if above := registry.above(unit):
            st.text(say("units.in", above=", ".join(one.name for one in above)))
        st.text(_validity(unit))
        _list("units.predecessors", registry.predecessors(unit.code, unit.valid_from or unit.valid_to))
        _list("units.successors", registry.successors(unit.code, unit.last_day))
        below = registry.children(unit.code, unit.last_day)
        if below:
            with st.expander(say("units.below", n=len(below))):
                _table(below)
    st.caption(escaped(say("units.no_stars_inherited")))


def _validity(unit: RegisteredUnit) -> str:
    """The days of a unit, as far as they are on record."""
    known = [name for name in ("since", "until") if getattr(unit, DAYS[name])]
    days = {name: getattr(unit, DAYS[name]) for name in known}
    return say(f"units.valid_{'_'.join(known) or 'unknown'}", **days)


def _list(heading: str, units: tuple[RegisteredUnit, ...]) -> None:
    if units:
        st.markdown(f"**{escaped(say(heading, n=len(units)))}**")
        _table(units)


def _table(units: tuple[RegisteredUnit, ...]) -> None:
    rows = [
        {
            say("members.code"): unit.code,
            say("units.name"): unit.name,
            say("units.kind"): say(f"results.kind.{unit.kind}"),
            say("units.validity"): _validity(unit),
        }
        for unit in units
    ]
    listing(rows, say("units.table"))


def _import(desk: Desk, *, empty: bool) -> None:
    """The whole country, or lists of one's own."""
    with st.expander(say("units.import"), icon=":material/upload_file:", expanded=empty):
        st.markdown(escaped(say("units.import_about")))
        ask_in_dialog(say("units.country"), lambda: _country(desk), key="units:country", icon=":material/public:")
        files = st.file_uploader(say("units.files"), ENDINGS, accept_multiple_files=True, key="units:files")
        if files and st.button(say("units.take_in"), key="units:take_in", type="primary"):
            carry_out("units.taken", _take_in, desk, files)


def _country(desk: Desk) -> None:
    st.write(escaped(say("units.country_sure")))
    if st.button(say("units.country"), key="units:country:yes", type="primary"):
        with st.spinner(say("units.working")):
            carry_out("units.taken", import_registry, desk.store, desk.actor)


def _take_in(desk: Desk, files: list[Any]) -> None:
    with received(files) as paths:
        import_registry(desk.store, desk.actor, paths)
