"""Đợt chấm: contests are created and led from phase to phase; score sheets are imported with a preview."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.dot-cham")
