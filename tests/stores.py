"""Stores for tests: a new one on SQLite or on the real PostgreSQL, hands that reach past the door, and small disks."""

from __future__ import annotations

import contextlib
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

import postgres
from chamdiem.errors import Refusal
from chamdiem.store.database import Store, open_store, sqlite_module
from chamdiem.store.door import Order, Transaction
from chamdiem.store.tables import mark
from needs import needs

BOTH = ("sqlite", "postgresql")
NO_TRIGGERS = {
    "sqlite": [f"DROP TRIGGER event_no_{verb}" for verb in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER event_no_edit ON event"],
}


@contextlib.contextmanager
def new_place(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database that does not exist yet, or is empty; usable outside pytest."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'chamdiem.db'}"
    else:
        with postgres.new_database(postgres.server_url()) as url:
            yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database that is a new store: copied ten times faster than it is made."""
    with contextlib.suppress(OperationalError), postgres.new_database(postgres_server) as address:
        open_store(address).close()
        yield str(make_url(address).database)  # at the end the server may be gone already, and this with it


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new database, once on SQLite and once on PostgreSQL; empty unless the test asks for a `store`."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'chamdiem.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("postgres_template") if "store" in request.fixturenames else "template0"
    name = f"chamdiem_{uuid.uuid4().hex}"
    by_hand_alone(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    by_hand_alone(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A new store, once on SQLite and once on PostgreSQL."""
    with open_store(url) as opened:
        yield opened


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a file of its own folder."""
    with open_store(f"sqlite:///{tmp_path / 'alone' / 'chamdiem.db'}") as opened:
        yield opened


def order(actor: str = "lan", key: str = "") -> Order:
    """An order as a service gives it."""
    return Order(actor, "mark.put", contest="c", reason="chấm", criteria="a" * 64, key=key)


def give(store: Store, row: str, answer: str, *, actor: str = "lan", expected: int | None = None, key: str = "") -> int:
    """Write one mark; returns its version."""
    values = {"contest": "c", "unit": "u1", "criterion": "1.1", "author": actor, "answer": answer}
    return store.write(order(actor, key), lambda transaction: transaction.put(mark, row, values, expected))


def answers(store: Store) -> dict[str, str]:
    """Every mark there is."""
    with store.read() as connection:
        return {row.id: row.answer for row in connection.execute(mark.select())}


def refused(error: pytest.ExceptionInfo[Refusal]) -> list[str]:
    """The names of the sentences of a refusal."""
    return [problem.message.id for problem in error.value.problems]


def by_hand(url: str, *statements: str) -> list[tuple[object, ...]]:
    """Reach past the door, as the owner of the machine can; what the last statement answers.

    With the same SQLite as the store: a second one in the same process takes away the locks of the first.
    """
    engine = create_engine(url, module=sqlite_module()) if url.startswith("sqlite") else create_engine(url)
    try:
        with engine.begin() as connection:
            done = [connection.execute(text(statement)) for statement in statements]
            return [tuple(row) for row in done[-1]] if done[-1].returns_rows else []
    finally:
        engine.dispose()


def by_hand_alone(url: str, statement: str) -> None:
    """One statement that must not be in a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def with_triggers_gone(url: str, *statements: str) -> None:
    """Edit what may not be edited, as somebody does who owns the database."""
    by_hand(url, *NO_TRIGGERS[url.partition("+")[0].partition(":")[0]], *statements)


def nothing(transaction: Transaction) -> None:
    """A command that does nothing."""


@contextlib.contextmanager
def small_disk(place: Path, size: str = "3m") -> Iterator[Path]:
    """A disk of its own, in memory, that is soon full; only root can mount one."""
    if os.geteuid() != 0:
        needs("root, to mount a small disk")
    needs("mount")
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True)
    if done.returncode != 0:
        needs("a machine that lets root mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)
