"""Open windows: who sits behind each WebSocket, so that a session that was ended takes its windows with it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool

from chamdiem.contest.signing_in import living_among
from chamdiem.errors import Refusal
from chamdiem.pages import desk

EVERY = 2.0  # seconds; what was revoked must be gone within five
REMEMBERED = 10_000  # windows that may come back after their network did


@dataclass(eq=False)
class Visit:
    """One open window: the token it came with, whose it is, and what ends it."""

    token: str
    account: str
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Visits:
    """All open windows of this process; for the event loop alone."""

    def __init__(self) -> None:
        self.open: set[Visit] = set()
        self._owners: OrderedDict[str, str] = OrderedDict()
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

    async def _close_dead(self) -> None:
        tokens = {visit.token for visit in self.open if visit.token and not visit.over.is_set()}
        if not tokens:
            return
        living = await run_in_threadpool(living_among, desk.store(), tokens, now=datetime.now(UTC))
        for visit in self.open:
            if visit.token in tokens - living:
                visit.over.set()


VISITS = Visits()
