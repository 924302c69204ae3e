"""Untrusted workbooks, text tables and parquet files become plain tables; what their cells mean is not known here.

Files are opened in a child process (`table_child`) under limits of time and memory, one child for all files of a call.
A file that kills or holds up the child is refused, and a new child goes on with the next.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from chamdiem.errors import Message, Problem, Where, message


class ErrorCell(str):
    """A cell where a formula failed; its text is what the spreadsheet shows, such as #REF! or #DIV/0!."""

    __slots__ = ()


Cell = str | int | Decimal | date | datetime | bool | None  # an ErrorCell is a str


@dataclass(frozen=True)
class Limits:
    """What protects the machine; all but the last two hold for one file. The defaults fit a nation in one workbook."""

    file_bytes: int = 100_000_000
    unpacked_bytes: int = 500_000_000
    ratio: int = 200  # unpacked to packed size of a big part: spreadsheets seldom exceed 30
    parts: int = 10_000  # entries of the zip, and sheets
    cells: int = 2_000_000  # blank ones between the first and the last filled cell count
    text_bytes: int = 200_000_000  # all cells together, as JSON
    cell_characters: int = 32_767  # what Excel itself allows
    seconds: float = 30
    memory_bytes: int = 2_000_000_000  # of the child, where the system can hold it to that (Linux)
    all_seconds: float = 600
    all_cells: int = 10_000_000


LIMITS = Limits()


@dataclass(frozen=True)
class Table:
    """One sheet from its first to its last filled cell; all rows have one width.

    A cell is text (NFC, without blanks around it; the lone spaces of a blank cell are None), an exact number, a date, a
    truth value or None. What a float of a workbook says is its shortest decimal: 89.5 is Decimal("89.5"). In a text
    table every cell is text. Parquet has the names of its columns as the first row.
    """

    file: str
    sheet: str
    first_row: int
    first_column: int
    rows: list[list[Cell]] = field(repr=False)
    hidden: bool = False

    def where(self, row: int, column: int, path: tuple[str, ...] = ()) -> Where:
        """The place of `rows[row][column]` as a user finds it; a text table has a line besides, counted in records."""
        row, column = self.first_row + row, self.first_column + column
        if self.sheet:
            return Where(self.file, self.sheet, address(row, column), path=path)
        return Where(self.file, cell=address(row, column), line=row, column=column, path=path)


def address(row: int, column: int) -> str:
    """(12, 5) → "E12"; both count from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row}"


def read_tables(
    paths: Sequence[Path], *, limits: Limits = LIMITS, progress: Callable[[int], None] | None = None
) -> tuple[list[Table], list[Problem]]:
    """Read every sheet of every file, in order; a file with a problem gives no tables, the others are still read.

    `progress` is told how many files are finished. Nothing that a file contains raises an exception.
    """
    files = [_File(str(path)) for path in paths]
    texts = _Texts()
    end = monotonic() + limits.all_seconds
    cells = finished = 0
    while finished < len(files):
        with _Child([file.name for file in files[finished:]], limits) as child:
            while finished < len(files) and child.healthy:
                file = files[finished]
                if cells > limits.all_cells or monotonic() > end:
                    file.refuse(message("table.all_together", cells=limits.all_cells, seconds=limits.all_seconds))
                else:
                    child.follow(file, texts)
                cells += file.cells
                finished += 1
                if progress:
                    progress(finished)
    return [table for file in files for table in file.tables], [problem for file in files for problem in file.problems]


@dataclass
class _File:
    """What the child has told of one file so far."""

    name: str
    tables: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cells: int = 0
    sheet: str = ""  # the one being opened
    done: bool = False

    def refuse(self, what: Message, sheet: str = "", row: int = 0, column: int = 0) -> None:
        where = Table(self.name, sheet, row, column, []).where(0, 0) if row else Where(self.name, sheet)
        self.problems = [Problem(where, what)]
        self.tables = []

    def hear(self, line: object, texts: _Texts) -> None:
        """Take in one line of the child's answer; a line that makes no sense is a ValueError."""
        match line:
            case ["rows", list(rows)]:
                table = self.tables[-1].rows
                table.extend([texts[cell] if type(cell) is str else cell for cell in row] for row in rows)
                self.cells += sum(map(len, rows))
            case ["opening", str(sheet)]:
                self.sheet = texts.name(sheet)
            case ["sheet", str(sheet), bool(hidden), int(row), int(column)]:
                self.tables.append(Table(self.name, texts.name(sheet), row, column, [], hidden))
            case ["problem", str(id), dict(values), str(sheet), int(row), int(column)] if id.startswith("table."):
                self.refuse(Message(id, values), texts.name(sheet), row, column)
            case ["done"]:
                self.done = True
            case _:
                raise ValueError(line)


class _Child:
    """A running `table_child`; leaving the `with` block ends it, whatever state it is in."""

    def __init__(self, names: list[str], limits: Limits) -> None:
        self.limits = limits
        self.healthy = True
        self._slow = False
        self._deadline = monotonic() + limits.seconds
        self._request = json.dumps({"limits": asdict(limits), "files": names}).encode()
        self._left = Event()

    def __enter__(self) -> _Child:
        search = [str(Path(__file__).parents[2]), *filter(None, sys.path)]
        start = f"import sys; sys.path[:] = {search!a}; from chamdiem.exchange.table_child import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-X", "utf8", "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._watch = Thread(target=self._kill_when_late, daemon=True)
        self._watch.start()
        assert self._process.stdin
        assert self._process.stdout
        self._output = self._process.stdout
        with suppress(OSError), self._process.stdin as request:  # one that is dead already will keep silent below
            request.write(self._request)
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._process.kill()
        self._process.wait()
        self._watch.join()
        self._output.close()

    def follow(self, file: _File, texts: _Texts) -> None:
        """Hear all that the child says of this file; if it dies or is late, the file is refused."""
        longest = self.limits.text_bytes + 1_000_000  # rows, or the names around them
        self._deadline = monotonic() + self.limits.seconds
        try:
            while not file.done:
                file.hear(_decode(self._output.readline(longest).decode()), texts)
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
            self.healthy = False
            slow = message("table.too_slow", seconds=self.limits.seconds)
            file.refuse(slow if self._slow else message("table.reader_stopped"), file.sheet)
        self._deadline = math.inf

    def _kill_when_late(self) -> None:
        while not self._left.wait(0.05):
            if monotonic() > self._deadline:
                self._slow = True
                self._process.kill()
                return


# fmt: off
_ERRORS = frozenset((
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!", "#EXTERNAL!", "#PYTHON!",
))
# fmt: on
_SPACES = dict.fromkeys((0xA0, 0x2007, 0x202F), " ") | dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


class _Texts(dict[str, "str | None"]):
    """Each text once, cleaned: NFC, no-break spaces as spaces, nothing invisible, no space around it; None if blank."""

    def __missing__(self, raw: str) -> str | None:
        text = raw if raw.isprintable() else raw.translate(_SPACES)
        text = unicodedata.normalize("NFC", text).strip()
        self[raw] = cell = ErrorCell(text) if text in _ERRORS else text or None
        return cell

    def name(self, raw: str) -> str:
        """The same for a name, which is never None."""
        return self[raw] or ""


@lru_cache(maxsize=10_000)  # marks are few different numbers
def _number(text: str) -> int | Decimal:
    """The number that this shortest decimal of a float shows: "89.0" → 89, "89.5" → Decimal("89.5")."""
    whole, _, places = text.partition(".")
    return Decimal(text) if places.strip("0") or "e" in text else int(whole)


def _object(value: dict[str, Any]) -> object:
    match value:
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"datetime": str(text)}:
            return datetime.fromisoformat(text)
        case {"decimal": str(text)}:
            return _number(text)
        case _:
            return value


_decode = json.JSONDecoder(object_hook=_object, parse_float=_number, parse_constant=str).decode
