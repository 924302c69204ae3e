"""How somebody proves to be who they say, and for how long that is believed: passwords and sessions.

Nothing here reads a clock or a database: moments are handed in (aware, UTC), and what is to be stored is handed back.
The rows of OWASP ASVS 5.0 that a rule answers stand behind it in brackets.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.words import plain

Randomness = Callable[[int], bytes]  # so many random bytes

HASHER = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)  # argon2id, about 40 ms  [11.4.2]
LEAST, MOST = 12, 128  # characters  [6.2.1, 6.2.9]
FIRST_LETTERS = 16  # of a first password: 80 bits  [6.4.1]
FIRST_LASTS = timedelta(days=7)
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # of codes read from paper: no i, l, o, u, they are misread
TOKEN_BYTES = 32  # 256 bits  [7.2.3]
DIFFERENT_LETTERS = 5  # that a password has at least beside the words everybody tries

# What everybody tries first, without diacritics and spaces  [6.1.2, 6.2.4, 6.2.11]: worldwide, in Vietnam, in this trade.
COMMON = """
password passwd passw0rd letmein welcome iloveyou admin administrator monkey dragon football baseball princess sunshine
shadow superman batman trustno1 master login hello secret changeme default system computer internet samsung google
facebook michael jordan test guest user root pokemon starwars whatever charlie freedom
matkhau anhyeuem emyeuanh toiyeuban yeuem anhnhoem nhoanh khongbiet khongco congchua vietnam hanoi saigon hochiminh
danang haiphong xinchao hanhphuc giadinh tinhyeu nguyen nguyenvan tran tranvan mothaiba motconvit conheocon zalo matma
dangnhap taikhoan chucmungnammoi trangchu quantri
chamdiem thidua khenthuong danvan danvankheo giamkhao bangiamkhao thuky tothuky uyban ubnd nhandan hoidong xaphuong
cuocthi canbo congan mattran mttq chinhquyen bacgiang bacninh yenthe bantochuc hoichungtay
"""
ROWS = """
abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm !@#$%^&*() 1q2w3e4r5t6y7u8i9o0p
1qaz2wsx3edc4rfv5tgb6yhn7ujm qazwsxedcrfvtgbyhnujm 147258369
"""
LOOK_ALIKE = str.maketrans("@013457$!", "aoieastsi")


def login_key(login: str) -> str:
    """A login as it is looked up and counted: "  Lan.NT " and "lan.nt" are the same."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def check_wished(password: str, *, login: str, about: Iterable[str] = ()) -> None:
    """Refuse a password that is short, endless or easy to guess; any letters, signs and spaces are welcome  [6.2.5].

    `about` are words others know of the person, such as the names of the person and of the commune.
    """
    if weaknesses := list(_weaknesses(_normal(password), login, tuple(about))):
        raise Refusal(Problem(Where(), weakness) for weakness in weaknesses)


def _weaknesses(password: str, login: str, about: Collection[str]) -> Iterator[Message]:
    if len(password) < LEAST:
        yield message("password.too_short", length=len(password), least=LEAST)
    if len(password) > MOST:
        yield message("password.too_long", length=len(password), most=MOST)
        return
    name = _letters(login)
    if len(name) >= 4 and name in _letters(password):
        yield message("password.holds_login")
    elif easy_to_guess(password, about):
        yield message("password.easy")


def easy_to_guess(password: str, about: Iterable[str] = ()) -> bool:
    """Whether little is left of a password without the words everybody tries, keys in a row and what is known of one."""
    personal = [part for words in about for part in (_letters(words), *plain(words).split())]
    known = [*COMMON.split(), *personal, *_runs()]
    words = re.compile("|".join(re.escape(word) for word in sorted(known, key=len, reverse=True) if len(word) >= 4))
    shapes = {_letters(password), _letters(password).translate(LOOK_ALIKE)}
    lefts = [_left(shape, words) for shape in shapes]
    return any(len(set(password.lower()) if left is None else left) < DIFFERENT_LETTERS for left in lefts)


def _left(shape: str, words: re.Pattern[str]) -> set[str] | None:
    left, found = words.subn("", shape)
    return set(left) - set(string.punctuation) if found else None


def _runs() -> Iterator[str]:
    """Four keys in a row and more, forwards and backwards."""
    for line in ROWS.split():
        spans = [(start, end) for start in range(len(line) - 3) for end in range(start + 4, len(line) + 1)]
        yield from (order[start:end] for order in (line, line[::-1]) for start, end in spans)


def _letters(text: str) -> str:
    return plain(text).replace(" ", "")


def _normal(password: str) -> str:  # however a keyboard composed it; nothing is cut, trimmed or re-cased  [6.2.8]
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


def nobodys_hash(hasher: PasswordHasher = HASHER) -> str:
    """A hash that no password fits: looking at it costs what looking at a real one costs."""
    sizes = (hasher.salt_len, hasher.hash_len)
    salt, tag = (b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in sizes)
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${tag}"


@dataclass(frozen=True)
class Password:
    """What is kept of a password: its argon2id hash, since when, and whether it is a first one that must be changed."""

    hash: str
    since: datetime
    first: bool = False

    def expired(self, now: datetime) -> bool:
        """Whether a first password has waited too long; a password one chose stays good  [6.2.10]."""
        return self.first and now - self.since >= FIRST_LASTS


def hashed(password: str, since: datetime, *, first: bool = False, hasher: PasswordHasher = HASHER) -> Password:
    """What is stored of a password that was accepted."""
    return Password(hasher.hash(_bytes(password)), since, first)


def new_code(letters: int, randomness: Randomness = secrets.token_bytes) -> str:
    """A random code to be read from paper, in groups of four; each letter is worth five bits."""
    code = "".join(ALPHABET[byte % len(ALPHABET)] for byte in randomness(letters))
    return "-".join(code[start : start + 4] for start in range(0, letters, 4))


def first_password(now: datetime, randomness: Randomness = secrets.token_bytes) -> tuple[str, Password]:
    """A password to hand over on paper, good for one week and one change, and what is stored of it  [6.4.1, 6.4.6]."""
    password = new_code(FIRST_LETTERS, randomness)
    return password, hashed(password, now, first=True)


def fits(password: str, stored: str | None, hasher: PasswordHasher = HASHER) -> bool:
    """Whether a password is the stored one. One argon2 verification is done, also where nothing is stored  [6.3.8]."""
    endless = len(password) > 4 * MOST  # composed letters may be typed as several characters
    try:
        return hasher.verify(
            nobodys_hash(hasher) if endless or stored is None else stored, _bytes(password[: 4 * MOST])
        )
    except InvalidHashError:
        return fits(password, None, hasher)
    except VerificationError:
        return False


def rehashed(kept: Password, password: str, hasher: PasswordHasher = HASHER) -> Password:
    """The password as it is to be stored now that it is known to be right: hashed anew where the costs were raised."""
    if not hasher.check_needs_rehash(kept.hash):
        return kept
    return replace(kept, hash=hasher.hash(_bytes(password)))


def changed_password(
    kept: Password, current: str, wished: str, now: datetime, *, login: str, about: Iterable[str] = ()
) -> Password:
    """The password as it is once changed; the current one is asked for  [6.2.3] and cannot be chosen again  [6.4.1]."""
    if not fits(current, kept.hash):
        raise refuse("password.current_wrong")
    if _normal(wished) == _normal(current):
        raise refuse("password.same")
    check_wished(wished, login=login, about=about)
    return hashed(wished, now)


@dataclass(frozen=True)
class Lifetimes:
    """How long a session lives untouched, how long at all, and how long after signing in a grave act is believed."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    fresh: timedelta = timedelta(minutes=10)
    clock_error: timedelta = timedelta(minutes=5)


LIFETIMES = Lifetimes()


@dataclass(frozen=True)
class Session:
    """One sign-in: whose, the SHA-256 of its token, when it began, when it was last used, and whether it was ended."""

    account: int | str
    token_sha256: str
    begun: datetime
    seen: datetime
    ended: datetime | None = None

    def alive(self, now: datetime, lifetimes: Lifetimes = LIFETIMES) -> bool:
        """Whether this sign-in still counts: neither ended, nor idle for too long, nor too old  [7.3.1, 7.3.2]."""
        age = now - self.begun  # negative when the clock ran ahead as it began: not believed beyond a small error
        in_time = -lifetimes.clock_error <= age < lifetimes.absolute
        return self.ended is None and in_time and now - self.seen < lifetimes.idle

    def fresh(self, now: datetime, lifetimes: Lifetimes = LIFETIMES) -> bool:
        """Whether the person signed in so recently that closing, reopening or publishing is believed  [7.5.3]."""
        return self.alive(now, lifetimes) and now - self.begun < lifetimes.fresh

    def used(self, now: datetime) -> Session:
        """The session once it was used at this moment; it never moves backwards."""
        return replace(self, seen=max(self.seen, now))

    def end(self, now: datetime) -> Session:
        """The session once signed out, or once the account was closed  [7.4.1, 7.4.2]."""
        return replace(self, ended=self.ended or now)


def new_session(account: int | str, now: datetime, randomness: Randomness = secrets.token_bytes) -> tuple[str, Session]:
    """A token for the browser alone, and what is stored; signing in once more makes a new one  [7.2.4]."""
    token = urlsafe_b64encode(randomness(TOKEN_BYTES)).rstrip(b"=").decode()
    return token, Session(account, token_sha256(token), now, now)


def token_sha256(token: str) -> str:
    """What is kept of a token, and what its session is found by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def living(session: Session | None, now: datetime, lifetimes: Lifetimes = LIFETIMES) -> Session:
    """The session after this use; refused when there is none or it does not count any more."""
    if session is None or not session.alive(now, lifetimes):
        raise refuse("signin.ended")
    return session.used(now)


def believed(session: Session | None, now: datetime, lifetimes: Lifetimes = LIFETIMES) -> Session:
    """The session for a grave act: refused when the person has to sign in once more first."""
    used = living(session, now, lifetimes)
    if not used.fresh(now, lifetimes):
        raise refuse("signin.once_more")
    return used
