"""Phân công: who helps which commune and since when; visits to communes; the ledger of what was given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.errors import Refusal
from chamdiem.office.charges import ENDED, Charge, Gap, Held
from chamdiem.office.sponsoring import (
    Assignment,
    assign,
    assignments_for,
    assignments_of,
    end_assignment,
    gaps_for,
    standing_on,
)
from chamdiem.pages.confirming import ask_in_dialog, carry_out, said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.field_visits import visits_section
from chamdiem.pages.plain_table import NAME, Cell, Head, Line, table
from chamdiem.pages.programme_chosen import (
    Chosen,
    chosen_programme,
    commune_asked,
    commune_name,
    day_asked,
    label,
    member_asked,
)
from chamdiem.pages.support_ledger import support_section
from chamdiem.words import say

PARTS = ("assignments", "visits", "support")
ALONE, JOINT, REPLACES = "alone", "joint", "replaces"


def show(desk: Desk) -> None:
    """The page."""
    title("page.phan-cong")
    said()
    programme = chosen_programme(desk)
    if programme is None:
        return
    part = st.segmented_control(
        say("sponsoring.part"), PARTS, default=PARTS[0], required=True, key=f"sponsoring:{programme.id}",
        format_func=lambda one: say(f"sponsoring.{one}"), label_visibility="collapsed",
    )  # fmt: skip
    try:
        {"visits": visits_section, "support": support_section}.get(part or "", _assignments)(programme)
    except Refusal as refusal:
        told(refusal)


def _assignments(programme: Chosen) -> None:
    """Who is in charge today, what is wrong with it, and the history of a commune."""
    desk, today = programme.desk, programme.desk.today
    held = standing_on(desk.store, desk.actor, programme.id, today)
    may = programme.footing.may("sponsorship.assign")
    if may:
        ask_in_dialog(
            say("sponsoring.assign"), lambda: _assign(programme), key=f"assign:{programme.id}", icon=":material/add:"
        )
    if not held:
        st.info(escaped(programme.nothing("sponsoring.none", "sponsoring.none_of_yours")))
        return
    _warnings(programme, held)
    heads = [Head(say("sponsoring.commune"), NAME), Head(say("sponsoring.in_charge")), Head(say("sponsoring.since"))]
    st.html(table(heads, [_line(desk, one) for one in held], stacked=True))
    coming = [
        row for row in assignments_for(desk.store, desk.actor, programme.id) if row["valid_from"] > today.isoformat()
    ]
    for row in coming:
        start = date.fromisoformat(row["valid_from"])
        about = {"unit": commune_name(desk, row["unit"], start), "leader": row["leader"], "start": start}
        st.caption(escaped(say("sponsoring.coming", **about)))
    _history(programme, held, may=may)


def _warnings(programme: Chosen, held: Sequence[Held]) -> None:
    """Communes with nobody, with several at once, and those who stay only until there is a new decision."""
    desk, today = programme.desk, programme.desk.today
    begun, january = date.fromisoformat(programme.row["period_from"]), date(today.year, 1, 1)
    gaps = gaps_for(desk.store, desk.actor, programme.id, min(begun, today), today)
    if told_of := [_gap(gap, today) for gap in gaps if gap.last >= january]:
        st.warning(escaped(say("sponsoring.gaps", gaps=told_of)), icon=":material/person_off:")
    several = [one.unit.name for one in held if sum(not charge.row["joint"] for charge in one.charges) > 1]
    if several:
        st.warning(escaped(say("sponsoring.overlaps", units=several)))
    beyond = [one.unit.name for one in held if any(charge.beyond_term for charge in one.charges)]
    if beyond:
        st.info(escaped(say("sponsoring.beyond", n=len(beyond), units=beyond)))


def _gap(gap: Gap, today: date) -> str:
    """One gap, with those of what the commune was before from which it goes on."""
    before = [_gap(one, today) for one in gap.before]
    about = {"unit": gap.unit.name, "first": gap.first, "last": gap.last}
    said = say("sponsoring.gap_open" if gap.last == today else "sponsoring.gap", **about)
    return say("sponsoring.gap_from", gap=said, before=before) if before else said


def _line(desk: Desk, one: Held) -> Line:
    name = Cell(one.unit.name, below=label(desk, one.unit, desk.today).partition(", ")[2])
    if not one.charges:
        return Line([name, say("sponsoring.nobody"), ""])
    leaders = "; ".join(charge.row["leader"] for charge in one.charges)
    notes = [say(note) for note in ("sponsoring.stays", "sponsoring.inherited") if _is(note, one.charges)]
    first, *_ = one.charges
    return Line([
        name, Cell(leaders, below=" · ".join(notes)),
        Cell(say("sponsoring.from", start=date.fromisoformat(first.row["valid_from"])), below=first.row["decision"]),
    ])  # fmt: skip


def _is(note: str, charges: Sequence[Charge]) -> bool:
    return any(one.beyond_term if note == "sponsoring.stays" else one.inherited for one in charges)


def _history(programme: Chosen, held: Sequence[Held], *, may: bool) -> None:
    """All assignments of one commune, also of what it was before, the latest first."""
    desk = programme.desk
    units = {one.unit.code: one.unit for one in held}
    with st.expander(escaped(say("sponsoring.history")), icon=":material/history:"):
        code = st.selectbox(
            say("programme_chosen.commune"), list(units), format_func=lambda one: label(desk, units[one], desk.today),
            key=f"history:{programme.id}",
        )  # fmt: skip
        kept = assignments_of(desk.store, desk.actor, programme.id, code, today=desk.today)
        if not kept:
            st.caption(escaped(say("sponsoring.no_history")))
        for one in reversed(kept):
            _past(programme, one.record, "" if one.origin.own else say(one.origin.said()), may=may)


def _past(programme: Chosen, row: Row, origin: str, *, may: bool) -> None:
    start, until = (date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_to"))
    span = say("sponsoring.span", start=start, until=until) if until else say("sponsoring.from", start=start)
    joint = [say("sponsoring.way.joint")] if row["joint"] else []
    st.markdown(f"**{escaped(row['leader'])}** · {escaped(span)}")
    st.caption(escaped(" · ".join(filter(None, [row["decision"], programme.name(row["member"]), *joint, origin]))))
    if row["status"] == ENDED:
        st.caption(escaped(say("sponsoring.ended_by", decision=row["reason"])))
    elif may:
        place = f"end:{row['id']}:{row['version']}"
        ask_in_dialog(say("sponsoring.end"), lambda: _end(programme.desk, row, place), key=place, look="tertiary")


# entering -------------------------------------------------------------------------------------------------------


def _assign(programme: Chosen) -> None:
    """What a decision says of one commune."""
    desk, place = programme.desk, f"assign:{programme.id}"
    decision = st.text_input(say("sponsoring.decision"), key=f"{place}:decision", max_chars=300)
    start = day_asked(say("sponsoring.start"), desk.today, f"{place}:start") or desk.today
    until = day_asked(say("sponsoring.until"), None, f"{place}:until")
    unit = commune_asked(programme, start, f"{place}:unit")
    leader = st.text_input(say("sponsoring.leader"), key=f"{place}:leader", max_chars=300)
    member = member_asked(programme, list(programme.members), f"{place}:member", nobody=say("sponsoring.no_member"))
    way = st.radio(
        say("sponsoring.way"), (ALONE, REPLACES, JOINT), format_func=lambda one: say(f"sponsoring.way.{one}"),
        key=f"{place}:way",
    )  # fmt: skip
    if st.button(say("sponsoring.enter"), key=f"{place}:yes", type="primary"):
        if not unit:
            st.error(escaped(say("difficulties.needs_unit")))
            return
        one = Assignment(
            unit=unit, leader=leader, decision=decision, start=start, until=until, member=member, joint=way == JOINT,
            replaces=way == REPLACES,
        )  # fmt: skip
        carry_out("sponsoring.entered", assign, desk.store, desk.actor, programme.id, [one])


def _end(desk: Desk, row: Row, place: str) -> None:
    """An assignment ends without another in its place: by a decision, on a day."""
    st.caption(escaped(say("sponsoring.end_about")))
    decision = st.text_input(say("sponsoring.decision"), key=f"{place}:decision", max_chars=300)
    last = day_asked(say("sponsoring.last"), desk.today, f"{place}:last") or desk.today
    if st.button(say("sponsoring.end"), key=f"{place}:yes", type="primary"):
        carry_out(
            "sponsoring.ended", end_assignment, desk.store, desk.actor, row["id"], decision, last=last,
            expected=row["version"],
        )  # fmt: skip
