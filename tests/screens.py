"""One page of the app as one person of a world sees it: Streamlit's AppTest, the real services, a real store."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from chamdiem.pages import desk
from contest_world import World

SCRIPT = """
from chamdiem.pages.desk import arrive
from chamdiem.pages.menu import PAGES
next(entry for entry in PAGES if entry.path == {path!r}).show(arrive())
"""


def opened(monkeypatch: pytest.MonkeyPatch, world: World, name: str, path: str, **query: str) -> AppTest:
    """A page, opened by somebody ("" is a visitor); run again by `.run()`. What he does goes to the world's store."""
    monkeypatch.setattr(desk, "store", lambda: world.store)
    monkeypatch.setattr(desk, "token", lambda: name)
    monkeypatch.setattr(desk, "session_of", lambda store, token, now: (None, world.actor(token)))
    monkeypatch.setattr(desk, "actor_for", lambda store, token, verb, now: world.actor(token))
    test = AppTest.from_string(SCRIPT.format(path=path), default_timeout=30)
    for key, value in {desk.CONTEST: world.contest, **query}.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception, [str(one.value) for one in test.exception]
    return test


def words(test: AppTest) -> str:
    """All text that a page shows."""
    kinds: tuple[str, ...] = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "info",
        "warning",
        "error",
        "success",
    )
    found: list[Any] = [one for kind in kinds for one in getattr(test, kind)]
    return "\n".join(str(one.value) for one in found)
