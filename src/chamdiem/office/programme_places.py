"""The programmes and their members by name, for whoever gives roles in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from chamdiem.contest.permissions import Actor, Subject, allowed
from chamdiem.contest.record import rows
from chamdiem.store import tables
from chamdiem.store.database import Store


@dataclass(frozen=True)
class Place:
    """A programme, and the names of its members by code."""

    title: str
    members: dict[str, str] = field(default_factory=dict)


def places_for(store: Store, actor: Actor) -> dict[str, Place]:
    """All programmes by key; nothing for who gives no roles."""
    if not allowed(actor, "account.manage", Subject()):
        return {}
    with store.read() as connection:
        found = {str(row["id"]): Place(str(row["title"])) for row in rows(connection, tables.programme)}
        for row in rows(connection, tables.programme_member):
            found[row["programme"]].members[str(row["code"])] = str(row["name"])
    return found
