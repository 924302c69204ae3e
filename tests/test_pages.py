"""Every page opens for every role, and says what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import chamdiem.pages
from chamdiem.pages import confirming, menu
from chamdiem.words import say, use_language
from contest_world import PEOPLE, World, world
from screens import opened


@pytest.fixture(scope="module")
def judging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("review", tmp_path_factory.mktemp("pages")) as made:
        yield made


@pytest.mark.parametrize("path", [entry.path for entry in menu.PAGES])
@pytest.mark.parametrize("name", ["", *PEOPLE, "giam_khao_1", "chu_tich"])
def test_every_page_opens_for_every_role(monkeypatch: pytest.MonkeyPatch, judging: World, name: str, path: str) -> None:
    page = opened(monkeypatch, judging, name, path)
    assert [one.value for one in page.title] == [say(f"page.{path}")]


def test_every_screen_is_in_the_list() -> None:
    listed = {entry.show.__module__.rpartition(".")[2] for entry in menu.PAGES}
    beside = {"__init__", "desk", "menu"}
    files = {path.stem for path in Path(chamdiem.pages.__file__).parent.glob("*.py")}
    assert {
        name
        for name in files - beside
        if "def show(desk: Desk) -> None" in (Path(chamdiem.pages.__file__).parent / f"{name}.py").read_text("utf-8")
    } == listed


DIALOG = """
import streamlit as st
from chamdiem.pages.confirming import OPEN, ask_in_dialog
from chamdiem.words import say
st.session_state[OPEN] = "k"
ask_in_dialog("x", lambda: st.write(say("confirming.reason")), key="k")
"""


def test_a_dialog_that_runs_again_without_its_page_keeps_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_: object, **__: object) -> Callable[[Callable[[], None]], Callable[[], object]]:
        return lambda body: lambda: (use_language("vi"), body())  # as Streamlit runs it: nothing was said before

    monkeypatch.setattr(confirming.st, "dialog", again)
    page = AppTest.from_string(DIALOG)
    page.query_params["lang"] = "en"
    assert [one.value for one in page.run().markdown] == ["Reason"]
