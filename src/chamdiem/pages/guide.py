"""Trợ giúp: what each role may do, made of the table of permissions and the rubric."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.tro-giup")
