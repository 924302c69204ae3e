"""Signing in, and the sessions that follow: every try is counted first, every session can be ended at any moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import Column, ColumnElement, Connection, delete, insert, select, update

from chamdiem.contest.credentials import (
    HASHER,
    LIFETIMES,
    Password,
    Session,
    believed,
    living,
    new_session,
    token_sha256,
)
from chamdiem.contest.people import account_id, acting, actor_of, credential_of, is_active, typed
from chamdiem.contest.permissions import GRANTABLE, REAUTHENTICATE, Actor, Subject, require
from chamdiem.contest.record import Row, rows
from chamdiem.contest.standing import OF_PROGRAMMES
from chamdiem.contest.throttle import PER_ACCOUNT, PER_ADDRESS, asked_to_wait, longest
from chamdiem.contest.totp import Keys, Proof, accepted_step, needs_second_proof, new_secret, prove, without_used
from chamdiem.errors import Refusal, refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.sealing import key_at_hand, key_for_sealing, opened, sealed

FORGOTTEN_AFTER = timedelta(days=1)  # wrong sign-ins
TOUCHED_AFTER = timedelta(minutes=1)  # how exactly it is known when a session was last used


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that succeeded: the token for the browser alone, and what must be done before anything else."""

    token: str
    account: str
    must_change_password: bool
    must_enrol_telephone: bool


@dataclass(frozen=True)
class Found:
    """What a login leads to; nothing at all for one nobody has and for an account that is closed."""

    account: str = ""
    row: Row | None = None
    keys: Keys | None = None
    roles: tuple[str, ...] = ()


def sign_in(
    store: Store, login: str, password: str, code: str = "", *, now: datetime, address: str = "", instead_of: str = "",
    hasher: PasswordHasher = HASHER,
) -> SignedIn:  # fmt: skip
    """Sign in. Every try is counted before it is looked at; a wrong one says nothing about what was wrong, and makes the
    next one wait. Returns a token that nobody else has ever had; `instead_of` is the browser's earlier one, which ends."""
    attempt = count_attempt(store, login, address, now)
    found = _found(store, login)
    proof = prove(found.keys, password, code, now, roles=found.roles, hasher=hasher)
    return _begin(store, found, proof, attempt, address, now, instead_of)


def sign_in_with(
    store: Store, login: str, code: str = "", *, now: datetime, address: str = "", instead_of: str = ""
) -> SignedIn:
    """Sign in somebody whom another service vouches for (see oidc.login_of): only logins that exist here, with the roles
    given here, and with the code of the telephone where one is enrolled. A first password that waits on paper is void."""
    attempt = count_attempt(store, login, address, now)
    found = _found(store, login)
    keys = _with_code(found.keys, code, now) if found.keys else None
    if keys is None:
        raise refuse("signin.refused")
    if keys.password.first:
        keys = replace(keys, password=Password("", now))
    lacks_telephone = keys.secret is None and needs_second_proof(found.roles)
    return _begin(store, found, Proof(keys, False, lacks_telephone), attempt, address, now, instead_of)


def sign_in_sample(store: Store, login: str, *, now: datetime, address: str = "", instead_of: str = "") -> SignedIn:
    """Sign in one of the made-up people without a password, in a store that holds nothing but samples: his first
    password is void from now on, and his telephone is one that nobody has."""
    with store.read() as connection:
        sample = is_sample(connection)
    found = _found(store, login)
    if not sample or found.row is None or found.keys is None:
        raise refuse("signin.refused")
    attempt = count_attempt(store, login, address, now)
    if found.keys.password.first:
        _make_keys_nobody_has(store, found, now)
        found = _found(store, login)
    assert found.keys is not None
    return _begin(store, found, Proof(found.keys, False, False), attempt, address, now, instead_of)


def holds_anything_real(connection: Connection) -> bool:
    """Whether a store holds a contest, a programme or a survey that is not a sample."""
    kept = (tables.contest, tables.programme, tables.survey_round)
    return not all(row["sample"] for table in kept for row in rows(connection, table))


def is_sample(connection: Connection) -> bool:
    """Whether a store holds sample contests, and nothing real beside them."""
    return bool(rows(connection, tables.contest)) and not holds_anything_real(connection)


@dataclass(frozen=True)
class System:
    """Something that a demo shows, and its people: login, name, role. No key and no title: all of it."""

    key: str
    title: str
    is_programme: bool
    people: tuple[tuple[str, str, str], ...]


def sample_people(store: Store) -> list[System]:
    """The people of a demo by what they work in: contests, then programmes, then those who work everywhere. Nobody where
    the store holds anything but samples."""
    with store.read() as connection:
        if not is_sample(connection):
            return []
        held = {table.name: rows(connection, table) for table in (tables.contest, tables.programme)}
        people = rows(connection, tables.person)
        grants = rows(connection, tables.grant)
    whose = {one["id"]: _foremost(grant for grant in grants if grant["account"] == one["id"]) for one in people}
    found = [
        System(row["id"], row["title"], name == "programme", _in(row["id"], people, whose))
        for name, kept in held.items()
        for row in sorted(kept, key=lambda row: (row["period_from"], row["id"]))
    ]
    found.append(System("", "", False, _in("", people, whose)))
    return [one for one in found if one.people]


def _foremost(grants: Iterable[Row]) -> Row:
    """By which of his roles somebody is listed: who also takes part in a year-end contest is of the programme."""
    return min(grants, key=lambda one: (one["role"] not in OF_PROGRAMMES, GRANTABLE.index(one["role"])), default={})


def _in(place: str, people: Iterable[Row], whose: Mapping[str, Row]) -> tuple[tuple[str, str, str], ...]:
    here = [(one["login"], one["name"], grant) for one in people if (grant := whose[one["id"]])]
    found = [(login, name, grant["role"]) for login, name, grant in here if grant["contest"] == place]
    return tuple(sorted(found, key=lambda one: (GRANTABLE.index(one[2]), one[0])))


def _make_keys_nobody_has(store: Store, found: Found, now: datetime) -> None:
    """A password and a telephone nobody has, for somebody who is only made up."""
    password = Password("", now)
    secret = sealed(new_secret(), found.account, key_for_sealing(store))

    def make(transaction: Transaction) -> None:
        about = {"password": password.hash, "since": now.isoformat(), "first": 0, "secret": secret}
        transaction.put(tables.credential, found.account, about)

    store.write(Order(found.account, "account.enrol"), make)


def _with_code(keys: Keys, code: str, now: datetime) -> Keys | None:
    """The keys once the code is used up; None when one is needed and it is wrong."""
    if keys.secret is None:
        return keys
    if (step := accepted_step(keys.secret, code, now, keys.last_step)) is not None:
        return replace(keys, last_step=step)
    remaining = without_used(code, keys.recovery)
    return None if remaining is None else replace(keys, recovery=remaining)


def _found(store: Store, login: str) -> Found:
    with store.read() as connection:
        account = account_id(connection, login) or ""  # of nobody the same is asked: how long it takes tells nothing
        living = is_active(connection, account)
        row, actor = credential_of(connection, account), actor_of(connection, account)
    if not living:
        return Found()
    return Found(account, row, keys_of(store, row), tuple(grant.role for grant in actor.grants))


def keys_of(store: Store, row: Row | None) -> Keys | None:
    """The keys as they are judged. A secret that cannot be opened fits no code, those from paper still do."""
    if row is None:
        return None
    password = Password(row["password"], datetime.fromisoformat(row["since"]), bool(row["first"]))
    secret = (opened(row["secret"], row["id"], key_at_hand(store)) or new_secret()) if row["secret"] else None
    return Keys(password, secret, row["last_step"] or None, tuple(filter(None, row["recovery"].split(","))))


def kept(keys: Keys) -> dict[str, object]:
    """The keys as they are stored, all but the secret: that one stays as it was sealed."""
    password = {"password": keys.password.hash, "since": keys.password.since.isoformat()}
    codes = {"last_step": keys.last_step or 0, "recovery": ",".join(keys.recovery)}
    return {**password, "first": int(keys.password.first), **codes}


def _begin(
    store: Store, found: Found, proof: Proof, attempt: int, address: str, now: datetime, instead_of: str
) -> SignedIn:
    token, session = new_session(found.account, now)
    table = tables.session

    def begin(transaction: Transaction) -> None:
        connection = transaction.connection
        unchanged = transaction.row(tables.credential, found.account) == found.row
        if not unchanged or not is_active(connection, found.account):  # used up, changed or closed in the meantime
            raise refuse("signin.refused")
        transaction.put(tables.credential, found.account, kept(proof.keys))
        too_old = table.c.started_at < _moment(now - LIFETIMES.absolute)
        connection.execute(delete(table).where(too_old))
        ended(transaction, table.c.token == token_sha256(instead_of))
        moments = dict.fromkeys(("started_at", "seen_at", "signed_in_at"), _moment(now))
        about = {"token": session.token_sha256, "account": found.account, "address": typed(address), **moments}
        connection.execute(insert(table), about)
        connection.execute(delete(tables.attempt).where(tables.attempt.c.id == attempt))
        transaction.tell("session", session.token_sha256[:16])

    store.write(Order(found.account, "session.begin"), begin)
    return SignedIn(token, found.account, proof.must_change_password, proof.must_enrol_telephone)


def count_attempt(store: Store, login: str, address: str, now: datetime) -> int:
    """Put a try on record before anything is hashed, unless it has to wait; returns its number, to be struck out by."""
    table, key, place = tables.attempt, typed(login), typed(address)

    def count(transaction: Transaction) -> int:
        connection = transaction.connection
        connection.execute(delete(table).where(table.c.at < _moment(now - FORGOTTEN_AFTER)))
        by_account = PER_ACCOUNT.decide(_tries(connection, table.c.account, key), now)
        by_address = PER_ADDRESS.decide(_tries(connection, table.c.address, place) if place else (), now)
        wait = longest(by_account, by_address)
        if wait is not None:
            raise asked_to_wait(wait)
        tried = {"account": key, "address": place, "at": _moment(now)}
        return int(connection.execute(insert(table).returning(table.c.id), tried).scalar_one())

    return store.write(Order("", "session.try"), count)


def _tries(connection: Connection, column: Column[str], value: str) -> list[datetime]:
    """The moments of the tries that are on record, of a login or from an address."""
    found = connection.execute(select(tables.attempt.c.at).where(column == value)).scalars()
    return [datetime.fromisoformat(at) for at in found]


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).isoformat()


# sessions -------------------------------------------------------------------------------------------------------


def session_of(store: Store, token: str, *, now: datetime) -> tuple[Session, Actor]:
    """The living session of a token and its person with the roles of this moment; asked at every step, so that what
    was revoked ends at once. Raises Refusal when there is none."""
    here = tables.session.c.token == token_sha256(token)
    with store.read() as connection:
        found = rows_of_session(connection, token)
        account = str(found["account"]) if found else ""
        session = living(_session(found) if is_active(connection, account) else None, now)
        actor = acting(connection, account)

    def touch(transaction: Transaction) -> None:
        transaction.connection.execute(update(tables.session).where(here).values(seen_at=_moment(session.seen)))

    if found and now - datetime.fromisoformat(found["seen_at"]) > TOUCHED_AFTER:
        with suppress(Refusal):  # what can be read can be read, though nothing can be written just now
            store.write(Order(actor.account, "session.use"), touch)
    return session, actor


def living_among(store: Store, tokens: Collection[str], *, now: datetime) -> set[str]:
    """Those of the tokens whose sessions live, without using them: who only looks on keeps nobody signed in."""
    by_hash, table = {token_sha256(token): token for token in tokens}, tables.session
    open_accounts = select(tables.account.c.id).where(tables.account.c.status == "active")
    wanted = select(table).where(table.c.token.in_(list(by_hash)), table.c.account.in_(open_accounts))
    with store.read() as connection:
        found = [_session(row) for row in connection.execute(wanted).mappings()]
    return {by_hash[session.token_sha256] for session in found if session.alive(now)}


def duty_of(store: Store, token: str, *, now: datetime) -> str:
    """What somebody who has signed in must do before his roles wake: "password", "telephone", or ""."""
    with store.read() as connection:
        found = rows_of_session(connection, token)
        if not found or not _session(found).alive(now) or not is_active(connection, found["account"]):
            return ""
        keys, actor = credential_of(connection, found["account"]), actor_of(connection, found["account"])
    if keys is None or keys["first"]:
        return "password"
    roles = (grant.role for grant in actor.grants)
    return "telephone" if not keys["secret"] and needs_second_proof(roles) else ""


def rows_of_session(connection: Connection, token: str) -> Row:
    """The session of a token as it is stored, empty when there is none."""
    here = tables.session.c.token == token_sha256(token)
    return dict(connection.execute(select(tables.session).where(here)).mappings().first() or {})


def _session(row: object) -> Session:
    moments = (datetime.fromisoformat(row[name]) for name in ("started_at", "seen_at"))  # type: ignore[index]
    return Session(row["account"], row["token"], *moments)  # type: ignore[index]


def actor_for(store: Store, token: str, verb: str, *, now: datetime) -> Actor:
    """The person behind a token, for one act of the table of permissions: for a grave one the sign-in must be of a moment
    ago, or he is asked to sign in once more. Whether he may do it is asked by the service itself."""
    session, actor = session_of(store, token, now=now)
    if verb in REAUTHENTICATE:
        believed(session, now)
    return actor


def sign_out(store: Store, token: str) -> None:
    """End this session."""
    end_sessions(store, tables.session.c.token == token_sha256(token), "")


def revoke_sessions(store: Store, actor: Actor, login: str) -> None:
    """End all sessions of an account."""
    with store.read() as connection:
        account = account_id(connection, login)
    require(actor, "session.revoke", Subject(account=account))
    if account is None:
        raise refuse("permission.not_found")
    end_sessions(store, tables.session.c.account == account, actor.account)


def end_sessions(store: Store, where: ColumnElement[bool], actor: str) -> None:
    """End these sessions, each with an event."""
    store.write(Order(actor, "session.end"), lambda transaction: ended(transaction, where))


def ended(transaction: Transaction, where: ColumnElement[bool]) -> None:
    """The same, inside a command."""
    found = transaction.connection.execute(delete(tables.session).where(where).returning(tables.session.c.token))
    for token in found.scalars().all():
        transaction.tell("session", token[:16])
