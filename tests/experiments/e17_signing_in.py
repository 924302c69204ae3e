"""E17: a thousand wrong sign-ins, a session that was fixed beforehand, cookies that were stolen, windows left open."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta

import httpx
from websockets.exceptions import ConnectionClosed

from chamdiem.contest.accounts import close_account
from chamdiem.contest.credentials import HASHER
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.throttle import PER_ACCOUNT
from chamdiem.pages.desk import COOKIE
from chamdiem.store import tables
from chamdiem.store.door import Order
from experiments.app_worlds import Place, place
from experiments.common import Figures, main, outcome
from experiments.running_app import App, Window, running, text_of, window
from server_world import WORD, give_keys

PEOPLE = ("giam_khao_1", "giam_khao_2", "thu_ky", "chu_tich")
SECRET = "BÍ MẬT CỦA CUỘC THI"  # the title of the contest: only who takes part is told it


async def wrong_sign_ins(app: App, tries: int) -> Figures:
    """So many tries on one account, as fast as they go, then the right password."""
    codes: list[int] = []
    async with httpx.AsyncClient(base_url=app.base, headers={"origin": app.base}, timeout=60) as client:
        gate = asyncio.Semaphore(20)

        async def attempt(word: str) -> int:
            async with gate:
                form = {"tai_khoan": "giam_khao_3", "mat_khau": word}
                return (await client.post("/dang-nhap", data=form)).status_code

        began = time.monotonic()
        codes = await asyncio.gather(*(attempt(f"sai {n}") for n in range(tries)))
        took = time.monotonic() - began
        right = await attempt(WORD)
        other = await client.post("/dang-nhap", data={"tai_khoan": "giam_khao_4", "mat_khau": WORD})
    looked_at = sum(code == 422 for code in codes)
    return {
        "tries": tries, "looked_at": looked_at, "waits": sum(code == 429 for code in codes), "seconds": round(took, 1),
        "right_password_meanwhile": right, "another_account_from_there": other.status_code,
    }  # fmt: skip


def forgotten(made: Place) -> None:
    """Wrong tries are forgotten, as they are after a while."""
    with made.opened() as w:
        w.store.write(_order(), lambda t: t.connection.execute(tables.attempt.delete()))


def _order() -> Order:
    return Order("system", "session.try")


async def known_or_not(app: App, made: Place, times: int) -> Figures:
    """How long a wrong sign-in takes for a login somebody has and for one that nobody has, in turns."""
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    async with httpx.AsyncClient(base_url=app.base, headers={"origin": app.base}, timeout=60) as client:
        for n in range(times):
            if n % 2 == 0:
                await asyncio.to_thread(forgotten, made)
            for name, login in (("known", "giam_khao_3"), ("unknown", f"khong_ai_{n}")):
                began = time.monotonic()
                await client.post("/dang-nhap", data={"tai_khoan": login, "mat_khau": "sai"})
                took[name].append(time.monotonic() - began)
    medians = {name: round(1000 * statistics.median(values), 1) for name, values in took.items()}
    return {**medians, "apart": round(abs(medians["known"] / medians["unknown"] - 1), 3)}


async def fixed_session(app: App) -> Figures:
    """A cookie that somebody else put into the browser: it is another one after signing in, and worth nothing."""
    planted = "A" * 43
    async with httpx.AsyncClient(base_url=app.base, headers={"origin": app.base}, cookies={COOKIE: planted}) as client:
        answer = await client.post("/dang-nhap", data={"tai_khoan": "giam_khao_4", "mat_khau": WORD})
    given = answer.cookies.get(COOKIE, "")
    return {
        "status": answer.status_code,
        "changed": given not in ("", planted),
        "planted_opens": await opens(app, planted),
    }


async def opens(app: App, token: str) -> bool:
    """Whether a token still shows the contest, in a window that is opened now; one that is closed shows nothing."""
    async with window(app, token) as opened:
        return await rerun(opened)


async def stolen(app: App, made: Place, name: str, end: str) -> Figures:
    """A copy of a cookie and an open window, after the session was ended: how long they live on."""
    token = made.tokens[name]
    async with window(app, token) as opened, window(app, token) as silent:
        before = SECRET in text_of(await opened.run("tong-quan"))
        await silent.run("tong-quan")
        await asyncio.to_thread(ENDINGS[end], app, made, name)
        began = time.monotonic()
        at_next_run = await rerun(opened)
        closed = await closed_within(silent, 10)
        took = time.monotonic() - began
    return {
        "open_before": before, "next_run_shows": at_next_run, "window_closed": closed, "after_s": round(took, 2),
        "copy_opens": await opens(app, token),
    }  # fmt: skip


async def rerun(opened: Window) -> bool:
    """Whether the next run in a window still shows the contest."""
    try:
        return SECRET in text_of(await asyncio.wait_for(opened.run("tong-quan"), 10))
    except ConnectionClosed:
        return False


async def closed_within(opened: Window, seconds: float) -> bool:
    """Whether the server closes a window in which nothing happens."""
    try:
        while True:
            await asyncio.wait_for(opened.connection.recv(), seconds)
    except ConnectionClosed:
        return True
    except TimeoutError:
        return False


def leave(app: App, made: Place, name: str) -> None:
    """The person signs out in another window."""
    httpx.get(f"{app.base}/dang-xuat", cookies={COOKIE: made.tokens[name]}, headers={"sec-fetch-site": "same-origin"})


def disable(_: App, made: Place, name: str) -> None:
    """The administrator closes the account, from another process."""
    with made.opened() as w:
        close_account(w.store, SYSTEM, name, "nghỉ việc")


def grow_old(_: App, made: Place, name: str) -> None:
    """The session is as old as it may get."""
    long_ago = (datetime.now(UTC) - timedelta(hours=13)).isoformat()
    mine = tables.session.c.account == name
    with made.opened() as w:
        change = tables.session.update().where(mine).values(started_at=long_ago)
        w.store.write(Order("system", "session.use"), lambda t: t.connection.execute(change))


ENDINGS = {"signed out": leave, "account closed": disable, "too old": grow_old}


def run(quick: bool, *, tries: int = 0, times: int = 0) -> Figures:
    """All of it against one server."""
    tries, times = tries or (100 if quick else 1000), times or (10 if quick else 40)
    with place("judging", *PEOPLE) as made:
        with made.opened() as w:
            give_keys(w.store, "giam_khao_3", hasher=HASHER)
            give_keys(w.store, "giam_khao_4", hasher=HASHER)
            w.store.write(_order(), lambda t: t.put(tables.contest, "k", {"title": SECRET}))
        with running(made.url) as app:
            wrong = asyncio.run(wrong_sign_ins(app, tries))
            forgotten(made)
            timing = asyncio.run(known_or_not(app, made, times))
            forgotten(made)
            fixation = asyncio.run(fixed_session(app))
            ends = {end: asyncio.run(stolen(app, made, name, end)) for end, name in zip(ENDINGS, PEOPLE, strict=False)}
            beside = asyncio.run(opens(app, made.tokens["chu_tich"]))
    figures = {"wrong": wrong, "timing_ms": timing, "fixation": fixation, "ended": ends, "others_stay": beside}
    return outcome("E17 signing in", figures, {
        "at most ten tries are looked at": wrong["looked_at"] <= PER_ACCOUNT.most,
        "the right password waits as well": wrong["right_password_meanwhile"] == 429,
        "the token changes at sign-in": fixation["changed"] and not fixation["planted_opens"],
        "ended sessions show nothing at the next run": not any(one["next_run_shows"] for one in ends.values()),
        "a stolen copy opens nothing": not any(one["copy_opens"] for one in ends.values()),
        "they did open before": all(one["open_before"] for one in ends.values()),
        "open windows are closed": all(one["window_closed"] for one in ends.values()),
        "other sessions stay": beside,
        "closed within 5 s": all(one["after_s"] <= 5 for one in ends.values()),
        "known and unknown take as long, ±10 % of some 90 ms": timing["apart"] <= 0.1,
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
