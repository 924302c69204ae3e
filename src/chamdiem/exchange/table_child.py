"""The child process that opens untrusted tables: one request in, one JSON line out for each thing found.

Started by `chamdiem.exchange.tables`, so that a file that kills its reader kills nothing else; it imports no more than
the kind of file at hand needs. The request on standard input is `{limits, files}`; each line of the answer is a list:

    "opening" sheet                            a sheet is about to be opened: if the child dies now, this is the place
    "sheet"   name hidden row column           a sheet was opened; the place of its first cell, counted from 1
    "rows"    [[cell, …], …]                   the next rows of that sheet, all of one width; a date is {"date": …}
    "problem" id values sheet row column       the file is refused; row and column are 0 where none is known
    "done"                                     nothing more of this file
"""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from chamdiem.exchange.workbook_zip import Limits, UnreadableError, checked, damaged

Rows = list[list[Any]]

CELLS_IN_A_LINE = 50_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


def main() -> None:
    """Read the request, then every file in turn; whatever a file does, the next one is tried."""
    request = json.loads(sys.stdin.buffer.read())
    limits: Limits = request["limits"]
    limit_memory(limits["memory_bytes"])
    for name in request["files"]:
        try:
            read(Path(name), limits)
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


def send(rows: Rows, limits: Limits, sheet: str, top: int, left: int, sent: int = 0) -> int:
    """Tell rows of one width in lines of moderate length; `sent` is the size of what this file has told before."""
    step = max(1, CELLS_IN_A_LINE // max(1, len(rows[0]))) if rows else 1
    for start in range(0, len(rows), step):
        line = encoded(["rows", rows[start : start + step]])
        if len(line) > limits["cell_characters"]:
            check_texts(rows[start : start + step], limits["cell_characters"], sheet, top + start, left)
        sent += len(line)
        if sent > limits["text_bytes"]:
            raise UnreadableError("table.too_much_text", sheet, limit=limits["text_bytes"] // 10**6)
        sys.stdout.buffer.write(line)
    return sent


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
        sent = send(rows, limits, sheet.name, top, left, sent)


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
    send(rows, limits, "", 1, 1)


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
        sent = send([schema.names], limits, "", 1, 1)
        top = 2
        for batch in parquet_rows(file):
            sent = send(batch, limits, "", top, 1, sent)
            top += len(batch)
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
