"""Evidence files on their way into a backup and back out of one, and whether all are there that the rows speak of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from chamdiem.errors import Message, Refusal, message
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.file_receiving import PIECE, flush_folder
from chamdiem.store.files import Files, FolderFiles


@contextmanager
def copies(files: Files | None) -> Iterator[dict[str, Path]]:
    """Every kept file by its sha256, as a file of this machine; of a far storage for as long as this lasts."""
    if files is None:
        yield {}
        return
    if isinstance(files, FolderFiles):
        yield {sha256: place_in(files.root, sha256) for sha256 in files.all()}
        return
    with TemporaryDirectory() as folder:
        found = {sha256: Path(folder) / sha256 for sha256 in files.all()}
        for sha256, path in found.items():
            with files.open(sha256) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, PIECE)
        yield found


def place_in(root: Path, sha256: str) -> Path:
    """Where a folder of evidence files keeps one."""
    return root / sha256[:2] / sha256[2:4] / sha256


def bring_back(folder: Path, files: Files, store: Store) -> list[str]:
    """Give the files of an unpacked backup, which lie under their sha256, their places; returns those that found none."""
    if isinstance(files, FolderFiles):
        for path in sorted(folder.iterdir()):
            place = place_in(files.root, path.name)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
            flush_folder(place.parent)
        return []
    names, left = names_of(store), list[str]()
    for path in sorted(folder.iterdir()):
        try:
            with path.open("rb") as stream:
                files.keep(stream, names.get(path.name, path.name))
        except Refusal:
            left.append(path.name)
    return left


def names_of(store: Store) -> dict[str, str]:
    """The files that rows speak of: sha256 → the name under which it came."""
    with store.read() as connection:
        found = (
            connection.execute(select(one.c.file, one.c.file_name).where(one.c.file != ""))
            for one in (tables.programme_document, tables.evidence)
        )
        return {row.file: row.file_name for each in found for row in each}


def faults(store: Store, files: Files) -> Iterator[Message]:
    """Every kept file that is not what its name says, and every one that a row speaks of and nobody has."""
    spoken_of = names_of(store)
    if not spoken_of and isinstance(files, FolderFiles) and not files.root.exists():
        return  # no file was ever kept
    try:
        kept = set(files.all())
    except Refusal as refusal:
        yield from (problem.message for problem in refusal.problems)
        return
    for problem in files.verify():
        name = spoken_of.get(problem.where.file, "")
        yield message("verify.file", file=problem.where.file, name=name or "–", what=problem.message)
    for sha256 in sorted(spoken_of.keys() - kept):
        yield message("verify.file", file=sha256, name=spoken_of[sha256], what=message("files.missing"))
