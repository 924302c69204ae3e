"""E22: a survey under load: 5,000 people, 50 at a time, some of whom send twice; none lost, none doubled, no way back."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from chamdiem import clock
from chamdiem.office import surveying
from chamdiem.office.surveying import Plan
from chamdiem.store import ballot_box, sealing, tables
from chamdiem.store.database import Store, open_store
from chamdiem.store.proof import verify
from chamdiem.surveys.filling import read_written
from experiments.common import Figures, folder, main, outcome, percentile
from experiments.running_app import App, running
from stores import new_place
from survey_world import COMMUNES, LINK, ORGANISER, PKS, ROUND, link_of, numbered, order_told, questionnaire, units

CODES = "codes"
CLIENTS = 50
TWICE = 10  # every tenth presses the button twice
PATIENCE = 20  # tries, where the store is busy or the gate asks to wait
AGENT = "DienThoaiCuaAn/1.0"
CLASS = "nguoi_dan"
BEGIN, END = timedelta(days=1), timedelta(days=2)


@dataclass
class Crowd:
    """Who answers: forms and tickets still to be sent, and what became of them."""

    place: str
    mode: str
    left: list[tuple[str, dict[str, str]]]
    said: list[dict[str, str]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    tokens: list[str] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def with_key() -> Iterator[None]:
    """A key of the machine that the server finds as well."""
    before = os.environ.get(sealing.SETTING)
    os.environ[sealing.SETTING] = sealing.new_key()
    try:
        yield
    finally:
        os.environ.pop(sealing.SETTING)
        if before is not None:
            os.environ[sealing.SETTING] = before


def begun(store: Store, mode: str, people: int) -> list[str]:
    """An open survey for so many people; returns their codes, or as many times nothing."""
    units(store)
    today = clock.today()
    about = Plan(
        ROUND.split("/")[0], PKS, dict.fromkeys(COMMUNES, people), today - BEGIN, today + END, programme="de-an-02",
        mode=mode,
    )  # fmt: skip
    surveying.create_rounds(store, ORGANISER, about)
    codes = surveying.issue_codes(store, ORGANISER, ROUND, people) if mode == CODES else [""] * people
    surveying.open_rounds(store, ORGANISER, [ROUND], today=today)
    return codes


async def client(crowd: Crowd, app: App, number: int) -> None:
    """One of those who send at once, from an address of his own, until nobody is left."""
    own = f"127.0.0.{number + 2}" if sys.platform == "linux" else None
    transport = httpx.AsyncHTTPTransport(local_address=own)
    headers = {"origin": app.base, "user-agent": AGENT}
    async with httpx.AsyncClient(transport=transport, base_url=app.base, headers=headers, timeout=60) as browser:
        while crowd.left:
            ticket, said = crowd.left.pop()
            await one(crowd, browser, ticket, said, 2 if len(crowd.left) % TWICE == 0 else 1)


async def one(crowd: Crowd, browser: httpx.AsyncClient, ticket: str, said: dict[str, str], times: int) -> None:
    """One person answers; whoever presses twice is taken once."""
    browser.cookies.clear()
    if crowd.mode == LINK:
        await browser.get(crowd.place)
        crowd.tokens += browser.cookies.values()
    form = {"ma": ticket, "nhom": CLASS, **{f"c.{code}": answer for code, answer in said.items()}}
    began = time.monotonic()
    pressed = await asyncio.gather(*(sent(browser, crowd.place, form) for _ in range(times)))
    crowd.took.append(time.monotonic() - began)
    crowd.answers.update(pressed)
    if sorted(pressed) != [303, 409][:times]:
        crowd.wrong.append(f"{pressed}")
    crowd.said.append(said)


async def sent(browser: httpx.AsyncClient, place: str, form: dict[str, str]) -> int:
    """Send until it is taken or refused for good, as somebody does who is asked to wait."""
    status = 0
    for _ in range(PATIENCE):
        status = (await browser.post(place, data=form)).status_code
        if status not in (429, 503):
            return status
        await asyncio.sleep(0.5)
    return status


async def everybody(crowd: Crowd, app: App) -> None:
    """All clients at once."""
    await asyncio.gather(*(client(crowd, app, number) for number in range(CLIENTS)))


def load(kind: str, mode: str, people: int) -> tuple[Figures, dict[str, bool]]:
    """The load on one kind of database, and what was looked at afterwards."""
    dice, asked = random.Random(22), questionnaire()
    with folder() as place, new_place(kind, place) as url, with_key():
        with open_store(url) as store:
            codes = begun(store, mode, people)
            link, head = link_of(store), store.head()
        forms = numbered(asked, dice.sample(range(5 ** len(asked.questions)), people))
        crowd = Crowd(f"/khao-sat/{link}", mode, list(zip(codes, forms, strict=True)))
        with running(url) as app:
            began = time.monotonic()
            asyncio.run(everybody(crowd, app))
            seconds = time.monotonic() - began
            log = app.log.read_text("utf-8", "replace")
        with open_store(url) as store:
            figures, targets = looked_at(store, url, place, crowd, codes, log)
            targets["the journal learnt nothing before closing"] = figures.pop("head_before") == head
            targets["verify finds nothing"] = list(verify(store)) == []
    figures |= {
        "people": people, "seconds": round(seconds, 1), "per_second": round(people / seconds, 1),
        "p50_ms": percentile(crowd.took, 0.5), "p99_ms": percentile(crowd.took, 0.99), "wrong": crowd.wrong[:5],
    }  # fmt: skip
    return figures, targets


def looked_at(
    store: Store, url: str, place: Path, crowd: Crowd, codes: list[str], log: str
) -> tuple[Figures, dict[str, bool]]:
    """Close the survey, count, and look for anything that leads from an answer to whoever gave it."""
    before = store.head()
    with store.read() as connection:
        envelopes = [dict(row) for row in connection.execute(select(tables.survey_envelope)).mappings()]
        secret = ballot_box.secret_of(connection, ROUND, sealing.key_at_hand(store))
        assert secret is not None
        shown = codes if crowd.mode == CODES else crowd.tokens
        tickets = [ballot_box.ticket_id(secret, one) for one in shown]
    names = {column for row in envelopes for column in row}
    surveying.close_round(store, ORGANISER, ROUND)
    with store.read() as connection:
        kept = [read_written(answer).choices for answer in ballot_box.answers_of(connection, ROUND)]
        events = connection.execute(select(tables.event).order_by(tables.event.c.seq)).mappings().all()
    sent, found = (Counter(tuple(sorted(one.items())) for one in many) for many in (crowd.said, kept))
    journal = "\n".join(str(dict(event)) for event in events if event["entity"] != "questionnaire")
    files = [path.read_bytes() for path in place.rglob("*") if path.is_file()]
    traces = [*dict.fromkeys(shown), *tickets, *(one["id"] for one in envelopes), AGENT, "127.0.0."]
    left = [trace for trace in traces if trace and any(trace.encode() in content for content in files)]
    told = order_told(store, url, crowd.said) if sent == found else ["answers differ"]
    targets = {
        "every answer acknowledged once": crowd.answers[303] == len(crowd.said) and not crowd.wrong,
        "none lost": not sent - found,
        "none doubled": not found - sent and len(kept) == len(crowd.said),
        "envelopes have nothing but a random key, the survey and equally long seals": names == {"id", "round", "sealed"}
        and len({len(one["sealed"]) for one in envelopes}) == 1,
        "nothing in the database runs with the order": told == [],
        "closing is one event": len(events) == before.seq + 1,
        "no answer, code or address in the journal": not any(one in journal for one in (*traces, "hai_long")),
        **({"no code, ticket, envelope or address in any file": not left} if store.is_sqlite else {}),
        "no code, ticket or answer in the log": not any(one in log for one in (*traces, "hai_long") if one),
    }
    return {"head_before": before, "told": told, "answers": dict(crowd.answers)}, targets


def run(quick: bool = False, only: int = 0, kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> Figures:
    """Codes on both databases, an open link on SQLite."""
    people = only or (500 if quick else 5000)
    figures: dict[str, Any] = {}
    targets: dict[str, bool] = {}
    for kind, mode, number in [*((kind, CODES, people) for kind in kinds), ("sqlite", LINK, max(people // 10, 60))]:
        found, held = load(kind, mode, number)
        figures[f"{kind} {mode}"] = found
        targets |= {f"{kind} {mode}: {name}": holds for name, holds in held.items()}
    return outcome("E22 survey", figures, targets)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(run)
