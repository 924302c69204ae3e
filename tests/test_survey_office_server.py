"""What the office of a survey takes from the server: slips shown once, the workbook; nothing for anybody else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.applications import Starlette

from chamdiem import clock
from chamdiem.office import surveying
from chamdiem.office.surveying import Plan
from chamdiem.words import say
from contest_world import World
from server_world import Browser, served, session

PKS = "pks04-giai-quyet-thu-tuc-hanh-chinh"
TODAY, LAST = date(2024, 11, 4), date(2024, 12, 1)
ROUND = "hai-long/07243"
SLIPS, BOOK = f"/khao-sat-ma/{ROUND}", f"/khao-sat-so-lieu/{ROUND}.xlsx"
Served = tuple[World, Starlette]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    with served(monkeypatch, "draft", tmp_path) as (w, app):
        surveying.create_rounds(
            w.store, w.actor("thu_ky"), Plan("hai-long", PKS, {"07243": 100}, TODAY, LAST, contest="k")
        )
        yield w, app


def test_codes_are_made_once_and_shown_once(here: Served) -> None:
    w, app = here
    office = Browser(app, session(w.store, "thu_ky"))
    asked = office.get(SLIPS)
    assert 'value="80"' in asked.text  # n of 100 at 5 %
    assert w.all_rows("survey_round")[0]["codes"] == 0  # looking makes none
    made = office.post(SLIPS, data={"so": "3"})
    assert made.status_code == 200
    assert len(re.findall('class="code"', made.text)) == 3
    assert made.headers["cache-control"] == "no-store"
    assert w.all_rows("survey_round")[0]["codes"] == 3
    wrong = office.post(SLIPS, data={"so": "ba"})
    assert wrong.status_code == 422
    assert say("survey.codes_count", value=0, most=surveying.MOST_CODES) in wrong.text


def test_nobody_else_gets_codes_or_figures(here: Served) -> None:
    w, app = here
    for account in ("tham_dinh", "xa_07243", "nguoi_la"):
        browser = Browser(app, session(w.store, account))
        assert browser.get(SLIPS).status_code == 404
        assert browser.post(SLIPS, data={"so": "3"}).status_code == 404
    assert Browser(app).post(SLIPS, data={"so": "3"}).status_code == 401
    elsewhere = Browser(app, session(w.store, "thu_ky"), origin="https://example.com")
    assert elsewhere.post(SLIPS, data={"so": "3"}).status_code == 403
    assert Browser(app, session(w.store, "nguoi_la")).get(BOOK).status_code == 404
    assert w.all_rows("survey_round")[0]["codes"] == 0


def test_the_workbook_comes_once_the_survey_is_closed(here: Served) -> None:
    w, app = here
    office = w.actor("thu_ky")
    surveying.issue_codes(w.store, office, ROUND, 1)
    surveying.open_rounds(w.store, office, [ROUND], today=TODAY)
    browser = Browser(app, session(w.store, "thu_ky"))
    assert browser.get(BOOK).status_code == 400
    surveying.close_round(w.store, office, ROUND, discard=True)
    book = load_workbook(io.BytesIO(browser.get(BOOK).content))
    assert book.sheetnames == [say("survey.sheet_results")]
