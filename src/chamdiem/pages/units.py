"""Đơn vị: the register of units: search, predecessors, import."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.don-vi")
