"""What the experiments share: a place to work in, many judges at once, and one JSON object at the end."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chamdiem.errors import Refusal
from chamdiem.store.database import Store, sqlite_module
from chamdiem.store.door import Order, Transaction
from chamdiem.store.tables import mark

TESTS = Path(__file__).parents[1]
Figures = dict[str, Any]


def outcome(name: str, figures: Figures, targets: dict[str, bool]) -> Figures:
    """What an experiment found; it passes when every target holds."""
    return {"experiment": name, "passed": all(targets.values()), "targets": targets, "figures": figures}


def skipped(name: str, why: str) -> Figures:
    """An experiment that this machine cannot do."""
    return {"experiment": name, "passed": None, "skipped": why}


def main(run: Callable[[bool], Figures]) -> None:
    """Run an experiment from the command line: small with --quick; returns 1 when a target does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    found = run(parser.parse_args().quick)
    found["machine"] = {
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2), "python": platform.python_version(),
        "sqlite": sqlite_module().sqlite_version,
    }  # fmt: skip
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    sys.exit(0 if found["passed"] is not False else 1)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder on a real disk, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="chamdiem-") as name:
        yield Path(name)


def put(row: str, answer: str, expected: int | None = None) -> Callable[[Transaction], int]:
    """A command that writes one mark."""
    values = {"contest": "c", "unit": "u", "criterion": "1.1", "answer": answer}
    return lambda transaction: transaction.put(mark, row, values, expected)


def give(store: Store, row: str, answer: str, *, judge: str = "j", key: str = "", expected: int | None = None) -> int:
    """Write one mark; returns its version."""
    return store.write(Order(judge, "mark.put", "c", key=key), put(row, answer, expected))


def fill(store: Store, events: int, rows: int = 8000, since: int = 0) -> None:
    """A store with that many events on that many marks, a thousand at a time; `since` tells how many there are."""
    for start in range(since, events, 1000):

        def several(transaction: Transaction, start: int = start) -> None:
            for n in range(start, min(start + 1000, events)):
                put(f"m{n % rows}", str(n))(transaction)

        store.write(Order(f"j{start // 1000 % 7}", "mark.put", "c"), several)


def run_child(module: str, *arguments: str, preload: str = "") -> subprocess.Popen[str]:
    """Another process at `experiments.<module>`'s own entry for children, spawned, never forked."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS), **({"LD_PRELOAD": preload} if preload else {})}
    return subprocess.Popen(
        [sys.executable, "-m", f"experiments.{module}", *arguments], env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=TESTS,
    )  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies, in milliseconds."""
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) if ordered else 0.0


def paced(store: Store, judges: int, seconds: float, per_second: float = 1.0) -> Figures:
    """That many judges, each writing marks at a steady pace; how long each mark took, and what was refused."""
    took: list[list[float]] = [[] for _ in range(judges)]
    refusals: list[str] = []
    start = time.monotonic() + 0.2

    def judge(number: int) -> None:
        at = start + number / judges / per_second
        n = 0
        while at < start + seconds:
            time.sleep(max(0.0, at - time.monotonic()))
            asked = time.monotonic()
            try:
                give(store, f"{number}-{n % 40}", str(n), judge=f"j{number}", key=f"{number}-{n}")
                took[number].append(time.monotonic() - asked)
            except Refusal as error:
                refusals.append(error.problems[0].message.id)
            n += 1
            at += 1 / per_second

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(judges)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [one for judge_took in took for one in judge_took]
    counts = [len(judge_took) for judge_took in took]
    return {
        "judges": judges, "seconds": seconds, "saved": len(every), "refused": len(refusals), "refusals": sorted(set(refusals)),
        "p50_ms": percentile(every, 0.5), "p99_ms": percentile(every, 0.99), "max_ms": percentile(every, 1),
        "fairness": round(min(counts) / max(counts), 3) if max(counts) else 0.0,
    }  # fmt: skip
