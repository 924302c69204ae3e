"""Whether everything still stands: the store and its journal, evidence files, publications, and results computed anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from chamdiem.contest import publication
from chamdiem.contest.law import law_of
from chamdiem.errors import Message, Refusal, message
from chamdiem.store import proof, tables
from chamdiem.store.database import Store


def everything(store: Store, heads: Path | None = None) -> Iterator[Message]:
    """All that is wrong, in sentences; nothing when all is well."""
    yield from proof.verify(store, heads)
    with store.read() as connection:
        for contest in connection.execute(select(tables.contest).order_by(tables.contest.c.id)).mappings().all():
            yield from _contest(connection, contest["id"], contest["criteria"], contest["phase"])


def _contest(connection: Connection, contest: str, criteria: str, phase: str) -> Iterator[Message]:
    try:
        law_of(connection, criteria)
    except Refusal as refusal:
        yield from (problem.message for problem in refusal.problems)
        return
    for broken in publication.faults(connection, contest):
        yield message("verify.snapshot", id=broken)
    yield from _recomputed(connection, contest)


def _recomputed(connection: Connection, contest: str) -> Iterator[Message]:
    """The last publication, worked out again from the marks it rests on: of an unchanged contest it must come out equal."""
    last = publication.latest(connection, contest)
    if last is None:
        return
    said = json.loads(last["snapshot"])
    try:
        now = publication.snapshot(connection, contest)
    except Refusal as refusal:
        yield from (problem.message for problem in refusal.problems)
        return
    untouched = said["marks"] == now["marks"] and said["criteria"] == now["criteria"]
    same_engine = said["engine"]["arithmetic"] == now["engine"]["arithmetic"]
    if untouched and same_engine and said["result"] != now["result"]:
        units = [unit for unit, standing in now["units"].items() if said["units"].get(unit) != standing]
        yield message("verify.recomputed", contest=contest, units=units[:5])
