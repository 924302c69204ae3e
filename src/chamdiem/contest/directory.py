"""Everybody with an account: for whoever manages accounts with roles and keys, for the office of a contest by name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.access import Footing
from chamdiem.contest.permissions import SYSTEM, Actor, Grant, Subject, require
from chamdiem.contest.record import rows
from chamdiem.store import tables
from chamdiem.store.database import Store


@dataclass(frozen=True)
class Listed:
    """One account: who stands behind it ("" once forgotten), whether it is open, its roles, how far its keys are.

    `first`: the first password was not changed yet. `telephone`: a second proof is enrolled.
    """

    account: str
    login: str
    name: str
    contact: str
    active: bool
    first: bool
    telephone: bool
    grants: tuple[Grant, ...]


def accounts_for(store: Store, actor: Actor) -> list[Listed]:
    """Every account, open ones first, by login; for whoever manages accounts."""
    require(actor, "account.manage", Subject())
    with store.read() as connection:
        people = {row["id"]: row for row in rows(connection, tables.person)}
        keys = {row["id"]: row for row in rows(connection, tables.credential)}
        grants = defaultdict(list)
        for row in rows(connection, tables.grant):
            grants[row["account"]].append(Grant(row["role"], row["contest"] or None, row["unit"] or None))
        accounts = rows(connection, tables.account)
    found = []
    for row in accounts:
        person, key = people.get(row["id"], {}), keys.get(row["id"], {})
        found.append(
            Listed(
                row["id"], person.get("login", ""), person.get("name", ""), person.get("contact", ""),
                row["status"] == "active", bool(key.get("first")), bool(key.get("secret")), tuple(grants[row["id"]]),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (not one.active, one.login, one.account))


def people_for(store: Store, actor: Actor, contest: str) -> dict[str, str]:
    """The names of those with an open account, "Name (login)", by account; for whoever runs this contest."""
    with store.read() as connection:
        _office(Footing(connection, actor, contest))
        active = {row["id"] for row in rows(connection, tables.account, status="active")}
        people = [row for row in rows(connection, tables.person) if row["id"] in active]
    return {row["id"]: f"{row['name']} ({row['login']})" for row in sorted(people, key=lambda row: row["login"])}


def names_of(connection: Connection) -> dict[str, str]:
    """What people are called, by account; the machine's owner and those forgotten are not in it."""
    return {row["id"]: row["name"] or row["login"] for row in rows(connection, tables.person)}


def _office(footing: Footing) -> None:
    """Refuse unless the person may record what concerns others in this contest."""
    if footing.actor != SYSTEM:
        footing.need("conflict.manage", account="")
