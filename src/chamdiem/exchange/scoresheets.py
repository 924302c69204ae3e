"""Filled score sheets and tables of marks, units, judges, evidence and recusals become one entry, or a list of problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.exchange.cells import PARTS, Asked, Keys, asked_of, part, typed
from chamdiem.exchange.evidence_cells import ON_RECORD, Statement, resolve, statements
from chamdiem.exchange.headings import (
    EVIDENCE,
    Found,
    Value,
    heading,
    is_not_data,
    is_score_sheet,
    labelled,
    likely_headings,
    recognise,
)
from chamdiem.exchange.rosters import Lists, Register
from chamdiem.exchange.tables import Cell, ErrorCell, Table, read_tables
from chamdiem.scoring.marks import STAGES, Coded, Columns, Evidence, Judge, Marks, Unit, build, tidy
from chamdiem.scoring.plan import Plan
from chamdiem.words import plain, say

STAGE_WORDS: Mapping[str, str] = {
    "tu cham": "self", "tu cham diem": "self", "tu danh gia": "self",
    "tham dinh": "appraisal",
    "giam khao": "judge", "ban giam khao": "judge", "giam khao cham": "judge",
    "hoi dong": "council",
    **{stage: stage for stage in STAGES},
}  # fmt: skip
TOTALS = ("tong", "cong", "total", "sum")
FILLED = ("answer", "note", *EVIDENCE)
Member = TypeVar("Member", Unit, Judge)


@dataclass(frozen=True)
class Entry:
    """Everything that was read. `units` and `judges` are None where nothing names them, `evidence` where none is kept."""

    columns: Columns
    units: tuple[Unit, ...] | None
    judges: tuple[Judge, ...] | None
    evidence: tuple[Evidence, ...] | None
    recused: frozenset[tuple[str, str]]

    def marks(self, plan: Plan) -> Marks:
        """The marks, coded and checked; raises Refusal with every mark that is wrong."""
        kept = {"units": self.units, "judges": self.judges, "evidence": self.evidence}
        return build(plan, self.columns, **kept, recused=self.recused)  # type: ignore[arg-type]


def read_marks(
    criteria: CriteriaSet, plan: Plan, paths: Sequence[Path], progress: Callable[[int], None] | None = None
) -> Entry:
    """Read score sheets and tables from workbooks, text tables and parquet files, in any mixture and order.

    `progress` is told how many files are finished. Raises Refusal with every problem of every file, those of the marks
    themselves included; then nothing was read.
    """
    tables, problems = read_tables(paths, progress=progress)
    reading = _Reading(criteria, plan, tables, problems)
    reading.read()
    entry = reading.entry()
    if problems:
        raise Refusal(dict.fromkeys([*problems, *_faults_of_marks(plan, entry, reading)]))
    return entry


def _faults_of_marks(plan: Plan, entry: Entry, reading: _Reading) -> Iterator[Problem]:
    """What is wrong with the marks that could be read, strangers' too; a missing part may be in a row that was refused."""
    units = entry.units and (*entry.units, *map(Unit, sorted(reading.units.strangers)))
    judges = entry.judges and (*entry.judges, *map(Judge, sorted(reading.judges.strangers)))
    try:
        replace(entry, units=units, judges=judges).marks(plan)
    except Refusal as refusal:
        yield from (problem for problem in refusal.problems if problem.message.id != "mark.part_missing")


@dataclass
class _Rows:
    """The long table as it grows: the texts of each row and where its answer stands."""

    unit: list[str] = field(default_factory=list)
    criterion: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    judge: list[str] = field(default_factory=list)
    stage: list[str] = field(default_factory=list)
    input: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    spots: list[tuple[Table, int, int]] = field(default_factory=list)

    def add(self, by: _By, criterion: str, answer: str, part: str, note: str, spot: tuple[Table, int, int]) -> None:
        """One more row."""
        self.unit.append(by.unit)
        self.criterion.append(criterion)
        self.answer.append(answer)
        self.judge.append(by.judge)
        self.stage.append(by.stage)
        self.input.append(part)
        self.note.append(note)
        self.spots.append(spot)

    def columns(self) -> Columns:
        """The rows as the scoring wants them."""
        texts = (self.unit, self.criterion, self.answer, self.judge, self.stage, self.input, self.note)
        unit, criterion, answer, judge, stage, part, note = (Coded.of(column) for column in texts)
        return Columns(unit, criterion, answer, judge, stage, part, note, self.place)

    def place(self, row: int) -> Where:
        """Where the answer of a row stands."""
        table, at, column = self.spots[row]
        return table.where(at, column)


@dataclass(frozen=True)
class _By:
    """Whom a row is about and who wrote it."""

    unit: str
    judge: str
    stage: str


class _Reading:
    """One call of `read_marks`: the lists first, then marks and evidence against them; problems are only collected."""

    def __init__(self, criteria: CriteriaSet, plan: Plan, tables: list[Table], problems: list[Problem]) -> None:
        self.criteria, self.tables, self.problems = criteria, tables, problems
        self.asked: Mapping[str, Asked] = asked_of(plan)
        self.groups = {node.code for node in criteria.nodes} - self.asked.keys()
        self.codes = Keys([*self.asked, *self.groups])
        self.inputs = {heading(say(f"sheet.part_{name}")): name for name in PARTS}
        self.units, self.judges = Register("unit"), Register("judge")
        self.lists = Lists(criteria, self.units, self.judges, self.tell)
        self.rows = _Rows()
        self.statements: list[Statement] = []
        self.recused: set[tuple[str, str]] = set()
        self.keeps_evidence = False
        self._answers: dict[tuple[str, type, Cell], str | Message] = {}

    def tell(self, table: Table, row: int, column: int, problem: Message) -> None:
        """Note what is wrong with a cell."""
        self.problems.append(Problem(table.where(row, column), problem))

    def read(self) -> None:
        """Read every table, those that list units and judges before those that name them."""
        found = [(table, kind) for table in self.tables if (kind := self.recognised(table))]
        readers: dict[str, Callable[[Table, Found], object]] = {
            "units": self.lists.read_units,
            "judges": self.lists.read_judges,
            "sheet": self.read_sheet,
            "marks": self.read_long,
            "evidence": self.read_evidence,
            "recusals": lambda table, kind: self.recused.update(self.lists.read_recusals(table, kind)),
        }
        for name, reader in readers.items():
            for table, kind in found:
                if kind.kind == name:
                    reader(table, kind)
        if not self.problems and not any(kind.kind in ("sheet", "marks") for _, kind in found):
            self.problems.append(Problem(Where(), message("sheet.no_marks")))

    def recognised(self, table: Table) -> Found | None:
        """What a table is; None for what is no data and for what has a problem as a whole."""
        found = recognise(table)
        if found is None:
            if not is_not_data(table):
                known = "sheet.lost_headings" if is_score_sheet(table) else "sheet.unknown_table"
                problem = message(known, found=likely_headings(table))
                self.problems.append(Problem(Where(table.file, table.sheet), problem))
        elif table.hidden and self.has_data(table, found):
            self.problems.append(Problem(Where(table.file, table.sheet), message("sheet.hidden")))
        elif not table.hidden:
            for first, again in found.repeated:
                name = typed(table.rows[found.header][first])
                at = table.where(found.header, first).cell
                self.tell(table, found.header, again, message("sheet.heading_twice", heading=name, first=at))
            return found
        return None

    @staticmethod
    def has_data(table: Table, found: Found) -> bool:
        """Whether anything is filled in below the headings: the answers of a score sheet, any row of another table."""
        wanted = [found.columns["answer"]] if "answer" in found.columns else list(found.columns.values())
        return any(row[column] is not None for row in table.rows[found.header + 1 :] for column in wanted)

    def read_sheet(self, table: Table, found: Found) -> None:
        """Read a score sheet: whom it is about stands above the table."""
        by = self.sheet_of(table, labelled(table, found.header))
        fields = [(name, found.columns[name]) for name in FILLED if name in found.columns]
        for at in range(found.header + 1, self.end_of(table, found)):
            row = table.rows[at]
            filled = {name: row[column] for name, column in fields if row[column] is not None}
            if filled and row[found.columns["criterion"]] is not None:
                self.read_row(table, found, at, filled, by)
            elif filled and not self.is_total(row, found):
                self.tell(table, at, found.columns[next(iter(filled))], message("sheet.answer_without_code"))

    @staticmethod
    def end_of(table: Table, found: Found) -> int:
        """The first blank row after the last row with a code: dates and signatures stand below it."""
        columns, code = found.columns.values(), found.columns["criterion"]
        last = max((at for at in range(found.header, len(table.rows)) if table.rows[at][code] is not None))
        below = range(last + 1, len(table.rows))
        return next((at for at in below if all(table.rows[at][column] is None for column in columns)), len(table.rows))

    @staticmethod
    def is_total(row: Sequence[Cell], found: Found) -> bool:
        """Whether a row without a code is a sum: "Tổng điểm", "Cộng"."""
        before = (heading(cell) for cell in row[: found.columns["answer"]] if isinstance(cell, str))
        return any(text.startswith(TOTALS) for text in before)

    def sheet_of(self, table: Table, labels: Mapping[str, Value]) -> _By | None:
        """Whom a score sheet is about and who filled it in; None after telling why it cannot be used."""
        ours = self.is_ours(table, labels)
        unit = self.sheet_key(table, labels, self.units, "unit")
        judge = self.sheet_key(table, labels, self.judges, "judge")
        stage = self.sheet_stage(table, labels)
        if unit == "":
            self.tell(table, *_spot(labels, "unit"), message("mark.no_unit"))
        if judge == "" and stage == "judge":
            self.tell(table, *_spot(labels, "judge"), message("mark.no_judge"))
        if not ours or not unit or not stage or judge is None or (stage == "judge" and not judge):
            return None
        return _By(unit, judge, stage)

    def is_ours(self, table: Table, labels: Mapping[str, Value]) -> bool:
        """Whether it is a sheet of this criteria set and this version; told when it is of another."""
        wanted = f"{self.criteria.id}@{self.criteria.version}"
        value = typed(labels["criteria"].cell) if "criteria" in labels else ""
        if value == tidy(wanted):
            return True
        known = "sheet.other_criteria" if value else "sheet.no_criteria"
        self.tell(table, *_spot(labels, "criteria"), message(known, found=value, wanted=wanted))
        return False

    def sheet_key(self, table: Table, labels: Mapping[str, Value], register: Register, name: str) -> str | None:
        """The code of a unit or judge above a score sheet, told when unknown or misnamed; None if it cannot be read."""
        code = register.read(labels[name].cell) if name in labels else ""
        shown = labels.get(f"{name}_name")
        title = typed(shown.cell) if shown else ""
        if isinstance(code, Message):
            self.tell(table, *_spot(labels, name), code)
            return None
        if not code:
            return ""
        problem = register.meet(code, title, partial(table.where, *_spot(labels, name)))
        if problem:
            register.strangers.add(code)
            self.tell(table, *_spot(labels, name), problem)
        elif misnamed := register.misnamed(code, title):
            self.tell(table, *_spot(labels, f"{name}_name"), misnamed)
        return code

    def sheet_stage(self, table: Table, labels: Mapping[str, Value]) -> str:
        """The stage above a score sheet, "" after telling that it is missing or unknown."""
        text = typed(labels["stage"].cell) if "stage" in labels else ""
        stage = STAGE_WORDS.get(plain(text), "")
        if not stage:
            problem = message("mark.unknown_stage", value=text, hint="") if text else message("mark.no_stage")
            self.tell(table, *_spot(labels, "stage"), problem)
        return stage

    def read_long(self, table: Table, found: Found) -> None:
        """Read a table with one mark per row."""
        by: dict[tuple[Cell, ...], _By | None] = {}
        columns = found.columns
        who = [columns[name] for name in ("unit", "judge", "stage", "unit_name", "judge_name") if name in columns]
        fields = [(name, columns[name]) for name in FILLED if name in columns]
        for at in range(found.header + 1, len(table.rows)):
            row = table.rows[at]
            filled = {name: row[column] for name, column in fields if row[column] is not None}
            if filled:
                key = tuple([row[column] for column in who])
                if key not in by:
                    by[key] = self.row_by(table, found, at)
                self.read_row(table, found, at, filled, by[key] or self.row_by(table, found, at))

    def row_by(self, table: Table, found: Found, at: int) -> _By | None:
        """Whom a row is about and who marked; unknown keys are left for the scoring to name, with every row they spoil."""
        unit = self.row_key(table, found, at, self.units, "unit")
        judge = self.row_key(table, found, at, self.judges, "judge")
        text = typed(table.rows[at][found.columns["stage"]]) if "stage" in found.columns else ""
        stage = STAGE_WORDS.get(plain(text), text)
        return None if unit is None or judge is None else _By(unit, judge, stage)

    def row_key(self, table: Table, found: Found, at: int, register: Register, name: str) -> str | None:
        """The code of a unit or judge in a row, "" when it is blank; None after telling what is wrong with its cell."""
        if name not in found.columns:
            return ""
        column, titled = found.columns[name], found.columns.get(f"{name}_name")
        code = register.read(table.rows[at][column])
        if isinstance(code, Message):
            self.tell(table, at, column, code)
            return None
        if not code:
            return ""
        title = typed(table.rows[at][titled]) if titled is not None else ""
        unknown = register.meet(code, title, lambda: table.where(at, column))
        misnamed = None if unknown or titled is None else register.misnamed(code, title)
        if misnamed and titled is not None:
            self.tell(table, at, titled, misnamed)
        return code

    def read_row(self, table: Table, found: Found, at: int, filled: Mapping[str, Cell], by: _By | None) -> None:
        """Read one row with something in it: an answer, a note, evidence."""
        row, columns = table.rows[at], found.columns
        code = self.codes.read(row[columns["criterion"]])
        if isinstance(code, Message):
            return self.tell(table, at, columns["criterion"], code)
        if code in self.groups:
            return self.tell(table, at, columns[next(iter(filled))], message("sheet.group_row", code=code))
        answer = self.answer(code, filled.get("answer"))
        if isinstance(answer, Message):
            self.tell(table, at, columns["answer"], answer)
        elif by and ("answer" in filled or "note" in filled):
            part = self.input(row[columns["input"]]) if "input" in columns else ""
            self.rows.add(by, code, answer, part, typed(filled.get("note")), (table, at, columns["answer"]))
        if by and any(name in EVIDENCE for name in filled):
            where = table.where(at, columns["answer"])
            rank = STAGES.index(by.stage) if by.stage in STAGES else STAGES.index("judge")
            self.read_statement(table, found, at, filled, Statement(by.unit, code, "", rank, where))
        return None

    def answer(self, code: str, cell: Cell) -> str | Message:
        """The text of an answer, or why its cell cannot be taken at its word; each answer is looked at once."""
        key = (code, cell.__class__, cell)
        if key not in self._answers:
            asked = self.asked.get(code)
            self._answers[key] = asked.text(cell) if asked and cell is not None else _anything(cell)
        return self._answers[key]

    def input(self, cell: Cell) -> str:
        """The part of an answer a row is about, by its name or by what it is called on score sheets."""
        text = typed(cell)
        return self.inputs.get(heading(text), text)

    def read_evidence(self, table: Table, found: Found) -> None:
        """Read a table of evidence."""
        self.keeps_evidence = True
        for at in range(found.header + 1, len(table.rows)):
            row = table.rows[at]
            filled = {
                name: cell
                for name in EVIDENCE
                if name in found.columns and (cell := row[found.columns[name]]) is not None
            }
            if filled:
                self.read_evidence_row(table, found, at, filled)

    def read_evidence_row(self, table: Table, found: Found, at: int, filled: Mapping[str, Cell]) -> None:
        """Read one row of a table of evidence."""
        row, columns = table.rows[at], found.columns
        unit = self.lists.known(self.units, table, found, at, "unit")
        code = self.codes.read(row[columns["criterion"]])
        text = typed(row[columns["stage"]]) if "stage" in columns else ""
        stage = STAGE_WORDS.get(plain(text), "")
        if text and not stage:
            self.tell(table, at, columns["stage"], message("mark.unknown_stage", value=text, hint=""))
        if isinstance(code, Message):
            return self.tell(table, at, columns["criterion"], code)
        rank = STAGES.index(stage) if stage else ON_RECORD
        note = typed(row[columns["note"]]) if "note" in columns else ""
        where = table.where(at, next(columns[name] for name in filled))
        return self.read_statement(table, found, at, filled, Statement(unit, code, "", rank, where, note=note))

    def read_statement(self, table: Table, found: Found, at: int, filled: Mapping[str, Cell], about: Statement) -> None:
        """Read the evidence cells of one row, which must be about a criterion that is marked."""
        self.keeps_evidence = True
        if about.criterion not in {leaf.code for leaf in self.criteria.leaves}:
            problem = message("sheet.evidence_place" if about.criterion else "mark.no_criterion", code=about.criterion)
            return self.tell(table, at, found.columns["criterion"], problem)
        known = lambda name, problem: self.tell(table, at, found.columns[name], problem)  # noqa: E731
        self.statements.extend(statements(filled, about, known))
        return None

    def entry(self) -> Entry:
        """What was read, as one entry."""
        evidence, problems = resolve(self.statements)
        self.problems.extend(problems)
        return Entry(
            self.rows.columns(),
            _listed(self.units, lambda code, name: Unit(code, name)),
            _listed(self.judges, lambda code, name: Judge(code, name)),
            evidence if self.keeps_evidence else None,
            frozenset(self.recused),
        )


def _listed(register: Register, met: Callable[[str, str], Member]) -> tuple[Member, ...] | None:
    """Those a table has listed, else those that were met; None when there were none."""
    if register.strict:
        return tuple(register.listed.values())
    return tuple(met(code, register.names.get(code, "")) for code in register.places) or None


def _spot(labels: Mapping[str, Value], name: str) -> tuple[int, int]:
    """Where a labelled value stands, or should."""
    return (labels[name].row, labels[name].column) if name in labels else (0, 0)


def _anything(cell: Cell) -> str | Message:
    """The text of an answer to nothing that is known."""
    return message("sheet.error_cell", value=str(cell)) if isinstance(cell, ErrorCell) else typed(cell)
