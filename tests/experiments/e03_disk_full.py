"""E3: the disk is full in the middle of autosaving; it is told, nothing is claimed, and it goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

from sqlalchemy import select

from chamdiem.errors import Refusal
from chamdiem.store.database import open_store
from chamdiem.store.proof import verify
from chamdiem.store.tables import mark
from chamdiem.words import say
from experiments.common import Figures, folder, give, main, outcome, skipped


def fill_up(place: Path, judges: int) -> Figures:
    """Several judges write until the disk is full; then a file is removed and they write again."""
    ballast = place / "ballast"
    ballast.write_bytes(b"x" * 2_000_000)
    acked: dict[str, str] = {}
    told: list[tuple[str, float]] = []
    with open_store(f"sqlite:///{place / 'a.db'}") as store:

        def judge(number: int) -> None:
            for n in range(100_000):
                began = time.monotonic()
                try:
                    give(store, f"{number}-{n}", "9" * 500)
                    acked[f"{number}-{n}"] = "9" * 500
                except Refusal as error:
                    told.append((error.problems[0].message.id, time.monotonic() - began))
                    if len(told) > 3 * judges:
                        return

        threads = [threading.Thread(target=judge, args=(number,)) for number in range(judges)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.read() as connection:
            stored = {row.id: row.answer for row in connection.execute(select(mark))}
        ballast.unlink()
        give(store, "after", "10")
        faults = len(list(verify(store)))
        resumed = store.head().seq == len(acked) + 1
    return {
        "acked": len(acked), "stored": len(stored), "same": stored == acked, "told": sorted({name for name, _ in told}),
        "refusals": len(told), "slowest_told_s": round(max(took for _, took in told), 3), "resumed": resumed,
        "verify_faults": faults, "sentence": say("store.disk_full"),
    }  # fmt: skip


def run(quick: bool) -> Figures:
    """A disk of 6 MB in memory."""
    with folder() as place:
        disk = place / "disk"
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
            return skipped("E3 disk full", "only root can mount a small disk")
        try:
            figures = fill_up(disk, 2 if quick else 8)
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
    return outcome("E3 disk full", figures, {
        "what was acknowledged is what is stored": figures["same"],
        "told as a full disk": figures["told"] == ["store.disk_full"],
        "told within 1 s": figures["slowest_told_s"] <= 1,
        "resumes without reopening": figures["resumed"],
        "verify clean": figures["verify_faults"] == 0,
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
