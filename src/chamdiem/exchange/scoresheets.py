"""Filled score sheets and tables of marks, units, judges, evidence, recusals: read into one entry or refused whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Problem, Refusal, Where, message
from chamdiem.exchange.cells import typed
from chamdiem.exchange.evidence_cells import resolve
from chamdiem.exchange.headings import OTHERS, Found, is_not_data, is_score_sheet, likely_headings, recognise, rows_of
from chamdiem.exchange.mark_matrix import matrix_of, read_matrix
from chamdiem.exchange.mark_rows import MarkReader
from chamdiem.exchange.rosters import Register, read_judges, read_recusals, read_units
from chamdiem.exchange.tables import Reading, Table, read_tables
from chamdiem.scoring.marks import Evidence, Judge, Marks, Unit
from chamdiem.scoring.plan import Plan
from chamdiem.scoring.reading import build
from chamdiem.scoring.table import Columns

Member = TypeVar("Member", Unit, Judge)


@dataclass(frozen=True)
class Entry:
    """Everything that was read. `units`, `judges` are None where nothing names them, `evidence` where none is kept."""

    columns: Columns
    units: tuple[Unit, ...] | None
    judges: tuple[Judge, ...] | None
    evidence: tuple[Evidence, ...] | None
    recused: frozenset[tuple[str, str]]

    def marks(self, plan: Plan) -> Marks:
        """The marks, coded and checked; raises Refusal with every mark that is wrong."""
        return build(
            plan, self.columns, units=self.units, judges=self.judges, evidence=self.evidence, recused=self.recused
        )


def read_marks(
    criteria: CriteriaSet,
    plan: Plan,
    paths: Sequence[Path] | Reading,
    progress: Callable[[int], None] | None = None,
    *,
    taking_part: Sequence[Unit] = (),
) -> Entry:
    """Read score sheets and tables from workbooks, text tables and parquet files, in any mixture and order; or take
    them from a reading that was begun before. `taking_part`: the units of the contest, where no file lists them.

    `progress` is told how many files are finished. Raises Refusal with every problem of every file, and then with those
    of the marks themselves as well; nothing is read in part.
    """
    tables, problems = paths.finish(progress) if isinstance(paths, Reading) else read_tables(paths, progress=progress)
    units, judges = Register("unit"), Register("judge")
    marks = MarkReader(plan, units, judges, problems)
    known = _recognised(tables, problems, marks)
    if not problems and not any(what.kind in ("sheet", "marks", "matrix") for _, what in known):
        problems.append(Problem(Where(), message("sheet.no_marks")))
    recused = _read(criteria, known, marks)
    evidence, conflicts = resolve(marks.said)
    problems += conflicts
    if not units.strict and units.places and not taking_part and _tells_units_apart(criteria):
        problems.append(Problem(Where(), message("sheet.needs_units")))
    entry = Entry(
        marks.marked.columns(),
        _members(units, Unit, {unit.code: unit for unit in taking_part}),
        _members(judges, Judge),
        evidence if marks.keeps_evidence else None,
        frozenset(recused),
    )
    if problems:
        raise Refusal(dict.fromkeys([*problems, *_faults_of_marks(plan, entry, units, judges)]))
    return entry


def read_unit_list(criteria: CriteriaSet, paths: Sequence[Path]) -> tuple[Unit, ...]:
    """Only the units that these files list; raises Refusal with every problem, also when they list none."""
    tables, problems = read_tables(paths)
    units = Register("unit")
    for table, found in _recognised(tables, problems):
        if found.kind == "units":
            read_units(rows_of(table, found, problems), units, criteria)
    listed = _members(units, Unit)
    if not problems and not listed:
        problems.append(Problem(Where(str(paths[0])), message("sheet.no_units")))
    if problems:
        raise Refusal(dict.fromkeys(problems))
    return listed or ()


def _recognised(
    tables: list[Table], problems: list[Problem], marks: MarkReader | None = None
) -> list[tuple[Table, Found]]:
    """The tables that hold data, with what they are; problems with a table as a whole are noted."""
    found = [(table, recognise(table)) for table in tables]
    if marks is not None:
        found = [(table, _or_matrix(table, what, marks)) for table, what in found]
    for table, what in found:
        problem = None
        if what is None and not is_not_data(table):
            known = "sheet.lost_headings" if is_score_sheet(table) else "sheet.unknown_table"
            problem = message(known, found=likely_headings(table))
        elif what and table.hidden and _has_data(table, what):
            problem = message("sheet.hidden")
        if problem:
            problems.append(Problem(Where(table.file, table.sheet), problem))
    kept = [(table, what) for table, what in found if what and not table.hidden]
    for table, what in kept:
        for first, again in what.repeated:
            name, at = typed(table.cell(what.header, first)), table.where(what.header, first).cell
            again_at = table.where(what.header, again)
            problems.append(Problem(again_at, message("sheet.heading_twice", heading=name, first=at)))
    return kept


def _or_matrix(table: Table, found: Found | None, marks: MarkReader) -> Found | None:
    """What a table is; one with criteria across looks like a list of units or judges otherwise."""
    return (matrix_of(table, marks) or found) if found is None or found.kind in OTHERS else found


def _has_data(table: Table, found: Found) -> bool:
    """Whether anything is filled in below the headings: the answers of a score sheet, any row of another table."""
    wanted = [found.columns["answer"]] if "answer" in found.columns else list(found.columns.values())
    return bool(table.filled[found.header + 1 :, wanted].any())


def _read(criteria: CriteriaSet, tables: list[tuple[Table, Found]], marks: MarkReader) -> set[tuple[str, str]]:
    """Read every table, those that list units and judges before those that name them; returns who is recused where."""
    recused: set[tuple[str, str]] = set()
    readers: dict[str, Callable[[Table, Found], None]] = {
        "units": lambda table, found: read_units(rows_of(table, found, marks.problems), marks.units, criteria),
        "judges": lambda table, found: read_judges(rows_of(table, found, marks.problems), marks.judges),
        "sheet": marks.read_sheet,
        "marks": marks.read_long,
        "matrix": lambda table, found: read_matrix(marks, table, found),
        "evidence": marks.read_evidence,
        "recusals": lambda table, found: recused.update(
            read_recusals(rows_of(table, found, marks.problems), marks.units, marks.judges)
        ),
    }
    for kind, reader in readers.items():
        for table, found in tables:
            if found.kind == kind:
                reader(table, found)
    return recused


def _tells_units_apart(criteria: CriteriaSet) -> bool:
    """Whether points or ranks depend on the kind, category or cluster of a unit, which only a list of units tells."""
    return criteria.ranking.within != "all" or any(node.variants or node.only_for for node in criteria.nodes)


def _members(
    register: Register, member: Callable[[str, str], Member], known: Mapping[str, Member] = MappingProxyType({})
) -> tuple[Member, ...] | None:
    """Those a table has listed, else those that were met, as they are known beforehand; None when there were none."""
    if register.strict:
        return tuple(register.listed.values())
    return tuple(known.get(code) or member(code, register.names.get(code, "")) for code in register.places) or None


def _faults_of_marks(plan: Plan, entry: Entry, units: Register, judges: Register) -> Iterator[Problem]:
    """What is wrong with the marks that could be read, strangers' too; a missing part may be in a row that was not."""
    everyone = entry.units and (*entry.units, *map(Unit, sorted(units.strangers)))
    panel = entry.judges and (*entry.judges, *map(Judge, sorted(judges.strangers)))
    try:
        replace(entry, units=everyone, judges=panel).marks(plan)
    except Refusal as refusal:
        yield from (problem for problem in refusal.problems if problem.message.id != "mark.part_missing")
