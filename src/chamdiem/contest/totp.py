"""The second proof of who one is, a telephone's six digits or a code from paper, and the judging of both together."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest

import pyotp
from argon2 import PasswordHasher

from chamdiem.contest.credentials import HASHER, Password, Randomness, fits, new_code, rehashed
from chamdiem.errors import refuse

NEEDS_SECOND_PROOF = frozenset({"administrator", "secretary"})  # [ASVS 6.3.3, for these roles]
SECRET_BYTES = 20  # what RFC 4226 asks of a shared secret
STEP_SECONDS = 30
STEPS_ASIDE = 1  # a telephone's clock may be one step behind or ahead
RECOVERY_CODES = 10
RECOVERY_LETTERS = 24  # 120 bits: enough to be kept as a plain SHA-256 (ASVS 6.5.2 asks for 112)
MISREAD = str.maketrans("ilo", "110", " -\t\n")


def new_secret(randomness: Randomness = secrets.token_bytes) -> str:
    """A new secret to be shared with a telephone, as the telephone takes it when typed in by hand."""
    return base64.b32encode(randomness(SECRET_BYTES)).decode()


def otpauth_uri(secret: str, login: str, issuer: str) -> str:
    """What the square picture holds that a telephone reads the secret from."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=issuer)


def step_at(now: datetime) -> int:
    """The number of the half-minute that a moment lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def accepted_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The half-minute a code belongs to, to be kept as the last one used; None when the code is wrong or was used.

    A step up to `last_step` is refused, so a code read over somebody's shoulder is worth nothing afterwards.
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    expected = pyotp.TOTP(secret, interval=STEP_SECONDS)
    steps = range(max(0, step_at(now) - STEPS_ASIDE), step_at(now) + STEPS_ASIDE + 1)
    fitting = [step for step in steps if compare_digest(expected.generate_otp(step).encode(), typed)]
    return next((step for step in fitting if last_step is None or step > last_step), None)


def new_recovery_codes(randomness: Randomness = secrets.token_bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes to print once and keep in a drawer, and what is stored of them."""
    codes = tuple(new_code(RECOVERY_LETTERS, randomness) for _ in range(RECOVERY_CODES))
    return codes, tuple(recovery_hash(code) for code in codes)


def recovery_hash(code: str) -> str:
    """What is stored of a recovery code; capitals, spaces, hyphens and misread letters make no difference."""
    read = code.lower().translate(MISREAD)
    return hashlib.sha256(b"chamdiem recovery code\0" + read.encode("utf-8", "surrogatepass")).hexdigest()


def without_used(code: str, stored: Iterable[str]) -> tuple[str, ...] | None:
    """The recovery codes that remain once this one is used; None when it is not among them."""
    stored, used = tuple(stored), recovery_hash(code)
    remaining = tuple(kept for kept in stored if not compare_digest(kept, used))
    return None if len(remaining) == len(stored) else remaining


def needs_second_proof(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles signs in with a code from a telephone as well."""
    return not NEEDS_SECOND_PROOF.isdisjoint(roles)


@dataclass(frozen=True)
class Keys:
    """Everything kept of how one account proves itself. `secret` is None until a telephone is enrolled."""

    password: Password
    secret: str | None = None
    last_step: int | None = None
    recovery: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """Somebody proved to be who they say. `keys` replace the stored ones; what must be done before anything else."""

    keys: Keys
    must_change_password: bool = False
    must_enrol_telephone: bool = False


def prove(
    keys: Keys | None, password: str, code: str, now: datetime, *, roles: Iterable[str], hasher: PasswordHasher = HASHER
) -> Proof:
    """Judge a sign-in: password and code together; one and the same refusal, whatever of it was wrong  [ASVS 6.3.8].

    `keys` is None for a login nobody has and for an account that is closed: the same work is done. `code` is the six
    digits or a recovery code, empty where no telephone is enrolled. Ask `Throttle.decide` first.
    """
    right = fits(password, keys.password.hash if keys else None, hasher)
    after_code = _after_code(keys, code, now) if keys and right else None
    if after_code is None:
        raise refuse("signin.refused")
    if after_code.password.expired(now):
        raise refuse("signin.first_expired")
    kept = rehashed(after_code.password, password, hasher)
    lacks_telephone = after_code.secret is None and needs_second_proof(roles)
    return Proof(replace(after_code, password=kept), kept.first, lacks_telephone)


def _after_code(keys: Keys, code: str, now: datetime) -> Keys | None:
    """The keys once the code is used up  [ASVS 6.5.1]; None when it is wrong."""
    if keys.secret is None:
        return keys
    step = accepted_step(keys.secret, code, now, keys.last_step)
    if step is not None:
        return replace(keys, last_step=step)
    remaining = without_used(code, keys.recovery)
    return None if remaining is None else replace(keys, recovery=remaining)
