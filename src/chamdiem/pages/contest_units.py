"""The units of a contest: taken in by search, by the district above them or by codes; what each aims at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

import streamlit as st

from chamdiem.contest.contests import add_units, criteria_for
from chamdiem.contest.registration import (
    Participant,
    answer_targets,
    approve_target,
    participants_for,
    register_targets,
    stars_of,
    withdraw_unit,
)
from chamdiem.contest.units import registry_now, unit_key
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.results_words import class_named, class_spoken
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.listing import listing
from chamdiem.pages.unit_search import found_units, named
from chamdiem.words import say

Classes = Mapping[int, str]  # by stars: what each class is called
STANDS = ("registered", "returned", "added", "approved", "withdrawn")


def units_section(desk: Desk) -> None:
    """Who takes part, with what aim; new ones; answers to registrations."""
    with desk.footing() as footing:
        may_add, may_approve = footing.may("contest.configure"), footing.may("registration.approve")
        may_register = footing.may("registration.enter")
    found = participants_for(desk.store, desk.actor, desk.contest_id)
    if not found:
        st.info(escaped(say("members.none")))
    if may_add:
        with st.expander(say("members.add"), expanded=not found, icon=":material/add:"):
            _add(desk, {one.code for one in found})
    if not found:
        return
    law = criteria_for(desk.store, desk.actor, desk.contest_id)
    classes = {stars: class_spoken(law, stars) for stars in stars_of(desk.store, desk.contest_id)}
    _table(found, law if classes else None)
    if classes and (may_approve or may_register):
        _many(desk, found, classes, may_register=may_register, may_approve=may_approve)
    if may_approve or may_register:
        _one(desk, found, classes, may_register=may_register, may_approve=may_approve)


def _table(found: list[Participant], law: CriteriaSet | None) -> None:
    """Who takes part; with what they aim at by the classes of the set, where it has any."""
    counts = Counter(one.status for one in found)
    told = [say(f"members.count.{status}", n=counts[status]) for status in STANDS if counts[status]]
    st.caption(escaped(" · ".join([say("members.count", n=len(found) - counts["withdrawn"]), *told])))
    rows = [
        {
            say("members.code"): one.code,
            say("members.name"): one.name,
            **({} if law is None else {say("members.target"): aim(law, one.target)}),
            say("members.stands"): say(f"members.status.{one.status}"),
            say("confirming.reason"): one.reason,
        }
        for one in found
    ]
    listing(rows, say("members.table"))


def aim(law: CriteriaSet, target: tuple[int, int]) -> str:
    """What a unit aims at: one class, or from one to another: "★★★ – ★★★★"; "" for nothing yet."""
    return " – ".join(class_named(law, stars) for stars in dict.fromkeys(target) if stars)


def _add(desk: Desk, here: Collection[str]) -> None:
    """Three ways in: by name, all below a district or province, by codes."""
    assert desk.contest is not None
    kinds = criteria_for(desk.store, desk.actor, desk.contest_id).unit_kinds
    last = date.fromisoformat(str(desk.contest["period_to"]))
    registry = registry_now(desk.store)
    if not registry.units:
        st.warning(escaped(say("members.no_register")))
        return
    matches = found_units(desk, key="members:search", on=last)
    units = {unit_key(one.unit): one for one in matches if one.unit.kind in kinds and one.unit.code not in here}
    if units:
        chosen = st.multiselect(
            say("members.choose"), list(units), format_func=lambda key: named(units[key]),
            placeholder=say("members.choose_some"), key=f"members:chosen:{st.session_state.get('members:search:text')}",
        )  # fmt: skip
        if st.button(say("members.add_chosen", n=len(chosen)), key="members:add", disabled=not chosen, type="primary"):
            carry_out("members.added", _take_in, desk, [units[key].unit.code for key in chosen])
    for match in matches:
        below = [
            one.code for one in registry.children(match.unit.code, last) if one.kind in kinds and one.code not in here
        ]
        if below and st.button(
            say("members.add_below", n=len(below), name=match.unit.name), key=f"members:below:{unit_key(match.unit)}"
        ):
            carry_out("members.added", _take_in, desk, below)
    with st.form("members:codes", border=False):
        text = st.text_area(say("members.codes"), key="members:codes:text", placeholder="07243, 07246", height=80)
        if st.form_submit_button(say("members.add_codes")):
            carry_out("members.added", _take_in, desk, re.findall(r"[\w@.-]+", text))


def _take_in(desk: Desk, codes: Collection[str]) -> None:
    add_units(desk.store, desk.actor, desk.contest_id, codes)


def _many(desk: Desk, found: list[Participant], classes: Classes, *, may_register: bool, may_approve: bool) -> None:
    """What can be done for many units at once: approve all that wait; the same aim for all that have none."""
    waiting = [one for one in found if one.status == "registered"]
    without = [one for one in found if not one.target[1] and one.status != "withdrawn"]
    with st.container(horizontal=True):
        words = say("members.approve_all", n=len(waiting))
        if may_approve and waiting and st.button(words, key="members:approve_all", type="primary"):
            carry_out("members.answered", _approve_all, desk, waiting)
        if may_register and without:
            ask_in_dialog(
                say("members.same_aim", n=len(without)),
                lambda: _same_aim(desk, without, classes),
                key="members:same_aim",
            )


def _approve_all(desk: Desk, waiting: list[Participant]) -> None:
    answer_targets(desk.store, desk.actor, desk.contest_id, {one.code: one.version for one in waiting}, approved=True)


def _same_aim(desk: Desk, without: list[Participant], classes: Classes) -> None:
    low, high = _stars(classes, "members:all")
    if st.button(say("members.register"), key="members:same_aim:yes", type="primary"):
        carry_out("members.registered", _register_all, desk, without, (low, high))


def _register_all(desk: Desk, units: list[Participant], target: tuple[int, int]) -> None:
    register_targets(desk.store, desk.actor, desk.contest_id, {one.code: one.version for one in units}, target)


def _stars(classes: Classes, key: str) -> tuple[int, int]:
    """From one class to another."""
    left, right = st.columns(2)
    low = left.selectbox(say("members.from"), list(classes), format_func=classes.__getitem__, key=f"{key}:low")
    high = right.selectbox(
        say("members.to"), list(classes), len(classes) - 1, format_func=classes.__getitem__, key=f"{key}:high"
    )
    return int(low), int(high)


def _one(desk: Desk, found: list[Participant], classes: Classes, *, may_register: bool, may_approve: bool) -> None:
    """One unit: its aim, the answer to it, or its leaving."""
    units = {one.code: one for one in found if one.status != "withdrawn"}
    if not units:
        return
    st.markdown(f"#### {escaped(say('members.one'))}")
    code = st.selectbox(
        say("members.unit"), list(units), format_func=lambda key: f"{units[key].name} ({key})", key="members:unit",
        index=None, placeholder=say("begin.choose"),
    )  # fmt: skip
    if code is None:
        return
    one, place = units[code], f"members:{desk.contest_id}:{code}"
    with st.container(horizontal=True):
        if classes and may_register:
            ask_in_dialog(say("members.register"), lambda: _register(desk, one, classes), key=f"{place}:register")
        undecided = may_approve and one.status in ("registered", "returned")
        if undecided and st.button(say("members.approve"), key=f"{place}:approve"):
            carry_out("members.answered", _approve_all, desk, [one])
        if may_approve and one.status in ("registered", "approved"):
            ask_in_dialog(say("members.return"), lambda: _return(desk, one), key=f"{place}:return")
        if may_approve:
            ask_in_dialog(say("members.withdraw"), lambda: _withdraw(desk, one), key=f"{place}:withdraw")


def _register(desk: Desk, one: Participant, classes: Classes) -> None:
    st.write(escaped(one.name))
    target = _stars(classes, f"members:{desk.contest_id}:{one.code}")
    if st.button(say("members.register"), key="members:register:yes", type="primary"):
        carry_out("members.registered", _register_all, desk, [one], target)


def own_registration(desk: Desk) -> None:
    """What a person's own units aim at, said by themselves while the contest is prepared; nothing at any other time."""
    own = {grant.unit for grant in desk.actor.granted("commune_assessor") if grant.contest in (None, desk.contest_id)}
    classes = stars_of(desk.store, desk.contest_id) if desk.contest is not None and own else []
    if not classes:
        return
    law = criteria_for(desk.store, desk.actor, desk.contest_id)
    with desk.footing() as footing:
        mine = {unit for unit in own if unit and footing.may("registration.enter", unit=unit)}
    for one in participants_for(desk.store, desk.actor, desk.contest_id) if mine else ():
        if one.code in mine and one.status != "withdrawn":
            _own(desk, law, one, {stars: class_spoken(law, stars) for stars in classes})


def _own(desk: Desk, law: CriteriaSet, one: Participant, classes: Classes) -> None:
    """How far the registration of one's own unit is, and the way to say it or say it anew."""
    with st.container(border=True):
        st.markdown(f"**{escaped(one.name)}**")
        stands = [say(f"members.own.{one.status}"), aim(law, one.target), one.reason]
        st.caption(escaped(" · ".join(filter(None, stands))))
        place = f"members:{desk.contest_id}:{one.code}:own"
        ask_in_dialog(say("members.register"), lambda: _register(desk, one, classes), key=place, look="primary")


def _return(desk: Desk, one: Participant) -> None:
    st.write(escaped(say("members.return_sure", unit=one.name)))
    reason = reason_and_button(say("members.return"), key=f"members:return:{one.code}")
    if reason is not None:
        carry_out(
            "members.answered", approve_target, desk.store, desk.actor, desk.contest_id, one.code,
            approved=False, reason=reason, expected=one.version,
        )  # fmt: skip


def _withdraw(desk: Desk, one: Participant) -> None:
    st.write(escaped(say("members.withdraw_sure", unit=one.name)))
    reason = reason_and_button(say("members.withdraw"), key=f"members:withdraw:{one.code}")
    if reason is not None:
        carry_out("members.withdrawn", withdraw_unit, desk.store, desk.actor, desk.contest_id, one.code, reason)
