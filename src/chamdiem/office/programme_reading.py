"""What a person may look at of the programmes at work: which there are for him, what a member entered and handed in."""

from __future__ import annotations

from decimal import Decimal

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.office.figures import entries_of
from chamdiem.office.footing import Footing
from chamdiem.store import tables
from chamdiem.store.database import Store


def programmes_for(store: Store, actor: Actor) -> list[Row]:
    """The programmes of which a person may read anything, what still runs first, then the latest first."""
    with store.read() as connection:
        found = rows(connection, tables.programme)
        mine = [row for row in found if _knows(Footing(connection, actor, row["id"]))]
    latest = sorted(mine, key=lambda row: (row["period_from"], row["title"]), reverse=True)
    return sorted(latest, key=lambda row: bool(row["status"] != "running"))


def _knows(footing: Footing) -> bool:
    """Whether anything of a programme is open to him: all of it, or what is one member's."""
    return footing.may("programme.read") or bool(footing.own)


def entered_for(store: Store, actor: Actor, programme: str, member: str, cell: str) -> dict[str, Decimal]:
    """The figures that a member has entered for one cell, by their keys; raises Refusal."""
    with store.read() as connection:
        Footing(connection, actor, programme).need("programme.read", member)
        found = rows(connection, tables.figure, programme=programme, member=member, period=cell)
    return {name: value for (_, _, name), value in entries_of(found).items()}


def documents_for(store: Store, actor: Actor, programme: str, member: str) -> list[Row]:
    """The documents that a member has put on record, in the order in which it did; raises Refusal."""
    with store.read() as connection:
        Footing(connection, actor, programme).need("programme.read", member)
        found = rows(connection, tables.programme_document, programme=programme, member=member)
    return sorted(found, key=lambda row: (len(row["id"]), row["id"]))
