"""What a file is by its content, and why a hostile, locked or broken one is not taken.

This is a sieve in front of the store, not a virus scanner: it never unpacks to disk and never draws anything. It looks
for what a viewer would run (macros, scripts), for a second file inside the first, and for what is far bigger than it
looks. Memory stays flat, and time is bounded by the size of the file.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

import puremagic

from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.store.file_kinds_office import look_at_office
from chamdiem.store.file_kinds_pdf import look_at_pdf

ALLOWED = ("pdf", "jpg", "png", "docx", "xlsx")
PIXELS = 50 * 1024 * 1024  # what phones call 50 megapixels is 8,192 × 6,144
PIECES = 100_000  # segments of a photo, chunks of a picture, boxes of a film: no real file comes near

COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # the container of .doc and .xls, and of office files with a password
LOCKED = "EncryptedPackage".encode("utf-16-le")
JPEG_SIZES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers of a segment that holds the size in pixels
JPEG_BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a segment
JPEG_SCAN, FILL = 0xDA, 0xFF

RIDERS = (  # a second file inside the first
    (re.compile(rb"PK\x03\x04[\n\x14\x2d]\0"), "ZIP"),
    (re.compile(rb"Rar!\x1a\x07[\0\x01]"), "RAR"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c\0"), "7z"),
    (re.compile(rb"<(?i:(?:script|html)[\s>]|!doctype\s+html)"), "HTML"),
    (re.compile(rb"<\?(?i:php)\s"), "PHP"),
)
UNWANTED = {  # by the ending of the name: the sentence that says what a clerk can do about it
    **dict.fromkeys(("doc", "xls", "ppt", "rtf", "odt", "ods", "pptx"), "files.other_office"),
    **dict.fromkeys(("docm", "xlsm", "xlsb", "dotm", "xltm", "pptm", "xlam"), "files.macros"),
    **dict.fromkeys(("heic", "heif", "webp", "gif", "bmp", "tif", "tiff", "svg"), "files.other_picture"),
    **dict.fromkeys(("zip", "rar", "7z", "gz", "tar"), "files.archive"),
    **dict.fromkeys(("mp4", "m4v", "mov", "avi", "3gp", "mp3", "m4a"), "files.no_film"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of file: endings of its name, how its content begins, what else is looked at, and the riders it may hide."""

    endings: tuple[str, ...]
    start: re.Pattern[bytes]
    look: Callable[[mmap], Iterator[Message]]
    riders: tuple[tuple[re.Pattern[bytes], str], ...] = RIDERS


def kind_of(file: BinaryIO, name: str, allowed: Collection[str] = ALLOWED) -> str:
    """Say what an evidence file is ("pdf", "jpg", "png", "docx", "xlsx", "mp4"), by its content and not by its name.

    `file` is a file on disk, `name` is its name as shown. Raises Refusal with everything found wrong with the file.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    wanted = next((kind for kind in allowed if ending in KINDS[kind].endings), "")
    if not wanted:
        problems = [not_allowed(ending, allowed)]
    elif not file.seek(0, 2):
        problems = [message("files.empty")]
    else:
        with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            problems = list(dict.fromkeys(wrong(data, wanted, ending)))
    if problems:
        raise Refusal(Problem(Where(name), problem) for problem in problems)
    return wanted


def not_allowed(ending: str, allowed: Collection[str]) -> Message:
    """The sentence for a kind that is not taken, with what to do instead."""
    listed = ", ".join(f".{kind}" for kind in allowed)
    if not ending:
        return message("files.no_ending", allowed=listed)
    if ending in UNWANTED:
        return message(UNWANTED[ending], ending=f".{ending}", allowed=listed)
    return message("files.kind_not_allowed", ending=f".{ending}"[:20], allowed=listed)


def wrong(data: mmap, wanted: str, ending: str) -> Iterator[Message]:
    """Everything wrong with this content for a file of the wanted kind."""
    if not KINDS[wanted].start.match(data):
        yield wrongly_named(data, wanted, ending)
        return
    try:
        yield from KINDS[wanted].look(data)
    except Exception:  # struct.error, zlib.error, BadZipFile, IndexError, NotImplementedError, UnicodeDecodeError …
        yield message("files.damaged")
    yield from (message("files.rider", what=what) for pattern, what in KINDS[wanted].riders if pattern.search(data))


def wrongly_named(data: mmap, wanted: str, ending: str) -> Message:
    """The sentence for content that does not begin as its name says: what it is instead, as far as one can tell."""
    if data[:4] == COMPOUND_FILE:
        return (
            message("files.password") if data.find(LOCKED) >= 0 else message("files.other_office", ending=".doc, .xls")
        )
    if wanted == "pdf" and data[:1024].find(b"%PDF-") > 0:
        return message("files.pdf_starts_late")
    for kind, known in KINDS.items():
        if known.start.match(data) and not list(wrong(data, kind, "")):
            return message("files.rename", ending=f".{ending}", found=f".{kind}")
    found = "ZIP" if data[:2] == b"PK" else first_look(data[:4096])
    if found:
        return message("files.not_what_it_says", ending=f".{ending}", found=found)
    return message("files.unknown_content", ending=f".{ending}")


def first_look(head: bytes) -> str:
    """What puremagic takes the first bytes for, such as ".exe"; "" if it does not know."""
    try:
        return next((str(match.extension) for match in puremagic.magic_string(head) if match.extension), "")
    except (puremagic.PureError, ValueError):
        return ""


def look_at_jpg(data: mmap) -> Iterator[Message]:
    """A photo: its size in pixels stands in one of the segments before the first scan."""
    at, height, width = 2, 0, 0
    for _ in range(PIECES):
        marker = data[at + 1]
        if data[at] != FILL or marker == JPEG_SCAN:
            break
        if marker in JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
        has_segment = marker not in JPEG_BARE and marker != FILL
        at += 1 if marker == FILL else 2
        at += struct.unpack_from(">H", data, at)[0] if has_segment else 0
    whole = data[at : at + 2] == b"\xff\xda" and data.find(b"\xff\xd9", at) > 0
    yield from look_at_size(width, height, whole=whole)


def look_at_png(data: mmap) -> Iterator[Message]:
    """A picture: its size in pixels stands in the first chunk, and each chunk has a checksum."""
    at, width, height, name = 8, 0, 0, b""
    for _ in range(PIECES):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise ValueError(name)
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", data, at + 8)
        if name == b"IEND":
            break
        at = end
    yield from look_at_size(width, height, whole=name == b"IEND")


def look_at_size(width: int, height: int, *, whole: bool) -> Iterator[Message]:
    """Pixel bombs: a picture of a few bytes that fills the memory of whoever looks at it."""
    if width * height > PIXELS:
        yield message("files.too_many_pixels", width=width, height=height, limit=PIXELS // 1024**2)
    elif not whole or not width * height:
        yield message("files.damaged")


def look_at_mp4(data: mmap) -> Iterator[Message]:
    """A film: boxes one after the other up to the end of the file, the index of the film among them."""
    at, names = 0, set()
    for _ in range(PIECES):
        if at >= len(data):
            break
        length, name = struct.unpack_from(">I4s", data, at)
        names.add(name)
        at += max(8, struct.unpack_from(">Q", data, at + 8)[0] if length == 1 else length or len(data) - at)
    if at != len(data) or b"moov" not in names:
        yield message("files.damaged")


ZIP = re.compile(rb"PK\x03\x04")
KINDS = {
    "pdf": Kind(("pdf",), re.compile(rb"%PDF-[12]\.\d"), look_at_pdf),
    "jpg": Kind(("jpg", "jpeg", "jfif"), re.compile(rb"\xff\xd8\xff"), look_at_jpg),
    "png": Kind(("png",), re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), look_at_png),
    "docx": Kind(("docx",), ZIP, partial(look_at_office, kind="docx"), riders=()),
    "xlsx": Kind(("xlsx",), ZIP, partial(look_at_office, kind="xlsx"), riders=()),
    "mp4": Kind(("mp4", "m4v"), re.compile(rb"(?s)....ftyp(?:isom|iso\d|mp4[12]|avc1|M4V |MSNV|3gp)"), look_at_mp4),
}
