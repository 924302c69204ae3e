"""Who takes part in a programme at work: which office of the document each is, and to whom it reports."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.contests import proposed_id
from chamdiem.contest.record import Row
from chamdiem.office.footing import Footing
from chamdiem.office.members import people_of, takes_part
from chamdiem.office.programmes_begun import Member, set_members
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.plain_table import EXTRA, Cell, Head, Line, table
from chamdiem.pages.programme_changes import change_section, close_section
from chamdiem.pages.programme_chosen import commune_name
from chamdiem.pages.unit_search import chosen_unit
from chamdiem.programmes.model import Programme
from chamdiem.words import say

COMMUNES = ("commune", "district")


def show_members(desk: Desk, law: Programme, programme: str) -> None:
    """The list, and the ways to add to it and to change it."""
    with desk.store.read() as connection:
        footing = Footing(connection, desk.actor, programme)
        members = footing.members
        mine = [row for code, row in members.items() if footing.may("programme.read", code)]
        manages = footing.may("programme.manage")
    people = people_of(desk.store, desk.actor, programme) if manages else {}
    if mine:
        here = sorted(mine, key=lambda row: not takes_part(row, desk.today))
        last = date.fromisoformat(footing.row["period_to"] or desk.today.isoformat())
        places = {row["code"]: _place(desk, row, min(last, desk.today)) for row in here}
        lines = [_line(law, members, row, places[row["code"]], people, people_shown=manages) for row in here]
        st.html(table(_heads(people=manages), lines))
    else:
        st.info(escaped(say("programmes.no_members")))
    if manages and not footing.closed:
        key = f"programmes:member-new/{programme}/{len(members)}"
        ask_in_dialog(
            say("programmes.add_member"), lambda: _form(desk, law, programme, members, key), key=key,
            icon=":material/group_add:",
        )  # fmt: skip
        if members:
            change_section(desk, law, programme, members)
    if manages:
        close_section(desk, footing.row)


def _heads(*, people: bool) -> list[Head]:
    heads = [
        Head(say("programmes.member")),
        Head(say("programmes.office"), EXTRA),
        Head(say("programmes.above"), EXTRA),
    ]
    return [*heads, Head(say("programmes.people"), EXTRA)] if people else heads


def _place(desk: Desk, row: Row, day: date) -> str:
    """The commune that a member is, as it was called on the last day it took part: later it may go by another name."""
    last = min(day, date.fromisoformat(row["valid_to"] or day.isoformat()))
    return commune_name(desk, row["unit"], last) if row["unit"] else ""


def _line(
    law: Programme, members: dict[str, Row], row: Row, where: str, people: dict[str, list[str]], *, people_shown: bool
) -> Line:
    office = next((one.name for one in law.organisations if one.id == row["office"]), row["office"])
    above = members[row["above"]]["name"] if row["above"] in members else ""
    until = say("programmes.until", day=date.fromisoformat(row["valid_to"])) if row["valid_to"] else ""
    named = ", ".join(people.get(row["code"], ()))
    narrow = " · ".join(filter(None, (office, above, named)))
    name = Cell(row["name"], below=" · ".join(filter(None, (where, until))), narrow=narrow)
    cells = [name, office, above or "–"]
    return Line([*cells, named or say("programmes.nobody_works")] if people_shown else cells)


def _form(desk: Desk, law: Programme, programme: str, members: dict[str, Row], key: str) -> None:
    known = {one.id: one for one in law.organisations}
    office = st.selectbox(
        say("programmes.office"), list(known), None, format_func=lambda one: known[one].name, key=f"{key}:office",
        placeholder=say("programmes.choose_office"), help=say("programmes.office_help"),
    )  # fmt: skip
    one = known.get(office or "")
    unit = chosen_unit(desk, key=f"{key}:unit", on=desk.today) if one and one.kind in COMMUNES else None
    called = unit.name if unit else one.name if one and not one.collective else ""
    name = st.text_input(say("programmes.member"), called, key=f"{key}:name:{called}", max_chars=200)
    above = st.selectbox(
        say("programmes.above"), ["", *members], key=f"{key}:above",
        format_func=lambda code: str(members[code]["name"]) if code else say("programmes.nobody_above"),
    )  # fmt: skip
    if st.button(say("programmes.add_member"), type="primary", key=f"{key}:do", disabled=not (office and name.strip())):
        code = free_code(name, unit.code if unit else "", members)
        new = Member(code=code, name=name, office=office or "", unit=unit.code if unit else "", above=above or "")
        carry_out("programmes.member_added", set_members, desk.store, desk.actor, programme, [new])


def free_code(name: str, unit: str, taken: dict[str, Row]) -> str:
    """A key for a member, made of its name; names repeat, so a commune's code goes into it, else a number."""
    base = "-".join(filter(None, (proposed_id(name)[:50].strip("-"), unit))) or "don-vi"
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(code for code in numbered if code not in taken)
