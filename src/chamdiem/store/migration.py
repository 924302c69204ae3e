"""Bringing a store up to date: a copy first, then every step in one transaction; a newer store is left alone."""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from chamdiem.errors import refuse

STEPS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, file: Path | None) -> str:
    """Bring the store to the newest shape; returns its revision. Of a file that has an older one a copy is kept first.

    All steps are one transaction: a machine that stops in the middle leaves the store as it was.
    """
    config, to = _config(), newest()
    with engine.connect() as connection:
        found = _revision(connection, config)
    if engine.dialect.name == "sqlite":  # only now: another program's file is left as it was
        _raw(engine, "PRAGMA journal_mode=WAL")
    if found == to:
        return to
    if found is not None and file is not None:
        keep_copy(engine, file, found)
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(722020)")  # another process may be upgrading
        if _revision(connection, config) != to:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return to


def newest() -> str:
    """The revision of the shape that this chamdiem writes."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection, config: Config) -> str | None:
    """The revision of a store, None of an empty one; refused when it is no store, or one of a newer chamdiem."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise refuse("store.newer", revision=found)
    if found is None and (others := set(inspect(connection).get_table_names()) - {"alembic_version"}):
        raise refuse("store.not_ours", tables=sorted(others)[:3])
    return found


def keep_copy(engine: Engine, file: Path, revision: str) -> Path:
    """A copy of the whole database beside it, as it was before the upgrade; an earlier copy of that shape stays."""
    copy = file.with_name(f"{file.stem}.before-{revision}.db")
    if not copy.exists():
        unfinished = copy.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        _raw(engine, "VACUUM INTO ?", str(unfinished))
        with unfinished.open("rb+") as done:
            os.fsync(done.fileno())
        unfinished.replace(copy)
    return copy


def _raw(engine: Engine, statement: str, *values: str) -> None:
    """Run what SQLite does not allow inside a transaction."""
    with engine.connect().execution_options(no_transaction=True) as connection:
        connection.exec_driver_sql(statement, values).close()
