"""Judges at work in the running app: each saves a mark every 2.5 s through the real server, as the real sheet sends it.

`PYTHONPATH=tests python tests/bench/app_load.py [--sessions 1 10 50 100] [--seconds 30]` prints a table, our settings first,
Streamlit's own beside them. Every judge has an open window with his sheet. Saved is from sending a mark until the sheet is
told that it is safe, with all points anew. A rerun is the whole page run again, from asking to its end: each judge turns to
his sheet anew after every fifth mark. The client runs on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count

import httpx
import streamlit
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from chamdiem.pages.desk import COOKIE
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from contest_world import UNITS, World, answers
from experiments.app_worlds import Place, place
from experiments.common import percentile
from experiments.running_app import App, Window, running, window
from server_world import session

EVERY = 2.5  # seconds between two marks of one judge
TURN = 5  # marks until he turns to the page anew
CODE = "1.5"
MB = 1024 * 1024


@dataclass
class Judge:
    """One judge before his sheet, and how long his marks took."""

    unit: str
    opened: Window
    line: httpx.AsyncClient
    begins: int  # so that not all of them turn to their pages at once
    version: int = 0
    ran: list[float] = field(default_factory=list)
    saved: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def look(self) -> None:
        """Open the sheet, or turn to it anew."""
        told = await self.opened.run("cham-diem", f"dot=k&dv={self.unit}")
        if not any(sheet_in(told)):
            raise RuntimeError("no sheet")

    async def mark(self, n: int) -> None:
        """Type a mark; it is saved when the sheet is told that it is."""
        entry = {"code": CODE, "version": self.version, "answer": answers("", self.unit)[CODE], "note": f"lần {n}"}
        began = time.monotonic()
        answer = await self.line.post(f"/phieu/k/{self.unit}/judge", json={"id": f"{n}", "entries": [entry]})
        took = time.monotonic() - began
        told = answer.json()["results"][CODE] if answer.is_success else {"ok": False, "why": answer.text[:200]}
        if told["ok"]:
            self.version = told["version"]
            self.saved.append(took)
        else:
            self.failed.append(str(told))
        if (n + self.begins) % TURN == 0:
            began = time.monotonic()
            await self.look()
            self.ran.append(time.monotonic() - began)


def sheet_in(told: list[ForwardMsg]) -> Iterator[bool]:
    """Whether each message puts a sheet on the page."""
    for message in told:
        if message.WhichOneof("type") == "delta":
            yield message.delta.new_element.WhichOneof("type") == "bidi_component"


def line(app: App, token: str) -> httpx.AsyncClient:
    """The browser's other line to the server, over which the sheet sends what is typed."""
    return httpx.AsyncClient(base_url=app.base, cookies={COOKIE: token}, headers={"Origin": app.base}, timeout=60)


def seated(w: World, judges: int) -> dict[str, str]:
    """So many judges more on the panel, each to mark everything; returns their tokens."""
    names = [f"gk_{n}" for n in range(judges)]

    def put(transaction: Transaction) -> None:
        for name in names:
            transaction.put(tables.account, name, {"status": "active"})
            transaction.put(tables.person, name, {"login": name, "name": name})
            transaction.put(tables.grant, f"{name}/judge/k/", {"account": name, "role": "judge", "contest": "k"})
            seat = {"contest": "k", "account": name, "code": name.upper(), "role": "member"}
            transaction.put(tables.panel_member, f"k/{name}", seat)
            transaction.put(tables.assignment, f"k/{name}//", {"contest": "k", "account": name})

    w.store.write(Order("system", "test.seat"), put)
    return {name: session(w.store, name) for name in names}


async def at_work(app: App, made: Place, sessions: int, seconds: float) -> dict[str, object]:
    """All of them before their sheets, for so long."""
    async with AsyncExitStack() as stack:
        names = list(made.tokens)[:sessions]
        before, began = app.rss(), time.monotonic()
        judges = [
            Judge(
                UNITS[at % len(UNITS)],
                await stack.enter_async_context(window(app, made.tokens[name])),
                await stack.enter_async_context(line(app, made.tokens[name])),
                at,
            )
            for at, name in enumerate(names)
        ]
        await asyncio.gather(*(judge.look() for judge in judges))
        connected = time.monotonic() - began
        begun = time.monotonic() + 0.5

        async def works(judge: Judge, offset: float) -> None:
            for n in count():
                at = begun + offset + n * EVERY
                if at > begun + seconds:
                    return
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                await judge.mark(n)

        await asyncio.gather(*(works(judge, at / sessions * EVERY) for at, judge in enumerate(judges)))
        each = (app.rss() - before) / MB / sessions
    ran = [took for judge in judges for took in judge.ran]
    saved = [took for judge in judges for took in judge.saved]
    failed = [why for judge in judges for why in judge.failed]
    return {
        "sessions": sessions, "all open s": round(connected, 1), "marks": len(saved), "failed": len(failed),
        "rerun p50 ms": percentile(ran, 0.5), "rerun p95 ms": percentile(ran, 0.95), "saved p50 ms": percentile(saved, 0.5),
        "saved p95 ms": percentile(saved, 0.95), "MB each": round(each, 2), "why": failed[:1],
    }  # fmt: skip


def measured(sessions: int, seconds: float, *, plain: bool) -> dict[str, object]:
    """One line of the table, with a server of its own."""
    with place("judging") as made:
        with made.opened() as w:
            made.tokens = seated(w, sessions)
        with running(made.url, plain=plain) as app:
            asyncio.run(warmed(app, made))
            found = asyncio.run(at_work(app, made, sessions, seconds))
        with made.opened() as w:
            kept = sum(int(str(row["version"])) for row in w.all_rows("mark"))
        return {"settings": "Streamlit's" if plain else "ours", **found, "in store": kept}


async def warmed(app: App, made: Place) -> None:
    """What is loaded once is loaded before anything is measured."""
    async with window(app, next(iter(made.tokens.values()))) as opened:
        await opened.run("cham-diem", f"dot=k&dv={UNITS[0]}")


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, nargs="+", default=[1, 10, 50, 100])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--settings", choices=["both", "ours"], default="both")
    asked = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
          f"Python {platform.python_version()}, Streamlit {streamlit.__version__}")  # fmt: skip
    head: list[str] = []
    for plain in (False, True)[: 1 if asked.settings == "ours" else 2]:
        for sessions in asked.sessions:
            found = measured(sessions, asked.seconds, plain=plain)
            why = found.pop("why")
            if not head:
                head = list(found)
                print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
            print("| " + " | ".join(str(found[name]) for name in head) + " |", why or "", flush=True)


if __name__ == "__main__":
    main()
