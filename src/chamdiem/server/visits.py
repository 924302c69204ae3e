"""Open windows: who sits behind each WebSocket, so that a session that was ended takes its windows with it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

from starlette.concurrency import run_in_threadpool

from chamdiem.contest.signing_in import living_among
from chamdiem.errors import Refusal
from chamdiem.pages import desk

EVERY = 2.0  # seconds; what was revoked must be gone within five
REMEMBERED = 10_000  # windows that may come back after their network did
REPLACED = 60.0  # seconds in which a window that still shows an old cookie is told to come back with the new one


@dataclass(eq=False)
class Visit:
    """One open window: the token it came with, whose it is, and what ends it; the same token of a stranger is `dead`."""

    token: str
    account: str
    dead: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Visits:
    """All open windows of this process; for the event loop alone."""

    def __init__(self) -> None:
        self.open: set[Visit] = set()
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._replaced: dict[str, float] = {}
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def belongs(self, window: str, account: str) -> None:
        """Remember whose a window is (by Streamlit's id of it)."""
        self._owners[window] = account
        self._owners.move_to_end(window)
        while len(self._owners) > REMEMBERED:
            self._owners.popitem(last=False)

    def owner(self, window: str) -> str | None:
        """Whose a window was; None when it is not known."""
        return self._owners.get(window)

    def windows_of(self, account: str) -> list[str]:
        """The windows of one person."""
        return [window for window, owner in self._owners.items() if owner == account]

    def replaced(self, token: str) -> None:
        """Somebody has signed in in a browser that had this token: its other windows shall come back with the new one."""
        now = monotonic()
        self._replaced = {old: until for old, until in self._replaced.items() if until > now}
        if token:
            self._replaced[token] = now + REPLACED
        self.look()

    def look(self) -> None:
        """Look at once: something was ended. From any thread."""
        if self._loop is not None and self._wake is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def watch(self) -> None:
        """Close the windows of sessions that live no more; they come back as strangers, or with the cookie of now."""
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), EVERY)
            self._wake.clear()
            with suppress(Refusal):  # a store that is busy ends nobody
                await self._close_dead()

    def _call_back(self) -> None:
        """Windows that became strangers' when their session ended, though their browser has signed in since."""
        now = monotonic()
        for visit in self.open:
            if visit.dead and self._replaced.get(visit.dead, 0) > now:
                visit.over.set()

    async def _close_dead(self) -> None:
        self._call_back()
        tokens = {visit.token for visit in self.open if visit.token and not visit.over.is_set()}
        if not tokens:
            return
        living = await run_in_threadpool(living_among, desk.store(), tokens, now=datetime.now(UTC))
        for visit in self.open:
            if visit.token in tokens - living:
                visit.over.set()


VISITS = Visits()
