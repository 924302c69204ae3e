"""E4: another process keeps the database to itself; judges are told in time, and what they send again is saved once."""

from __future__ import annotations

import sys
import threading
import time

from sqlalchemy import create_engine

from chamdiem.errors import Refusal
from chamdiem.store.database import CHAIN_LOCK, Store, open_store, sqlite_module
from chamdiem.store.proof import verify
from experiments.common import Figures, folder, give, main, outcome, run_child
from stores import new_place


def child(url: str) -> None:
    """Hold the database until the standard input ends."""
    sqlite = url.startswith("sqlite")
    engine = create_engine(url, isolation_level="AUTOCOMMIT", **({"module": sqlite_module()} if sqlite else {}))
    with engine.connect() as connection:
        for statement in ("BEGIN IMMEDIATE",) if sqlite else ("BEGIN", CHAIN_LOCK):
            connection.exec_driver_sql(statement)
        sys.stdout.write("held\n")
        sys.stdout.flush()
        sys.stdin.read()


def locked(store: Store, url: str, judges: int, seconds: float) -> Figures:
    """Judges keep trying for a while against a held database; afterwards each sends the same again, twice."""
    holder = run_child("e04_locked", "child", url)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waits: list[float] = []
    said: set[str] = set()
    end = time.monotonic() + seconds

    def judge(number: int) -> None:
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                give(store, f"m{number}", "8", key=f"k{number}")
                said.add("saved")
            except Refusal as error:
                said.add(error.problems[0].message.id)
            waits.append(time.monotonic() - began)

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(judges)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    during = store.head().seq
    holder.communicate()
    for _ in range(2):
        for number in range(judges):
            give(store, f"m{number}", "8", key=f"k{number}")
    return {
        "judges": judges, "held_s": seconds, "answers": len(waits), "said": sorted(said), "longest_wait_s": round(max(waits), 2),
        "saved_meanwhile": during, "events_after_two_retries": store.head().seq, "verify_faults": len(list(verify(store))),
    }  # fmt: skip


def run(quick: bool) -> Figures:
    """A minute on each database."""
    figures: Figures = {}
    for kind in ("sqlite", "postgresql"):
        with folder() as place, new_place(kind, place) as url, open_store(url) as store:
            store.head()
            figures[kind] = locked(store, url, 5, 3 if quick else 60)
    every = figures.values()
    return outcome("E4 locked", figures, {
        "told within about 5 s": all(one["longest_wait_s"] <= 5.5 for one in every),
        "told why": all(set(one["said"]) <= {"store.locked", "store.busy"} for one in every),
        "nothing saved meanwhile": all(one["saved_meanwhile"] == 0 for one in every),
        "retries save once": all(one["events_after_two_retries"] == one["judges"] for one in every),
        "verify clean": all(one["verify_faults"] == 0 for one in every),
    })  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2])
    else:
        main(run)
