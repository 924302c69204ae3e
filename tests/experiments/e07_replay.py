"""E7: the same import and the same autosave are sent again, also after a crash between two parts; nothing happens twice."""

from __future__ import annotations

import sys

from chamdiem.store.backup import logical_hash
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.proof import verify
from experiments.common import Figures, folder, give, main, outcome, put, run_child
from stores import new_place


def bring_in(store: Store, sheets: int) -> int:
    """Import workbooks of forty marks each, one command for each sheet under the hash of the file; how many changed."""

    def sheet(transaction: Transaction, number: int) -> int:
        for criterion in range(40):
            put(f"{number}-{criterion}", str(criterion))(transaction)
        return len(transaction.events)

    changed = 0
    for number in range(sheets):
        order = Order("lan", "import", "c", key=f"sha-of-file-{number}")
        before = store.head().seq
        store.write(order, lambda transaction, number=number: sheet(transaction, number))
        changed += store.head().seq - before
    return changed


def child(url: str, sheets: str) -> None:
    """Import half of the sheets and stop without a word, as a machine does that loses its power."""
    with open_store(url) as store:
        bring_in(store, int(sheets) // 2)
        sys.stdout.write("half\n")
        sys.stdout.flush()
        sys.stdin.read()


def state(store: Store) -> tuple[str, int]:
    with store.read() as connection:
        return logical_hash(connection), store.head().seq


def replay(url: str, sheets: int) -> Figures:
    """Half an import, a kill, the whole import twice, and an autosave twice, reopened in between."""
    process = run_child("e07_replay", "child", url, str(sheets))
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.kill()
    process.communicate()
    with open_store(url) as store:
        half = store.head().seq
        first = bring_in(store, sheets)
        give(store, "1-1", "9", key="autosave", expected=1)
        before = state(store)
        again = bring_in(store, sheets)
        give(store, "1-1", "9", key="autosave", expected=1)
        unkeyed = sum(give(store, f"2-{criterion}", str(criterion)) != 1 for criterion in range(40))
        after = state(store)
    with open_store(url) as store:
        bring_in(store, sheets)
        reopened = state(store)
        faults = len(list(verify(store)))
    return {
        "sheets": sheets, "events_before_the_crash": half, "changed_by_the_first_run": first, "changed_by_the_second": again,
        "changed_without_a_key": unkeyed, "same_hash": before == after == reopened, "events": after[1], "verify_faults": faults,
    }  # fmt: skip


def run(quick: bool, *, only: int = 0) -> Figures:
    """Two hundred sheets on each database."""
    figures: Figures = {}
    for kind in ("sqlite", "postgresql"):
        with folder() as place, new_place(kind, place) as url:
            open_store(url).close()
            figures[kind] = replay(url, only or (20 if quick else 200))
    every = figures.values()
    return outcome("E7 replay", figures, {
        "second run changes nothing": all(one["changed_by_the_second"] == one["changed_without_a_key"] == 0 for one in every),
        "each mark is written once": all(one["events"] == one["sheets"] * 40 + 1 for one in every),
        "content hash equal": all(one["same_hash"] for one in every),
        "verify clean": all(one["verify_faults"] == 0 for one in every),
    })  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], sys.argv[3])
    else:
        main(run)
