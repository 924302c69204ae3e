"""Accounts in the store: signing in, sessions, roles, keys and forgetting (E17; rows of OWASP ASVS 5.0 in the names)."""

from __future__ import annotations

import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import select

import postgres
import stores
from chamdiem.contest.accounts import (
    SignedIn,
    account_id,
    actor_for,
    actor_of,
    change_password,
    close_account,
    create_account,
    enrol_telephone,
    forget_person,
    give_role,
    new_keys,
    revoke_sessions,
    session_of,
    sign_in,
    sign_in_with,
    sign_out,
    take_role,
)
from chamdiem.contest.contests import Plan, create_contest
from chamdiem.contest.credentials import FIRST_LASTS, HASHER, LIFETIMES, token_sha256
from chamdiem.contest.permissions import ANYBODY, SYSTEM, Actor, Grant
from chamdiem.contest.totp import new_secret
from chamdiem.errors import Refusal
from chamdiem.store import sealing, tables
from chamdiem.store.backup import back_up, restore
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.proof import verify
from stores import refused

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store
sqlite_store = stores.sqlite_store

NOW = datetime(2026, 11, 21, 8, 0, 10, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GOOD, BETTER = "gặt lúa chiêm bên sông Thương", "mùa vải thiều Lục Ngạn chín đỏ"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
QUICK_HASH = QUICK.hash(GOOD.encode())
CONTEST = "thi-2026"


class Counting(PasswordHasher):
    """A quick hasher that remembers the costs of each hash it was given to look at."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.looked_at: list[object] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - argon2's own name
        self.looked_at.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(sealing.SETTING, raising=False)


def person(store: Store, login: str = "lan", *roles: str) -> str:
    """An account that has chosen its password, GOOD, which is quick to check; gives its id."""
    create_account(store, SYSTEM, login, "Nguyễn Thị Lan", now=NOW, grants=[Grant(role) for role in roles])
    with store.read() as connection:
        account = account_id(connection, login)
    assert account is not None

    def choose(transaction: Transaction) -> None:
        transaction.put(tables.credential, account, {"password": QUICK_HASH, "first": 0})

    store.write(Order(account, "account.change_password"), choose)
    return account


def enter(
    store: Store, login: str = "lan", word: str = GOOD, code: str = "", *, at: datetime = NOW, **more: Any
) -> SignedIn:
    """Sign in with the quick hasher."""
    return sign_in(store, login, word, code, now=at, hasher=QUICK, **more)


def actor(store: Store, signed_in: SignedIn, at: datetime = NOW) -> Actor:
    """The person of a session."""
    return session_of(store, signed_in.token, now=at)[1]


def reasons(call: Any, *values: Any, **named: Any) -> list[str]:
    """The names of the sentences a call refuses with; none when it does not refuse."""
    try:
        call(*values, **named)
    except Refusal as refusal:
        return [problem.message.id for problem in refusal.problems]
    return []


def enrolled(store: Store, login: str = "lan", at: datetime = NOW) -> tuple[str, tuple[str, ...]]:
    """Enrol a telephone; the secret and the codes on paper."""
    with store.read() as connection:
        account = account_id(connection, login) or ""
    secret = new_secret()
    return secret, enrol_telephone(store, Actor(account), secret, code_at(secret, at), now=at)


def code_at(secret: str, at: datetime) -> str:
    """What the telephone shows."""
    return pyotp.TOTP(secret).at(at)


def everything(store: Store) -> str:
    """All that stands in all tables."""
    with store.read() as connection:
        tables_read = [connection.execute(select(table)).fetchall() for table in tables.metadata.sorted_tables]
    return "\n".join(str(tuple(row)) for found in tables_read for row in found)


def events(store: Store) -> list[Any]:
    """The journal."""
    with store.read() as connection:
        return list(connection.execute(select(tables.event).order_by(tables.event.c.seq)))


# first passwords ------------------------------------------------------------------------------------------------


def test_6_4_1_a_first_password_opens_nothing_until_it_is_changed(store: Store) -> None:
    word = create_account(store, SYSTEM, "lan", "Nguyễn Thị Lan", now=NOW, grants=[Grant("judge")])
    first = sign_in(store, "lan", word, now=NOW)
    assert first.must_change_password
    assert actor(store, first) == Actor(first.account), "no role works with a password from paper"
    change_password(store, actor(store, first), word, GOOD, now=NOW)
    assert reasons(session_of, store, first.token, now=NOW) == ["signin.ended"]
    assert reasons(sign_in, store, "lan", word, now=NOW) == ["signin.refused"]
    own = sign_in(store, "lan", GOOD, now=NOW + SECOND)
    assert not own.must_change_password
    assert actor(store, own, NOW + SECOND).grants == (Grant("judge"),)


def test_6_4_1_a_first_password_expires(sqlite_store: Store) -> None:
    word = create_account(sqlite_store, SYSTEM, "lan", "Lan", now=NOW)
    assert reasons(sign_in, sqlite_store, "lan", word, now=NOW + FIRST_LASTS) == ["signin.first_expired"]
    assert reasons(sign_in, sqlite_store, "lan", "sai", now=NOW + FIRST_LASTS) == ["signin.refused"]
    assert sign_in(sqlite_store, "lan", word, now=NOW + FIRST_LASTS - SECOND).must_change_password


def test_6_2_3_changing_a_password_asks_for_the_current_one_and_counts_tries(sqlite_store: Store) -> None:
    person(sqlite_store)
    signed_in = enter(sqlite_store)
    here = actor(sqlite_store, signed_in)
    found = [reasons(change_password, sqlite_store, here, "đoán", BETTER, now=NOW)[0] for _ in range(6)]
    assert found == ["password.current_wrong"] * 3 + ["signin.wait_seconds"] * 3
    assert reasons(change_password, sqlite_store, here, GOOD, "matkhau123456", now=NOW + MINUTE) == ["password.easy"]
    change_password(sqlite_store, here, GOOD, BETTER, now=NOW + 2 * MINUTE)
    assert reasons(session_of, sqlite_store, signed_in.token, now=NOW) == ["signin.ended"]


def test_nobody_waits_for_the_hash_of_another_persons_new_password(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(sqlite_store)
    with sqlite_store.read() as connection:
        here = actor_of(connection, account_id(connection, "lan") or "")
    hashing, writing = set[str](), set[str]()
    original, write = PasswordHasher.hash, Transaction.put

    def hash_watched(self: PasswordHasher, *values: Any, **named: Any) -> str:
        hashing.add(threading.current_thread().name)
        return original(self, *values, **named)

    def put_watched(self: Transaction, *values: Any, **named: Any) -> int:
        writing.add(threading.current_thread().name)
        return write(self, *values, **named)

    monkeypatch.setattr(PasswordHasher, "hash", hash_watched)
    monkeypatch.setattr(Transaction, "put", put_watched)
    change_password(sqlite_store, here, GOOD, BETTER, now=NOW)
    assert hashing == {threading.current_thread().name}
    assert writing == {"chamdiem-writer"}


def test_lost_keys_are_given_anew_and_old_sessions_end(sqlite_store: Store) -> None:
    person(sqlite_store, "lan", "judge")
    secret, _ = enrolled(sqlite_store)
    signed_in = enter(sqlite_store, code=code_at(secret, NOW + MINUTE), at=NOW + MINUTE)
    word = new_keys(sqlite_store, SYSTEM, "lan", now=NOW + MINUTE)
    assert reasons(session_of, sqlite_store, signed_in.token, now=NOW + MINUTE) == ["signin.ended"]
    at = NOW + 5 * MINUTE
    assert reasons(sign_in, sqlite_store, "lan", word, now=at) == ["signin.refused"], "the telephone is still asked for"
    assert sign_in(sqlite_store, "lan", word, code_at(secret, at), now=at + SECOND).must_change_password
    word = new_keys(sqlite_store, SYSTEM, "lan", now=at, lost_telephone=True)
    assert sign_in(sqlite_store, "lan", word, now=at + 2 * SECOND).must_change_password
    assert reasons(new_keys, sqlite_store, Actor("x"), "lan", now=NOW) == ["permission.not_found"]


# one refusal for all that is wrong --------------------------------------------------------------------------------


def test_6_3_8_whatever_is_wrong_the_refusal_is_the_same(store: Store) -> None:
    for login in ("lan", "minh", "hoa"):
        person(store, login)
    secret, _ = enrolled(store, "hoa")
    close_account(store, SYSTEM, "minh", "nghỉ hưu")
    told = []
    wrong = [
        *(("ai", GOOD, ""), ("lan", "sai", ""), ("minh", GOOD, ""), ("hoa", GOOD, "000000"), ("hoa", GOOD, "")),
        *(("", GOOD, ""), ("lan\0", GOOD, ""), ("\ud800", GOOD, ""), ("ai" * 5000, GOOD, "")),
        *(("lan", "", ""), ("lan", "x" * 100_000, "")),
    ]
    for login, word, code in wrong:
        hasher = Counting()
        with pytest.raises(Refusal) as error:
            sign_in(store, login, word, code, now=NOW, hasher=hasher)
        told.append(error.value.problems)
        assert len(hasher.looked_at) == 1, f"{login[:20]!r}: one hash, found or not"
    assert set(told) == {told[0]}
    assert refused(error) == ["signin.refused"]
    assert enter(store, "hoa", GOOD, code_at(secret, NOW + MINUTE), at=NOW + MINUTE).account


def test_6_3_8_nobody_and_somebody_cost_the_same_hash(sqlite_store: Store) -> None:
    create_account(sqlite_store, SYSTEM, "lan", "Lan", now=NOW)

    class Costs(PasswordHasher):
        seen: list[object]

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            self.seen.append(extract_parameters(str(hash)))
            return super().verify(hash, password)

    hasher = Costs(time_cost=HASHER.time_cost, memory_cost=HASHER.memory_cost, parallelism=HASHER.parallelism)
    hasher.seen = []
    for login in ("lan", "ai"):
        assert reasons(sign_in, sqlite_store, login, "sai", now=NOW, hasher=hasher) == ["signin.refused"]
    somebody, nobody = hasher.seen
    assert somebody == nobody


# throttling -----------------------------------------------------------------------------------------------------


def guess_for_15_minutes(store: Store, login: str, address: str = "") -> int:
    """Guess once in every second of a quarter of an hour; how many guesses were looked at."""
    hasher = Counting()
    for second in range(15 * 60):
        with suppress(Refusal):
            sign_in(store, login, "sai", now=NOW + second * SECOND, address=address, hasher=hasher)
    return len(hasher.looked_at)


@pytest.mark.parametrize("login", ["lan", ""])
def test_e17_a_thousand_guesses_are_ten_in_15_minutes(sqlite_store: Store, login: str) -> None:
    person(sqlite_store)
    assert guess_for_15_minutes(sqlite_store, login) == 10


def test_e17_an_address_is_slowed_down_across_logins(store: Store) -> None:
    person(store)
    hasher = Counting()
    found = [reasons(sign_in, store, f"ai{n}", "sai", now=NOW, address="203.0.113.7", hasher=hasher) for n in range(30)]
    assert found == [["signin.refused"]] * 21 + [["signin.wait_seconds"]] * 9
    assert len(hasher.looked_at) == 21
    assert reasons(enter, store, address="203.0.113.7") == ["signin.wait_seconds"]
    assert enter(store, address="203.0.113.8").account


def test_e17_twenty_guesses_at_once_are_counted_before_they_are_looked_at(store: Store) -> None:
    person(store)
    hasher, found, barrier = Counting(), list[list[str]](), threading.Barrier(20)

    def guess() -> None:
        barrier.wait()
        found.append(reasons(sign_in, store, "lan", "sai", now=NOW, hasher=hasher))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [["signin.refused"]] * 3 + [["signin.wait_seconds"]] * 17
    assert len(hasher.looked_at) == 3


def test_a_right_sign_in_is_struck_out_and_waiting_ends(sqlite_store: Store) -> None:
    person(sqlite_store)
    assert [reasons(enter, sqlite_store, word="sai") for _ in range(4)][-1] == ["signin.wait_seconds"]
    assert enter(sqlite_store, at=NOW + 2 * SECOND).account
    with sqlite_store.read() as connection:
        assert len(connection.execute(select(tables.attempt)).fetchall()) == 3
    enter(sqlite_store, at=NOW + 25 * HOUR)
    with sqlite_store.read() as connection:
        assert connection.execute(select(tables.attempt)).fetchall() == []


# sessions -------------------------------------------------------------------------------------------------------


def test_7_2_4_each_sign_in_has_a_new_token_and_ends_the_browsers_old_one(store: Store) -> None:
    person(store)
    first, second = enter(store), enter(store)
    assert first.token != second.token
    third = enter(store, instead_of=first.token)
    assert reasons(session_of, store, first.token, now=NOW) == ["signin.ended"]
    assert {actor(store, one).account for one in (second, third)} == {first.account}
    assert reasons(session_of, store, "", now=NOW) == ["signin.ended"]
    assert reasons(session_of, store, token_sha256(second.token), now=NOW) == ["signin.ended"], "a copy of the row"


def test_a_token_that_the_browser_brought_is_never_taken_over(sqlite_store: Store) -> None:
    person(sqlite_store)
    fixed = "token-cua-ke-gian"
    assert enter(sqlite_store, instead_of=fixed).token != fixed
    assert reasons(session_of, sqlite_store, fixed, now=NOW) == ["signin.ended"]


def test_7_3_1_an_idle_session_ends_and_use_prolongs_it(sqlite_store: Store) -> None:
    person(sqlite_store)
    signed_in = enter(sqlite_store)
    for step in range(1, 4):
        session_of(sqlite_store, signed_in.token, now=NOW + step * 25 * MINUTE)
    assert reasons(session_of, sqlite_store, signed_in.token, now=NOW + 75 * MINUTE + LIFETIMES.idle) == [
        "signin.ended"
    ]


def test_7_3_2_a_session_in_use_ends_after_12_hours(sqlite_store: Store) -> None:
    person(sqlite_store)
    signed_in = enter(sqlite_store)
    at = NOW
    while at - NOW < LIFETIMES.absolute - 20 * MINUTE:
        at += 20 * MINUTE
        session_of(sqlite_store, signed_in.token, now=at)
    assert reasons(session_of, sqlite_store, signed_in.token, now=NOW + LIFETIMES.absolute) == ["signin.ended"]
    enter(sqlite_store, at=NOW + LIFETIMES.absolute + SECOND)
    with sqlite_store.read() as connection:
        assert len(connection.execute(select(tables.session)).fetchall()) == 1, "rows of dead sessions are swept"


@pytest.mark.parametrize("how", ["sign_out", "revoke", "revoke_own", "close", "forget"])
def test_7_4_1_a_revoked_session_is_dead_at_the_next_question(store: Store, how: str) -> None:
    person(store, "lan", "judge")
    signed_in, other = enter(store), enter(store)
    here = actor(store, signed_in)
    if how == "sign_out":
        sign_out(store, signed_in.token)
    elif how.startswith("revoke"):
        revoke_sessions(store, here if how == "revoke_own" else SYSTEM, "lan")
    else:
        close_account(store, SYSTEM, "lan", "nghỉ hưu")
    assert reasons(session_of, store, signed_in.token, now=NOW) == ["signin.ended"]
    assert bool(reasons(session_of, store, other.token, now=NOW)) == (how != "sign_out")


def test_sessions_of_others_are_nobodys_business(sqlite_store: Store) -> None:
    person(sqlite_store, "lan", "judge")
    person(sqlite_store, "minh", "judge")
    lan, minh = enter(sqlite_store, "lan"), enter(sqlite_store, "minh")
    assert reasons(revoke_sessions, sqlite_store, actor(sqlite_store, minh), "lan") == ["permission.not_found"]
    assert reasons(revoke_sessions, sqlite_store, ANYBODY, "ai") == ["permission.not_found"]
    assert reasons(revoke_sessions, sqlite_store, SYSTEM, "ai") == ["permission.not_found"]
    assert actor(sqlite_store, lan).account


def test_an_account_closed_while_its_password_is_checked_gets_no_session(store: Store) -> None:
    person(store)

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            close_account(store, SYSTEM, "lan", "nghỉ hưu")
            return super().verify(hash, password)

    assert reasons(sign_in, store, "lan", GOOD, now=NOW, hasher=Slow()) == ["signin.refused"]
    with store.read() as connection:
        assert connection.execute(select(tables.session)).fetchall() == []


def test_a_session_row_of_a_closed_account_opens_nothing(store: Store) -> None:
    account = person(store, "lan", "organiser")
    signed_in = enter(store)

    def close(transaction: Transaction) -> None:
        transaction.put(tables.account, account, {"status": "closed"})

    store.write(Order("x", "account.close"), close)
    assert reasons(session_of, store, signed_in.token, now=NOW) == ["signin.ended"]
    with store.read() as connection:
        assert actor_of(connection, account).grants == (), "nor does what he asked a second person to confirm"


def test_7_5_3_grave_acts_need_a_sign_in_of_a_moment_ago(sqlite_store: Store) -> None:
    person(sqlite_store, "lan", "organiser")
    signed_in = enter(sqlite_store)
    grave = ("publication.publish", "contest.reopen", "sheet.submit", "account.manage")
    later = NOW + LIFETIMES.fresh
    for verb in grave:
        assert actor_for(sqlite_store, signed_in.token, verb, now=later - SECOND).grants == (Grant("organiser"),)
        assert reasons(actor_for, sqlite_store, signed_in.token, verb, now=later) == ["signin.once_more"]
    assert actor_for(sqlite_store, signed_in.token, "contest.read", now=later).account == signed_in.account
    again = enter(sqlite_store, at=later, instead_of=signed_in.token)
    assert actor_for(sqlite_store, again.token, grave[0], now=later).account == signed_in.account


def test_reading_goes_on_while_nothing_can_be_written(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    person(sqlite_store)
    signed_in = enter(sqlite_store)

    def full(order: Order, work: Any) -> Any:
        raise Refusal([])

    monkeypatch.setattr(sqlite_store, "write", full)
    assert actor(sqlite_store, signed_in, NOW + 5 * MINUTE).account == signed_in.account


# telephones -------------------------------------------------------------------------------------------------------


def test_6_3_3_roles_of_the_office_rest_until_a_telephone_is_enrolled(sqlite_store: Store) -> None:
    person(sqlite_store, "lan", "secretary", "judge")
    signed_in = enter(sqlite_store)
    assert signed_in.must_enrol_telephone
    assert actor(sqlite_store, signed_in).grants == (Grant("judge"),)
    enrolled(sqlite_store)
    assert set(actor(sqlite_store, signed_in).grants) == {Grant("judge"), Grant("secretary")}
    assert reasons(enter, sqlite_store, at=NOW + SECOND) == ["signin.refused"], "from now on the code is asked for"


def test_6_5_1_a_code_works_once(store: Store) -> None:
    person(store)
    secret, _ = enrolled(store)
    assert reasons(enter, store, code=code_at(secret, NOW)) == ["signin.refused"], "it was used to enrol"
    at = NOW + MINUTE
    assert enter(store, code=code_at(secret, at), at=at).account
    assert reasons(enter, store, code=code_at(secret, at), at=at + SECOND) == ["signin.refused"]
    assert reasons(enter, store, word="sai", code=code_at(secret, at + MINUTE), at=at + MINUTE) == ["signin.refused"]
    assert enter(store, code=code_at(secret, at + MINUTE), at=at + MINUTE + SECOND).account, "a wrong try uses none up"


def test_6_5_1_one_code_at_twenty_places_at_once_opens_one_session(store: Store) -> None:
    person(store)
    _, codes = enrolled(store)
    opened, barrier = list[str](), threading.Barrier(3)

    def try_it() -> None:
        barrier.wait()
        with suppress(Refusal):
            opened.append(enter(store, code=codes[0]).token)

    threads = [threading.Thread(target=try_it) for _ in range(3)]  # as many as are looked at without waiting
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


def test_6_5_1_a_recovery_code_works_once(sqlite_store: Store) -> None:
    person(sqlite_store)
    _, codes = enrolled(sqlite_store)
    assert enter(sqlite_store, code=codes[3].upper()).account
    assert reasons(enter, sqlite_store, code=codes[3], at=NOW + SECOND) == ["signin.refused"]
    assert enter(sqlite_store, code=codes[4], at=NOW + 2 * SECOND).account


def test_a_telephone_is_enrolled_by_a_code_it_shows_and_replaced_by_nobody(sqlite_store: Store) -> None:
    account = person(sqlite_store)
    secret = new_secret()
    assert reasons(enrol_telephone, sqlite_store, Actor(account), secret, "000000", now=NOW) == ["signin.refused"]
    assert not enter(sqlite_store).must_enrol_telephone
    enrolled(sqlite_store)
    other = new_secret()
    again = reasons(enrol_telephone, sqlite_store, Actor(account), other, code_at(other, NOW), now=NOW)
    assert again == ["permission.not_found"]


def test_11_the_secret_of_a_telephone_is_sealed_with_a_key_outside_the_database(store: Store) -> None:
    account = person(store)
    secret, codes = enrolled(store)
    assert secret not in everything(store)
    path = sealing.key_file(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().strip() not in everything(store)
    key = sealing.key_at_hand(store)
    with store.read() as connection:
        row = connection.execute(select(tables.credential)).mappings().one()
    assert sealing.opened(row["secret"], account, key) == secret
    assert sealing.opened(row["secret"], "another", key) is None, "it is bound to its account"
    assert sealing.opened(row["secret"], account, b"\0" * 32) is None
    path.unlink()
    at = NOW + MINUTE
    assert reasons(enter, store, code=code_at(secret, at), at=at) == ["signin.refused"]
    assert enter(store, code=codes[0], at=at + SECOND).account, "codes from paper work without the key"
    minh = person(store, "minh")
    assert reasons(enrol_telephone, store, Actor(minh), secret, code_at(secret, at), now=at) == ["secret.no_key"]
    assert not path.exists(), "a second key would only hide that the first is lost"


def test_the_key_may_be_a_setting(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    account = person(sqlite_store)
    monkeypatch.setenv(sealing.SETTING, "short")
    secret = new_secret()
    assert reasons(enrol_telephone, sqlite_store, Actor(account), secret, code_at(secret, NOW), now=NOW) == [
        "secret.no_key"
    ]
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    secret, _ = enrolled(sqlite_store)
    assert not sealing.key_file(sqlite_store).exists()
    assert enter(sqlite_store, code=code_at(secret, NOW + MINUTE), at=NOW + MINUTE).account


# signing in with another service ----------------------------------------------------------------------------------


def test_another_service_signs_in_only_logins_that_exist_here(store: Store) -> None:
    create_account(store, SYSTEM, "lan@tinh.gov.vn", "Lan", now=NOW, grants=[Grant("judge")])
    signed_in = sign_in_with(store, "Lan@tinh.gov.vn", now=NOW)
    assert not signed_in.must_change_password
    assert actor(store, signed_in).grants == (Grant("judge"),)
    assert reasons(sign_in_with, store, "minh@tinh.gov.vn", now=NOW) == ["signin.refused"]
    close_account(store, SYSTEM, "lan@tinh.gov.vn", "nghỉ hưu")
    assert reasons(sign_in_with, store, "lan@tinh.gov.vn", now=NOW) == ["signin.refused"]


def test_another_service_makes_the_password_on_paper_void(sqlite_store: Store) -> None:
    word = create_account(sqlite_store, SYSTEM, "lan", "Lan", now=NOW)
    sign_in_with(sqlite_store, "lan", now=NOW)
    assert reasons(sign_in, sqlite_store, "lan", word, now=NOW) == ["signin.refused"]
    assert reasons(sign_in, sqlite_store, "lan", "", now=NOW) == ["signin.refused"]


def test_another_service_does_not_stand_in_for_the_telephone(sqlite_store: Store) -> None:
    person(sqlite_store, "lan", "administrator")
    first = sign_in_with(sqlite_store, "lan", now=NOW)
    assert first.must_enrol_telephone
    assert actor(sqlite_store, first).grants == ()
    secret, codes = enrolled(sqlite_store)
    at = NOW + MINUTE
    assert reasons(sign_in_with, sqlite_store, "lan", now=at) == ["signin.refused"]
    assert actor(sqlite_store, sign_in_with(sqlite_store, "lan", code_at(secret, at), now=at), at).grants == (
        Grant("administrator"),
    )
    assert reasons(sign_in_with, sqlite_store, "lan", code_at(secret, at), now=at) == ["signin.refused"]
    assert sign_in_with(sqlite_store, "lan", codes[0], now=at + MINUTE).account


# roles and accounts -----------------------------------------------------------------------------------------------


def test_a_role_works_and_ends_at_the_very_next_question(store: Store) -> None:
    person(store)
    signed_in = enter(store)
    create_contest(store, SYSTEM, Plan(CONTEST, "Thi", "yenthe-dan-van-kheo-2024", NOW.date(), NOW.date()))
    give_role(store, SYSTEM, "lan", "judge", contest=CONTEST)
    assert actor(store, signed_in).grants == (Grant("judge", CONTEST),)
    take_role(store, SYSTEM, "lan", "judge", contest=CONTEST)
    assert actor(store, signed_in).grants == ()
    assert reasons(take_role, store, SYSTEM, "lan", "judge", contest=CONTEST) == ["account.role_not_held"]


@pytest.mark.parametrize(
    ("role", "where", "why"),
    [
        ("owner", {}, "account.unknown_role"),
        ("public", {}, "account.unknown_role"),
        ("judge", {"contest": "khong-co"}, "permission.not_found"),
        ("commune_assessor", {"unit": "00000"}, "contest.unknown_unit"),
    ],
)
def test_a_role_that_would_open_nothing_is_refused(
    sqlite_store: Store, role: str, where: dict[str, str], why: str
) -> None:
    person(sqlite_store)
    before = sqlite_store.head()
    assert reasons(give_role, sqlite_store, SYSTEM, "lan", role, **where) == [why]
    grants = [Grant(role, **where)]
    assert reasons(create_account, sqlite_store, SYSTEM, "minh", "Minh", now=NOW, grants=grants) == [why]
    assert sqlite_store.head() == before, "neither role nor account"
    assert reasons(give_role, sqlite_store, SYSTEM, "ai", "judge") == ["permission.not_found"]


@pytest.mark.parametrize(
    ("login", "name", "why"),
    [
        ("", "Lan", "account.incomplete"),
        ("lan", " ", "account.incomplete"),
        ("lan", "Lan\0", "account.incomplete"),
        ("la n", "Lan", "account.bad_login"),
        ("lan\0", "Lan", "account.bad_login"),
        ("l" * 81, "Lan", "account.bad_login"),
        ("  LAN ", "Lan khác", "account.exists"),
    ],
)
def test_an_account_that_nobody_could_use_is_refused(sqlite_store: Store, login: str, name: str, why: str) -> None:
    person(sqlite_store)
    assert reasons(create_account, sqlite_store, SYSTEM, login, name, now=NOW) == [why]


def test_accounts_are_managed_by_administrators_alone(sqlite_store: Store) -> None:
    person(sqlite_store, "lan", "organiser")
    lan = Actor("x", (Grant("organiser"), Grant("secretary"), Grant("administrator", "thi")))
    closed: list[Any] = [
        (create_account, ("minh", "Minh"), {"now": NOW}),
        (give_role, ("lan", "administrator"), {}),
        (take_role, ("lan", "organiser"), {}),
        (close_account, ("lan", "vì thế"), {}),
        (forget_person, ("lan", "vì thế"), {}),
        (new_keys, ("lan",), {"now": NOW}),
    ]
    before = sqlite_store.head()
    for call, values, named in closed:
        assert reasons(call, sqlite_store, lan, *values, **named) == ["permission.not_found"], call
    assert sqlite_store.head() == before


# forgetting, and what stands on record ----------------------------------------------------------------------------


def test_a_person_is_forgotten_and_the_chain_still_holds(store: Store, url: str) -> None:
    account = person(store, "tran.thi.mai", "judge")
    enter(store, "tran.thi.mai", address="203.0.113.7")
    assert reasons(enter, store, "tran.thi.mai", "sai") == ["signin.refused"]
    create_contest(store, actor_with(account), Plan(CONTEST, "Thi", "yenthe-dan-van-kheo-2024", NOW.date(), NOW.date()))
    assert reasons(forget_person, store, SYSTEM, "tran.thi.mai", "xin") == ["account.not_closed"]
    close_account(store, SYSTEM, "tran.thi.mai", "nghỉ hưu")
    assert reasons(forget_person, store, SYSTEM, "tran.thi.mai", " ") == ["account.not_closed"]
    forget_person(store, SYSTEM, "tran.thi.mai", "xin được quên")
    assert list(verify(store)) == []
    said = everything(store)
    for told in ("tran.thi.mai", "Nguyễn Thị Lan", QUICK_HASH, "203.0.113.7"):
        assert told not in said
    assert account in said, "what was done stays, by a number"
    assert next(event.actor for event in events(store) if event.action == "contest.create") == account
    assert reasons(enter, store, "tran.thi.mai", at=NOW + MINUTE) == ["signin.refused"]
    again = person(store, "tran.thi.mai")
    assert again != account, "whoever has the login next is somebody else"


def actor_with(account: str) -> Actor:
    return Actor(account, (Grant("organiser"),))


def test_nothing_of_a_forgotten_person_is_left_in_the_file(sqlite_store: Store) -> None:
    person(sqlite_store, "tran.thi.mai")
    close_account(sqlite_store, SYSTEM, "tran.thi.mai", "nghỉ hưu")
    forget_person(sqlite_store, SYSTEM, "tran.thi.mai", "xin được quên")
    path = sqlite_store.file
    assert path is not None
    sqlite_store.close()
    left = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())
    assert b"account.forget" in left
    assert b"tran.thi.mai" not in left


def test_14_2_no_secret_is_in_the_journal_or_in_a_backup(store: Store, tmp_path: Path) -> None:
    word = create_account(store, SYSTEM, "lan", "Nguyễn Thị Lan", now=NOW, contact="0912345678")
    first = sign_in(store, "lan", word, now=NOW)
    secret, codes = enrolled(store)
    change_password(store, actor(store, first), word, GOOD, now=NOW)
    at = NOW + MINUTE
    own = enter(store, code=code_at(secret, at), at=at)
    assert reasons(enter, store, word="mật khẩu gõ nhầm", at=at) == ["signin.refused"]
    assert reasons(enter, store, "mật khẩu gõ vào ô tên", at=at) == ["signin.refused"]
    sign_out(store, own.token)
    with store.read() as connection:
        hashed = connection.execute(select(tables.credential.c.password)).scalar_one()
    secrets = [
        word,
        word.replace("-", ""),
        GOOD,
        BETTER,
        first.token,
        own.token,
        token_sha256(own.token),
        secret,
        *codes,
    ]
    secrets += [*(code.replace("-", "") for code in codes), hashed, "mật khẩu gõ nhầm", "mật khẩu gõ vào ô tên"]
    personal = ["Nguyễn Thị Lan", "0912345678"]
    journal = "\n".join(str(tuple(event)) for event in events(store))
    assert "session.begin" in journal
    assert [told for told in (*secrets, *personal) if told in journal] == []
    back_up(store, {}, tmp_path / "b.tar.gz")
    with restore(tmp_path / "b.tar.gz", f"sqlite:///{tmp_path / 'other' / 'b.db'}", tmp_path / "other" / "f") as other:
        in_backup = everything(other)
    assert "Nguyễn Thị Lan" in in_backup, "a backup holds the people"
    assert [told for told in secrets if told in in_backup and told != hashed] == [], "but none of their secrets"


def test_what_is_done_with_accounts_is_on_record_by_number(sqlite_store: Store) -> None:
    account = person(sqlite_store)
    give_role(sqlite_store, SYSTEM, "lan", "judge")
    sign_out(sqlite_store, enter(sqlite_store).token)
    close_account(sqlite_store, SYSTEM, "lan", "nghỉ hưu")
    found = [(event.actor, event.action, event.entity) for event in events(sqlite_store)]
    assert ("system", "account.give_role", "grant") in found
    assert (account, "session.begin", "session") in found
    assert ("", "session.end", "session") in found
    assert ("system", "account.close", "account") in found
    assert [event.reason for event in events(sqlite_store) if event.action == "account.close"] == ["nghỉ hưu"]
