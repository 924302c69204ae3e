"""The server: one ASGI process with sign-in, evidence, exports and public results beside the screens."""

from __future__ import annotations

import gc
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import config

from chamdiem.pages import desk, menu
from chamdiem.server import signing
from chamdiem.words import say

SETTINGS = {
    "server.headless": True,
    "server.fileWatcherType": "none",  # a watcher walks all modules for each new session
    "server.maxUploadSize": 20,
    "server.disconnectedSessionTTL": 900,
    "runner.postScriptGC": False,  # a full collection after each run costs more than the run
    "runner.magicEnabled": False,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
}


def parts() -> dict[str, Any]:
    """What the application is made of, for `streamlit.App`: the script, the routes, the gate, what happens at the start."""
    for name, value in SETTINGS.items():
        config.set_option(name, value)
    return {
        "script_path": Path(menu.__file__),
        "routes": [Route("/healthz", healthy), *signing.ROUTES],
        "middleware": list[Middleware](),
        "lifespan": _alive,
        "on_script_error": failed,
    }


@asynccontextmanager
async def _alive(_: st.App) -> AsyncIterator[None]:
    """Open the store before the first visitor, and put what is here to stay out of the collector's sight."""
    desk.store()
    gc.collect()
    gc.freeze()
    yield
    desk.store().close()


async def healthy(_: Request) -> JSONResponse:
    """Whether the store answers."""
    return JSONResponse({"store": desk.store().head().seq})


def failed(error: Exception) -> bool:
    """A fault of ours: a number to report, never a traceback."""
    st.error(say("page.fault", code=secrets.token_hex(4)))
    return True
