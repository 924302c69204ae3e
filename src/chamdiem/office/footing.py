"""How a person stands to a programme: for which of its members he works, what he may do for them, what he may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property

from sqlalchemy import Connection, Table

from chamdiem.contest.permissions import Actor, Subject, allowed, require
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import Registry
from chamdiem.errors import refuse
from chamdiem.office.field_entry import Entry
from chamdiem.store import tables
from chamdiem.store.door import Order

RUNNING, CLOSED = "running", "closed"
STILL = ("programme.read", "programme.manage")
"""What may be done in a programme that is closed; all else waits until it is begun anew."""


class Footing:
    """How one person stands to one programme: looked up once for many questions. An unknown programme is not found."""

    def __init__(self, connection: Connection, actor: Actor, programme: str) -> None:
        found = rows(connection, tables.programme, id=programme)
        if not found:
            raise refuse("permission.not_found")
        self.connection, self.actor, self.programme, self.row = connection, actor, programme, found[0]

    @cached_property
    def members(self) -> dict[str, Row]:
        """The members of the programme, by their codes; of one that was changed the latest."""
        found = rows(self.connection, tables.programme_member, programme=self.programme)
        return {row["code"]: row for row in sorted(found, key=lambda row: row["valid_from"])}

    @cached_property
    def own(self) -> frozenset[str]:
        """The members for which this person works, by their codes."""
        return frozenset(code for code in self.members if self.may("programme.read", code))

    def subject(self, member: str = "") -> Subject:
        """How the person stands to the programme, or to what is one member's."""
        return Subject(contest=self.programme, unit=member or None)

    def may(self, verb: str, member: str = "") -> bool:
        """Whether the person may do it, and the programme is not closed."""
        return not self._too_late(verb) and allowed(self.actor, verb, self.subject(member))

    def _too_late(self, verb: str) -> bool:
        return self.closed and verb not in STILL

    @property
    def closed(self) -> bool:
        """Whether the programme was closed: nothing more is handed in, answered or written down."""
        return bool(self.row["status"] == CLOSED)

    def need(self, verb: str, member: str = "") -> None:
        """Refused as not found unless the person may do it, and otherwise when the programme is closed."""
        require(self.actor, verb, self.subject(member))
        if self._too_late(verb):
            raise refuse("programme.is_closed", title=self.row["title"])

    def member_for(self, verb: str, member: str) -> str:
        """The member for which a person does this: the one that is named, else the only one he may do it for.

        Refused as not found unless he may do it.
        """
        if not member and not allowed(self.actor, verb, self.subject()):
            own = [code for code in self.members if allowed(self.actor, verb, self.subject(code))]
            member = own[0] if len(own) == 1 else ""
        self.need(verb, member)
        return member

    def check_member(
        self, entry: Entry, member: str, unit: str = "", registry: Registry | None = None, day: date | None = None
    ) -> None:
        """The member is known; one that is itself a commune speaks of itself alone, or of what it was or has become.
        `unit` is a code as it was on this day."""
        if not member:
            return
        if member not in self.members:
            entry.fault("member", "field.unknown_member", member=member, known=list(self.members))
            return
        home = self.members[member]["unit"]
        if unit and home and not akin(registry, home, unit, day):
            entry.fault("unit", "field.not_own_commune", unit=unit, member=self.members[member]["name"], home=home)

    def readable(
        self, found: Iterable[Row], registry: Registry | None = None, on: Callable[[Row], date] | None = None
    ) -> list[Row]:
        """Of these rows those that the person may read: all of the programme, those of his members, and those about the
        commune that one of his members is, was, or has become; `on` tells of which day a row is."""
        if self.may("programme.read"):
            return list(found)
        if not self.own:
            self.need("programme.read")
        homes = {self.members[code]["unit"] for code in self.own} - {""}
        return [
            row
            for row in found
            if row["member"] in self.own
            or any(akin(registry, home, row["unit"], None if on is None else on(row)) for home in homes)
        ]

    def next_id(self, table: Table, unit: str) -> str:
        """A key for a new row about a unit: programme/unit/number; rows are never removed, so none is given twice."""
        made = rows(self.connection, table, programme=self.programme, unit=unit)
        return f"{self.programme}/{unit}/{len(made) + 1}"


def akin(registry: Registry | None, home: str, code: str, day: date | None) -> bool:
    """Whether the unit that had this code on this day (any day: None) is the one with the code of home, ever went into it
    or was made of it. Without a register only the same code is."""
    if registry is None or home == code:
        return home == code
    of = registry.lineage(home)
    return any(unit in registry.bearers(code, day) for unit in (*of.before, *of.after))


def order(actor: Actor, action: str, programme: str, *, reason: str = "", key: str = "") -> Order:
    """An order about a programme, for the journal."""
    return Order(actor.account, action, programme, reason, key=key)
