"""Công bố: what would change, old beside new; two persons publish."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.cong-bo")
