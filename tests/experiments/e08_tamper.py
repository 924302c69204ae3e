"""E8: a long journal is edited by its owner in a thousand ways; verifying names the event every time, and is quick."""

from __future__ import annotations

import random
import time
from pathlib import Path

from sqlalchemy import Connection, create_engine, text

from chamdiem.store.database import Store, open_store, sqlite_module
from chamdiem.store.journal import EMPTY, Event, Fault, Head, faults, link
from chamdiem.store.proof import save_head, verify
from experiments.common import Figures, fill, folder, main, outcome
from stores import new_place

NO_TRIGGERS = {
    "sqlite": [f"DROP TRIGGER event_no_{verb}" for verb in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER event_no_edit ON event"],
}
KINDS = ("value", "actor", "time", "delete", "swap")
WINDOW = (
    50  # events before and after the edit that are walked: the chain is local, so a fault there is a fault of the whole
)


def tamper(connection: Connection, kind: str, seq: int, dice: random.Random) -> None:
    """One edit past the door, inside a transaction that is rolled back afterwards."""
    here = {"seq": seq, "next": seq + 1, "aside": -1, "digit": str(dice.randrange(10**6, 10**7))}
    statements = {
        "value": ['UPDATE event SET after = replace(after, \'"answer":"\', \'"answer":"\' || :digit) WHERE seq = :seq'],
        "actor": ["UPDATE event SET actor = actor || :digit WHERE seq = :seq"],
        "time": ["UPDATE event SET at = '2020' || substr(at, 5) WHERE seq = :seq"],
        "delete": ["DELETE FROM event WHERE seq = :seq"],
        "swap": [
            "UPDATE event SET seq = :aside WHERE seq = :seq",
            "UPDATE event SET seq = :seq WHERE seq = :next",
            "UPDATE event SET seq = :next WHERE seq = :aside",
        ],
    }[kind]
    for statement in statements:
        clause = text(statement)
        connection.execute(clause, {name: here[name] for name in clause.compile().params})


def named(connection: Connection, seq: int) -> bool:
    """Whether walking the chain around the place names the event that was edited."""
    columns = ", ".join(f'"{name}"' for name in Event._fields)
    walk = f"SELECT {columns} FROM event WHERE seq BETWEEN :first AND :last ORDER BY seq"
    before = connection.execute(
        text("SELECT seq, hash FROM event WHERE seq < :seq AND seq > 0 ORDER BY seq DESC LIMIT 1"),
        {"seq": seq - WINDOW},
    ).first()
    start = Head(*before) if before else EMPTY
    rows = connection.execute(text(walk), {"first": start.seq + 1, "last": seq + WINDOW})
    return any(isinstance(found, Fault) and found.seq == seq for found in faults(map(tuple, rows), start))


def tamperings(url: str, events: int, times: int) -> dict[str, list[int]]:
    """For each kind of edit, how often it was made and how often it was named."""
    dice = random.Random(11)
    sqlite = url.startswith("sqlite")
    engine = create_engine(url, **({"module": sqlite_module()} if sqlite else {}))
    made = {kind: [0, 0] for kind in KINDS}
    with engine.begin() as connection:
        for statement in NO_TRIGGERS[engine.dialect.name]:
            connection.execute(text(statement))
    with engine.connect() as connection:
        for n in range(times):
            kind, seq = KINDS[n % len(KINDS)], dice.randrange(1, events)
            with connection.begin():
                tamper(connection, kind, seq, dice)
                made[kind][0] += 1
                made[kind][1] += named(connection, seq)
                connection.get_transaction().rollback()  # type: ignore[union-attr]
    engine.dispose()
    return made


def whole_walks(store: Store, url: str, events: int, heads: Path) -> Figures:
    """What only the whole walk can tell: its pace, one edit of each kind, a cut end and a chain written anew."""
    began = time.monotonic()
    clean = list(verify(store, heads))
    took = time.monotonic() - began
    engine = create_engine(url, **({"module": sqlite_module()} if store.is_sqlite else {}))
    edit = text("UPDATE event SET actor = :actor WHERE seq = :seq")
    with engine.begin() as connection:
        was = connection.execute(text("SELECT actor FROM event WHERE seq = :seq"), {"seq": events // 2}).scalar()
        connection.execute(edit, {"seq": events // 2, "actor": "x"})
    edited = {found.values.get("seq") for found in verify(store, heads)}
    with engine.begin() as connection:
        connection.execute(edit, {"seq": events // 2, "actor": was})
        connection.execute(text("DELETE FROM event WHERE seq > :seq"), {"seq": events - 10})
    cut = [found.id for found in verify(store, heads)]
    with engine.begin() as connection:
        rewrite(connection, events // 2)
    rewritten = [found.id for found in verify(store, heads)]
    engine.dispose()
    return {
        "clean_faults": len(clean), "verify_s": round(took, 2), "events_per_s": round(events / took),
        "edit_named_by_whole_walk": events // 2 in edited, "cut_found": "verify.cut" in cut,
        "rewrite_found": "verify.rewritten" in rewritten and "verify.event" not in rewritten,
    }  # fmt: skip


def rewrite(connection: Connection, since: int) -> None:
    """Change one event and write every later one anew, with right hashes."""
    columns = ", ".join(f'"{name}"' for name in Event._fields)
    rows = connection.execute(text(f"SELECT {columns} FROM event WHERE seq >= :seq ORDER BY seq"), {"seq": since})
    events = [Event(*row) for row in rows]
    events[0] = events[0]._replace(actor="forged")
    previous, changed = events[0].previous, []
    for found in events:
        said = found._replace(previous=previous)
        previous = link(said[:-1])
        changed.append({"a": said.actor, "p": said.previous, "h": previous, "s": said.seq})
    connection.execute(text("UPDATE event SET actor = :a, previous = :p, hash = :h WHERE seq = :s"), changed)


def one(kind: str, events: int, times: int) -> Figures:
    """Everything on one database."""
    with folder() as place, new_place(kind, place) as url, open_store(url) as store:
        heads, rows, part = place / "chain-heads.txt", min(8000, events // 2), events * 3 // 4
        fill(store, part, rows)
        save_head(store, heads, "mốc")
        fill(store, events, rows, since=part)
        save_head(store, heads, "chốt")
        made = tamperings(url, events, times)
        return {
            "events": events, "tamperings": times, "named": sum(named for _, named in made.values()),
            "by_kind": {name: f"{named}/{tried}" for name, (tried, named) in made.items()},
            **whole_walks(store, url, events, heads),
        }  # fmt: skip


def run(quick: bool, *, only: int = 0) -> Figures:
    """Two hundred thousand events on SQLite; a tenth of that on PostgreSQL."""
    events = only or (20_000 if quick else 200_000)
    figures = {
        "sqlite": one("sqlite", events, 50 if only else (200 if quick else 1000)),
        "postgresql": one("postgresql", max(events // 10, 1000), 50 if only else 200),
    }
    every = figures.values()
    targets = {
        "every edit named by its number": all(one["named"] == one["tamperings"] for one in every),
        "the whole walk names an edit": all(one["edit_named_by_whole_walk"] for one in every),
        "an untouched journal has no fault": all(one["clean_faults"] == 0 for one in every),
        "cut end found against saved heads": all(one["cut_found"] for one in every),
        "chain written anew found against saved heads": all(one["rewrite_found"] for one in every),
    }
    if not only:
        targets["verify >= 100,000 events/s"] = figures["sqlite"]["events_per_s"] >= 100_000
    return outcome("E8 tampering", figures, targets)


if __name__ == "__main__":
    main(run)
