"""E1: a process that many judges write through is killed in the middle; what was acknowledged is there, nothing is torn."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from itertools import count

from sqlalchemy import select

import postgres
from chamdiem.errors import Refusal
from chamdiem.store.database import Store, open_store
from chamdiem.store.proof import verify
from chamdiem.store.tables import event, mark
from experiments.common import Figures, folder, give, main, outcome, run_child

WRITERS = 8


def child(url: str, run: str) -> None:
    """Write for ever with eight threads; each mark is acknowledged in a line of output once it is saved."""
    said = threading.Lock()
    with open_store(url) as store:

        def judge(number: int) -> None:
            with contextlib.suppress(Refusal):  # the server was killed: this judge goes home
                for n in count():
                    row = f"{run}-{number}-{n}"
                    give(store, row, str(n))
                    with said:
                        sys.stdout.write(row + "\n")
                        sys.stdout.flush()

        for number in range(WRITERS):
            threading.Thread(target=judge, args=(number,), daemon=True).start()
        threading.Event().wait()


def one_round(url: str, run: str, after: float, server: postgres.Server | None) -> set[str]:
    """Start the child, kill it (and the server, if one is given) after a while; what it had acknowledged."""
    process = run_child("e01_kill", "child", url, run)
    assert process.stdout is not None
    acked = {process.stdout.readline().strip()}
    timer = threading.Timer(after, server.kill if server else process.kill)
    timer.start()
    if server:
        timer.join()
        process.kill()
    acked |= {line.strip() for line in process.stdout if line.endswith("\n")}
    process.wait()
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    timer.join()
    if server:
        server.start()
    return acked


def after_the_kill(store: Store, acked: set[str], run: str) -> Figures:
    """What a reopened store has lost, torn, or kept without having said so."""
    with store.read() as connection:
        rows = {row for row in connection.execute(select(mark.c.id)).scalars() if row.startswith(f"{run}-")}
        told = {row for row in connection.execute(select(event.c.row)).scalars() if row.startswith(f"{run}-")}
    return {"acked": len(acked), "lost": len(acked - rows), "torn": len(rows ^ told), "unacked": len(rows - acked)}


def rounds(url: str, number: int, *, seed: int, server: postgres.Server | None = None) -> Figures:
    """That many kills at random moments of one store, which grows from round to round."""
    dice = random.Random(seed)
    found: list[Figures] = []
    slowest, faults = 0.0, 0
    for run in range(number):
        acked = one_round(url, f"s{seed}r{run}", dice.uniform(0.02, 0.5), server)
        began = time.monotonic()
        with open_store(url) as store:
            store.head()
            slowest = max(slowest, time.monotonic() - began)
            found.append(after_the_kill(store, acked, f"s{seed}r{run}"))
            faults += len(list(verify(store)))
    total = {name: sum(one[name] for one in found) for name in ("acked", "lost", "torn")}
    most = max(one["unacked"] for one in found)
    return {"rounds": number, **total, "most_unacked": most, "verify_faults": faults, "reopen_s": round(slowest, 3)}


def run(quick: bool, *, only: int = 0) -> Figures:
    """Kill the writer on SQLite and on PostgreSQL, and the PostgreSQL server itself."""
    some = only or (3 if quick else 40)
    figures: Figures = {}
    with folder() as place:
        figures["sqlite"] = rounds(f"sqlite:///{place / 'a.db'}", some, seed=1)
    with postgres.Server() as server:
        figures["postgresql"] = rounds(server.url(), some, seed=2)
        if not only:
            figures["postgresql_server"] = rounds(server.url(), max(2, some // 10), seed=3, server=server)
    every = figures.values()
    return outcome("E1 kill -9", figures, {
        "acked lost 0": all(one["lost"] == 0 for one in every),
        "torn 0": all(one["torn"] == 0 for one in every),
        "verify clean": all(one["verify_faults"] == 0 for one in every),
        "unacked at most one for each writer in flight": all(one["most_unacked"] <= WRITERS for one in every),
        "reopen < 2 s": all(one["reopen_s"] < 2 for one in every),
    })  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], sys.argv[3])
    main(run)
