"""Backups: one archive of database and evidence files with a manifest; it counts as a backup once it was restored."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from chamdiem.errors import Refusal, refuse
from chamdiem.store.database import Store, open_store
from chamdiem.store.journal import canonical
from chamdiem.store.tables import metadata

MANIFEST = "manifest.json"
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
    rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(order)).mappings()
    for row in rows:
        yield canonical(dict(row)).encode() + b"\n"


def back_up(store: Store, files: dict[str, Path], archive: Path) -> dict[str, Any]:
    """Write a backup, restore it into an empty place to see that it can be, and only then give it its name.

    `files` are the evidence files by sha256. Returns the manifest. The same archive opens on SQLite and PostgreSQL.
    """
    unfinished = archive.with_name(archive.name + ".part")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with store.read() as connection, tarfile.open(unfinished, "w:gz", compresslevel=3) as tar:
            manifest = _fill(connection, store, files, tar)
        with unfinished.open("rb+") as done:
            os.fsync(done.fileno())
        with TemporaryDirectory() as place:
            restore(unfinished, f"sqlite:///{Path(place) / 'proof.db'}", Path(place) / "files").close()
        unfinished.replace(archive)
    except OSError as error:
        raise refuse("backup.cannot_write", path=str(archive), detail=str(error)) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _fill(connection: Connection, store: Store, files: dict[str, Path], tar: tarfile.TarFile) -> dict[str, Any]:
    hashes: dict[str, str] = {}
    with TemporaryDirectory() as place:
        for table in kept_tables():
            name, found, part = f"tables/{table.name}.jsonl", hashlib.sha256(), Path(place) / "part"
            with part.open("wb") as out:
                for line in lines_of(connection, table):
                    found.update(line)
                    out.write(line)
            hashes[name] = found.hexdigest()
            tar.add(part, name)
    for sha256, path in sorted(files.items()):
        hashes[f"files/{sha256}"] = sha256
        tar.add(path, f"files/{sha256}")
    manifest = {
        "format": 1,
        "chamdiem": version("chamdiem"),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "logical_hash": logical_hash(connection),
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
    store = open_store(url)
    try:
        if store.head().seq or folder.exists():
            raise refuse("backup.not_empty")
        with TemporaryDirectory(dir=folder.parent if folder.parent.exists() else None) as place:
            manifest = _unpack(archive, Path(place))
            _load(store, Path(place))
            with store.read() as connection:
                if logical_hash(connection) != manifest["logical_hash"]:
                    raise refuse("backup.damaged", part="logical_hash")
            shutil.move(Path(place) / "files", folder)
    except BaseException as error:
        store.close()
        if store.file is not None:
            for leftover in store.file.parent.glob(f"{store.file.name}*"):
                leftover.unlink()
        if isinstance(error, tarfile.TarError | EOFError | OSError | ValueError | KeyError):
            raise Refusal(refuse("backup.damaged", part=type(error).__name__).problems) from None
        raise
    return store


def _unpack(archive: Path, place: Path) -> dict[str, Any]:
    """Every part of the archive, once the manifest says that it is whole and that none is missing."""
    (place / "tables").mkdir()
    (place / "files").mkdir()
    found: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is None or member.name.count("/") > 1 or ".." in member.name:
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
    parts = manifest.get("parts", {})
    wrong = {name for name in found.keys() | parts.keys() if found.get(name) != parts.get(name)}
    if not manifest or wrong:
        raise refuse("backup.damaged", part=min(wrong, default=MANIFEST))
    return manifest


def _load(store: Store, place: Path) -> None:
    """Put the rows of a backup into an empty store, all in one transaction."""
    with store.writer.connect() as connection, connection.begin():
        for table in kept_tables():
            with (place / "tables" / f"{table.name}.jsonl").open(encoding="utf-8") as lines:
                rows: list[dict[str, Any]] = []
                for line in lines:
                    rows.append(json.loads(line))
                    if len(rows) == ROWS_AT_ONCE:
                        connection.execute(insert(table), rows)
                        rows = []
                if rows:
                    connection.execute(insert(table), rows)
