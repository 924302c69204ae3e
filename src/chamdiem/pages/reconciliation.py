"""Đối chiếu: differences between judges over the limit, and how they were settled."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.doi-chieu")
