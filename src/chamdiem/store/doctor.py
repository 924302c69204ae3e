"""Whether this machine is fit to keep a contest: the database, the disk, the clock; each with its figure and its cure."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import select

from chamdiem.errors import Message, message
from chamdiem.store.database import Store, sqlite_module
from chamdiem.store.sealing import SETTING as KEY_SETTING
from chamdiem.store.sealing import anything_sealed, key_at_hand, key_file
from chamdiem.store.tables import event

SOUND_SQLITE = (3, 51, 3)
SLOW_SYNC = 0.05  # seconds
LITTLE_ROOM = 1_000_000_000  # bytes
CLOCK_BACK = timedelta(minutes=5)


class Finding(NamedTuple):
    """One thing that was looked at: what was found, and whether it is as it should be."""

    what: Message
    good: bool


def examine(store: Store) -> Iterator[Finding]:
    """Everything worth knowing before a contest is kept here."""
    yield Finding(message("doctor.python", version=sys.version.split()[0]), good=True)
    yield _database(store)
    folder = store.file.parent if store.file is not None else Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    yield Finding(message("doctor.disk", free=free // 1_000_000, folder=str(folder)), free >= LITTLE_ROOM)
    seconds = sync_time(folder)
    yield Finding(message("doctor.sync", milliseconds=round(seconds * 1000)), seconds <= SLOW_SYNC)
    yield _clock(store)
    if store.file is not None and os.name == "posix":
        yield _private(store.file)
    yield from _sealing(store)


def _private(path: Path) -> Finding:
    """Nobody else on this machine can read it."""
    private = path.stat().st_mode & 0o077 == 0
    return Finding(message("doctor.private" if private else "doctor.readable", path=str(path)), private)


def _sealing(store: Store) -> Iterator[Finding]:
    """The key to the secrets of telephones is there once it is needed, and nobody else reads it."""
    if key_at_hand(store) is None and anything_sealed(store):
        yield Finding(message("doctor.no_key", name=KEY_SETTING, path=str(key_file(store))), good=False)
    if key_file(store).is_file() and os.name == "posix":
        yield _private(key_file(store))


def _database(store: Store) -> Finding:
    if not store.is_sqlite:
        with store.read() as connection:
            said = str(connection.exec_driver_sql("SHOW server_version").scalar())
            commit = str(connection.exec_driver_sql("SHOW synchronous_commit").scalar())
        return Finding(message("doctor.postgresql", version=said, commit=commit), commit in ("on", "remote_apply"))
    found = sqlite_module().sqlite_version_info
    version = ".".join(map(str, found))
    sound = tuple(found) >= SOUND_SQLITE
    return Finding(message("doctor.sqlite" if sound else "doctor.sqlite_old", version=version), sound)


def sync_time(folder: Path) -> float:
    """How long the disk takes to say that 4 KiB are safe, in seconds; the middle of several tries."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(15):
            file.write(b"\0" * 4096)
            file.flush()
            start = perf_counter()
            os.fsync(file.fileno())
            times.append(perf_counter() - start)
    return median(times)


def _clock(store: Store) -> Finding:
    """The clock must not stand before the last event."""
    with store.read() as connection:
        last = connection.execute(select(event.c.at).order_by(event.c.seq.desc()).limit(1)).scalar()
    now = datetime.now(UTC)
    said = datetime.fromisoformat(last) if last else None
    behind = said is not None and said - now > CLOCK_BACK
    return Finding(message("doctor.clock_back" if behind else "doctor.clock", now=now, last=said or "–"), not behind)
