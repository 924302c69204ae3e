"""Rows of marks: of score sheets, which say on top whom they are about, and of long tables, which say it row by row."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.errors import Message, Problem, Where, message
from chamdiem.exchange.cells import PARTS, Asked, Keys, anything, asked_of, typed
from chamdiem.exchange.evidence_cells import ON_RECORD, Statement, statements
from chamdiem.exchange.headings import EVIDENCE, Found, Row, Value, heading, labelled, rows_of
from chamdiem.exchange.rosters import Register
from chamdiem.exchange.tables import Cell, Table
from chamdiem.scoring.marks import STAGES, tidy
from chamdiem.scoring.plan import Plan
from chamdiem.scoring.table import Coded, Columns
from chamdiem.words import plain, say

STAGE_WORDS: Mapping[str, str] = {
    "tu cham": "self", "tu cham diem": "self", "tu danh gia": "self", "self-assessment": "self",
    "tham dinh": "appraisal",
    "giam khao": "judge", "ban giam khao": "judge", "giam khao cham": "judge",
    "hoi dong": "council",
    **{stage: stage for stage in STAGES},
}  # fmt: skip
TOTALS = ("tong", "cong", "total", "sum")
WHO = ("unit", "judge", "stage", "unit_name", "judge_name")
FILLED = ("answer", "note", *EVIDENCE)
NUMBER = "i"

T = TypeVar("T")


class By(NamedTuple):
    """Whom a row is about and who wrote it."""

    unit: str
    judge: str
    stage: str


class Growing:
    """Numbers as they come: one by one, or many at once."""

    def __init__(self) -> None:
        self.single, self.many = array(NUMBER), list[Array]()

    def append(self, number: int) -> None:
        """One more."""
        self.single.append(number)

    def extend(self, numbers: Array) -> None:
        """Many more."""
        if self.single:
            self.many.append(np.array(self.single))
            self.single = array(NUMBER)
        self.many.append(numbers)

    def all(self) -> Array:
        """All of them, in order."""
        if self.single or len(self.many) != 1:
            self.extend(np.empty(0, dtype=NUMBER))
            self.many = [np.concatenate(self.many, dtype=NUMBER, casting="same_kind")]
        return self.many[0]


class Numbered(Generic[T]):
    """A column as it grows: every distinct value once, and the number of the value in each row."""

    def __init__(self) -> None:
        self.values: dict[T, int] = {}
        self.rows = Growing()

    def number(self, value: T) -> int:
        """The number of a value."""
        return self.values.setdefault(value, len(self.values))

    def numbers(self) -> Array:
        """The number of the value in each row."""
        rows = self.rows.all()
        return rows if len(self.values) > 1 else np.broadcast_to(np.zeros(1, rows.dtype), rows.shape)


@dataclass
class Marked:
    """The long table as it grows: the texts of each row, and where its answer stands."""

    by: Numbered[By] = field(default_factory=Numbered)
    criterion: Numbered[str] = field(default_factory=Numbered)
    answer: Numbered[str] = field(default_factory=Numbered)
    input: Numbered[str] = field(default_factory=Numbered)
    note: Numbered[str] = field(default_factory=Numbered)
    tables: list[Table] = field(default_factory=list)
    first_rows: list[int] = field(default_factory=list)  # the first row here of each table
    spots: Growing = field(default_factory=Growing)  # the place of each answer in its table, row by row
    count: int = 0

    def append(self, by: By, code: str, answer: str, part: str, note: str, table: Table, at: tuple[int, int]) -> None:
        """Take in one answer, which stands in this row and column of a table."""
        self._turn_to(table)
        columns = (self.by, by), (self.criterion, code), (self.answer, answer), (self.input, part), (self.note, note)
        for column, value in columns:
            column.rows.append(column.number(value))  # type: ignore[arg-type]
        self.spots.append(at[0] * table.numbers.shape[1] + at[1])
        self.count += 1

    def extend(self, by: Array, criterion: Array, answer: Array, table: Table, spots: Array) -> None:
        """Take in many answers by the numbers of their values; `spots` are their places in the table, row by row."""
        self._turn_to(table)
        nothing = (np.broadcast_to(np.array(column.number(""), NUMBER), len(by)) for column in (self.input, self.note))
        rows = (self.by.rows, self.criterion.rows, self.answer.rows, self.input.rows, self.note.rows, self.spots)
        for grown, numbers in zip(rows, (by, criterion, answer, *nothing, spots), strict=True):
            grown.extend(numbers)
        self.count += len(by)

    def _turn_to(self, table: Table) -> None:
        """The rows of a table come one after the other."""
        if not self.tables or self.tables[-1] is not table:
            self.tables.append(table)
            self.first_rows.append(self.count)

    def columns(self) -> Columns:
        """The rows as the scoring wants them."""
        rows = self.by.numbers()
        whose = [Coded.of([by[at] for by in self.by.values]) for at in range(3)]
        unit, judge, stage = (Coded(one.codes.astype(NUMBER).take(rows), one.values) for one in whose)
        criterion, answer, part, note = (
            Coded(column.numbers(), tuple(column.values)).without_blanks()
            for column in (self.criterion, self.answer, self.input, self.note)
        )
        return Columns(unit, criterion, answer, judge, stage, part, note, self.place)

    def place(self, row: int) -> Where:
        """Where the answer of a row stands."""
        table = self.tables[bisect_right(self.first_rows, row) - 1]
        return table.where(*divmod(int(self.spots.all()[row]), table.numbers.shape[1]))


class MarkReader:
    """Reads tables of marks and evidence against the criteria set and the registers; problems are only collected."""

    def __init__(self, plan: Plan, units: Register, judges: Register, problems: list[Problem]) -> None:
        self.criteria, self.units, self.judges, self.problems = plan.criteria, units, judges, problems
        self.asked: Mapping[str, Asked] = asked_of(plan)
        self.groups = {node.code for node in self.criteria.nodes} - self.asked.keys()
        self.leaves = {leaf.code for leaf in self.criteria.leaves}
        self.codes = Keys([*self.asked, *self.groups])
        self.inputs = {heading(say(f"sheet.part_{name}")): name for name in PARTS}
        self.marked = Marked()
        self.said: list[Statement] = []
        self.keeps_evidence = False
        self._answers: dict[tuple[str, type, Cell], str | Message] = {}
        self._by: dict[tuple[object, ...], By] = {}

    def read_sheet(self, table: Table, found: Found) -> None:
        """Read a score sheet: whom it is about stands above the table."""
        by = self.whose(table, labelled(table, found.header))
        fields = [(name, found.columns[name]) for name in FILLED if name in found.columns]
        for at in range(found.header + 1, end_of(table, found)):
            cells = table.rows[at]
            filled = {name: cells[column] for name, column in fields if cells[column] is not None}
            if filled:
                row = Row(table, found.columns, at, self.problems)
                if row.cell("criterion") is not None:
                    self.read_row(row, filled, by)
                elif not is_total(cells[: found.columns["answer"]]):
                    row.tell(next(iter(filled)), message("sheet.answer_without_code"))

    def whose(self, table: Table, labels: Mapping[str, Value]) -> By | None:
        """Whom a score sheet is about and who filled it in; None after telling why it cannot be used."""
        tell = partial(self.tell_label, table, labels)
        ours = self.is_ours(labels, table)
        unit = self.label_key(table, labels, self.units)
        judge = self.label_key(table, labels, self.judges)
        text = typed(labels["stage"].cell) if "stage" in labels else ""
        stage = STAGE_WORDS.get(plain(text), "")
        if not stage:
            tell("stage", message("mark.unknown_stage", value=text, hint="") if text else message("mark.no_stage"))
        if unit == "":
            tell("unit", message("mark.no_unit"))
        if judge == "" and stage == "judge":
            tell("judge", message("mark.no_judge"))
        if not ours or not unit or not stage or judge is None or (stage == "judge" and not judge):
            return None
        return By(unit, judge, stage)

    def tell_label(self, table: Table, labels: Mapping[str, Value], name: str, problem: Message) -> None:
        """Note what is wrong with a value above a score sheet; one without a label is told at the top of the sheet."""
        place = table.where(labels[name].row, labels[name].column) if name in labels else table.where(0, 0)
        self.problems.append(Problem(place, problem))

    def is_ours(self, labels: Mapping[str, Value], table: Table) -> bool:
        """Whether it is a sheet of this criteria set and this version; told when it is of another."""
        wanted = f"{self.criteria.id}@{self.criteria.version}"
        value = typed(labels["criteria"].cell) if "criteria" in labels else ""
        if value == tidy(wanted):
            return True
        known = "sheet.other_criteria" if value else "sheet.no_criteria"
        self.tell_label(table, labels, "criteria", message(known, found=value, wanted=wanted))
        return False

    def label_key(self, table: Table, labels: Mapping[str, Value], register: Register) -> str | None:
        """The code of a unit or judge above a sheet, told when unknown or misnamed; None when it cannot be read."""
        what, tell = register.what, partial(self.tell_label, table, labels)
        code = register.read(labels[what].cell) if what in labels else ""
        title = typed(labels[f"{what}_name"].cell) if f"{what}_name" in labels else ""
        if isinstance(code, Message):
            tell(what, code)
            return None
        if not code:
            return ""
        if unknown := register.met(code, title, table.where(labels[what].row, labels[what].column)):
            register.strangers.add(code)
            tell(what, unknown)
        elif misnamed := register.misnamed(code, title):
            tell(f"{what}_name", misnamed)
        return code

    def read_long(self, table: Table, found: Found) -> None:
        """Read a table with one mark per row."""
        columns = found.columns
        fields = [(name, columns[name]) for name in FILLED if name in columns]
        for at in range(found.header + 1, len(table.rows)):
            cells = table.rows[at]
            filled = {name: cells[column] for name, column in fields if cells[column] is not None}
            if filled:
                row = Row(table, columns, at, self.problems)
                self.read_row(row, filled, self.by_row(row))

    def by_row(self, row: Row) -> By | None:
        """Whom a row is about and who marked; unknown keys are left to the scoring, which names each row they spoil."""
        return self.by_cells(tuple(map(row.cell, WHO)), row)

    def by_cells(self, cells: tuple[Cell, ...], row: Row) -> By | None:
        """The same from the cells of WHO; equal ones are looked at once, unless there is something to tell about them."""
        key = (*cells, *map(type, cells))
        by = self._by.get(key)
        if by is None:
            told = len(self.problems)
            unit, judge = self.row_key(row, self.units), self.row_key(row, self.judges)
            if unit is not None and judge is not None:
                by = By(unit, judge, self.stage(typed(row.cell("stage"))))
                if len(self.problems) == told:
                    self._by[key] = by
        return by

    @staticmethod
    def stage(text: str) -> str:
        """The stage that a text names, or the text itself."""
        return STAGE_WORDS.get(plain(text), text) if text else ""

    @staticmethod
    def row_key(row: Row, register: Register) -> str | None:
        """The code of a unit or judge in a row, "" when it is blank; None after telling why it cannot be read."""
        code = register.read(row.cell(register.what))
        if isinstance(code, Message):
            row.tell(register.what, code)
            return None
        if code:
            title = typed(row.cell(f"{register.what}_name"))
            unknown = register.met(code, title, row.where(register.what))
            if not unknown and (misnamed := register.misnamed(code, title)):
                row.tell(f"{register.what}_name", misnamed)
        return code

    def read_row(self, row: Row, filled: Mapping[str, Cell], by: By | None) -> None:
        """Read one row with something in it: an answer, a note, evidence."""
        code = self.codes.read(row.cell("criterion"))
        if isinstance(code, Message):
            return row.tell("criterion", code)
        if code in self.groups:
            return row.tell(next(iter(filled)), message("sheet.group_row", code=code), code)
        answer = self.answer(code, filled.get("answer"))
        if isinstance(answer, Message):
            row.tell("answer", answer, code)
        elif by and ("answer" in filled or "note" in filled):
            self.mark(row, by, code, answer, filled.get("note"))
        if by and not filled.keys().isdisjoint(EVIDENCE):
            rank = STAGES.index(by.stage or "judge") if by.stage in ("", *STAGES) else 0
            spoken = next(name for name in ("status", *EVIDENCE) if name in filled)
            self.read_statement(row, filled, Statement(by.unit, code, "", rank, row.where(spoken)))
        return None

    def answer(self, code: str, cell: Cell) -> str | Message:
        """The text of an answer, or why its cell cannot be taken at its word; equal answers are looked at once."""
        key = (code, cell.__class__, cell)
        if key not in self._answers:
            asked = self.asked.get(code)
            self._answers[key] = asked.text(cell) if asked else anything(cell)
        return self._answers[key]

    def mark(self, row: Row, by: By, code: str, answer: str, note: Cell) -> None:
        """Take in one row of the long table."""
        part = typed(row.cell("input")) if "input" in row.columns else ""
        part, words = self.inputs.get(heading(part), part) if part else "", "" if note is None else typed(note)
        self.marked.append(by, code, answer, part, words, row.table, (row.at, row.columns["answer"]))

    def read_evidence(self, table: Table, found: Found) -> None:
        """Read a table of evidence; without a stage it is the register of the secretariat."""
        self.keeps_evidence = True
        for row in rows_of(table, found, self.problems):
            filled = {name: cell for name in EVIDENCE if (cell := row.cell(name)) is not None}
            unit, code, text = self.units.known(row), self.codes.read(row.cell("criterion")), typed(row.cell("stage"))
            stage = STAGE_WORDS.get(plain(text), "")
            if text and not stage:
                row.tell("stage", message("mark.unknown_stage", value=text, hint=""))
            if isinstance(code, Message):
                row.tell("criterion", code)
            elif filled:
                rank = STAGES.index(stage) if stage else ON_RECORD
                where, note = row.where(next(iter(filled))), typed(row.cell("note"))
                self.read_statement(row, filled, Statement(unit, code, "", rank, where, note=note))

    def read_statement(self, row: Row, filled: Mapping[str, Cell], about: Statement) -> None:
        """Read the evidence cells of one row, which must be about a criterion that is marked."""
        self.keeps_evidence = True
        if about.criterion in self.leaves:
            said = statements(filled, about, row.tell)
            self.said.extend(one for one in said if one.unit)  # of no unit: told already
        elif not about.criterion:
            row.tell("criterion", message("mark.no_criterion"))
        else:
            row.tell("criterion", message("sheet.evidence_place", code=about.criterion))


def end_of(table: Table, found: Found) -> int:
    """The first blank row after the last row with a code: dates and signatures stand below it."""
    is_code = np.array([_may_be_code(value) for value in table.values], dtype=np.bool_)
    codes = np.flatnonzero(is_code[table.numbers[found.header :, found.columns["criterion"]]])
    below = found.header + int(codes[-1]) + 1 if codes.size else 1
    blank = np.flatnonzero(~table.filled[below:, list(found.columns.values())].any(axis=1))
    return below + int(blank[0]) if blank.size else len(table.numbers)


def _may_be_code(cell: Cell) -> bool:
    """Whether a cell may hold a code: one word, or what a spreadsheet made of one."""
    return cell is not None and not (isinstance(cell, str) and " " in cell)


def is_total(before: Sequence[Cell]) -> bool:
    """Whether a row without a code is a sum, by what stands before its answer: "Tổng điểm", "Cộng"."""
    return any(says_total(cell) for cell in before if isinstance(cell, str))


@lru_cache(maxsize=20_000)
def says_total(text: str) -> bool:
    """Whether a text begins as the words for a sum do."""
    return heading(text).startswith(TOTALS)
