"""Hội đồng chốt điểm: the council decides what stands, each decision with its reason."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.hoi-dong-chot")
