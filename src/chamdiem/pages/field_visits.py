"""Visits to communes: announced beforehand with what they are about, held, and what was found."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.office.difficulties import difficulties_of
from chamdiem.office.visits import (
    CANCELLED,
    HELD,
    Announcement,
    Notice,
    Report,
    announce_visit,
    cancel_visit,
    hold_visit,
    not_beforehand,
    notice_of,
    record_unannounced,
    still_to_come,
    visits_for,
)
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import Cell, Head, Line, table
from chamdiem.pages.programme_chosen import Chosen, commune_asked, commune_name, day_asked, member_asked
from chamdiem.words import say

SHORT = 90


def visits_section(programme: Chosen) -> None:
    """What is to come, what was forgotten, then what was held, the latest first."""
    desk = programme.desk
    found = visits_for(desk.store, desk.actor, programme.id)
    if programme.may("visit.record"):
        with st.container(horizontal=True):
            place = f"visit:{programme.id}"
            ask_in_dialog(
                say("field_visits.announce"),
                lambda: _announce(programme, f"{place}:new"),
                key=f"{place}:new",
                icon=":material/add:",
            )
            ask_in_dialog(
                say("field_visits.unannounced"),
                lambda: _unannounced(programme, f"{place}:held"),
                key=f"{place}:held",
                look="tertiary",
            )
    if not found:
        st.info(escaped(programme.nothing("field_visits.none", "field_visits.none_of_yours")))
        return
    coming, passed = still_to_come(found, desk.today)
    for heading, several in (("field_visits.passed", passed), ("field_visits.coming", coming)):
        if several:
            st.subheader(escaped(say(heading, n=len(several))))
        for row in several:
            _announced(programme, row)
    held = [row for row in found if row["status"] == HELD]
    if held:
        untold = len(not_beforehand(held))
        how = "field_visits.held" if untold else "field_visits.held_told"
        st.subheader(escaped(say(how, n=len(held), untold=untold)))
        heads = [
            Head(say("field_visits.day")),
            Head(say("field_visits.where")),
            Head(say("field_visits.what")),
            Head(say("field_visits.notice")),
        ]
        st.html(table(heads, [_line(programme, row) for row in reversed(held)], stacked=True))
    _cancelled(programme, [row for row in found if row["status"] == CANCELLED])


def _announced(programme: Chosen, row: Row) -> None:
    """One visit that was announced: what it is about, and what came of it."""
    planned, told_on = (date.fromisoformat(row[name]) for name in ("planned_on", "announced_on"))
    with st.container(border=True):
        place = commune_name(programme.desk, row["unit"], planned)
        st.markdown(f"**{escaped(say('field_visits.on_at', day=planned, place=place))}**")
        st.text(row["content"])
        told = say("field_visits.told_on", day=told_on)
        st.caption(escaped(" · ".join(filter(None, [told, programme.name(row["member"])]))))
        if programme.footing.may("visit.record", row["member"]):
            key = f"visit:{row['id']}:{row['version']}"
            with st.container(horizontal=True):
                if planned <= programme.desk.today:
                    ask_in_dialog(
                        say("field_visits.hold"),
                        lambda: _hold(programme, row, f"{key}:hold"),
                        key=f"{key}:hold",
                        look="primary",
                    )
                ask_in_dialog(
                    say("field_visits.cancel"),
                    lambda: _cancel(programme, row, f"{key}:off"),
                    key=f"{key}:off",
                    look="tertiary",
                )


def _line(programme: Chosen, row: Row) -> Line:
    """A visit that was held."""
    day = date.fromisoformat(row["held_on"])
    notice = notice_of(row)
    below = (
        say("field_visits.planned", day=date.fromisoformat(row["planned_on"])) if notice == Notice.ANOTHER_DAY else ""
    )
    result = " · ".join(filter(None, [row["result"], row["findings"]]))
    return Line([
        say("report_tasks.day", day=day),
        Cell(commune_name(programme.desk, row["unit"], day), below=programme.name(row["member"])),
        Cell(row["content"], below=result), Cell(say(f"visit.{notice}"), below=below),
    ])  # fmt: skip


def _cancelled(programme: Chosen, found: list[Row]) -> None:
    if found:
        with st.expander(escaped(say("field_visits.cancelled", n=len(found)))):
            for row in found:
                day = date.fromisoformat(row["planned_on"])
                where = say("field_visits.on_at", day=day, place=commune_name(programme.desk, row["unit"], day))
                st.caption(escaped(f"{where}: {row['result']}"))


# entering -------------------------------------------------------------------------------------------------------


def _member(programme: Chosen, place: str) -> str:
    """For whom the visit is made; the leading office may go by itself."""
    whole = programme.footing.may("visit.record")
    return member_asked(
        programme, programme.mine("visit.record"), f"{place}:member",
        nobody=say("difficulties.no_member") if whole else "",
    )  # fmt: skip


def _announce(programme: Chosen, place: str) -> None:
    """A visit to come, as the commune is told of it."""
    desk = programme.desk
    member = _member(programme, place)
    planned = day_asked(say("field_visits.planned_on"), None, f"{place}:day")
    unit = commune_asked(programme, planned or desk.today, f"{place}:unit", member=member)
    content = st.text_area(say("field_visits.content"), key=f"{place}:content", height=100, max_chars=4000)
    told_on = day_asked(say("field_visits.announced_on"), desk.today, f"{place}:told", most=desk.today)
    if st.button(say("field_visits.announce"), key=f"{place}:yes", type="primary"):
        if not unit or planned is None or told_on is None:
            st.error(escaped(say("field_visits.needs_unit_and_day")))
            return
        visit = Announcement(unit=unit, planned_on=planned, content=content, announced_on=told_on, member=member)
        carry_out(
            "field_visits.announced", announce_visit, desk.store, desk.actor, programme.id, visit, today=desk.today
        )


def _report(programme: Chosen, unit: str, day: date, place: str) -> Report:
    """What came of a visit: result, findings, and the difficulties it was about."""
    desk = programme.desk
    result = st.text_area(say("field_visits.result"), key=f"{place}:result", height=100, max_chars=4000)
    findings = st.text_area(say("field_visits.findings"), key=f"{place}:findings", height=80, max_chars=4000)
    known = difficulties_of(desk.store, desk.actor, programme.id, unit, today=day) if unit else []
    words = {str(kept.record["id"]): str(kept.record["words"]) for kept in known}
    about: list[str] = []
    if words:
        about = st.multiselect(
            say("field_visits.difficulties"), list(words), key=f"{place}:about:{unit}",
            placeholder=say("field_visits.choose_difficulties"), format_func=lambda one: words[one][:SHORT],
        )  # fmt: skip
    return Report(held_on=day, result=result, findings=findings, difficulties=about)


def _hold(programme: Chosen, row: Row, place: str) -> None:
    desk = programme.desk
    st.text(row["content"])
    planned = date.fromisoformat(row["planned_on"])
    day = (
        day_asked(say("field_visits.held_on"), min(planned, desk.today), f"{place}:day", most=desk.today) or desk.today
    )
    report = _report(programme, row["unit"], day, place)
    if st.button(say("field_visits.hold"), key=f"{place}:yes", type="primary"):
        carry_out(
            "field_visits.written",
            hold_visit,
            desk.store,
            desk.actor,
            row["id"],
            report,
            today=desk.today,
            expected=row["version"],
        )


def _unannounced(programme: Chosen, place: str) -> None:
    """A visit of which the commune was not told: it is written down as such."""
    desk = programme.desk
    st.caption(escaped(say("field_visits.unannounced_about")))
    member = _member(programme, place)
    day = day_asked(say("field_visits.held_on"), desk.today, f"{place}:day", most=desk.today) or desk.today
    unit = commune_asked(programme, day, f"{place}:unit", member=member)
    content = st.text_area(say("field_visits.content"), key=f"{place}:content", height=80, max_chars=4000)
    report = _report(programme, unit, day, place)
    if st.button(say("field_visits.save"), key=f"{place}:yes", type="primary"):
        if not unit:
            st.error(escaped(say("difficulties.needs_unit")))
            return
        carry_out(
            "field_visits.written", record_unannounced, desk.store, desk.actor, programme.id, unit, content, report,
            today=desk.today, member=member,
        )  # fmt: skip


def _cancel(programme: Chosen, row: Row, place: str) -> None:
    reason = reason_and_button(say("field_visits.cancel"), key=place)
    if reason is not None:
        desk = programme.desk
        carry_out("field_visits.off", cancel_visit, desk.store, desk.actor, row["id"], reason, expected=row["version"])
