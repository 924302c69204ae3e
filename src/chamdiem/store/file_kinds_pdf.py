"""Whether a PDF is whole, opens without a password and runs nothing, read from its bytes without drawing a page."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from mmap import mmap

from chamdiem.errors import Message, message

STREAMS = 50_000  # no real file comes near
UNPACKED = 50_000_000  # of all object streams together
ABOUT = 16_000  # bytes before a stream in which its description stands


def names(*words: str) -> re.Pattern[bytes]:
    """Any of these names as they stand in a PDF, where each letter may also be written as #4A."""
    spelt = (b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in word.encode()) for word in words)
    return re.compile(b"/(?:" + b"|".join(spelt) + rb")(?![A-Za-z0-9#])")


LOCKED = names("Encrypt")
RUNS = (names("JavaScript", "Launch", "RichMedia", "Rendition"), re.compile(rb"/XFA\s*(?:\[|\d+\s+\d+\s+R)"))
STREAM = re.compile(rb"stream(?<!endstream)[ \t]*(?:\r\n?|\n)")
MAYBE_OBJECTS = names("ObjStm", "First")
SURELY_OBJECTS = names("ObjStm")
OTHER_PACKING = re.compile(rb"/(?:ASCII85Decode|A85|ASCIIHexDecode|AHx|LZW|RunLength|RL\b|Predictor|Crypt)|#")


def look_at_pdf(data: mmap) -> Iterator[Message]:
    """Everything wrong with a PDF that begins as one."""
    end = data.rfind(b"%%EOF")
    if end < 0 or data.rfind(b"startxref", max(0, end - 1024), end) < 0:
        yield message("files.damaged")
    elif data[end + 5 :].strip(b"\0 \t\r\n\f\x1a"):
        yield message("files.after_the_end")
    if LOCKED.search(data):
        yield message("files.password")
        return
    if runs(data):
        yield message("files.pdf_runs")
    for objects in object_streams(data):
        if objects is None:
            yield message("files.pdf_hides")
        elif runs(objects):
            yield message("files.pdf_runs")


def runs(data: mmap | bytes) -> bool:
    """Whether something here is a program, or starts one."""
    return any(pattern.search(data) for pattern in RUNS)


def object_streams(data: mmap) -> Iterator[bytes | None]:
    """What is packed in the object streams; None for one that cannot be looked into.

    The description of a stream stands before it, how far is not known without parsing the file: what may be an object
    stream is looked into if it can be; what says that it is one must be packed in the plain way that all programs use.
    """
    left = UNPACKED
    for number, stream in enumerate(STREAM.finditer(data)):
        if number == STREAMS:
            yield None
            return
        about = data[max(0, stream.start() - ABOUT) : stream.start()]
        if not MAYBE_OBJECTS.search(about):
            continue
        own = about[max(0, about.rfind(b"obj")) :]
        objects = inflated(data, stream.end(), left)
        left -= len(objects or b"")
        if objects is not None and not OTHER_PACKING.search(own):
            yield objects
        elif SURELY_OBJECTS.search(own) and b"/Filter" in own:
            yield None


def inflated(data: mmap, at: int, limit: int) -> bytes | None:
    """What is packed at this place; None if it is not sound or bigger than the limit."""
    unpacker, found = zlib.decompressobj(), bytearray()
    try:
        while not unpacker.eof and at < len(data) and len(found) <= limit:
            found += unpacker.decompress(data[at : at + 65536], limit + 1 - len(found))
            at += 65536
    except zlib.error:
        return None
    return bytes(found) if unpacker.eof else None
