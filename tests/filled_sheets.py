"""Score sheets and tables for tests: written, filled in as people and programs do, read back."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from chamdiem.criteria import library
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Problem, Refusal
from chamdiem.exchange.scoresheet_template import WIDTHS, write_sheets
from chamdiem.exchange.scoresheets import Entry, read_marks
from chamdiem.scoring.marks import Judge, Marks, Unit
from chamdiem.scoring.plan import Plan, lay_out
from chamdiem.scoring.reading import build
from chamdiem.words import known, shown_problem, use_language

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
    from chamdiem.scoring.table import Coded, Columns

    unit, criterion, answer, judge, stage = (Coded.of(column) for column in zip(*rows, strict=True))
    return build(plan, Columns(unit, criterion, answer, judge, stage), **rest)


def units_table(path: Path, *rows: Sequence[object]) -> Path:
    return table(path, ("code", "name", "kind", "category", "cluster", "parent"), *rows)


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


def proof(path: Path, code: str, *, judge: Judge | None = GK1, stage: str = "judge", **cells: object) -> Path:
    blank(path, judge=judge, stage=stage)
    for column, content in cells.items():
        fill(path, {code: content}, column=column)
    return path
