"""Bộ tiêu chí: a criteria set read as people read a decision; editions compared; new ones uploaded or edited."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.bo-tieu-chi")
