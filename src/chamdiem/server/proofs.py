"""Evidence on its way to whoever may see it: as a file to keep, or page by page as pictures that cannot act."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from chamdiem.contest.permissions import Actor
from chamdiem.contest.uploads import document_for, download, file_place
from chamdiem.errors import refuse
from chamdiem.exchange.pictures import PICTURED, page_count, picture_of
from chamdiem.pages import desk
from chamdiem.server.forms import signed_in
from chamdiem.store.files import shown_name

PIECE = 1 << 18
AT_ONCE = anyio.CapacityLimiter(2)  # children that draw
KEPT = 64 * 1024 * 1024  # bytes of pictures that were drawn already
GUARDED = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
_drawn: OrderedDict[tuple[str, int], bytes] = OrderedDict()


def attachment(name: str) -> str:
    """A Content-Disposition for this file name: always to be kept, never to be shown (RFC 6266)."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_. ") else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _id(request: Request) -> str:
    return "/".join(str(request.path_params[part]) for part in ("contest", "unit", "number"))


async def take(request: Request) -> Response:
    """The file itself."""
    actor = await signed_in(request)
    name, stream = await run_in_threadpool(download, desk.store(), file_place(), actor, _id(request))
    headers = {**GUARDED, "Content-Disposition": attachment(shown_name(name))}
    return StreamingResponse(pieces(stream), media_type="application/octet-stream", headers=headers)


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """A file piece by piece, closed at its end."""
    with stream:
        while piece := stream.read(PIECE):
            yield piece


async def count(request: Request) -> Response:
    """How many pages can be looked at: none of an office file, which is only taken away."""
    actor = await signed_in(request)
    sha256, kind, content = await _content(actor, _id(request))
    pages = await anyio.to_thread.run_sync(page_count, content, kind, limiter=AT_ONCE) if content else 0
    return JSONResponse({"pages": pages, "kind": kind, "sha256": sha256}, headers=GUARDED)


async def picture(request: Request) -> Response:
    """One page as a picture that was drawn here."""
    actor, number = await signed_in(request), request.path_params["page"]
    sha256, kind, content = await _content(actor, _id(request), number)
    drawn = _drawn.get((sha256, number))
    if drawn is None:
        if not content:
            raise refuse("permission.not_found")
        drawn = await anyio.to_thread.run_sync(picture_of, content, kind, number, limiter=AT_ONCE)
        _keep((sha256, number), drawn)
    return Response(drawn, media_type="image/png", headers=GUARDED)


def _keep(key: tuple[str, int], drawn: bytes) -> None:
    _drawn[key] = drawn
    while sum(map(len, _drawn.values())) > KEPT:
        _drawn.popitem(last=False)


async def _content(actor: Actor, id: str, page: int = 0) -> tuple[str, str, bytes]:  # noqa: A002
    """Hash, kind and content of a file whose pages can be drawn; the permission is asked each time."""
    document = await run_in_threadpool(document_for, desk.store(), actor, id)
    sha256, kind = str(document["file"]), str(document["kind"])
    wanted = kind in PICTURED and (sha256, page) not in _drawn
    return sha256, kind, await run_in_threadpool(_read, sha256) if wanted else b""


def _read(sha256: str) -> bytes:
    with file_place().open(sha256) as stream:
        return stream.read()


HERE = "/minh-chung/{contest}/{unit}/{number:int}"  # the key of a document
ROUTES = [
    Route(HERE, take),
    Route(f"{HERE}/trang", count),
    Route(f"{HERE}/anh/{{page:int}}", picture),
]
