"""What is typed in a score sheet, taken in: saved as it comes, and answered with what the sheet comes to now.

The sheet in the browser (chamdiem/pages/score_sheet.js) sends each answer here, so that no page has to run again for it:
that keeps a hundred judges quick, and marks go on being saved while a window has lost its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chamdiem.clock import in_vietnam
from chamdiem.contest.marking import Entry
from chamdiem.contest.permissions import ANYBODY, Actor
from chamdiem.contest.record import Stage
from chamdiem.contest.sheets import OpenSheet, enter_each, open_sheet, who_is
from chamdiem.errors import Refusal
from chamdiem.pages import desk
from chamdiem.pages.score_sheet import Cell, asked_by, canonical, in_words
from chamdiem.pages.sheet_figures import comes_to
from chamdiem.server import forms
from chamdiem.store.database import Store
from chamdiem.store.door import Conflict
from chamdiem.words import say, shown

ENTRIES = 500  # of one batch
BYTES = 4_000_000  # of one batch: as many notes of two thousand letters

AT_ONCE = anyio.CapacityLimiter(4)  # batches that are worked on; more threads would only take turns from each other


class Place(NamedTuple):
    """Which sheet it is."""

    contest: str
    unit: str
    stage: Stage


async def save(request: Request) -> JSONResponse:
    """Take in a batch of answers of one sheet, as whoever has signed in now."""
    place = Place(*(request.path_params[name] for name in Place._fields))
    if place.stage not in get_args(Stage):
        raise HTTPException(404)
    try:
        batch = json.loads(await forms.body(request, BYTES))
    except ValueError:
        raise HTTPException(400) from None
    actor = await forms.visitor(request)
    reply = await anyio.to_thread.run_sync(taken_in, desk.store(), actor, place, batch, limiter=AT_ONCE)
    return JSONResponse(reply, headers={"Cache-Control": "no-store"})


def taken_in(store: Store, actor: Actor, place: Place, batch: object) -> dict[str, Any]:
    """Save what the browser sent; returns what it is told: saved, refused and why, or both values where somebody else was
    first; then what the sheet comes to. `anew`: something else has changed as well, and the page has to be looked at."""
    key, entries = entries_of(batch)
    done = enter_each(store, actor, *place, entries, key=key)
    sheet = _sheet(store, actor, place)
    said = {one.criterion: _said(store, actor, sheet, one, done[one.criterion]) for one in entries}
    reply: dict[str, Any] = {"id": key, "at": f"{in_vietnam(datetime.now(UTC)):%H:%M:%S}", "results": said}
    if sheet is None or any(_is_closed(one) for one in done.values()):
        return reply | {"anew": True}
    return reply | {"anew": False, "answered": len(sheet.own), **comes_to(store, sheet)}


def entries_of(batch: object) -> tuple[str, list[Entry]]:
    """What the browser sent: its key and the entries; anything else is nothing at all."""
    if not isinstance(batch, dict) or not isinstance(batch.get("entries"), list):
        return "", []
    found = [_entry(one) for one in batch["entries"][:ENTRIES] if isinstance(one, dict)]
    return str(batch.get("id", ""))[:80], found


def _entry(one: dict[str, object]) -> Entry:
    code, answer, note, version = (
        str(one.get(name, "")).replace("\0", "") for name in ("code", "answer", "note", "version")
    )
    return Entry(code, answer, note, seen=int(version) if version.isdecimal() else 0)


def _sheet(store: Store, actor: Actor, place: Place) -> OpenSheet | None:
    try:
        return open_sheet(store, actor, *place)
    except Refusal:
        return None


def _is_closed(outcome: int | Refusal) -> bool:
    """Whether an answer was refused because the sheet is open to this person no longer."""
    return isinstance(outcome, Refusal) and any(one.message.id == "permission.not_found" for one in outcome.problems)


def _said(store: Store, actor: Actor, sheet: OpenSheet | None, entry: Entry, outcome: int | Refusal) -> Cell:
    if isinstance(outcome, int):
        return {"ok": True, "version": outcome}
    if isinstance(outcome, Conflict) and sheet is not None:
        return _conflict(store, sheet, entry, outcome)
    return {"ok": False, "message": "\n".join(_told(actor, outcome))}


def _told(actor: Actor, refusal: Refusal) -> Iterator[str]:
    closed = say("entry.signed_out" if actor == ANYBODY else "entry.closed_meanwhile")
    for problem in refusal.problems:
        yield closed if problem.message.id == "permission.not_found" else say(problem.message)


def _conflict(store: Store, sheet: OpenSheet, entry: Entry, conflict: Conflict) -> Cell:
    asked = asked_by(sheet).get(entry.criterion, ())
    current = conflict.current or {"answer": "", "note": "", "version": 0}
    when = shown(datetime.fromisoformat(conflict.when)) if conflict.when else ""
    says = say("entry.conflict_who", who=who_is(store, conflict), when=when, code=entry.criterion)
    theirs = {
        "answer": canonical(asked, current["answer"]), "note": current["note"], "version": current["version"],
        "shown": in_words(asked, current["answer"]),
    }  # fmt: skip
    return {"ok": False, "conflict": {"says": says, "theirs": theirs, "mine": in_words(asked, entry.answer)}}


ROUTES = [Route("/phieu/{contest}/{unit}/{stage}", save, methods=["POST"])]
