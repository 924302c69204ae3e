"""How a workbook for paper looks and is written: calm formats, exact rows, rows as high as their text, A4 pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import repeat
from typing import Any

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Format = Any
Value = str | float | int | None

FONT = "Times New Roman"
SIZE = 11
LINE = 14.5  # points, one line of the body font
LONGEST_TEXT = 32_767
HIGHEST_ROW = 409.0
KEPT = 3  # rows of a table that go to the next page with what stands below it
ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

EDGE = {"border": 1, "border_color": "#7F868F"}
LOOKS: dict[str, dict[str, object]] = {
    "plain": {},
    "title": {"bold": True, "font_size": 14, "align": "center"},
    "subtitle": {"bold": True, "font_size": 12, "align": "center"},
    "center": {"align": "center"},
    "wrap": {"text_wrap": True},
    "top": {"valign": "top"},
    "note": {"italic": True, "font_size": 10, "text_wrap": True, "valign": "top"},
    "banner": {"bold": True, "font_size": 12, "align": "center", "bg_color": "#FFF3D1", "border": 1, "text_wrap": True},
    "section": {"bold": True, "font_size": 12},
    "cell": EDGE,
    "number": EDGE | {"align": "right", "indent": 1},
    "head": EDGE | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#E6EBF1"},
    "small": {"font_size": 9},
    "aside": {"font_size": 9, "align": "left", "indent": 1, "text_wrap": True},
    "light": {"font_color": "#6B7280"},
    "bold": {"bold": True},
    "italic": {"italic": True},
    "sum": {"bold": True, "bg_color": "#F1F4F8"},
    "part": {"italic": True, "bg_color": "#F7F9FB"},
    "less": {"italic": True, "bg_color": "#EEEEEE"},
    "right": {"align": "right"},
    "failed": {"bold": True, "bg_color": "#EEEEEE"},
}


def legible(text: str) -> str:
    """A text as a cell may hold it: what XML forbids and what turns writing around becomes \ufffd; too long is cut."""
    text = ILLEGAL.sub("\ufffd", text)
    return text if len(text.encode("utf-16-le")) <= 2 * LONGEST_TEXT else text[: LONGEST_TEXT // 2] + "…"


def one_line(text: str) -> str:
    """A text somebody else wrote, on one line and legible."""
    return " ".join(legible(text).split())


def shortened(text: str, most: int) -> str:
    """A text cut between words to at most so many characters, with … where it was cut."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def lines_of(text: str, width: float, size: float = SIZE, *, bold: bool = False) -> int:
    """How many lines a wrapped text takes in a column of so many characters; rather one too many than one too few."""
    room = max(width * 0.95 * SIZE / size / (1.06 if bold else 1.0), 1.0)
    if len(text) <= room / 1.4 and "\n" not in text:
        return 1
    return sum(_wrapped(line, room) for line in text.split("\n"))


def _wrapped(line: str, room: float) -> int:
    count, used = 1, 0.0
    for word in line.split(" "):
        wide = sum(map(_width_of, word))
        if used and used + 0.5 + wide > room:
            count, used = count + 1, 0.0
        used += wide + (0.5 if used else 0.0)
        if used > room:
            count, used = count + int(used // room), used % room
    return count


@cache
def _width_of(letter: str) -> float:
    """The width of a letter of the body font in digits."""
    bare = unicodedata.normalize("NFD", letter)[0]
    if bare in "ijltfrI.,:;'()[]/!|-":
        return 0.62
    if bare in "mw%—…★" or ord(bare) > 0x2E80:
        return 2.0 if bare in "—…★" or ord(bare) > 0x2E80 else 1.6
    return 1.45 if bare.isupper() else 0.96


def row_height(lines: int, size: float = SIZE) -> float:
    """The height in points of a row with so many lines, with a little air."""
    return min(max(lines, 1) * LINE * size / SIZE + 3, HIGHEST_ROW)


@dataclass(frozen=True)
class Column:
    """One column of a table: its cells from the first row on, and the look of all of them or of each."""

    values: Sequence[Value]
    look: Format | Sequence[Format]


class Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet on paper. A table goes in as columns and straight out as rows, three times faster than cell by cell.

    That it writes what XlsxWriter itself would have written is held by a test: it leans on the inside of that library.
    """

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

    def fill(self, first_row: int, columns: Sequence[Column], heights: Sequence[float] | None = None) -> int:
        """A table of columns of one length; returns the row after it. Its rows are written by nobody else."""
        count = len(columns[0].values)
        if not count:
            return first_row
        cells = [self._cells(at, first_row + 1, column) for at, column in enumerate(columns)]
        tall: Iterable[str] = repeat("")
        if heights is not None:
            tall = (f' ht="{height:g}" customHeight="1"' for height in heights)
        rows = [
            f'<row r="{number}"{high}>{"".join(row)}</row>'
            for number, high, row in zip(
                range(first_row + 1, first_row + count + 1), tall, zip(*cells, strict=True), strict=False
            )
        ]
        self._check_dimensions(first_row, 0)
        self._check_dimensions(first_row + count - 1, len(columns) - 1)
        self.filled.append((first_row, first_row + count, "".join(rows)))
        return first_row + count

    def _cells(self, column: int, first: int, given: Column) -> list[str]:
        letter = f'<c r="{xl_col_to_name(column)}'
        indices = [look._get_xf_index() for look in given.look] if isinstance(given.look, list) else None
        looks: Iterable[int] = repeat(given.look._get_xf_index()) if indices is None else indices
        index_of = self.str_table._get_shared_string_index
        found = []
        for row, (value, look) in enumerate(zip(given.values, looks, strict=False), first):
            if value is None:
                found.append(f'{letter}{row}" s="{look}"/>')
            elif isinstance(value, str):
                found.append(f'{letter}{row}" s="{look}" t="s"><v>{index_of(legible(value))}</v></c>')
            else:
                found.append(f'{letter}{row}" s="{look}"><v>{value!r}</v></c>')
        return found

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


@dataclass(frozen=True)
class Margins:
    """Page margins in millimetres."""

    left: float = 12
    right: float = 10
    top: float = 18
    bottom: float = 15


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
        sheet.set_paper(9)
        sheet.hide_gridlines(2)
        return sheet

    def close(self, *, title: str, comments: str, created: datetime) -> None:
        """Write the file; raises OSError when that is not possible."""
        about = {"title": shortened(title, 250), "author": "chamdiem", "comments": comments}
        self.workbook.set_properties(about | {"created": created.astimezone(UTC)})
        try:
            self.workbook.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error

    def _free(self, name: str) -> str:
        base = NO_NAME.sub(" ", legible(name)).strip().strip("'")[:31] or "-"
        name, again = base, 1
        while name.casefold() in self._names or name.casefold() == "history":
            again += 1
            name = f"{base[: 31 - len(str(again)) - 1]} {again}"
        self._names.add(name.casefold())
        return name


def page_setup(sheet: Sheet, *, header: str, footer: str, portrait: bool = False, margins: Margins = Margins()) -> None:
    """A4 with the label of the figures above every printed page and the page number below."""
    if portrait:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_margins(*(side / 25.4 for side in (margins.left, margins.right, margins.top, margins.bottom)))
    font = f'&"{FONT},Bold"&10 '
    sheet.set_header(f"&C{font}{_in_margin(header, 200)}", {"margin": 8 / 25.4})
    sheet.set_footer(f'&L&"{FONT},Italic"&9 {_in_margin(footer, 120)}&R&"{FONT}"&10 &P/&N', {"margin": 7 / 25.4})
    sheet.center_horizontally()


def _in_margin(text: str, most: int) -> str:
    """A text for the margin of a page, where & begins a command."""
    return shortened(one_line(text), most).replace("&", "&&")[: most + 20]


def printable_pixels(portrait: bool, margins: Margins = Margins()) -> float:
    """The width between the margins of an A4 page at full size, in the pixels in which columns are measured."""
    return ((210 if portrait else 297) - margins.left - margins.right) / 25.4 * 96


def printable_points(portrait: bool, margins: Margins = Margins()) -> float:
    """The height between the margins of an A4 page at full size, in the points in which rows are measured."""
    return ((297 if portrait else 210) - margins.top - margins.bottom) / 25.4 * 72


def keep_together(
    sheet: Sheet, *, first_row: int, above: float, heights: Sequence[float], below: float, again: float, scale: int
) -> None:
    """Break the page before the last rows of a table where what stands below it would otherwise stand all alone.

    Heights in points: `above` the table on its first page, of its rows, `below` it, and of the heads printed `again`.
    """
    for slack in (0.92, 1.02):  # programs differ in how much goes on a page
        page, used, beside = printable_points(portrait=False) * 100 / scale * slack, above, 0
        for height in heights:
            turns = used + height > page
            used, beside = (again + height, 1) if turns else (used + height, beside + 1)
        if len(heights) > KEPT and (used + below > page or beside < KEPT):
            sheet.set_h_pagebreaks([first_row + len(heights) - KEPT])


def scale_for(widths: Sequence[float], portrait: bool) -> int:
    """The print scale in % at which columns of these widths fit the width of a page; never more than 100.

    Programs differ by some hundredths in how wide a column is: there is room for that.
    """
    return max(10, min(100, int(94 * printable_pixels(portrait) / sum(width * 7 + 5 for width in widths))))
