"""One year of 003: quarterly reports on the 10th, the half-year merged with the second quarter, the year on 25/11."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

import postgres
import stores
from chamdiem.criteria import library as criteria_library
from chamdiem.errors import Refusal
from chamdiem.office.programme_marks import Answer, answers_for
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import report_for
from chamdiem.office.submitting import changed_since
from chamdiem.scoring.answers import read_answer
from chamdiem.store.database import Store
from chamdiem.store.proof import verify
from chamdiem.words import shown_problem
from office_world import (
    DV,
    LEAD,
    LEARNT,
    NEWS,
    STAFF,
    YEARS,
    begin_dan_van,
    enter_quarter,
    figures,
    handed_in,
    officer,
    played_dan_van,
)
from stores import refused

postgres_server, postgres_template = postgres.postgres_server, stores.postgres_template
url, store = stores.url, stores.store


@pytest.fixture
def year(store: Store) -> Store:
    """The whole year, played day by day."""
    return played_dan_van(store)


EXPECTED_NEWS = {  # by hand: in the period, since January
    "bao_cao_quy/2021-Q1": ("8", "8"),
    "bao_cao_quy/2021-Q2": ("7", "15"),
    "bao_cao_6_thang/2021-6M": ("15", "15"),
    "bao_cao_quy/2021-Q3": ("6", "21"),
    "bao_cao_nam/2021": ("21", "21"),
    "bao_cao_quy/2021-Q4": ("7", "28"),
}


def test_every_report_gives_the_period_and_the_sum_since_january(year: Store) -> None:
    for key, expected in EXPECTED_NEWS.items():
        report = report_for(year, LEAD, DV, "van_phong", key)
        line = report.content.figure("tin_bai")
        assert line is not None
        assert (line.in_period, line.so_far) == expected, key
        quarters = {"Q": 1, "6": 2}.get(key.split("-")[-1][:1], 3)
        last = int(key[-1]) if "Q" in key else quarters
        assert int(line.so_far or "") == sum(sum(of[:last]) for of in NEWS.values())


def test_what_is_counted_at_the_end_of_a_period_is_not_added_up(year: Store) -> None:
    line = report_for(year, LEAD, DV, "van_phong", "bao_cao_quy/2021-Q4").content.figure("tong_so_nguoi")
    assert line is not None
    assert (line.in_period, line.so_far) == ("36", "36")


def test_early_on_time_and_late_are_facts_and_both_of_a_merged_paper_count(year: Store) -> None:
    told = [
        (one.due.key.split("/", 1)[1], one.word(date(2022, 1, 1)), one.delivery.days if one.delivery else None)
        for one in owed_for(year, LEAD, DV)
    ]
    assert told == [
        ("bao_cao_quy/2021-Q1/nop", "early", 1),
        ("bao_cao_quy/2021-Q2/nop", "on_time", 0),
        ("bao_cao_6_thang/2021-6M/nop", "on_time", 0),
        ("bao_cao_quy/2021-Q3/nop", "late", 3),
        ("bao_cao_nam/2021/nop", "on_time", 0),
        ("bao_cao_quy/2021-Q4/nop", "on_time", 0),
    ]


def test_the_year_end_set_takes_its_answers_from_the_record(year: Store) -> None:
    made = criteria_library.load("dan-van-chinh-quyen-tra-vinh-2021")
    found = answers_for(year, LEAD, DV, "van_phong", made.leaves, 2021, as_of=date(2021, 12, 31))
    given = {code: one.answer for code, one in found.items() if isinstance(one, Answer)}
    learnt = sum(sum(of) for of in LEARNT.values())
    staff = sum(of[3] for of in STAFF.values())
    assert given == {"1.1": f"done: {learnt}; of: {staff}", "1.2": "28", "6.1": "done: 5; of: 6"}
    for leaf in made.leaves:
        if leaf.code in given and leaf.rule is not None:
            assert isinstance(read_answer(leaf.rule.inputs(made.scale_of(leaf)), given[leaf.code]), tuple), leaf.code
    assert Fraction(5, 6) == Fraction(*map(int, (given["6.1"][6], given["6.1"][-1])))
    news = found["1.2"]
    assert isinstance(news, Answer)
    assert news.reference.startswith(f"bao-cao:{DV}/van_phong/bao_cao_quy/2021-Q4/nop#")


def test_before_the_last_day_only_what_came_due_counts(year: Store) -> None:
    made = criteria_library.load("dan-van-chinh-quyen-tra-vinh-2021")
    (leaf,) = (one for one in made.leaves if one.code == "6.1")
    found = answers_for(year, LEAD, DV, "van_phong", [leaf], 2021, as_of=date(2021, 9, 12))["6.1"]
    assert isinstance(found, Answer)
    assert found.answer == "done: 3; of: 4"  # the third quarter was due on 10/9 and is not there on 12/9


def test_a_later_correction_does_not_reach_a_report_and_is_told(year: Store) -> None:
    figures(year, DV, "phong_cntt", "2021-Q1", date(2021, 12, 20), tin_bai="9")
    place = f"{DV}/van_phong/bao_cao_quy/2021-Q1/nop"
    assert changed_since(year, LEAD, place) == [("tin_bai", "8", "12")]
    line = report_for(year, LEAD, DV, "van_phong", "bao_cao_quy/2021-Q1").content.figure("tin_bai")
    assert line is not None
    assert line.so_far == "8"


def test_the_journal_of_the_year_is_whole(year: Store) -> None:
    assert list(verify(year)) == []


def test_the_years_report_before_the_fourth_quarter_needs_a_decision(store: Store) -> None:
    begin_dan_van(store)
    for quarter in (1, 2, 3):
        enter_quarter(store, quarter, YEARS)
    with pytest.raises(Refusal) as error:
        handed_in(store, DV, "van_phong", ["bao_cao_nam/2021"], YEARS)
    assert refused(error) == ["report.gaps"]
    told = shown_problem(error.value.problems[0])
    assert told.startswith("Văn phòng Sở › Báo cáo năm kết quả công tác dân vận chính quyền, Năm 2021: ")
    assert "Phòng Công nghệ thông tin, Quý IV/2021: Số người đã học tập, quán triệt" in told
    assert "2021-Q4" not in told


def test_a_room_sees_only_itself(year: Store) -> None:
    assert owed_for(year, officer(DV, "phong_cntt"), DV) == []
