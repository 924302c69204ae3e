"""Hội đồng giám khảo: who marks what; conflicts of interest shown."""

from __future__ import annotations

import streamlit as st

from chamdiem.contest.directory import people_for
from chamdiem.contest.judging import progress_for, return_sheet
from chamdiem.contest.panel import ROLES, declare_conflict, seat, unseat
from chamdiem.contest.record import Row
from chamdiem.contest.seating import APPRAISER, Member, Seating, assign_exactly, seating_for
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button, said
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.listing import listing
from chamdiem.words import say

STAGE = {APPRAISER: "appraisal"}  # of which sheets a member fills in; the others are judges
ALL = ""


def show(desk: Desk) -> None:
    """The page."""
    title("page.hoi-dong")
    said()
    if desk.contest is None or not desk.has("assignment.manage"):
        st.info(escaped(say("jury.closed")))
        return
    with desk.footing() as footing:
        office, manages = footing.may("conflict.manage", account=""), footing.may("assignment.manage")
    if not office:
        st.info(escaped(say("jury.archived")))
        return
    seating = seating_for(desk.store, desk.actor, desk.contest_id)
    done = progress_for(desk.store, desk.actor, desk.contest_id)
    if seating.without:
        names = [unit.name for unit in seating.without]
        st.warning(escaped(say("jury.without", n=len(names), names=names)), icon=":material/warning:")
    _members(seating, done)
    _acts(desk, seating, done, manages=manages)
    if seating.units and seating.members:
        st.markdown(f"#### {escaped(say('jury.matrix'))}")
        listing(_matrix(seating, done), say("jury.matrix"))
        st.caption(escaped(say("jury.legend")))
    _conflicts(seating)


def _members(seating: Seating, done: list[Row]) -> None:
    """Who sits, how many units each has and how many sheets are handed in; never what is in them."""
    rows, done_by = [], _handed_in(done)
    for one in seating.members:
        given = seating.units_of(one.account)
        handed_in = [unit for unit in given if _place(one, unit) in done_by]
        rows.append(
            {
                say("accounts.name"): one.name,
                say("jury.code"): one.code,
                say("accounts.role"): say("jury.removed") if one.removed else role_word(one.role),
                say("jury.units"): say("word.text", text=len(given)),
                say("jury.done"): say("jury.done_of", n=len(handed_in), of=len(given)),
                say("confirming.reason"): one.reason,
            }
        )
    listing(rows, say("jury.table"), say("jury.nobody"))


def role_word(role: str) -> str:
    """What a member is called."""
    return say(f"role.{APPRAISER}" if role == APPRAISER else f"jury.role.{role}")


def _place(one: Member, unit: str) -> tuple[str, str, str]:
    """Whose sheet a member's work on a unit is; appraisal has one for each unit, whoever writes it."""
    stage = STAGE.get(one.role, "judge")
    return unit, stage, one.account if stage == "judge" else ""


def _handed_in(done: list[Row]) -> set[tuple[str, str, str]]:
    """The sheets that are done."""
    return {(row["unit"], row["stage"], row["author"]) for row in done if row["done"]}


def _matrix(seating: Seating, done: list[Row]) -> list[dict[str, str]]:
    """Units by members: to mark, handed in, in conflict."""
    barred, handed_in = {(row["account"], row["unit"]) for row in seating.conflicts}, _handed_in(done)
    at_work = [(one, seating.units_of(one.account)) for one in seating.members if not one.removed]

    def sign(one: Member, given: frozenset[str], unit: str) -> str:
        if (one.account, unit) in barred:
            return "✕"
        return "" if unit not in given else "✓" if _place(one, unit) in handed_in else "●"

    return [
        {
            say("members.name"): unit.name,
            **{one.code or one.name: sign(one, given, unit.code) for one, given in at_work},
        }
        for unit in seating.units
    ]


def _acts(desk: Desk, seating: Seating, done: list[Row], *, manages: bool) -> None:
    """What the office may do now."""
    with desk.footing() as footing:
        returnable = [
            row
            for row in done
            if row["done"]
            and footing.may("sheet.return", unit=row["unit"], stage=row["stage"], judge=row["author"] or None)
        ]
    with st.container(horizontal=True):
        if manages:
            ask_in_dialog(say("jury.seat"), lambda: _seat(desk), key="jury:seat", icon=":material/person_add:")
            if seating.members:
                ask_in_dialog(say("jury.assign"), lambda: _assign(desk, seating), key="jury:assign")
                ask_in_dialog(say("jury.unseat"), lambda: _unseat(desk, seating), key="jury:unseat")
        ask_in_dialog(say("jury.conflict"), lambda: _conflict(desk, seating), key="jury:conflict")
        if returnable:
            ask_in_dialog(say("jury.return"), lambda: _return(desk, seating, returnable), key="jury:return")


def _seat(desk: Desk) -> None:
    people = people_for(desk.store, desk.actor, desk.contest_id)
    account = st.selectbox(
        say("jury.person"), list(people), None, format_func=people.__getitem__, placeholder=say("begin.choose"),
        key="jury:seat:who",
    )  # fmt: skip
    role = st.selectbox(say("accounts.role"), ROLES, format_func=role_word, key="jury:seat:role")
    code = st.text_input(say("jury.code"), key="jury:seat:code", placeholder="GK1", max_chars=20)
    if st.button(say("jury.seat"), type="primary", key="jury:seat:yes", disabled=account is None) and account:
        carry_out("jury.seated", seat, desk.store, desk.actor, desk.contest_id, account, str(role), code=code.strip())


def _member(seating: Seating, key: str, *, panel_only: bool = False) -> Member:
    """One of those who are at work."""
    at_work = {
        one.account: one for one in seating.members if not one.removed and not (panel_only and one.role == APPRAISER)
    }
    account = st.selectbox(
        say("jury.person"), list(at_work), key=key,
        format_func=lambda one: f"{at_work[one].name} ({at_work[one].code or role_word(at_work[one].role)})",
    )  # fmt: skip
    return at_work[account]


def _assign(desk: Desk, seating: Seating) -> None:
    """All units, some, or none; those he may not mark are not offered."""
    one = _member(seating, "jury:assign:who")
    barred = {row["unit"] for row in seating.conflicts if row["account"] == one.account}
    units = {unit.code: unit.name for unit in seating.units if unit.code not in barred}
    now = {unit for whose, unit, _ in seating.assignments if whose == one.account}
    everything = st.toggle(say("jury.all_units"), ALL in now, key=f"jury:assign:{one.account}:all")
    chosen = [ALL] if everything else st.multiselect(
        say("jury.units"), list(units), [unit for unit in sorted(now) if unit in units], format_func=units.__getitem__,
        placeholder=say("jury.no_units"), key=f"jury:assign:{one.account}:units",
    )  # fmt: skip
    if barred:
        st.caption(escaped(say("jury.not_offered", n=len(barred))))
    if st.button(say("jury.assign"), type="primary", key="jury:assign:yes"):
        carry_out("jury.assigned", assign_exactly, desk.store, desk.actor, desk.contest_id, one.account, chosen)


def _unseat(desk: Desk, seating: Seating) -> None:
    one = _member(seating, "jury:unseat:who", panel_only=True)
    st.write(escaped(say("jury.unseat_sure", name=one.name)))
    reason = reason_and_button(say("jury.unseat"), key="jury:unseat")
    if reason is not None:
        carry_out("jury.unseated", unseat, desk.store, desk.actor, desk.contest_id, one.account, reason)


def _conflict(desk: Desk, seating: Seating) -> None:
    people = people_for(desk.store, desk.actor, desk.contest_id)
    people.pop(desk.actor.account, None)
    st.write(escaped(say("jury.conflict_sure")))
    account = st.selectbox(
        say("jury.person"), list(people), None, format_func=people.__getitem__, placeholder=say("begin.choose"),
        key="jury:conflict:who",
    )  # fmt: skip
    units = {unit.code: unit.name for unit in seating.units}
    unit = st.selectbox(
        say("members.unit"), list(units), None, format_func=units.__getitem__, placeholder=say("begin.choose"),
        key="jury:conflict:unit",
    )  # fmt: skip
    reason = reason_and_button(say("jury.conflict"), key="jury:conflict")
    if reason is not None and not (account and unit):
        st.error(escaped(say("jury.choose_both")))
    elif reason is not None:
        carry_out(
            "jury.conflict_kept", declare_conflict, desk.store, desk.actor, desk.contest_id, str(unit), reason,
            account=account,
        )  # fmt: skip


def _return(desk: Desk, seating: Seating, returnable: list[Row]) -> None:
    names, units = {one.account: one.name for one in seating.members}, {unit.code: unit.name for unit in seating.units}
    at = st.selectbox(
        say("jury.sheet"),
        range(len(returnable)),
        format_func=lambda at: " · ".join(
            filter(
                None,
                (
                    units.get(returnable[at]["unit"], returnable[at]["unit"]),
                    say(f"stage.{returnable[at]['stage']}"),
                    names.get(returnable[at]["author"], ""),
                ),
            )
        ),
        key="jury:return:sheet",
    )
    reason = reason_and_button(say("jury.return"), key="jury:return")
    if reason is not None:
        row = returnable[at]
        carry_out(
            "jury.returned", return_sheet, desk.store, desk.actor, desk.contest_id, row["unit"], row["stage"],
            row["author"], reason,
        )  # fmt: skip


def _conflicts(seating: Seating) -> None:
    """The conflicts of interest on record."""
    if not seating.conflicts:
        return
    units = {unit.code: unit.name for unit in seating.units}
    st.markdown(f"#### {escaped(say('jury.conflicts'))}")
    rows = [
        {
            say("accounts.name"): row["name"],
            say("members.name"): units.get(row["unit"], row["unit"]),
            say("jury.source"): say(f"jury.source.{row['source']}"),
            say("confirming.reason"): row["reason"],
        }
        for row in seating.conflicts
    ]
    listing(rows, say("jury.conflicts"))
