"""Tables of units, judges, recusals and evidence: read, weighed against each other, refused where they are wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from chamdiem.criteria.model import CriteriaSet
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.plan import lay_out
from chamdiem.words import say
from filled_sheets import (
    PLAN,
    answers_of,
    blank,
    cell_of,
    fill,
    only,
    place,
    proof,
    read,
    refused,
    table,
    units_table,
)

HERE = Path(__file__).parent


# Lists


def test_lists_of_units_judges_and_recusals_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheets = [book.create_sheet(name) for name in ("Đơn vị", "Giám khảo", "Không tham gia chấm", "Điểm")]
    rows: list[list[tuple[object, ...]]] = [
        [
            ("DANH SÁCH ĐƠN VỊ",),
            (),
            ("TT", "Mã", "Tên", "Kiểu", "Loại", "Cụm"),
            (1, "07260", "Xã Đồng Tâm", "Xã", "Miền núi", "Cụm 1"),
            (2, "07261", "Phường Tam Hiệp", "phuong", None, None),
        ],
        [
            ("Mã giám khảo", "Họ tên", "Vai trò", "Tình trạng", "Lý do"),
            ("GK1", "Hòa", "Trưởng ban", None, None),
            ("GK2", "Mai", "thành viên", "đã thôi", "nghỉ ốm"),
            (3, "Lan", "người chấm thứ ba", None, None),
        ],
        [("KHÔNG THAM GIA CHẤM",), ("Đơn vị", "Giám khảo", "Lý do"), ("07260", "GK2", "người nhà")],
        [
            ("Đơn vị", "Tiêu chí", "Giám khảo", "Vòng", "Điểm"),
            ("07260", "1.1", "GK1", "Giám khảo", 8.5),
            ("07261", "1.1", "GK2", "hội đồng", 8.5),
        ],
    ]
    del book["Sheet"]
    for sheet, cells in zip(sheets, rows, strict=True):
        for row in cells:
            sheet.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    entry = read(path)
    assert entry.units == (
        Unit("07260", "Xã Đồng Tâm", "xa", "nui", "Cụm 1"),
        Unit("07261", "Phường Tam Hiệp", "phuong"),
    )
    assert entry.judges == (
        Judge("GK1", "Hòa", "chair"),
        Judge("GK2", "Mai", "member", removed=True, reason="nghỉ ốm"),
        Judge("3", "Lan", "third_marker"),
    )
    assert entry.recused == {("07260", "GK2")}
    assert set(answers_of(entry)) == {("07260", "judge", "GK1", "1.1"), ("07261", "council", "GK2", "1.1")}
    entry.marks(PLAN)


def test_the_shipped_list_of_units_is_read(tmp_path: Path, yen_the: CriteriaSet) -> None:
    shipped = HERE.parent / "data" / "units" / "yen-the-2024.csv"
    plan = lay_out(yen_the)
    path = fill(blank(tmp_path / "a.xlsx", yen_the), {"1.3": "9/10"})
    entry = read(shipped, path, plan=plan)
    assert Unit("07260", "Xã Đồng Tâm", "xa") in (entry.units or ())
    assert len(entry.units or ()) == 19


@pytest.mark.parametrize(
    ("row", "expected", "cell"),
    [
        (("07260", "Xã Đồng Tâm", "làng", "", ""), "sheet.unknown_kind", "C2"),
        (("07260", "Xã Đồng Tâm", "thị trấn", "", ""), "sheet.kind_not_scored", "C2"),
        (("07260", "Xã Đồng Tâm", "xa", "đảo", ""), "sheet.unknown_category", "D2"),
        (("", "Xã Đồng Tâm", "xa", "", ""), "mark.no_unit", "A2"),
    ],
)
def test_wrong_units_are_refused(tmp_path: Path, row: tuple[str, ...], expected: str, cell: str) -> None:
    listed = units_table(tmp_path / "u.csv", row)
    marks = table(tmp_path / "m.csv", ("unit", "criterion", "answer"), ("07260", "", ""))
    problem = only(refused(listed, marks))
    assert (problem.message.id, problem.where.cell, problem.where.line) == (expected, cell, 2)


def test_a_unit_or_judge_listed_twice_must_be_the_same(tmp_path: Path) -> None:
    same = ("07260", "Xã Đồng Tâm", "xa", "", "", "")
    marks = table(tmp_path / "m.csv", ("unit", "criterion", "answer"), ("07260", "1.1", "8"))
    assert len(read(units_table(tmp_path / "a.csv", same, same), marks).units or ()) == 1
    other = units_table(tmp_path / "b.csv", same, ("07260", "Xã Khác", "xa", "", "", ""))
    problem = only(refused(other, marks))
    assert (problem.message.id, problem.where.cell) == ("sheet.code_twice", "A3")


def test_wrong_judges_and_recusals_are_refused(tmp_path: Path) -> None:
    judges = table(
        tmp_path / "j.csv",
        ("Mã giám khảo", "Họ tên", "Vai trò", "Tình trạng"),
        ("GK1", "Hòa", "thư ký", ""),
        ("GK2", "Mai", "", "ốm"),
        ("", "Lan", "", ""),
    )
    recusals = table(
        tmp_path / "r.csv",
        ("Không tham gia chấm", "", ""),
        ("Đơn vị", "Giám khảo", "Lý do"),
        ("07999", "GK1", ""),
        ("07260", "GK9", ""),
        ("07260", "", "x"),
    )
    marks = table(tmp_path / "m.csv", ("unit", "criterion", "answer", "judge"), ("07260", "1.1", "8", "GK1"))
    found = [
        (problem.message.id, Path(problem.where.file).name, problem.where.cell)
        for problem in refused(judges, recusals, marks)
    ]
    assert set(found) == {
        ("sheet.unknown_role", "j.csv", "C2"),
        ("sheet.unknown_standing", "j.csv", "D3"),
        ("mark.no_judge", "j.csv", "A4"),
        ("mark.unknown_unit", "r.csv", "A3"),
        ("mark.unknown_judge", "r.csv", "B4"),
        ("mark.no_judge", "r.csv", "B5"),
    }


# Evidence


def test_documents_in_one_cell_are_documents_of_their_own(tmp_path: Path) -> None:
    cells = {"item": " 12/QĐ-UBND;15/BC-UBND ", "date": "01/3/2024; 05/4/2024", "page": "2; 3-5", "status": "đã nộp"}
    path = proof(tmp_path / "a.xlsx", "1.2", judge=None, stage="self", **cells)
    entry = read(path)
    assert entry.evidence == (
        Evidence("07260", "1.2", "12/QĐ-UBND", "attached", "12/QĐ-UBND", "2024-03-01", "2"),
        Evidence("07260", "1.2", "15/BC-UBND", "attached", "15/BC-UBND", "2024-04-05", "3-5"),
    )
    assert answers_of(entry) == {}
    assert entry.marks(PLAN).evidence_kept


def test_a_number_without_a_status_is_claimed(tmp_path: Path) -> None:
    entry = read(proof(tmp_path / "a.xlsx", "1.2", judge=None, stage="self", item="12/QĐ"))
    assert [one.status for one in entry.evidence or ()] == ["claimed"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("khai", "claimed"),
        ("Đã nộp", "attached"),
        ("ĐÍNH KÈM", "attached"),
        ("chấp nhận", "accepted"),
        ("đạt", "accepted"),
        ("loại", "rejected"),
        ("Không chấp nhận", "rejected"),
        ("accepted", "accepted"),
    ],
)
def test_words_for_a_status(tmp_path: Path, word: str, status: str) -> None:
    assert [one.status for one in read(proof(tmp_path / "a.xlsx", "1.2", item="12", status=word)).evidence or ()] == [
        status
    ]


def test_the_latest_stage_decides_and_checks_add_up(tmp_path: Path) -> None:
    own = proof(tmp_path / "a.xlsx", "1.2", judge=None, stage="self", item="12/QĐ; 15/BC", status="đã nộp")
    office = proof(
        tmp_path / "b.xlsx",
        "1.2",
        judge=None,
        stage="appraisal",
        item="12/QĐ",
        status="chấp nhận",
        verified="đối chiếu minh chứng",
    )
    judge = proof(tmp_path / "c.xlsx", "1.2", verified="kiểm tra thực tế; QCDC", status="chấp nhận")
    head = ("Đơn vị", "Tiêu chí", "Minh chứng", "Tình trạng", "Đã kiểm tra", "Ghi chú")
    record = table(tmp_path / "d.csv", head, ("07260", "1.2", "15/BC", "loại", "", "quá hạn"))
    entry = read(own, office, judge, record)
    assert entry.evidence == (
        Evidence(
            "07260", "1.2", "12/QĐ", "accepted", "12/QĐ", verified=("field_check", "document_check", "qcdc_record")
        ),
        Evidence("07260", "1.2", "15/BC", "rejected", "15/BC", verified=("field_check", "qcdc_record"), note="quá hạn"),
    )


def test_two_statuses_at_one_stage_are_refused(tmp_path: Path) -> None:
    first = proof(tmp_path / "a.xlsx", "1.2", item="12/QĐ", status="chấp nhận")
    second = proof(tmp_path / "b.xlsx", "1.2", judge=Judge("GK2"), item="12/QĐ", status="loại")
    problem = only(refused(first, second))
    assert problem.message.id == "sheet.evidence_conflict"
    assert Path(problem.where.file).name == "b.xlsx"
    assert "a.xlsx" in say(problem.message)
    council = proof(tmp_path / "c.xlsx", "1.2", judge=None, stage="council", item="12/QĐ", status="chấp nhận")
    assert [one.status for one in read(first, second, council).evidence or ()] == ["accepted"]


@pytest.mark.parametrize(
    ("cells", "expected", "column"),
    [
        ({"item": "12", "status": "tốt"}, "sheet.unknown_status", "status"),
        ({"item": "12", "verified": "nghe kể"}, "sheet.unknown_check", "verified"),
        ({"item": "12", "date": "31/02/2024"}, "sheet.evidence_day", "date"),
        ({"item": "12; 13", "page": "1; 2; 3"}, "sheet.evidence_parts", "page"),
        ({"item": date(2024, 12, 1)}, "sheet.key_became_date", "item"),
        ({"item": "12", "page": date(2024, 5, 3)}, "sheet.key_became_date", "page"),
    ],
)
def test_wrong_evidence_is_refused_in_its_cell(
    tmp_path: Path, cells: dict[str, object], expected: str, column: str
) -> None:
    path = proof(tmp_path / "a.xlsx", "1.2", **cells)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert place(only(refused(path))) == (expected, sheet.title, cell_of(sheet, "1.2", column).coordinate)


def test_a_unit_cannot_accept_its_own_evidence(tmp_path: Path) -> None:
    accepted = proof(tmp_path / "a.xlsx", "1.2", judge=None, stage="self", item="12", status="chấp nhận")
    assert place(only(refused(accepted)))[0] == "sheet.evidence_by_self"
    verified = proof(tmp_path / "b.xlsx", "1.2", judge=None, stage="self", item="12", verified="kiểm tra thực tế")
    assert place(only(refused(verified)))[0] == "sheet.evidence_by_self"


def test_evidence_of_what_is_no_criterion_is_refused(tmp_path: Path) -> None:
    head = ("Đơn vị", "Tiêu chí", "Số hiệu")
    rows = (("07260", "1", "12"), ("07260", "khong_ky_luat", "12"), ("07260", "", "12"), ("07999", "1.1", "12"))
    record = table(tmp_path / "a.csv", head, *rows)
    marks = table(tmp_path / "m.csv", ("unit", "criterion", "answer"), ("07260", "1.1", "8"))
    found = [(problem.message.id, problem.where.cell) for problem in refused(record, marks)]
    assert found == [
        ("sheet.evidence_place", "B2"),
        ("sheet.evidence_place", "B3"),
        ("mark.no_criterion", "B4"),
        ("mark.unknown_unit", "A5"),
    ]


def test_a_judge_who_names_no_document_speaks_of_those_the_unit_named(tmp_path: Path) -> None:
    own = proof(tmp_path / "a.xlsx", "1.2", judge=None, stage="self", item="12/QĐ; 15/BC")
    judge = proof(tmp_path / "b.xlsx", "1.2", status="chấp nhận", verified="phần mềm QCDC")
    alone = proof(tmp_path / "c.xlsx", "1.1", status="chấp nhận")
    accepted = [(one.criterion, one.item, one.status, one.verified) for one in read(own, judge, alone).evidence or ()]
    assert accepted == [
        ("1.1", "", "accepted", ()),
        ("1.2", "12/QĐ", "accepted", ("qcdc_record",)),
        ("1.2", "15/BC", "accepted", ("qcdc_record",)),
    ]
