"""Signing in with another service: what of an ID token is believed, with keys made here and no network."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from hmac import digest
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.contest.oidc import Settings, address_of, login_of, new_attempt, settings_of
from chamdiem.errors import Message, Refusal
from chamdiem.words import LANGUAGES, say, use_language

NOW = datetime(2026, 11, 21, 8, 0, 10, tzinfo=UTC)
SERVICE = Settings("https://dang-nhap.tinh.gov.vn", "chamdiem")
NONCE = "so-ngau-nhien"
Claims = dict[str, Any]


@cache
def private_key(kind: str = "RS256", which: int = 1) -> Any:
    """A key of the service, made once."""
    made: dict[str, Callable[[], Any]] = {
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }
    return made[kind]()


def published(*kinds: str, which: int = 1) -> dict[str, Any]:
    """What the service publishes of its keys."""
    found = []
    for kind in kinds or ("RS256",):
        written = jwt.get_algorithm_by_name(kind).to_jwk(private_key(kind, which).public_key())
        found.append({**json.loads(written), "kid": f"{kind}-{which}", "use": "sig", "alg": kind})
    return {"keys": found}


def claims(**changed: Any) -> Claims:
    """What a right token says, with some of it changed; None leaves a claim out."""
    at = int(NOW.timestamp())
    right = {
        "iss": SERVICE.issuer, "sub": "7", "aud": SERVICE.client_id, "exp": at + 300, "iat": at - 5, "nonce": NONCE,
        "preferred_username": "lan.nt",
    }  # fmt: skip
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


def token(said: Claims | None = None, kind: str = "RS256", which: int = 1, **header: Any) -> str:
    """A token that the service signed."""
    return jwt.encode(
        claims() if said is None else said, private_key(kind, which), kind, {"kid": f"{kind}-{which}", **header}
    )


def why(text: str, settings: Settings = SERVICE, keys: dict[str, Any] | None = None, nonce: str = NONCE) -> str:
    """Why a token is not believed."""
    with pytest.raises(Refusal) as error:
        login_of(settings, text, keys or published(), nonce, NOW)
    (problem,) = error.value.problems
    assert problem.message.id == "oidc.refused"
    reason = problem.message.values["why"]
    assert isinstance(reason, Message)
    return reason.id


@pytest.mark.parametrize("kind", ["RS256", "ES256", "EdDSA"])
def test_a_right_token_gives_the_login(kind: str) -> None:
    assert login_of(SERVICE, token(kind=kind), published("RS256", "ES256", "EdDSA"), NONCE, NOW) == "lan.nt"


def test_the_claim_that_holds_the_login_is_a_setting() -> None:
    by_mail = Settings(SERVICE.issuer, SERVICE.client_id, claim="email")
    said = claims(email="lan@tinh.gov.vn", email_verified=True)
    assert login_of(by_mail, token(said), published(), NONCE, NOW) == "lan@tinh.gov.vn"
    assert why(token(claims(email="lan@tinh.gov.vn")), by_mail) == "oidc.email_unverified"
    assert why(token(claims(email="lan@tinh.gov.vn", email_verified="true")), by_mail) == "oidc.email_unverified"
    assert why(token(), by_mail) == "oidc.no_login"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://khac.vn"}, "oidc.wrong_issuer"),
        ({"aud": "noi-khac"}, "oidc.wrong_audience"),
        ({"aud": ["chamdiem", "noi-khac"]}, "oidc.wrong_audience"),
        ({"azp": "noi-khac"}, "oidc.wrong_audience"),
        ({"nonce": "khac"}, "oidc.wrong_nonce"),
        ({"nonce": ["so-ngau-nhien"]}, "oidc.wrong_nonce"),
        ({"exp": int(NOW.timestamp()) - 60}, "oidc.wrong_time"),
        ({"iat": int(NOW.timestamp()) + 61}, "oidc.wrong_time"),
        ({"nbf": int(NOW.timestamp()) + 61}, "oidc.wrong_time"),
        ({"iat": int(NOW.timestamp()) - 3600, "exp": int(NOW.timestamp()) + 36000}, "oidc.wrong_time"),
        ({"exp": True}, "oidc.wrong_time"),
        ({"exp": "mai"}, "oidc.wrong_time"),
        *(({name: None}, "oidc.wrong_signature") for name in ("sub", "exp", "iat", "nonce")),
        ({"preferred_username": " "}, "oidc.no_login"),
        ({"preferred_username": ["lan.nt"]}, "oidc.no_login"),
        ({"preferred_username": None}, "oidc.no_login"),
    ],
)
def test_a_signed_token_for_something_else_is_refused(changed: Claims, reason: str) -> None:
    assert why(token(claims(**changed))) == reason


def test_the_edges_of_time_are_exact() -> None:
    at = int(NOW.timestamp())
    for changed in ({"exp": at - 59}, {"iat": at + 60}, {"iat": at - 660}, {"nbf": at + 60}):
        assert login_of(SERVICE, token(claims(**changed)), published(), NONCE, NOW) == "lan.nt", changed
    assert why(token(claims(iat=at - 661))) == "oidc.wrong_time"


def test_several_places_need_the_one_it_was_made_for() -> None:
    said = claims(aud=["chamdiem", "noi-khac"], azp="chamdiem")
    assert login_of(SERVICE, token(said), published(), NONCE, NOW) == "lan.nt"


def test_only_the_keys_of_the_service_sign() -> None:
    assert why(token(which=2)) == "oidc.wrong_signature"
    assert why(token(which=2, kid="RS256-1")) == "oidc.wrong_signature"
    header, body, signature = token().split(".")
    forged = urlsafe_b64encode(json.dumps(claims(preferred_username="quan.tri")).encode()).rstrip(b"=").decode()
    assert why(f"{header}.{forged}.{signature}") == "oidc.wrong_signature"
    assert why(f"{header}.{body}.") == "oidc.wrong_signature"


def signed_with_a_secret(secret: bytes, kid: str) -> str:
    """A token signed with a shared secret, by hand: the library refuses to take a public key for one."""
    parts = ({"alg": "HS256", "typ": "JWT", "kid": kid}, claims())
    body = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return (body + b"." + urlsafe_b64encode(digest(secret, body, "sha256")).rstrip(b"=")).decode()


def test_a_token_without_signature_or_signed_with_what_is_public_is_refused() -> None:
    assert why(jwt.encode(claims(), None, "none")) == "oidc.wrong_signature"
    public = json.dumps(published()["keys"][0])
    assert why(signed_with_a_secret(public.encode(), "RS256-1")) == "oidc.wrong_signature"
    secret = urlsafe_b64encode(b"k" * 32).rstrip(b"=").decode()
    symmetric = {"keys": [{"kty": "oct", "k": secret, "kid": "s", "alg": "HS256"}]}
    assert why(signed_with_a_secret(b"k" * 32, "s"), keys=symmetric) == "oidc.wrong_signature"


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": [{"kty": "RSA", "n": "!", "e": 7}]}, {"keys": "khong"}])
def test_keys_that_are_no_keys_believe_nothing(keys: dict[str, Any]) -> None:
    assert why(token(), keys=keys or {"x": 1}) == "oidc.wrong_signature"


def test_without_a_nonce_of_ours_nothing_is_believed() -> None:
    assert why(token(claims(nonce="")), nonce="") == "oidc.wrong_nonce"


@given(st.text(max_size=200) | st.tuples(*(st.from_regex(r"[\w-]{0,60}", fullmatch=True),) * 3).map(".".join))
def test_whatever_comes_is_refused_in_words(text: str) -> None:
    assert why(text) == "oidc.wrong_signature"


def test_the_refusal_is_a_sentence_in_both_languages() -> None:
    with pytest.raises(Refusal) as error:
        login_of(SERVICE, token(), published(), "khac", NOW)
    said = set()
    for language in LANGUAGES:
        use_language(language)
        said.add(say(error.value.problems[0].message))
    assert len(said) == 2
    assert all("oidc" not in sentence and "{" not in sentence for sentence in said)


# settings, and the way there ---------------------------------------------------------------------------------------


def test_settings_come_from_the_environment() -> None:
    assert settings_of({}) is None
    assert settings_of({"CHAMDIEM_OIDC_ISSUER": "", "OTHER": "x"}) is None
    given = {"CHAMDIEM_OIDC_ISSUER": SERVICE.issuer, "CHAMDIEM_OIDC_CLIENT_ID": "chamdiem"}
    assert settings_of(given) == SERVICE
    more = {**given, "CHAMDIEM_OIDC_CLAIM": "email", "CHAMDIEM_OIDC_SCOPE": "openid email"}
    assert settings_of(more) == Settings(SERVICE.issuer, "chamdiem", claim="email", scope="openid email")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"ISSUER": "https://a.vn"}, "oidc.setting_missing"),
        ({"CLIENT_SECRET": "x"}, "oidc.setting_missing"),
        ({"ISSUER": "http://a.vn", "CLIENT_ID": "x"}, "oidc.not_https"),
        ({"ISSUER": "a.vn", "CLIENT_ID": "x"}, "oidc.not_https"),
    ],
)
def test_half_a_setting_is_refused_at_the_start(given: dict[str, str], reason: str) -> None:
    with pytest.raises(Refusal) as error:
        settings_of({f"CHAMDIEM_OIDC_{name}": value for name, value in given.items()})
    assert [problem.message.id for problem in error.value.problems] == [reason]


def test_the_browser_is_sent_with_words_of_this_attempt_alone() -> None:
    first, second = new_attempt(), new_attempt()
    words = {first.state, first.nonce, first.verifier, second.state, second.nonce, second.verifier}
    assert len(words) == 6
    assert all(len(word) >= 43 for word in words)
    address = address_of(SERVICE, "https://dang-nhap.tinh.gov.vn/auth?a=1", "https://cham.tinh.gov.vn/oidc", first)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    challenge = urlsafe_b64encode(sha256(first.verifier.encode()).digest()).rstrip(b"=").decode()
    assert asked == {
        "a": "1", "response_type": "code", "client_id": "chamdiem", "redirect_uri": "https://cham.tinh.gov.vn/oidc",
        "scope": "openid profile", "state": first.state, "nonce": first.nonce, "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    assert first.verifier not in address


def test_a_token_is_good_for_minutes_not_for_days() -> None:
    said = token(claims(exp=int((NOW + timedelta(days=1)).timestamp())))
    assert login_of(SERVICE, said, published(), NONCE, NOW) == "lan.nt"
    with pytest.raises(Refusal):
        login_of(SERVICE, said, published(), NONCE, NOW + timedelta(minutes=12))
