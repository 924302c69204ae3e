"""Signing in with another service that vouches for people (OpenID Connect), where one is set; else these routes are shut."""

from __future__ import annotations

import os
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chamdiem.contest.oidc import Attempt, Settings, address_of, login_of, new_attempt, safe, settings_of
from chamdiem.contest.people import account_id, credential_of
from chamdiem.contest.signing_in import sign_in_with
from chamdiem.errors import Refusal, message, refuse
from chamdiem.pages import desk
from chamdiem.server import forms

COOKIE = "chamdiem_oidc"
LASTS = timedelta(minutes=10)
MOST_WAITING = 1000
PATIENCE = 10.0  # seconds for each answer of the service
ADDRESS = "CHAMDIEM_URL"  # under which people reach the app; told by the browser where it is not set


@dataclass(frozen=True)
class Waiting:
    """Somebody who was sent away to sign in, and where he wants to go afterwards."""

    attempt: Attempt
    since: datetime
    back: str
    callback: str
    login: str = ""  # of whom the service has vouched for, while the code of his telephone is waited for


_waiting: OrderedDict[str, Waiting] = OrderedDict()


def offered() -> bool:
    """Whether a service is set."""
    return settings_of(os.environ) is not None


def _settings() -> Settings:
    found = settings_of(os.environ)
    if found is None:
        raise refuse("permission.not_found")
    return found


async def depart(request: Request) -> Response:
    """Send the browser to the service."""
    settings = _settings()
    about = await _published(settings)
    base = os.environ.get(ADDRESS) or str(request.base_url)
    callback = f"{base.rstrip('/')}/oidc/ve"
    mark, attempt = secrets.token_urlsafe(32), new_attempt()
    _waiting[mark] = Waiting(attempt, datetime.now(UTC), request.query_params.get("ve", ""), callback)
    while len(_waiting) > MOST_WAITING:
        _waiting.popitem(last=False)
    response = RedirectResponse(address_of(settings, about["authorization_endpoint"], callback, attempt), 303)
    secure = forms.is_secure(request)
    response.set_cookie(COOKIE, mark, int(LASTS.total_seconds()), httponly=True, samesite="lax", secure=secure)
    return response


async def come_back(request: Request) -> Response:
    """Believe the service, if all of its answer is as it must be; whoever has a telephone is asked for its code as well."""
    settings, now, mark = _settings(), datetime.now(UTC), request.cookies.get(COOKIE, "")
    waiting = _waiting.pop(mark, None)
    given = request.query_params
    if waiting is None or now - waiting.since > LASTS or not _same(given.get("state", ""), waiting.attempt.state):
        raise refuse("oidc.refused", why=message("oidc.wrong_nonce"))
    if "code" not in given:
        raise refuse("signin.refused")
    about = await _published(settings)
    token = await _token(settings, about, given["code"], waiting)
    keys = await _asked("GET", about["jwks_uri"])
    login = login_of(settings, token, keys, waiting.attempt.nonce, now)
    if await run_in_threadpool(_has_telephone, login):
        _waiting[mark] = replace(waiting, login=login)
        return forms.page("second_proof", errors=[])
    return await _begun(request, login, "", waiting)


async def prove(request: Request) -> Response:
    """The code of the telephone, of somebody whom the service has vouched for a moment ago."""
    given, mark = await forms.fields(request), request.cookies.get(COOKIE, "")
    waiting = _waiting.get(mark)
    if waiting is None or not waiting.login or datetime.now(UTC) - waiting.since > LASTS:
        raise refuse("signin.ended" if not mark else "signin.refused")
    try:
        answer = await _begun(request, waiting.login, given.get("ma", "")[:40], waiting)
    except Refusal as refusal:
        return forms.page("second_proof", 422, errors=forms.told(refusal))
    _waiting.pop(mark, None)
    return answer


async def _begun(request: Request, login: str, code: str, waiting: Waiting) -> Response:
    from chamdiem.server.signing import arrived

    begun = await run_in_threadpool(
        sign_in_with, desk.store(), login, code, now=datetime.now(UTC), address=forms.address_of(request),
        instead_of=forms.token_of(request),
    )  # fmt: skip
    response = arrived(request, begun, waiting.back)
    response.delete_cookie(COOKIE)
    return response


def _has_telephone(login: str) -> bool:
    with desk.store().read() as connection:
        account = account_id(connection, login)
        keys = credential_of(connection, account) if account else None
    return bool(keys and keys["secret"])


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


async def _published(settings: Settings) -> dict[str, Any]:
    """What the service says of itself, under the very name it was set by."""
    about = await _asked("GET", f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration")
    ends = [about.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if about.get("issuer") != settings.issuer or not all(isinstance(end, str) and safe(end) for end in ends):
        raise refuse("oidc.refused", why=message("oidc.wrong_issuer"))
    return about


async def _token(settings: Settings, about: dict[str, Any], code: str, waiting: Waiting) -> str:
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": waiting.callback,
        "client_id": settings.client_id, "code_verifier": waiting.attempt.verifier,
    }  # fmt: skip
    secret = (settings.client_id, settings.client_secret) if settings.client_secret else None
    answer = await _asked("POST", about["token_endpoint"], data=form, auth=secret)
    return str(answer.get("id_token", ""))


async def _asked(method: str, address: str, **what: Any) -> dict[str, Any]:
    """An answer of the service; silence and nonsense are one refusal."""
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False) as client:
            answer = await client.request(method, address, **what)
            answer.raise_for_status()
            found = answer.json()
    except (httpx.HTTPError, ValueError):
        raise refuse("oidc.silent") from None
    if not isinstance(found, dict):
        raise refuse("oidc.silent")
    return found


ROUTES = [Route("/oidc/di", depart), Route("/oidc/ve", come_back), Route("/oidc/ma", prove, methods=["POST"])]
