"""Xếp hạng và sao: who stands where, and the proof of each star."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.xep-hang")
