"""Early, on time, late; one paper for two reports; what each office is reminded of."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.errors import Refusal
from chamdiem.programmes import library
from chamdiem.programmes.delivery import Delivery, delivery, merge, mergeable
from chamdiem.programmes.due import Due, due_called, due_dates
from chamdiem.programmes.reminders import reminders
from chamdiem.words import say

DANVAN, TUYEN_QUANG = "dan-van-chinh-quyen-tra-vinh-2021", "de-an-02-tuyen-quang-2022"
GIUP_DO = "giup-do-xa-mtqg-2023"
YEAR_2021 = date(2021, 4, 7), date(2021, 12, 31)


def due(id: str, rest: str, **days: date) -> Due:  # noqa: A002
    return due_called(library.load(id), f"{id}/{rest}", given={f"{id}/{rest}": day for day in days.values()})


ON = due(DANVAN, "bao_cao_quy/2021-Q2/nop")
BEFORE = due(TUYEN_QUANG, "bao_cao_6_thang/2023-6M/nop")
JANUARY = due(GIUP_DO, "kien_toan/2024/quyet_dinh")
NOT_SET = due(GIUP_DO, "bao_cao_quy/2024-Q1/tong_hop")


@pytest.mark.parametrize(
    ("what", "delivered", "word", "days"),
    [
        pytest.param(ON, date(2021, 6, 9), "early", 1, id="ngày 10/6, nộp 09/6"),
        pytest.param(ON, date(2021, 6, 10), "on_time", 0, id="ngày 10/6, nộp 10/6"),
        pytest.param(ON, date(2021, 6, 11), "late", 1, id="ngày 10/6, nộp 11/6"),
        pytest.param(BEFORE, date(2023, 6, 3), "early", 1, id="trước 05/6, nộp 03/6"),
        pytest.param(BEFORE, date(2023, 6, 4), "on_time", 0, id="trước 05/6, nộp 04/6, chủ nhật"),
        pytest.param(BEFORE, date(2023, 6, 5), "late", 1, id="trước 05/6, nộp đúng 05/6 là muộn"),
        pytest.param(JANUARY, date(2023, 12, 30), "early", 32, id="trong tháng 01, làm từ tháng 12"),
        pytest.param(JANUARY, date(2024, 1, 1), "on_time", 0, id="trong tháng 01, ngày đầu"),
        pytest.param(JANUARY, date(2024, 1, 31), "on_time", 0, id="trong tháng 01, ngày cuối"),
        pytest.param(JANUARY, date(2024, 2, 1), "late", 1, id="trong tháng 01, sang tháng 02"),
    ],
)
def test_early_on_time_and_late_are_told_apart(what: Due, delivered: date, word: str, days: int) -> None:
    found = delivery(what, delivered)
    assert found == Delivery(word, days)  # type: ignore[arg-type]
    assert found.in_time == (word != "late")


def test_the_facts_are_said_in_words() -> None:
    assert say(delivery(ON, date(2021, 6, 12)).label) == "muộn 2 ngày"
    assert say(delivery(ON, date(2021, 6, 7)).label) == "sớm 3 ngày"
    assert say(delivery(ON, date(2021, 6, 10)).label) == "đúng hạn"


def test_nobody_is_late_for_a_day_that_nobody_has_set() -> None:
    with pytest.raises(Refusal) as refused:
        delivery(NOT_SET, date(2024, 4, 1))
    assert refused.value.problems[0].message.id == "programme.day_not_set"
    assert (
        delivery(due(GIUP_DO, "bao_cao_quy/2024-Q1/tong_hop", day=date(2024, 3, 31)), date(2024, 4, 1)).word == "late"
    )


@given(st.dates(date(2020, 1, 1), date(2025, 1, 1)))
def test_a_later_day_is_never_better(day: date) -> None:
    rank = ("early", "on_time", "late")
    for what in (ON, BEFORE, JANUARY):
        one, other = delivery(what, day), delivery(what, day + timedelta(days=1))
        assert rank.index(one.word) <= rank.index(other.word)
        assert one.in_time == (what.last is not None and day <= what.last)


def test_two_reports_of_one_day_may_be_one_paper_that_answers_for_both() -> None:
    found = due_dates(library.load(DANVAN), *YEAR_2021)
    (merged,) = mergeable(found)
    assert merged.keys == (f"{DANVAN}/bao_cao_quy/2021-Q2/nop", f"{DANVAN}/bao_cao_6_thang/2021-6M/nop")
    assert say(merged.label) == "Quý II/2021; 6 tháng đầu năm 2021"
    assert merged.delivered(date(2021, 6, 12)) == dict.fromkeys(merged.keys, Delivery("late", 2))
    assert merge(merged.parts) == merged
    assert set(merged.keys) < {one.key for one in found}, "both stay in the list"


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        pytest.param([], "programme.merge_needs_several", id="không có gì"),
        pytest.param([ON], "programme.merge_needs_several", id="chỉ một"),
        pytest.param([ON, ON], "programme.merge_needs_several", id="hai lần cùng một"),
        pytest.param([ON, due(DANVAN, "bao_cao_quy/2021-Q3/nop")], "programme.cannot_merge", id="khác ngày"),
        pytest.param([ON, due(DANVAN, "bao_cao_6_thang/2022-6M/nop")], "programme.cannot_merge", id="khác năm"),
        pytest.param(
            [BEFORE, due(TUYEN_QUANG, "bao_cao_6_thang/2023-6M/tong_hop")], "programme.cannot_merge", id="khác bước"
        ),
        pytest.param(
            [NOT_SET, due(GIUP_DO, "bao_cao_quy/2024-Q2/tong_hop")], "programme.cannot_merge", id="chưa có hạn"
        ),
    ],
)
def test_what_cannot_be_one_paper_is_refused(parts: list[Due], why: str) -> None:
    with pytest.raises(Refusal) as refused:
        merge(parts)
    assert refused.value.problems[0].message.id == why


def test_each_office_is_reminded_of_its_own() -> None:
    found = due_dates(library.load(TUYEN_QUANG), date(2023, 1, 1), date(2023, 12, 31))
    told = reminders([one for one in found if one.last], date(2023, 6, 6), ahead=14)
    words = {office: [(one.word, one.days, one.due.stage) for one in some] for office, some in told.items()}
    assert words == {"cac_co_quan": [("overdue", 2, "nop")], "so_noi_vu": [("soon", 8, "tong_hop")]}
    assert say(told["cac_co_quan"][0].label) == "quá hạn 2 ngày"
    assert say(told["so_noi_vu"][0].label) == "còn 8 ngày"


def test_what_is_done_is_not_recalled() -> None:
    found = due_dates(library.load(DANVAN), *YEAR_2021)
    today = date(2021, 6, 10)
    assert [one.word for one in reminders(found, today, ahead=0)["van_phong_so"]] == ["today", "today"]
    assert reminders(found, today, ahead=0, done=[one.key for one in found]) == {}


def test_what_has_no_day_is_recalled_when_its_period_ends() -> None:
    assert reminders([NOT_SET], date(2024, 3, 16), ahead=14) == {}
    told = reminders([NOT_SET], date(2024, 3, 17), ahead=14)
    assert list(told) == ["bcd_huyen", "ubnd_huyen"]
    assert say(told["ubnd_huyen"][0].label) == "chưa đặt hạn"
    whole = due(GIUP_DO, "bao_cao_giai_doan/phase/tong_hop")
    assert reminders([whole], date(2023, 9, 1))["bcd_huyen"][0].word == "not_set"
