"""The page that carries all screens: Streamlit's own, made Vietnamese, with what its editors need fetched beforehand."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import file_util

from chamdiem.contest.signing_in import duty_of
from chamdiem.pages import desk, menu
from chamdiem.server.forms import token_of
from chamdiem.server.signing import PASSWORD, TELEPHONE, is_demo
from chamdiem.words import language

EARLY = ("data-grid-overlay-editor*.js", "number-overlay-editor*.js")
"""The editors of tables: Streamlit fetches them at the first key, and loses that key and the next."""
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
DUTIES = {"password": PASSWORD, "telephone": TELEPHONE}


def _static() -> Path:
    return Path(file_util.get_static_dir())


@cache
def index_of(spoken: str) -> str:
    """The page in a language; without pointers to what we keep closed."""
    text = (_static() / "index.html").read_text("utf-8")
    early = [path.name for pattern in EARLY for path in sorted((_static() / "static" / "js").glob(pattern))]
    head = [f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in early]
    head.append('<link rel="stylesheet" href="/giao-dien/shell.css">')
    head += [f'<script src="/giao-dien/{name}.js" defer></script>' for name in ("again", "drafts", "whole")]
    text = text.replace('<html lang="en">', f'<html lang="{spoken}" translate="no">', 1)
    text = text.replace("<title>Streamlit</title>", "<title>chamdiem</title>", 1)
    text = text.replace("./favicon.png", "/giao-dien/icon.svg", 1)
    waiting = '<div id="root"><p class="chamdiem-opening"></p></div>'  # the first paint; the app takes its place
    text = text.replace('<div id="root"></div>', waiting, 1)
    text = re.sub(r'<link rel="service-desc"[^>]*>', "", text)
    if spoken == "vi":  # before everything else: what runs later asks the browser for its language
        text = text.replace("<head>", '<head><script src="/giao-dien/locale.js"></script>', 1)
        head.append('<script src="/giao-dien/own_words.js" defer></script>')
    return text.replace("</head>", "".join(head) + "</head>", 1)


@cache
def policy() -> str:
    """What the screens may run and load: themselves. Streamlit writes styles into its elements, and makes its
    components and workers from blobs; plotly and vega compile expressions."""
    inline = [
        f"'sha256-{base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()}'"
        for found in INLINE.findall(index_of("vi"))
    ]
    scripts = f"script-src 'self' 'unsafe-eval' blob: {' '.join(inline)}"
    rest = "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'"
    closed = "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; frame-src 'self' blob:"
    return f"default-src 'self'; {scripts}; {rest}; worker-src 'self' blob:; media-src 'self' blob:; {closed}"


async def index(request: Request) -> Response:
    """The screens; whoever has a duty first (a password of his own, a telephone) is led there."""
    if token := token_of(request):
        duty = await run_in_threadpool(duty_of, desk.store(), token, now=datetime.now(UTC))
        if duty:
            return RedirectResponse(DUTIES[duty], 303, {"Cache-Control": "no-store"})
    elif request.url.path == "/" and is_demo(request):
        return RedirectResponse("/dang-nhap", 303, {"Cache-Control": "no-store"})
    headers = {"Content-Security-Policy": policy(), "Cache-Control": "no-cache", "Vary": "Cookie"}
    return HTMLResponse(index_of(language()), headers=headers)


INDEX_ROUTES = [Route(path, index) for path in ("/", "/index.html", *(f"/{entry.path}" for entry in menu.PAGES))]
