"""E12: people of several roles work at the same time in one process; nobody is ever told a word that is another one's."""

from __future__ import annotations

import asyncio
import random

from chamdiem.contest.access import Footing
from chamdiem.contest.marking import marks_seen
from chamdiem.pages.menu import PAGES
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from contest_world import UNITS, World, answers
from experiments.app_worlds import Place, place
from experiments.common import Figures, main, outcome
from experiments.running_app import App, running, text_of, window

WRITERS = ("giam_khao_1", "giam_khao_2", "giam_khao_3", "chu_tich", "xa_07243", "xa_07246")
READERS = (*WRITERS, "thu_ky", "giam_sat", "")


def word_of(name: str, unit: str) -> str:
    """A word that one person alone has written about one unit."""
    return f"dau-{name}-{unit}-het"


def marked(w: World) -> None:
    """Everybody writes his word beside his marks, past the phases: communes assessed themselves before."""

    def put(transaction: Transaction) -> None:
        for name in WRITERS:
            stage = "self" if name.startswith("xa_") else "judge"
            for unit in UNITS if stage == "judge" else (name[3:],):
                author = name if stage == "judge" else ""
                about = {"contest": "k", "unit": unit, "stage": stage, "author": author}
                transaction.put(tables.sheet, f"k/{unit}/{stage}/{author}", {**about, "status": "draft"})
                for code in ("1.5", "1.4"):
                    said = {"criterion": code, "answer": answers("", unit)[code], "note": word_of(name, unit)}
                    transaction.put(tables.mark, f"k/{unit}/{code}/{stage}/{author}", {**about, **said})

    w.store.write(Order("system", "test.words"), put)


def allowed(w: World, name: str) -> set[str]:
    """The words that a person may be told, as the table of permissions says."""
    with w.store.read() as connection:
        return {row["note"] for row in marks_seen(Footing(connection, w.actor(name), "k")) if row["note"]}


async def work(app: App, token: str, runs: int, seed: int) -> tuple[int, set[str], int]:
    """One person, page after page; returns runs, the words he was told, and runs that failed."""
    chance, told, faults = random.Random(seed), set[str](), 0
    async with window(app, token) as opened:
        for n in range(runs):
            page = chance.choice(["cham-diem", "tu-cham", *(entry.path for entry in PAGES)]) if n else "cham-diem"
            text = text_of(await opened.run(page, f"dot=k&dv={chance.choice(UNITS)}"))
            told |= {f"dau-{part.split('-het')[0]}-het" for part in text.split("dau-")[1:]}
            faults += "ngoài dự kiến" in text
    return runs, told, faults


async def together(app: App, made: Place, runs: int) -> list[tuple[int, set[str], int]]:
    """All of them at once."""
    each = max(1, runs // len(READERS))
    return await asyncio.gather(
        *(work(app, made.tokens.get(name, ""), each, seed) for seed, name in enumerate(READERS))
    )


def run(quick: bool, *, runs: int = 0) -> Figures:
    """A thousand runs of pages, spread over nine people."""
    runs = runs or (200 if quick else 1000)
    with place("judging", *filter(None, READERS)) as made:
        with made.opened() as w:
            marked(w)
            may = {name: allowed(w, name) for name in READERS}
        with running(made.url) as app:
            done = asyncio.run(together(app, made, runs))
    told = {name: words for name, (_, words, _) in zip(READERS, done, strict=True)}
    foreign = {name: sorted(words - may[name]) for name, words in told.items() if words - may[name]}
    figures = {
        "people": len(READERS), "runs": sum(count for count, _, _ in done), "faults": sum(one[2] for one in done),
        "words": len(WRITERS), "told": {name: len(words) for name, words in told.items()}, "foreign": foreign,
    }  # fmt: skip
    return outcome("E12 side by side", figures, {
        "nobody is told another one's word": not foreign,
        "each judge is told his own": all(any(name in word for word in told[name]) for name in WRITERS[:4]),
        "no run fails": not figures["faults"],
    })  # fmt: skip


if __name__ == "__main__":
    main(run)
