"""Trình chiếu: the ranking in large letters, hidden until it is announced."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.trinh-chieu")
