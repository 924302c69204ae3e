"""One's own keys: the password one chooses, the telephone that shows the second proof, the codes for the drawer."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from chamdiem.contest.accounts import change_password, enrol_telephone
from chamdiem.contest.people import credential_of
from chamdiem.contest.permissions import ANYBODY, Actor
from chamdiem.contest.record import Row, rows
from chamdiem.contest.signing_in import sign_in
from chamdiem.contest.totp import new_secret, otpauth_uri
from chamdiem.errors import Refusal, refuse
from chamdiem.pages import desk
from chamdiem.server.forms import address_of, fields, page, told, visitor
from chamdiem.server.signing import PASSWORD, TELEPHONE, arrived, without_session
from chamdiem.server.visits import VISITS
from chamdiem.store import tables
from chamdiem.words import say

ISSUER = "chamdiem"
SECRET = re.compile(r"[A-Z2-7]{32}")


async def _person(request: Request) -> tuple[Actor, Row, Row] | None:
    """Who has signed in, with his name and his keys; None for a stranger."""
    actor = await visitor(request)
    return None if actor == ANYBODY else await run_in_threadpool(_looked_up, actor)


def _looked_up(actor: Actor) -> tuple[Actor, Row, Row]:
    with desk.store().read() as connection:
        about, keys = rows(connection, tables.person, id=actor.account), credential_of(connection, actor.account)
    if not about or keys is None:
        raise refuse("permission.not_found")
    return actor, about[0], keys


def _to_sign_in(request: Request) -> Response:
    return RedirectResponse(f"/dang-nhap?ve={request.url.path}", 303)


# password -------------------------------------------------------------------------------------------------------


async def password(request: Request) -> Response:
    """The form for a new password."""
    if (found := await _person(request)) is None:
        return _to_sign_in(request)
    _, person, keys = found
    return page("password", login=person["login"], first=bool(keys["first"]), errors=[])


async def choose(request: Request) -> Response:
    """Choose another password; all sessions end, this browser begins a new one."""
    given = await fields(request)
    if (found := await _person(request)) is None:
        return _to_sign_in(request)
    actor, person, keys = found
    wished, now, address = given.get("mat_khau_moi", ""), datetime.now(UTC), address_of(request)
    try:
        if wished != given.get("lap_lai", ""):
            raise refuse("server.passwords_differ")
        await run_in_threadpool(
            change_password, desk.store(), actor, given.get("mat_khau", ""), wished, now=now, address=address
        )
    except Refusal as refusal:
        return page("password", 422, login=person["login"], first=bool(keys["first"]), errors=told(refusal))
    VISITS.look()
    if keys["secret"]:  # the code of the telephone is asked for, as at every sign-in
        lines = [say("server.password_changed")]
        return without_session(request, page("sorry", heading=say("server.password_title"), lines=lines))
    begun = await run_in_threadpool(sign_in, desk.store(), person["login"], wished, now=now, address=address)
    return arrived(request, begun)


# telephone ------------------------------------------------------------------------------------------------------


async def telephone(request: Request) -> Response:
    """The picture for the telephone, and a field for the code it then shows."""
    if (found := await _person(request)) is None:
        return _to_sign_in(request)
    _, person, keys = found
    if keys["secret"]:
        return page("sorry", heading=say("server.telephone_title"), lines=[say("server.telephone_there")])
    return _enrolment(person["login"], new_secret())


def _enrolment(login: str, secret: str, errors: tuple[str, ...] = ()) -> Response:
    code = segno.make(otpauth_uri(secret, login, ISSUER), error="m", micro=False)
    picture = Markup(code.svg_inline(scale=5, border=2, light="#fff", title=say("server.telephone_picture")))
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    about = {"picture": picture, "secret": secret, "groups": groups, "errors": errors}
    return page("telephone", 422 if errors else 200, **about)


async def enrol(request: Request) -> Response:
    """Keep the telephone once its code shows that it works; the codes for the drawer are shown this once."""
    given = await fields(request)
    if (found := await _person(request)) is None:
        return _to_sign_in(request)
    actor, person, _ = found
    secret, code = given.get("khoa", ""), given.get("ma", "")
    if not SECRET.fullmatch(secret):
        return _enrolment(person["login"], new_secret(), (say("server.code_wrong"),))
    try:
        codes = await run_in_threadpool(enrol_telephone, desk.store(), actor, secret, code[:20], now=datetime.now(UTC))
    except Refusal as refusal:
        if {problem.message.id for problem in refusal.problems} != {"signin.refused"}:
            raise
        return _enrolment(person["login"], secret, (say("server.code_wrong"),))
    return page("codes", codes=codes)


ROUTES = [
    Route(PASSWORD, password, methods=["GET"]),
    Route(PASSWORD, choose, methods=["POST"]),
    Route(TELEPHONE, telephone, methods=["GET"]),
    Route(TELEPHONE, enrol, methods=["POST"]),
]
