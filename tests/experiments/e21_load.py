"""E21: many judges mark at a steady pace; how long each waits, whether all get their turn; and what pools would have done."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from itertools import count

import postgres
from chamdiem.store.database import CHAIN_LOCK, Store, open_store
from chamdiem.store.door import Order, Transaction, head_of
from chamdiem.store.proof import verify
from chamdiem.store.tables import event
from experiments.common import Figures, folder, give, main, outcome, paced, percentile, put
from stores import new_place


def steady(kind: str, judges: int, seconds: float) -> Figures:
    """A mark each second from each judge."""
    with folder() as place, new_place(kind, place) as url, open_store(url) as store:
        found = paced(store, judges, seconds)
        return {**found, "verify_faults": len(list(verify(store)))}


def flat_out(writers: int, seconds: float, one: object) -> Figures:
    """Writers without a pause; how many marks a second, how long each took, and how evenly they came through."""
    took: list[list[float]] = [[] for _ in range(writers)]
    end = time.monotonic() + seconds

    def writer(number: int) -> None:
        for n in count():
            began = time.monotonic()
            if began > end:
                return
            one(number, n)  # type: ignore[operator]
            took[number].append(time.monotonic() - began)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [value for each in took for value in each]
    counts = [len(each) for each in took]
    return {
        "writers": writers, "per_s": round(len(every) / seconds), "p50_ms": percentile(every, 0.5),
        "p99_ms": percentile(every, 0.99), "max_ms": percentile(every, 1), "fairness": round(min(counts) / max(counts), 2),
    }  # fmt: skip


def pooled(store: Store, number: int, n: int) -> None:
    """What the issue suggested instead of the writer thread: each thread its own transaction, in line by a lock."""
    with store.reader.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE")
        connection.exec_driver_sql(CHAIN_LOCK)
        transaction = Transaction(
            connection, Order(f"j{number}", "mark.put", "c"), head_of(connection), datetime.now(UTC)
        )
        put(f"{number}-{n % 40}", str(n))(transaction)
        connection.execute(event.insert(), [found._asdict() for found in transaction.events])


def against_pools(seconds: float) -> Figures:
    """The writer thread beside pooled transactions, on PostgreSQL, with few writers and with many."""
    figures: Figures = {}
    for writers in (1, 8, 25):
        with postgres.new_database(postgres.server_url()) as url, open_store(url) as store:
            door = flat_out(writers, seconds, lambda number, n, store=store: give(store, f"{number}-{n % 40}", str(n)))
        with postgres.new_database(postgres.server_url()) as url, open_store(url) as store:
            pool = flat_out(writers, seconds, lambda number, n, store=store: pooled(store, number, n))
            pool["verify_faults"] = len(list(verify(store)))
        figures[f"{writers}_writers"] = {"writer_thread": door, "pooled_transactions": pool}
    return figures


def run(quick: bool, *, only: int = 0) -> Figures:
    """A hundred judges on SQLite, three hundred on PostgreSQL."""
    seconds = 1.5 if only else (10 if quick else 60)
    figures = {
        "sqlite": steady("sqlite", only or 100, seconds), "postgresql": steady("postgresql", only or 300, seconds),
    }  # fmt: skip
    every = list(figures.values())
    targets = {
        "busy errors 0": all(one["refused"] == 0 for one in every),
        "fairness >= 0.9": all(one["fairness"] >= (0.9 if seconds >= 10 else 0.5) for one in every),
        "verify clean": all(one["verify_faults"] == 0 for one in every),
    }
    if not only:
        targets["p99 < 250 ms"] = all(one["p99_ms"] < 250 for one in every)
        targets["max < 1 s"] = all(one["max_ms"] < 1000 for one in every)
        figures["writer thread against pools"] = against_pools(2 if quick else 5)
    return outcome("E21 load", figures, targets)


if __name__ == "__main__":
    main(run)
