"""The report as a workbook: office, period, tasks, figures, words, signatures; exact, and it says what it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import postgres
import stores
from chamdiem.contest.evidence import Document
from chamdiem.errors import Refusal
from chamdiem.office.report_workbook import cell_of, export_report
from chamdiem.office.reporting import write_words
from chamdiem.office.submitting import submit_report
from chamdiem.office.tasks import Progress, add_document, report_task
from chamdiem.store.database import Store
from chamdiem.words import use_language
from office_world import AGENCIES, DA, DV, LEAD, STRANGER, begin_dan_van, begin_de_an, figures, handed_in, lead, officer
from stores import refused

postgres_server, postgres_template = postgres.postgres_server, stores.postgres_template
url, store = stores.url, stores.store

NOW = datetime(2021, 6, 10, 3, tzinfo=UTC)
DAY = date(2021, 6, 10)
KEYS = ["bao_cao_6_thang/2021-6M", "bao_cao_quy/2021-Q2"]


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def second_quarter(store: Store) -> None:
    begin_dan_van(store)
    for member, news in (("phong_cntt", ("5", "7")), ("trung_tam", ("3", "0"))):
        for at, cell in enumerate(("2021-Q1", "2021-Q2")):
            figures(store, DV, member, cell, DAY, tin_bai=news[at])
    room = officer(DV, "phong_cntt")
    told = Progress(task="1.3", state="done", percent=100, done_on=date(2021, 6, 5), note="=HYPERLINK(1)")
    report_task(store, room, DV, "phong_cntt", told, today=DAY)
    add_document(store, room, DV, "phong_cntt", "1.3", Document("Danh mục"))


def test_a_report_has_what_people_hand_in(store: Store, tmp_path: Path) -> None:
    second_quarter(store)
    words = {
        "result": "Sở đã triển khai.",
        "shortcoming": "Còn chậm.",
        "proposal": "Bổ sung kinh phí.",
        "plan": "Quý III.",
    }
    done = handed_in(store, DV, "van_phong", KEYS, DAY, words)
    export_report(store, LEAD, DV, "van_phong", KEYS[1], tmp_path / "bao-cao.xlsx", made_on=NOW)
    book = load_workbook(tmp_path / "bao-cao.xlsx")
    assert book.sheetnames == ["Báo cáo", "Phụ lục số liệu"]
    said = texts(book["Báo cáo"])
    for expected in (
        "VĂN PHÒNG SỞ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BÁO CÁO QUÝ KẾT QUẢ CÔNG TÁC DÂN VẬN CHÍNH QUYỀN", "Quý II/2021",
        "10/06/2021 (đúng hạn)", "hoàn thành (100%, 05/06/2021)", "=HYPERLINK(1)\nTin, bài đã đăng: 7 tin, bài",
        "Tin, bài đã đăng: 12 tin, bài", "Sở đã triển khai.", "Còn chậm.", "Bổ sung kinh phí.", "Quý III.", "NGƯỜI LẬP",
        "THỦ TRƯỞNG CƠ QUAN", "…………, ngày 10 tháng 6 năm 2021",
    ):  # fmt: skip
        assert expected in said, expected
    assert any("Dữ liệu thử: thử" in one and "minh họa" in one and "CHƯA NỘP" not in one for one in said)
    rows = [[cell.value for cell in row] for row in book["Phụ lục số liệu"].iter_rows(min_row=4)]
    (news,) = (row for row in rows if row[1] == "Tin, bài đã đăng")
    assert news[3:5] == [7, 15]
    assert [row[3:5] for row in rows if row[1] and row[1].strip() in ("Phòng Công nghệ thông tin",)] == [[7, 12]]
    assert book.properties.description not in (None, "", done.hash)  # each of a merged paper has a hash of its own
    assert book.properties.title.startswith("Báo cáo quý")


def test_a_draft_says_so_on_the_first_sheet_and_above_every_page(store: Store, tmp_path: Path) -> None:
    second_quarter(store)
    found = export_report(store, LEAD, DV, "van_phong", KEYS[1], tmp_path / "thao.xlsx", made_on=NOW)
    assert "BẢN THẢO, CHƯA NỘP" in found.banner
    book = load_workbook(tmp_path / "thao.xlsx")
    for sheet in book.worksheets:
        assert "BẢN THẢO" in str(sheet.oddHeader.center.text)


def test_a_consolidated_report_keeps_words_apart_and_lists_who_is_missing(store: Store, tmp_path: Path) -> None:
    begin_de_an(store)
    on = date(2023, 6, 2)
    for code, done in (("so_y_te", "38"), ("so_xay_dung", "25")):
        figures(store, DA, code, "2023-6M", on, don_dung_han=done)
        handed_in(store, DA, code, ["bao_cao_6_thang/2023-6M"], on, {"result": f"Lời của {AGENCIES[code]}"})
    who, key = lead(DA), "bao_cao_6_thang/2023-6M"
    write_words(store, who, DA, "so_noi_vu", key, {"result": "Tổng hợp"})
    submit_report(
        store, who, DA, "so_noi_vu", [key], on=on, today=on, without=["huyen_son_duong"], why="Huyện chưa nộp"
    )
    export_report(store, who, DA, "so_noi_vu", key, tmp_path / "th.xlsx", made_on=NOW)
    book = load_workbook(tmp_path / "th.xlsx")
    said = texts(book["Báo cáo"])
    at = said.index("CHƯA CÓ")
    assert said[at + 1] == "UBND huyện Sơn Dương"
    assert "Huyện chưa nộp" in said
    assert "Lời của Sở Y tế" not in said
    assert "Lời của Sở Y tế" in texts(book["Lời các đơn vị"])
    (row,) = (
        [cell.value for cell in row]
        for row in book["Phụ lục số liệu"].iter_rows()
        if row[1].value == "Đơn đã giải quyết đúng hạn"
    )
    assert row[4] == 38 + 25


def test_who_may_not_read_gets_no_file(store: Store, tmp_path: Path) -> None:
    begin_dan_van(store)
    with pytest.raises(Refusal) as error:
        export_report(store, STRANGER, DV, "van_phong", KEYS[1], tmp_path / "x.xlsx", made_on=NOW)
    assert refused(error) == ["permission.not_found"]
    assert list(tmp_path.glob("*.xlsx")) == []


@pytest.mark.parametrize(
    ("kept", "cell"),
    [
        (None, None),
        ("0", 0),
        ("1234", 1234),
        ("0.5", "0,5"),
        ("1234.125", "1.234,125"),
        ("9" * 16, "9.999.999.999.999.999"),
    ],
)
def test_a_cell_never_rounds(kept: str | None, cell: object) -> None:
    use_language("vi")
    assert cell_of(kept) == cell
