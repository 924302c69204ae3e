"""Whether the store is what its journal says: the chain is whole, saved heads stand in it, every row is its last event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from chamdiem.errors import Message, Refusal, Where, message, refuse
from chamdiem.store import ballot_box
from chamdiem.store.database import Store
from chamdiem.store.door import Row, recorded
from chamdiem.store.journal import START, Event, Fault, Head, faults
from chamdiem.store.tables import THINGS, event

EVENTS_AT_ONCE = 1000  # few enough to stay in the cache of the processor
LEAST = -(2**63)  # below every number that an event can have, even one that somebody made up
Progress = Callable[[int], None]


def verify(store: Store, heads: Path | None = None, progress: Progress = lambda done: None) -> Iterator[Message]:
    """Everything that is wrong with the store, in sentences; nothing when all is well.

    `heads` is a file of heads that left the machine, one "number hash" in each line: they catch an end that was cut off
    and a chain that was written anew, which the chain alone cannot.
    """
    with ThreadPoolExecutor(1) as aside:
        sound = aside.submit(_sound, store)
        try:
            yield from _told(store, heads, progress)
        except Refusal:  # what is damaged cannot be read: say first what the database says of it
            yield from sound.result()
            raise
        yield from sound.result()


def _told(store: Store, heads: Path | None, progress: Progress) -> Iterator[Message]:
    """What is wrong with the journal, and with the rows it tells of."""
    with store.read() as connection:
        saved = {} if heads is None else read_heads(heads)
        last: dict[tuple[str, str], str | None] = {}
        head = Head(0, START)
        for found in faults(_walked(connection, last, saved, progress)):
            if isinstance(found, Fault):
                yield message("verify.event", seq=found.seq, what=message(found.what))
            else:
                head = found
        for seq in sorted(saved):
            if seq > head.seq:
                yield message("verify.cut", seq=seq, last=head.seq, n=seq - head.seq)
            else:
                yield message("verify.rewritten", seq=seq)
        yield from _rows(connection, last)
        yield from ballot_box.faults(connection)


def _sound(store: Store) -> list[Message]:
    """What the database itself finds wrong; it looks while the journal is walked, for that takes as long."""
    if not store.is_sqlite:
        return []
    with store.read() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars()
        return [message("store.damaged", detail=str(said)[:200]) for said in found if said != "ok"]


def _walked(
    connection: Connection, last: dict[tuple[str, str], str | None], saved: dict[int, str], progress: Progress
) -> Iterator[tuple[object, ...]]:
    """Every event in order, remembering the last word on each row; saved heads that are met are taken off the list."""
    for portion in _portions(connection):
        for said in portion:
            after = said[8]
            if after is not None or said[7] is not None:
                last[said[5], said[6]] = after
            if saved and saved.get(said[0]) == said[-1]:
                del saved[said[0]]
            yield said
        progress(portion[-1][0])


def _portions(connection: Connection) -> Iterator[list[tuple[Any, ...]]]:
    """All events in order as the driver hands them out: SQLAlchemy's own rows take as long again."""
    columns, seq = ", ".join(f'"{name}"' for name in Event._fields), LEAST
    while True:
        asked = f"SELECT {columns} FROM event WHERE seq > {seq} ORDER BY seq LIMIT {EVENTS_AT_ONCE}"
        cursor = connection.exec_driver_sql(asked).cursor
        portion: list[tuple[Any, ...]] = list(cursor.fetchall()) if cursor is not None else []
        if not portion:
            return
        yield portion
        seq = portion[-1][0]


def _rows(connection: Connection, last: dict[tuple[str, str], str | None]) -> Iterator[Message]:
    """Rows that are not what their last event left: changed past the door, added, or taken away."""
    for name, table in THINGS.items():
        columns = table.columns.keys()
        for values in connection.execution_options(yield_per=EVENTS_AT_ONCE).execute(select(table)):
            row = dict(zip(columns, values, strict=True))
            said = last.pop((name, row["id"]), None)
            if said is None or said != _recorded(table, row):
                unknown = "verify.row_unknown" if said is None else "verify.row_changed"
                yield message(unknown, thing=message(f"thing.{name}"), id=row["id"])
    for (name, id), said in last.items():  # noqa: A001 - the column is called so
        if said is not None:
            yield message("verify.row_gone", thing=message(f"thing.{name}"), id=id)


def _recorded(table: Table, row: Row) -> str | None:
    """A row as the journal would keep it; None of one that holds what no column takes."""
    try:
        return recorded(table, row)
    except TypeError:
        return None


def read_heads(path: Path) -> dict[int, str]:
    """The heads that were saved outside, by number; of two that contradict each other the earlier is the promise.

    Raises Refusal: there is no such file, or a line is none of ours, which must not pass for "all is well".
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise refuse("verify.no_heads", Where(str(path))) from None
    heads: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if len(words) < 2 or not words[0].isdecimal() or len(words[1]) != 64:
            raise refuse("verify.bad_head", Where(str(path), line=number))
        heads.setdefault(int(words[0]), words[1])
    return heads


def save_head(store: Store, path: Path, why: str) -> Head:
    """Write the end of the chain down outside the database, with the reason; print or mail that file."""
    return write_head(store.head(), path, why)


def write_head(head: Head, path: Path, why: str) -> Head:
    """Write down an end of the chain that is known already, such as that of an archive."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{head.seq} {head.hash} {why}\n")
    return head


def missing_since(head: Head, heads: Path) -> int:
    """How many changes a store lacks that had been made when the last of the heads in a file was saved; 0 for none."""
    return max(0, max(read_heads(heads), default=0) - head.seq)


def replay(connection: Connection, to: int) -> dict[tuple[str, str], str | None]:
    """What every row was after event number `to`, as the journal keeps it, of the rows that were changed since."""
    changed = event.c.before.is_not(None) | event.c.after.is_not(None)
    since = select(event.c.entity, event.c.row).where(event.c.seq > to, changed).distinct()
    found: dict[tuple[str, str], str | None] = {}
    for entity, row in connection.execute(since).fetchall():
        here = select(event.c.after).where(event.c.entity == entity, event.c.row == row, event.c.seq <= to, changed)
        found[entity, row] = connection.execute(here.order_by(event.c.seq.desc()).limit(1)).scalar()
    return found


def history(connection: Connection, entity: str, row: str) -> list[Event]:
    """Every event about one row, from the first."""
    here = select(event).where(event.c.entity == entity, event.c.row == row).order_by(event.c.seq)
    return [Event(*found) for found in connection.execute(here)]


def values_of(record: str | None) -> dict[str, object] | None:
    """What a journal record says of a row."""
    return None if record is None else dict(json.loads(record))
