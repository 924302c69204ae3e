"""E8b: a backup is taken while a hundred marks a second are written, restored elsewhere on both databases, and verified."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from pathlib import Path

from chamdiem.errors import Refusal
from chamdiem.store.backup import back_up, logical_hash, restore
from chamdiem.store.database import open_store
from chamdiem.store.proof import verify
from experiments.common import Figures, fill, folder, main, outcome, paced
from stores import new_place


def evidence(place: Path, number: int, size: int) -> dict[str, Path]:
    """Evidence files by their hash."""
    dice, files = random.Random(3), {}
    for n in range(number):
        path = place / f"file-{n}"
        path.write_bytes(dice.randbytes(size))
        files[hashlib.sha256(path.read_bytes()).hexdigest()] = path
    return files


def flips(archive: Path, place: Path, times: int) -> int:
    """How many archives with one flipped bit are refused with nothing left behind."""
    whole, dice, refused = archive.read_bytes(), random.Random(5), 0
    for _ in range(times):
        changed = bytearray(whole)
        changed[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        broken = place / "broken.tar.gz"
        broken.write_bytes(changed)
        target = place / "target"
        target.mkdir(exist_ok=True)
        try:
            restore(broken, f"sqlite:///{target / 'a.db'}", target / "files").close()
        except Refusal:
            refused += not list(target.iterdir())
    return refused


def one(kind: str, events: int, seconds: float, times: int) -> Figures:
    """Fill a store, back it up under load, restore it on both databases."""
    with folder() as place, new_place(kind, place) as url, open_store(url) as store:
        fill(store, events)
        files = evidence(place, 20, 50_000)
        load: Figures = {}
        judges = threading.Thread(target=lambda: load.update(paced(store, 100, seconds)))
        judges.start()
        time.sleep(min(1, seconds / 3))
        began = time.monotonic()
        manifest = back_up(store, files, place / "b.tar.gz")
        took = time.monotonic() - began
        judges.join()
        same, faults, reread = True, 0, True
        for target in ("sqlite", "postgresql"):
            there = place / f"to-{target}"
            there.mkdir()
            with new_place(target, there) as address, restore(place / "b.tar.gz", address, there / "files") as restored:
                with restored.read() as connection:
                    same &= logical_hash(connection) == manifest["logical_hash"]
                faults += len(list(verify(restored)))
                kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (there / "files").iterdir()}
                reread &= kept == files.keys()
        return {
            "events": events, "archive_mb": round((place / "b.tar.gz").stat().st_size / 1e6, 1), "backup_s": round(took, 2),
            "under_load": load, "same_hash": same, "restored_faults": faults, "evidence_reread": reread,
            "flipped": times, "flipped_refused": flips(place / "b.tar.gz", place, times),
        }  # fmt: skip


def run(quick: bool, *, only: int = 0) -> Figures:
    """From each database to each."""
    events, times = (only, 10) if only else ((5000, 50) if quick else (50_000, 300))
    seconds = 1.5 if only else (8 if quick else 30)
    figures = {kind: one(kind, events, seconds, times) for kind in ("sqlite", "postgresql")}
    every = figures.values()
    return outcome("E8b backup under load", figures, {
        "logical hash equal to the manifest": all(one["same_hash"] for one in every),
        "every evidence file read again": all(one["evidence_reread"] for one in every),
        "restored stores verify": all(one["restored_faults"] == 0 for one in every),
        "every flipped bit refused, nothing left behind": all(one["flipped_refused"] == one["flipped"] for one in every),
        "no mark refused meanwhile": all(one["under_load"]["refused"] == 0 for one in every),
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
