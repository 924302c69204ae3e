"""Answers of a score sheet on their way in: saved, refused or contested, and never for anybody who may not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from chamdiem.contest.marking import Entry
from chamdiem.contest.phases import Phase
from chamdiem.contest.sheets import OpenSheet, figures_of, open_sheet
from chamdiem.pages.score_sheet import asked_by
from chamdiem.scoring.figures import HEADLINE
from chamdiem.server import saving
from chamdiem.words import say, shown
from contest_world import UNITS, World
from server_world import Browser, served, session

HERE, THERE = UNITS[0], UNITS[1]
PLACE = f"/phieu/k/{HERE}/judge"
Served = tuple[World, Starlette]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    with served(monkeypatch, "judging", tmp_path) as made:
        yield made


def as_(here: Served, name: str) -> Browser:
    """The browser of somebody who has signed in."""
    return Browser(here[1], session(here[0].store, name))


def cell(code: str, answer: str, version: int = 0, note: str = "") -> dict[str, object]:
    return {"code": code, "answer": answer, "version": version, "note": note}


def sent(browser: Browser, *cells: dict[str, object], key: str = "a", place: str = PLACE) -> httpx.Response:
    return browser.post(place, json={"id": key, "entries": list(cells)})


def results(browser: Browser, *cells: dict[str, object], **about: str) -> dict[str, Any]:
    return dict(sent(browser, *cells, **about).json()["results"])


def sheet(here: Served) -> OpenSheet:
    return open_sheet(here[0].store, here[0].actor("giam_khao_1"), "k", HERE, "judge")


def written(here: Served) -> dict[str, Any]:
    """What the judge's sheet says in the store."""
    return {code: row["answer"] for code, row in sheet(here).own.items()}


def test_each_answer_is_told_under_the_cell_it_is_about(here: Served) -> None:
    judge = as_(here, "giam_khao_1")
    answer = sent(judge, cell("1.5", "3", note="ba"), cell("2.3", "2,5"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    told = answer.json()
    assert told["results"] == {
        "1.5": {"ok": True, "version": 1},
        "2.3": {"ok": False, "message": "Không hiểu “2,5”. Hãy ghi một số nguyên, ví dụ 5."},
    }
    assert (told["id"], told["anew"], told["answered"]) == ("a", False, 1)
    assert written(here) == {"1.5": "3"}


def test_the_same_batch_again_is_saved_once(here: Served) -> None:
    judge = as_(here, "giam_khao_1")
    first, again = (sent(judge, cell("1.5", "3"), key="b").json() for _ in range(2))
    assert first["results"] == again["results"] == {"1.5": {"ok": True, "version": 1}}


def test_who_was_second_is_told_both_values(here: Served) -> None:
    judge = as_(here, "giam_khao_1")
    results(judge, cell("1.6", "day_du", note="đủ"))
    told = results(judge, cell("1.6", "khong_co"), key="b")["1.6"]
    titles = dict(asked_by(sheet(here))["1.6"][0].choices)
    assert told["conflict"]["theirs"] == {
        "answer": "day_du", "note": "đủ", "version": 1, "shown": titles["day_du"],
    }  # fmt: skip
    assert told["conflict"]["mine"] == titles["khong_co"]
    assert written(here) == {"1.6": "day_du"}


def test_the_answer_says_what_the_sheet_comes_to(here: Served) -> None:
    told = sent(as_(here, "giam_khao_1"), cell("3.1", "tot")).json()  # nobody asks for a document there
    result = figures_of(here[0].store, sheet(here))
    total = Fraction(int(result.verdict.totals.total[HEADLINE, 0]), 100)
    assert total > 0
    assert told["summary"]["totals"][0] == say("entry.total", points=total, top=100)
    assert told["figures"]["3.1"]["points"] == shown(
        result.points(result.figure(result.plan.branch("3.1")).points[0, 0])
    )
    asked = len(sheet(here).criteria.leaves)
    assert told["summary"]["missing"]["title"] == say("entry.missing", n=asked - 1)


def test_who_has_not_signed_in_is_told_so_and_the_page_looks_again(here: Served) -> None:
    told = sent(Browser(here[1]), cell("1.5", "3")).json()
    assert told["results"]["1.5"] == {"ok": False, "message": say("entry.signed_out")}
    assert told["anew"]
    assert "figures" not in told


def test_a_sheet_that_was_closed_meanwhile_takes_nothing(here: Served) -> None:
    judge = as_(here, "giam_khao_1")
    results(judge, cell("1.5", "3"))
    here[0].put_in(Phase.COUNCIL)
    told = sent(judge, cell("1.5", "4", 1), key="b").json()
    assert told["results"]["1.5"] == {"ok": False, "message": say("entry.closed_meanwhile")}
    assert told["anew"]
    assert [row["answer"] for row in here[0].all_rows("mark")] == ["3"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (f"xa_{HERE}", PLACE),
        ("thu_ky", PLACE),
        (f"xa_{THERE}", f"/phieu/k/{HERE}/self"),
        ("giam_khao_1", "/phieu/k/khong-co/judge"),
        ("giam_khao_1", f"/phieu/khong-co/{HERE}/judge"),
    ],
)
def test_nobody_writes_where_he_may_not(here: Served, name: str, place: str) -> None:
    told = sent(as_(here, name), cell("1.5", "3"), place=place).json()
    assert told["results"]["1.5"] == {"ok": False, "message": say("entry.closed_meanwhile")}
    assert set(told) == {"id", "at", "results", "anew"}
    assert here[0].all_rows("mark") == []


def test_what_is_no_sheet_of_ours_is_turned_away(here: Served) -> None:
    w, app = here
    token = session(w.store, "giam_khao_1")
    foreign = Browser(app, token, origin="https://xa.example").post(PLACE, json={"id": "a", "entries": []})
    elsewhere = Browser(app, token, sec_fetch_site="cross-site").post(PLACE, json={"id": "a", "entries": []})
    judge = Browser(app, token)
    assert [foreign.status_code, elsewhere.status_code] == [403, 403]
    assert judge.post(PLACE, content=b"{").status_code == 400
    assert judge.post(PLACE, content=b" " * (saving.BYTES + 1)).status_code == 413
    assert judge.post(f"/phieu/k/{HERE}/khac", json={}).status_code == 404
    assert judge.get(PLACE).status_code == 405
    assert judge.post(PLACE, json=["x"]).json()["results"] == {}
    assert w.all_rows("mark") == []


def test_nonsense_from_a_browser_is_nothing() -> None:
    for nonsense in (None, "x", 3, {}, {"entries": "x"}, {"entries": [1, None]}):
        assert saving.entries_of(nonsense)[1] == []
    key, found = saving.entries_of({"id": "a" * 200, "entries": [{"code": "1.1", "answer": "a\0b", "version": "x"}]})
    assert (len(key), found) == (80, [Entry("1.1", "ab", "", seen=0)])
