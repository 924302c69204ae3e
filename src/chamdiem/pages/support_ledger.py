"""The ledger of support: what each commune was given, from whom and for what, with its sums; corrected, never rubbed out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.office.support import (
    GOODS,
    LABOUR,
    MONEY,
    PLACES,
    WITHDRAWN,
    Gift,
    Sum,
    by_unit,
    by_year,
    correct_support,
    given,
    history_of,
    ledger_for,
    record_support,
    sums,
    total,
    withdraw_support,
)
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button
from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import NAME, NUMBER, Cell, Head, Line, table
from chamdiem.pages.programme_chosen import Chosen, commune_asked, commune_name, day_asked, member_asked
from chamdiem.pages.support_import import import_section
from chamdiem.words import say, shown, shown_number

ALL = ""
MOST = 100


def support_section(programme: Chosen) -> None:
    """Sums by commune, then the entries of one of them or of all, the latest first."""
    desk = programme.desk
    ledger = ledger_for(desk.store, desk.actor, programme.id)
    if programme.may("support.record"):
        place = f"support:{programme.id}:new"
        ask_in_dialog(say("support_ledger.add"), lambda: _add(programme, place), key=place, icon=":material/add:")
        import_section(programme)
    if not ledger:
        st.info(escaped(programme.nothing("support_ledger.none", "support_ledger.none_of_yours")))
        return
    years = [ALL, *sorted({by_year(row) for row in ledger}, reverse=True)]
    year = st.selectbox(
        say("support_ledger.year"), years, format_func=lambda one: one or say("support_ledger.all_years"),
        key=f"support:{programme.id}:year", width=260,
    )  # fmt: skip
    entries = [row for row in ledger if year in (ALL, by_year(row))]
    names = {row["unit"]: commune_name(desk, row["unit"], date.fromisoformat(row["given_on"])) for row in entries}
    _sums(entries, names)
    _entries(programme, entries, names)


def _sums(entries: Sequence[Row], names: dict[str, str]) -> None:
    """What each commune was given, and all of them together; the unit of each figure stands above it."""
    heads = [
        Head(say("support_ledger.commune"), NAME), Head(say("support_ledger.money"), NUMBER),
        Head(say("support_ledger.labour"), NUMBER), Head(say("support_ledger.goods")),
    ]  # fmt: skip
    lines = [_sum(names[code], found) for code, found in sums(entries, by_unit).items()]
    lines += [_sum(say("support_ledger.all"), total(entries), strong=True)] if len(lines) > 1 else []
    st.html(table(heads, lines, stacked=True))


def _sum(name: str, found: Sum, *, strong: bool = False) -> Line:
    things = [
        say("support_ledger.thing", n=amount, measure=measure, name=what)
        for (what, measure), amount in found.goods.items()
    ]
    worth = [say("support_ledger.worth_of", n=found.worth)] if found.worth else []
    unpriced = [say("support_ledger.unpriced", n=found.unpriced)] if found.unpriced else []
    short, _, above = name.partition(", ")
    goods = Cell("; ".join(things) or "—", below=" · ".join([*worth, *unpriced]))
    return Line([Cell(short, below=above), shown(found.money), shown(found.labour), goods], strong=strong)


def _entries(programme: Chosen, entries: Sequence[Row], names: dict[str, str]) -> None:
    """The entries themselves, and the way to correct one."""
    with st.expander(escaped(say("support_ledger.entries", n=len(entries))), icon=":material/list:"):
        code = st.selectbox(
            say("support_ledger.commune"), [ALL, *names], key=f"support:{programme.id}:unit",
            format_func=lambda one: names.get(one) or say("support_ledger.all"),
        )  # fmt: skip
        found = [row for row in reversed(entries) if code in (ALL, row["unit"])]
        heads = [Head(say(f"support_ledger.{name}")) for name in ("day", "commune", "what", "from", "for")]
        st.html(table(heads, [_line(programme, row, names) for row in found[:MOST]], stacked=True))
        if len(found) > MOST:
            st.caption(escaped(say("support_ledger.more", n=len(found) - MOST)))
        mine = {
            row["id"]: row
            for row in found
            if programme.footing.may("support.record", row["member"]) and row["status"] != WITHDRAWN
        }
        if mine:
            _one(programme, mine)


def _line(programme: Chosen, row: Row, names: dict[str, str]) -> Line:
    day = date.fromisoformat(row["given_on"])
    worth = say("support_ledger.worth_of", n=int(row["worth"])) if row["worth"] else ""
    state = ""
    if row["reason"]:
        withdrawn = row["status"] == WITHDRAWN
        state = say("support_ledger.withdrawn" if withdrawn else "support_ledger.corrected", reason=row["reason"])
    return Line([
        say("report_tasks.day", day=day), Cell(names[row["unit"]].partition(", ")[0], below=programme.name(row["member"])),
        Cell(say(given(row)), below=" · ".join(filter(None, [worth, state]))), row["source"],
        Cell(row["purpose"], below=row["note"]),
    ])  # fmt: skip


def _one(programme: Chosen, mine: dict[str, Row]) -> None:
    """One entry to be corrected or withdrawn."""
    id = st.selectbox(  # noqa: A001 - the column is called so
        say("support_ledger.choose"), list(mine), None, key=f"support:{programme.id}:one",
        placeholder=say("support_ledger.choose_one"),
        format_func=lambda one: _called(mine[one]),
    )  # fmt: skip
    if id is None:
        return
    row, place = mine[id], f"support:{id}:{mine[id]['version']}"
    with st.container(horizontal=True):
        ask_in_dialog(say("support_ledger.correct"), lambda: _correct(programme, row, place), key=f"{place}:correct")
        ask_in_dialog(
            say("support_ledger.withdraw"),
            lambda: _withdraw(programme, row, place),
            key=f"{place}:withdraw",
            look="tertiary",
        )
    versions = history_of(programme.desk.store, programme.desk.actor, id)
    if len(versions) > 1:
        for one in versions:
            about = {"at": one.at, "what": given(one.row), "reason": one.reason}
            st.caption(escaped(say("support_ledger.version" if one.reason else "support_ledger.first", **about)))


def _called(row: Row) -> str:
    """An entry in a list to choose from."""
    return f"{shown(date.fromisoformat(row['given_on']))} · {say(given(row))} · {row['source']}"


# entering -------------------------------------------------------------------------------------------------------


def _asked(programme: Chosen, place: str, row: Row | None) -> Gift | None:
    """What was given, as it is typed; None while the commune is not known."""
    desk, was = programme.desk, row or {}
    whole = programme.footing.may("support.record")
    member = str(was.get("member", "")) or member_asked(
        programme, programme.mine("support.record"), f"{place}:member",
        nobody=say("difficulties.no_member") if whole else "",
    )  # fmt: skip
    before = date.fromisoformat(was["given_on"]) if row else desk.today
    day = day_asked(say("support_ledger.day"), before, f"{place}:day", most=desk.today) or before
    unit = str(was["unit"]) if row else commune_asked(programme, day, f"{place}:unit", member=member)
    kinds = list(PLACES)
    kind = st.radio(
        say("support_ledger.kind"), kinds, kinds.index(was["kind"]) if row else 0, key=f"{place}:kind", horizontal=True,
        format_func=lambda one: say(f"support_ledger.kind.{one}"),
    )  # fmt: skip
    amount = _field("amount", kind, place, shown_number(Decimal(was["amount"])) if row else "")
    thing = {"name": "", "measure": "", "worth": ""}
    if kind == GOODS:
        worth = shown_number(Decimal(was["worth"])) if was.get("worth") else ""
        typed = {"name": was.get("name", ""), "measure": was.get("measure", ""), "worth": worth}
        thing = {
            name: st.text_input(say(f"support_ledger.{name}"), text, key=f"{place}:{name}")
            for name, text in typed.items()
        }
    source, purpose, note = (
        st.text_input(say(f"support_ledger.{name}"), was.get(name, ""), key=f"{place}:{name}", max_chars=500)
        for name in ("source", "purpose", "note")
    )
    if not unit:
        return None
    return Gift(
        unit=unit,
        kind=kind,
        amount=amount,
        source=source,
        purpose=purpose,
        given_on=day,
        member=member,
        note=note,
        **thing,
    )


def _field(name: str, kind: str, place: str, text: str) -> str:
    """The amount, in the measure of what is given."""
    label = {MONEY: "support_ledger.in_dong", LABOUR: "support_ledger.in_days"}.get(kind, "support_ledger.in_measure")
    return st.text_input(say(label), text, key=f"{place}:{name}:{kind}", max_chars=30)


def _add(programme: Chosen, place: str) -> None:
    gift = _asked(programme, place, None)
    if st.button(say("support_ledger.save"), key=f"{place}:yes", type="primary"):
        if gift is None:
            st.error(escaped(say("difficulties.needs_unit")))
            return
        desk = programme.desk
        carry_out("support_ledger.saved", record_support, desk.store, desk.actor, programme.id, gift, today=desk.today)


def _correct(programme: Chosen, row: Row, place: str) -> None:
    """What it should say, and why; what it said stays in its history."""
    gift = _asked(programme, f"{place}:correct", row)
    reason = reason_and_button(say("support_ledger.correct"), key=f"{place}:correct")
    if reason is not None and gift is not None:
        desk = programme.desk
        carry_out(
            "support_ledger.corrected_now", correct_support, desk.store, desk.actor, row["id"], gift, reason,
            today=desk.today, expected=row["version"],
        )  # fmt: skip


def _withdraw(programme: Chosen, row: Row, place: str) -> None:
    st.caption(escaped(say("support_ledger.withdraw_about")))
    reason = reason_and_button(say("support_ledger.withdraw"), key=f"{place}:withdraw")
    if reason is not None:
        desk = programme.desk
        carry_out(
            "support_ledger.withdrawn_now",
            withdraw_support,
            desk.store,
            desk.actor,
            row["id"],
            reason,
            expected=row["version"],
        )
