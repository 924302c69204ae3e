"""Several commands as one: what services do with this store is kept whole, in one transaction, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

T = TypeVar("T")


class Together(Store):
    """The store from inside a command that is under way: reading sees what it has written, writing adds to it.

    Every command keeps its own events, with who ordered it. What one of them refuses must be let through: its own part
    alone is not taken back. For the thread of that command only, and only while it runs.
    """

    def __init__(self, store: Store, under_way: Transaction) -> None:
        self.url, self.is_sqlite, self._process = store.url, store.is_sqlite, os.getpid()
        self.writer = self.reader = cast(Any, _Taken())
        self._under_way = under_way

    def write(self, order: Order, work: Callable[[Transaction], T]) -> T:
        """Carry out a command as a part of the one under way."""
        whole = self._under_way
        part = Transaction(whole.connection, order, whole.head, datetime.now(UTC))
        result = work(part)
        whole.events += part.events
        whole.head = part.head
        return result

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """What there is by now, the unfinished command included."""
        yield self._under_way.connection

    def close(self) -> None:
        """Nothing: the store itself is another's to close."""


class _Taken:
    """There is one connection that writes, and the command under way has it."""

    def connect(self) -> NoReturn:
        """Refused as it would be after waiting."""
        raise PoolTimeoutError("a command is under way")
