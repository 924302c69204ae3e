"""Evidence files, each kept once under the sha256 of its content; what a file is called never becomes a path.

A kept file is written whole and flushed to the disk before it gets its place `ab/cd/<sha256>`: whoever finds it there
finds all of it, also after a power cut. Rows of the database point to hashes; a file without a row does no harm.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.store.file_kinds import ALLOWED
from chamdiem.store.file_receiving import (
    PIECE,
    Kept,
    flush_folder,
    part_in,
    received,
    shown_name,
    swept,
    troubles_of_the_disk,
)

__all__ = ["Files", "FolderFiles", "Kept", "files_of", "shown_name"]

LIMIT = 20_000_000  # bytes of one file
HASH = re.compile(r"[0-9a-f]{64}")


class Files(Protocol):
    """A place where evidence files are kept by their content."""

    def keep(self, stream: BinaryIO, name: str) -> Kept:
        """Take in a file and say what it is; the same content twice is one file.

        `name` only tells which kind is expected. Raises Refusal (nothing is kept then): too big, not an allowed kind,
        hostile, or no room. An error of the stream itself is passed on. Whoever writes the row that points to the file
        asks `has` in the same transaction, since retention may have forgotten it meanwhile.
        """

    def open(self, sha256: str) -> BinaryIO:
        """Open a kept file for reading. Raises Refusal if it is not there or cannot be read."""

    def has(self, sha256: str) -> bool:
        """Whether this content is kept."""

    def size(self, sha256: str) -> int:
        """The size of a kept file in bytes. Raises Refusal if it is not there."""

    def all(self) -> Iterator[str]:
        """The sha256 of every kept file. Raises Refusal where the place itself is not there."""

    def verify(self, progress: Callable[[int], None] | None = None) -> list[Problem]:
        """Read every file again and compare it with its hash; `progress` is told how many are finished."""

    def forget(self, sha256: str) -> None:
        """Remove a file for good: only for retention, after the last row that points to it is gone and this is on record.

        Call it where rows are written, so that no row can be added meanwhile. A file that is not there is no error: a
        retention that was cut short is simply run again.
        """

    def sweep(self) -> int:
        """Remove what uploads left that were cut short more than a day ago; returns how many."""


class FolderFiles:
    """Evidence files in a folder of this machine. The folder must exist: it may be a disk that is not mounted yet."""

    def __init__(self, root: Path, *, limit: int = LIMIT, allowed: Collection[str] = ALLOWED) -> None:
        self.root, self.limit, self.allowed = root, limit, allowed

    def keep(self, stream: BinaryIO, name: str) -> Kept:
        """See `Files.keep`."""
        with part_in(self.root) as part:
            kept = received(stream, name, part, self.limit, self.allowed)
            with troubles_of_the_disk():
                self._settle(part, kept.sha256)
        return kept

    def _settle(self, part: Path, sha256: str) -> None:
        """Give a received file its place. A sound file is left alone, a damaged one is replaced by the sound one."""
        place = self._place(sha256)
        if not sound(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            part.replace(place)
        for folder in (place.parent, place.parent.parent, self.root):  # also if another process has just put it there
            flush_folder(folder)

    def _place(self, sha256: str) -> Path:
        if not HASH.fullmatch(sha256):
            raise refuse("files.missing")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """See `Files.open`."""
        with troubles_of_reading(sha256):
            return self._place(sha256).open("rb")

    def has(self, sha256: str) -> bool:
        """See `Files.has`."""
        with troubles_of_reading(sha256):
            return bool(HASH.fullmatch(sha256)) and self._place(sha256).is_file()

    def size(self, sha256: str) -> int:
        """See `Files.size`."""
        with troubles_of_reading(sha256):
            return self._place(sha256).stat().st_size

    def all(self) -> Iterator[str]:
        """See `Files.all`."""
        if not self.root.is_dir():
            raise refuse("files.folder_missing")
        for path in sorted(self.root.glob("??/??/*")):
            if HASH.fullmatch(path.name) and path == self._place(path.name):
                yield path.name

    def verify(self, progress: Callable[[int], None] | None = None) -> list[Problem]:
        """See `Files.verify`."""
        return compared(self, progress)

    def forget(self, sha256: str) -> None:
        """See `Files.forget`."""
        if self.has(sha256):
            with troubles_of_the_disk():
                self._place(sha256).unlink(missing_ok=True)
                flush_folder(self._place(sha256).parent)

    def sweep(self) -> int:
        """See `Files.sweep`."""
        return swept(self.root)


def files_of(setting: str, *, limit: int = LIMIT, allowed: Collection[str] = ALLOWED) -> Files:
    """The place that CHAMDIEM_FILES names: a folder, or `s3://bucket/prefix`. Raises Refusal for anything else."""
    if "://" not in setting:
        return FolderFiles(Path(setting), limit=limit, allowed=allowed)
    if not setting.startswith("s3://"):
        raise refuse("files.unknown_setting", setting=setting.partition("://")[0])
    try:
        from chamdiem.store.file_store_s3 import StoredFiles  # optional: fsspec and s3fs

        return StoredFiles(setting, limit=limit, allowed=allowed)
    except ImportError:
        raise refuse("files.s3_not_installed") from None


def sound(place: Path) -> bool:
    """Whether a file is there and holds what its name says."""
    try:
        with place.open("rb") as file:
            return hash_of(file) == place.name
    except OSError:
        return False


def hash_of(file: BinaryIO) -> str:
    """The sha256 of all that is left to read."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def compared(files: Files, progress: Callable[[int], None] | None) -> list[Problem]:
    """Every kept file whose content is not what its name says, or that cannot be read."""
    problems: list[Problem] = []
    try:
        hashes = list(files.all())
    except Refusal as refusal:
        return list(refusal.problems)
    for done, sha256 in enumerate(hashes, 1):
        try:
            with files.open(sha256) as file:
                if hash_of(file) != sha256:
                    problems.append(Problem(Where(sha256), message("files.altered")))
        except Refusal as refusal:
            problems += refusal.problems
        except Exception:  # an OSError, or whatever a far storage says
            problems.append(Problem(Where(sha256), message("files.unreadable")))
        if progress:
            progress(done)
    return problems


@contextmanager
def troubles_of_reading(sha256: str) -> Iterator[None]:
    """Say in words why a kept file cannot be read."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise refuse("files.missing", Where(sha256)) from None
    except OSError as error:
        raise refuse("files.unreadable", Where(sha256)) from error
