"""The journal of a contest as people read it: who did what when, to how much of it, and why; never what a mark says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

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
        people = {row["id"]: (row["name"], row["login"]) for row in rows(connection, tables.person)}
        here = select(tables.event).where(tables.event.c.contest == contest).order_by(tables.event.c.seq)
        events = connection.execute(here).fetchall()
    orders = groupby(events, key=lambda event: (event.at, event.actor, event.action, event.reason))
    return [_deed([*of_order], people) for _, of_order in orders]


def _deed(events: list[Any], people: dict[str, tuple[str, str]]) -> Deed:
    first, last = events[0], events[-1]
    counted = Counter(event.entity for event in events if event.entity)
    things = tuple((message(f"thing.{entity}"), n) for entity, n in sorted(counted.items()))
    moment = datetime.fromisoformat(first.at)
    return Deed(
        first.seq, last.seq, moment, first.actor, _who(first.actor, people), _what(first.action), things, first.reason
    )


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
