"""Score sheets: written, filled in as people do, read back exactly; every slip refused with its cell and a remedy."""

from __future__ import annotations

import csv
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from builders import criteria, group, leaf
from chamdiem.criteria import library
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Problem, Refusal
from chamdiem.exchange.cells import typed
from chamdiem.exchange.headings import KINDS, LABELS, heading, recognise
from chamdiem.exchange.scoresheet_lines import lines
from chamdiem.exchange.scoresheet_template import WIDTHS, blank_long_table, write_sheets
from chamdiem.exchange.scoresheets import Entry, read_marks
from chamdiem.exchange.tables import Table, read_tables
from chamdiem.points import read_number
from chamdiem.scoring.marks import Evidence, Judge, Marks, Unit, build
from chamdiem.scoring.plan import Plan, lay_out
from chamdiem.words import known, say, shown_problem, use_language
from needs import needs

HERE = Path(__file__).parent
DONG_TAM, TAM_HIEP = Unit("07260", "Xã Đồng Tâm", "xa"), Unit("07261", "Xã Tam Hiệp", "xa")
GK1 = Judge("GK1", "Nguyễn Thị Hòa")

SMALL = library.read(
    """
id: thu
version: "1"
title: Bộ thử
status: illustrative
legal_basis: [{number: 1/KH, issuer: Ban thử}]
effective: {from: 2024-01-01}
unit_kinds: [xa, phuong]
categories: [{id: nui, title: Miền núi}]
facts:
- {id: khong_ky_luat, title: Không ai bị kỷ luật}
- {id: ngay_nop, title: Ngày nộp, kind: date}
base:
  max: 50
  nodes:
  - code: "1"
    title: Nhóm một
    max: 20
    nodes:
    - {code: "1.1", title: Điểm, max: 10, rule: {kind: manual, step: 0.25}}
    - {code: "1.2", title: Tỷ lệ, max: 4, rule: {kind: linear, of: share}}
    - {code: "1.10", title: Chỉ số, max: 6, rule: {kind: external_index, source: Sở}}
  - code: "2"
    title: Nhóm hai
    max: 20
    nodes:
    - code: "2.1"
      title: Mức
      max: 5
      rule: {kind: levels, levels: [{key: tot, title: Tốt, points: 5}, {key: kem, title: "Kém, yếu", points: 0}]}
    - code: "2.2"
      title: Việc
      max: 5
      rule: {kind: checklist, items: [{key: a, title: Việc a, points: 2}, {key: b, title: Việc b, points: 3}]}
    - {code: "2.3", title: Đạt, max: 5, rule: {kind: boolean}, not_applicable: {policy: full}}
    - {code: "2.4", title: Hạn, max: 5, rule: {kind: deadline, due: 2024-06-30, limit: on_or_before}}
  - {code: B.1, title: Đếm, max: 10, rule: {kind: count, each: 2, unit: mô hình}}
""",
    "thu.yaml",
)
PLAN = lay_out(SMALL)
GOOD = {
    "1.1": "8,5", "1.2": "95/100", "1.10": "98,5%", "2.1": "Tốt", "2.2": "a; b", "2.3": "đạt", "2.4": "30/6/2024",
    "B.1": "3", "khong_ky_luat": "có", "ngay_nop": "01/10/2024",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _speak_vietnamese() -> Iterator[None]:
    use_language("vi")
    yield
    use_language("vi")


@pytest.fixture(scope="module")
def yen_the() -> CriteriaSet:
    return library.load("yenthe-dan-van-kheo-2024")


# Building and reading


def header_row(sheet: Worksheet) -> int:
    return next(row[0].row for row in sheet.iter_rows() if row[0].value in ("Mã", "Code") and row[3].value)


def cell_of(sheet: Worksheet, code: str, column: str = "answer") -> Any:
    """The cell of a criterion on a score sheet as it was written."""
    at = list(WIDTHS).index(column) + 1
    row = next(row[0].row for row in sheet.iter_rows(min_row=header_row(sheet)) if row[0].value == code)
    return sheet.cell(row, at)


def label_cell(sheet: Worksheet, label: str) -> Any:
    """The value cell beside a label above the table."""
    at = next(cell for row in sheet.iter_rows(max_row=12) for cell in row if cell.value == label)
    return sheet.cell(at.row, {1: 3, 5: 7}[at.column])


def blank(
    path: Path,
    made: CriteriaSet = SMALL,
    units: Sequence[Unit] = (DONG_TAM,),
    judge: Judge | None = GK1,
    stage: str = "judge",
) -> Path:
    write_sheets(made, path, units=units, judge=judge, stage=stage)
    return path


def fill(path: Path, answers: Mapping[str, object], *, sheet: int = 0, column: str = "answer") -> Path:
    """Fill in a written sheet as openpyxl does for a user."""
    book = openpyxl.load_workbook(path)
    for code, answer in answers.items():
        cell_of(book.worksheets[sheet], code, column).value = answer  # type: ignore[misc]
    book.save(path)
    return path


def change(path: Path, edit: Callable[[Worksheet], object], sheet: int = 0) -> Path:
    book = openpyxl.load_workbook(path)
    edit(book.worksheets[sheet])
    book.save(path)
    return path


def table(path: Path, *rows: Sequence[object], name: str = "Bảng") -> Path:
    """A plain workbook, or a text table, with these rows."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
        return path
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def read(*paths: Path, plan: Plan = PLAN) -> Entry:
    return read_marks(plan.criteria, plan, paths)


def refused(*paths: Path, plan: Plan = PLAN) -> list[Problem]:
    """The problems of a refusal; each has a file and can be said, with what to do, in both languages."""
    with pytest.raises(Refusal) as refusal:
        read(*paths, plan=plan)
    for language in ("vi", "en"):
        use_language(language)
        for problem in refusal.value.problems:
            assert known(problem.message.id), problem.message.id
            assert "{" not in shown_problem(problem)
    use_language("vi")
    return list(refusal.value.problems)


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [shown_problem(problem) for problem in problems]
    return problems[0]


def place(problem: Problem) -> tuple[str, str, str]:
    return problem.message.id, problem.where.sheet, problem.where.cell


def answers_of(entry: Entry) -> dict[tuple[str, str, str, str], str]:
    columns = entry.columns
    assert not isinstance(columns.answer, type(None))
    assert columns.stage is not None
    assert columns.judge is not None
    keys = zip(
        columns.unit.texts(), columns.stage.texts(), columns.judge.texts(), columns.criterion.texts(), strict=True
    )
    return dict(zip(keys, columns.answer.texts(), strict=True))  # type: ignore[union-attr]


def marks_by_hand(plan: Plan, rows: Sequence[tuple[str, str, str, str, str]], **rest: Any) -> Marks:
    """Marks from (unit, criterion, answer, judge, stage) as texts, no file in between."""
    from chamdiem.scoring.marks import Coded, Columns

    unit, criterion, answer, judge, stage = (Coded.of(column) for column in zip(*rows, strict=True))
    return build(plan, Columns(unit, criterion, answer, judge, stage), **rest)


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
        entry = read(fill(path, examples), plan=plan)
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


def with_error(path: Path, cell: str) -> Path:
    """Make a cell one whose formula has failed, as Excel saves it."""
    import re

    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = "xl/worksheets/sheet1.xml"
    xml = re.sub(
        rf'<c r="{cell}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)',
        rf'<c r="{cell}"\1 t="e"><v>#DIV/0!</v></c>',
        parts[name].decode(),
        flags=re.DOTALL,
    )
    assert "#DIV/0!" in xml
    parts[name] = xml.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, content in parts.items():
            new.writestr(part, content)
    return path


def units_table(path: Path, *rows: Sequence[object]) -> Path:
    return table(path, ("code", "name", "kind", "category", "cluster", "parent"), *rows)


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


def proof(path: Path, code: str, *, judge: Judge | None = GK1, stage: str = "judge", **cells: object) -> Path:
    blank(path, judge=judge, stage=stage)
    for column, content in cells.items():
        fill(path, {code: content}, column=column)
    return path


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


# The form itself


def test_codes_stay_text_and_data_never_becomes_a_formula(tmp_path: Path) -> None:
    made = criteria(group("1", 10, leaf("1.10", 10)), title='=HYPERLINK("http://x")')
    path = tmp_path / "a.xlsx"
    units = (Unit("=1+1", "=cmd|' /C calc'!A0"), Unit("@x", "-2+3"), Unit("#x", "#REF!"))
    write_sheets(made, path, units=units, judge=Judge("=2", "\x01=3"), stage="judge")
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type not in ("f", "e"), cell.coordinate
        assert (cell_of(sheet, "1.10", "code").value, cell_of(sheet, "1.10", "code").data_type) == ("1.10", "s")
    entry = read(path, plan=lay_out(made))
    assert [unit.code for unit in entry.units or ()] == ["=1+1", "@x", "#x"]


def test_only_what_is_to_be_filled_in_can_be_changed(tmp_path: Path, yen_the: CriteriaSet) -> None:
    for stage, judge in (("self", None), ("judge", GK1), ("judge", None)):
        sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx", yen_the, judge=judge, stage=stage)).worksheets[0]
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
        columns = ["answer", "item", "date", "page", "status", "note", *(["verified"] if stage != "self" else [])]
        expected = {cell_of(sheet, leaf.code, name).coordinate for leaf in yen_the.leaves for name in columns}
        expected |= {cell_of(sheet, fact.id, name).coordinate for fact in yen_the.facts for name in ("answer", "note")}
        extra = unlocked - expected
        assert expected <= unlocked
        assert all(int(cell[1:]) < header_row(sheet) for cell in extra)
        assert bool(extra) == (stage == "judge" and judge is None)
        assert all(sheet[cell].number_format == "@" for cell in expected)


def test_answers_are_checked_as_they_are_typed(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx")).worksheets[0]
    checks = {str(check.sqref): check for check in sheet.data_validations.dataValidation}
    by_code = {code: checks[cell_of(sheet, code).coordinate] for code in GOOD}
    assert by_code["1.1"].type == "custom"
    assert by_code["2.1"].formula1 == '"tot,kem,BQ"'
    assert by_code["2.3"].formula1 == '"đạt,không đạt,KAD,BQ"'
    assert by_code["khong_ky_luat"].formula1 == '"có,không"'
    assert by_code["1.2"].type is None
    assert by_code["1.1"].prompt == "Ghi số điểm từ 0 đến 10, bước 0,25."
    assert by_code["1.2"].prompt == "Ghi số đã làm/tổng số, ví dụ 95/100."
    assert by_code["2.2"].prompt == "Ghi khóa các mục đạt, ví dụ a; b; không có mục nào thì ghi “không có”."
    for check in checks.values():
        assert len(check.formula1 or "") <= 255
        assert len(check.prompt or "") <= 255
        assert len(check.error or "") <= 225
        assert len(check.promptTitle or "") <= 32


@pytest.mark.slow
def test_the_check_of_a_number_takes_commas_and_dots_and_keeps_the_step(tmp_path: Path) -> None:
    office = needs("soffice")
    formula = next(line.allowed.formula for line in lines(SMALL) if line.code == "1.1")
    count = next(line.allowed.formula for line in lines(SMALL) if line.code == "B.1")
    good, bad = ["8,5", "8.5", "0", "10", "10,00", "0.25", "BQ", "bq"], ["8,3", "10,25", "-0,25", "tám", "9/10", "KAD"]
    whole, broken = ["0", "12", "1000000"], ["1,5", "-1", "x"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row, (text, check) in enumerate(
        [*((text, formula) for text in (*good, *bad)), *((text, count) for text in (*whole, *broken))], 1
    ):
        sheet.cell(row, 1, text).data_type = "s"
        sheet.cell(row, 1).number_format = "@"
        sheet.cell(row, 2, "=" + check.format(cell=f"A{row}"))
    path = tmp_path / "a.xlsx"
    book.save(path)
    command = [
        office,
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    said = [line.rsplit(",", 1)[1] for line in (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()]
    assert said == ["TRUE"] * len(good) + ["FALSE"] * len(bad) + ["TRUE"] * len(whole) + ["FALSE"] * len(broken)


def test_the_form_says_what_it_is(tmp_path: Path, yen_the: CriteriaSet) -> None:
    sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx", yen_the)).worksheets[0]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    for text in (
        "PHIẾU CHẤM ĐIỂM", "SỐ LIỆU MINH HỌA, KHÔNG PHẢI SỐ LIỆU CHÍNH THỨC", "yenthe-dan-van-kheo-2024@1", "07260",
        "Xã Đồng Tâm", "GK1", "Nguyễn Thị Hòa", "ĐIỂM CƠ BẢN", "ĐIỂM THƯỞNG", "TỔNG ĐIỂM", "ĐIỀU CẦN XÁC NHẬN",
    ):  # fmt: skip
        assert text in texts, text
    assert any(text.startswith("............, ngày") and "GIÁM KHẢO" in text for text in texts)
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize), sheet.page_setup.fitToHeight) == (
        "landscape",
        "9",
        0,
    )
    assert sheet.print_title_rows == f"${header_row(sheet)}:${header_row(sheet)}"
    assert {cell.font.name for row in sheet.iter_rows() for cell in row} == {"Times New Roman"}


def test_an_official_set_has_no_status_label_and_other_lines_are_marked(tmp_path: Path) -> None:
    made = criteria(leaf("1", 10, status="illustrative"), leaf("2", 10)).model_copy(update={"status": "official"})
    sheet = openpyxl.load_workbook(blank(tmp_path / "a.xlsx", made)).worksheets[0]
    assert cell_of(sheet, "1", "title").value == "1 [số liệu minh họa]"
    assert cell_of(sheet, "2", "title").value == "2"
    assert not any("SỐ LIỆU" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_sheets_of_many_units_have_names_of_their_own(tmp_path: Path) -> None:
    units = [Unit(f"{number:05}", "Xã Tân Tiến: thôn [Đông/Tây] rất dài tên") for number in range(3)] + [
        Unit("A", "*"),
        Unit("a", "?"),
        Unit("'", "'"),
    ]
    path = tmp_path / "a.xlsx"
    write_sheets(SMALL, path, units=units, judge=None, stage="appraisal")
    names = openpyxl.load_workbook(path).sheetnames
    assert len({name.casefold() for name in names}) == len(units)
    assert all(0 < len(name) <= 31 for name in names)


def test_texts_too_high_for_a_row_are_continued_and_still_read(tmp_path: Path) -> None:
    items = [
        {"key": f"viec_{at}", "title": "Một việc có tên rất dài, cần nhiều chữ mới nói hết được " * 3, "points": 1}
        for at in range(40)
    ]
    made = criteria(leaf("1", 40, {"kind": "checklist", "items": items}), leaf("2", 10))
    plan = lay_out(made)
    path = fill(blank(tmp_path / "a.xlsx", made), {"1": "viec_3; viec_39", "2": "5"})
    sheet = openpyxl.load_workbook(path).worksheets[0]
    heights = [row.height for row in sheet.row_dimensions.values() if row.height]
    assert max(heights) <= 409
    shown = " ".join(str(sheet.cell(row, 4).value or "") for row in range(1, sheet.max_row + 1))
    assert "viec_39:" in shown
    assert set(answers_of(read(path, plan=plan)).values()) == {"viec_3; viec_39", "5"}


def test_a_unit_of_a_category_sees_its_own_rule(tmp_path: Path) -> None:
    variant = {"category": "nui", "rule": {"kind": "count", "each": 5}}
    made = criteria(
        leaf("1", 10, {"kind": "count", "each": 1}, variants=[variant]), categories=[{"id": "nui", "title": "Miền núi"}]
    )
    path = blank(tmp_path / "a.xlsx", made, (DONG_TAM, TAM_HIEP._replace(category="nui")))
    low, high = (cell_of(sheet, "1", "how").value for sheet in openpyxl.load_workbook(path).worksheets)
    assert "Mỗi việc: 1 điểm" in low
    assert "Mỗi việc: 5 điểm" in high


# Speed and weight


def test_reading_imports_neither_pandas_nor_openpyxl() -> None:
    code = "import sys, chamdiem.exchange.scoresheets; print({'pandas', 'openpyxl', 'pyarrow'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout.strip() == "set()", found.stderr


def test_two_hundred_sheets_are_read_fast(tmp_path: Path) -> None:
    made = criteria(*(leaf(f"1.{at}", 10) for at in range(1, 61)))
    plan = lay_out(made)
    path = fill(blank(tmp_path / "a.xlsx", made), {f"1.{at}": "8,5" for at in range(1, 61)})
    tables, problems = read_tables([path])
    assert not problems
    assert recognise(tables[0])
    many = [
        Table(f"{at}.xlsx", tables[0].sheet, tables[0].first_row, tables[0].first_column, tables[0].rows)
        for at in range(200)
    ]
    import chamdiem.exchange.scoresheets as module

    original, times = module.read_tables, []
    module.read_tables = lambda paths, progress=None: (many, [])  # type: ignore[assignment]
    try:
        for _ in range(2):
            start = perf_counter()
            with pytest.raises(Refusal):
                read_marks(made, plan, [path]).marks(plan)  # all of one unit and judge: told as twice, which takes long
            start = perf_counter()
            entry = read_marks(made, plan, [path])
            times.append(perf_counter() - start)
    finally:
        module.read_tables = original
    assert len(entry.columns.criterion.codes) == 12_000
    assert min(times) < 0.5


# What tests need


def test_what_is_missing_is_skipped_unless_no_skips_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAMDIEM_NO_SKIPS", raising=False)
    with pytest.raises(pytest.skip.Exception):
        needs("no-such-program")
    monkeypatch.setenv("CHAMDIEM_NO_SKIPS", "1")
    with pytest.raises(pytest.fail.Exception):
        needs("no-such-program")
