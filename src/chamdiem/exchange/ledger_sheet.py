"""A ledger of support as a workbook: read row by row wherever its headings stand, and written blank to be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.exchange.cells import typed
from chamdiem.exchange.headings import ROWS_SEARCHED, Row, heading, is_not_data
from chamdiem.exchange.tables import ErrorCell, Table, read_tables
from chamdiem.exchange.workbook import Book, Sheet
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, row_height, scale_for
from chamdiem.scoring.answers import read_day
from chamdiem.words import plain, say

# Words as `heading` leaves them; the first of each is what the template writes, in the language of its reader.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "unit": ("ma xa", "ma don vi", "ma xa, phuong", "commune code", "unit code"),
    "unit_name": ("ten xa", "ten don vi", "xa", "xa, phuong", "commune", "commune name"),
    "given_on": ("ngay", "ngay ho tro", "ngay thang", "day", "date"),
    "kind": ("loai", "loai ho tro", "hinh thuc", "hinh thuc ho tro", "kind"),
    "amount": ("so luong", "so tien", "khoi luong", "amount", "quantity"),
    "measure": ("don vi tinh", "dvt", "measure", "unit of measure"),
    "name": ("ten hien vat", "hien vat", "ten vat tu", "goods", "what goods"),
    "worth": ("tri gia", "gia tri", "thanh tien", "worth", "value"),
    "source": ("nguon", "nguon ho tro", "don vi ho tro", "ben ho tro", "from", "source"),
    "purpose": ("su dung vao viec", "muc dich", "noi dung su dung", "su dung", "used for", "purpose"),
    "member": ("thanh vien", "ma thanh vien", "co quan", "member", "member code"),
    "note": ("ghi chu", "note", "notes"),
}
NEEDED = ("unit", "given_on", "kind", "amount", "source", "purpose")
KINDS = {
    "money": ("tien", "tien mat", "kinh phi", "money"),
    "labour": ("cong", "ngay cong", "cong lao dong", "lao dong", "labour", "labor"),
    "goods": ("hien vat", "vat tu", "vat chat", "goods"),
}
KIND = {word: kind for kind, words in KINDS.items() for word in words} | {kind: kind for kind in KINDS}
WIDTHS = {
    "unit": 11.0, "unit_name": 22.0, "given_on": 12.0, "kind": 11.0, "amount": 14.0, "measure": 11.0, "name": 20.0,
    "worth": 15.0, "source": 26.0, "purpose": 30.0, "member": 20.0, "note": 18.0,
}  # fmt: skip
BLANK_ROWS = 300


# reading --------------------------------------------------------------------------------------------------------


def read_ledger(paths: Sequence[Path]) -> list[Row]:
    """The filled rows of every sheet that has the headings; raises Refusal when a file cannot be read, when a sheet has
    some of the headings and lacks others, or when there is no such sheet at all."""
    tables, problems = read_tables(paths)
    found: list[Row] = []
    for table in tables:
        header, columns = _headed(table)
        missing = [name for name in NEEDED if name not in columns]
        if not missing:
            found += _filled(table, header, columns)
        elif len(columns) > len(NEEDED) // 2 and not is_not_data(table):
            lacking = message("ledger.no_columns", columns=[say(f"ledger.head.{name}") for name in missing])
            problems.append(Problem(table.where(header, 0), lacking))
    if not found and not problems:
        names = [say(f"ledger.head.{name}") for name in NEEDED]
        problems.append(Problem(Where(Path(paths[0]).name if paths else ""), message("ledger.no_table", columns=names)))
    if problems:
        raise Refusal(problems)
    return found


def _headed(table: Table) -> tuple[int, dict[str, int]]:
    """The row that has most of the headings, and the column of each."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(table.first(ROWS_SEARCHED)):
        names = {heading(cell): column for column, cell in reversed(list(enumerate(row))) if isinstance(cell, str)}
        columns: dict[str, int] = {}
        for field, words in FIELDS.items():
            known = (names[word] for word in words if word in names and names[word] not in columns.values())
            column = next(known, None)
            if column is not None:
                columns[field] = column
        if len(columns) > len(best[1]):
            best = at, columns
    return best


def _filled(table: Table, header: int, columns: dict[str, int]) -> Iterator[Row]:
    """The rows below the headings in which anything stands but the name of a commune."""
    for at in range(header + 1, len(table.rows)):
        row = Row(table, columns, at, [])
        if any(row.cell(name) is not None for name in columns if name not in ("unit", "unit_name")):
            yield row


def text_in(row: Row, name: str) -> str | Message:
    """What stands in a cell, as a person would have typed it; or what is wrong with it."""
    cell = row.cell(name)
    return message("sheet.error_cell", value=str(cell)) if isinstance(cell, ErrorCell) else typed(cell)


def kind_in(text: str) -> str:
    """Money, labour or goods by its word; what is no such word stays as it is."""
    return KIND.get(plain(text), text)


def day_in(row: Row) -> date | Message:
    """The day in a row: a date, or one that was typed."""
    cell = row.cell("given_on")
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_in(row, "given_on")
    try:
        return text if isinstance(text, Message) else read_day(text)
    except ValueError:
        return message("ledger.no_day", value=text) if text else message("field.missing")


# writing --------------------------------------------------------------------------------------------------------


def write_blank(path: Path, *, title: str, communes: Sequence[Sequence[str]], created: datetime) -> None:
    """A ledger to be filled in: the headings, rows with lists to choose from, and the codes of the communes with what
    each was called from when until when (code, name, place, from, until)."""
    with TemporaryDirectory() as parts:
        book = Book(str(path), parts)
        _write_rows(book, title, communes)
        _write_communes(book, communes)
        book.close(title=one_line(title), comments="", created=created)


def _write_rows(book: Book, title: str, communes: Sequence[Sequence[str]]) -> None:
    sheet = book.sheet(say("ledger.sheet"))
    last = len(WIDTHS) - 1
    for at, width in enumerate(WIDTHS.values()):
        sheet.set_column(at, at, width)
    sheet.across(0, 0, last, one_line(title), book.look("title"))
    about = say("ledger.about")
    sheet.across(1, 0, last, about, book.look("note"))
    sheet.set_row(1, row_height(lines_of(about, sum(WIDTHS.values()))))
    for at, name in enumerate(WIDTHS):
        sheet.put(2, at, say(f"ledger.head.{name}"), book.look("head"))
    sheet.set_row(2, row_height(2))
    looks = {
        "unit": book.look("cell", num_format="@"), "given_on": book.look("cell", num_format="dd/mm/yyyy"),
        "amount": book.look("number", num_format="#,##0.##"), "worth": book.look("number", num_format="#,##0"),
    }  # fmt: skip
    for row in range(3, 3 + BLANK_ROWS):
        for at, name in enumerate(WIDTHS):
            sheet.put(row, at, None, looks.get(name) or book.look("cell", "wrap", "top"))
    _choices(sheet, "kind", [say(f"support_ledger.kind.{kind}") for kind in KINDS])
    if communes:
        there = f"='{say('ledger.sheet_communes')}'!$A$2:$A${len(communes) + 1}"
        _choices(sheet, "unit", there)
    sheet.freeze_panes(3, 0)
    page_setup(sheet, header=title, footer="")
    sheet.set_print_scale(scale_for(tuple(WIDTHS.values()), portrait=False))
    sheet.repeat_rows(2)


def _choices(sheet: Sheet, name: str, source: Sequence[str] | str) -> None:
    """A list to choose from in a column; something else may be typed, and is told of when it is read."""
    at = list(WIDTHS).index(name)
    rule = {"validate": "list", "source": source, "error_type": "information", "ignore_blank": True}
    sheet.data_validation(3, at, 2 + BLANK_ROWS, at, rule)


def _write_communes(book: Book, communes: Sequence[Sequence[str]]) -> None:
    sheet = book.sheet(say("ledger.sheet_communes"))
    heads = ("unit", "unit_name", "place", "from", "until")
    for at, (name, width) in enumerate(zip(heads, (12.0, 26.0, 40.0, 14.0, 14.0), strict=True)):
        sheet.set_column(at, at, width)
        sheet.put(0, at, say(f"ledger.head.{name}"), book.look("head"))
    for row, commune in enumerate(communes, 1):
        for at, text in enumerate(commune):
            sheet.put(row, at, text or None, book.look("cell"))
    page_setup(sheet, header=say("ledger.sheet_communes"), footer="")
