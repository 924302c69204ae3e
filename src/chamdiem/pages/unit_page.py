"""Phiếu đơn vị: one unit, every figure traced down to each mark, evidence and clause."""

from __future__ import annotations

from chamdiem.pages.desk import Desk, title


def show(desk: Desk) -> None:
    """The page."""
    title("page.phieu-don-vi")
