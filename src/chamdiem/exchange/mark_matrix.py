"""Summary tables of one judge: units downwards, criteria across, an answer in each cell (bảng tổng hợp)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.errors import Message, message
from chamdiem.exchange.cells import typed
from chamdiem.exchange.headings import Found, Row, heading, headings_of, labelled
from chamdiem.exchange.mark_rows import TOTALS, By, MarkReader, end_of, is_total
from chamdiem.exchange.tables import Cell, Table

FIELDS = ("unit", "unit_name", "judge", "judge_name", "stage")
BLANK = -1
BESIDE = ("stt", "tt", "xep hang", "hang", "xep loai", "rank", "ghi chu", "note", "notes", *TOTALS)


def matrix_of(table: Table, reader: MarkReader) -> Found | None:
    """The heading of a summary table: in one row the unit and at least two codes of criteria; else None."""
    for at, columns in headings_of(table, FIELDS):
        codes = [cell for cell in table.first(at + 1)[at] if reader.codes.read(cell) in reader.asked]
        if "unit" in columns and len(codes) > 1:
            return Found("matrix", at, columns)
    return None


def read_matrix(reader: MarkReader, table: Table, found: Found) -> None:
    """Read a summary table. Judge and stage stand in columns of their own or, for all rows, above the table."""
    labels = labelled(table, found.header)
    judge = reader.label_key(table, labels, reader.judges)
    stage = reader.stage(typed(labels["stage"].cell)) if "stage" in labels else ""
    if judge is None or ("criteria" in labels and not reader.is_ours(labels, table)):
        return
    criteria = _criteria(reader, table, found)
    end = end_of(table, replace(found, columns={**criteria, "criterion": found.columns["unit"]}))
    columns = list(criteria.values())
    inside = range(found.header + 1, end)
    rows: list[int] = []
    by: list[int] = []
    for at in (np.flatnonzero(table.filled[inside.start : end, columns].any(axis=1)) + inside.start).tolist():
        if is_total([table.cell(at, column) for column in range(min(columns))]):
            continue
        named = reader.by_row(Row(table, found.columns, at, reader.problems))
        if named is not None:
            rows.append(at)
            by.append(reader.marked.by.number(By(named.unit, named.judge or judge, named.stage or stage)))
    for code, column in criteria.items() if rows else ():
        _column(reader, table, (code, column), (np.array(rows), np.array(by)))


def _criteria(reader: MarkReader, table: Table, found: Found) -> Mapping[str, int]:
    """The column of each criterion; told where a heading is no criterion and something stands below it."""
    criteria: dict[str, int] = {}
    for column, cell in enumerate(table.first(found.header + 1)[found.header]):
        code = reader.codes.read(cell)
        row = Row(table, {"heading": column}, found.header, reader.problems)
        if isinstance(code, str) and code in reader.asked and code not in criteria:
            criteria[code] = column
        elif column not in found.columns.values() and _filled(table, found.header, column) and not _beside(cell):
            row.tell("heading", _stranger(reader, code, criteria))
    return criteria


def _stranger(reader: MarkReader, code: str | Message, criteria: Mapping[str, int]) -> Message:
    """What is wrong with a heading that is no criterion."""
    if isinstance(code, Message):
        return code
    if code in criteria:
        return message("sheet.heading_twice", heading=code, first="")
    if code in reader.groups:
        return message("sheet.group_row", code=code)
    return message("mark.unknown_criterion", value=code, hint="")


def _filled(table: Table, header: int, column: int) -> bool:
    return bool(table.filled[header + 1 :, column].any())


def _beside(cell: Cell) -> bool:
    """Whether a heading names what may stand beside criteria: a number in order, a sum, a rank, a note."""
    return isinstance(cell, str) and heading(cell).startswith(BESIDE)


def _column(reader: MarkReader, table: Table, where: tuple[str, int], rows: tuple[Array, Array]) -> None:
    """Take in the answers to one criterion, in rows of a table and by whom; equal cells are looked at once."""
    (code, column), (at, by) = where, rows
    cells = table.numbers[at, column]
    answers = np.full(len(table.values), BLANK)
    wrong_ones: dict[int, Message] = {}
    for number in np.unique(cells).tolist():
        cell = table.values[number]
        if cell is not None:
            text = reader.answer(code, cell)
            if isinstance(text, Message):
                wrong_ones[number] = text
            else:
                answers[number] = reader.marked.answer.number(text)
    found = answers[cells]
    there = np.flatnonzero(found != BLANK)
    reader.marked.extend(by[there], code, found[there], table, at[there], column)
    for row in np.flatnonzero(np.isin(cells, list(wrong_ones))) if wrong_ones else ():
        wrong = wrong_ones[int(cells[row])]
        Row(table, {"answer": column}, int(at[row]), reader.problems).tell("answer", wrong, code)
