"""Signing in and out: plain forms that work without a script, and a cookie that no script can read."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chamdiem.contest.signing_in import sign_in_sample, sign_out
from chamdiem.pages import desk
from chamdiem.pages.desk import COOKIE


def with_session(response: Response, token: str, *, secure: bool) -> Response:
    """Give the browser its session."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")
    return response


async def sample(request: Request) -> Response:
    """Sign in a made-up person of a demo."""
    begun = sign_in_sample(desk.store(), request.path_params["login"], now=datetime.now(UTC))
    return with_session(RedirectResponse("/", 303), begun.token, secure=request.url.scheme == "https")


async def leave(request: Request) -> Response:
    """Sign out."""
    if token := request.cookies.get(COOKIE):
        sign_out(desk.store(), token)
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


ROUTES = [
    Route("/dang-nhap/mau/{login}", sample, methods=["GET"]),
    Route("/dang-xuat", leave, methods=["GET"]),
]
