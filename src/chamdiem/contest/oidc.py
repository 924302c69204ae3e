"""Signing in with another service by OpenID Connect: what is set, what is sent, and what of an ID token is believed.

Nothing here reads a clock or speaks over a network: whoever does hands in the moment and the service's public keys.
Only logins that exist here may sign in (accounts.sign_in_with), and roles are given here alone.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from jwt.types import Options

from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse

NAMED = "CHAMDIEM_OIDC_"
SIGNATURES = ("RS256", "PS256", "ES256", "ES384", "EdDSA")  # of a public key: a shared secret signs nothing here
CLOCK_ERROR = timedelta(minutes=1)
OLDEST = timedelta(minutes=10)  # since the token was made


@dataclass(frozen=True)
class Settings:
    """Which service vouches for whom: its address, our name there, and the claim that holds the login."""

    issuer: str
    client_id: str
    client_secret: str = ""
    claim: str = "preferred_username"
    scope: str = "openid profile"


def settings_of(environment: Mapping[str, str]) -> Settings | None:
    """The settings CHAMDIEM_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET, _CLAIM and _SCOPE; None where no service is set.

    Raises Refusal where only half is set, and for an address that others on the way could answer for.
    """
    named = {name: environment.get(f"{NAMED}{name.upper()}", "").strip() for name in Settings.__dataclass_fields__}
    given = {name: value for name, value in named.items() if value}
    if not given:
        return None
    if missing := [f"{NAMED}{name.upper()}" for name in ("issuer", "client_id") if name not in given]:
        raise refuse("oidc.setting_missing", names=missing)
    if not safe(given["issuer"]):
        raise refuse("oidc.not_https", name=f"{NAMED}ISSUER")
    return Settings(**given)


def safe(address: str) -> bool:
    """Whether an address is reached by https, or lies on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True)
class Attempt:
    """What the browser that is sent away must bring back; kept on our side until then, for this browser alone."""

    state: str
    nonce: str
    verifier: str


def new_attempt() -> Attempt:
    """Three random words for one sign-in."""
    return Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))


def address_of(settings: Settings, endpoint: str, back: str, attempt: Attempt) -> str:
    """Where the browser is sent to sign in (`endpoint` as the service publishes it), and comes back from to `back`."""
    challenge = urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": settings.client_id, "redirect_uri": back, "scope": settings.scope,
        "state": attempt.state, "nonce": attempt.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


def login_of(settings: Settings, token: str, keys: Mapping[str, Any], nonce: str, now: datetime) -> str:
    """The login that an ID token vouches for. `keys` are the public keys of the service (its JWKS), `nonce` is the one of
    the attempt. Raises Refusal when anything about the token is not as it must be, whatever else it says."""
    claims = _signed(token, keys, settings)
    if wrong := next(_wrong(settings, claims, nonce, now), None):
        raise _refused(wrong)
    login = claims.get(settings.claim)
    if not isinstance(login, str) or not login.strip():
        raise _refused(message("oidc.no_login", claim=settings.claim))
    if settings.claim == "email" and claims.get("email_verified") is not True:
        raise _refused(message("oidc.email_unverified"))
    return login


def _signed(token: str, keys: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What a token says, once its signature, issuer and audience are right; its moments are looked at afterwards."""
    options: Options = {
        "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
        "verify_exp": False, "verify_iat": False, "verify_nbf": False,
    }  # fmt: skip
    try:
        return jwt.decode(
            token, _key(token, keys), list(SIGNATURES), options, audience=settings.client_id, issuer=settings.issuer
        )
    except jwt.InvalidIssuerError:
        raise _refused(message("oidc.wrong_issuer")) from None
    except jwt.InvalidAudienceError:
        raise _refused(message("oidc.wrong_audience")) from None
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):  # the latter where the published keys are no keys
        raise _refused(message("oidc.wrong_signature")) from None


def _key(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The public key that a token names, or the only one there is."""
    named = jwt.get_unverified_header(token).get("kid")
    signing = [
        key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if key.key_type != "oct" and key.public_key_use != "enc"
    ]
    fitting = [key for key in signing if key.key_id == named] if named is not None else signing
    if len(fitting) != 1:
        raise jwt.InvalidKeyError
    return fitting[0]


def _wrong(settings: Settings, claims: Mapping[str, Any], nonce: str, now: datetime) -> Iterator[Message]:
    """What is wrong with a token that is signed as it must be: for another place, too old, too early, used by another."""
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        yield message("oidc.wrong_audience")
    if claims.get("azp", settings.client_id) != settings.client_id:
        yield message("oidc.wrong_audience")
    moments = [claims["exp"], claims["iat"], claims.get("nbf", claims["iat"])]
    if not all(isinstance(moment, int | float) and not isinstance(moment, bool) for moment in moments):
        yield message("oidc.wrong_time")
        return
    expires, made, begins = moments
    at, error = now.timestamp(), CLOCK_ERROR.total_seconds()
    if not (max(made, begins) - error <= at < expires + error and at - made <= OLDEST.total_seconds() + error):
        yield message("oidc.wrong_time")
    if not nonce or not compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        yield message("oidc.wrong_nonce")


def _refused(why: Message) -> Refusal:
    return Refusal(Problem(Where(), message("oidc.refused", why=why)))
