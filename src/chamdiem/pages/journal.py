"""Nhật ký: everything that was done, with the proof that nothing was changed."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.nhat-ky")
