"""Accounts: who may sign in, with which roles and keys; what was done with them is on record, the keys are not."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete

from chamdiem.contest.credentials import changed_password, first_password
from chamdiem.contest.people import account_id, acting, actor_of, credential_of, known_account, typed
from chamdiem.contest.permissions import GRANTABLE, Actor, Grant, Subject, require
from chamdiem.contest.record import contest_row, rows
from chamdiem.contest.signing_in import (
    SignedIn,
    actor_for,
    count_attempt,
    ended,
    kept,
    keys_of,
    revoke_sessions,
    session_of,
    sign_in,
    sign_in_with,
    sign_out,
)
from chamdiem.contest.standing import OF_PROGRAMMES
from chamdiem.contest.totp import Keys, accepted_step, new_recovery_codes
from chamdiem.errors import refuse
from chamdiem.scoring.marks import tidy
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.sealing import key_for_sealing, sealed

__all__ = [
    "SignedIn", "account_id", "acting", "actor_for", "actor_of", "change_password", "close_account", "create_account",
    "enrol_telephone", "forget_person", "give_role", "new_keys", "revoke_sessions", "session_of", "sign_in",
    "sign_in_with", "sign_out", "take_role",
]  # fmt: skip

LOGIN = re.compile(r"[\w.@+-]{1,80}")


def create_account(
    store: Store, actor: Actor, login: str, name: str, *, now: datetime, contact: str = "", grants: Iterable[Grant] = ()
) -> str:
    """Begin an account, with its first roles; returns the first password, to be handed over on paper: it is good for a
    week and one change."""
    require(actor, "account.manage", Subject(account=login))
    key, name = typed(login), tidy(name)
    if not key or not name or not all(map(str.isprintable, (name, contact))):
        raise refuse("account.incomplete")
    if not LOGIN.fullmatch(key):
        raise refuse("account.bad_login", login=key)
    word, password = first_password(now)

    def begin(transaction: Transaction) -> None:
        if account_id(transaction.connection, key) is not None:
            raise refuse("account.exists", login=key)
        id = secrets.token_hex(8)  # noqa: A001 - the column is called so
        transaction.put(tables.account, id, {"status": "active"}, expected=0)
        transaction.put(tables.person, id, {"login": key, "name": name, "contact": contact})
        transaction.put(tables.credential, id, kept(Keys(password)))
        for grant in grants:
            _give(transaction, id, grant)

    store.write(Order(actor.account, "account.create"), begin)
    return word


def give_role(store: Store, actor: Actor, login: str, role: str, *, contest: str = "", unit: str = "") -> None:
    """Give an account a role: everywhere, in one contest, or for one unit of it."""
    require(actor, "account.manage", Subject(account=login))

    def give(transaction: Transaction) -> None:
        account = known_account(transaction.connection, login)
        _give(transaction, account, Grant(role, contest or None, unit or None))

    store.write(Order(actor.account, "account.give_role", contest), give)


def _give(transaction: Transaction, account: str, grant: Grant) -> None:
    if grant.role not in GRANTABLE:
        raise refuse("account.unknown_role", role=grant.role, known=list(GRANTABLE))
    contest, unit = grant.contest or "", grant.unit or ""
    check = _check_member if grant.role in OF_PROGRAMMES else _check_place
    check(transaction.connection, contest, unit)
    about = {"account": account, "role": grant.role, "contest": contest, "unit": unit}
    transaction.put(tables.grant, grant_id(account, grant), about)


def grant_id(account: str, grant: Grant) -> str:
    """The key of a role that was given."""
    return f"{account}/{grant.role}/{grant.contest or ''}/{grant.unit or ''}"


def _check_place(connection: Connection, contest: str, unit: str) -> None:
    """A role for a contest or unit that is not there would open nothing, and nobody would see why."""
    if contest:
        contest_row(connection, contest)
    if unit and not rows(connection, tables.unit, code=unit):
        raise refuse("contest.unknown_unit", unit=unit)


def _check_member(connection: Connection, programme: str, member: str) -> None:
    """The same of a role in a programme, for one of its members."""
    if programme and not rows(connection, tables.programme, id=programme):
        raise refuse("permission.not_found")
    if member and not rows(connection, tables.programme_member, programme=programme, code=member):
        raise refuse("programme.unknown_member", member=member)


def take_role(store: Store, actor: Actor, login: str, role: str, *, contest: str = "", unit: str = "") -> None:
    """Take a role back; it ends at once, in open windows too."""
    require(actor, "account.manage", Subject(account=login))

    def take(transaction: Transaction) -> None:
        account = known_account(transaction.connection, login)
        place = grant_id(account, Grant(role, contest or None, unit or None))
        if transaction.row(tables.grant, place) is None:
            raise refuse("account.role_not_held", login=login, role=role)
        transaction.drop(tables.grant, place)

    store.write(Order(actor.account, "account.take_role", contest), take)


def close_account(store: Store, actor: Actor, login: str, reason: str) -> None:
    """Close an account and end its sessions; what it did stays on record."""
    require(actor, "account.manage", Subject(account=login))
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def close(transaction: Transaction) -> None:
        account = known_account(transaction.connection, login)
        transaction.put(tables.account, account, {"status": "closed"})
        ended(transaction, tables.session.c.account == account)

    store.write(Order(actor.account, "account.close", reason=reason), close)


def forget_person(store: Store, actor: Actor, login: str, reason: str) -> None:
    """Forget who stood behind an account that is closed: name, login and keys go, the record of what was done stays."""
    require(actor, "account.manage", Subject(account=login))

    def forget(transaction: Transaction) -> None:
        account = known_account(transaction.connection, login)
        found = transaction.row(tables.account, account)
        if found is None or found["status"] != "closed" or not reason.strip():
            raise refuse("account.not_closed")
        if transaction.connection.dialect.name == "sqlite":  # what is deleted is overwritten in the file too
            transaction.connection.exec_driver_sql("PRAGMA secure_delete=ON")
        for table in (tables.person, tables.credential):
            transaction.drop(table, account)
        transaction.connection.execute(delete(tables.attempt).where(tables.attempt.c.account == typed(login)))

    store.write(Order(actor.account, "account.forget", reason=reason), forget)


# keys -----------------------------------------------------------------------------------------------------------


def new_keys(store: Store, actor: Actor, login: str, *, now: datetime, lost_telephone: bool = False) -> str:
    """Give somebody who lost them new keys: a first password, to be handed over on paper, and with `lost_telephone` the
    enrolment of another telephone. All sessions end. Returns the password."""
    require(actor, "account.manage", Subject(account=login))
    word, password = first_password(now)

    def renew(transaction: Transaction) -> None:
        account = known_account(transaction.connection, login)
        without = {"secret": "", "last_step": 0, "recovery": ""} if lost_telephone else {}
        first = {"password": password.hash, "since": password.since.isoformat(), "first": 1}
        transaction.put(tables.credential, account, {**first, **without})
        ended(transaction, tables.session.c.account == account)

    store.write(Order(actor.account, "account.new_keys"), renew)
    return word


def change_password(store: Store, actor: Actor, current: str, wished: str, *, now: datetime, address: str = "") -> None:
    """Choose a password of one's own; all sessions of the account end. The current one is asked for, and tries are
    counted as at signing in."""
    with store.read() as connection:
        person = next(iter(rows(connection, tables.person, id=actor.account)), None)
        row = credential_of(connection, actor.account)
    keys = keys_of(store, row)
    if keys is None or person is None:
        raise refuse("permission.not_found")
    attempt = count_attempt(store, person["login"], address, now)
    password = changed_password(keys.password, current, wished, now, login=person["login"], about=(person["name"],))

    def change(transaction: Transaction) -> None:
        if transaction.row(tables.credential, actor.account) != row:
            raise refuse("password.current_wrong")  # it was changed by another window in the meantime
        transaction.put(tables.credential, actor.account, kept(Keys(password, None, keys.last_step, keys.recovery)))
        transaction.connection.execute(delete(tables.attempt).where(tables.attempt.c.id == attempt))
        ended(transaction, tables.session.c.account == actor.account)

    store.write(Order(actor.account, "account.change_password"), change)


def enrol_telephone(store: Store, actor: Actor, secret: str, code: str, *, now: datetime) -> tuple[str, ...]:
    """Keep the secret shared with a telephone, once a code shows that it works; returns the recovery codes, shown once.
    The first telephone of an account: another one needs new keys from the administrator."""
    step = accepted_step(secret, code, now, None)
    if step is None:
        raise refuse("signin.refused")
    codes, hashes = new_recovery_codes()
    shared = {"secret": sealed(secret, actor.account, key_for_sealing(store)), "last_step": step}

    def enrol(transaction: Transaction) -> None:
        row = transaction.row(tables.credential, actor.account)
        if row is None or row["secret"]:
            raise refuse("permission.not_found")
        transaction.put(tables.credential, actor.account, {**shared, "recovery": ",".join(hashes)})

    store.write(Order(actor.account, "account.enrol"), enrol)
    return codes
