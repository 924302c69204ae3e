"""The child process that opens untrusted tables: one request in, one JSON line out for each thing found.

Started by `chamdiem.exchange.tables`, so that a file that kills its reader kills nothing else; it imports no more than
the kind of file at hand needs. The first line on standard input is `{limits}`, each further one the name of a file to
read; each line of the answer is a list:

    "opening" sheet                            a sheet is about to be opened: if the child dies now, this is the place
    "sheet"   name hidden row column           a sheet was opened; the place of its first cell, counted from 1
    "cells"   [value, …] width count           the next rows of that sheet: first the values that no row before has had
                                               (a date is {"date": …}), and after the line the number of each cell's
                                               value among all values of the sheet, as so many native uint32
    "problem" id values sheet row column       the file is refused; row and column are 0 where none is known
    "done"                                     nothing more of this file
"""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from array import array
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from chamdiem.exchange.workbook_zip import Limits, UnreadableError, checked, damaged

Rows = list[list[Any]]

CELLS_AT_ONCE = 50_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


def main() -> None:
    """Read the limits, then every file in turn; whatever a file does, the next one is tried."""
    limits: Limits = json.loads(sys.stdin.buffer.readline())
    limit_memory(limits["memory_bytes"])
    for name in sys.stdin.buffer:
        try:
            read(Path(json.loads(name)), limits)
        except UnreadableError as refused:
            tell(*refused.line)
        except MemoryError:
            tell("problem", "table.too_heavy", {}, "", 0, 0)
        except BaseException as error:  # calamine's panics are no Exceptions
            tell(*damaged(error).line)
        tell("done")


def limit_memory(size: int) -> None:
    """Where the system can, let a file that would fill the machine fail in here; and leave no core dump behind."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    except (ImportError, ValueError, OSError):  # Windows has no such limit, macOS may refuse it
        pass


def tell(*line: Any) -> None:
    """Write one line of the answer; what could be a last word is sent at once."""
    sys.stdout.buffer.write(encoded(line))
    if line[0] in ("opening", "done"):
        sys.stdout.buffer.flush()


def plain(value: object) -> object:
    """What JSON has no word for; durations and times of day stay text, for no mark is one."""
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Truth):
        return {"truth": value.said}
    return {"decimal": f"{value:f}"} if isinstance(value, Decimal) else str(value)


_encode = json.JSONEncoder(ensure_ascii=False, default=plain).encode


def encoded(line: object) -> bytes:
    return _encode(line).encode() + b"\n"


def read(path: Path, limits: Limits) -> None:
    """Tell the sheets of one file, read by its ending."""
    kinds: dict[str, Callable[[bytes, Limits], None]] = {
        ".xlsx": read_workbook,
        ".xlsm": read_workbook,
        ".csv": read_csv,
        ".tsv": read_csv,
        ".parquet": read_parquet,
    }
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise UnreadableError("table.old_excel" if path.suffix.lower() == ".xls" else "table.unknown_kind")
    kind(contents(path, limits), limits)


def contents(path: Path, limits: Limits) -> bytes:
    """The bytes of an ordinary file of a reasonable size."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableError("table.not_a_file")
        if about.st_size > limits["file_bytes"]:
            raise UnreadableError("table.too_big", size=about.st_size // 10**6, limit=limits["file_bytes"] // 10**6)
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError("table.missing") from None
    except (OSError, ValueError):
        raise UnreadableError("table.unreadable") from None
    if not data:
        raise UnreadableError("table.empty_file")
    return data


class Truth:
    """True or False as a cell, which is not the number 1 or 0."""

    def __init__(self, said: bool) -> None:
        self.said = said


TRUTHS = (Truth(False), Truth(True))


class Values(dict[object, int]):
    """The distinct values of a sheet by number; those that were not told yet are `fresh`."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: list[object] = []

    def __missing__(self, value: object) -> int:
        self[value] = number = len(self)
        self.fresh.append(value)
        return number

    def numbers(self, cells: list[object]) -> array[int]:
        """The numbers of these cells' values."""
        if bool in set(map(type, cells)):
            cells = [TRUTHS[cell] if type(cell) is bool else cell for cell in cells]
        return array("I", map(self.__getitem__, cells))


class Sheet:
    """One sheet as it is told: `sent` is the size of what this file has told before."""

    def __init__(self, limits: Limits, name: str, top: int, left: int, sent: int = 0) -> None:
        self.limits, self.name, self.top, self.left, self.sent = limits, name, top, left, sent
        self.values = Values()

    def send(self, rows: Rows) -> int:
        """Tell the next rows, all of one width, in portions of moderate size."""
        step = max(1, CELLS_AT_ONCE // max(1, len(rows[0]))) if rows else 1
        for start in range(0, len(rows), step):
            portion = rows[start : start + step]
            numbers = self.values.numbers(list(chain.from_iterable(portion)))
            line = encoded(["cells", self.values.fresh, len(portion[0]), len(numbers)])
            if len(line) > self.limits["cell_characters"]:
                check_texts(portion, self.limits["cell_characters"], self.name, self.top, self.left)
            self.values.fresh = []
            self.top += len(portion)
            self.sent += len(line) + len(numbers) * numbers.itemsize
            if self.sent > self.limits["text_bytes"]:
                raise UnreadableError("table.too_much_text", self.name, limit=self.limits["text_bytes"] // 10**6)
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.write(numbers.tobytes())
        return self.sent


def check_texts(rows: Rows, longest: int, sheet: str, top: int, left: int) -> None:
    """Refuse the first cell with more text than a spreadsheet can hold."""
    for at, row in enumerate(rows, top):
        for column, cell in enumerate(row, left):
            if type(cell) is str and len(cell) > longest:
                raise UnreadableError("table.long_text", sheet, at, column, length=len(cell), limit=longest)


def read_workbook(data: bytes, limits: Limits) -> None:
    """Tell every worksheet, hidden ones too; charts and macros are passed over."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(checked(data, limits)))
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    check_names([sheet.name for sheet in sheets], limits)
    cells = sent = 0
    for sheet in sheets:
        tell("opening", sheet.name)
        (top, left), rows = grid(workbook, sheet.name, limits["cells"] - cells, limits)
        tell("sheet", sheet.name, sheet.visible != SheetVisibleEnum.Visible, top, left)
        cells += len(rows) * len(rows[0]) if rows else 0
        sent = Sheet(limits, sheet.name, top, left, sent).send(rows)


def check_names(names: list[str], limits: Limits) -> None:
    """calamine finds a sheet by its name, so two of one name would be the same sheet twice."""
    if len(names) > limits["parts"]:
        raise UnreadableError("table.too_many_parts", count=len(names), limit=limits["parts"])
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UnreadableError("table.sheet_twice", name)
        seen.add(name)


def grid(workbook: Any, name: str, room: int, limits: Limits) -> tuple[tuple[int, int], Rows]:
    """The place of a sheet's first cell, counted from 1, and its rows; refused if there is no room for them."""
    try:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None:
            return (1, 1), []
        (top, left), (bottom, right) = sheet.start, sheet.end
        if bottom >= LAST_ROW or right >= LAST_COLUMN:
            raise UnreadableError("table.damaged", name)
        if sheet.height * sheet.width > room:
            raise UnreadableError("table.too_many_cells", name, bottom + 1, right + 1, limit=limits["cells"])
        return (top + 1, left + 1), sheet.to_python()
    except (UnreadableError, MemoryError):
        raise
    except BaseException as error:
        raise damaged(error, name) from None


def read_csv(data: bytes, limits: Limits) -> None:
    """Tell a text table: every cell is text, short rows are filled up with blanks."""
    import csv

    text = decoded(data)
    csv.field_size_limit(limits["cell_characters"])
    rows: Rows = []
    width = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True):
            rows.append(row)
            width = max(width, len(row))
            if width * len(rows) > limits["cells"]:
                raise UnreadableError("table.too_many_cells", "", len(rows), width, limit=limits["cells"])
    except csv.Error:
        raise UnreadableError("table.csv_row", "", len(rows) + 1, 1, limit=limits["cell_characters"]) from None
    for row in rows:
        row.extend([""] * (width - len(row)))
    tell("sheet", "", False, 1, 1)
    Sheet(limits, "", 1, 1).send(rows)


def decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 where its mark stands in front; anything else would be a guess."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError("table.csv_encoding", "", data.count(b"\n", 0, error.start) + 1, 1) from None
    if "\0" in text:
        raise UnreadableError("table.csv_encoding", "", text.count("\n", 0, text.index("\0")) + 1, 1)
    return text


def delimiter_of(text: str) -> str:
    """The most frequent of tab, semicolon and comma in the first line that has any text, quoted parts left aside."""
    import re

    lines = re.sub(r'"[^"]*(?:"|$)', "", text[:65536]).splitlines()
    header = next((line for line in lines if line.strip()), "")
    return max("\t;,", key=header.count)


def read_parquet(data: bytes, limits: Limits) -> None:
    """Tell a parquet file with the names of its columns as the first row."""
    os.environ.update(ARROW_DEFAULT_MEMORY_POOL="system", OPENBLAS_NUM_THREADS="1")
    sys.modules["pandas"] = None  # type: ignore[assignment]  # pyarrow would import it, and does without
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(data))
        schema, rows = file.schema_arrow, file.metadata.num_rows
        if (rows + 1) * len(schema) > limits["cells"]:
            raise UnreadableError("table.too_many_cells", "", rows + 1, len(schema), limit=limits["cells"])
        for number, column in enumerate(schema, 1):
            if pa.types.is_nested(column.type) or "binary" in str(column.type):
                raise UnreadableError("table.column_kind", "", 1, number, kind=str(column.type)[:80])
        tell("sheet", "", False, 1, 1)
        sheet = Sheet(limits, "", 1, 1)
        for batch in chain([[schema.names]], parquet_rows(file)):
            sheet.send(batch)
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:
        raise damaged(error) from None


def parquet_rows(file: Any) -> Iterator[Rows]:
    """The rows, some thousands at a time; a 32-bit number is the decimal it was written as, without its binary tail."""
    import pyarrow as pa

    def cells(column: Any) -> list[Any]:
        if pa.types.is_float32(column.type):
            column = column.cast(pa.string()).cast(pa.float64())
        elif pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        return list(column.to_pylist())

    for batch in file.iter_batches(batch_size=8192, use_threads=False):
        yield [list(row) for row in zip(*map(cells, batch.columns), strict=True)]
