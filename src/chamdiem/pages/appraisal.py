"""Thẩm định: the appraiser checks a commune's claim and its evidence, criterion by criterion."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.tham-dinh")
