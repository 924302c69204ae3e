"""What stands before everything: who may come in at all, how much may be sent, and the headers of every answer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import anyio
from google.protobuf.message import DecodeError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from chamdiem.contest.permissions import ANYBODY
from chamdiem.errors import Refusal
from chamdiem.server import forms
from chamdiem.server.pressed import PLACES, part
from chamdiem.server.visits import VISITS, Visit
from chamdiem.words import use_language

HOSTS = "CHAMDIEM_HOSTS"  # the names under which the app may be asked, separated by commas
STREAM, UPLOADS, MEDIA = "/_stcore/stream", "/_stcore/upload_file/", "/media/"
CORE = ("/_stcore/health", "/_stcore/host-config", "/_stcore/bidi-components/")
"""What the screens need of Streamlit's own; the rest of /_stcore (figures of the process, the agent API) stays shut."""
FILES = ("/static/", "/component/", MEDIA, "/favicon", "/manifest.json")
FILE_LIMIT = 20 * 1024 * 1024  # bytes of one upload
FRAME = 1024 * 1024  # what a form adds to its file
BUDGET = 100 * 1024 * 1024  # bytes of uploads that one person may have in memory
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
ALWAYS_TLS = "max-age=31536000"
LOOKED_AT = 20  # messages of a window in which Streamlit tells its id


class Shell:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self.app, self.routes = app, list(routes)
        self.sending: dict[str, int] = {}  # bytes that each person is sending just now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one window."""
        if scope["type"] == "websocket":
            await self._window(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, _with_headers(scope, send))
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        use_language(forms.language_of(request))
        path = scope["path"]
        try:
            if not _host_is_known(request):
                await PlainTextResponse("421", 421)(scope, receive, send)
            elif path.startswith(UPLOADS):
                await self._upload(request, send)
            elif path.startswith(MEDIA):
                await forms.signed_in(request)
                await self.app(scope, receive, _private(send))
            elif path == "/cong-bo" and await forms.visitor(request) == ANYBODY:
                await RedirectResponse("/cong-bo/", 303)(scope, receive, send)
            elif path.startswith(PLACES):
                await (await part(request))(scope, receive, send)
            elif self._is_known(scope):
                await self.app(scope, receive, send)
            else:
                raise HTTPException(404)
        except Refusal as refusal:
            await (await forms.refused(request, refusal))(scope, receive, send)
        except HTTPException as error:
            await (await forms.turned_away(request, error))(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        path = str(scope["path"])
        if path.startswith("/_stcore"):
            return path.startswith(CORE)
        return path.startswith(FILES) or any(route.matches(scope)[0] is not Match.NONE for route in self.routes)

    # uploads ----------------------------------------------------------------------------------------------------

    async def _upload(self, request: Request, send: Send) -> None:
        """A file on its way: only of somebody who has signed in, for a window of his own, and never more than he has
        room for."""
        actor = await forms.signed_in(request)
        window = request.url.path.removeprefix(UPLOADS).partition("/")[0]
        if VISITS.owner(window) != actor.account:
            raise HTTPException(404)
        declared = request.headers.get("content-length", "")
        size = int(declared) if declared.isdecimal() else FILE_LIMIT + FRAME
        if request.method != "PUT":
            size = 0
        if size > FILE_LIMIT + FRAME:
            raise HTTPException(413)
        if size and _held(actor.account) + self.sending.get(actor.account, 0) + size > BUDGET:
            raise HTTPException(413)
        self.sending[actor.account] = self.sending.get(actor.account, 0) + size
        try:
            await self.app(request.scope, _at_most(request.receive, max(size, FRAME)), send)
        finally:
            self.sending[actor.account] -= size
            if not self.sending[actor.account]:
                del self.sending[actor.account]

    # windows ----------------------------------------------------------------------------------------------------

    async def _window(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One WebSocket, closed as soon as the session it came with is over."""
        request = HTTPConnection(scope)
        if not _host_is_known(request) or not scope["path"].startswith(STREAM):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            account = (await forms.visitor(request)).account
        except Refusal:
            account = ""
        visit = Visit(forms.token_of(request), account)
        if not account:  # a cookie that means nothing is no reason to close the window again and again
            visit.token, visit.dead = "", visit.token
        VISITS.open.add(visit)
        try:
            own = _without_foreign_window(scope, account)
            await self.app(own, _whole_at_first(own, _until_over(visit, receive, send)), _naming(visit, send))
        finally:
            VISITS.open.discard(visit)


def _host_is_known(request: HTTPConnection) -> bool:
    """Whether the app is asked by a name of its own: a foreign name that leads here belongs to somebody else's page."""
    known = {name.strip().lower() for name in os.environ.get(HOSTS, "").split(",") if name.strip()}
    return not known or forms.hostname(request.headers.get("host", "")) in {*known, *forms.LOOPBACK}


def _with_headers(scope: Scope, send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
            if scope["scheme"] == "https":
                headers.setdefault("Strict-Transport-Security", ALWAYS_TLS)
            if "server" in headers:
                del headers["server"]
        await send(message)

    return answer


def _private(send: Send) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Cache-Control"] = "private, no-store"
        await send(message)

    return answer


def _at_most(receive: Receive, most: int) -> Receive:
    """A body that ends in a refusal once it is longer than was said."""
    size = 0

    async def piece() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413)
        return message

    return piece


def _held(account: str) -> int:
    """The bytes of uploads that a person's windows have in memory."""
    if not runtime.exists():
        return 0
    kept = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {})
    return sum(len(file.data) for window in VISITS.windows_of(account) for file in [*kept.get(window, {}).values()])


def _without_foreign_window(scope: Scope, account: str) -> Scope:
    """A window that comes back finds what it held, unless it was somebody else's: then it begins anew."""
    protocols = list(scope.get("subprotocols", []))
    if len(protocols) < 3 or VISITS.owner(protocols[2]) == account:
        return scope
    kept = [(name, value) for name, value in scope["headers"] if name != b"sec-websocket-protocol"]
    told = ", ".join(protocols[:2]).encode("latin-1")
    return {**scope, "subprotocols": protocols[:2], "headers": [*kept, (b"sec-websocket-protocol", told)]}


def _whole_at_first(scope: Scope, receive: Receive) -> Receive:
    """What a window says; one that Streamlit does not know any more (the server began anew, its session ended, its old line
    is not yet given up) is shown its whole page first: of a part of it Streamlit would not even say that it is gone."""
    kept = [*scope.get("subprotocols", []), "", "", ""][2]
    known = bool(kept) and not _is_open(kept)  # as long as the old line holds the window, Streamlit begins another one
    waiting = True

    async def hear() -> Message:
        nonlocal waiting
        message = await receive()
        if waiting and message["type"] == "websocket.receive" and message.get("bytes"):
            with suppress(DecodeError):
                said = BackMsg.FromString(message["bytes"])
                if said.WhichOneof("type") == "rerun_script":
                    waiting = False
                    if not (known and _is_open(kept)):
                        said.rerun_script.fragment_id = ""
                        return {**message, "bytes": said.SerializeToString()}
        return message

    return hear


def _is_open(window: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(window)


def _until_over(visit: Visit, receive: Receive, send: Send) -> Receive:
    """What a window says, until its session is over."""

    async def hear() -> Message:
        heard: list[Message] = []
        async with anyio.create_task_group() as group:

            async def listen() -> None:
                heard.append(await receive())
                group.cancel_scope.cancel()

            async def wait() -> None:
                await visit.over.wait()
                group.cancel_scope.cancel()

            group.start_soon(listen)
            group.start_soon(wait)
        if heard:
            return heard[0]
        with suppress(RuntimeError):
            await send({"type": "websocket.close", "code": 1008})
        return {"type": "websocket.disconnect", "code": 1008}

    return hear


def _naming(visit: Visit, send: Send) -> Send:
    """Learn from the first messages by which id Streamlit knows the window."""
    left = LOOKED_AT

    async def tell(message: Message) -> None:
        nonlocal left
        if left and message["type"] == "websocket.send" and message.get("bytes"):
            left -= 1
            with suppress(DecodeError):
                forward = ForwardMsg.FromString(message["bytes"])
                if forward.WhichOneof("type") == "new_session":
                    VISITS.belongs(forward.new_session.initialize.session_id, visit.account)
                    left = 0
        await send(message)

    return tell
