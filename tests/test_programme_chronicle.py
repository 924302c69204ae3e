"""The journal of a programme names what was done: which report of whom, whose figures, which survey."""

from __future__ import annotations

from datetime import date

import pytest

from chamdiem.errors import Refusal
from chamdiem.office.programme_chronicle import programme_deeds
from chamdiem.office.survey_results import results_for
from chamdiem.office.survey_rounds import LINK
from chamdiem.office.surveying import Plan, create_rounds, open_rounds
from chamdiem.store import sealing
from chamdiem.store.database import Store
from chamdiem.surveys import library
from chamdiem.words import say
from office_world import DA, LEAD, begin_de_an, figures, handed_in, lead
from stores import sqlite_store as sqlite_store

DAY = date(2023, 6, 1)
SURVEY = "pks07-chinh-quyen-than-thien"


@pytest.fixture
def store(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Half a year of a programme: figures and a report of one agency, and a survey about it."""
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    begin_de_an(sqlite_store)
    figures(sqlite_store, DA, "so_y_te", "2023-6M", DAY, don_phai_giai_quyet="3", don_dung_han="2")
    handed_in(sqlite_store, DA, "so_y_te", ["bao_cao_6_thang/2023-6M"], DAY)
    plan = Plan("k1", SURVEY, {"so_y_te": 400}, date(2023, 5, 1), date(2023, 7, 31), programme=DA, mode=LINK)
    open_rounds(sqlite_store, LEAD, create_rounds(sqlite_store, LEAD, plan), today=DAY)
    return sqlite_store


def test_the_journal_says_which_report_whose_figures_and_which_survey(store: Store) -> None:
    told = {
        deed.what.id: "; ".join(say(thing.told) for thing in deed.things)
        for deed in programme_deeds(store, lead(DA), DA)
    }
    report = "1 báo cáo kỳ (Báo cáo 6 tháng kết quả thực hiện Đề án và kế hoạch, 6 tháng đầu năm 2023 của Sở Y tế)"
    assert told["report.write"] == told["report.submit"] == report
    assert told["figure.enter"] == "2 số liệu báo cáo (Sở Y tế)"
    assert told["programme.members"] == "4 đơn vị tham gia chương trình (Sở Nội vụ; Sở Y tế; Sở Xây dựng; …)"
    assert library.load(SURVEY).title in told["survey.open"], "a survey of the programme is in its journal"


def test_a_survey_is_refused_by_its_title_not_by_its_key(store: Store) -> None:
    with pytest.raises(Refusal) as no:
        results_for(store, LEAD, "k1/so_y_te")
    [problem] = no.value.problems
    assert problem.message.id == "survey.not_closed"
    assert f"“{library.load(SURVEY).title}” tại Sở Y tế (từ 01/05/2023 đến 31/07/2023)" in say(problem.message)
    assert "k1" not in say(problem.message)
