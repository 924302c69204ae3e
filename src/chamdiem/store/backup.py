"""Backups: one archive of database and evidence files with a manifest; it counts as a backup once it was restored."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Table, insert, make_url, select
from sqlalchemy.exc import OperationalError, StatementError

from chamdiem.errors import Problem, Refusal, Where, refuse
from chamdiem.store.database import Store, open_store, trouble
from chamdiem.store.door import head_of
from chamdiem.store.journal import canonical
from chamdiem.store.migration import newest
from chamdiem.store.tables import metadata

FORMAT = 1
MANIFEST = "manifest.json"
PART = re.compile(r"manifest\.json|tables/[a-z_]+\.jsonl|files/[0-9a-f]{64}")
ROWS_AT_ONCE = 5000
LARGEST_MANIFEST = 50_000_000
LEFT_OUT = ("session", "attempt")  # who is signed in now is nobody's record


def logical_hash(connection: Connection) -> str:
    """One hash of all that the store keeps, the same for SQLite and PostgreSQL: every table, every row by its key."""
    found = hashlib.sha256()
    for table in kept_tables():
        found.update(table.name.encode())
        for line in lines_of(connection, table):
            found.update(line)
    return found.hexdigest()


def kept_tables() -> list[Table]:
    """The tables a backup holds, in order of name."""
    return sorted(
        (table for table in metadata.tables.values() if table.name not in LEFT_OUT), key=lambda table: table.name
    )


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows of a table as lines of JSON, by key in the order of its bytes."""
    key = next(iter(table.primary_key.columns))
    order = key if table.name == "event" or connection.dialect.name == "sqlite" else key.collate("C")
    columns = table.columns.keys()
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(order)):
        yield canonical(dict(zip(columns, row, strict=True))).encode() + b"\n"


def back_up(store: Store, files: dict[str, Path], archive: Path) -> dict[str, Any]:
    """Write a backup, restore it into an empty place to see that it can be, and only then give it its name.

    `files` are the evidence files by sha256. Returns the manifest, which names the end of the chain that is in the archive:
    what is written meanwhile is not. The same archive opens on SQLite and PostgreSQL.
    """
    unfinished = archive.with_name(archive.name + ".part")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with store.read() as connection, tarfile.open(unfinished, "w:gz", compresslevel=3) as tar:
            manifest = _fill(connection, files, tar)
        with unfinished.open("rb+") as done:
            seal = _seal(hashlib.file_digest(done, "sha256").hexdigest())
            done.write(seal)
            done.flush()
            os.fsync(done.fileno())
        with TemporaryDirectory() as place:
            restore(unfinished, f"sqlite:///{Path(place) / 'proof.db'}", Path(place) / "files").close()
        unfinished.replace(archive)
    except OSError as error:
        raise refuse("backup.cannot_write", path=str(archive), detail=str(error)) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _fill(connection: Connection, files: dict[str, Path], tar: tarfile.TarFile) -> dict[str, Any]:
    hashes: dict[str, str] = {}
    logical = hashlib.sha256()  # what logical_hash finds, without reading everything again
    with TemporaryDirectory() as place:
        for table in kept_tables():
            name, found, part = f"tables/{table.name}.jsonl", hashlib.sha256(), Path(place) / "part"
            logical.update(table.name.encode())
            with part.open("wb") as out:
                for line in lines_of(connection, table):
                    found.update(line)
                    logical.update(line)
                    out.write(line)
            hashes[name] = found.hexdigest()
            tar.add(part, name)
    for sha256, path in sorted(files.items()):
        hashes[f"files/{sha256}"] = sha256
        tar.add(path, f"files/{sha256}")
    manifest = {
        "format": FORMAT,
        "revision": newest(),
        "chamdiem": version("chamdiem"),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "head": head_of(connection)._asdict(),
        "logical_hash": logical.hexdigest(),
        "parts": hashes,
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    about = tarfile.TarInfo(MANIFEST)
    about.size = len(content)
    tar.addfile(about, io.BytesIO(content))
    return manifest


def restore(archive: Path, url: str, folder: Path) -> Store:
    """Open a backup as a new store, and its evidence files in a folder; every part is compared with the manifest.

    Raises Refusal and leaves nothing behind when a byte is wrong, or when something is there already.
    """
    if folder.exists():
        raise refuse("backup.not_empty")
    try:
        with TemporaryDirectory(dir=folder.parent if folder.parent.exists() else None) as name:
            place = Path(name)
            manifest = _unpack(archive, place)
            return _open_as(url, place, folder, manifest["logical_hash"])
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError, KeyError, StatementError) as error:
        raise refuse("backup.damaged", part=type(error).__name__) from None
    except OSError as error:
        raise refuse("backup.cannot_read", path=str(archive), detail=str(error)) from None


def _open_as(url: str, place: Path, folder: Path, logical: str) -> Store:
    """The store with the rows of an unpacked backup, in one transaction; what was there before is never removed."""
    path = make_url(url).database if make_url(url).get_backend_name() == "sqlite" else None
    ours = path is not None and not Path(path).exists()
    store = open_store(url)
    try:
        with store.writer.connect() as connection, connection.begin():
            if any(connection.execute(select(table).limit(1)).first() for table in kept_tables()):
                raise refuse("backup.not_empty")
            _load(connection, place)
            if logical_hash(connection) != logical:
                raise refuse("backup.damaged", part="logical_hash")
            shutil.move(place / "files", folder)
    except BaseException as error:
        store.close()
        if store.file is not None and ours:
            for ending in ("", "-wal", "-shm", "-journal"):
                store.file.with_name(store.file.name + ending).unlink(missing_ok=True)
        if isinstance(error, OperationalError):
            raise Refusal(Problem(Where(), trouble(error))) from None
        raise
    return store


def _seal(sha256: str) -> bytes:
    """What ends an archive: the hash of all before it, in the comment of an empty gzip member that tar passes over.

    The checksums of gzip do not cover its own header, nor the last bits: this covers every byte.
    """
    return b"\x1f\x8b\x08\x10" + bytes(5) + b"\xff" + sha256.encode() + b"\0\x03\0" + bytes(8)


def _check_seal(archive: Path) -> None:
    """Every byte of the archive is as it was written."""
    hashed, ending = hashlib.sha256(), len(_seal("0" * 64))
    left = archive.stat().st_size - ending
    with archive.open("rb") as file:
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            hashed.update(block)
            left -= len(block)
        if left < 0 or file.read() != _seal(hashed.hexdigest()):
            raise refuse("backup.damaged", part="sha256")


def _unpack(archive: Path, place: Path) -> dict[str, Any]:
    """Every part of the archive, once the manifest says that it is whole and that none is missing."""
    _check_seal(archive)
    (place / "tables").mkdir()
    (place / "files").mkdir()
    found: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is None or member.name in found or not PART.fullmatch(member.name):
                raise refuse("backup.damaged", part=member.name)
            if member.name == MANIFEST:
                manifest = json.loads(content.read(LARGEST_MANIFEST))
                continue
            target, hashed = place / member.name, hashlib.sha256()
            with target.open("wb") as out:
                while block := content.read(1 << 20):
                    hashed.update(block)
                    out.write(block)
            found[member.name] = hashed.hexdigest()
    _compare(manifest, found)
    return manifest


def _compare(manifest: dict[str, Any], found: dict[str, str]) -> None:
    """The parts are those that the manifest names; every table is among them; their shape is known here."""
    parts = manifest.get("parts", {})
    wrong = {name for name in found.keys() | parts.keys() if found.get(name) != parts.get(name)}
    wrong |= {name for name in found if name.startswith("files/") and name != f"files/{found[name]}"}
    if not manifest or wrong:
        raise refuse("backup.damaged", part=min(wrong, default=MANIFEST))
    if manifest["format"] != FORMAT or manifest["revision"] != newest():
        raise refuse("backup.other_shape", revision=str(manifest["revision"]), version=str(manifest["chamdiem"]))
    if missing := {f"tables/{table.name}.jsonl" for table in kept_tables()} - found.keys():
        raise refuse("backup.damaged", part=min(missing))


def _load(connection: Connection, place: Path) -> None:
    """Put the rows of a backup into an empty store."""
    for table in kept_tables():
        with (place / "tables" / f"{table.name}.jsonl").open(encoding="utf-8") as lines:
            while rows := [json.loads(line) for line in islice(lines, ROWS_AT_ONCE)]:
                connection.execute(insert(table), rows)
