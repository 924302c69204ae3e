"""Whether the zip of a workbook is sound and moderate, found out before anything reads its cells."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

Limits = dict[str, int]

COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # the container of old .xls files, and of .xlsx files with a password
BIG_PART = 10_000_000  # a smaller part may be packed as tightly as it likes
UNUSED_PARTS = (
    *("[Content_Types]", "docProps/", "customXml/"),
    *("xl/theme/", "xl/media/", "xl/drawings/", "xl/charts/", "xl/embeddings/", "xl/printerSettings/", "xl/vbaProject"),
)
WORKBOOK = re.compile(r"xl/(workbook\d*\.xml)")  # Excel on the web writes workbook2.xml and the like
DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s+ref="[A-Z]+\d+:([A-Z]{1,3})(\d{1,7})"')
FILLED_CELL = re.compile(rb'\sr="([A-Z]{1,3})(\d{1,7})"[^<>]{0,300}>\s*<(?:\w+:)?(?:v|f|is)\b')
ERROR_CELL = re.compile(rb"(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*)(?:\"e\"|'e')")


class UnreadableError(Exception):
    """This file cannot be read: the name of the sentence that says why, the place and the values it needs."""

    def __init__(self, id: str, sheet: str = "", row: int = 0, column: int = 0, **values: Any) -> None:  # noqa: A002
        super().__init__(id)
        self.line = ("problem", id, values, sheet, row, column)


def damaged(error: BaseException, sheet: str = "") -> UnreadableError:
    """The refusal for whatever a reader says of a broken file; its own words are kept for whoever looks into it."""
    return UnreadableError("table.damaged", sheet, detail=f"{type(error).__name__}: {error}"[:200])


def checked(data: bytes, limits: Limits) -> bytes:
    """The workbook, once its zip was found sound and moderate.

    Every part that bears on cells is unpacked and compared with its checksum here: calamine stops at the end of the
    cells, before it would see that a digit has changed. It also reads a cell with an error (#REF!) as blank; if there
    is one, the workbook returned is a copy where such cells are text.
    """
    if data.startswith(COMPOUND_FILE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableError("table.password" if locked else "table.old_excel")
    if not data.startswith(b"PK"):
        raise UnreadableError("table.not_a_workbook")
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            check_contents(archive, limits)
            parts = [part for part in archive.infolist() if not part.filename.startswith(UNUSED_PARTS)]
            with_errors = [check_part(archive, part, unpacked(data, part), limits) for part in parts]
            return with_errors_as_text(archive, parts) if any(with_errors) else data
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # beside BadZipFile: zlib.error, struct.error, EOFError, NotImplementedError …
        raise damaged(error) from None


def check_contents(archive: ZipFile, limits: Limits) -> None:
    """What the zip's table of contents says, before anything is unpacked."""
    parts = archive.infolist()
    if len(parts) > limits["parts"]:
        raise UnreadableError("table.too_many_parts", count=len(parts), limit=limits["parts"])
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableError("table.password")
    size = sum(part.file_size for part in parts)
    tight = any(part.file_size > max(BIG_PART, limits["ratio"] * part.compress_size) for part in parts)
    if tight or size > limits["unpacked_bytes"]:
        raise UnreadableError("table.unpacks_too_big", size=size // 10**6, limit=limits["unpacked_bytes"] // 10**6)
    if not any(map(WORKBOOK.fullmatch, archive.namelist())):
        raise UnreadableError("table.not_a_workbook")


def unpacked(data: bytes, part: ZipInfo) -> bytes:
    """One part, compared with its name, size and checksum: what ZipFile.read does, in a quarter of the time."""
    name_size, extra_size = struct.unpack_from("<HH", data, part.header_offset + 26)
    name_at = part.header_offset + 30
    start = name_at + name_size + extra_size
    content = data[start : start + part.compress_size]
    if part.compress_type:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, part.file_size + 1)
    name = part.orig_filename.encode("utf-8" if part.flag_bits & 0x800 else "cp437")
    sound = data[name_at : name_at + name_size] == name and zlib.crc32(content) == part.CRC
    if not sound or len(content) != part.file_size:
        raise BadZipFile(part.filename)
    return content


def check_part(archive: ZipFile, part: ZipInfo, xml: bytes, limits: Limits) -> bool:
    """Refuse what calamine would misread (comments, entities, UTF-16); return whether a cell may hold an error."""
    odd = b"\0" in xml or (b"!" in xml and b"<!" in xml)  # one byte is found ten times faster than two
    if odd and part.filename.endswith((".xml", ".rels")):
        raise UnreadableError("table.odd_part", part=part.filename)
    declared = b"dimension" in xml[:4096] and DIMENSION.search(xml, 0, 4096)
    if declared and column_number(declared[1]) * int(declared[2]) > limits["cells"]:
        check_spread(archive, part.filename, xml, limits["cells"])
    return b'"e"' in xml or (b"'" in xml and b"'e'" in xml)


def check_spread(archive: ZipFile, part: str, xml: bytes, limit: int) -> None:
    """Look at the filled cells of a sheet that calls itself huge: calamine makes one grid of first to last."""
    places = [(int(row), column_number(letters)) for letters, row in FILLED_CELL.findall(xml)]
    if not places:
        return
    (top, bottom), (left, right) = ((min(side), max(side)) for side in zip(*places, strict=True))
    if (bottom - top + 1) * (right - left + 1) > limit:
        row, column = max(places, key=lambda place: (place[0] - top + 1) * (place[1] - left + 1))
        raise UnreadableError("table.too_many_cells", sheet_of(archive, part), row, column, limit=limit)


def sheet_of(archive: ZipFile, part: str) -> str:
    """The name by which a user knows a part; "" if the workbook does not say."""
    from xml.etree import ElementTree  # seldom needed, and the child should start quickly

    book = next(filter(None, map(WORKBOOK.fullmatch, archive.namelist())))
    links = ElementTree.fromstring(archive.read(f"xl/_rels/{book[1]}.rels"))
    ids = {link.get("Id") for link in links if part.endswith((link.get("Target") or "?").removeprefix("/"))}
    for element in ElementTree.fromstring(archive.read(book[0])).iter():
        if "name" in element.attrib and ids & set(element.attrib.values()):
            return element.attrib["name"]
    return ""


def column_number(letters: bytes) -> int:
    """XFD → 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def with_errors_as_text(archive: ZipFile, parts: list[ZipInfo]) -> bytes:
    """A copy of the workbook, unpacked, where cells with an error are text."""
    copy = io.BytesIO()
    with ZipFile(copy, "w") as target:
        for part in parts:
            target.writestr(part.filename, ERROR_CELL.sub(rb'\1"str"', archive.read(part)))
    return copy.getvalue()
