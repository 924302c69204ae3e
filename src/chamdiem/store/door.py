"""The one door for writing: a single writer takes commands in turn, many to a commit, and answers when they are safe."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.store import tables
from chamdiem.store.journal import EMPTY, Event, Head, canonical, link

T = TypeVar("T")
Row = dict[str, Any]

COMMANDS_IN_A_COMMIT = 64
PATIENCE = 5.0  # seconds that a command waits for its turn before its author is told
WAITED_FOR = ("store.locked", "store.unreachable")  # what is known only after seconds


class Conflict(Refusal):
    """Somebody else changed the row in the meantime: nothing was overwritten; both values are here."""

    def __init__(self, entity: str, yours: Mapping[str, object], current: Row | None, who: str, when: str) -> None:
        self.yours, self.current, self.who, self.when = dict(yours), current, who, when
        moment = datetime.fromisoformat(when) if when else "?"
        about = {"who": who or "?", "when": moment, "thing": message(f"thing.{entity}")}
        super().__init__(Problem(Where(), message("store.conflict", **about)))


@dataclass(frozen=True)
class Order:
    """Who orders a change, what it is called, in which contest, why, under which criteria; `key` makes a repetition void."""

    actor: str
    action: str
    contest: str = ""
    reason: str = ""
    criteria: str = ""
    key: str = ""


class Transaction:
    """What a command may do: read rows, and change them with an event for each change."""

    def __init__(self, connection: Connection, order: Order, head: Head, now: datetime) -> None:
        self.connection, self.order, self.head, self.now = connection, order, head, now
        self.events: list[Event] = []
        self._removed: dict[tuple[str, str], int] = {}

    def row(self, table: Table, id: str) -> Row | None:  # noqa: A002 - the column is called so
        """One row by its id."""
        found = self.connection.execute(select(table).where(table.c.id == id)).mappings().first()
        return None if found is None else dict(found)

    def put(self, table: Table, id: str, values: Mapping[str, object], expected: int | None = None) -> int:  # noqa: A002
        """Insert or change one row; returns its version. What is equal already is left alone, without an event.

        `expected` is the version its author has seen (0: none); another one is a Conflict.
        """
        values = _fitting(table, {**values, "id": id})
        before = self.row(table, id)
        version = before["version"] if before else 0
        if expected is not None and expected != version:
            raise self._conflict(table, id, values, before)
        if before is not None and all(before[name] == value for name, value in values.items()):
            return int(version)
        if before is None:  # a row that was there before goes on counting: who has seen the old one has not seen this
            version = self._last_version(table, id)
        after = {**(before or _blank(table)), **values, "version": version + 1}
        if table.info["private"]:  # anew each time: with the row that held it goes what could tell who was meant
            after["salt"] = secrets.token_hex(16)
        if before is None:
            self.connection.execute(insert(table), after)
        else:
            here = update(table).where(table.c.id == id, table.c.version == version)
            if self.connection.execute(here, after).rowcount != 1:
                raise self._conflict(table, id, values, self.row(table, id))
        self._tell(table, id, before, after)
        return int(version) + 1

    def _last_version(self, table: Table, id: str) -> int:  # noqa: A002
        """The version of a row when it was removed, 0 if there was none."""
        if (table.name, id) in self._removed:
            return self._removed[table.name, id]
        event = tables.event
        removed = (event.c.entity == table.name) & (event.c.row == id) & event.c.after.is_(None)
        last = select(event.c.before).where(removed, event.c.before.is_not(None)).order_by(event.c.seq.desc()).limit(1)
        before = self.connection.execute(last).scalar()
        return 0 if before is None else int(json.loads(before)["version"])

    def drop(self, table: Table, id: str, expected: int | None = None) -> None:  # noqa: A002
        """Remove one row, if it is there; the journal keeps what it was."""
        before = self.row(table, id)
        if before is None:
            return
        if expected is not None and expected != before["version"]:
            raise self._conflict(table, id, {}, before)
        self.connection.execute(delete(table).where(table.c.id == id))
        self._removed[table.name, id] = before["version"]
        self._tell(table, id, before, None)

    def tell(self, entity: str = "", row: str = "") -> None:
        """Note in the journal that something was done which changes no row, such as an export."""
        self._append(entity, row, None, None)

    def _tell(self, table: Table, id: str, before: Row | None, after: Row | None) -> None:  # noqa: A002
        self._append(table.name, id, recorded(table, before), recorded(table, after))

    def _append(self, entity: str, row: str, before: str | None, after: str | None) -> None:
        order, (seq, previous) = self.order, self.head
        fields = (
            seq + 1, self.now.isoformat(timespec="microseconds"), order.actor, order.action, order.contest, entity, row,
            before, after, order.reason, order.criteria, order.key, previous,
        )  # fmt: skip
        self.events.append(Event(*fields, link(fields)))
        self.head = Head(seq + 1, self.events[-1].hash)

    def _conflict(self, table: Table, id: str, values: Mapping[str, object], current: Row | None) -> Conflict:  # noqa: A002
        event = tables.event
        last = self.connection.execute(
            select(event.c.actor, event.c.at)
            .where(event.c.entity == table.name, event.c.row == id)
            .order_by(event.c.seq.desc())
        ).first()
        return Conflict(table.name, values, current, *(last or ("", "")))


def _blank(table: Table) -> Row:
    """A row as the database would fill it in."""
    return {column.name: 0 if column.type.python_type is int else "" for column in table.columns}


def _fitting(table: Table, values: Mapping[str, object]) -> Row:
    """The values exactly as the columns will give them back, or the journal would say another thing than the row.

    Raises TypeError, ValueError: a number for a text or a text for a number, a NUL (PostgreSQL keeps none).
    """
    found: Row = {}
    for name, value in values.items():
        kind = table.c[name].type.python_type
        if not isinstance(value, kind):
            raise TypeError(f"{table.name}.{name} takes {kind.__name__}, not {value!r}")
        found[name] = int(value) if kind is int else str.__str__(value)  # not a bool, not a member of an enumeration
        if kind is str and "\0" in found[name]:
            raise ValueError(f"{table.name}.{name} takes no NUL: {value!r}")
    return found


def recorded(table: Table, row: Row | None) -> str | None:
    """A row as the journal keeps it: all of it, or of a private one the digest."""
    if row is None:
        return None
    whole = canonical(row)
    if not table.info["private"]:
        return whole
    return canonical({"id": row["id"], "version": row["version"], "digest": hashlib.sha256(whole.encode()).hexdigest()})


@dataclass
class Job(Generic[T]):
    """One command on its way."""

    order: Order
    work: Callable[[Transaction], T]
    answer: Future[T] = field(default_factory=Future)


class Door:
    """Takes commands from any thread and carries them out one after the other."""

    def __init__(self, engine: Engine, refusal_of: Callable[[DBAPIError], Message], lock: str | None = None) -> None:
        self._engine, self._refusal_of, self._lock = engine, refusal_of, lock
        self._queue = SimpleQueue[Job[Any] | None]()
        self._writer = Thread(target=self._work, name="chamdiem-writer", daemon=True)
        self._writer.start()

    def write(self, order: Order, work: Callable[[Transaction], T]) -> T:
        """Carry out a command; returns when what it did is safe on disk.

        Raises Refusal: what the command itself refuses, a Conflict, or why nothing can be written now.
        """
        job = Job(order, work)
        self._queue.put(job)
        try:
            return job.answer.result(PATIENCE)
        except TimeoutError:
            if job.answer.cancel():  # its turn has not come: nothing of it was done
                raise Refusal(Problem(Where(), message("store.busy", seconds=int(PATIENCE)))) from None
            return job.answer.result()

    def close(self) -> None:
        """Carry out what is waiting, then stop."""
        self._queue.put(None)
        self._writer.join()

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            claimed = [job] if job.answer.set_running_or_notify_cancel() else []
            if batch := claimed + self._waiting(COMMANDS_IN_A_COMMIT - 1):
                self._carry_out(batch)

    def _waiting(self, most: int) -> list[Job[Any]]:
        """Whoever waits, in turn; those who gave up are passed over."""
        found: list[Job[Any]] = []
        with suppress(Empty):
            while len(found) < most:
                job = self._queue.get_nowait()
                if job is None:
                    self._queue.put(None)
                    break
                found.append(job)
        return [job for job in found if job.answer.set_running_or_notify_cancel()]

    def _carry_out(self, batch: list[Job[Any]]) -> None:
        """One transaction: a savepoint for each command, one commit, and only then the answers."""
        outcomes: list[tuple[Job[Any], object, BaseException | None]] = []
        try:
            with self._engine.connect() as connection, connection.begin():
                if self._lock:
                    connection.exec_driver_sql(self._lock)
                head = head_of(connection)
                for job in batch:
                    result, failed, head = self._one(connection, job, head)
                    outcomes.append((job, result, failed))
        except DBAPIError as error:
            refusal = Refusal(Problem(Where(), why := self._refusal_of(error)))
            if why.id in WAITED_FOR:  # who came meanwhile has waited as well, and would wait as long once more
                batch = batch + self._waiting(self._queue.qsize())
            outcomes = [(job, None, refusal) for job in batch]
        except BaseException as error:  # nobody may wait for an answer for ever
            outcomes = [(job, None, error) for job in batch]
        for job, result, failed in outcomes:
            if failed is None:
                job.answer.set_result(result)
            else:
                job.answer.set_exception(failed)

    def _one(self, connection: Connection, job: Job[Any], head: Head) -> tuple[object, BaseException | None, Head]:
        """Carry out one command inside the transaction; what it refuses leaves no trace."""
        again = repeated(connection, job.order)
        if again is not None:
            return json.loads(again), None, head
        savepoint = connection.begin_nested()
        transaction = Transaction(connection, job.order, head, datetime.now(UTC))
        try:
            result = self._keep(connection, job.order, transaction, head, job.work(transaction))
        except OperationalError as error:
            why = self._refusal_of(error)
            if why.id != "store.failed":  # not the command's fault: nothing can be written now
                raise
            failed: BaseException = Refusal(Problem(Where(), why))
        except BaseException as error:
            failed = error
        else:
            savepoint.commit()
            return result, None, transaction.head
        savepoint.rollback()
        return None, failed, head

    @staticmethod
    def _keep(connection: Connection, order: Order, transaction: Transaction, before: Head, result: object) -> object:
        """Write the events down, and under a key the answer; returns the answer as a repetition will get it."""
        if transaction.events:
            connection.execute(insert(tables.event), [event._asdict() for event in transaction.events])
        if not order.key:
            return result
        said = json.dumps(result)
        kept = {"key": kept_key(order), "result": said, "first": before.seq + 1, "last": transaction.head.seq}
        connection.execute(insert(tables.command), kept)
        return json.loads(said)


def head_of(connection: Connection) -> Head:
    """The end of the chain."""
    event = tables.event
    found = connection.execute(select(event.c.seq, event.c.hash).order_by(event.c.seq.desc()).limit(1)).first()
    return EMPTY if found is None else Head(found.seq, found.hash)


def repeated(connection: Connection, order: Order) -> str | None:
    """What a command answered the first time, if its author has ordered it before."""
    if not order.key:
        return None
    kept = tables.command
    return connection.execute(select(kept.c.result).where(kept.c.key == kept_key(order))).scalar()


def kept_key(order: Order) -> str:
    """The key under which an answer is kept: one author's key says nothing to another, nor for another command."""
    return canonical({"actor": order.actor, "action": order.action, "contest": order.contest, "key": order.key})
