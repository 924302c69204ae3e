"""Untrusted files into plain tables: exact cells, and every hostile or broken file is refused at its place."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import struct
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from chamdiem.errors import Problem, Where
from chamdiem.exchange.tables import LIMITS, Cell, ErrorCell, Limits, Table, address, read_tables
from chamdiem.words import known, shown_problem, use_language

SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory limit")


def rows_xml(rows: str) -> str:
    return SHEET.format(f"<sheetData>{rows}</sheetData>")


def parts_of(*sheets: str, names: tuple[str, ...] = ("Phiếu chấm", "Hai", "Ba")) -> dict[str, bytes]:
    """The parts of a workbook with these sheets, each given as XML."""
    listed = "".join(f'<sheet name="{names[k]}" sheetId="{k + 1}" r:id="rId{k + 1}"/>' for k in range(len(sheets)))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="rId{k + 1}" Type="{kind}/worksheet" Target="worksheets/sheet{k + 1}.xml"/>'
        for k in range(len(sheets))
    )
    texts = {
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:r="{kind}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{links}</Relationships>",
        **{f"xl/worksheets/sheet{k}.xml": xml for k, xml in enumerate(sheets, 1)},
    }
    return {name: text.encode() for name, text in texts.items()}


def zipped(path: Path, parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def good(path: Path, mark: str = "89.5") -> Path:
    return zipped(path, parts_of(rows_xml(f'<row r="1"><c r="A1"><v>{mark}</v></c></row>')))


def table_of(path: Path, limits: Limits = LIMITS) -> Table:
    tables, problems = read_tables([path], limits=limits)
    assert problems == []
    assert len(tables) == 1
    return tables[0]


def cells_of(path: Path) -> list[list[Cell]]:
    return table_of(path).rows


def refusal_of(path: Path, limits: Limits = LIMITS) -> Problem:
    """The only problem of a file, which can be said in both languages."""
    tables, problems = read_tables([path], limits=limits)
    assert tables == []
    (problem,) = problems
    assert problem.where.file == str(path)
    for language in ("en", "vi"):
        use_language(language)
        sentence = shown_problem(problem)
        assert str(path) in sentence
        assert known(problem.message.id)
        assert "{" not in sentence
    return problem


def id_of(path: Path, limits: Limits = LIMITS) -> str:
    return refusal_of(path, limits).message.id


# Cells


def test_numbers_of_a_workbook_are_exact(tmp_path: Path) -> None:
    written = [89.5, 12, 0.1, 89.55, 0, -2.25, 1234567, 98.0, 1e16, 0.25]
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet().write_row(0, 0, written)
    book.close()
    (row,) = cells_of(tmp_path / "a.xlsx")
    assert row == [Decimal(str(number)) for number in written]
    assert [type(cell) for cell in row[:2]] == [Decimal, int]
    assert type(row[7]) is int


def test_a_stored_binary_tail_is_the_number_that_was_typed(tmp_path: Path) -> None:
    assert cells_of(good(tmp_path / "a.xlsx", "89.549999999999997")) == [[Decimal("89.55")]]


def test_text_that_looks_like_a_number_stays_text(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["89,5", "89.5", "007", 89.5])
    book.save(tmp_path / "a.xlsx")
    assert cells_of(tmp_path / "a.xlsx") == [["89,5", "89.5", "007", Decimal("89.5")]]


def test_text_is_composed_and_without_invisible_characters(tmp_path: Path) -> None:
    name = "Xã Hoà Tân, đường Nguyễn Huệ"
    book = openpyxl.Workbook()
    book.active.append(
        [
            unicodedata.normalize("NFD", name),
            f"\u00a0{name}  ",
            "Xã\u00a0Yên\u200b Thế\ufeff",
            "một\nhai",
            " \u00a0",
            "x",
        ]
    )
    book.save(tmp_path / "a.xlsx")
    assert cells_of(tmp_path / "a.xlsx") == [[name, name, "Xã Yên Thế", "một\nhai", None, "x"]]


def test_dates_truth_values_and_blanks_are_kept_apart(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 8, 5), True, False, None, 0, dt.time(8, 5)])  # noqa: DTZ001
    book.save(tmp_path / "a.xlsx")
    (row,) = cells_of(tmp_path / "a.xlsx")
    assert row == [dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 8, 5), True, False, None, 0, "08:05:00"]  # noqa: DTZ001
    assert [type(cell) for cell in row[2:6]] == [bool, bool, type(None), int]


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("attribute", ['t="e"', "t='e'", 'cm="1" t = "e" vm="2"'])
def test_a_failed_formula_is_not_a_blank_cell(tmp_path: Path, prefix: str, attribute: str) -> None:
    xml = (
        f'<row r="1"><c r="A1" {attribute}><f>1/0</f><v>#DIV/0!</v></c><c r="B1"><v>1</v></c>'
        '<c r="C1" t="inlineStr"><is><t>t="e"</t></is></c></row>'
    )
    sheet = rows_xml(xml)
    if prefix:
        sheet = re.sub(r"<(/?)(\w)", rf"<\1{prefix}\2", sheet).replace("xmlns=", "xmlns:x=")
    (row,) = cells_of(zipped(tmp_path / "a.xlsx", parts_of(sheet)))
    assert row == ["#DIV/0!", 1, 't="e"']
    assert isinstance(row[0], ErrorCell)
    assert not isinstance(row[2], ErrorCell)


def test_infinite_cells_are_text_so_that_nobody_counts_them(tmp_path: Path) -> None:
    xml = rows_xml('<row r="1"><c r="A1"><v>NaN</v></c><c r="B1"><v>1e999</v></c><c r="C1"><v>-inf</v></c></row>')
    assert cells_of(zipped(tmp_path / "a.xlsx", parts_of(xml))) == [["NaN", "Infinity", "-Infinity"]]


def test_places_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    xml = rows_xml('<row r="11"><c r="D11"><v>1</v></c></row><row r="12"><c r="E12"><v>2</v></c></row>')
    table = table_of(zipped(tmp_path / "a.xlsx", parts_of(xml)))
    assert (table.first_row, table.first_column) == (11, 4)
    assert table.rows == [[1, None], [None, 2]]
    assert table.where(1, 1, ("Nhóm 1",)) == Where(table.file, "Phiếu chấm", "E12", path=("Nhóm 1",))


@pytest.mark.parametrize(
    ("row", "column", "name"), [(1, 1, "A1"), (2, 26, "Z2"), (3, 27, "AA3"), (1048576, 16384, "XFD1048576")]
)
def test_address_of_a_cell(row: int, column: int, name: str) -> None:
    assert address(row, column) == name


def test_all_sheets_are_read_in_order_hidden_ones_too_and_charts_are_not(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Đầu"
    book.active["A1"] = "tiêu đề"
    book.active.merge_cells("A1:F1")
    book.active["B3"] = 1
    book.active.row_dimensions[3].hidden = True
    book.create_chartsheet("Biểu đồ")
    book.create_sheet("Trống")
    for name, state in (("Ẩn", "hidden"), ("Ẩn kỹ", "veryHidden")):
        book.create_sheet(name).append([name])
        book[name].sheet_state = state
    book.save(tmp_path / "a.xlsx")
    tables, problems = read_tables([tmp_path / "a.xlsx"])
    assert problems == []
    assert [(table.sheet, table.hidden) for table in tables] == [
        ("Đầu", False),
        ("Trống", False),
        ("Ẩn", True),
        ("Ẩn kỹ", True),
    ]
    assert tables[0].rows == [["tiêu đề", None], [None, None], [None, 1]]
    assert tables[1].rows == []


def test_macros_are_passed_over(tmp_path: Path) -> None:
    parts = parts_of(rows_xml('<row r="1"><c r="A1"><v>5</v></c></row>')) | {
        "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 <!"
    }
    assert cells_of(zipped(tmp_path / "a.XLSM", parts)) == [[5]]


# Workbooks that are huge, or only say so


def test_a_dimension_that_lies_does_no_harm(tmp_path: Path) -> None:
    xml = SHEET.format('<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>')
    assert cells_of(zipped(tmp_path / "a.xlsx", parts_of(xml))) == [[5]]


def test_a_formatted_but_blank_far_cell_does_no_harm(tmp_path: Path) -> None:
    xml = SHEET.format(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>5</v></c></row>'
        '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    )
    assert cells_of(zipped(tmp_path / "a.xlsx", parts_of(xml))) == [[5]]


def test_the_very_last_cell_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["XFD1048576"] = 7
    book.save(tmp_path / "a.xlsx")
    table = table_of(tmp_path / "a.xlsx")
    assert table.rows == [[7]]
    assert table.where(0, 0).cell == "XFD1048576"


def test_a_stray_far_cell_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    sheet = book.create_sheet("Phiếu lạc")
    sheet["A1"], sheet["XFD1048576"] = 1, 2
    book.save(tmp_path / "a.xlsx")
    problem = refusal_of(tmp_path / "a.xlsx")
    assert problem.message.id == "table.too_many_cells"
    assert (problem.where.sheet, problem.where.cell) == ("Phiếu lạc", "XFD1048576")


def test_a_grid_beyond_the_limit_is_named_by_its_last_cell(tmp_path: Path) -> None:
    xml = rows_xml('<row r="1"><c r="A1"><v>5</v></c></row><row r="900"><c r="B900"><v>5</v></c></row>')
    problem = refusal_of(zipped(tmp_path / "a.xlsx", parts_of(xml)), replace(LIMITS, cells=1799))
    assert (problem.message.id, problem.where.sheet, problem.where.cell) == (
        "table.too_many_cells",
        "Phiếu chấm",
        "B900",
    )
    assert len(cells_of(tmp_path / "a.xlsx")) == 900


def unannounced_far_cells(path: Path) -> Path:
    """A grid of 17 thousand million cells that only shows when calamine asks for its memory, and is aborted."""
    xml = rows_xml('<row r="1"><c r="A1"><v>5</v></c></row><row r="1048576"><c r="XFD1048576"><v>5</v></c></row>')
    return zipped(path, parts_of(rows_xml(""), xml))


@linux
def test_a_file_that_kills_its_reader_is_refused_with_its_sheet(tmp_path: Path) -> None:
    problem = refusal_of(unannounced_far_cells(tmp_path / "a.xlsx"))
    assert (problem.message.id, problem.where.sheet) == ("table.reader_stopped", "Hai")


@linux
def test_a_shared_text_repeated_beyond_memory_is_refused(tmp_path: Path) -> None:
    cells = "".join(f'<row r="{row}">' + '<c t="s"><v>0</v></c>' * 100 + "</row>" for row in range(1, 81))
    parts = parts_of(rows_xml(cells)) | {"xl/sharedStrings.xml": b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"}
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b"</Rel", b'<Relationship Id="s" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Rel'
    )
    path = zipped(tmp_path / "a.xlsx", parts)
    too_heavy = id_of(path, replace(LIMITS, memory_bytes=200_000_000))
    assert too_heavy in ("table.reader_stopped", "table.too_heavy")
    tables, problems = read_tables([path])
    assert (problems, tables[0].numbers.shape) == ([], (80, 100))
    assert tables[0].values == ["x" * 30_000]  # once, however often it stands there


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    xml = rows_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * 100_000_000 + "</t></is></c></row>")
    assert id_of(zipped(tmp_path / "a.xlsx", parts_of(xml))) == "table.unpacks_too_big"


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.xlsx", parts_of(rows_xml("<row/>" * 1_000_000)))
    size = struct.pack("<I", len(rows_xml("<row/>" * 1_000_000)))
    assert size in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 1000)))
    assert id_of(path) == "table.damaged"


def test_a_giant_cell_is_named(tmp_path: Path) -> None:
    text = "<row r='3'><c r='B3' t='inlineStr'><is><t>" + "0123456789" * 6_000_000 + "</t></is></c></row>"
    problem = refusal_of(zipped(tmp_path / "a.xlsx", parts_of(rows_xml(text)), zipfile.ZIP_STORED))
    assert (problem.message.id, problem.where.sheet, problem.where.cell) == ("table.long_text", "Phiếu chấm", "B3")
    assert problem.message.values["length"] == 60_000_000


@pytest.mark.parametrize(
    ("limits", "id"),
    [
        (replace(LIMITS, file_bytes=100), "table.too_big"),
        (replace(LIMITS, parts=2), "table.too_many_parts"),
        (replace(LIMITS, unpacked_bytes=100), "table.unpacks_too_big"),
        (replace(LIMITS, text_bytes=10), "table.too_much_text"),
        (replace(LIMITS, all_seconds=0), "table.all_together"),
        (replace(LIMITS, seconds=0.001), "table.too_slow"),
    ],
)
def test_a_limit_has_its_own_sentence(tmp_path: Path, limits: Limits, id: str) -> None:  # noqa: A002
    wide = rows_xml("".join(f'<row r="{row}">' + "<c><v>1</v></c>" * 200 + "</row>" for row in range(1, 2001)))
    assert id_of(zipped(tmp_path / "a.xlsx", parts_of(wide)), limits) == id


# Workbooks that are something else, or broken


def flagged_as_encrypted(data: bytes) -> bytes:
    at = data.index(b"PK\1\2")
    return data[: at + 8] + b"\1" + data[at + 9 :]


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "content", "id"),
    [
        ("khóa.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "table.password"),
        ("cũ.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "table.old_excel"),
        ("cũ.xls", b"\xd0\xcf\x11\xe0", "table.old_excel"),
        ("văn bản.docx", b"PK", "table.unknown_kind"),
        ("không đuôi", b"PK", "table.unknown_kind"),
        ("đổi tên.xlsx", b"TT;\xc4\x90i\xe1\xbb\x83m\n1;8,5\n", "table.not_a_workbook"),
        ("trang web.xlsx", b"<html><table></table></html>", "table.not_a_workbook"),
        ("rỗng.xlsx", b"", "table.empty_file"),
        ("cụt.xlsx", b"PK\3\4" + bytes(200), "table.damaged"),
    ],
)
def test_a_file_that_is_no_workbook_is_told_what_it_is(tmp_path: Path, name: str, content: bytes, id: str) -> None:  # noqa: A002
    (tmp_path / name).write_bytes(content)
    assert id_of(tmp_path / name) == id


def test_a_zip_without_a_workbook_is_no_workbook(tmp_path: Path) -> None:
    assert id_of(zipped(tmp_path / "a.xlsx", {"word/document.xml": b"<w/>"})) == "table.not_a_workbook"


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "thư mục.xlsx").mkdir()
    assert id_of(tmp_path / "không có.xlsx") == "table.missing"
    assert id_of(tmp_path / "thư mục.xlsx") == "table.not_a_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.csv")
    assert id_of(tmp_path / "a.csv") == "table.not_a_file"


def test_encrypted_entries_ask_for_the_password_to_be_removed(tmp_path: Path) -> None:
    path = good(tmp_path / "a.xlsx")
    path.write_bytes(flagged_as_encrypted(path.read_bytes()))
    assert id_of(path) == "table.password"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_workbook_is_damaged(tmp_path: Path, share: float) -> None:
    path = good(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert id_of(path) == "table.damaged"


def test_a_changed_digit_is_noticed_however_long_the_sheet(tmp_path: Path) -> None:
    """calamine alone does not look at the checksum of a sheet of more than a few kilobytes."""
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>89.5</v></c></row>' for row in range(1, 1001))
    xml = SHEET.format(f"<sheetData>{rows}</sheetData><pageMargins/>{'<x/>' * 5000}")
    path = zipped(tmp_path / "a.xlsx", parts_of(xml), zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"<v>89.5</v>", b"<v>99.5</v>", 1))
    assert id_of(path) == "table.damaged"


def test_a_missing_sheet_part_is_damaged_and_the_sheet_named(tmp_path: Path) -> None:
    parts = parts_of(rows_xml(""), rows_xml(""))
    del parts["xl/worksheets/sheet2.xml"]
    problem = refusal_of(zipped(tmp_path / "a.xlsx", parts))
    assert (problem.message.id, problem.where.sheet) == ("table.damaged", "Hai")


def test_two_sheets_of_one_name_are_refused(tmp_path: Path) -> None:
    problem = refusal_of(zipped(tmp_path / "a.xlsx", parts_of(rows_xml(""), rows_xml(""), names=("Một", "Một"))))
    assert (problem.message.id, problem.where.sheet) == ("table.sheet_twice", "Một")


@pytest.mark.parametrize(
    "xml",
    [
        LAUGHS + rows_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'),
        rows_xml('<row r="1"><c r="A1"><v>1<!-- 0 -->2</v></c></row>'),
        rows_xml('<row r="1"><c r="A1"><v><![CDATA[12]]></v></c></row>'),
    ],
)
def test_xml_that_could_be_misread_is_refused_by_name(tmp_path: Path, xml: str) -> None:
    problem = refusal_of(zipped(tmp_path / "a.xlsx", parts_of(xml)))
    assert problem.message.id == "table.odd_part"
    assert problem.message.values["part"] == "xl/worksheets/sheet1.xml"


def test_a_sheet_in_utf16_is_refused_and_not_read_as_empty(tmp_path: Path) -> None:
    parts = parts_of(rows_xml('<row r="1"><c r="A1"><v>12</v></c></row>'))
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].decode().encode("utf-16")
    assert id_of(zipped(tmp_path / "a.xlsx", parts)) == "table.odd_part"


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="ZZZZZZZZZZ1"><v>1</v></c>',
        '<c r="A99999999999999999999"><v>1</v></c>',
        '<c r="A0"><v>1</v></c>',
        '<c r="A1" t="s"><v>99</v></c>',
        '<c r="A1" t="b"><v>2</v></c>',
        '<c r="A1" t="zz"><v>2</v></c>',
        '<c r="A1"><v>1</q></c>',
        '<c r="A1">' + "<x>" * 100_000 + "</c>",
    ],
)
def test_nonsense_cells_are_damage(tmp_path: Path, cell: str) -> None:
    problem = refusal_of(zipped(tmp_path / "a.xlsx", parts_of(rows_xml(f'<row r="1">{cell}</row>'))))
    assert (problem.message.id, problem.where.sheet) == ("table.damaged", "Phiếu chấm")


# Text tables


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_tables_in_every_encoding_and_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    text = (
        mark
        + delimiter.join(["Mã", "Xã", "Điểm"])
        + "\r\n"
        + delimiter.join(["001", unicodedata.normalize("NFD", "Hoà Tân"), '"89,5"'])
    )
    assert cells_of(written(tmp_path / "a.csv", text.encode(encoding))) == [
        ["Mã", "Xã", "Điểm"],
        ["001", "Hoà Tân", "89,5"],
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("TT;Điểm, tối đa\n1;8,5\n", [["TT", "Điểm, tối đa"], ["1", "8,5"]]),
        ('"Nội dung; cách chấm, ghi chú",Điểm\na,5\n', [["Nội dung; cách chấm, ghi chú", "Điểm"], ["a", "5"]]),
        ("\n\nTT;Điểm\n1;5\n", [[None, None], [None, None], ["TT", "Điểm"], ["1", "5"]]),
        ("a,b,c\n1\n\n2,3,4\n", [["a", "b", "c"], ["1", None, None], [None] * 3, ["2", "3", "4"]]),
        ('a;b\n"một\nhai";3\n', [["a", "b"], ["một\nhai", "3"]]),
        ("#REF!,NaN,-0\n", [["#REF!", "NaN", "-0"]]),
    ],
)
def test_text_tables_are_split_by_their_header(tmp_path: Path, text: str, rows: list[list[Cell]]) -> None:
    assert cells_of(written(tmp_path / "a.csv", text.encode())) == rows


def test_places_in_a_text_table_have_a_line_and_an_address(tmp_path: Path) -> None:
    table = table_of(written(tmp_path / "a.csv", b"a;b\n1;2\n"))
    assert table.where(1, 1) == Where(table.file, cell="B2", line=2, column=2)


@pytest.mark.parametrize(
    ("content", "id", "line"),
    [
        ("Mã,Xã\n1,Yên\n2,Thế ơ".encode("windows-1258", "ignore"), "table.csv_encoding", 2),
        (b"Ma,Xa\n1,Y\xean\n", "table.csv_encoding", 2),
        (b"a,b\n1,\x002\n", "table.csv_encoding", 2),
        ("a,b\n".encode("utf-16-le"), "table.csv_encoding", 1),
        (b"\xff\xfea", "table.csv_encoding", 1),
        (b'a,b\n1,2\n3,"4\n5,6\n', "table.csv_row", 3),
        (b'a,b\n"1"x,2\n', "table.csv_row", 2),
        (b"a,b\n" + b"x" * 40_000 + b",2\n", "table.csv_row", 2),
    ],
)
def test_a_broken_text_table_is_refused_with_its_line(tmp_path: Path, content: bytes, id: str, line: int) -> None:  # noqa: A002
    problem = refusal_of(written(tmp_path / "a.csv", content))
    assert (problem.message.id, problem.where.line) == (id, line)


def test_a_text_table_with_one_endless_row_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", b"," * 200_000 + b"\n" * 200_000)
    assert id_of(path) == "table.too_many_cells"


# Parquet


def test_parquet_has_its_names_first_and_exact_cells(tmp_path: Path) -> None:
    day, moment = dt.date(2024, 3, 1), dt.datetime(2024, 3, 1, 8, 5)  # noqa: DTZ001
    columns = pa.table(
        {
            "Mã": ["001", None],
            "điểm": pa.array([Decimal("89.50"), Decimal("90.00")]),
            "số": [1, None],
            "thực": [89.5, float("nan")],
            "thực ngắn": pa.array([89.55, 3.0], pa.float32()),
            "ngày": [day, None],
            "lúc": pa.array([moment, None], pa.timestamp("ns")),
            "đạt": [True, False],
            "nhóm": pa.array(["a", "a"]).dictionary_encode(),
            "trống": pa.nulls(2),
        }
    )
    pq.write_table(columns, tmp_path / "a.parquet")
    half, short = Decimal("89.5"), Decimal("89.55")
    assert cells_of(tmp_path / "a.parquet") == [
        columns.column_names,
        ["001", half, 1, half, short, day, moment, True, "a", None],
        [None, 90, None, "NaN", 3, None, None, False, "a", None],
    ]


def test_parquet_of_nested_columns_is_refused_by_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "b": [[1, 2]]}), tmp_path / "a.parquet")
    problem = refusal_of(tmp_path / "a.parquet")
    assert (problem.message.id, problem.where.cell) == ("table.column_kind", "B1")


def test_parquet_of_a_million_equal_rows_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.nulls(6_000_000, pa.int64())}), tmp_path / "a.parquet")
    assert id_of(tmp_path / "a.parquet") == "table.too_many_cells"


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"a,b\n"])
def test_broken_parquet_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert id_of(written(tmp_path / "a.parquet", content)) == "table.damaged"


def test_the_child_does_without_pandas(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(pa.table([pa.array([1.5])], ["a"]), file)
    code = (
        "import os, sys; from pathlib import Path; from chamdiem.exchange.table_child import read_parquet;"
        "from chamdiem.exchange.tables import LIMITS; from dataclasses import asdict;"
        "read_parquet(Path(sys.argv[1]).read_bytes(), asdict(LIMITS)); sys.stdout.flush();"
        "os._exit(sys.modules['pandas'] is not None)"  # pyarrow's threads may abort a process that ends in order
    )
    assert subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True).returncode == 0


# Many files in one call


def test_problems_of_many_files_come_together_and_the_others_are_read(tmp_path: Path) -> None:
    paths = [good(tmp_path / f"{k}.xlsx", str(k)) for k in range(20)]
    paths[3] = written(tmp_path / "hỏng.xlsx", b"PK")
    paths[9] = tmp_path / "thiếu.csv"
    paths[15] = written(tmp_path / "bảng.csv", b"a,b\n")
    seen: list[int] = []
    tables, problems = read_tables(paths, progress=seen.append)
    assert seen == list(range(1, 21))
    assert [problem.where.file for problem in problems] == [str(paths[3]), str(paths[9])]
    assert [table.file for table in tables] == [str(path) for k, path in enumerate(paths) if k not in (3, 9)]
    assert [table.rows for table in tables[:4]] == [[[0]], [[1]], [[2]], [[4]]]


def test_no_files_is_no_work() -> None:
    assert read_tables([]) == ([], [])


@linux
def test_after_a_file_that_kills_its_reader_the_others_are_read(tmp_path: Path) -> None:
    paths = [good(tmp_path / f"{k}.xlsx", str(k)) for k in range(6)]
    for k in (0, 3, 5):
        unannounced_far_cells(paths[k])
    tables, problems = read_tables(paths)
    assert [table.rows for table in tables] == [[[1]], [[2]], [[4]]]
    assert [(problem.where.file, problem.message.id) for problem in problems] == [
        (str(paths[k]), "table.reader_stopped") for k in (0, 3, 5)
    ]


def children() -> list[int]:
    """The processes that any thread of this one has started."""
    return [int(pid) for one in Path("/proc/self/task").glob("*/children") for pid in one.read_text().split()]


@linux
@pytest.mark.parametrize(("blow", "id"), [("SIGKILL", "table.reader_stopped"), ("SIGSTOP", "table.too_slow")])
def test_a_reader_that_dies_or_hangs_costs_one_file_and_leaves_no_zombie(tmp_path: Path, blow: str, id: str) -> None:  # noqa: A002
    row = "<c><v>1.25</v></c>" * 50
    xml = rows_xml("".join(f'<row r="{k}">{row}</row>' for k in range(1, 1001)))
    paths = [zipped(tmp_path / f"{k}.xlsx", parts_of(xml)) for k in range(8)]
    before = children()

    def strike(done: int) -> None:
        if done == 2:
            reader = next(pid for pid in children() if pid not in before)
            os.kill(reader, signal.Signals[blow])

    tables, problems = read_tables(paths, limits=replace(LIMITS, seconds=1.5), progress=strike)
    assert [problem.message.id for problem in problems] == [id]
    assert len(tables) == 7
    assert children() == before


def test_cells_of_all_files_together_are_limited(tmp_path: Path) -> None:
    paths = [good(tmp_path / f"{k}.xlsx") for k in range(5)]
    tables, problems = read_tables(paths, limits=replace(LIMITS, all_cells=2))
    assert len(tables) == 3
    assert {problem.message.id for problem in problems} == {"table.all_together"}


def test_an_interruption_leaves_no_reader_behind(tmp_path: Path) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    before = children() if sys.platform == "linux" else []
    with pytest.raises(KeyboardInterrupt):
        read_tables([good(tmp_path / "a.xlsx")] * 3, progress=stop)
    if sys.platform == "linux":
        assert not set(children()) - set(before)


def sentences() -> Iterator[str]:
    source = Path(sys.modules[read_tables.__module__].__file__ or "").parent
    for name in ("tables.py", "table_child.py", "workbook_zip.py"):
        yield from re.findall(r'"(table\.\w+)"', (source / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_sentence_is_in_the_catalogue(language: str) -> None:
    use_language(language)
    assert [id for id in sentences() if not known(id)] == []  # noqa: A001
    use_language("vi")
