"""A workbook under construction: texts that stay texts, exact numbers, and whole tables written at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from typing import Any
from zipfile import ZipFile

import xlsxwriter.workbook
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from chamdiem.exchange.lettering import FONT, SIZE
from chamdiem.exchange.workbook_style import LOOKS, legible, shortened

Format = Any
Value = str | float | int | None
A4 = 9
# XlsxWriter leaves no choice of it: level 4 takes a third of the time of 6, for a file that is a tenth larger.
xlsxwriter.workbook.ZipFile = partial(ZipFile, compresslevel=4)
NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(frozen=True)
class Column:
    """One column of a table: its cells from the first row on, and the look of all of them or of each."""

    values: Sequence[Value]
    look: Format | list[Format]


class Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet on paper. A table goes in as columns and straight out as rows, three times faster than cell by cell.

    That it writes what XlsxWriter itself would have written is held by a test: it leans on the inside of that library.
    """

    dim_rowmin: int
    dim_rowmax: int

    def __init__(self) -> None:
        super().__init__()
        self.filled: list[tuple[int, int, str]] = []

    def put(self, row: int, column: int, value: Value, look: Format) -> None:
        """One cell; a text stays a text whatever it begins with, None is an empty cell with its look."""
        if value is None:
            self.write_blank(row, column, None, look)
        elif isinstance(value, str):
            self.write_string(row, column, legible(value), look)
        else:
            self.write_number(row, column, value, look)

    def across(self, row: int, first: int, last: int, value: Value, look: Format) -> None:
        """One cell over several columns."""
        if last > first:
            self.merge_range(row, first, row, last, "", look)
        self.put(row, first, value, look)

    def fill(self, first_row: int, columns: Sequence[Column], heights: Sequence[float]) -> int:
        """A table of columns of one length; returns the row after it. Its rows are written by nobody else."""
        count = len(heights)
        if not count:
            return first_row
        begins = [f'<c r="{xl_col_to_name(at)}' for at in range(len(columns))]
        after = [*begins[1:], "</row>"]
        cells = [self._cells(column, then) for column, then in zip(columns, after, strict=True)]
        head_of = {height: f'" ht="{height:g}" customHeight="1">{begins[0]}' for height in set(heights)}
        numbers = map(str, range(first_row + 1, first_row + count + 1))
        parts = zip(repeat('<row r="', count), map(head_of.__getitem__, heights), *cells, strict=True)
        rows = "".join(number.join(row) for number, row in zip(numbers, parts, strict=True))
        self._check_dimensions(first_row, 0)
        self._check_dimensions(first_row + count - 1, len(columns) - 1)
        self.filled.append((first_row, first_row + count, rows))
        return first_row + count

    def _cells(self, given: Column, then: str) -> list[str]:
        """The cells of one column as XML from behind the number of the row to the next such number: what equal cells have
        in common is made once."""
        if isinstance(given.look, list):
            of = {key: Tails(self, look, then) for key, look in {id(look): look for look in given.look}.items()}
            return [of[look][value] for value, look in zip(given.values, map(id, given.look), strict=True)]
        return list(map(Tails(self, given.look, then).__getitem__, given.values))

    def _write_rows(self) -> None:
        """Rows in order: those written cell by cell, with the tables between them."""
        first, last = self.dim_rowmin, self.dim_rowmax
        for start, after, rows in sorted(self.filled):
            self.dim_rowmin, self.dim_rowmax = first, start - 1
            super()._write_rows()
            self.fh.write(rows)
            first = after
        self.dim_rowmin, self.dim_rowmax = first, last
        super()._write_rows()


class Tails(dict[Value, str]):
    """What follows the number of the row in the XML of a cell, by its value; all of one look, and before the same."""

    def __init__(self, sheet: Sheet, look: Format, then: str) -> None:
        super().__init__()
        self.then = then
        self.look, self.index_of = look._get_xf_index(), sheet.str_table._get_shared_string_index

    def __missing__(self, value: Value) -> str:
        if value is None:
            tail = f'" s="{self.look}"/>'
        elif isinstance(value, str):
            tail = f'" s="{self.look}" t="s"><v>{self.index_of(legible(value))}</v></c>'
        else:
            tail = f'" s="{self.look}"><v>{value!r}</v></c>'
        self[value] = tail = tail + self.then
        return tail


class Book:
    """A workbook under construction: sheets by name, formats by look."""

    def __init__(self, file: str, parts: str) -> None:
        """Begin the workbook at `file`; its parts are put together in the folder `parts`."""
        options = {
            "tmpdir": parts,
            "default_format_properties": {"font_name": FONT, "font_size": SIZE},
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.workbook = Workbook(file, options)
        self._looks: dict[object, Format] = {}
        self._names: set[str] = set()

    def look(self, *names: str, **more: object) -> Format:
        """The format that has all these looks, the later ones stronger; made once."""
        key = (names, tuple(sorted(more.items())))
        if key not in self._looks:
            properties: dict[str, object] = {"font_name": FONT, "font_size": SIZE, "valign": "vcenter"}
            for name in names:
                properties |= LOOKS[name]
            self._looks[key] = self.workbook.add_format(properties | more)
        return self._looks[key]

    def sheet(self, name: str) -> Sheet:
        """A new sheet under this name, or the nearest one that Excel allows and that is not taken."""
        sheet: Sheet = self.workbook.add_worksheet(self._free(name), worksheet_class=Sheet)
        sheet.set_paper(A4)
        sheet.hide_gridlines(2)
        return sheet

    def _free(self, name: str) -> str:
        base = NO_NAME.sub(" ", legible(name)).strip().strip("'")[:31] or "-"
        name, again = base, 1
        while name.casefold() in self._names or name.casefold() == "history":
            again += 1
            name = f"{base[: 31 - len(str(again)) - 1]} {again}"
        self._names.add(name.casefold())
        return name

    def close(self, *, title: str, comments: str, created: datetime) -> None:
        """Write the file; raises OSError when that is not possible."""
        about = {"title": shortened(title, 250), "author": "chamdiem", "comments": comments}
        self.workbook.set_properties(about | {"created": created.astimezone(UTC)})
        try:
            self.workbook.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error
