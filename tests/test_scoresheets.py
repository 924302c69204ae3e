"""Score sheets filled in as people do are read back exactly; every slip is refused with its cell and a remedy."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from builders import criteria, leaf
from chamdiem.criteria import library
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.exchange import scoresheets
from chamdiem.exchange.cells import typed
from chamdiem.exchange.headings import KINDS, LABELS, heading, recognise
from chamdiem.exchange.scoresheet_lines import lines
from chamdiem.exchange.scoresheet_template import WIDTHS, blank_long_table
from chamdiem.exchange.scoresheets import read_marks
from chamdiem.exchange.tables import Cell, ErrorCell, Table, read_tables
from chamdiem.points import read_number
from chamdiem.scoring.marks import Judge, Unit
from chamdiem.scoring.plan import Plan, lay_out
from chamdiem.words import known, say, shown_problem, use_language
from filled_sheets import (
    DONG_TAM,
    GK1,
    GOOD,
    PLAN,
    SMALL,
    TAM_HIEP,
    answers_of,
    blank,
    cell_of,
    change,
    fill,
    header_row,
    label_cell,
    marks_by_hand,
    only,
    place,
    read,
    refused,
    table,
    units_table,
    with_error,
)
from needs import needs

HERE = Path(__file__).parent


# Round trips


def test_filled_sheets_give_the_marks_that_were_written(tmp_path: Path) -> None:
    path = blank(tmp_path / "gk1.xlsx", units=(DONG_TAM, TAM_HIEP))
    fill(path, GOOD)
    fill(path, {"1.1": 8.25, "2.2": "không có", "2.3": "KAD", "B.1": 0, "2.1": "BQ"}, sheet=1)
    entry = read(path)
    by_hand = [("07260", code, answer, "GK1", "judge") for code, answer in GOOD.items()]
    by_hand += [
        ("07261", code, answer, "GK1", "judge")
        for code, answer in (("1.1", "8,25"), ("2.2", "-"), ("2.3", "KAD"), ("B.1", "0"), ("2.1", "BQ"))
    ]
    units = (Unit("07260", "Xã Đồng Tâm"), Unit("07261", "Xã Tam Hiệp"))
    assert entry.units == units
    assert entry.judges == (Judge("GK1", "Nguyễn Thị Hòa"),)
    assert entry.evidence is None
    assert entry.marks(PLAN).digest() == marks_by_hand(PLAN, by_hand, units=units).digest()


def test_every_rule_kind_can_be_answered_as_its_sheet_asks(tmp_path: Path) -> None:
    made = library.load(HERE / "sample_criteria" / "every_kind.yaml")
    plan = lay_out(made)
    for language in ("vi", "en"):
        use_language(language)
        path = blank(tmp_path / f"{language}.xlsx", made, stage="appraisal")
        examples: dict[str, str] = {}
        for line in lines(made):
            if line.kind in ("leaf", "fact"):
                examples[line.code] = line.allowed.listed[0] if line.allowed.listed else example_in(line.ask)
        listed = units_table(tmp_path / "u.csv", ("07260", "Xã Đồng Tâm", "xa", "", "", ""))
        assert only(refused(path, plan=plan)).message.id == "sheet.needs_units"
        use_language(language)
        taking_part = (Unit("07260", "Xã Đồng Tâm", "xa"), Unit("07261", "Xã Tam Hiệp", "xa"))
        known = read_marks(made, plan, [fill(path, examples)], taking_part=taking_part)
        assert known.units == taking_part[:1], "a contest knows the kinds of its units without a list"
        entry = read(fill(path, examples), listed, plan=plan)
        assert len(answers_of(entry)) == len(made.leaves) - unanswered(plan) + len(made.facts)
        entry.marks(plan)


def unanswered(plan: Plan) -> int:
    """Leaves that ask for nothing: they are worked out from others."""
    return sum(not one.slots for one in plan.leaves)


def example_in(ask: str) -> str:
    """The example in a sentence, or a number where it speaks of a range."""
    for words in ("ví dụ ", "such as "):
        if words in ask:
            return ask.split(words, 1)[1].split("; “-”")[0].split("; không có mục")[0].rstrip(".")
    return "1"


@pytest.mark.slow
def test_sheets_saved_again_by_libreoffice_give_the_same_marks(tmp_path: Path, yen_the: CriteriaSet) -> None:
    office = needs("soffice")
    answers = {
        "1.1": "kien_toan; quy_che",
        "1.3": "9/10",
        "1.5": "4",
        "2.2": "95/100",
        "2.4.1": "98,5%",
        "3.1": "Tốt",
        "4.3": "KAD",
    }
    path = fill(blank(tmp_path / "gk1.xlsx", yen_the, (DONG_TAM, TAM_HIEP)), answers)
    fill(path, {"1.3": "12/QĐ-UBND; 15/BC-UBND"}, column="item")
    fill(path, {"1.3": "chấp nhận"}, column="status")
    saved = tmp_path / "saved"
    command = [
        office,
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(saved),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    plan = lay_out(yen_the)
    before, after = read(path, plan=plan), read(saved / "gk1.xlsx", plan=plan)
    assert answers_of(after) == answers_of(before)
    assert answers_of(after)["07260", "judge", "GK1", "1.3"] == "9/10"
    assert after.evidence == before.evidence
    assert after.marks(plan).digest() == before.marks(plan).digest()


def test_blank_sheets_are_read_as_nothing_marked(tmp_path: Path) -> None:
    entry = read(blank(tmp_path / "gk1.xlsx", units=(DONG_TAM, TAM_HIEP)))
    assert answers_of(entry) == {}
    assert [unit.code for unit in entry.units or ()] == ["07260", "07261"]
    entry.marks(PLAN)


def test_the_long_table_that_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dai.xlsx"
    blank_long_table(SMALL, path, units=(DONG_TAM, TAM_HIEP), judges=(GK1, Judge("GK2")))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        row[7].value = GOOD[str(row[2].value)]
    book.save(path)
    entry = read(path)
    assert len(answers_of(entry)) == 2 * 2 * len(GOOD)
    assert entry.judges == (Judge("GK1"), Judge("GK2"))
    entry.marks(PLAN)


@pytest.mark.parametrize("kind", ["xlsx", "csv", "parquet"])
def test_long_tables_of_every_kind_of_file_say_the_same(tmp_path: Path, kind: str) -> None:
    head = ("Mã đơn vị", "Mã tiêu chí", "Mã giám khảo", "Vòng chấm", "Trả lời", "Ghi chú")
    rows = [
        ("07260", code, "GK1", "giám khảo", answer, "xem" if code == "1.1" else None) for code, answer in GOOD.items()
    ]
    path = tmp_path / f"bang.{kind}"
    if kind == "parquet":
        columns = list(zip(*rows, strict=True))
        pq.write_table(pa.table({name: list(column) for name, column in zip(head, columns, strict=True)}), path)
    else:
        table(path, head, *rows)
    entry = read(path)
    assert answers_of(entry) == {("07260", "judge", "GK1", code): answer for code, answer in GOOD.items()}
    assert entry.marks(PLAN).notes == {("07260", "1.1", "judge", "GK1"): "xem"}


def test_parts_of_an_answer_may_stand_in_rows_of_their_own(tmp_path: Path) -> None:
    head = ("unit", "criterion", "input", "answer")
    by_name = table(tmp_path / "en.csv", head, ("07260", "1.2", "done", "95"), ("07260", "1.2", "of", "100"))
    in_words = table(
        tmp_path / "vi.csv",
        ("Đơn vị", "Tiêu chí", "Phần", "Điểm"),
        ("07260", "1.2", "Số đã làm", "95"),
        ("07260", "1.2", "tổng số", "100"),
    )
    whole = table(tmp_path / "one.csv", ("unit", "criterion", "answer"), ("07260", "1.2", "95/100"))
    assert len({read(path).marks(PLAN).digest() for path in (by_name, in_words, whole)}) == 1


# Headings and layout


def test_headings_are_known_however_they_are_written(tmp_path: Path) -> None:
    plain = read(fill(blank(tmp_path / "a.xlsx"), GOOD))

    def odd(sheet: Worksheet) -> None:
        row = header_row(sheet)
        for cell in sheet[row]:
            cell.value = unicodedata.normalize("NFD", f"  {str(cell.value).upper()} * ")
        sheet.insert_rows(1, 3)
        sheet["B2"] = "UBND HUYỆN YÊN THẾ"
        sheet.merge_cells("A2:E2")
        sheet.insert_cols(3, 2)
        sheet.cell(row + 3, 4).value = "Điểm năm trước"
        sheet.column_dimensions["E"].hidden = True

    odd_path = fill(blank(tmp_path / "b.xlsx"), GOOD)
    book = openpyxl.load_workbook(odd_path)
    for merged in list(book.worksheets[0].merged_cells.ranges):
        book.worksheets[0].unmerge_cells(str(merged))
    odd(book.worksheets[0])
    book.save(odd_path)
    assert answers_of(read(odd_path)) == answers_of(plain)


def test_columns_may_be_moved(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), GOOD)
    before = answers_of(read(path))

    def swap(sheet: Worksheet) -> None:
        for row in range(header_row(sheet), sheet.max_row + 1):
            code, answer = sheet.cell(row, 1).value, sheet.cell(row, 5).value
            sheet.cell(row, 1).value, sheet.cell(row, 5).value = answer, code

    book = openpyxl.load_workbook(path)
    for merged in list(book.worksheets[0].merged_cells.ranges):
        book.worksheets[0].unmerge_cells(str(merged))
    swap(book.worksheets[0])
    book.save(path)
    assert answers_of(read(path)) == before


@pytest.mark.parametrize(
    "head",
    [
        ("Mã đơn vị", "Mã tiêu chí", "Trả lời"),
        ("ĐƠN VỊ", "Tiêu chí", "Điểm"),
        ("Unit", "Criterion", "Answer"),
        ("unit_code", "criterion_code", "score"),
        ("don vi", "ma", "tra loi"),
        ("Mã\nđơn vị (5 số):", " Mã  tiêu chí ", "Điểm chấm *"),
    ],
)
def test_long_tables_are_known_by_many_names(tmp_path: Path, head: tuple[str, ...]) -> None:
    path = table(tmp_path / "a.xlsx", ("BẢNG ĐIỂM",), (), head, ("07260", "1.1", "8,5"))
    assert answers_of(read(path)) == {("07260", "", "", "1.1"): "8,5"}


def test_what_the_template_writes_is_what_the_reader_knows() -> None:
    for language in ("vi", "en"):
        use_language(language)
        names = {heading(say(f"sheet.col_{name}")) for name in WIDTHS}
        for field in ("criterion", "answer", "item", "date", "page", "status", "verified", "note"):
            assert names & set(KINDS["sheet"][field]), (language, field)
        for field, words in LABELS.items():
            assert heading(say(f"sheet.label_{field}")) in words, (language, field)


def test_a_total_row_and_signatures_are_not_answers(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), GOOD)

    def add(sheet: Worksheet) -> None:
        total = next(row for row in sheet.iter_rows() if row[1].value == "TỔNG ĐIỂM")
        total[4].value = 47.5
        sheet.cell(sheet.max_row + 3, 5).value = "Đã họp thống nhất"

    assert answers_of(read(change(path, add))).keys() == {("07260", "judge", "GK1", code) for code in GOOD}


def test_an_answer_without_a_code_is_refused(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), GOOD)
    cells: list[str] = []

    def lose(sheet: Worksheet) -> None:
        cells.append(cell_of(sheet, "1.2").coordinate)
        cell_of(sheet, "1.2", "code").value = None

    assert place(only(refused(change(path, lose)))) == ("sheet.answer_without_code", "07260 Xã Đồng Tâm", cells[0])


def test_an_answer_for_a_group_is_refused(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), {**GOOD, "1": 18})
    problem = only(refused(path))
    assert place(problem)[0] == "sheet.group_row"
    assert problem.message.values["code"] == "1"


def test_tables_that_are_none_of_ours_are_named(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), GOOD)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Hướng dẫn").append(["Đọc kỹ", "trước khi", "chấm"])
    book.create_sheet("Trống")
    hidden = book.create_sheet("Nháp")
    hidden.append(["abc", "xyz"])
    hidden.sheet_state = "hidden"
    book.save(path)
    assert read(path)
    book.create_sheet("Tiền").append(["Họ tên người nhận", "Số tiền"])
    book.save(path)
    problem = only(refused(path))
    assert place(problem) == ("sheet.unknown_table", "Tiền", "")
    assert problem.message.values["found"] == ["Họ tên người nhận", "Số tiền"]


def test_a_hidden_sheet_with_marks_is_refused(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx", units=(DONG_TAM, TAM_HIEP)), GOOD, sheet=1)

    def hide(sheet: Worksheet) -> None:
        sheet.sheet_state = "hidden"

    assert place(only(refused(change(path, hide, 1)))) == ("sheet.hidden", "07261 Xã Tam Hiệp", "")


def test_a_score_sheet_without_its_headings_is_not_taken_for_a_list_of_judges(tmp_path: Path) -> None:
    def lose(sheet: Worksheet) -> None:
        sheet.cell(header_row(sheet), 5).value = "Xong"

    path = change(fill(blank(tmp_path / "a.xlsx"), GOOD), lose)
    assert place(only(refused(path)))[0] == "sheet.lost_headings"


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    def twice(sheet: Worksheet) -> None:
        sheet.cell(header_row(sheet), 12).value = "Trả lời"

    path = change(fill(blank(tmp_path / "a.xlsx"), GOOD), twice)
    problem = only(refused(path))
    assert place(problem)[0] == "sheet.heading_twice"
    assert problem.where.cell.startswith("L")
    assert str(problem.message.values["first"]).startswith("E")


def test_files_without_marks_are_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ("Mã", "Tên"), ("07260", "Xã Đồng Tâm"))
    assert only(refused(path)).message.id == "sheet.no_marks"


# What stands above a score sheet


@pytest.mark.parametrize(
    ("label", "value", "expected"),
    [
        ("Mã bộ tiêu chí", "thu@2", "sheet.other_criteria"),
        ("Mã bộ tiêu chí", "khac@1", "sheet.other_criteria"),
        ("Mã bộ tiêu chí", None, "sheet.no_criteria"),
        ("Mã đơn vị", None, "mark.no_unit"),
        ("Mã giám khảo", None, "mark.no_judge"),
        ("Vòng chấm", None, "mark.no_stage"),
        ("Vòng chấm", "vòng loại", "mark.unknown_stage"),
        ("Mã đơn vị", "=1/0", "sheet.error_cell"),
    ],
)
def test_a_wrong_value_above_the_sheet_is_refused(tmp_path: Path, label: str, value: str | None, expected: str) -> None:
    cells: list[tuple[str, str]] = []

    def spoil(sheet: Worksheet) -> None:
        cell = label_cell(sheet, label)
        cell.value = value
        cells.append(
            (cell.coordinate, next(other for row in sheet for other in row if other.value == label).coordinate)
        )

    path = change(fill(blank(tmp_path / "a.xlsx"), GOOD), spoil)
    if expected == "sheet.error_cell":
        path = with_error(path, cells[0][0])
    found, _, cell = place(only(refused(path)))
    assert found == expected
    assert cell == cells[0][0 if value else 1]


def test_a_unit_not_on_the_list_is_told_once_and_its_marks_are_checked_all_the_same(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx", units=(DONG_TAM, TAM_HIEP)), {**GOOD, "1.1": "11"}, sheet=1)
    problems = refused(path, units_table(tmp_path / "units.csv", ("07260", "Xã Đồng Tâm", "xa", "", "", "")))
    assert [problem.message.id for problem in problems] == ["mark.unknown_unit", "mark.above_maximum"]
    assert problems[0].where.sheet == problems[1].where.sheet == "07261 Xã Tam Hiệp"


def test_a_name_in_place_of_a_code_is_answered_with_the_code(tmp_path: Path) -> None:
    def name(sheet: Worksheet) -> None:
        label_cell(sheet, "Mã đơn vị").value = "xa dong tam"

    path = change(fill(blank(tmp_path / "a.xlsx"), GOOD), name)
    problem = only(refused(path, units_table(tmp_path / "u.csv", ("07260", "Xã Đồng Tâm", "xa", "", "", ""))))
    assert problem.message.id == "mark.unknown_unit"
    assert "Có phải ý là: 07260?" in say(problem.message)


def test_a_name_that_belongs_to_another_code_is_refused(tmp_path: Path) -> None:
    listed = units_table(
        tmp_path / "u.csv", ("07260", "Xã Đồng Tâm", "", "", "", ""), ("07261", "Xã Tam Hiệp", "", "", "", "")
    )
    other = blank(tmp_path / "a.xlsx", units=(Unit("07260", "Xã Tam Hiệp"),))
    problem = only(refused(fill(other, GOOD), listed))
    assert place(problem) == ("sheet.unit_name", "07260 Xã Tam Hiệp", "G5")
    spelt = blank(tmp_path / "b.xlsx", units=(Unit("07260", unicodedata.normalize("NFD", "XÃ  Đồng Tâm")),))
    assert read(fill(spelt, GOOD), listed)


def test_a_judge_not_on_the_list_and_one_misnamed_are_refused(tmp_path: Path) -> None:
    listed = table(
        tmp_path / "j.csv",
        ("Mã giám khảo", "Họ tên", "Vai trò", "Tình trạng", "Lý do"),
        ("GK2", "Trần Văn Hoà", "trưởng ban", "", ""),
    )
    stranger = fill(blank(tmp_path / "a.xlsx"), GOOD)
    assert place(only(refused(stranger, listed)))[0] == "mark.unknown_judge"
    misnamed = fill(blank(tmp_path / "b.xlsx", judge=Judge("GK2", "Lê Thị Mai")), GOOD)
    assert place(only(refused(misnamed, listed)))[0] == "sheet.judge_name"
    spelt = fill(blank(tmp_path / "c.xlsx", judge=Judge("gk2", "Trần Văn Hòa")), GOOD)
    assert read(spelt, listed).judges == (Judge("GK2", "Trần Văn Hoà", "chair"),)


def test_a_code_that_lost_its_leading_zero_is_found(tmp_path: Path) -> None:
    def number(sheet: Worksheet) -> None:
        cell = label_cell(sheet, "Mã đơn vị")
        cell.value = 7260

    path = change(fill(blank(tmp_path / "a.xlsx"), GOOD), number)
    entry = read(path, units_table(tmp_path / "u.csv", ("07260", "Xã Đồng Tâm", "xa", "", "", "")))
    assert {key[0] for key in answers_of(entry)} == {"07260"}


# Numbers, dates, percentages as spreadsheets make them


@pytest.mark.parametrize(
    ("code", "cell", "answer"),
    [
        ("1.1", 8.5, "8.5"),
        ("1.1", 8, "8"),
        ("1.1", " 8,5 ", "8,5"),
        ("1.2", "'9/10", "9/10"),
        ("2.4", date(2024, 6, 30), "2024-06-30"),
        ("2.4", datetime.fromisoformat("2024-06-30T14:05"), "2024-06-30"),
        ("ngay_nop", date(2024, 10, 1), "2024-10-01"),
        ("2.3", True, "có"),
        ("2.3", False, "không"),
        ("khong_ky_luat", True, "có"),
        ("1.10", 85.25, "85.25"),
        ("1.10", 0, "0"),
        ("1.10", "0,98%", "0,98%"),
        ("B.1", 1200, "1200"),
    ],
)
def test_cells_are_read_as_they_were_meant(tmp_path: Path, code: str, cell: object, answer: str) -> None:
    entry = read(fill(blank(tmp_path / "a.xlsx"), {code: cell}))
    assert answers_of(entry) == {("07260", "judge", "GK1", code): answer}
    entry.marks(PLAN)


@pytest.mark.parametrize(
    ("code", "cell", "expected"),
    [
        ("1.2", date(2024, 10, 9), "sheet.became_date"),
        ("1.1", date(2024, 5, 8), "sheet.became_date"),
        ("1.10", 0.98, "sheet.percent_or_share"),
        ("1.10", 1, "sheet.percent_or_share"),
        ("1.10", "0,98", "sheet.percent_or_share"),
        ("1.1", 8.125, "mark.unreadable"),
        ("1.1", 8.1, "mark.off_step"),
        ("1.1", 10.25, "mark.above_maximum"),
        ("1.1", -1, "mark.below_minimum"),
        ("B.1", 1.234, "mark.unreadable"),
        ("B.1", "9" * 22, "mark.unreadable"),
        ("1.2", 0.95, "mark.needs_parts_of"),
        ("1.2", "101/100", "mark.done_above_of"),
        ("2.1", "khá", "mark.unreadable"),
        ("2.2", "a; c", "mark.unreadable"),
        ("2.4", "31/6/2024", "mark.unreadable"),
        ("1.1", "KAD", "mark.always_applicable"),
        ("khong_ky_luat", "BQ", "mark.fact_needs_answer"),
    ],
)
def test_answers_that_cannot_be_meant_are_refused_in_their_cell(
    tmp_path: Path, code: str, cell: object, expected: str
) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), {code: cell, "2.3": "đạt"})
    with pytest.raises(Refusal) as refusal:
        read(path).marks(PLAN)
    problem = only(list(refusal.value.problems))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert place(problem) == (expected, sheet.title, cell_of(sheet, code).coordinate)
    for language in ("vi", "en"):
        use_language(language)
        assert known(expected)
        assert "{" not in shown_problem(problem)


def test_a_ratio_that_became_a_date_says_what_was_typed_and_what_to_do(tmp_path: Path) -> None:
    said = say(only(refused(fill(blank(tmp_path / "a.xlsx"), {"1.2": date(2024, 10, 9)}))).message)
    assert "ngày 09/10/2024" in said
    assert "“9/10”" in said
    assert "gõ dấu nháy đơn ở trước: '9/10" in said
    assert "số đã làm; tổng số" in said


def test_a_failed_formula_is_refused(tmp_path: Path) -> None:
    path = fill(blank(tmp_path / "a.xlsx"), GOOD)
    cell = cell_of(openpyxl.load_workbook(path).worksheets[0], "1.1").coordinate
    assert place(only(refused(with_error(path, cell)))) == ("sheet.error_cell", "07260 Xã Đồng Tâm", cell)


@given(st.decimals(min_value=-9999, max_value=9999, allow_nan=False, allow_infinity=False, places=4))
def test_a_number_is_read_back_exactly_or_not_at_all(number: Decimal) -> None:
    cell = number.normalize()
    try:
        assert read_number(typed(cell if cell % 1 else int(cell)), 2) == number
    except ValueError:
        assert number * 100 % 1 != 0


def test_share_and_percentage_beyond_all(tmp_path: Path) -> None:
    made = criteria(
        leaf("1", 10, {"kind": "linear", "of": "percent", "may_exceed": True}),
        leaf("2", 10, {"kind": "linear", "of": "percent"}),
    )
    plan = lay_out(made)
    path = fill(blank(tmp_path / "a.xlsx", made), {"1": 1.1, "2": 1.1})
    assert [problem.message.id for problem in refused(path, plan=plan)] == ["sheet.percent_or_share"]
    assert answers_of(read(fill(path, {"1": "110%"}), plan=plan))["07260", "judge", "GK1", "2"] == "1.1"


# Codes as spreadsheets make them


def test_a_code_that_became_a_number_is_found_when_only_one_can_be_meant(tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", ("Đơn vị", "Mã", "Trả lời"), ("07260", 1.2, "95/100"), ("07260", 2.3, "đạt"))
    assert {key[3] for key in answers_of(read(path))} == {"1.2", "2.3"}


def test_a_code_that_became_a_number_is_refused_when_two_can_be_meant(tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", ("Đơn vị", "Mã", "Trả lời"), ("07260", 1.1, "8,5"))
    problem = only(refused(path))
    assert place(problem) == ("sheet.ambiguous_number", "Bảng", "B2")
    assert problem.message.values["codes"] == ["1.1", "1.10"]


def test_a_code_that_became_a_date_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", ("Đơn vị", "Mã", "Trả lời"), ("07260", date(2026, 2, 1), "8,5"))
    assert place(only(refused(path))) == ("sheet.key_became_date", "Bảng", "B2")


def test_text_codes_keep_their_zeros_and_small_letters_do_not_matter(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.csv",
        ("Đơn vị", "Mã", "Trả lời"),
        ("07260", "1.1", "8"),
        ("07260", "1.10", "98%"),
        ("07260", "b.1", "2"),
    )
    assert {key[3] for key in answers_of(read(path))} == {"1.1", "1.10", "B.1"}


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    first = fill(blank(tmp_path / "a.xlsx"), {"1.1": 11, "1.2": date(2024, 10, 9), "1": 3})
    second = table(
        tmp_path / "b.csv",
        ("unit", "criterion", "stage", "answer"),
        ("07260", "9.9", "council", "1"),
        ("07260", "1.1", "final", "1"),
        ("", "1.1", "council", "1"),
    )
    third = tmp_path / "c.xlsx"
    third.write_bytes(b"not a workbook")
    problems = refused(first, second, third, tmp_path / "d.xlsx")
    assert sorted(problem.message.id for problem in problems) == sorted([
        "mark.above_maximum", "sheet.became_date", "sheet.group_row", "mark.unknown_criterion", "mark.unknown_stage",
        "mark.no_unit", "table.not_a_workbook", "table.missing",
    ])  # fmt: skip
    assert all(problem.where.file for problem in problems)
    assert [problem.where.line for problem in problems if problem.message.id == "mark.unknown_criterion"] == [2]


def test_the_same_sheet_twice_names_both_places(tmp_path: Path) -> None:
    first, second = (
        fill(blank(tmp_path / "a.xlsx"), {"1.1": "8"}),
        fill(blank(tmp_path / "b.xlsx"), {"1.1": "8", "2.3": "KAD"}),
    )
    third = fill(blank(tmp_path / "c.xlsx"), {"2.3": "KAD"})
    with pytest.raises(Refusal) as refusal:
        read(first, second, third).marks(PLAN)
    said = {shown_problem(problem) for problem in refusal.value.problems}
    assert len(said) == 2
    assert any("b.xlsx" in one and "a.xlsx" in one and "Đã ghi một lần" in one for one in said)
    assert any("b.xlsx" in one and "c.xlsx" in one for one in said)


# Speed and weight


def test_reading_imports_neither_pandas_nor_openpyxl() -> None:
    code = "import sys, chamdiem.exchange.scoresheets; print({'pandas', 'openpyxl', 'pyarrow'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout.strip() == "set()", found.stderr


def test_two_hundred_sheets_of_one_judge_are_read(tmp_path: Path) -> None:
    made = criteria(*(leaf(f"1.{at}", 10) for at in range(1, 61)))
    plan = lay_out(made)
    path = fill(blank(tmp_path / "a.xlsx", made), {f"1.{at}": "8,5" for at in range(1, 61)})
    tables, problems = read_tables([path])
    assert not problems
    assert recognise(tables[0])
    many = [replace(tables[0], file=f"{at}.xlsx") for at in range(200)]
    with patch.object(scoresheets, "read_tables", lambda paths, progress=None: (many, [])):
        entry = read_marks(made, plan, [path])
    assert len(entry.columns.criterion.codes) == 12_000


def table_of(rows: list[list[Cell]], *, hidden: bool) -> Table:
    """A table as it would have been read."""
    known: dict[tuple[type, Cell], int] = {}
    numbers = [[known.setdefault((type(cell), cell), len(known)) for cell in row] for row in rows]
    values = [cell for _, cell in known]
    return Table("a.xlsx", "Bảng", 1, 1, values, np.array(numbers, dtype=np.uint32), hidden)


CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [*GOOD, *GOOD.values(), "1", "Mã", "Trả lời", "Mã đơn vị", "Mã giám khảo", "Họ tên", "Tiêu chí", "thu@1"]
    ),
    st.sampled_from(
        ["Minh chứng", "Tình trạng", "Vòng chấm", "giám khảo", "Mã bộ tiêu chí", "07260", "GK1", "Tên", "; ;"]
    ),
    st.text(max_size=8),
    st.integers(-5, 10**20),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.booleans(),
    st.just(ErrorCell("#REF!")),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_whatever_stands_in_a_table_is_read_or_refused(rows: list[list[Cell]], headed: bool, hidden: bool) -> None:
    if headed:
        rows = [["Mã đơn vị", "Mã tiêu chí", "Trả lời", "Minh chứng", "Tình trạng", "Vòng chấm"], *rows]
    made = table_of(rows, hidden=hidden)
    with patch.object(scoresheets, "read_tables", lambda paths, progress=None: ([made], [])), suppress(Refusal):
        read().marks(PLAN)
