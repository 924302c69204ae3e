"""How an evidence file comes in: piece by piece into a part of its own, hashed and looked at before it gets its place."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from chamdiem.errors import Where, refuse
from chamdiem.store.file_kinds import kind_of

PIECE = 1 << 20
BEGINNING, PART = "chamdiem-", ".part"  # how a file is named that is still being received
DAY = 86_400
LONGEST_NAME = 200  # bytes: file systems take 255, and a browser adds " (1)"
HARD_ON_WINDOWS = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"(?:con|prn|aux|nul|con(?:in|out)\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)
DISK = {
    errno.ENOSPC: "files.disk_full",
    errno.EDQUOT: "files.disk_full",
    errno.EROFS: "files.read_only",
    errno.EACCES: "files.read_only",
    errno.EPERM: "files.read_only",
    errno.ENOENT: "files.folder_missing",
    errno.ENOTDIR: "files.folder_missing",
}


@dataclass(frozen=True)
class Kept:
    """A file in the store: its content's sha256, its size in bytes, and its kind ("pdf", "jpg" …)."""

    sha256: str
    size: int
    kind: str


@contextmanager
def part_in(folder: Path) -> Iterator[Path]:
    """A new empty file for receiving; afterwards it is gone, unless it has got its place."""
    with troubles_of_the_disk():
        handle, name = tempfile.mkstemp(PART, BEGINNING, folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)


def received(stream: BinaryIO, name: str, part: Path, limit: int, allowed: Collection[str]) -> Kept:
    """Write a stream to the disk piece by piece, then look at what it is. Raises Refusal, and what the stream raises."""
    shown, digest, size = shown_name(name), hashlib.sha256(), 0
    with part.open("r+b", buffering=0) as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > limit:
                raise refuse("files.too_big", Where(shown), limit=Decimal(limit) / 10**6)
            digest.update(piece)
            with troubles_of_the_disk(shown):
                write_all(file, piece)
        kind = kind_of(file, shown, allowed)
        with troubles_of_the_disk(shown):
            os.fsync(file.fileno())
    return Kept(digest.hexdigest(), size, kind)


def write_all(file: BinaryIO, piece: bytes) -> None:
    """Write without a buffer: what does not fit is known here, and not when the file is closed."""
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]


def flush_folder(folder: Path) -> None:
    """Have the disk remember the names in a folder; Windows does that by itself."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def swept(folder: Path) -> int:
    """Remove received parts older than a day."""
    old = [part for part in folder.glob(f"{BEGINNING}*{PART}") if part.stat().st_mtime < time.time() - DAY]
    for part in old:
        part.unlink(missing_ok=True)
    return len(old)


@contextmanager
def troubles_of_the_disk(shown: str = "") -> Iterator[None]:
    """Say in words what the disk refuses while a file is being kept."""
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise refuse(DISK.get(error.errno or 0, "files.disk_failed"), Where(shown), detail=code) from error


def shown_name(name: str) -> str:
    """The name of a file as it is shown and offered for download, safe for every eye, screen and file system.

    Without folders, invisible and direction-turning letters, and signs that Windows cannot write (`a.exe:$x.pdf`);
    names that Windows reserves begin with "_"; a long name is cut in the middle and keeps its ending.
    """
    last = re.split(r"[\\/]", name)[-1]
    visible = "".join(sign for sign in re.sub(r"\s", " ", last) if unicodedata.category(sign)[0] != "C")
    plain = HARD_ON_WINDOWS.sub("_", " ".join(unicodedata.normalize("NFC", visible).split())).rstrip(". ")
    if not plain or plain.startswith(".") or RESERVED.match(plain):
        plain = f"_{plain}"
    if len(plain.encode()) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = plain, "", ""
    room = LONGEST_NAME - len(f"…{dot}{ending}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + f"…{dot}{ending}"
