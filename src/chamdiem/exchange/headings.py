"""Which table is this? Headings are known by what they say, wherever they stand and however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from chamdiem.errors import Message, Problem, Where
from chamdiem.exchange.tables import Cell, Table
from chamdiem.words import plain

Kind = Literal["marks", "sheet", "matrix", "evidence", "recusals", "judges", "units"]
Fields = Mapping[str, tuple[str, ...]]

ROWS_SEARCHED = 40
LONGEST_HEADING = 60

# Words as `heading` leaves them, the most telling first: of "Mã đơn vị" and "Đơn vị" side by side the first is the key.
UNIT = ("ma don vi", "unit code", "unit", "don vi", "ma xa")
UNIT_NAME = ("ten don vi", "unit name", "don vi", "unit")
JUDGE = ("ma giam khao", "judge code", "judge", "giam khao")
JUDGE_NAME = ("ho va ten", "ho ten", "ten giam khao", "judge name", "full name", "giam khao")
STAGE = ("vong cham", "vong", "stage")
CRITERION = ("ma tieu chi", "criterion code", "criterion", "ma", "tieu chi", "code")
ANSWER = ("tra loi", "answer", "diem cham", "diem", "points", "score")
NOTE = ("ghi chu", "giai trinh", "ghi chu, giai trinh", "giai trinh/ghi chu", "note", "notes")
REASON = ("ly do", "reason")
EVIDENCE: Fields = {
    "item": ("ma minh chung", "minh chung", "tai lieu minh chung", "evidence", "evidence item"),
    "number": ("so hieu", "so, ky hieu", "so ky hieu", "so/ky hieu", "document number", "evidence number"),
    "date": ("ngay", "ngay van ban", "ngay ban hanh", "date"),
    "page": ("trang", "page", "pages"),
    "status": ("tinh trang minh chung", "tinh trang", "evidence status", "status"),
    "verified": ("da kiem tra", "verified", "checked"),
}
KINDS: Mapping[Kind, Fields] = {
    "marks": {
        "unit": UNIT,
        "unit_name": UNIT_NAME,
        "criterion": CRITERION,
        "answer": ANSWER,
        "judge": JUDGE,
        "judge_name": JUDGE_NAME,
        "stage": STAGE,
        "input": ("phan", "input", "part"),
        "note": NOTE,
        **EVIDENCE,
    },
    "sheet": {"criterion": CRITERION, "answer": ANSWER, "note": NOTE, **EVIDENCE},
    "evidence": {"unit": UNIT, "criterion": CRITERION, "stage": STAGE, "note": NOTE, **EVIDENCE},
    "recusals": {"unit": UNIT, "judge": JUDGE, "reason": REASON},
    "judges": {
        "judge": JUDGE,
        "name": (*JUDGE_NAME, "name"),
        "role": ("vai tro", "role"),
        "standing": ("tinh trang", "status"),
        "reason": REASON,
    },
    "units": {
        "unit": ("ma don vi", "unit code", "ma", "code", "unit", "don vi"),
        "name": ("ten don vi", "unit name", "ten", "name", "don vi"),
        "kind": ("kieu", "kieu don vi", "kind"),
        "category": ("loai", "loai don vi", "category"),
        "cluster": ("cum", "cum thi dua", "khoi thi dua", "cluster"),
    },
}
# Each kind needs all of the first and, where there are any, one of the second.
NEEDED: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "marks": (("unit", "criterion", "answer"), ()),
    "sheet": (("criterion", "answer"), ()),
    "evidence": (("unit", "criterion"), ("item", "number")),
    "recusals": (("unit", "judge"), ()),
    "judges": (("judge",), ("name", "role")),
    "units": (("unit", "name"), ()),
}
TELLING: tuple[Kind, ...] = ("marks", "sheet", "evidence")
OTHERS: tuple[Kind, ...] = ("recusals", "judges", "units")
LABELS: Fields = {
    "criteria": ("ma bo tieu chi", "criteria set code"),
    "unit": ("ma don vi", "unit code"),
    "unit_name": ("ten don vi", "unit name"),
    "judge": ("ma giam khao", "judge code"),
    "judge_name": ("ho va ten", "ho ten", "full name"),
    "stage": ("vong cham", "stage"),
}
LABEL = {word: name for name, words in LABELS.items() for word in words}
NOT_DATA = (
    "huong dan", "doc truoc", "chu thich", "ghi chu", "bia", "instructions", "guide", "read me", "readme", "notes",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A recognised table: its kind, the row of its headings, the column of each field, headings that stand twice."""

    kind: Kind
    header: int
    columns: Mapping[str, int]
    repeated: tuple[tuple[int, int], ...] = ()


class Row(NamedTuple):
    """One row under recognised headings; what is wrong with its cells goes to `problems`."""

    table: Table
    columns: Mapping[str, int]
    at: int
    problems: list[Problem]

    def cell(self, name: str) -> Cell:
        """The cell of a field; None when it is blank or there is no such column."""
        return self.table.cell(self.at, self.columns[name]) if name in self.columns else None

    def where(self, name: str) -> Where:
        """The place of a field's cell."""
        return self.table.where(self.at, self.columns[name])

    def tell(self, name: str, problem: Message, *path: str) -> None:
        """Note what is wrong with a field's cell; `path` is the place in the rubric, where that is known."""
        self.problems.append(Problem(self.table.where(self.at, self.columns[name], path), problem))

    def filled(self) -> bool:
        """Whether anything stands under the headings."""
        cells = self.table.rows[self.at]
        return any(cells[column] is not None for column in self.columns.values())


def rows_of(table: Table, found: Found, problems: list[Problem]) -> Iterator[Row]:
    """The rows under the headings in which anything stands."""
    for at in range(found.header + 1, len(table.rows)):
        row = Row(table, found.columns, at, problems)
        if row.filled():
            yield row


@lru_cache(maxsize=20_000)
def heading(text: str) -> str:
    """A heading as it is compared: "Minh chứng (số, ký hiệu) *" → "minh chung"; "" for what is too long to be one."""
    if len(text) > LONGEST_HEADING:
        return ""
    bare = re.sub(r"\([^)]*\)", " ", plain(text)).replace("_", " ")
    return " ".join(bare.split()).strip(" :.*")


def recognise(table: Table) -> Found | None:
    """What this table is, or None. Marks and evidence are looked for first: labels above them look like others."""
    named: list[tuple[int, dict[str, list[int]]]] = []
    for at, row in enumerate(table.first(ROWS_SEARCHED)):
        named.append((at, _names(row)))
        if found := _first(TELLING, *named[-1]):
            return found
    if is_score_sheet(table):
        return None
    return next((found for at, names in named if (found := _first(OTHERS, at, names))), None)


def headings_of(table: Table, fields: Sequence[str]) -> Iterator[tuple[int, dict[str, int]]]:
    """Row by row from the top, the column of each of these fields of a table of marks that stands there as a heading."""
    for at, row in enumerate(table.first(ROWS_SEARCHED)):
        names, columns = _names(row), dict[str, int]()
        for field in fields:
            known = (names[word][0] for word in KINDS["marks"][field] if word in names)
            column = next((column for column in known if column not in columns.values()), None)
            if column is not None:
                columns[field] = column
        yield at, columns


def _names(row: Sequence[Cell]) -> dict[str, list[int]]:
    """The columns of every heading in a row."""
    names: dict[str, list[int]] = {}
    for column, cell in enumerate(row):
        if isinstance(cell, str) and (name := heading(cell)):
            names.setdefault(name, []).append(column)
    return names


def _first(kinds: Sequence[Kind], header: int, names: Mapping[str, list[int]]) -> Found | None:
    return next((found for kind in kinds if (found := _matched(kind, header, names))), None)


def _matched(kind: Kind, header: int, names: Mapping[str, list[int]]) -> Found | None:
    columns: dict[str, int] = {}
    for field, words in KINDS[kind].items():
        word = next((word for word in words if word in names and names[word][0] not in columns.values()), "")
        if word:
            columns[field] = names[word][0]
    if "item" not in columns and "number" not in columns:
        columns = {field: column for field, column in columns.items() if field not in EVIDENCE}
    all_of, one_of = NEEDED[kind]
    if any(field not in columns for field in all_of) or (one_of and not any(field in columns for field in one_of)):
        return None
    twice = [same for same in names.values() if len(same) > 1 and same[0] in columns.values()]
    return Found(kind, header, columns, tuple((same[0], again) for same in twice for again in same[1:]))


class Value(NamedTuple):
    """A labelled value above a table, at `rows[row][column]`; blank ones stand where their label is."""

    row: int
    column: int
    cell: Cell


def labelled(table: Table, before: int) -> dict[str, Value]:
    """The labelled values above row `before`: the first filled cell right of each, up to the next label."""
    values: dict[str, Value] = {}
    for at, row in enumerate(table.first(before)):
        for column, cell in enumerate(row):
            name, rest = _label(cell)
            if name and name not in values:
                there = None if rest else next((at for at in range(column + 1, len(row)) if row[at] is not None), None)
                follows = there is not None and not _label(row[there])[0]
                values[name] = Value(at, there, row[there]) if follows and there else Value(at, column, rest or None)
    return values


def _label(cell: Cell) -> tuple[str, str]:
    """The field a label names and what stands behind its colon in the same cell, if anything."""
    if not isinstance(cell, str):
        return "", ""
    head, _, rest = cell.partition(":")
    return LABEL.get(heading(head), ""), rest.strip()


def is_score_sheet(table: Table) -> bool:
    """Whether it has the labels of a score sheet above, even when the headings of its table are lost."""
    return "criteria" in labelled(table, ROWS_SEARCHED)


def is_not_data(table: Table) -> bool:
    """Whether a sheet without a table may be passed over: it is empty, hidden, or its name says that it explains."""
    words = heading(table.sheet)
    named = bool(words) and any(words == word or words.startswith(word + " ") for word in NOT_DATA)
    return table.hidden or named or not table.filled.any()


def likely_headings(table: Table) -> list[str]:
    """The texts of the row that looks most like headings, for a sentence that says they were not understood."""
    rows = [[cell for cell in row if isinstance(cell, str)] for row in table.first(ROWS_SEARCHED)]
    return [cell[:40] for cell in max(rows, key=len, default=[])[:12]]
