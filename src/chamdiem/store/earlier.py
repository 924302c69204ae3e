"""The store as it was: a copy in memory of some tables after an earlier event, to be read like the store itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from chamdiem.store.database import sqlite_module
from chamdiem.store.proof import values_of
from chamdiem.store.tables import event, metadata

Records = dict[tuple[str, str], str | None]


def last_before(connection: Connection, moment: datetime) -> int:
    """The number of the last event before a moment (with its time zone, UTC); 0 when there is none."""
    before = select(event.c.seq).where(event.c.at < moment.isoformat()).order_by(event.c.seq.desc()).limit(1)
    return int(connection.execute(before).scalar() or 0)


def changed_since(connection: Connection, to: int, tables: Sequence[Table]) -> Records:
    """What every row of these tables was after event `to`, as the journal keeps it, of the rows that changed since."""
    names = [table.name for table in tables]
    since = select(event.c.entity, event.c.row, event.c.before, event.c.after).where(
        event.c.seq > to, event.c.entity.in_(names)
    )
    found: Records = {}
    for entity, row, before, after in connection.execute(since.order_by(event.c.seq)):
        if before is not None or after is not None:
            found.setdefault((entity, row), before)
    return found


@contextmanager
def as_it_was(connection: Connection, to: int, contest: str, tables: Sequence[Table]) -> Iterator[Connection]:
    """These tables as they were after event `to`: of a contest its own rows, of other tables all. Of private tables the
    journal keeps no words, so they are as they are now."""
    private = {table.name for table in tables if table.info["private"]}
    earlier = changed_since(connection, to, [table for table in tables if table.name not in private])
    engine = create_engine("sqlite://", module=sqlite_module(), poolclass=StaticPool)
    try:
        metadata.create_all(engine, tables=list(tables))
        with engine.begin() as copy:
            for table in tables:
                if found := _rows(connection, table, contest, earlier):
                    copy.execute(insert(table), found)
            yield copy
    finally:
        engine.dispose()


def _rows(connection: Connection, table: Table, contest: str, earlier: Records) -> list[dict[str, Any]]:
    here = [dict(row) for row in connection.execute(_of(table, contest)).mappings()]
    now = [row for row in here if (table.name, row["id"]) not in earlier]
    then = [values_of(said) for (entity, _), said in earlier.items() if entity == table.name]
    return now + [row for row in then if row is not None and row.get("contest", contest) == contest]


def _of(table: Table, contest: str) -> Select[Any]:
    return select(table).where(table.c.contest == contest) if "contest" in table.c else select(table)
