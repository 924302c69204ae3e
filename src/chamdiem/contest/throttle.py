"""How long somebody must wait after wrong sign-ins: longer each time, by account and by network address.

A try is recorded before the password is looked at and struck out when it was right; so a hundred tries sent at the
same moment are counted too. Tries are kept by the login as typed (`login_key`), whether such an account exists or not.
Nobody is locked out for longer than the window, and whoever is signed in already is not touched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chamdiem.errors import Refusal, refuse


@dataclass(frozen=True)
class Throttle:
    """How many wrong tries a window of time allows, and the seconds to wait after the first, second, third … of them."""

    most: int
    window: timedelta
    waits: tuple[int, ...]

    def decide(self, failures: Sequence[datetime], now: datetime) -> timedelta | None:
        """How long to wait before the next try; None when it may be made at once.

        `failures` are the moments of wrong tries, in any order; those as old as the window or older do not count. A
        moment ahead of the clock counts as now, unless it is a whole window ahead: then the clock was set back.
        """
        recent = sorted(min(moment, now) for moment in failures if abs(now - moment) < self.window)
        if not recent:
            return None
        after_last = timedelta(seconds=self.waits[min(len(recent), len(self.waits)) - 1])
        free_at = recent[-1] + after_last
        if len(recent) >= self.most:
            free_at = max(free_at, recent[-self.most] + self.window)
        return free_at - now if free_at > now else None


PER_ACCOUNT = Throttle(most=10, window=timedelta(minutes=15), waits=(0, 0, 1, 2, 5, 10, 20, 40, 60, 120))
PER_ADDRESS = Throttle(most=100, window=timedelta(minutes=15), waits=(0,) * 20 + (1,) * 20 + (2,) * 20 + (5,))


def longest(*waits: timedelta | None) -> timedelta | None:
    """The longest of several waits; None when nobody has to wait."""
    return max((wait for wait in waits if wait), default=None)


def asked_to_wait(wait: timedelta) -> Refusal:
    """The refusal for somebody who must wait; it says how long, and nothing about the account."""
    seconds = math.ceil(wait.total_seconds())
    if seconds < 120:
        return refuse("signin.wait_seconds", seconds=seconds)
    return refuse("signin.wait_minutes", minutes=math.ceil(seconds / 60))
