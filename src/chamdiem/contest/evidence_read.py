"""Evidence as each person may see it, and what about it people should look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.access import Footing
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.errors import Message, message
from chamdiem.store import tables
from chamdiem.store.database import Store


def evidence_for(store: Store, actor: Actor, contest: str, unit: str | None = None) -> list[Row]:
    """What documents prove, link by link with the document itself, of the units and criteria that are open to a person."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        where = {"contest": contest} | ({"unit": unit} if unit is not None else {})
        documents = {row["id"]: row for row in rows(connection, tables.evidence, **where)}
        known: dict[tuple[str, str], bool] = {}
        return [
            {**link, "document": documents[link["evidence"]]}
            for link in rows(connection, tables.evidence_link, **where)
            if _open(footing, link["unit"], link["criterion"], known)
        ]


def _open(footing: Footing, unit: str, criterion: str, known: dict[tuple[str, str], bool]) -> bool:
    if (unit, criterion) not in known:
        known[unit, criterion] = footing.may("evidence.read", unit=unit, criterion=criterion)
    return known[unit, criterion]


def doubts_for(store: Store, actor: Actor, contest: str) -> list[Doubt]:
    """What people should look at, about the documents that are open to a person; that others use a file as well is told
    only to whoever may see theirs."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        return [
            doubt
            for doubt in doubts(connection, contest)
            if all(footing.may("evidence.read", unit=u) for u in doubt.units)
        ]


@dataclass(frozen=True)
class Doubt:
    """Something about a document that people should look at, and all units that it is about."""

    evidence: str
    unit: str
    units: tuple[str, ...]
    what: Message


def doubts(connection: Connection, contest: str) -> Iterator[Doubt]:
    """Documents dated outside the period, the same file used by several units, or one that proves several criteria."""
    about = contest_row(connection, contest)
    documents = rows(connection, tables.evidence, contest=contest)
    links = [row for row in rows(connection, tables.evidence_link, contest=contest) if row["status"] != "withdrawn"]
    uses = Counter(link["evidence"] for link in links)
    by_file: dict[str, set[str]] = {}
    for document in documents:
        if document["file"]:
            by_file.setdefault(document["file"], set()).add(document["unit"])
    for document in documents:
        sharing = by_file.get(document["file"], set())
        for what in _doubts_of(document, about, sharing, uses[document["id"]]):
            units = tuple(sorted(sharing)) if what.id == "evidence.shared_file" else (document["unit"],)
            yield Doubt(document["id"], document["unit"], units, what)


def _doubts_of(document: Row, contest: Row, units: set[str], uses: int) -> Iterator[Message]:
    if document["date"] and not contest["period_from"] <= document["date"] <= contest["period_to"]:
        yield message("evidence.outside_period", title=document["title"], day=document["date"])
    if len(units) > 1:
        yield message("evidence.shared_file", title=document["title"], n=len(units))
    if uses > 1:
        yield message("evidence.used_twice", title=document["title"], n=uses)
