"""Files handed in by a browser, on disk for as long as they are read, under the names people gave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Protocol

from chamdiem.errors import Problem, Refusal

LONGEST = 120


class Handed(Protocol):
    """A file as a browser hands it in."""

    name: str

    def getvalue(self) -> bytes:
        """Its content."""
        ...


@contextmanager
def received(files: Iterable[Handed]) -> Iterator[list[Path]]:
    """The files on disk, each in a folder of its own: two of the same name are two files, no name leads elsewhere."""
    with TemporaryDirectory(prefix="chamdiem-") as folder:
        paths = []
        for at, file in enumerate(files):
            place = Path(folder) / str(at)
            place.mkdir()
            path = place / safe_name(file.name)
            path.write_bytes(file.getvalue())
            paths.append(path)
        try:
            yield paths
        except Refusal as refusal:
            refusal.problems = tuple(_under_its_name(problem) for problem in refusal.problems)
            raise


def _under_its_name(problem: Problem) -> Problem:
    """The problem with the name of the file alone: where it lay on disk is nobody's business."""
    where = problem.where
    return replace(problem, where=replace(where, file=Path(where.file).name)) if where.file else problem


def safe_name(name: str) -> str:
    """The last part of a name without what no file system takes; its ending stays."""
    bare = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(letter for letter in bare if letter.isprintable() and letter not in '<>:"|?*').strip(". ")
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:LONGEST]}{dot}{ending[:10]}" if stem else kept[:LONGEST] or "file"
