"""Tự chấm: a commune says of itself what it did, with evidence for each criterion."""

from __future__ import annotations

from chamdiem.pages import entry
from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.tu-cham")
    entry.work(desk, "self", panel=False)
