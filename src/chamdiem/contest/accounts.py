"""Accounts: who may sign in, with which roles; sign-ins that can be ended at any moment, and are all on record."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, delete, insert, select, update

from chamdiem.contest.credentials import (
    Password,
    Session,
    changed_password,
    first_password,
    living,
    login_key,
    new_session,
    token_sha256,
)
from chamdiem.contest.permissions import GRANTABLE, Actor, Grant, Subject, require
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.contest.throttle import PER_ACCOUNT, PER_ADDRESS, asked_to_wait, longest
from chamdiem.contest.totp import Keys, accepted_step, new_recovery_codes, prove
from chamdiem.errors import refuse
from chamdiem.scoring.marks import tidy
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

FORGOTTEN_AFTER = timedelta(days=1)  # wrong sign-ins


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that succeeded: the token for the browser alone, and what must be done before anything else."""

    token: str
    account: str
    must_change_password: bool
    must_enrol_telephone: bool


def create_account(store: Store, actor: Actor, login: str, name: str, *, now: datetime, contact: str = "") -> str:
    """Begin an account; returns the first password, to be handed over on paper: it is good for a week and one change."""
    require(actor, "account.manage", Subject(account=login))
    key = login_key(login)
    if not key or not tidy(name):
        raise refuse("account.incomplete")
    word, kept = first_password(now)

    def begin(transaction: Transaction) -> None:
        if account_id(transaction.connection, key) is not None:
            raise refuse("account.exists", login=key)
        id = secrets.token_hex(8)  # noqa: A001 - the column is called so
        transaction.put(tables.account, id, {"status": "active"}, expected=0)
        transaction.put(tables.person, id, {"login": key, "name": tidy(name), "contact": contact})
        transaction.put(tables.credential, id, _stored(Keys(kept)))

    store.write(Order(actor.account, "account.create"), begin)
    return word


def give_role(store: Store, actor: Actor, login: str, role: str, *, contest: str = "", unit: str = "") -> None:
    """Give an account a role: everywhere, in one contest, or for one unit of it."""
    require(actor, "account.manage", Subject(account=login))
    if role not in GRANTABLE:
        raise refuse("account.unknown_role", role=role, known=list(GRANTABLE))

    def give(transaction: Transaction) -> None:
        account = _known(transaction.connection, login)
        if contest:
            contest_row(transaction.connection, contest)
        about = {"account": account, "role": role, "contest": contest, "unit": unit}
        transaction.put(tables.grant, f"{account}/{role}/{contest}/{unit}", about)

    store.write(Order(actor.account, "account.give_role", contest), give)


def take_role(store: Store, actor: Actor, login: str, role: str, *, contest: str = "", unit: str = "") -> None:
    """Take a role back; it ends at once, in open windows too."""
    require(actor, "account.manage", Subject(account=login))

    def take(transaction: Transaction) -> None:
        account = _known(transaction.connection, login)
        transaction.drop(tables.grant, f"{account}/{role}/{contest}/{unit}")

    store.write(Order(actor.account, "account.take_role", contest), take)


def close_account(store: Store, actor: Actor, login: str, reason: str) -> None:
    """Close an account and end its sign-ins; what it did stays on record."""
    require(actor, "account.manage", Subject(account=login))
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def close(transaction: Transaction) -> None:
        account = _known(transaction.connection, login)
        transaction.put(tables.account, account, {"status": "closed"})
        transaction.connection.execute(delete(tables.session).where(tables.session.c.account == account))

    store.write(Order(actor.account, "account.close", reason=reason), close)


def forget_person(store: Store, actor: Actor, login: str, reason: str) -> None:
    """Forget who stood behind an account that is closed: name, login and keys go, the record of what was done stays."""
    require(actor, "account.manage", Subject(account=login))

    def forget(transaction: Transaction) -> None:
        account = _known(transaction.connection, login)
        found = transaction.row(tables.account, account)
        if found is None or found["status"] != "closed" or not reason.strip():
            raise refuse("account.not_closed")
        for table in (tables.person, tables.credential):
            transaction.drop(table, account)

    store.write(Order(actor.account, "account.forget", reason=reason), forget)


def account_id(connection: Connection, login: str) -> str | None:
    """The account of a login."""
    return connection.execute(select(tables.person.c.id).where(tables.person.c.login == login_key(login))).scalar()


def _known(connection: Connection, login: str) -> str:
    found = account_id(connection, login)
    if found is None:
        raise refuse("permission.not_found")
    return found


def actor_of(connection: Connection, account: str) -> Actor:
    """A person with the roles of this moment."""
    found = rows(connection, tables.grant, account=account)
    return Actor(account, tuple(Grant(row["role"], row["contest"] or None, row["unit"] or None) for row in found))


def _stored(keys: Keys) -> dict[str, object]:
    return {
        "password": keys.password.hash, "since": keys.password.since.isoformat(), "first": int(keys.password.first),
        "secret": keys.secret or "", "last_step": keys.last_step or 0, "recovery": ",".join(keys.recovery),
    }  # fmt: skip


def _keys(row: Row | None) -> Keys | None:
    if row is None:
        return None
    password = Password(row["password"], datetime.fromisoformat(row["since"]), bool(row["first"]))
    return Keys(
        password, row["secret"] or None, row["last_step"] or None, tuple(filter(None, row["recovery"].split(",")))
    )


# signing in -----------------------------------------------------------------------------------------------------


def sign_in(store: Store, login: str, password: str, code: str = "", *, address: str = "", now: datetime) -> SignedIn:
    """Sign in. Every try is counted before it is looked at; a wrong one says nothing about what was wrong, and makes the
    next one wait. Returns a token that nobody else has ever had."""
    key = login_key(login)
    attempt = _count_attempt(store, key, address, now)
    with store.read() as connection:
        account = account_id(connection, key)
        found = rows(connection, tables.account, id=account)
        active = bool(found) and found[0]["status"] == "active"
        keys = _keys(next(iter(rows(connection, tables.credential, id=account)), None)) if active else None
        actor = actor_of(connection, account) if account and active else Actor("")
    proof = prove(keys, password, code, now, roles=(grant.role for grant in actor.grants))
    token, session = new_session(actor.account, now)

    def begin(transaction: Transaction) -> None:
        stands = _keys(transaction.row(tables.credential, actor.account))
        if stands != keys:  # a code or password that was used up in the meantime
            raise refuse("signin.refused")
        transaction.put(tables.credential, actor.account, _stored(proof.keys))
        moments = dict.fromkeys(("started_at", "seen_at", "signed_in_at"), now.isoformat())
        kept = {"token": session.token_sha256, "account": actor.account, "address": address, **moments}
        transaction.connection.execute(insert(tables.session), kept)
        transaction.connection.execute(delete(tables.attempt).where(tables.attempt.c.id == attempt))
        transaction.tell("session", session.token_sha256[:16])

    store.write(Order(actor.account, "session.begin"), begin)
    return SignedIn(token, actor.account, proof.must_change_password, proof.must_enrol_telephone)


def _count_attempt(store: Store, login: str, address: str, now: datetime) -> int:
    """Put a try on record, unless it has to wait."""
    table = tables.attempt

    def count(transaction: Transaction) -> int:
        connection = transaction.connection
        connection.execute(delete(table).where(table.c.at < (now - FORGOTTEN_AFTER).isoformat()))
        by_account, by_address = (
            _tries(connection, table.c.account, login),
            _tries(connection, table.c.address, address),
        )
        wait = longest(PER_ACCOUNT.decide(by_account, now), PER_ADDRESS.decide(by_address, now))
        if wait is not None:
            raise asked_to_wait(wait)
        tried = {"account": login, "address": address, "at": now.isoformat()}
        found = connection.execute(insert(table).returning(table.c.id), tried)
        return int(found.scalar_one())

    return store.write(Order(login, "session.try"), count)


def _tries(connection: Connection, column: Column[str], value: str) -> list[datetime]:
    """The moments of the tries that are on record, of a login or from an address."""
    found = connection.execute(select(tables.attempt.c.at).where(column == value)).scalars() if value else ()
    return [datetime.fromisoformat(at) for at in found]


def session_of(store: Store, token: str, *, now: datetime) -> tuple[Session, Actor]:
    """The living session of a token and its person with the roles of this moment; asked at every step, so that what
    was revoked ends at once. Raises Refusal when there is none."""
    hashed = token_sha256(token)
    with store.read() as connection:
        found = next(iter(_sessions(connection, tables.session.c.token == hashed)), None)
        session = living(found, now)
        actor = actor_of(connection, str(session.account))

    def touch(transaction: Transaction) -> None:
        here = update(tables.session).where(tables.session.c.token == hashed)
        transaction.connection.execute(here.values(seen_at=session.used(now).seen.isoformat()))

    if now - session.seen > timedelta(minutes=1):
        store.write(Order(actor.account, "session.use"), touch)
    return session, actor


def _sessions(connection: Connection, where: object) -> Iterable[Session]:
    for row in connection.execute(select(tables.session).where(where)).mappings():  # type: ignore[arg-type]
        moments = (datetime.fromisoformat(row[name]) for name in ("started_at", "seen_at"))
        yield Session(row["account"], row["token"], *moments)


def sign_out(store: Store, token: str) -> None:
    """End this session."""
    _end(store, tables.session.c.token == token_sha256(token), "")


def revoke_sessions(store: Store, actor: Actor, login: str) -> None:
    """End all sessions of an account."""
    with store.read() as connection:
        account = account_id(connection, login) or ""
    require(actor, "session.revoke", Subject(account=account))
    _end(store, tables.session.c.account == account, actor.account)


def _end(store: Store, where: object, actor: str) -> None:
    def end(transaction: Transaction) -> None:
        ended = transaction.connection.execute(delete(tables.session).where(where).returning(tables.session.c.token))  # type: ignore[arg-type]
        for token in ended.scalars().all():
            transaction.tell("session", token[:16])

    store.write(Order(actor, "session.end"), end)


def change_password(store: Store, actor: Actor, current: str, wished: str, *, now: datetime) -> None:
    """Choose a password of one's own; all other sign-ins of the account end."""

    def change(transaction: Transaction) -> None:
        keys = _keys(transaction.row(tables.credential, actor.account))
        person = transaction.row(tables.person, actor.account)
        if keys is None or person is None:
            raise refuse("permission.not_found")
        kept = changed_password(keys.password, current, wished, now, login=person["login"], about=(person["name"],))
        transaction.put(
            tables.credential, actor.account, _stored(Keys(kept, keys.secret, keys.last_step, keys.recovery))
        )
        transaction.connection.execute(delete(tables.session).where(tables.session.c.account == actor.account))

    store.write(Order(actor.account, "account.change_password"), change)


def enrol_telephone(store: Store, actor: Actor, secret: str, code: str, *, now: datetime) -> tuple[str, ...]:
    """Keep the secret shared with a telephone, once a code shows that it works; returns the recovery codes, shown once."""
    step = accepted_step(secret, code, now, None)
    if step is None:
        raise refuse("signin.refused")
    codes, kept = new_recovery_codes()

    def enrol(transaction: Transaction) -> None:
        keys = _keys(transaction.row(tables.credential, actor.account))
        if keys is None or keys.secret is not None:
            raise refuse("permission.not_found")
        transaction.put(tables.credential, actor.account, _stored(Keys(keys.password, secret, step, kept)))

    store.write(Order(actor.account, "account.enrol"), enrol)
    return codes
