"""E14: strangers push files, hold connections half open and open windows for nothing; memory stays, work goes on."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import httpx

from chamdiem.pages.desk import COOKIE
from experiments.app_worlds import place
from experiments.common import Figures, main, outcome
from experiments.running_app import App, Window, running, window

MB = 1024 * 1024
ONE = 19 * MB  # a file that is allowed


async def push(client: httpx.AsyncClient, path: str, size: int, *, declared: bool, **headers: str) -> int:
    """Send so many bytes as a form with one file; 0 where the server hung up before it was all sent."""
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    tail = b"\r\n--x--\r\n"

    async def pieces() -> AsyncIterator[bytes]:
        yield head
        for _ in range(size // MB):
            yield b"%" * MB
        yield tail

    told = {"Content-Type": "multipart/form-data; boundary=x", **headers}
    if declared:
        told["Content-Length"] = str(len(head) + size // MB * MB + len(tail))
    try:
        return (await client.put(path, content=pieces(), headers=told)).status_code
    except httpx.TransportError:
        return 0


async def strangers(app: App, sessions: int, size: int) -> Figures:
    """Uploads without a cookie, all at once, said to be long and not."""
    before = app.rss()
    async with httpx.AsyncClient(base_url=app.base, timeout=120, limits=httpx.Limits(max_connections=20)) as client:
        paths = [f"/_stcore/upload_file/{n}/{n}" for n in range(sessions)]
        codes = await asyncio.gather(*(push(client, path, size, declared=n % 2 == 0) for n, path in enumerate(paths)))
    return {"uploads": sessions, "mb_each": size // MB, "codes": sorted(set(codes)), "rss_rise_mb": rise(app, before)}


def rise(app: App, before: int) -> float:
    """How much memory has grown since."""
    return round((app.rss() - before) / MB, 1)


async def of_one_person(app: App, token: str, other: str) -> Figures:
    """Somebody who has signed in fills his room, and tries a file that is too big, and another one's window."""
    async with window(app, token) as mine, window(app, other) as theirs:
        first, second = await session_id(mine), await session_id(theirs)
        async with uploader(app, token) as (client, said):
            before = app.rss()
            path = f"/_stcore/upload_file/{first}/"
            codes = [await push(client, f"{path}{n}", ONE, declared=True, **said) for n in range(8)]
            held = rise(app, before)
            big = [await push(client, f"{path}b{n}", 200 * MB, declared=bool(n), **said) for n in range(2)]
            foreign = await push(client, f"/_stcore/upload_file/{second}/1", MB, declared=True, **said)
    return {
        "accepted": codes.count(204), "then": sorted(set(codes[codes.count(204) :])), "held_mb": held, "too_big": big,
        "rss_rise_mb": rise(app, before), "into_another_window": foreign,
    }  # fmt: skip


@asynccontextmanager
async def uploader(app: App, token: str) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, str]]]:
    """A client with the cookies of somebody who has signed in, and the header that goes with his uploads."""
    async with httpx.AsyncClient(base_url=app.base, timeout=120, cookies={COOKIE: token}) as client:
        health = await client.get("/_stcore/health")
        yield client, {"X-Xsrftoken": health.cookies.get("_streamlit_xsrf", "")}


async def session_id(opened: Window) -> str:
    """By which id the server knows a window."""
    told = await opened.run("")
    return next(one.new_session.initialize.session_id for one in told if one.WhichOneof("type") == "new_session")


async def half_open(app: App, connections: int, windows: int) -> Figures:
    """Headers that never end, and windows in which nothing happens; meanwhile others are served."""
    where = urlsplit(app.base)
    before, held = app.rss(), []
    for _ in range(connections):
        each = socket.create_connection((where.hostname, where.port))
        each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        held.append(each)
    async with AsyncExitStack() as stack:
        for _ in range(windows):
            await stack.enter_async_context(window(app))
        took = []
        async with httpx.AsyncClient(base_url=app.base) as client:
            for _ in range(10):
                began = time.monotonic()
                answer = await client.get("/dang-nhap")
                took.append(time.monotonic() - began)
        grown = rise(app, before)
    for each in held:
        each.close()
    return {
        "half_open": connections, "idle_windows": windows, "rss_rise_mb": grown, "sign_in_page": answer.status_code,
        "slowest_s": round(max(took), 3),
    }  # fmt: skip


def run(quick: bool, *, sessions: int = 0, size: int = 0, idle: int = 0) -> Figures:
    """All of it against one server."""
    sessions, size, idle = sessions or (10 if quick else 50), size or (50 if quick else 200), idle or 500
    with place("judging", "xa_07243", "xa_07246") as made, running(made.url) as app:
        asyncio.run(warmed(app))
        anonymous = asyncio.run(strangers(app, sessions, size * MB))
        slow = asyncio.run(half_open(app, idle // 2, idle))
        person = asyncio.run(of_one_person(app, made.tokens["xa_07243"], made.tokens["xa_07246"]))
    return outcome("E14 strangers", {"anonymous": anonymous, "slow": slow, "signed_in": person}, {
        "every upload of a stranger is refused": set(anonymous["codes"]) <= {401, 0},
        "memory rises less than 50 MB": anonymous["rss_rise_mb"] < 50,
        "half a thousand idle windows cost less than 200 MB": slow["rss_rise_mb"] < 200,
        "others are served": slow["sign_in_page"] == 200,
        "a person holds at most 100 MB": person["accepted"] == 100 // 20 and person["then"] == [413],
        "200 MB are refused": set(person["too_big"]) <= {413, 0},
        "another window is not there": person["into_another_window"] == 404,
        "served within 1 s": slow["slowest_s"] < 1,
    })  # fmt: skip


async def warmed(app: App) -> None:
    """What is loaded once is loaded before anything is measured."""
    async with window(app) as opened:
        await opened.run("")


if __name__ == "__main__":
    main(run)
