"""The journal of a contest as people read it: who did what when, to how much of it, and why; never what a mark says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, select

from chamdiem.contest.access import need
from chamdiem.contest.permissions import SYSTEM, Actor
from chamdiem.contest.record import rows
from chamdiem.errors import Message, message
from chamdiem.store import tables
from chamdiem.store.database import Store

ASKED = ".ask"  # how the order is called by which somebody asks for a second person


@dataclass(frozen=True)
class Deed:
    """One order that was carried out: its events from … to …, when, who, what, and how many things of each kind."""

    first: int
    last: int
    at: datetime
    account: str
    who: Message
    what: Message
    things: tuple[tuple[Message, int], ...]
    reason: str


def deeds(store: Store, actor: Actor, contest: str) -> list[Deed]:
    """Everything that was done in a contest, from the first. People who are forgotten go by a number."""
    with store.read() as connection:
        need(connection, actor, "journal.read", contest)
        return deeds_about(connection, contest)


def deeds_about(connection: Connection, contest: str) -> list[Deed]:
    """The same of whatever goes by this key in the journal, for whoever has asked whether they may be read."""
    people = {row["id"]: (row["name"], row["login"]) for row in rows(connection, tables.person)}
    found = connection.execute(_counted(contest)).fetchall()
    orders = groupby(found, key=lambda some: (some.at, some.actor, some.action, some.reason))
    return [_deed([*of_order], people) for _, of_order in orders]


def _counted(contest: str) -> Select[Any]:
    """How many events each order has of each kind of thing: what was written itself stays in the store."""
    event = tables.event
    order = (event.c.at, event.c.actor, event.c.action, event.c.reason, event.c.entity)
    first = func.min(event.c.seq)
    counts = (first.label("first"), func.max(event.c.seq).label("last"), func.count().label("n"))
    return select(*order, *counts).where(event.c.contest == contest).group_by(*order).order_by(first)


def _deed(some: list[Any], people: dict[str, tuple[str, str]]) -> Deed:
    one, moment = some[0], datetime.fromisoformat(some[0].at)
    things = tuple((message(f"thing.{of.entity}"), of.n) for of in sorted(some, key=lambda of: of.entity) if of.entity)
    last = max(of.last for of in some)
    return Deed(one.first, last, moment, one.actor, _who(one.actor, people), _what(one.action), things, one.reason)


def _who(account: str, people: dict[str, tuple[str, str]]) -> Message:
    if account == SYSTEM.account:
        return message("journal.owner")
    if account not in people:
        return message("journal.forgotten", account=account)
    name, login = people[account]
    return message("journal.person", name=name, login=login)


def _what(action: str) -> Message:
    if action.endswith(ASKED):
        return message("journal.asked", what=message(action.removesuffix(ASKED)))
    return message(action)
