"""One year of 002: agencies before 05/6 and 05/12, Sở Nội vụ puts together before 15/6 and 15/12; nobody silently left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

import postgres
import stores
from chamdiem.errors import Refusal
from chamdiem.office.report_content import from_text
from chamdiem.office.report_rows import owed_for
from chamdiem.office.reporting import report_for, write_words
from chamdiem.office.submitting import accept_report, return_report, submit_report
from chamdiem.office.tasks import Progress, report_task
from chamdiem.store.database import Store
from chamdiem.store.proof import verify
from office_world import AGENCIES, DA, LEAD, begin_de_an, figures, handed_in, lead, officer
from stores import by_hand, refused

postgres_server, postgres_template = postgres.postgres_server, stores.postgres_template
url, store = stores.url, stores.store

LETTERS = {"so_y_te": ("40", "38"), "so_xay_dung": ("25", "25"), "huyen_son_duong": ("112", "97")}
SECOND = {"so_y_te": ("35", "35"), "so_xay_dung": ("30", "21"), "huyen_son_duong": ("90", "88")}
HALF, WHOLE = "bao_cao_6_thang/2023-6M", "bao_cao_nam/2023"
IN_TIME, LATE = date(2023, 6, 2), date(2023, 6, 7)


def agency(store: Store, code: str, on: date) -> None:
    due, done = LETTERS[code]
    figures(store, DA, code, "2023-6M", on, don_phai_giai_quyet=due, don_dung_han=done)
    told = Progress(task="2.2", state="under_way", percent=50, note=f"{AGENCIES[code]} đã giải quyết {done} đơn")
    report_task(store, officer(DA, code), DA, code, told, today=on)
    words = {"result": f"{AGENCIES[code]} đã triển khai", "proposal": f"{AGENCIES[code]} kiến nghị bổ sung kinh phí"}
    handed_in(store, DA, code, [HALF], on, words)


@pytest.fixture
def half(store: Store) -> Store:
    """Half a year: all three have reported, one of them late."""
    begin_de_an(store)
    for code in AGENCIES:
        agency(store, code, LATE if code == "huyen_son_duong" else IN_TIME)
    return store


def consolidate(store: Store, on: date, key: str = HALF, **more: object) -> None:
    who = lead(DA)
    write_words(store, who, DA, "so_noi_vu", key, {"result": "Tổng hợp chung toàn tỉnh"})
    submit_report(store, who, DA, "so_noi_vu", [key], on=on, today=on, **more)  # type: ignore[arg-type]


def test_sums_are_those_of_the_reports_and_words_stay_apart(half: Store) -> None:
    consolidate(half, date(2023, 6, 14))
    report = report_for(half, LEAD, DA, "so_noi_vu", HALF)
    for at, name in enumerate(("don_phai_giai_quyet", "don_dung_han")):
        line = report.content.figure(name)
        assert line is not None
        assert Decimal(line.so_far or "") == sum(Decimal(of[at]) for of in LETTERS.values())
        assert {code: upto for code, _, upto in line.parts} == {code: of[at] for code, of in LETTERS.items()}
    assert report.words == {"result": "Tổng hợp chung toàn tỉnh"}
    assert [code for code, _ in report.content.words] == sorted(AGENCIES)
    assert all(said["proposal"].startswith(AGENCIES[code]) for code, said in report.content.words)
    told = {line.member: line.note for line in report.content.tasks if line.task == "2.2" and line.note}
    assert told == {code: f"{AGENCIES[code]} đã giải quyết {of[1]} đơn" for code, of in LETTERS.items()}


def test_before_is_not_on_and_late_is_a_fact(half: Store) -> None:
    consolidate(half, date(2023, 6, 15))  # "trước ngày 15/6": the fifteenth is a day late
    told = {
        (one.member["code"], one.due.stage): (one.delivery.word, one.delivery.days)
        for one in owed_for(half, LEAD, DA)
        if one.member is not None and one.delivery is not None
    }
    assert told == {
        ("so_y_te", "nop"): ("early", 2),
        ("so_xay_dung", "nop"): ("early", 2),
        ("huyen_son_duong", "nop"): ("late", 3),
        ("so_noi_vu", "tong_hop"): ("late", 1),
    }


def test_missing_members_are_listed_and_left_out_only_by_a_decision(store: Store) -> None:
    begin_de_an(store)
    agency(store, "so_y_te", IN_TIME)
    on = date(2023, 6, 13)
    with pytest.raises(Refusal) as error:
        consolidate(store, on)
    assert refused(error) == ["report.members_missing", "report.needs_why"]
    assert error.value.problems[0].message.values["members"] == ["UBND huyện Sơn Dương", "Sở Xây dựng"]
    with pytest.raises(Refusal) as error:
        consolidate(store, on, without=["so_xay_dung"], why="chưa nộp")
    assert refused(error) == ["report.members_missing"]
    with pytest.raises(Refusal) as error:
        consolidate(store, on, without=["so_xay_dung", "huyen_son_duong", "so_y_te"], why="chưa nộp")
    assert refused(error) == ["report.not_missing"]
    consolidate(store, on, without=["so_xay_dung", "huyen_son_duong"], why="Đã đôn đốc hai lần, chưa nộp")
    content = report_for(store, LEAD, DA, "so_noi_vu", HALF).content
    assert content.missing == ("huyen_son_duong", "so_xay_dung")
    assert content.why == "Đã đôn đốc hai lần, chưa nộp"
    assert [line.so_far for line in content.figures if line.name == "don_dung_han"] == ["38"]


def test_a_report_is_returned_with_a_reason_and_counts_anew(half: Store) -> None:
    place = f"{DA}/so_y_te/bao_cao_6_thang/2023-6M/nop"
    with pytest.raises(Refusal) as error:
        return_report(half, lead(DA), place, " ")
    assert refused(error) == ["contest.needs_reason"]
    return_report(half, lead(DA), place, "Số đơn chưa khớp với thanh tra")
    with pytest.raises(Refusal) as error:
        consolidate(half, date(2023, 6, 13))
    assert "report.members_missing" in refused(error)
    figures(half, DA, "so_y_te", "2023-6M", date(2023, 6, 8), don_dung_han="37")
    handed_in(half, DA, "so_y_te", [HALF], date(2023, 6, 8))
    accept_report(half, lead(DA), place)
    consolidate(half, date(2023, 6, 13))
    line = report_for(half, LEAD, DA, "so_noi_vu", HALF).content.figure("don_dung_han")
    assert line is not None
    assert line.so_far == str(37 + 25 + 97)
    with pytest.raises(Refusal) as error:
        return_report(half, lead(DA), place, "lại sai")
    assert refused(error) == ["report.consolidated_already"]
    owed = [one for one in owed_for(half, LEAD, DA) if one.member and one.member["code"] == "so_y_te"]
    assert owed[0].delivery is not None
    assert owed[0].delivery.word == "late"  # what was returned was not delivered


def test_the_years_report_adds_the_halves(half: Store) -> None:
    on = date(2023, 12, 4)
    for code, (due, done) in SECOND.items():
        figures(half, DA, code, "2023-H2", on, don_phai_giai_quyet=due, don_dung_han=done)
        handed_in(half, DA, code, [WHOLE], on)
    consolidate(half, date(2023, 12, 14), WHOLE)
    line = report_for(half, LEAD, DA, "so_noi_vu", WHOLE).content.figure("don_dung_han")
    assert line is not None
    by_other_means = sum(int(of[1]) for year in (LETTERS, SECOND) for of in year.values())
    assert line.so_far == line.in_period == str(by_other_means)
    assert list(verify(half)) == []


def test_a_report_changed_past_the_software_is_not_put_together(half: Store, url: str) -> None:
    by_hand(url, "UPDATE report SET figures = replace(figures, '\"38\"', '\"39\"') WHERE member = 'so_y_te'")
    with pytest.raises(Refusal) as error:
        report_for(half, LEAD, DA, "so_noi_vu", HALF)
    assert refused(error) == ["report.hash_differs"]


def test_an_agency_knows_nothing_of_the_others(half: Store) -> None:
    mine = officer(DA, "so_y_te")
    assert {one.member["code"] for one in owed_for(half, mine, DA) if one.member} == {"so_y_te"}
    for member in ("so_xay_dung", "so_noi_vu"):
        with pytest.raises(Refusal) as error:
            report_for(half, mine, DA, member, HALF)
        assert refused(error) == ["permission.not_found"]


def test_what_was_submitted_is_kept_as_it_was(half: Store) -> None:
    with half.read() as connection:
        found = connection.exec_driver_sql("SELECT figures FROM report WHERE member = 'so_y_te'").scalar_one()
    content = from_text(found)
    assert content.members == ("so_y_te",)
    assert [(line.name, line.so_far) for line in content.figures if line.so_far] == [
        ("don_phai_giai_quyet", "40"),
        ("don_dung_han", "38"),
    ]
