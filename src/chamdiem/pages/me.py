"""Hồ sơ của tôi: password, telephone, sessions."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.ho-so")
