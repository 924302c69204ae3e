"""Chấm điểm: from a criteria set and marks to explained points, stars and ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chamdiem.criteria.library import load as load
    from chamdiem.scoring.figures import Policy as Policy
    from chamdiem.scoring.run import score as score

__all__ = ["Policy", "load", "score"]

HOMES = {"load": "chamdiem.criteria.library", "score": "chamdiem.scoring.run", "Policy": "chamdiem.scoring.figures"}


def __getattr__(name: str) -> object:
    """Load the engine only when it is asked for: starting the command line must not cost numpy and pydantic."""
    if name not in HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(HOMES[name]), name)
