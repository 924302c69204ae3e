"""Khó khăn, kiến nghị of a programme: raised with a proposal, passed upward, answered; what waits for me stands first."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.contest.units import registry_now
from chamdiem.errors import Refusal, message
from chamdiem.office.difficulties import (
    ANSWERED,
    Raised,
    Step,
    Waiting,
    answer,
    difficulties_for,
    escalate,
    may_answer,
    raise_difficulty,
    steps_of,
    waiting_for,
)
from chamdiem.office.lineage import COMMUNE, PROVINCE
from chamdiem.pages.confirming import ask_in_dialog, carry_out, said
from chamdiem.pages.desk import Desk, escaped, title, told
from chamdiem.pages.programme_chosen import (
    Chosen,
    chosen_programme,
    commune_asked,
    commune_name,
    day_asked,
    member_asked,
)
from chamdiem.words import say

SHOWN = 20


def show(desk: Desk) -> None:
    """The page."""
    title("page.kho-khan")
    said()
    st.caption(escaped(say("difficulties.about")))
    programme = chosen_programme(desk)
    if programme is None:
        return
    try:
        waiting = waiting_for(desk.store, desk.actor, programme.id, today=desk.today)
        every = difficulties_for(desk.store, desk.actor, programme.id)
    except Refusal as refusal:
        told(refusal)
        return
    if programme.may("difficulty.raise"):
        ask_in_dialog(
            say("difficulties.raise"),
            lambda: _raise(programme),
            key=f"difficulties:{programme.id}",
            icon=":material/add:",
        )
    registry = registry_now(desk.store)
    mine = [one for one in waiting if may_answer(programme.footing, registry, one.row, desk.today)]
    _waiting(programme, mine, "difficulties.for_me", mine=True)
    _waiting(programme, [one for one in waiting if one not in mine], "difficulties.for_others")
    if not waiting:
        st.info(
            escaped(
                say("difficulties.none_open")
                if every
                else programme.nothing("difficulties.none", "difficulties.none_of_yours")
            )
        )
    _answered(programme, [row for row in every if row["status"] == ANSWERED])


def _waiting(programme: Chosen, found: list[Waiting], heading: str, *, mine: bool = False) -> None:
    """Those without an answer: late ones first, then the longest waiting."""
    if not found:
        return
    st.subheader(escaped(say(heading, n=len(found))))
    ordered = sorted(found, key=lambda one: not one.late)
    for one in ordered[:SHOWN]:
        _open(programme, one, mine=mine)
    if len(ordered) > SHOWN:
        with st.expander(escaped(say("difficulties.more", n=len(ordered) - SHOWN))):
            for one in ordered[SHOWN:]:
                _open(programme, one, mine=mine)


def _open(programme: Chosen, one: Waiting, *, mine: bool) -> None:
    """One difficulty: what and where, with whom it stands since when, its way so far, and what may be done."""
    row, steps = one.row, steps_of(one.row)
    with st.container(border=True):
        st.markdown(f"**{escaped(_where(programme, row))}** {_badges(one)}")
        st.text(row["words"])
        names = [unit.name for unit in one.whom] or [say("difficulties.nobody")]
        waits = _waits(programme, one.since, names)
        stranded = [say("difficulties.stranded")] if one.stranded else []
        proposal = say("difficulties.proposal", words=row["proposal"])
        st.caption(escaped("\n".join([proposal, *map(_step, steps[:-1]), waits, *stranded])))
        if mine:
            _acts(programme, row, steps[-1].level)


def _waits(programme: Chosen, since: date, whom: list[str]) -> str:
    """Since when it waits for whom; no day is counted after the end of the programme."""
    about = {"since": since, "whom": whom}
    if programme.footing.closed:
        return say("difficulties.waited", **about)
    today, last = programme.desk.today, date.fromisoformat(programme.row["period_to"])
    if today > last >= since:
        return say("difficulties.waited_to_end", **about, days=(last - since).days, end=last)
    return say("difficulties.waits", **about, days=(today - since).days)


def _badges(one: Waiting) -> str:
    """At which level it stands, and until when an answer is due."""
    badges = [f":blue-badge[{escaped(say(f'difficulties.at.{one.level}'))}]"]
    if one.due:
        colour, name = ("red", "late") if one.late else ("gray", "due")
        badges.append(f":{colour}-badge[{escaped(say(f'difficulties.{name}', due=date.fromisoformat(one.due)))}]")
    return " ".join(badges)


def _acts(programme: Chosen, row: Row, level: str) -> None:
    """To answer, or to pass it on."""
    by = _speaker(programme, row, level)
    place = f"difficulty:{row['id']}:{row['version']}"
    with st.container(horizontal=True):
        ask_in_dialog(
            say("difficulties.answer_it"),
            lambda: _answer(programme.desk, row, place, by),
            key=f"{place}:answer",
            look="primary",
        )
        if level != PROVINCE:
            ask_in_dialog(
                say("difficulties.pass_on"), lambda: _pass_on(programme.desk, row, place, by), key=f"{place}:up",
                icon=":material/arrow_upward:",
            )  # fmt: skip


def _speaker(programme: Chosen, row: Row, level: str) -> str:
    """Who answers unless he says otherwise: at the level of the commune the member that is the commune."""
    if level != COMMUNE or programme.whole:
        return ""
    own = (member for code, member in programme.members.items() if code in programme.footing.own and member["unit"])
    return str(next((member["name"] for member in own), ""))


def _where(programme: Chosen, row: Row) -> str:
    """The commune as it was called on the day, and who raised it."""
    place = commune_name(programme.desk, row["unit"], date.fromisoformat(row["raised_on"]))
    by = programme.name(row["member"])
    return place if not by or by in place else say("difficulties.by", place=place, member=by)


def _step(step: Step) -> str:
    """What one level answered, when and who."""
    about = {
        "level": say(f"difficulties.level.{step.level}"), "day": date.fromisoformat(step.answered_on),
        "by": step.answered_by, "words": step.answer,
    }  # fmt: skip
    return say("difficulties.step", **about)


def _answered(programme: Chosen, found: list[Row]) -> None:
    """What was answered, the latest first."""
    if not found:
        return
    with st.expander(escaped(say("difficulties.answered_before", n=len(found)))):
        for row in sorted(found, key=lambda row: row["answered_on"], reverse=True):
            st.markdown(f"**{escaped(_where(programme, row))}**")
            st.text(row["words"])
            st.caption(escaped("\n".join(map(_step, steps_of(row)))))


# entering -------------------------------------------------------------------------------------------------------


def _raise(programme: Chosen) -> None:
    """A new difficulty with its proposal."""
    desk, place = programme.desk, f"difficulties:{programme.id}:new"
    codes = programme.mine("difficulty.raise")
    whole = programme.footing.may("difficulty.raise")
    member = member_asked(programme, codes, f"{place}:member", nobody=say("difficulties.no_member") if whole else "")
    day = day_asked(say("difficulties.raised_on"), desk.today, f"{place}:day", most=desk.today) or desk.today
    unit = commune_asked(programme, day, f"{place}:unit", member=member)
    words = st.text_area(say("difficulties.words"), key=f"{place}:words", height=100, max_chars=4000)
    proposal = st.text_area(say("difficulties.your_proposal"), key=f"{place}:proposal", height=80, max_chars=4000)
    term = st.text_input(say("difficulties.working_days"), key=f"{place}:term", max_chars=3)
    if st.button(say("difficulties.send"), key=f"{place}:send", type="primary"):
        days = _days(term)
        if not unit:
            st.error(escaped(say("difficulties.needs_unit")))
        elif days is not None:
            raised = Raised(unit=unit, words=words, proposal=proposal, on=day, member=member, working_days=days)
            carry_out(
                "difficulties.raised", raise_difficulty, desk.store, desk.actor, programme.id, raised, today=desk.today
            )


def _days(text: str) -> int | None:
    """A number of working days, 0 for none; None after saying that it is not one."""
    if not text.strip():
        return 0
    if text.strip().isdecimal():
        return int(text)
    st.error(escaped(say("difficulties.whole_days", value=text)))
    return None


def _said_by(desk: Desk, place: str, what: str, who: str) -> tuple[str, str, date]:
    """Words, who says them, and the day."""
    words = st.text_area(what, key=f"{place}:words", height=120, max_chars=4000)
    by = st.text_input(
        say("difficulties.who"), who, key=f"{place}:by", max_chars=200, placeholder=say("difficulties.who_example")
    )
    day = day_asked(say("difficulties.day"), desk.today, f"{place}:day", most=desk.today)
    return words, by, day or desk.today


def _answer(desk: Desk, row: Row, place: str, by: str) -> None:
    st.text(row["words"])
    words, who, day = _said_by(desk, f"{place}:answer", say("difficulties.your_answer"), by)
    if st.button(say("difficulties.send_answer"), key=f"{place}:answer:yes", type="primary"):
        carry_out(
            "difficulties.answered", answer, desk.store, desk.actor, row["id"], words, by=who, on=day, today=desk.today,
            expected=row["version"],
        )  # fmt: skip


def _pass_on(desk: Desk, row: Row, place: str, by: str) -> None:
    """To the next level; this one says why."""
    st.text(row["words"])
    st.caption(escaped(say("difficulties.pass_on_about")))
    why, who, day = _said_by(desk, f"{place}:up", say("difficulties.why"), by)
    term = st.text_input(say("difficulties.working_days"), key=f"{place}:up:term", max_chars=3)
    if st.button(say("difficulties.pass_on"), key=f"{place}:up:yes", type="primary"):
        days = _days(term)
        if days is not None:
            carry_out(
                message("difficulties.passed"), escalate, desk.store, desk.actor, row["id"], why, by=who, on=day,
                today=desk.today, working_days=days, expected=row["version"],
            )  # fmt: skip
