"""Tự chấm: a commune says of itself what it did, with evidence for each criterion; and before that, what it aims at."""

from __future__ import annotations

from chamdiem.pages import entry
from chamdiem.pages.contest_units import own_registration
from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.tu-cham")
    own_registration(desk)
    entry.work(desk, "self", panel=False)
