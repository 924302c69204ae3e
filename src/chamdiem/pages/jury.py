"""Hội đồng giám khảo: who marks what; conflicts of interest shown."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.hoi-dong")
