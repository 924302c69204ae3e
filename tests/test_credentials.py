"""How accounts prove themselves: passwords, codes, sessions, throttling (the rows of OWASP ASVS 5.0 are in the names)."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.contest import credentials, throttle, totp
from chamdiem.contest.credentials import (
    ALPHABET,
    FIRST_LASTS,
    HASHER,
    LIFETIMES,
    Password,
    believed,
    changed_password,
    check_wished,
    easy_to_guess,
    first_password,
    fits,
    hashed,
    living,
    login_key,
    new_session,
    token_sha256,
)
from chamdiem.contest.throttle import PER_ACCOUNT, PER_ADDRESS, Throttle, asked_to_wait, longest
from chamdiem.contest.totp import (
    Keys,
    accepted_step,
    needs_second_proof,
    new_recovery_codes,
    new_secret,
    otpauth_uri,
    prove,
    recovery_hash,
    step_at,
    without_used,
)
from chamdiem.errors import Refusal
from chamdiem.words import say, use_language

NOW = datetime(2026, 11, 21, 8, 0, 10, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GOOD = "gặt lúa chiêm bên sông Thương"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Counting(PasswordHasher):
    """A quick hasher that remembers the costs of each hash it verified."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.looked_at: list[object] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - argon2's own name
        self.looked_at.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


def reasons(call: object, *values: object, **named: object) -> list[str]:
    """The names of the sentences a call refuses with; none when it does not refuse."""
    try:
        call(*values, **named)  # type: ignore[operator]
    except Refusal as refusal:
        return [problem.message.id for problem in refusal.problems]
    return []


def keys(password: str = GOOD, **more: object) -> Keys:
    return Keys(hashed(password, NOW, hasher=QUICK), **more)  # type: ignore[arg-type]


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(int(moment.timestamp()))


# Passwords


def test_6_2_1_and_6_2_9_length_counts_from_12_to_128() -> None:
    letters = "Đường làng gió thổi vi vu 7 nhà " * 5
    lengths = {size: reasons(check_wished, letters[:size], login="lan") for size in (11, 12, 64, 128, 129)}
    assert lengths == {11: ["password.too_short"], 12: [], 64: [], 128: [], 129: ["password.too_long"]}


def test_6_2_1_length_is_counted_in_letters_as_people_see_them() -> None:
    composed = "ấầẩẫậắằẳẵặế"
    assert len(composed) == 11
    assert len(unicodedata.normalize("NFD", composed)) > 12
    assert reasons(check_wished, unicodedata.normalize("NFD", composed), login="lan") == ["password.too_short"]


@pytest.mark.parametrize(
    "password",
    [
        "gặt lúa chiêm bên sông",
        "83920174650281",
        "zrmkvhpwqbtn",
        "xkzqwxkzqwxk",
        "~`|;?<>,.[]{}",
        "mùa hè của bé ở quê",
        "🐃🌾🏡🎋🐟🦆🐖🐓🌳🌧🌈⛵",
        "  x  7 kỳ  ũ  q  ",
    ],
)
def test_6_2_5_any_letters_signs_and_spaces_are_welcome(password: str) -> None:
    assert reasons(check_wished, password, login="lan.nt") == []


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd@2024",
        "matkhau123456",
        "Mật khẩu 2024",
        "MatKhau@2026!",
        "qwertyuiop123",
        "poiuytrewq987",
        "1q2w3e4r5t6y",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "121212121212",
        "xkzqxkzqxkzq",
        "123456789012",
        "anhyeuem2020",
        "Anh Yêu Em 99",
        "iloveyou!!!!!",
        "DanVanKheo2024",
        "thukybangiamkhao",
        "chấm điểm thi đua",
        "!@#$%^&*()!@",
        "admin@admin1",
        "vietnamvietnam",
        "            ",
    ],
)
def test_6_2_4_and_6_2_11_what_everybody_tries_is_refused(password: str) -> None:
    assert "password.easy" in reasons(check_wished, password, login="lan.nt")


def test_6_2_11_names_others_know_are_refused() -> None:
    about = ["Nguyễn Thị Hương", "xã Đồng Tiến"]
    for password in ("Nguyễn Thị Hương 84", "Đồng Tiến Hương 1", "dongtien-huong"):
        assert easy_to_guess(password, about), password
    assert not easy_to_guess("Hương đi chợ phiên sớm", about)
    assert not easy_to_guess("hoa sữa Đồng Kỵ", [])


@pytest.mark.parametrize("password", ["lan.nt bên sông 7 cửa", "Bên sông LAN.NT 7 cửa", "bên sông lần.nt 7 cửa"])
def test_6_2_4_the_login_inside_is_refused(password: str) -> None:
    assert reasons(check_wished, password, login=" Lan.NT ") == ["password.holds_login"]


def test_every_problem_of_a_password_is_told_at_once_and_never_the_password() -> None:
    with pytest.raises(Refusal) as caught:
        check_wished("lannt1", login="lannt")
    assert [problem.message.id for problem in caught.value.problems] == ["password.too_short", "password.holds_login"]
    for language in ("vi", "en"):
        use_language(language)
        for problem in caught.value.problems:
            assert "lannt1" not in say(problem.message)
            assert "{" not in say(problem.message)


def test_an_endless_password_is_refused_before_it_is_searched() -> None:
    assert reasons(check_wished, "matkhau" * 300_000, login="lan") == ["password.too_long"]


def test_a_very_short_login_forbids_no_words() -> None:
    assert reasons(check_wished, "đường làng gió thổi", login="lan") == []
    assert reasons(check_wished, "lanlanlanlan", login="lan") == ["password.easy"]


# Hashes


def test_11_4_2_costs_are_at_least_what_owasp_asks() -> None:
    costs = extract_parameters(hashed(GOOD, NOW).hash)
    assert hashed(GOOD, NOW).hash.startswith("$argon2id$")
    assert costs.memory_cost >= 19 * 1024
    assert costs.time_cost >= 2
    assert (costs.salt_len, costs.hash_len) == (16, 32)


def test_two_hashes_of_a_password_differ_and_hold_nothing_of_it() -> None:
    one, two = hashed(GOOD, NOW, hasher=QUICK), hashed(GOOD, NOW, hasher=QUICK)
    assert one.hash != two.hash
    assert GOOD not in repr(one)


def test_6_2_8_a_password_counts_exactly_as_typed() -> None:
    stored = hashed("  Gặt lúa chiêm ", NOW, hasher=QUICK).hash
    assert fits("  Gặt lúa chiêm ", stored, QUICK)
    assert fits(unicodedata.normalize("NFD", "  Gặt lúa chiêm "), stored, QUICK), "another keyboard, the same letters"
    for other in ("Gặt lúa chiêm", "  gặt lúa chiêm ", "  Gat lua chiem ", "  Gặt lúa chiêm", ""):
        assert not fits(other, stored, QUICK), other


def test_6_2_8_nothing_is_cut_off() -> None:
    longest_one = "ặ" * 127
    stored = hashed(longest_one + "b", NOW, hasher=QUICK).hash
    assert fits(unicodedata.normalize("NFD", longest_one + "b"), stored, QUICK)
    assert not fits(longest_one + "c", stored, QUICK)
    endless = "x" * 512
    assert not fits(endless + "y", hashed(endless, NOW, hasher=QUICK).hash, QUICK)


@pytest.mark.parametrize("typed", ["\ud800" * 12, "\x00" * 12, "a\x00b" * 5], ids=ascii)
def test_letters_that_are_none_are_no_traceback(typed: str) -> None:
    assert fits(typed, hashed(typed, NOW, hasher=QUICK).hash, QUICK)
    assert not fits(typed, keys().password.hash, QUICK)
    assert reasons(prove, keys(secret=SECRET), GOOD, typed, NOW, roles=(), hasher=QUICK) == ["signin.refused"]


@pytest.mark.parametrize(
    ("stored", "password", "code"),
    [
        (None, GOOD, ""),
        (keys(), "sai rồi", ""),
        (keys(), "x" * 100_000, ""),
        (None, "x" * 100_000, ""),
        (keys(secret=SECRET), GOOD, "000000"),
        (keys(secret=SECRET), "sai rồi", "000000"),
        (Keys(Password("broken", NOW)), GOOD, ""),
    ],
    ids=["unknown", "wrong", "endless", "unknown and endless", "wrong code", "wrong both", "broken hash"],
)
def test_6_3_8_unknown_and_known_accounts_cost_one_equal_verification(
    stored: Keys | None, password: str, code: str
) -> None:
    counting = Counting()
    with pytest.raises(Refusal) as caught:
        prove(stored, password, code, NOW, roles=(), hasher=counting)
    assert [problem.message.id for problem in caught.value.problems] == ["signin.refused"]
    assert caught.value.problems[0].message.values == {}
    whole = [costs for costs in counting.looked_at if costs is not None]
    assert whole == [extract_parameters(QUICK.hash("x"))]


def test_6_3_8_with_the_real_costs_a_dummy_costs_what_a_real_hash_costs() -> None:
    assert extract_parameters(credentials.nobodys_hash()) == extract_parameters(hashed(GOOD, NOW).hash)
    assert credentials.nobodys_hash() != credentials.nobodys_hash()


def test_a_hash_of_lower_costs_is_renewed_by_the_next_sign_in_only_when_right() -> None:
    raised = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    old = keys()
    renewed = prove(old, GOOD, "", NOW, roles=(), hasher=raised).keys
    assert renewed.password.hash != old.password.hash
    assert extract_parameters(renewed.password.hash).memory_cost == 16
    assert renewed.password.since == old.password.since
    assert fits(GOOD, renewed.password.hash, raised)
    assert prove(renewed, GOOD, "", NOW, roles=(), hasher=raised).keys == renewed
    assert reasons(prove, old, "sai rồi", "", NOW, roles=(), hasher=raised) == ["signin.refused"]


# First passwords and changes


def test_6_4_1_a_first_password_is_random_good_and_must_be_changed() -> None:
    one, stored = first_password(NOW)
    two, _ = first_password(NOW)
    assert one != two
    assert set(one) <= {*ALPHABET, "-"}
    assert len(one.replace("-", "")) * 5 >= 64
    assert reasons(check_wished, one, login="lan") == []
    assert prove(Keys(stored), one, "", NOW, roles=()).must_change_password


def test_6_4_1_a_first_password_expires_and_a_chosen_one_never_does() -> None:
    first = Keys(hashed(GOOD, NOW, first=True, hasher=QUICK))
    assert reasons(prove, first, GOOD, "", NOW + FIRST_LASTS - SECOND, roles=(), hasher=QUICK) == []
    assert reasons(prove, first, GOOD, "", NOW + FIRST_LASTS, roles=(), hasher=QUICK) == ["signin.first_expired"]
    assert reasons(prove, first, "sai rồi", "", NOW + FIRST_LASTS, roles=(), hasher=QUICK) == ["signin.refused"]
    assert reasons(prove, keys(), GOOD, "", NOW + 3650 * 24 * HOUR, roles=(), hasher=QUICK) == []


def test_6_2_3_a_change_asks_for_the_current_password_and_ends_the_first_one() -> None:
    first = hashed("x7mp-x3hq-9d2f-wz4r", NOW, first=True)
    wrong = reasons(changed_password, first, "sai rồi", GOOD, NOW, login="lan")
    assert wrong == ["password.current_wrong"]
    same = reasons(changed_password, first, "x7mp-x3hq-9d2f-wz4r", "x7mp-x3hq-9d2f-wz4r", NOW, login="lan")
    assert same == ["password.same"]
    weak = reasons(changed_password, first, "x7mp-x3hq-9d2f-wz4r", "matkhau12345", NOW, login="lan")
    assert weak == ["password.easy"]
    new = changed_password(first, "x7mp-x3hq-9d2f-wz4r", GOOD, NOW + HOUR, login="lan")
    assert (new.first, new.since) == (False, NOW + HOUR)
    assert fits(GOOD, new.hash)
    assert HASHER.check_needs_rehash(new.hash) is False


def test_logins_are_looked_up_alike() -> None:
    assert {login_key(login) for login in ("lan.nt", " Lan.NT ", "LAN.NT", "ｌａｎ.nt")} == {"lan.nt"}
    assert login_key("hòa") == login_key(unicodedata.normalize("NFD", "hòa"))
    assert login_key("hoa") != login_key("hòa")


# Codes


def test_the_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        moment = datetime.fromtimestamp(seconds, UTC)
        assert accepted_step(secret, code, moment, None) == seconds // 30


@pytest.mark.parametrize(("late", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_6_5_5_a_code_counts_for_its_half_minute_and_one_to_each_side(late: int, accepted: bool) -> None:
    step = accepted_step(SECRET, code_at(NOW), NOW + late * SECOND, None)
    assert step == (step_at(NOW) if accepted else None)


def test_6_5_1_a_code_counts_once_and_so_do_those_before_it() -> None:
    used = accepted_step(SECRET, code_at(NOW), NOW, None)
    assert used is not None
    assert accepted_step(SECRET, code_at(NOW), NOW + 5 * SECOND, used) is None
    assert accepted_step(SECRET, code_at(NOW - 30 * SECOND), NOW, used) is None
    assert accepted_step(SECRET, code_at(NOW + 30 * SECOND), NOW + 30 * SECOND, used) == used + 1


def test_a_code_may_have_spaces_and_nothing_else_beside_its_digits() -> None:
    code = code_at(NOW)
    assert accepted_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, None) == step_at(NOW)
    for other in ("", code[:5], code + "0", code[::-1] + "x", "0" + code):
        assert accepted_step(SECRET, other, NOW, None) is None, other


def test_6_5_3_secrets_are_160_random_bits_a_telephone_can_read() -> None:
    assert len(new_secret()) == 32
    assert new_secret() != new_secret()
    uri = urlsplit(otpauth_uri(SECRET, "lan.nt@yenthe", "Chấm điểm"))
    assert (uri.scheme, uri.netloc, unquote(uri.path)) == ("otpauth", "totp", "/Chấm điểm:lan.nt@yenthe")
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Chấm điểm"]}


def test_6_5_2_recovery_codes_are_long_enough_for_a_plain_hash_and_kept_as_one() -> None:
    codes, stored = new_recovery_codes()
    assert len(set(codes)) == len(set(stored)) == 10
    assert all(len(code.replace("-", "")) * 5 >= 112 for code in codes)
    assert not set(codes) & set(stored)
    assert all(len(kept) == 64 for kept in stored)


def test_6_5_1_a_recovery_code_counts_once() -> None:
    codes, stored = new_recovery_codes(random.Random(7).randbytes)
    remaining = without_used(codes[3], stored)
    assert remaining == stored[:3] + stored[4:]
    assert without_used(codes[3], remaining) is None
    assert without_used("", stored) is None
    assert without_used(stored[0], stored) is None, "what is stored opens nothing"


def test_a_recovery_code_is_read_kindly() -> None:
    code = "0a1b-2c3d-4e5f-6g7h-8j9k-mnpq"
    for written in ("OAIB2C3D4E5F6G7H8J9KMNPQ", " oalb 2c3d 4e5f 6g7h 8j9k mnpq\n"):
        assert recovery_hash(written) == recovery_hash(code)
    assert recovery_hash("0a1b-2c3d-4e5f-6g7h-8j9k-mnpr") != recovery_hash(code)


# Both proofs together


def test_6_3_3_administrators_and_secretaries_need_a_telephone() -> None:
    assert needs_second_proof(["judge", "secretary"])
    assert needs_second_proof(["administrator"])
    assert not needs_second_proof(["judge", "council", "unit", "viewer"])
    assert prove(keys(), GOOD, "", NOW, roles=["secretary"], hasher=QUICK).must_enrol_telephone
    assert not prove(keys(), GOOD, "", NOW, roles=["judge"], hasher=QUICK).must_enrol_telephone
    enrolled = prove(keys(secret=SECRET), GOOD, code_at(NOW), NOW, roles=["secretary"], hasher=QUICK)
    assert not enrolled.must_enrol_telephone


def test_6_3_3_an_enrolled_telephone_is_asked_for_whatever_the_role() -> None:
    for code in ("", "000000", code_at(NOW - 10 * MINUTE)):
        assert reasons(prove, keys(secret=SECRET), GOOD, code, NOW, roles=["judge"], hasher=QUICK) == ["signin.refused"]


def test_6_5_1_a_sign_in_hands_back_what_was_used_up() -> None:
    codes, stored = new_recovery_codes()
    kept = keys(secret=SECRET, recovery=stored)
    by_code = prove(kept, GOOD, code_at(NOW), NOW, roles=(), hasher=QUICK).keys
    assert by_code == replace(kept, last_step=step_at(NOW))
    assert reasons(prove, by_code, GOOD, code_at(NOW), NOW, roles=(), hasher=QUICK) == ["signin.refused"]
    by_paper = prove(by_code, GOOD, codes[0].upper(), NOW, roles=(), hasher=QUICK).keys
    assert by_paper == replace(by_code, recovery=stored[1:])
    assert reasons(prove, by_paper, GOOD, codes[0], NOW, roles=(), hasher=QUICK) == ["signin.refused"]


def test_a_right_code_with_a_wrong_password_is_worth_nothing() -> None:
    codes, stored = new_recovery_codes()
    for code in (code_at(NOW), codes[0]):
        kept = keys(secret=SECRET, recovery=stored)
        assert reasons(prove, kept, "sai rồi", code, NOW, roles=(), hasher=QUICK) == ["signin.refused"]


# Sessions


def test_7_2_3_a_token_has_256_random_bits_and_only_its_hash_is_kept() -> None:
    token, session = new_session("lan", NOW)
    other, _ = new_session("lan", NOW)
    assert token != other
    assert len(token) == 43
    assert session.token_sha256 == token_sha256(token) == hashlib.sha256(token.encode()).hexdigest()
    assert token not in repr(session)
    asked: list[int] = []
    new_session("lan", NOW, lambda size: asked.append(size) or bytes(size))  # type: ignore[func-returns-value]
    assert asked == [32]


def test_7_3_1_a_session_ends_after_30_idle_minutes() -> None:
    _, session = new_session("lan", NOW)
    assert session.alive(NOW + 30 * MINUTE - SECOND)
    assert not session.alive(NOW + 30 * MINUTE)
    used = living(session, NOW + 29 * MINUTE)
    assert used.alive(NOW + 58 * MINUTE)
    assert not used.alive(NOW + 59 * MINUTE)


def test_7_3_2_a_session_ends_after_12_hours_however_busy() -> None:
    _, session = new_session("lan", NOW)
    moment = NOW
    while moment < NOW + 12 * HOUR:
        session = living(session, moment)
        moment += 10 * MINUTE
    assert session.alive(NOW + 12 * HOUR - SECOND)
    assert not session.alive(NOW + 12 * HOUR)


def test_7_4_1_an_ended_session_stays_ended() -> None:
    _, session = new_session("lan", NOW)
    ended = session.end(NOW + MINUTE)
    assert not ended.alive(NOW + MINUTE)
    assert ended.end(NOW + HOUR).ended == NOW + MINUTE
    assert reasons(living, ended, NOW + MINUTE) == ["signin.ended"]
    assert reasons(living, None, NOW) == ["signin.ended"]


def test_7_5_3_grave_acts_need_a_sign_in_of_the_last_10_minutes() -> None:
    _, session = new_session("lan", NOW)
    busy = session.used(NOW + 9 * MINUTE)
    assert believed(busy, NOW + 10 * MINUTE - SECOND).seen == NOW + 10 * MINUTE - SECOND
    assert reasons(believed, busy, NOW + 10 * MINUTE) == ["signin.once_more"]
    assert reasons(believed, busy, NOW + 12 * HOUR) == ["signin.ended"]
    assert reasons(believed, None, NOW) == ["signin.ended"]


def test_a_clock_set_back_lengthens_no_session() -> None:
    _, session = new_session("lan", NOW)
    assert session.alive(NOW - LIFETIMES.clock_error)
    assert not session.alive(NOW - LIFETIMES.clock_error - SECOND)
    assert session.used(NOW + MINUTE).used(NOW).seen == NOW + MINUTE
    assert not session.fresh(NOW - HOUR)


# Throttling


def tries(limits: Throttle, seconds: int, first_free: tuple[datetime, ...] = ()) -> list[datetime]:
    """The wrong tries that somebody gets in who tries again as soon as allowed, with whole seconds in between."""
    made, moment = list(first_free), NOW
    while moment < NOW + seconds * SECOND:
        wait = limits.decide(made, moment)
        if wait is None:
            made.append(moment)
            wait = timedelta(0)
        moment += max(wait, SECOND)
    return made


@pytest.mark.parametrize("limits", [PER_ACCOUNT, PER_ADDRESS], ids=["account", "address"])
def test_6_3_1_no_window_of_15_minutes_sees_more_tries_than_allowed(limits: Throttle) -> None:
    made = tries(limits, 4 * 3600)
    most = max(sum(start <= moment < start + limits.window for moment in made) for start in made)
    assert most <= limits.most
    assert len(made) > limits.most, "it opens again"


def test_6_3_1_an_account_gets_10_tries_and_each_wait_is_longer() -> None:
    assert (PER_ACCOUNT.most, PER_ACCOUNT.window) == (10, 15 * MINUTE)
    waits = [PER_ACCOUNT.decide([NOW] * count, NOW) or timedelta(0) for count in range(12)]
    assert waits[:3] == [timedelta(0)] * 3, "two slips of the finger cost nothing"
    assert all(shorter < longer for shorter, longer in pairwise(waits[2:11]))
    assert waits[10] == waits[11] == 15 * MINUTE


def test_6_1_1_nobody_is_locked_out_for_longer_than_the_window() -> None:
    for limits in (PER_ACCOUNT, PER_ADDRESS):
        wait = limits.decide([NOW] * 10_000, NOW)
        assert wait == limits.window
        assert limits.decide([NOW] * 10_000, NOW + limits.window) is None


def test_6_3_1_more_failures_than_allowed_are_waited_for_until_fewer_are_left() -> None:
    failures = [NOW + second * SECOND for second in range(12)]
    assert PER_ACCOUNT.decide(failures, NOW + 5 * MINUTE) == 10 * MINUTE + 2 * SECOND
    assert PER_ACCOUNT.decide([NOW], NOW + 15 * MINUTE) is None


def test_an_office_behind_one_address_is_not_stopped_by_a_few_slips() -> None:
    assert (PER_ADDRESS.most, PER_ADDRESS.window) == (100, 15 * MINUTE)
    assert PER_ADDRESS.decide([NOW] * 20, NOW) is None
    assert PER_ADDRESS.decide([NOW] * 21, NOW) == SECOND


def test_a_wait_ends_exactly_when_it_said() -> None:
    failures = [NOW, NOW + SECOND, NOW + 2 * SECOND, NOW + 4 * SECOND]
    wait = PER_ACCOUNT.decide(failures, NOW + 4 * SECOND)
    assert wait == 2 * SECOND
    assert PER_ACCOUNT.decide(failures, NOW + 4 * SECOND + wait - timedelta(microseconds=1)) is not None
    assert PER_ACCOUNT.decide(failures, NOW + 4 * SECOND + wait) is None


def test_a_clock_a_little_behind_forgives_nothing_and_a_clock_set_back_locks_nobody_out() -> None:
    ahead = [NOW + timedelta(milliseconds=20)] * 10
    assert PER_ACCOUNT.decide(ahead, NOW) == 15 * MINUTE
    assert PER_ACCOUNT.decide([NOW + 24 * HOUR] * 10, NOW) is None


@given(st.lists(st.integers(-2000, 2000), max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_failures_makes_no_difference_and_one_more_never_helps(
    seconds: list[int], chance: random.Random
) -> None:
    failures = [NOW + second * SECOND for second in seconds]
    shuffled = chance.sample(failures, len(failures))
    wait = PER_ACCOUNT.decide(failures, NOW)
    assert PER_ACCOUNT.decide(shuffled, NOW) == wait
    more = PER_ACCOUNT.decide([*failures, NOW], NOW)
    assert (more or timedelta(0)) >= (wait or timedelta(0))


def test_who_must_wait_is_told_how_long_and_nothing_else() -> None:
    assert longest(None, SECOND, 3 * MINUTE) == 3 * MINUTE
    assert longest(None, None) is None
    for wait, told in ((timedelta(milliseconds=1200), "2 giây"), (119 * SECOND, "119 giây"), (121 * SECOND, "3 phút")):
        assert told in say(asked_to_wait(wait).problems[0].message)


def test_the_refusal_of_a_sign_in_says_in_both_languages_nothing_about_the_account() -> None:
    for language, never in (("vi", ("tồn tại", "không có tài khoản")), ("en", ("exist", "no such", "unknown"))):
        use_language(language)
        said = say("signin.refused")
        assert said != "signin.refused"
        assert not any(word in said for word in never)


def test_the_modules_name_no_clock_of_their_own() -> None:
    for module in (credentials, totp, throttle):
        source = Path(module.__file__ or "").read_text(encoding="utf-8")
        assert ".now(" not in source
        assert "time.time" not in source
