"""Pages of the server itself: plain HTML that works without a script, in the visitor's language, from our own site only."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from chamdiem.contest.permissions import ANYBODY, Actor
from chamdiem.contest.signing_in import session_of
from chamdiem.errors import Refusal, refuse
from chamdiem.pages import desk
from chamdiem.pages.desk import COOKIE, LANGUAGE_COOKIE
from chamdiem.server import incidents
from chamdiem.words import LANGUAGES, language, say, shown_problem

LOOPBACK = ("localhost", "127.0.0.1", "::1")
MOST_OF_A_FORM = 20_000  # bytes
YEAR = 365 * 24 * 3600


# pages ----------------------------------------------------------------------------------------------------------


@cache
def style() -> Markup:
    """The style sheet of these pages, which is in each of them: a page that was saved looks the same."""
    return Markup(files("chamdiem.server").joinpath("templates/style.css").read_text("utf-8"))


@cache
def style_source() -> str:
    """What a content security policy names that style sheet by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()}'"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("chamdiem.server"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


def drawn(name: str, **values: object) -> str:
    """A page from its template; every text in it is escaped."""
    about = {"say": say, "language": language(), "style": style()}
    return _templates().get_template(f"{name}.html").render({**about, **values})


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of the server, kept by nobody on the way."""
    return sealed(HTMLResponse(drawn(name, **values), status))


def sealed(response: HTMLResponse) -> HTMLResponse:
    """A page of ours runs nothing, loads nothing and is kept by nobody."""
    policy = (
        f"default-src 'none'; style-src {style_source()}; img-src 'self' data:; form-action 'self'; base-uri 'none'"
    )
    response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def told(refusal: Refusal) -> list[str]:
    """Why something was refused, sentence by sentence."""
    return [shown_problem(problem) for problem in dict.fromkeys(refusal.problems)]


async def refused(_: Request, error: Exception) -> Response:
    """A refusal that no form shows: what is not there and what is not his look the same."""
    assert isinstance(error, Refusal)
    ids = {problem.message.id for problem in error.problems}
    if ids & {"permission.not_found", "files.missing"}:
        return page("sorry", 404, heading=say("server.not_found"), lines=[say("permission.not_found")])
    status = 401 if ids & {"signin.ended", "signin.once_more"} else 400
    return page("sorry", status, heading=say("server.refused"), lines=told(error))


async def turned_away(_: Request, error: Exception) -> Response:
    """What the server refuses before any service is asked."""
    assert isinstance(error, HTTPException)
    known = {401: "server.sign_in_first", 403: "server.forbidden", 404: "permission.not_found", 413: "server.too_big"}
    id = known.get(error.status_code, "server.bad_request")  # noqa: A001 - the catalogue calls it an id
    heading = say("server.not_found" if error.status_code == 404 else "server.refused")
    answer = page("sorry", error.status_code, heading=heading, lines=[say(id)])
    answer.headers.update(error.headers or {})
    return answer


async def broken(_: Request, error: Exception) -> Response:
    """A fault of ours: a number to report, never a traceback."""
    code = incidents.report(error)
    return page("sorry", 500, heading=say("server.broken"), lines=[say("page.fault", code=code)])


# visitors -------------------------------------------------------------------------------------------------------


def token_of(request: HTTPConnection) -> str:
    """The token of the browser's session, "" when it has none."""
    return request.cookies.get(COOKIE, "")


async def visitor(request: HTTPConnection) -> Actor:
    """Who asks, with the roles of this moment; anybody, when no session lives."""
    token = token_of(request)
    if not token:
        return ANYBODY
    try:
        _, actor = await run_in_threadpool(session_of, desk.store(), token, now=datetime.now(UTC))
    except Refusal as refusal:
        if any(problem.message.id.startswith("store.") for problem in refusal.problems):
            raise
        return ANYBODY
    return actor


async def signed_in(request: HTTPConnection) -> Actor:
    """The same, for what is nobody's business who has not signed in."""
    actor = await visitor(request)
    if actor == ANYBODY:
        raise refuse("signin.ended")
    return actor


def address_of(request: HTTPConnection) -> str:
    """The network address somebody comes from, as told by this machine or a proxy it trusts."""
    return request.client.host if request.client else ""


def on_this_machine(request: HTTPConnection) -> bool:
    """Whether the browser sits at this very machine: no proxy in between, and no name that leads here from outside."""
    passed_on = any(name.startswith(("x-forwarded", "forwarded", "x-real-ip", "via")) for name in request.headers)
    try:
        near = ip_address(address_of(request)).is_loopback
    except ValueError:
        near = False
    return near and not passed_on and hostname(request.headers.get("host", "")) in LOOPBACK


def hostname(host: str) -> str:
    """The name in a Host header, "" when it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def is_ours(request: HTTPConnection) -> bool:
    """Whether a page of this very site sent the request, as the browser says: a form elsewhere cannot act for anybody."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin") or request.headers.get("referer", "")
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def is_chosen(request: HTTPConnection) -> bool:
    """The same for a link: followed on this site, or typed."""
    site = request.headers.get("sec-fetch-site")
    return site in ("same-origin", "none") if site is not None else is_ours(request)


async def fields(request: Request, *, most: int = 20, size: int = MOST_OF_A_FORM) -> Mapping[str, str]:
    """What a form of ours says. One with more fields or bytes than it can have, or of another site, is turned away."""
    request._body = await body(request, size)
    form = await request.form(max_files=0, max_fields=most)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def body(request: Request, size: int) -> bytes:
    """What a page of ours sends, of so many bytes at most; more, or what another site sends, is turned away."""
    if not is_ours(request):
        raise HTTPException(403)
    if int(request.headers.get("content-length") or 0) > size:
        raise HTTPException(413)
    sent, pieces = 0, []
    async for piece in request.stream():
        sent += len(piece)
        if sent > size:
            raise HTTPException(413)
        pieces.append(piece)
    return b"".join(pieces)


def local_path(wanted: str, otherwise: str = "/") -> str:
    """A place on this site to go to afterwards; anything that could lead elsewhere is not one."""
    parts = urlsplit(wanted) if wanted.isprintable() else None
    if parts is None or parts.scheme or parts.netloc or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return otherwise
    return otherwise if "\\" in wanted or parts.path.startswith("/dang-") else wanted


def is_secure(request: HTTPConnection) -> bool:
    """Whether the browser came by TLS: to us, or to the proxy that says so and is trusted."""
    return request.url.scheme in ("https", "wss")


# language -------------------------------------------------------------------------------------------------------


def language_of(request: HTTPConnection) -> str:
    """The language this browser has chosen; Vietnamese unless it chose another."""
    wanted = request.cookies.get(LANGUAGE_COOKIE, "")
    return wanted if wanted in LANGUAGES else os.environ.get("CHAMDIEM_LANG", "vi")


async def speak(request: Request) -> Response:
    """Choose a language, and go back to where one was."""
    wanted = request.path_params["language"]
    if wanted not in LANGUAGES:
        raise HTTPException(404)
    before = urlsplit(request.headers.get("referer", ""))
    back = before.path + (f"?{before.query}" if before.query else "")
    same = before.netloc == request.headers.get("host")
    asked = request.query_params.get("ve", back if same else "/")
    response = RedirectResponse(local_path(asked), 303)
    secure = is_secure(request)
    response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=YEAR, samesite="lax", secure=secure, httponly=True, path="/")
    return response


ASSETS = {
    "locale.js": ("text/javascript", "server/templates"),
    "own_words.js": ("text/javascript", "server/templates"),
    "again.js": ("text/javascript", "server/templates"),
    "drafts.js": ("text/javascript", "server/templates"),
    "whole.js": ("text/javascript", "server/templates"),
    "shell.css": ("text/css", "server/templates"),
    "icon.svg": ("image/svg+xml", "pages"),
}


async def asset(request: Request) -> Response:
    """One of the few files that go with the screens."""
    name = request.path_params["name"]
    if name not in ASSETS:
        raise HTTPException(404)
    content = files("chamdiem").joinpath(ASSETS[name][1], name).read_bytes()
    return Response(content, media_type=ASSETS[name][0], headers={"Cache-Control": "public, max-age=3600"})


ROUTES = [Route("/ngon-ngu/{language}", speak), Route("/giao-dien/{name}", asset)]
