"""E2: two editors change the same sheets by turns, each on the version that it has seen; no edit is lost."""

from __future__ import annotations

import random
import threading
import time

from sqlalchemy import select

from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Conflict, Order
from chamdiem.store.proof import history, values_of, verify
from chamdiem.store.tables import mark
from experiments.common import Figures, folder, main, outcome, put
from stores import new_place

SHEETS = 4


class Editor:
    """A tab with what it has seen; each edit is made on that, and a conflict is looked at before going on."""

    def __init__(self, store: Store, name: str, edits: int) -> None:
        self.store, self.name, self.edits, self.dice = store, name, edits, random.Random(name)
        self.seen = dict.fromkeys((f"s{n}" for n in range(SHEETS)), 0)
        self.done: list[tuple[str, int, str]] = []
        self.conflicts: list[Conflict] = []

    def work(self) -> None:
        for n in range(self.edits):
            row, answer = f"s{self.dice.randrange(SHEETS)}", f"{self.name}{n}"
            try:
                order = Order(self.name, "mark.put", "c")
                version = self.store.write(order, put(row, answer, self.seen[row]))
                self.done.append((row, version, answer))
                self.seen[row] = version
            except Conflict as conflict:
                self.conflicts.append(conflict)
                self.seen[row] = (conflict.current or {"version": 0})["version"]


def edit(store: Store, edits: int) -> Figures:
    """Two editors at once; then each edit that was saved is compared with the history of its sheet."""
    editors = [Editor(store, name, edits // 2) for name in ("a", "b")]
    threads = [threading.Thread(target=editor.work) for editor in editors]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    lost, serial = 0, True
    with store.read() as connection:
        for row in editors[0].seen:
            told = [values_of(found.after) or {} for found in history(connection, "mark", row)]
            saved = sorted((v, answer) for editor in editors for (at, v, answer) in editor.done if at == row)
            lost += len({answer for _, answer in saved} - {one["answer"] for one in told})
            serial &= saved == [(one["version"], one["answer"]) for one in told]
            serial &= [version for version, _ in saved] == list(range(1, len(saved) + 1))
            now = connection.execute(select(mark.c.answer).where(mark.c.id == row)).scalar()
            serial &= not saved or now == saved[-1][1]
    conflicts = [conflict for editor in editors for conflict in editor.conflicts]
    shown = sum(
        bool(one.yours["answer"] and one.current and one.current["answer"] and one.who and one.when)
        for one in conflicts
    )
    saved_count = sum(len(editor.done) for editor in editors)
    return {
        "edits": edits, "saved": saved_count, "conflicts": len(conflicts), "conflicts_with_both_values": shown,
        "lost": lost, "serial": serial, "verify_faults": len(list(verify(store))), "edits_per_s": round(edits / took),
    }  # fmt: skip


def run(quick: bool, *, only: int = 0) -> Figures:
    """Ten thousand edits on each database."""
    figures: Figures = {}
    for kind in ("sqlite", "postgresql"):
        with folder() as place, new_place(kind, place) as url, open_store(url) as store:
            figures[kind] = edit(store, only or (1000 if quick else 10_000))
    every = figures.values()
    return outcome("E2 interleaved edits", figures, {
        "lost updates 0": all(one["lost"] == 0 for one in every),
        "final state is a serial order": all(one["serial"] for one in every),
        "each edit saved or shown as a conflict": all(one["saved"] + one["conflicts"] == one["edits"] for one in every),
        "every conflict shows both values, who, when": all(
            one["conflicts_with_both_values"] == one["conflicts"] > 0 for one in every
        ),
        "verify clean": all(one["verify_faults"] == 0 for one in every),
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
