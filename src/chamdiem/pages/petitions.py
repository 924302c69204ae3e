"""Kiến nghị: petitions, their due days and answers."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.kien-nghi")
