"""Signing in and out: plain forms that work without a script, and a cookie that no script can read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from chamdiem.contest.people import typed
from chamdiem.contest.permissions import ANYBODY, Actor
from chamdiem.contest.record import rows
from chamdiem.contest.signing_in import (
    SignedIn,
    System,
    end_sessions,
    living_among,
    sample_people,
    sign_in,
    sign_in_sample,
    sign_out,
)
from chamdiem.errors import Refusal, refuse
from chamdiem.pages import desk
from chamdiem.pages.desk import BACK, COOKIE
from chamdiem.pages.programme_chosen import PROGRAMME
from chamdiem.server.forms import (
    address_of,
    fields,
    is_chosen,
    is_secure,
    local_path,
    on_this_machine,
    page,
    token_of,
    told,
    visitor,
)
from chamdiem.server.visits import VISITS
from chamdiem.server.vouching import offered
from chamdiem.store import tables
from chamdiem.words import say

DEMO = "CHAMDIEM_DEMO"  # "1": a sign-in per role of the demo on the first screen, for this machine alone
PASSWORD, TELEPHONE = "/doi-mat-khau", "/dien-thoai"


def with_session(request: Request, response: Response, token: str) -> Response:
    """Give the browser its session: for this site alone, out of reach of scripts, and only by TLS where it came so."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_secure(request), path="/")
    return response


def without_session(request: Request, response: Response) -> Response:
    """Take the session out of the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure(request))
    return response


# in -------------------------------------------------------------------------------------------------------------


async def show(request: Request) -> Response:
    """The form, with whoever has to confirm that he is himself named already."""
    again = request.query_params.get("lai", "") == "1"
    login = await run_in_threadpool(_login_of, await visitor(request)) if again else ""
    return await _form(request, login=login, notice=say("signin.once_more") if again and login else "")


async def _form(request: Request, status: int = 200, **values: object) -> Response:
    about = {"login": "", "notice": "", "errors": [], "back": request.query_params.get("ve", ""), **values}
    return page("sign_in", status, people=await _people(request), vouched=offered(), **about)


async def enter(request: Request) -> Response:
    """Sign in. What was typed stays, but for the secrets; the session before ends."""
    given = await fields(request)
    login, back = given.get("tai_khoan", ""), given.get("ve", "")
    try:
        begun = await run_in_threadpool(
            sign_in, desk.store(), login, given.get("mat_khau", ""), given.get("ma", ""), now=datetime.now(UTC),
            address=address_of(request), instead_of=token_of(request),
        )  # fmt: skip
    except Refusal as refusal:
        waits = any(problem.message.id.startswith("signin.wait") for problem in refusal.problems)
        return await _form(request, 429 if waits else 422, login=login[:80], errors=told(refusal), back=back)
    return arrived(request, begun, back)


def arrived(request: Request, begun: SignedIn, back: str = "") -> Response:
    """On to what must be done first, or to where one wanted to go."""
    duty = PASSWORD if begun.must_change_password else TELEPHONE if begun.must_enrol_telephone else ""
    # windows of the session before come back with the cookie they find: not before the new one is on its way
    told = BackgroundTask(VISITS.replaced, token_of(request))
    return with_session(request, RedirectResponse(duty or local_path(back), 303, background=told), begun.token)


async def still_here(request: Request) -> JSONResponse:
    """Whether this browser is signed in, and nothing else; to be asked keeps nobody signed in."""
    token = token_of(request)
    living = await run_in_threadpool(living_among, desk.store(), {token}, now=datetime.now(UTC)) if token else ()
    said = {"signed_in": token in living}
    return JSONResponse(said, headers={"Cache-Control": "no-store"})


async def go_back(request: Request) -> Response:
    """For whoever was asked to sign in again in a new tab: the one before goes on by itself."""
    if await visitor(request) == ANYBODY:
        return RedirectResponse(f"/dang-nhap?{urlencode({'ve': request.query_params.get('ve', '')})}", 303)
    return page("signed_in", onward=local_path(request.query_params.get("ve", "")))


async def sample(request: Request) -> Response:
    """Sign in a made-up person of a demo, at this machine alone."""
    if not is_demo(request):
        raise refuse("permission.not_found")
    begun = await run_in_threadpool(
        sign_in_sample, desk.store(), request.path_params["login"], now=datetime.now(UTC),
        address=address_of(request), instead_of=token_of(request),
    )  # fmt: skip
    return arrived(request, SignedIn(begun.token, begun.account, False, False), request.query_params.get("ve", ""))


def is_demo(request: Request) -> bool:
    """Whether made-up people may be signed in by a click: in a demo, before this very machine."""
    return os.environ.get(DEMO) == "1" and on_this_machine(request)


async def _people(request: Request) -> list[tuple[System, str]]:
    """The made-up people who may be signed in by a click, by what they work in, and where each comes out. Nobody outside a
    demo."""
    found = await run_in_threadpool(sample_people, desk.store()) if is_demo(request) else []
    return [(one, _shown_first(one, found[0])) for one in found]


def _shown_first(system: System, first: System) -> str:
    """Where somebody comes out: at his programme, or at his contest; who works everywhere at the first one."""
    if system.is_programme:
        return f"/chuong-trinh?{urlencode({PROGRAMME: system.key})}"
    return f"/?{urlencode({desk.CONTEST: system.key or first.key})}"


def _login_of(actor: Actor) -> str:
    if actor == ANYBODY:
        return ""
    with desk.store().read() as connection:
        found = rows(connection, tables.person, id=actor.account)
    return typed(found[0]["login"]) if found else ""


# out ------------------------------------------------------------------------------------------------------------


async def leave(request: Request) -> Response:
    """Sign out by a link of this site; from elsewhere the question comes first."""
    if request.method == "GET" and not is_chosen(request):
        return page("sign_out", action="/dang-xuat", question=say("server.sign_out_ask"))
    if request.method == "POST":
        await fields(request)
    if token := token_of(request):
        await run_in_threadpool(sign_out, desk.store(), token)
        VISITS.look()
    return without_session(request, RedirectResponse("/dang-nhap", 303))


async def leave_everywhere(request: Request) -> Response:
    """End all one's sessions, on every machine."""
    if request.method == "GET":
        return page("sign_out", action="/dang-xuat-het", question=say("server.sign_out_all_ask"))
    await fields(request)
    actor = await visitor(request)
    if actor != ANYBODY:
        mine = tables.session.c.account == actor.account
        await run_in_threadpool(end_sessions, desk.store(), mine, actor.account)
        VISITS.look()
    return without_session(request, RedirectResponse("/dang-nhap", 303))


ROUTES = [
    Route("/dang-nhap", show, methods=["GET"]),
    Route("/dang-nhap", enter, methods=["POST"]),
    Route("/phien", still_here, methods=["GET"]),
    Route(BACK, go_back, methods=["GET"]),
    Route("/dang-nhap/mau/{login}", sample, methods=["GET"]),
    Route("/dang-xuat", leave, methods=["GET", "POST"]),
    Route("/dang-xuat-het", leave_everywhere, methods=["GET", "POST"]),
]
