"""Whatever became of a workbook, it is read or refused, in bounded time and memory; damage is never read as marks."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import re
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter

from chamdiem.errors import Problem
from chamdiem.exchange.tables import Limits, Table, read_tables
from chamdiem.words import known, shown_problem

if sys.platform == "linux":
    import resource

FILES = int(os.environ.get("CHAMDIEM_FUZZ_FILES", "5000"))
BATCHES = 10
LIMITS = Limits(seconds=20, memory_bytes=500_000_000, cells=200_000)
SHEETS = ("Phiếu chấm", "Tổng hợp")


@cache
def sound() -> bytes:
    """A small score sheet with all that a workbook may hold: shared texts, dates, failed formulas, merged cells."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for name in SHEETS:
        sheet = book.add_worksheet(name)
        sheet.merge_range("A1:E1", "PHIẾU CHẤM ĐIỂM")
        for row in range(2, 14):
            sheet.write_row(row, 0, [f"1.{row}", f"Thực hiện quy chế dân chủ {row}", 8, row * 0.25, row % 2 == 0])
            sheet.write_datetime(row, 5, dt.datetime(2024, 3, row), day)  # noqa: DTZ001
        sheet.write_formula("D16", "=SUM(D3:D14)", None, 28.5)
        sheet.write_formula("E16", "=D16/0", None, "#DIV/0!")
    book.get_worksheet_by_name(SHEETS[1]).hide()
    book.close()
    return file.getvalue()


@cache
def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(sound())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return file.getvalue()


def bruised(chance: random.Random, data: bytes) -> bytes:
    """The data after one accident: bytes changed, cut off, lost, doubled or overwritten."""
    damaged = bytearray(data)
    at, size = chance.randrange(len(data)), chance.randrange(1, 64)
    match chance.randrange(6):
        case 0:
            damaged[at] ^= 1 << chance.randrange(8)
        case 1:
            for _ in range(chance.randrange(1, 10)):
                damaged[chance.randrange(len(data))] = chance.randrange(256)
        case 2:
            del damaged[at:]
        case 3:
            del damaged[at : at + size]
        case 4:
            damaged[at:at] = damaged[at : at + size]
        case _:
            damaged[at : at + size] = bytes(size)
    return bytes(damaged)


def bruised_inside(chance: random.Random) -> bytes:
    """A sound zip around a part that is not."""
    name = chance.choice(sorted(parts()))
    return zipped(parts() | {name: bruised(chance, parts()[name])})


NUMBERS = ("-1", "0", "1048577", "4294967295", "99999999999999999999", "1e999", "NaN", "x", "")
REFERENCES = ("A0", "XFD1048576", "XFE1", "A1048577", "ZZZZZZZZ1", "A99999999999", "1A", "A", "", "Ạ1")
AREAS = ("A1:XFD1048576", "XFD1048576:A1", "A:A", ":", "A1:A99999999999")
KINDS = ("s", "b", "e", "d", "str", "inlineStr", "zz", "")
ODD_TEXT = ("&b;", "&#0;", "&#xFFFFFFFF;", "&#x110000;", "<v/>", "]]>", "_x0000_", "\u202e", "x" * 40_000, "#REF!")
LAUGHS = b"<!DOCTYPE z [<!ENTITY a 'haha'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (98 + k, b"&%c;" % (97 + k) * 10) for k in range(9)
)
MANY_SHEETS = b"".join(b'<sheet name="%d" sheetId="9" r:id="rId1"/>' % number for number in range(100))
TARGETS = ("worksheets/sheet9.xml", "../../etc/passwd", "/xl/workbook.xml", "styles.xml", "https://a.vn/", "")

Edit = tuple[str, bytes, Callable[[random.Random], bytes]]


def one_of(choices: tuple[str, ...], template: str = "{}") -> Callable[[random.Random], bytes]:
    return lambda chance: template.format(chance.choice(choices)).encode()


SHEET, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
EDITS: tuple[Edit, ...] = (  # the part, a place in it, and what comes instead
    (SHEET, rb'(?<=<c )r="\w+"', one_of(REFERENCES, 'r="{}"')),
    (SHEET, rb'(?<=<row )r="\d+"', one_of(NUMBERS, 'r="{}"')),
    (
        SHEET,
        rb'ref="[A-Z0-9:]+"',
        one_of(("A1:XFD1048576", "XFD1048576:A1", "A:A", ":", "A1:A99999999999"), 'ref="{}"'),
    ),
    (SHEET, rb't="\w+"', one_of(KINDS, 't="{}"')),
    (SHEET, rb's="\d+"', one_of(NUMBERS, 's="{}"')),
    (SHEET, rb"<v>[^<]*</v>", one_of((*NUMBERS, *ODD_TEXT), "<v>{}</v>")),
    (SHEET, rb"<row ", lambda chance: b"<row>" * chance.choice((1, 1000, 100_000)) + b"<row "),
    (SHEET, rb"<v>", lambda chance: b"<is><r>" * chance.choice((1, 1000, 100_000)) + b"<v>"),
    (SHEET, rb"<sheetData>", lambda _: b'<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    (SHEET, rb"<sheetData>", lambda _: b"<sheetData>" + b"<row><c><v>1</v></c></row>" * 20_000),
    (SHEET, rb"</sheetData>", one_of(("", "</sheetData><sheetData>", "</sheetdata>", "</sheetData>" * 1000))),
    (SHEET, rb"<worksheet", lambda _: LAUGHS + b"]><worksheet"),
    (SHEET, rb"</?\w+", one_of(("<", "</", "<x:c", "</c", "<!--", "<?x", "<![CDATA["))),
    (TEXTS, rb'(?:unique)?[cC]ount="\d+"', one_of(NUMBERS, 'count="{}"')),
    (TEXTS, rb"<t>[^<]*</t>", one_of(ODD_TEXT, "<t>{}</t>")),
    (TEXTS, rb"<si>", lambda chance: b"<si>" * chance.choice((0, 2, 100_000))),
    (TEXTS, rb"<sst", lambda _: LAUGHS + b"]><sst"),
    ("xl/styles.xml", rb'\w+="\d+"', one_of(NUMBERS, 'numFmtId="{}"')),
    (BOOK, rb'name="[^"]*"', one_of((*SHEETS, "", "x" * 100_000, "a/b", "&amp;", "\t"), 'name="{}"')),
    (BOOK, rb"<sheet ", lambda _: MANY_SHEETS + b"<sheet "),
    (BOOK, rb'r:id="\w+"', one_of(("rId1", "rId9", ""), 'r:id="{}"')),
    ("xl/_rels/workbook.xml.rels", rb'Target="[^"]*"', one_of(TARGETS, 'Target="{}"')),
    ("_rels/.rels", rb'Target="[^"]*"', one_of(TARGETS, 'Target="{}"')),
)


def contrived(chance: random.Random) -> bytes:
    """One to three deliberate edits inside a sound zip."""
    content = dict(parts())
    for name, place, instead in chance.choices(EDITS, k=chance.choice((1, 1, 2, 3))):
        places = list(re.finditer(place, content[name]))
        if places:
            start, end = chance.choice(places).span()
            content[name] = content[name][:start] + instead(chance) + content[name][end:]
    return zipped(content)


def answers(contents: list[bytes], folder: Path) -> list[tuple[list[Table], list[Problem]]]:
    """What reading says of each file, all files having been read in one call."""
    paths = [folder / f"{number}.xlsx" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    found: dict[str, tuple[list[Table], list[Problem]]] = {str(path): ([], []) for path in paths}
    tables, problems = read_tables(paths, limits=LIMITS)
    for table in tables:
        found[table.file][0].append(table)
    for problem in problems:
        found[problem.where.file][1].append(problem)
    return list(found.values())


def as_read(tables: list[Table]) -> list[object]:
    return [(table.sheet, table.hidden, table.first_row, table.first_column, table.rows) for table in tables]


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_damaged_workbook_is_read_truly_or_refused(batch: int, tmp_path: Path) -> None:
    """Nothing else comes out: no exception, no hang, no half of a file, and after an accident no other figures."""
    heaviest_before = heaviest_child()  # other tests may have had heavier ones in this process
    numbers = range(batch, FILES, BATCHES)
    accidents = [bruised(random.Random(number), sound()) for number in numbers if number % 3 == 0]
    others = [(bruised_inside, contrived)[number % 3 - 1](random.Random(number)) for number in numbers if number % 3]
    (truth, _), *all_answers = answers([sound(), *accidents, *others], tmp_path)
    assert [table.sheet for table in truth] == list(SHEETS)
    for number, (tables, problems) in enumerate(all_answers, 1):
        assert len(problems) == (not tables), f"{number}.xlsx"
        assert "table.too_slow" not in [problem.message.id for problem in problems], f"{number}.xlsx"
        assert all(known(problem.message.id) and shown_problem(problem) for problem in problems), f"{number}.xlsx"
        if tables and number <= len(accidents):
            assert as_read(tables) == as_read(truth), f"{number}.xlsx"
    assert FILES < 1000 or any(tables for tables, _ in all_answers[: len(accidents)])
    assert heaviest_child() <= max(heaviest_before, heaviest_self(), LIMITS.memory_bytes)


def heaviest_child() -> int:
    """Bytes in memory of the heaviest child process so far, where the system says."""
    return 0 if sys.platform != "linux" else resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def heaviest_self() -> int:
    """Bytes in memory of this process at its heaviest: Linux counts a child as heavy as its parent was when it began."""
    return 0 if sys.platform != "linux" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
