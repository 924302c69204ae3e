"""Whether a Word or Excel file is what it says, sound, moderate in size and free of macros; nothing is unpacked to disk."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from mmap import mmap
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from chamdiem.errors import Message, message

PARTS = 2_000
UNPACKED = 200_000_000
RATIO = 100  # unpacked to packed size of a part
SMALL_PART = 1_000_000  # a smaller part may be packed as tightly as it likes
PIECE = 65_536
HEADER = 30  # bytes before the name of a part
LONGEST_LIST = 1_000_000  # the list of types of 2,000 parts has a tenth of this

ENTRY, END = re.compile(rb"PK\x01\x02"), b"PK\x05\x06"
TYPES = "[Content_Types].xml"
MAIN_PARTS = {"docx": b"wordprocessingml.document.main+xml", "xlsx": b"spreadsheetml.sheet.main+xml"}
MACROS = re.compile(
    r"vbaProject|vbaData|macrosheets/|activeX/|\.(?:xlsm|xlsb|docm|dotm|xltm|pptm|xlam)$", re.IGNORECASE
)
ODD_NAME = re.compile(r"^/|\\|:|(?:^|/)\.\.(?:/|$)|[\0-\x1f]")
SYMLINK = 0o120000


def look_at_office(data: mmap, kind: str) -> Iterator[Message]:
    """Everything wrong with an office file ("docx" or "xlsx") that begins as a zip."""
    if len(list(islice(ENTRY.finditer(data), PARTS + 1))) > PARTS:
        yield message("files.too_many_parts", limit=PARTS)
        return
    with ZipFile(cast(IO[bytes], data)) as archive:
        parts = archive.infolist()
        problems = [*strange(data, parts), *too_big(parts)] or [*contents(data, parts, kind)]
    yield from problems


def strange(data: mmap, parts: list[ZipInfo]) -> Iterator[Message]:
    """What no office program writes: other data around the zip, names that lead elsewhere, parts with a password."""
    if data[-22:-18] != END or min(part.header_offset for part in parts) != 0:
        yield message("files.after_the_end")
    if any(part.flag_bits & 1 for part in parts):
        yield message("files.password")
    for part in parts:
        if ODD_NAME.search(part.orig_filename) or part.external_attr >> 16 & 0o170000 == SYMLINK:
            yield message("files.part_leads_elsewhere", part=ascii(part.orig_filename)[1:-1][:60])
            return


def too_big(parts: list[ZipInfo]) -> Iterator[Message]:
    """Zip bombs, by what the table of contents says; whether it says the truth is found while unpacking."""
    size = sum(part.file_size for part in parts)
    tight = any(part.file_size > max(SMALL_PART, RATIO * part.compress_size) for part in parts)
    if tight or size > UNPACKED:
        yield message("files.unpacks_too_big", size=-(-size // 10**6), limit=UNPACKED // 10**6)


def contents(data: mmap, parts: list[ZipInfo], kind: str) -> Iterator[Message]:
    """Damaged parts, macros, and a file that is an office file of another kind or none at all."""
    named = {part.filename: part for part in parts}
    listed = named.get(TYPES)
    listed_well = listed and listed.file_size <= LONGEST_LIST and len(named) == len(parts)
    if not listed or not listed_well or not all(sound(data, part) for part in parts):
        yield message("files.damaged")
        return
    types = b"".join(unpacked(data, listed))
    if b"\0" in types:  # UTF-16, in which nothing below would be found
        yield message("files.damaged")
    elif b"macroenabled" in types.lower() or any(map(MACROS.search, named)):
        yield message("files.macros", ending=f".{kind}")
    elif MAIN_PARTS[kind] not in types:
        found = next((other for other, main in MAIN_PARTS.items() if main in types), "")
        yield message("files.rename", ending=f".{kind}", found=f".{found}") if found else message("files.damaged")


def sound(data: mmap, part: ZipInfo) -> bool:
    """Whether a part has the name, the size and the checksum that the table of contents gives it."""
    start = part.header_offset + HEADER
    name = data[start : start + struct.unpack_from("<H", data, part.header_offset + 26)[0]]
    size, checksum = 0, 0
    for piece in unpacked(data, part):
        size, checksum = size + len(piece), zlib.crc32(piece, checksum)
    same_name = name.decode("utf-8" if part.flag_bits & 0x800 else "cp437") == part.orig_filename
    return same_name and (size, checksum) == (part.file_size, part.CRC)


def unpacked(data: mmap, part: ZipInfo) -> Iterator[bytes]:
    """A part piece by piece, at most one piece more than its declared size."""
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise NotImplementedError(part.compress_type)
    unpacker, left = zlib.decompressobj(-zlib.MAX_WBITS), part.file_size
    start = part.header_offset + HEADER + sum(struct.unpack_from("<HH", data, part.header_offset + 26))
    for at in range(start, start + part.compress_size, PIECE):
        piece = data[at : min(at + PIECE, start + part.compress_size)]
        if part.compress_type == ZIP_STORED:
            yield piece
        while part.compress_type and left >= 0 and (found := unpacker.decompress(piece, PIECE)):
            piece, left = unpacker.unconsumed_tail, left - len(found)
            yield found
