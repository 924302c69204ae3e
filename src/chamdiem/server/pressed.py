"""Streamlit's scripts and styles, compressed: it gives them out as they are, three times as many bytes over a slow line."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from streamlit import file_util

PARTS = {"/static/js/": "text/javascript", "/static/css/": "text/css"}
PLACES = tuple(PARTS)
HEADERS = {
    "Cache-Control": "public, immutable, max-age=31536000",
    "Vary": "Accept-Encoding",
}  # names change with content


async def part(request: Request) -> Response:
    """One of the files."""
    place = next(place for place in PLACES if request.url.path.startswith(place))
    name = request.url.path.removeprefix(place)
    if name not in _names(place):
        raise HTTPException(404)
    if request.method not in ("GET", "HEAD") or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(_folder(place) / name, headers=HEADERS, media_type=PARTS[place])
    content = await run_in_threadpool(_pressed, place, name)
    return Response(content, headers={**HEADERS, "Content-Encoding": "gzip"}, media_type=PARTS[place])


def _folder(place: str) -> Path:
    return Path(file_util.get_static_dir()) / place.strip("/")


@cache
def _names(place: str) -> frozenset[str]:
    return frozenset(path.name for path in _folder(place).iterdir() if path.is_file())


@cache
def _pressed(place: str, name: str) -> bytes:
    """A file, compressed once: every browser asks for the same few, which stay in memory."""
    return gzip.compress((_folder(place) / name).read_bytes(), 9)
