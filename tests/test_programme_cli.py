"""Programmes at the terminal: list, show, check, calendar, ics, schema; Vietnamese, machines, refusals."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import icalendar
import pytest

from chamdiem.criteria.library import IN_REPOSITORY
from chamdiem.programmes import library
from terminal import Terminal

HERE = Path(__file__).parent
DANVAN, TUYEN_QUANG = "dan-van-chinh-quyen-tra-vinh-2021", "de-an-02-tuyen-quang-2022"
DO_DAU = "do-dau-xa-tra-vinh-2023"


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(tmp_path, monkeypatch, capsys)


def test_list_names_every_shipped_programme(terminal: Terminal) -> None:
    page = terminal.done("programme", "list").out
    record = terminal.done("programme", "list", "--json").record
    assert [one["id"] for one in record] == [f"{file.stem}@1" for file in library.shipped()]
    for one in record:
        assert one["id"] in page
        assert one["number"] in page
        assert len(one["content_hash"]) == 64
    assert "chưa đối chiếu văn bản gốc" in page


def test_show_has_tasks_owners_dates_recipients_and_oddities(terminal: Terminal) -> None:
    page = " ".join(terminal.done("programme", "show", DO_DAU).out.split())
    for words in (
        "29/KH-VP",
        "10/KH-VP (08/02/2022)",
        "Trung tâm Tin học – Công báo",
        "Hàng năm",
        "Lưu: VT, HCQT.",
        "Chỗ lạ của bản chép",
        "văn bản không ghi",
    ):
        assert words in page
    record = terminal.done("programme", "show", DO_DAU, "--json").record
    assert record["replaces"]["number"] == "10/KH-VP"
    assert record["organisations"][0]["succeeded_by"]["from"] == "2025-07-01"


def test_check_tells_everything_that_is_wrong(terminal: Terminal) -> None:
    assert terminal.done("programme", "check").out.count("✓") == 4
    wrong = HERE / "bad_programmes" / "several_at_once.yaml"
    other = HERE / "bad_programmes" / "task_without_owner.yaml"
    said = terminal.refused("programme", "check", wrong, other)
    assert f"{wrong}:" in said
    assert f"{other}:" in said
    assert "chưa có ai chịu trách nhiệm" in said
    told = terminal.type("programme", "check", wrong, "--json")
    assert [problem["id"] for problem in json.loads(told.out)["problems"]] == [
        "programme.unknown_organisation",
        "programme.no_owner",
        "programme.no_such_day",
        "programme.no_such_day",
    ]


def test_calendar_shows_the_day_its_rule_and_the_days_off(terminal: Terminal) -> None:
    page = " ".join(terminal.done("programme", "calendar", TUYEN_QUANG, "--year", "2023").out.replace("│", " ").split())
    assert "chủ nhật 04/06/2023" in page
    assert "chưa đặt hạn" in page
    assert "Đột xuất, khi cần: Báo cáo đột xuất" in page


def test_calendar_says_what_nobody_knows_yet_and_who_is_no_more(terminal: Terminal) -> None:
    span = ("--from", "2027-01-01", "--to", "2027-06-30")
    page = " ".join(terminal.done("programme", "calendar", "giup-do-xa-mtqg-2023", TUYEN_QUANG, *span).out.split())
    words = " ".join(page.replace("│", " ").split())
    assert "liền trước 29/01/2027, liền sau chưa" in words
    assert "làm việc là dự kiến" in words
    assert "(không còn," in words


def test_calendar_for_machines_is_the_whole_truth(terminal: Terminal) -> None:
    record = terminal.done("programme", "calendar", TUYEN_QUANG, "--year", "2023", "--json").record
    first = record[0]
    assert first["key"] == f"{TUYEN_QUANG}/bao_cao_6_thang/2023-6M/nop"
    assert (first["named"], first["last"], first["limit"]) == ("2023-06-05", "2023-06-04", "before")
    assert (first["works"], first["working_before"], first["working_after"]) == (False, "2023-06-02", "2023-06-05")
    assert first["period"] == {
        "id": "2023-6M", "every": "six_months", "from": "2023-01-01", "to": "2023-06-30",
        "label": "6 tháng đầu năm 2023",
    }  # fmt: skip


def test_calendar_of_one_office(terminal: Terminal) -> None:
    span = ("--from", "2023-06-01", "--to", "30/6/2023", "--json")
    assert [one["stage"] for one in terminal.done("programme", "calendar", TUYEN_QUANG, *span).record] == [
        "nop",
        "tong_hop",
    ]
    for office in ("so_noi_vu", "sở nội", "so noi vu"):
        found = terminal.done("programme", "calendar", TUYEN_QUANG, "--office", office, *span).record
        assert [one["stage"] for one in found] == ["tong_hop"]


def test_calendar_offers_to_merge(terminal: Terminal) -> None:
    page = terminal.done("programme", "calendar", DANVAN, "--year", "2021").out
    assert "Ngày 10/06/2021 có thể gộp một báo cáo cho Quý II/2021; 6 tháng đầu năm 2021" in page
    assert len(terminal.done("programme", "calendar", DANVAN, "--year", "2021", "--json").record) == 5
    assert terminal.done("programme", "calendar", DANVAN, "--year", "2024", "--json").record == []
    beyond = terminal.done("programme", "calendar", DANVAN, "--year", "2024", "--beyond", "--json").record
    assert len(beyond) == 6
    assert "Ngoài thời gian áp dụng" in terminal.done("programme", "calendar", DANVAN, "--year", "2024", "--beyond").out


def test_calendar_takes_the_days_that_users_set(terminal: Terminal) -> None:
    key = f"{DO_DAU}/so_ket_6_thang/2024-6M/so_ket"
    ask = ("programme", "calendar", DO_DAU, "--year", "2024", "--json")
    (unset,) = (one for one in terminal.done(*ask).record if one["key"] == key)
    (found,) = (one for one in terminal.done(*ask, "--day", f"{key}=15/7/2024").record if one["key"] == key)
    assert (unset["origin"], unset["last"]) == ("not_set", None)
    assert (found["origin"], found["last"]) == ("user", "2024-07-15")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--day", "khong-co-dau-bang"), "thiếu ngày"),
        (("--day", "khac/x/2024/y=2024-01-01"), "Không có việc nào mang mã"),
        (("--day", f"{DANVAN}/bao_cao_quy/2021-Q2/nop=2021-06-12"), "đã có trong văn bản"),
        (("--year", "2024", "--from", "2024-01-01"), "Chỉ ghi một trong hai"),
        (("--from", "2024-12-31", "--to", "2024-01-01"), "Hãy ghi ngày đầu trước ngày cuối"),
        (("--year", "0"), "0"),
        (("--year", "99999"), "99999"),
        (("--year", "1066"), "1900"),
    ],
)
def test_calendar_refuses_in_words(terminal: Terminal, more: tuple[str, ...], said: str) -> None:
    assert said in " ".join(terminal.refused("programme", "calendar", DANVAN, *more).split())


def test_an_unknown_programme_is_refused_everywhere(terminal: Terminal) -> None:
    for verb in (("show",), ("check",), ("calendar",), ("ics", "-o", "x.ics")):
        assert "Không có chương trình nào mang mã “khong-co”" in terminal.refused("programme", *verb, "khong-co")
    assert not (terminal.folder / "x.ics").exists()


def test_ics_is_written_and_reads_back(terminal: Terminal) -> None:
    told = terminal.done(
        "programme", "ics", TUYEN_QUANG, "--year", "2023", "--alarm", "3", "-o", "lich/2023.ics", "--json"
    )
    assert told.record["events"] == 4
    assert len(told.record["not_set"]) == 4
    calendar = icalendar.Calendar.from_ical((terminal.folder / "lich" / "2023.ics").read_bytes())
    assert [event.decoded("dtstart") for event in calendar.walk("VEVENT")] == [
        date(2023, 6, 4), date(2023, 6, 14), date(2023, 12, 4), date(2023, 12, 14),
    ]  # fmt: skip
    page = terminal.done("programme", "ics", "--year", "2023", "-o", "tat-ca.ics").out
    assert "chưa có hạn" in page


def test_ics_refuses_where_it_cannot_write(terminal: Terminal) -> None:
    (terminal.folder / "thu-muc.ics").mkdir()
    assert "thu-muc.ics" in terminal.refused("programme", "ics", DANVAN, "--year", "2021", "-o", "thu-muc.ics")


def test_the_schema_is_the_one_that_is_shipped(terminal: Terminal) -> None:
    kept = (IN_REPOSITORY / "programmes" / "programme.schema.json").read_text(encoding="utf-8")
    assert terminal.done("programme", "schema").out == kept
    terminal.done("programme", "schema", "-o", "a.json")
    assert (terminal.folder / "a.json").read_text(encoding="utf-8") == kept


@pytest.mark.parametrize("verb", ["", "list", "show", "check", "calendar", "ics", "schema"])
def test_every_verb_has_help_in_both_languages(terminal: Terminal, verb: str) -> None:
    page = terminal.done("programme", *([verb] if verb else []), "--help").out
    english = terminal.done("programme", *([verb] if verb else []), "--help", "--lang", "en").out
    assert "Cách dùng:" in page
    assert "Usage:" in english
    assert "cli." not in page + english
