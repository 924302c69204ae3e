"""Chấm điểm: a judge marks a unit, its claim and evidence beside the sheet, and seals it."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.cham-diem")
