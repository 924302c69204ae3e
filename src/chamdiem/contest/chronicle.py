"""The journal of a contest as people read it: who did what when, to how much of it, and why; never what a mark says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from chamdiem.contest.access import need
from chamdiem.contest.permissions import SYSTEM, Actor
from chamdiem.contest.record import rows
from chamdiem.errors import Message, message
from chamdiem.store import tables
from chamdiem.store.database import Store

ASKED = ".ask"  # how the order is called by which somebody asks for a second person
MOST = 3  # of the things of a deed are told by name; of more so many, then that there are more
MORE = "…"
Name = Message | str
Order = tuple[Any, ...]
ORDER = tuple(tables.event.c[name] for name in ("at", "actor", "action", "reason", "entity"))
OF_A_UNIT = [table for table in tables.metadata.sorted_tables if {"contest", "unit"}.issubset(table.c.keys())]
NOTHING: Mapping[Order, Sequence[str]] = {}


class Thing(NamedTuple):
    """How many things of a kind a deed was about, and what they are called as far as they have names."""

    kind: Message
    n: int
    names: tuple[Name, ...] = ()

    @property
    def told(self) -> Message:
        """The same in a sentence."""
        if not self.names:
            return message("journal.thing", n=self.n, thing=self.kind)
        names = [*self.names[:MOST], *([MORE] if len(self.names) > MOST else [])]
        return message("journal.thing", n=self.n, thing=message("thing.named", thing=self.kind, names=names))


@dataclass(frozen=True)
class Deed:
    """One order that was carried out: its events from … to …, when, who, what, and how many things of each kind."""

    first: int
    last: int
    at: datetime
    account: str
    who: Message
    what: Message
    things: tuple[Thing, ...]
    reason: str


def deeds(store: Store, actor: Actor, contest: str) -> list[Deed]:
    """Everything that was done in a contest, from the first. People who are forgotten go by a number."""
    with store.read() as connection:
        need(connection, actor, "journal.read", contest)
        return deeds_about(connection, contest, _units(connection, contest))


def deeds_about(connection: Connection, contest: str, units: Mapping[Order, Sequence[str]] = NOTHING) -> list[Deed]:
    """The same of whatever goes by this key in the journal, for whoever has asked whether they may be read."""
    people = {row["id"]: (row["name"], row["login"]) for row in rows(connection, tables.person)}
    found = connection.execute(_counted(contest)).fetchall()
    orders = groupby(found, key=lambda some: (some.at, some.actor, some.action, some.reason))
    return [_deed([*of_order], people, units) for _, of_order in orders]


def _counted(contest: str) -> Select[Any]:
    """How many events each order has of each kind of thing: what was written itself stays in the store."""
    first = func.min(tables.event.c.seq)
    counts = (first.label("first"), func.max(tables.event.c.seq).label("last"), func.count().label("n"))
    return select(*ORDER, *counts).where(tables.event.c.contest == contest).group_by(*ORDER).order_by(first)


def _units(connection: Connection, contest: str) -> dict[Order, list[str]]:
    """The units that the things of each order are of, by name, in the order in which they were written."""
    event, part, unit = tables.event, tables.contest_unit, tables.unit
    taking_part = select(unit.c.code, unit.c.name).join(part, part.c.unit == unit.c.id).where(part.c.contest == contest)
    names = {row.code: row.name for row in connection.execute(taking_part)}
    found: dict[Order, list[str]] = {}
    for table in OF_A_UNIT:
        code = table.c.code if table is part else table.c.unit
        here = event.c.contest == contest, event.c.entity == table.name
        asked = select(*ORDER, code).join(table, table.c.id == event.c.row).where(*here).group_by(*ORDER, code)
        for *order, of in connection.execute(asked.order_by(func.min(event.c.seq))):
            if name := names.get(of):
                found.setdefault(tuple(order), []).append(name)
    return found


def _deed(some: list[Any], people: dict[str, tuple[str, str]], units: Mapping[Order, Sequence[str]]) -> Deed:
    one, moment = some[0], datetime.fromisoformat(some[0].at)
    things = tuple(
        Thing(message(f"thing.{of.entity}"), of.n, tuple(units.get(tuple(of[: len(ORDER)]), ())))
        for of in sorted(some, key=lambda of: of.entity)
        if of.entity
    )
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
