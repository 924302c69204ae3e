"""E1b: the tail of the write-ahead log is cut, flipped or filled with garbage, as a power cut may leave it."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from sqlalchemy import select

from chamdiem.errors import Refusal
from chamdiem.store.database import Store, open_store
from chamdiem.store.proof import verify
from chamdiem.store.tables import mark
from experiments.common import Figures, folder, give, main, outcome

EVENTS = 120


def damaged(whole: bytes, dice: random.Random) -> bytes:
    """The log with its end cut off, some bits flipped, or garbage from some place on."""
    at = dice.randrange(len(whole))
    match dice.randrange(3):
        case 0:
            return whole[:at]
        case 1:
            flipped = bytearray(whole)
            for place in dice.choices(range(at, len(whole)), k=8):
                flipped[place] ^= 1 << dice.randrange(8)
            return bytes(flipped)
        case _:
            return whole[:at] + dice.randbytes(len(whole) - at)


def is_prefix(store: Store, answers: list[str]) -> bool:
    """Whether the store is exactly as it was after one of its events."""
    if list(verify(store)):
        return False
    seq = store.head().seq
    with store.read() as connection:
        rows = {row.id: row.answer for row in connection.execute(select(mark))}
    then = {f"m{n % 10}": answers[n] for n in range(seq)}
    return rows == then


def history(place: Path) -> tuple[bytes, bytes, list[str]]:
    """A database and its log, copied while the store is open, and every answer in order."""
    path = place / "a.db"
    answers = [f"{n}" for n in range(EVENTS)]
    with open_store(f"sqlite:///{path}") as store:
        for n, answer in enumerate(answers):
            give(store, f"m{n % 10}", answer)
        return path.read_bytes(), path.with_name("a.db-wal").read_bytes(), answers


def run(quick: bool, *, only: int = 0) -> Figures:
    """Damage the log many times over; each time the store opens as an exact prefix of its history."""
    times, dice = only or (100 if quick else 1000), random.Random(7)
    prefixes, refusals, lengths = 0, [], set()
    with folder() as place:
        database, log, answers = history(place)
        for n in range(times):
            here = place / str(n)
            here.mkdir()
            (here / "a.db").write_bytes(database)
            (here / "a.db-wal").write_bytes(damaged(log, dice))
            try:
                with open_store(f"sqlite:///{here / 'a.db'}") as store:
                    prefixes += is_prefix(store, answers)
                    lengths.add(store.head().seq)
            except Refusal as error:
                refusals.append(str(error))
            shutil.rmtree(here)
    figures = {
        "damaged": times, "exact_prefixes": prefixes, "refused": len(refusals), "different_ends": len(lengths),
        "longest": max(lengths, default=0),
    }  # fmt: skip
    return outcome("E1b damaged log", figures, {"every one an exact prefix": prefixes == times})


if __name__ == "__main__":
    main(run)
