"""E20: the upgrade of a store of real size is killed at many points; it resumes or stays, and no mark changes."""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from chamdiem.errors import Refusal
from chamdiem.store import migration
from chamdiem.store.database import open_store, sqlite_module
from experiments.common import Figures, fill, folder, main, outcome, run_child
from stores import new_place

STEP = '''
"""A later shape: every mark is touched."""
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{last}"


def upgrade() -> None:
    op.add_column("mark", sa.Column("weight", sa.Text(), server_default="", nullable=False))
    for number in range(40):
        op.execute(f"UPDATE mark SET weight = '{{number}}'")
'''


def child(url: str, steps: str) -> None:
    """Open the store as a later chamdiem would."""
    migration.STEPS = Path(steps)
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    open_store(url).close()


def look(url: str) -> tuple[str, int]:
    """The revision, and a number made of every mark and event."""
    engine = create_engine(url, **({"module": sqlite_module()} if url.startswith("sqlite") else {}))
    with engine.connect() as connection:
        revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
        marks = connection.execute(text("SELECT id, version, answer FROM mark ORDER BY id")).fetchall()
        events = connection.execute(text("SELECT count(*), max(hash) FROM event")).fetchone()
    engine.dispose()
    return revision, hash((tuple(map(tuple, marks)), tuple(events or ())))


def one(kind: str, events: int, kills: int) -> Figures:
    """Upgrade and kill, again and again; then let it finish, and let the older program look at the result."""
    dice = random.Random(9)
    with folder() as place, new_place(kind, place) as url:
        with open_store(url) as store:
            fill(store, events)
        shutil.copytree(migration.STEPS, place / "steps", ignore=shutil.ignore_patterns("__pycache__"))
        (place / "steps" / "versions" / "v9000_later.py").write_text(STEP.format(last=migration.newest()))
        first, before = look(url)
        killed, as_it_was, done = 0, True, 0.5
        for n in range(kills):
            process = run_child("e20_migration", "child", url, str(place / "steps"))
            assert process.stdout is not None
            process.stdout.readline()
            began = time.monotonic()
            time.sleep(dice.uniform(0, done) if n else 0)
            killed += process.poll() is None
            process.kill()
            process.communicate()
            revision, now = look(url)
            as_it_was &= now == before and revision in (first, "9000")
            if revision == "9000":
                done = (time.monotonic() - began) * 0.9
                break
        began = time.monotonic()
        process = run_child("e20_migration", "child", url, str(place / "steps"))
        process.communicate()
        took = time.monotonic() - began
        revision, now = look(url)
        try:
            open_store(url).close()
            refused = ""
        except Refusal as error:
            refused = str(error)
        copies = len(list(place.glob("*.before-*.db")))
        return {
            "events": events, "killed": killed, "unchanged_after_each": as_it_was, "finished": revision == "9000",
            "marks_unchanged": now == before, "upgrade_s": round(took, 2), "copies": copies, "older_program": refused,
            "unfinished_copies": len(list(place.glob("*.part"))),
        }  # fmt: skip


def run(quick: bool, *, only: int = 0) -> Figures:
    """Eight thousand marks and fifty thousand events, twenty kills."""
    events, kills = (only, 2) if only else ((5000, 5) if quick else (50_000, 20))
    figures = {kind: one(kind, events, kills) for kind in ("sqlite", "postgresql")}
    every = figures.values()
    return outcome("E20 killed upgrade", figures, {
        "resumes or stays": all(one["unchanged_after_each"] and one["finished"] for one in every),
        "no mark changed": all(one["marks_unchanged"] for one in every),
        "a copy made before (SQLite)": figures["sqlite"]["copies"] == 1 and figures["sqlite"]["unfinished_copies"] == 0,
        "newer store refused by the older program": all(one["older_program"] == "store.newer" for one in every),
    })  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2], sys.argv[3])
    else:
        main(run)
