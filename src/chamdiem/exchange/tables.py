"""Untrusted workbooks, text tables and parquet files become plain tables; what their cells mean is not known here.

Files are opened in a child process (`table_child`) under limits of time and memory; several children share the files
of a call when there is much to read. A file that kills or holds up its child is refused, and a new child goes on with
the next. Cells travel as numbers into the distinct values of their sheet: marks are few different values.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import unicodedata
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chamdiem.criteria.columns import Mask
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
MUCH = 500_000  # bytes of all files together, for which more than one child is started
MOST_CHILDREN = 4


@dataclass(frozen=True, eq=False)
class Table:
    """One sheet from its first to its last filled cell: rows × columns of numbers into its distinct values.

    A cell is text (NFC, without blanks around it; the lone spaces of a blank cell are None), an exact number, a date, a
    truth value or None. What a float of a workbook says is its shortest decimal: 89.5 is Decimal("89.5"). In a text
    table every cell is text. Parquet has the names of its columns as the first row.
    """

    file: str
    sheet: str
    first_row: int
    first_column: int
    values: Sequence[Cell] = field(repr=False)
    numbers: NDArray[np.uint32] = field(repr=False)
    hidden: bool = False

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The cells, row by row, for whoever walks through all of them."""
        return self.first(len(self.numbers))

    def first(self, count: int) -> list[list[Cell]]:
        """The first rows."""
        return [[self.values[number] for number in row] for row in self.numbers[:count].tolist()]

    def column(self, column: int, rows: NDArray[np.intp]) -> list[Cell]:
        """The cells of one column in these rows."""
        return [self.values[number] for number in self.numbers[rows, column].tolist()]

    def cell(self, row: int, column: int) -> Cell:
        """One cell, counted from 0."""
        return self.values[int(self.numbers[row, column])]

    @cached_property
    def filled(self) -> Mask:
        """Where a cell is not blank."""
        return np.array([value is not None for value in self.values], dtype=np.bool_)[self.numbers]

    def where(self, row: int, column: int, path: tuple[str, ...] = ()) -> Where:
        """The place of `rows[row][column]` as a user finds it; a text table has a line besides, counted in records."""
        return place(self.file, self.sheet, self.first_row + row, self.first_column + column, path)


def place(file: str, sheet: str, row: int, column: int, path: tuple[str, ...] = ()) -> Where:
    """A cell, counted from 1, as a user finds it."""
    if sheet:
        return Where(file, sheet, address(row, column), path=path)
    return Where(file, cell=address(row, column), line=row, column=column, path=path)


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
    with Reading(paths, limits=limits) as reading:
        return reading.finish(progress)


class Reading:
    """Files that are being read while the caller does something else; leaving the `with` block stops it."""

    def __init__(self, paths: Sequence[Path], *, limits: Limits = LIMITS) -> None:
        self.paths, self._limits = tuple(paths), limits
        self._files = [_File(str(path)) for path in paths]
        self._waiting, self._texts, self._end = deque(self._files), _Texts(), monotonic() + limits.all_seconds
        self._running: list[_Child] = []
        self._heard = SimpleQueue[BaseException | None]()
        self._workers = [Thread(target=self._work, daemon=True) for _ in range(_children(paths))]

    def __enter__(self) -> Reading:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting.clear()
        for child in list(self._running):
            child.kill()
        for worker in self._workers:
            worker.join()

    def finish(self, progress: Callable[[int], None] | None = None) -> tuple[list[Table], list[Problem]]:
        """The sheets of all files and what is wrong with files, in order, when everything is read."""
        for done in range(1, len(self._files) + 1):
            if (failed := self._heard.get()) is not None:
                raise failed
            if progress:
                progress(done)
        tables = [table for file in self._files for table in file.tables]
        return tables, [problem for file in self._files for problem in file.problems]

    def _work(self) -> None:
        """Read file after file in a child, in a new one when that was killed or held up."""
        try:
            while self._waiting:
                with _Child(self._limits) as child:
                    self._running.append(child)
                    while child.healthy and self._next(child):
                        self._heard.put(None)
                    self._running.remove(child)
        except BaseException as error:
            self._heard.put(error)

    def _next(self, child: _Child) -> bool:
        """Read one more file, if there is one."""
        try:
            file = self._waiting.popleft()
        except IndexError:
            return False
        if sum(other.cells for other in self._files) > self._limits.all_cells or monotonic() > self._end:
            limits = {"cells": self._limits.all_cells, "seconds": self._limits.all_seconds}
            file.refuse(message("table.all_together", **limits))
        else:
            child.follow(file, self._texts)
        return True


def _children(paths: Sequence[Path]) -> int:
    """How many children are worth starting: one, unless there is much to read."""
    size = 0
    for path in paths:
        with suppress(OSError, ValueError):
            size += path.stat().st_size
    return min(len(paths), 1 if size < MUCH else os.cpu_count() or 1, MOST_CHILDREN)


@dataclass
class _File:
    """What the child has told of one file so far."""

    name: str
    tables: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cells: int = 0
    sheet: str = ""  # the one being opened
    done: bool = False
    head: tuple[str, int, int, bool] | None = None  # of the sheet being told: its name, first row and column, if hidden
    values: list[Cell] = field(default_factory=list)
    numbers: list[NDArray[np.uint32]] = field(default_factory=list)

    def refuse(self, what: Message, sheet: str = "", row: int = 0, column: int = 0) -> None:
        self.problems = [Problem(place(self.name, sheet, row, column) if row else Where(self.name, sheet), what)]
        self.tables = []

    def hear(self, line: object, read: Callable[[int], bytes], texts: _Texts) -> None:
        """Take in one line of the child's answer, and what it reads after it; what makes no sense is a ValueError."""
        match line:
            case ["cells", list(values), int(width), int(count)]:
                self.values.extend(texts[value] if type(value) is str else value for value in values)
                numbers = np.frombuffer(read(4 * count), dtype=np.uint32).reshape(-1, width)
                if numbers.size != count or numbers.max(initial=0) >= len(self.values):
                    raise ValueError(line)
                self.numbers.append(numbers)
                self.cells += count
            case ["opening", str(sheet)]:
                self.sheet = texts.name(sheet)
            case ["sheet", str(sheet), bool(hidden), int(row), int(column)]:
                self.close()
                self.head = (texts.name(sheet), row, column, hidden)
            case ["problem", str(id), dict(values), str(sheet), int(row), int(column)] if id.startswith("table."):
                self.refuse(Message(id, values), texts.name(sheet), row, column)
            case ["done"]:
                self.close()
                self.done = True
            case _:
                raise ValueError(line)

    def close(self) -> None:
        """The sheet that was told is complete."""
        if self.head is not None and not self.problems:
            sheet, row, column, hidden = self.head
            numbers = np.concatenate(self.numbers) if self.numbers else np.empty((0, 0), dtype=np.uint32)
            self.tables.append(Table(self.name, sheet, row, column, self.values, numbers, hidden))
        self.head, self.values, self.numbers = None, [], []


class _Child:
    """A running `table_child`; leaving the `with` block ends it, whatever state it is in."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.healthy = True
        self._slow = False
        self._deadline = monotonic() + limits.seconds
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
        self._requests, self._output = self._process.stdin, self._process.stdout
        self._ask(asdict(self.limits))
        return self

    def _ask(self, what: object) -> None:
        with suppress(OSError):  # one that is dead already will keep silent when it is heard
            self._requests.write(json.dumps(what).encode() + b"\n")
            self._requests.flush()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._process.kill()
        self._process.wait()
        self._watch.join()
        self._output.close()
        with suppress(OSError):
            self._requests.close()

    def follow(self, file: _File, texts: _Texts) -> None:
        """Hear all that the child says of this file; if it dies or is late, the file is refused."""
        longest = self.limits.text_bytes + 1_000_000  # rows, or the names around them
        self._deadline = monotonic() + self.limits.seconds
        self._ask(file.name)
        try:
            while not file.done:
                file.hear(_decode(self._output.readline(longest).decode()), self._output.read, texts)
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
        case {"truth": bool(said)}:
            return said
        case {"decimal": str(text)}:
            return _number(text)
        case _:
            return value


_decode = json.JSONDecoder(object_hook=_object, parse_float=_number, parse_constant=str).decode
