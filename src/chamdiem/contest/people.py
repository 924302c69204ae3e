"""Who stands behind an account, and which roles it has at this moment."""

from __future__ import annotations

from sqlalchemy import Connection, select

from chamdiem.contest.credentials import login_key
from chamdiem.contest.permissions import Actor, Grant
from chamdiem.contest.record import Row, rows
from chamdiem.contest.totp import NEEDS_SECOND_PROOF
from chamdiem.errors import refuse
from chamdiem.store import tables

LONGEST = 100  # letters of a login, and of an address


def typed(text: str) -> str:
    """A login or address as it is looked up and counted, whatever came: cut off, and without what no database takes."""
    found = login_key(text[: 4 * LONGEST]).encode("utf-8", "replace").decode()
    return found.replace("\0", "?")[:LONGEST]


def account_id(connection: Connection, login: str) -> str | None:
    """The account of a login."""
    return connection.execute(select(tables.person.c.id).where(tables.person.c.login == typed(login))).scalar()


def known_account(connection: Connection, login: str) -> str:
    """The same; a login nobody has is not found."""
    found = account_id(connection, login)
    if found is None:
        raise refuse("permission.not_found")
    return found


def is_active(connection: Connection, account: str) -> bool:
    """Whether the account exists and was not closed."""
    return bool(rows(connection, tables.account, id=account, status="active"))


def credential_of(connection: Connection, account: str) -> Row | None:
    """The stored keys of an account."""
    return next(iter(rows(connection, tables.credential, id=account)), None)


def actor_of(connection: Connection, account: str) -> Actor:
    """A person with the roles of this moment; whoever left has none."""
    found = rows(connection, tables.grant, account=account) if is_active(connection, account) else []
    return Actor(account, tuple(Grant(row["role"], row["contest"] or None, row["unit"] or None) for row in found))


def acting(connection: Connection, account: str) -> Actor:
    """The same as far as a sign-in carries: all roles rest until the first password is changed, and those that need a
    second proof until a telephone is enrolled."""
    actor, keys = actor_of(connection, account), credential_of(connection, account)
    if keys is None or keys["first"]:
        return Actor(account)
    resting = frozenset[str]() if keys["secret"] else NEEDS_SECOND_PROOF
    return Actor(account, tuple(grant for grant in actor.grants if grant.role not in resting))
