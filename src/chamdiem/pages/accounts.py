"""Tài khoản: accounts, roles, new keys."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from chamdiem.contest.accounts import (
    close_account,
    create_account,
    forget_person,
    give_role,
    new_keys,
    take_role,
)
from chamdiem.contest.directory import Listed, accounts_for
from chamdiem.contest.permissions import GRANTABLE, Grant, Subject, allowed
from chamdiem.contest.registry import Registry
from chamdiem.contest.standing import OF_PROGRAMMES, PROGRAMME_LEAD
from chamdiem.contest.units import registry_now
from chamdiem.office.programme_places import Place, places_for
from chamdiem.pages.confirming import ask_in_dialog, carry_out, reason_and_button, said
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.listing import listing
from chamdiem.pages.unit_search import chosen_unit
from chamdiem.words import plain, say

WORD = "accounts:word"  # the first password that is being shown, with its login
OF_MACHINE, OF_UNIT = ("administrator",), ("commune_assessor",)


def show(desk: Desk) -> None:
    """The page."""
    title("page.tai-khoan")
    said()
    if not allowed(desk.actor, "account.manage", Subject()):
        st.info(escaped(say("accounts.closed")))
        return
    _first_password()
    found = accounts_for(desk.store, desk.actor)
    ask_in_dialog(say("accounts.create"), lambda: _create(desk), key="accounts:create", icon=":material/person_add:")
    text = st.text_input(say("accounts.find"), key="accounts:find", icon=":material/search:")
    seen = [one for one in found if plain(text) in plain(f"{one.login} {one.name}")]
    registry = registry_now(desk.store)
    _one(desk, {one.login: one for one in seen if one.login})
    rows = [_row(desk, one, registry) for one in seen]
    listing(rows, say("accounts.table"), say("accounts.nobody"))


def _first_password() -> None:
    """A first password, shown once: nobody can look it up afterwards."""
    if WORD not in st.session_state:
        return
    login, name, word = st.session_state[WORD]
    with st.container(border=True):
        st.markdown(f"**{escaped(say('accounts.hand_over', name=name or login))}**")
        st.text(say("accounts.login_is", login=login))
        st.code(word, language=None)
        st.caption(escaped(say("accounts.once")))
        if st.button(say("accounts.hide"), key="accounts:hide"):
            del st.session_state[WORD]
            st.rerun()


def _row(desk: Desk, one: Listed, registry: Registry) -> dict[str, str]:
    return {
        say("accounts.name"): one.name or say("accounts.forgotten"),
        say("accounts.login"): one.login,
        say("accounts.roles"): "\n".join(role_words(desk, grant, registry) for grant in one.grants)
        or say("accounts.roles_none"),
        say("accounts.state"): say(f"accounts.state.{_state(one)}"),
        say("accounts.contact"): one.contact,
    }


def _state(one: Listed) -> str:
    if not one.active:
        return "closed"
    return "first" if one.first else "telephone" if one.telephone else "open"


def role_words(desk: Desk, grant: Grant, registry: Registry) -> str:
    """A role and how far it reaches: "Tổ Thư ký: Cuộc thi …"."""
    if grant.role in OF_PROGRAMMES:
        return say("accounts.role_in", role=say(f"role.{grant.role}"), where=_programme_words(desk, grant))
    titles = {str(row["id"]): str(row["title"]) for row in desk.contests}
    where = [titles.get(grant.contest, grant.contest)] if grant.contest else []
    if grant.unit:
        bearers = registry.bearers(grant.unit)
        where.append(bearers[-1].name if bearers else grant.unit)
    place = " · ".join(where) or say("accounts.everywhere")
    return say("accounts.role_in", role=say(f"role.{grant.role}"), where=place)


def _programme_words(desk: Desk, grant: Grant) -> str:
    """The programme of a role and the member of it, by their names."""
    if not grant.contest:
        return say("accounts.everywhere")
    place = places_for(desk.store, desk.actor).get(grant.contest, Place(grant.contest))
    return " · ".join(filter(None, (place.title, grant.unit and place.members.get(grant.unit, grant.unit))))


def _create(desk: Desk) -> None:
    login = st.text_input(say("accounts.login"), key="accounts:new:login", max_chars=80)
    name = st.text_input(say("accounts.name"), key="accounts:new:name", max_chars=200)
    contact = st.text_input(say("accounts.contact"), key="accounts:new:contact", max_chars=200)
    grant = _grant(desk, "accounts:new")
    if st.button(say("accounts.create"), type="primary", key="accounts:create:yes"):
        carry_out("accounts.created", _created, desk, login, name, contact, [grant] if grant else [])


def _created(desk: Desk, login: str, name: str, contact: str, grants: list[Grant]) -> None:
    actor = desk.acting("account.manage")
    word = create_account(desk.store, actor, login, name, now=datetime.now(UTC), contact=contact, grants=grants)
    st.session_state[WORD] = (login.strip(), name, word)


def _grant(desk: Desk, key: str) -> Grant | None:
    """A role with its contest and unit, as far as the role has them."""
    role = st.selectbox(
        say("accounts.role"), GRANTABLE, format_func=lambda one: say(f"role.{one}"), key=f"{key}:role", index=None,
        placeholder=say("accounts.no_role"),
    )  # fmt: skip
    if role is None or role in OF_MACHINE:
        return Grant(role) if role else None
    if role in OF_PROGRAMMES:
        return _programme_grant(desk, role, key)
    titles = {"": say("accounts.everywhere")} | {str(row["id"]): str(row["title"]) for row in desk.contests}
    here = list(titles).index(desk.contest_id) if role != "organiser" and desk.contest_id in titles else 0
    contest = st.selectbox(say("page.contest"), list(titles), here, format_func=titles.__getitem__, key=f"{key}:{role}")
    unit = chosen_unit(desk, key=f"{key}:unit") if role in OF_UNIT else None
    if role in OF_UNIT and unit is None:
        st.caption(escaped(say("accounts.needs_unit")))
        return None
    return Grant(str(role), contest or None, unit.code if unit else None)


def _programme_grant(desk: Desk, role: str, key: str) -> Grant | None:
    """A role in a programme; whoever works for a member does so for one that is named."""
    known = places_for(desk.store, desk.actor)
    everywhere = [""] if role == PROGRAMME_LEAD else []
    if not known and not everywhere:
        st.caption(escaped(say("accounts.no_programme")))
        return None
    programme = st.selectbox(
        say("accounts.programme"), [*everywhere, *known], key=f"{key}:programme/{role}",
        format_func=lambda one: known[one].title if one else say("accounts.everywhere"),
    )  # fmt: skip
    if role == PROGRAMME_LEAD:
        return Grant(role, programme or None)
    members = known[programme].members
    if not members:
        st.caption(escaped(say("accounts.no_member")))
        return None
    member = st.selectbox(
        say("accounts.member"), list(members), format_func=members.__getitem__, key=f"{key}:member/{programme}"
    )
    return Grant(role, programme, member)


def _one(desk: Desk, people: dict[str, Listed]) -> None:
    """What can be done with one account."""
    login = st.selectbox(
        say("accounts.choose"), list(people), format_func=lambda one: f"{people[one].name} ({one})", index=None,
        placeholder=say("begin.choose"), key="accounts:one",
    )  # fmt: skip
    if login is None:
        return
    one, key = people[login], f"accounts:{login}"
    with st.container(horizontal=True):
        if one.active:
            ask_in_dialog(say("account.give_role"), lambda: _give(desk, one), key=f"{key}:give")
            if one.grants:
                ask_in_dialog(say("account.take_role"), lambda: _take(desk, one), key=f"{key}:take")
            ask_in_dialog(say("accounts.new_keys"), lambda: _keys(desk, one), key=f"{key}:keys")
            ask_in_dialog(say("account.close"), lambda: _close(desk, one), key=f"{key}:close")
        else:
            ask_in_dialog(say("account.forget"), lambda: _forget(desk, one), key=f"{key}:forget")


def _give(desk: Desk, one: Listed) -> None:
    st.write(escaped(one.name))
    grant = _grant(desk, f"accounts:{one.login}:grant")
    if st.button(say("account.give_role"), type="primary", key="accounts:give:yes", disabled=grant is None) and grant:
        place = {"contest": grant.contest or "", "unit": grant.unit or ""}
        carry_out(
            "accounts.given",
            lambda: give_role(desk.store, desk.acting("account.manage"), one.login, grant.role, **place),
        )


def _take(desk: Desk, one: Listed) -> None:
    st.write(escaped(say("accounts.take_sure", name=one.name)))
    registry = registry_now(desk.store)
    grant = st.radio(
        say("accounts.role"), one.grants, format_func=lambda grant: escaped(role_words(desk, grant, registry)),
        key=f"accounts:{one.login}:taken",
    )  # fmt: skip
    if st.button(say("account.take_role"), type="primary", key="accounts:take:yes"):
        place = {"contest": grant.contest or "", "unit": grant.unit or ""}
        carry_out(
            "accounts.taken",
            lambda: take_role(desk.store, desk.acting("account.manage"), one.login, grant.role, **place),
        )


def _keys(desk: Desk, one: Listed) -> None:
    st.write(escaped(say("accounts.keys_sure", name=one.name)))
    lost = st.checkbox(say("accounts.lost_telephone"), key=f"accounts:{one.login}:lost") if one.telephone else False
    if st.button(say("accounts.new_keys"), type="primary", key="accounts:keys:yes"):
        carry_out("accounts.renewed", _renewed, desk, one, lost=lost)


def _renewed(desk: Desk, one: Listed, *, lost: bool) -> None:
    actor = desk.acting("account.manage")
    word = new_keys(desk.store, actor, one.login, now=datetime.now(UTC), lost_telephone=lost)
    st.session_state[WORD] = (one.login, one.name, word)


def _close(desk: Desk, one: Listed) -> None:
    st.write(escaped(say("accounts.close_sure", name=one.name)))
    reason = reason_and_button(say("account.close"), key=f"accounts:{one.login}:close")
    if reason is not None:
        carry_out(
            "accounts.is_closed",
            lambda: close_account(desk.store, desk.acting("account.manage"), one.login, reason),
        )


def _forget(desk: Desk, one: Listed) -> None:
    st.write(escaped(say("accounts.forget_sure", name=one.name)))
    reason = reason_and_button(say("account.forget"), key=f"accounts:{one.login}:forget")
    if reason is not None:
        carry_out(
            "accounts.is_forgotten",
            lambda: forget_person(desk.store, desk.acting("account.manage"), one.login, reason),
        )
