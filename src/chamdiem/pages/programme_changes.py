"""A member of a programme changed with a reason, or its part in the programme ended; the programme itself closed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.office.closing import close_programme, missing_at_end, reopen_programme
from chamdiem.office.footing import CLOSED
from chamdiem.office.members import change_member, end_membership, member_of, takes_part
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.programme_chosen import day_asked
from chamdiem.pages.unit_search import chosen_unit
from chamdiem.programmes.model import Programme
from chamdiem.words import say


def change_section(desk: Desk, law: Programme, programme: str, members: dict[str, Row]) -> None:
    """One member is chosen, then what is to be done with it."""
    with st.expander(escaped(say("programmes.change_member")), icon=":material/edit:"):
        code = st.selectbox(
            say("programmes.member"), list(members), None, key=f"programmes:change/{programme}",
            placeholder=say("programmes.choose_member"), format_func=lambda one: str(members[one]["name"]),
        )  # fmt: skip
        st.caption(escaped(say("programmes.people_about")))
        if code is None:
            return
        row = members[code]
        place = f"member:{programme}/{code}:{row['version']}"
        with st.container(horizontal=True):
            ask_in_dialog(
                say("programmes.change"), lambda: _change(desk, law, programme, members, row, place), key=place,
                heading=say("programmes.change_of", name=row["name"]),
            )  # fmt: skip
            if takes_part(row, desk.today) and not row["valid_to"]:
                ask_in_dialog(
                    say("programmes.end_member"), lambda: _end(desk, programme, row, place), key=f"{place}:end",
                    look="tertiary",
                )  # fmt: skip


def close_section(desk: Desk, row: Row) -> None:
    """The way to close a programme, or to reopen one that is closed."""
    place = f"closing:{row['id']}:{row['version']}"
    if row["status"] == CLOSED:
        st.info(escaped(say("closing.closed_already")))
        ask_in_dialog(say("closing.reopen"), lambda: _reopen(desk, row, place), key=place, icon=":material/lock_open:")
    else:
        ask_in_dialog(say("closing.close"), lambda: _close(desk, row, place), key=place, icon=":material/lock:")


def _close(desk: Desk, row: Row, place: str) -> None:
    """What is missing first, then why it is closed all the same."""
    st.caption(escaped(say("closing.about")))
    missing = missing_at_end(desk.store, desk.actor, row["id"], today=desk.today)
    if missing:
        st.markdown("\n".join([escaped(say("closing.missing")), "", *(f"- {escaped(say(one))}" for one in missing)]))
    else:
        st.markdown(escaped(say("closing.nothing_missing")))
    reason = reason_and_button(say("closing.close"), key=place)
    if reason is not None:
        about = (desk.store, desk.actor, row["id"], reason)
        carry_out("closing.closed", close_programme, *about, today=desk.today, expected=row["version"])


def _reopen(desk: Desk, row: Row, place: str) -> None:
    reason = reason_and_button(say("closing.reopen"), key=place)
    if reason is not None:
        about = (desk.store, desk.actor, row["id"], reason)
        carry_out("closing.reopened", reopen_programme, *about, expected=row["version"])


def _change(desk: Desk, law: Programme, programme: str, members: dict[str, Row], row: Row, place: str) -> None:
    """What it is called, what it is in the document, to whom it reports, from when until when; and why."""
    known = {one.id: one for one in law.organisations}
    offices, others = list(known), ["", *(code for code in members if code != row["code"])]
    name = st.text_input(say("programmes.member"), row["name"], key=f"{place}:name", max_chars=200)
    office = st.selectbox(
        say("programmes.office"), offices, offices.index(row["office"]) if row["office"] in known else None,
        key=f"{place}:office", format_func=lambda one: known[one].name, help=say("programmes.change_office_help"),
    )  # fmt: skip
    unit = row["unit"]
    if unit and st.checkbox(say("programmes.other_unit"), key=f"{place}:other"):
        found = chosen_unit(desk, key=f"{place}:unit", on=desk.today)
        unit = found.code if found else unit
    above = st.selectbox(
        say("programmes.above"), others, others.index(row["above"]) if row["above"] in others else 0,
        key=f"{place}:above",
        format_func=lambda code: str(members[code]["name"]) if code else say("programmes.nobody_above"),
    )  # fmt: skip
    was = member_of(row)
    left, right = st.columns(2)
    with left:
        first = day_asked(say("programmes.since"), was.valid_from, f"{place}:from")
    with right:
        last = day_asked(say("programmes.last_day"), was.valid_to, f"{place}:to")
    reason = reason_and_button(say("programmes.change"), key=place)
    if reason is not None:
        changed = replace(
            was, name=name, office=office or "", unit=unit, above=above or "", valid_from=first, valid_to=last
        )
        carry_out(
            "programmes.member_changed", change_member, desk.store, desk.actor, programme, changed, reason,
            expected=row["version"],
        )  # fmt: skip


def _end(desk: Desk, programme: str, row: Row, place: str) -> None:
    """Its last day, and why."""
    st.caption(escaped(say("programmes.end_about")))
    last = day_asked(say("programmes.last_day"), desk.today, f"{place}:last") or desk.today
    reason = reason_and_button(say("programmes.end_member"), key=f"{place}:end")
    if reason is not None:
        carry_out(
            "programmes.member_ended", end_membership, desk.store, desk.actor, programme, row["code"], last, reason,
            expected=row["version"],
        )  # fmt: skip
