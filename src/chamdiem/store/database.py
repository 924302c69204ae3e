"""Opening the store: SQLite in a folder unless a setting names PostgreSQL; readers cannot write, one writer does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.store.door import PATIENCE, Door, Order, Transaction, head_of
from chamdiem.store.journal import Head
from chamdiem.store.migration import upgrade

T = TypeVar("T")

SETTING = "CHAMDIEM_DATABASE_URL"
FOLDER = "chamdiem-data"
LOCKED_AFTER = 4000  # milliseconds that a writer waits for another process before its author is told
CHAIN_LOCK = "SELECT pg_advisory_xact_lock(722019)"
TROUBLES = (
    ("disk is full", "store.disk_full"), ("no space left", "store.disk_full"), ("disk i/o error", "store.disk_failing"),
    ("readonly", "store.read_only"), ("read-only", "store.read_only"), ("locked", "store.locked"),
    ("lock timeout", "store.locked"),
    ("unable to open", "store.cannot_open"), ("not a database", "store.not_a_store"), ("malformed", "store.damaged"),
    ("connection", "store.unreachable"),
)  # fmt: skip


def trouble(error: DBAPIError) -> Message:
    """What the database cannot do just now, and what to do about it."""
    said = str(error.orig).lower()
    known = next((id for word, id in TROUBLES if word in said), "store.failed")  # noqa: A001 - the catalogue calls it an id
    return message(known, detail=str(error.orig)[:200])


class Store:
    """The open store. Reading takes a snapshot; writing goes through the one door."""

    def __init__(self, url: URL) -> None:
        self.url, self._process = url, os.getpid()
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.writer = _engine(url, writes=True)
        self.reader = _engine(url, writes=False)
        self._door: Door | None = None
        self._one_door = Lock()

    @property
    def file(self) -> Path | None:
        """The file of the database, if it is one."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def write(self, order: Order, work: Callable[[Transaction], T]) -> T:
        """Carry out a command and return when it is safe on disk; see Door.write."""
        self._refuse_forked()
        with self._one_door:
            if self._door is None:
                self._door = Door(self.writer, trouble, None if self.is_sqlite else CHAIN_LOCK)
            door = self._door
        return door.write(order, work)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot to read from; what is written meanwhile is not in it. Raises Refusal when nothing can be read."""
        self._refuse_forked()
        try:
            with self.reader.connect() as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise Refusal(Problem(Where(), trouble(error))) from None
        except PoolTimeoutError:
            raise refuse("store.busy", seconds=int(PATIENCE)) from None

    def head(self) -> Head:
        """The end of the chain."""
        with self.read() as connection:
            return head_of(connection)

    def close(self) -> None:
        """Finish what is waiting, then let go of the database; in a forked process just forget it, it is the parent's."""
        own = os.getpid() == self._process
        if self._door is not None and own:
            self._door.close()
        self._door = None
        self.reader.dispose(close=own)
        self.writer.dispose(close=own)

    def _refuse_forked(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError("a store must not be used in a forked process")

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def setting() -> str:
    """The database that is meant: what the setting says, else a file in the folder of this place."""
    return os.environ.get(SETTING) or f"sqlite:///{Path(FOLDER).absolute() / 'chamdiem.db'}"


def open_store(url: str | None = None, *, create: bool = True) -> Store:
    """Open the store, bringing an older one up to date (a copy is kept beside it). With `create`, a new one is begun.

    Raises Refusal: no such database, not one of ours, made by a newer chamdiem, or a folder that cannot be written.
    """
    try:
        named = make_url(url or setting())
    except (ArgumentError, ValueError):
        raise refuse("store.bad_url", name=SETTING) from None
    if named.get_backend_name() == "postgresql":
        named = named.set(drivername="postgresql+psycopg")
    elif named.get_backend_name() != "sqlite":
        raise refuse("store.bad_url", name=SETTING)
    if named.get_backend_name() == "sqlite":
        if named.database in (None, "", ":memory:"):  # each connection would see a database of its own
            raise refuse("store.bad_url", name=SETTING)
        _check_file(Path(str(named.database)), create=create)
    store = Store(named)
    try:
        upgrade(store.writer, store.file)
    except BaseException as error:
        store.close()
        if isinstance(error, DBAPIError):
            raise Refusal(Problem(Where(), trouble(error))) from None
        raise
    return store


def _check_file(path: Path, *, create: bool) -> None:
    """The file, or the folder in which it shall be, can be written."""
    if not path.exists() and not create:
        raise refuse("store.missing", path=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise PermissionError
        if not path.exists():
            path.touch(mode=0o600)  # what is kept here is not for everybody on the machine
    except OSError:
        raise refuse("store.read_only", detail=str(path)) from None


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: versions before 3.51.3 may damage a database when two connections write at once."""
    try:
        import pysqlite3.dbapi2 as newer

        return newer  # type: ignore[no-any-return]
    except ImportError:
        import sqlite3

        return sqlite3


def _engine(url: URL, *, writes: bool) -> Engine:
    """What connects; the values of statements stand in no fault that is reported: a log is no place for them."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, writes=writes)
    options = "-c synchronous_commit=on"
    options += f" -c lock_timeout={LOCKED_AFTER}" if writes else " -c default_transaction_read_only=on"
    level = "READ COMMITTED" if writes else "REPEATABLE READ"
    return create_engine(
        url, isolation_level=level, connect_args={"options": options, "connect_timeout": 4}, pool_pre_ping=True,
        hide_parameters=True, pool_size=1 if writes else 10, max_overflow=0 if writes else 20, pool_timeout=PATIENCE,
    )  # fmt: skip


def _sqlite(url: URL, *, writes: bool) -> Engine:
    """One connection that writes, or a pool that cannot. Every transaction that writes takes its lock at once."""
    engine = create_engine(
        url, module=sqlite_module(), poolclass=QueuePool, connect_args={"check_same_thread": False},
        hide_parameters=True, pool_size=1 if writes else 10, max_overflow=0 if writes else 20, pool_timeout=PATIENCE,
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            f"busy_timeout={LOCKED_AFTER}", "synchronous=FULL", "foreign_keys=ON",
            *(() if writes else ("query_only=ON",)),
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("no_transaction"):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
