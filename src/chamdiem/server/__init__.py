"""The server: one ASGI process with sign-in, evidence, exports and public results beside the screens."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit import config

from chamdiem.errors import Refusal
from chamdiem.pages import desk, menu
from chamdiem.server import (
    forms,
    incidents,
    keys,
    papers,
    proofs,
    public,
    saving,
    signing,
    survey,
    survey_office,
    vouching,
)
from chamdiem.server.index import INDEX_ROUTES
from chamdiem.server.shell import Shell
from chamdiem.server.visits import VISITS
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
    "theme.light.primaryColor": "#9f1d20",
    "theme.light.orangeTextColor": "#8a4500",  # the labels of illustrative and sample figures must be easy to read
    "theme.light.greenTextColor": "#0b5e3b",
    "theme.light.blueTextColor": "#1a4e9e",
    "theme.light.grayTextColor": "#4d4f56",
    "theme.light.redTextColor": "#9f1d20",
    "theme.dark.primaryColor": "#ff9a8f",
}
TURN = 0.0005  # seconds
"""How long one thread keeps the others waiting: every message to a browser and every row of the store asks for its turn."""


def parts() -> dict[str, Any]:
    """What the application is made of, for `streamlit.App`: the script, the routes, the gate, what happens at the start."""
    for name, value in SETTINGS.items():
        config.set_option(name, value)
    routes = [
        Route("/healthz", healthy),
        *signing.ROUTES,
        *keys.ROUTES,
        *vouching.ROUTES,
        *proofs.ROUTES,
        *papers.ROUTES,
        *saving.ROUTES,
        *public.ROUTES,
        *survey.ROUTES,
        *survey_office.ROUTES,
        *forms.ROUTES,
        *INDEX_ROUTES,
    ]
    return {
        "script_path": Path(menu.__file__),
        "routes": routes,
        "middleware": [Middleware(Shell, routes=routes)],
        "lifespan": _alive,
        "on_script_error": failed,
        "exception_handlers": {
            Refusal: forms.refused,
            HTTPException: forms.turned_away,
            Exception: forms.broken,
        },
    }


@asynccontextmanager
async def _alive(_: st.App) -> AsyncIterator[None]:
    """Open the store before the first visitor, and put what is here to stay out of the collector's sight."""
    desk.store()
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN)
    chores = [asyncio.create_task(_again(each)) for each in (VISITS.watch, public.keep_fresh)]
    yield
    for chore in chores:
        chore.cancel()
        with suppress(asyncio.CancelledError):
            await chore
    desk.store().close()


async def _again(chore: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """A chore that never ends; one that fails is reported and begun again."""
    while True:
        try:
            await chore()
        except Exception as error:
            incidents.report(error)
            await asyncio.sleep(30)


async def healthy(_: Request) -> JSONResponse:
    """Whether the store answers; not what is in it: how much is written just now is nobody's business."""
    await run_in_threadpool(desk.store().head)
    return JSONResponse({"store": "ok"}, headers={"Cache-Control": "no-store"})


def failed(error: Exception) -> bool:
    """A fault of ours: a number to report, never a traceback."""
    st.error(say("page.fault", code=incidents.report(error)))
    return True
