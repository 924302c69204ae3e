"""Hồ sơ của tôi: who I am here, my password and telephone, my sessions, my conflicts of interest."""

from __future__ import annotations

import streamlit as st

from chamdiem.contest.panel import declare_conflict
from chamdiem.contest.people import actor_of, credential_of
from chamdiem.contest.permissions import Grant
from chamdiem.contest.record import Row, rows, units_of
from chamdiem.contest.signing_in import revoke_sessions
from chamdiem.pages.confirming import ask_in_dialog, carry_out, said
from chamdiem.pages.desk import Desk, escaped, sign_in, title
from chamdiem.pages.ways import out_of_app
from chamdiem.store import tables
from chamdiem.words import LANGUAGES, language, say

PASSWORD, TELEPHONE = "/doi-mat-khau", "/dien-thoai"


def show(desk: Desk) -> None:
    """The page."""
    title("page.ho-so")
    said()
    if not desk.signed_in:
        st.info(escaped(say("me.nobody")))
        out_of_app(sign_in(), say("page.sign_in"))
        return
    with desk.store.read() as connection:
        person = rows(connection, tables.person, id=desk.actor.account)[0]
        grants = actor_of(connection, desk.actor.account).grants
        keys = credential_of(connection, desk.actor.account)
    _roles(desk, person, grants)
    _keys(desk, person, enrolled=bool(keys and keys["secret"]))
    _language()
    _conflicts(desk)


def _roles(desk: Desk, person: Row, grants: tuple[Grant, ...]) -> None:
    st.subheader(escaped(desk.name))
    st.caption(escaped(say("me.login", login=person["login"])))
    if not grants:
        st.write(escaped(say("me.no_roles")))
    titles = {str(row["id"]): str(row["title"]) for row in desk.contests}
    own = {grant.unit for grant in grants}
    with desk.store.read() as connection:
        units = {row["code"]: row["name"] for row in rows(connection, tables.unit) if row["code"] in own}
    for grant in grants:
        where = [titles.get(grant.contest, "") if grant.contest else say("scope.everywhere")]
        where = [units.get(grant.unit, "") if grant.unit else "", *where]
        st.markdown(f"- **{escaped(say(f'role.{grant.role}'))}:** {escaped(' · '.join(filter(None, where)))}")
    if len(desk.actor.grants) < len(grants):
        st.warning(escaped(say("me.roles_rest")))


def _keys(desk: Desk, person: Row, *, enrolled: bool) -> None:
    st.subheader(escaped(say("me.keys")))
    out_of_app(PASSWORD, say("me.change_password"))
    out_of_app(TELEPHONE, say("me.telephone_again" if enrolled else "me.telephone"))
    st.caption(escaped(say("me.telephone_enrolled" if enrolled else "me.telephone_lacks")))

    def leave() -> None:
        st.write(escaped(say("me.leave_sure")))
        if st.button(say("me.leave"), type="primary", key="me/leave/yes"):
            carry_out("me.left", revoke_sessions, desk.store, desk.actor, str(person["login"]))

    ask_in_dialog(say("me.leave"), leave, key="me.leave")


def _language() -> None:
    st.subheader(escaped(say("me.language")))
    for each in LANGUAGES:
        if each != language():
            out_of_app(f"/ngon-ngu/{each}", say(f"menu.to_{each}"))


def _conflicts(desk: Desk) -> None:
    """A conflict of interest with a unit of the contest: declared once, by oneself, for good."""
    if desk.contest is None or not desk.has("conflict.declare"):
        return
    with desk.footing() as footing:
        if not footing.may("conflict.declare", account=desk.actor.account):
            return
        names = {unit.code: unit.name or unit.code for unit in units_of(footing.connection, desk.contest_id)}
        mine = rows(footing.connection, tables.conflict, contest=desk.contest_id, account=desk.actor.account)
    st.subheader(escaped(say("me.conflicts")))
    st.caption(escaped(say("me.conflicts_about")))
    for row in mine:
        st.markdown(f"- **{escaped(names[row['unit']])}**: {escaped(row['reason'])}")
    left = [code for code in names if code not in {row["unit"] for row in mine}]
    if left:
        ask_in_dialog(say("me.declare"), lambda: _declare(desk, names, left), key=f"me.declare/{desk.contest_id}")


def _declare(desk: Desk, names: dict[str, str], units: list[str]) -> None:
    key = f"me.conflict/{desk.contest_id}"
    unit = st.selectbox(
        say("me.conflict_unit"), units, None, format_func=names.__getitem__, placeholder=say("petitions.choose_unit"),
        key=f"{key}/unit",
    )  # fmt: skip
    reason = st.text_area(say("me.conflict_reason"), key=f"{key}/reason", max_chars=1000)
    sure = st.checkbox(say("me.conflict_sure"), key=f"{key}/sure")
    if st.button(say("me.declare"), type="primary", disabled=not (unit and sure), key=f"{key}/yes"):
        carry_out("me.declared", declare_conflict, desk.store, desk.actor, desk.contest_id, str(unit), reason)
