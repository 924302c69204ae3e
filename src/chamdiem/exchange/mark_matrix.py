"""Summary tables of one judge: units downwards, criteria across, an answer in each cell (bảng tổng hợp)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.errors import Message, message
from chamdiem.exchange.cells import typed
from chamdiem.exchange.headings import Found, Row, heading, headings_of, labelled
from chamdiem.exchange.mark_rows import NUMBER, TOTALS, WHO, By, MarkReader, end_of, says_total
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
    filled = table.filled[found.header + 1 : end, columns].any(axis=1) & ~_totals(table, found.header + 1, end, columns)
    within = np.flatnonzero(filled) + found.header + 1
    nothing: list[Cell] = [None] * len(within)
    who = [table.column(found.columns[name], within) if name in found.columns else nothing for name in WHO]
    rows: list[int] = []
    by: list[int] = []
    for at, cells in zip(within.tolist(), zip(*who, strict=True), strict=True):
        named = reader.by_cells(cells, Row(table, found.columns, at, reader.problems))
        if named is not None:
            rows.append(at)
            by.append(reader.marked.by.number(By(named.unit, named.judge or judge, named.stage or stage)))
    if rows:
        _take_in(reader, table, criteria, np.array(rows), np.array(by, dtype=NUMBER))


def _totals(table: Table, start: int, end: int, columns: Sequence[int]) -> Mask:
    """Which of these rows are sums, by what stands before the first criterion."""
    says_so = np.array([type(value) is str and says_total(value) for value in table.values], dtype=np.bool_)
    return np.asarray(says_so[table.numbers[start:end, : min(columns)]].any(axis=1))


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


def _take_in(reader: MarkReader, table: Table, criteria: Mapping[str, int], rows: Array, by: Array) -> None:
    """Take in the answers in rows of a table, by whom; equal cells under one heading are looked at once."""
    codes, columns = list(criteria), np.array(list(criteria.values()))
    many = len(table.values)
    cells = table.numbers[np.ix_(rows, columns)] + np.arange(len(codes)) * many  # which value under which heading
    known = np.full(len(codes) * many, BLANK, dtype=NUMBER)
    for one in np.flatnonzero(np.bincount(cells.ravel(), minlength=known.size)).tolist():
        at, number = divmod(one, many)
        cell = table.values[number]
        text = "" if cell is None else reader.answer(codes[at], cell)
        if isinstance(text, Message):
            for wrong in rows[cells[:, at] == one].tolist():
                Row(table, {"answer": int(columns[at])}, wrong, reader.problems).tell("answer", text, codes[at])
        elif cell is not None:
            known[one] = reader.marked.answer.number(text)
    answers = known[cells].ravel()
    marked = np.flatnonzero(answers != BLANK)
    row, nth = np.divmod(marked, len(codes))
    numbers = np.array([reader.marked.criterion.number(code) for code in codes], dtype=NUMBER)
    spots = rows[row] * table.numbers.shape[1] + columns[nth]
    reader.marked.extend(by[row], numbers[nth], answers[marked], table, spots)
