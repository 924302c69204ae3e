"""The register of units in the store: imported whole or not at all, looked up as of a day, key by code and validity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, func, select

from chamdiem.contest.permissions import Actor, Subject, require
from chamdiem.contest.record import contest_row
from chamdiem.contest.registry import Link, RegisteredUnit, Registry
from chamdiem.contest.registry_files import joined, read_registry, shipped_registry
from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction


def import_registry(store: Store, actor: Actor, paths: Sequence[Path] = ()) -> int:
    """Take units and their descent from files, or the shipped ones of the whole country; returns how many rows changed.

    The same files again change nothing. What files do not name stays; nothing is ever deleted. Parents that neither they
    nor the store have may be among the shipped ones. Raises Refusal.
    """
    require(actor, "unit.import", Subject())
    beside = joined(registry_of(store), shipped_registry())
    found = read_registry(paths, beside=beside) if paths else shipped_registry()
    not_listed = {id(one) for one in (*beside.units, *beside.links) if paths}
    units = [unit for unit in found.units if id(unit) not in not_listed]
    links = [link for link in found.links if id(link) not in not_listed]

    def take(transaction: Transaction) -> int:
        before = transaction.head.seq
        for unit in units:
            transaction.put(tables.unit, unit_key(unit), _row(unit))
        for link in links:
            about = {"predecessor": link.predecessor, "successor": link.successor, "valid_on": link.on.isoformat()}
            transaction.put(tables.unit_link, f"{link.predecessor}>{link.successor}@{link.on}", about)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "unit.import"), take)


def unit_key(unit: RegisteredUnit) -> str:
    """The key of a unit: its code while it is in force, and with the last day of it once it has ended; codes are used
    again for other units."""
    return unit.code if unit.valid_to is None else f"{unit.code}@{unit.valid_to}"


def _row(unit: RegisteredUnit) -> dict[str, str]:
    days = {
        name: "" if day is None else day.isoformat()
        for name, day in (("valid_from", unit.valid_from), ("valid_to", unit.valid_to))
    }
    return {
        "code": unit.code, "name": unit.name, "kind": unit.kind, "parent": unit.parent, "category": unit.category,
        "cluster": unit.cluster, **days,
    }  # fmt: skip


def registry_of(store: Store) -> Registry:
    """The register as it stands, to be searched."""
    with store.read() as connection:
        return Registry(_units(connection), _links(connection))


_kept: dict[str, tuple[object, Registry]] = {}


def registry_now(store: Store) -> Registry:
    """The same, kept in memory of this process until a unit changes: to search it takes a moment to prepare."""
    with store.read() as connection:
        seen = [
            tuple(connection.execute(select(func.count(), func.sum(table.c.version)).select_from(table)).one())
            for table in (tables.unit, tables.unit_link)
        ]
    place = store.url.render_as_string(hide_password=False)
    kept = _kept.get(place)
    if kept is None or kept[0] != seen:
        kept = _kept[place] = (seen, registry_of(store))
    return kept[1]


def _units(connection: Connection) -> list[RegisteredUnit]:
    rows = connection.execute(select(tables.unit).order_by(tables.unit.c.id)).mappings()
    return [
        RegisteredUnit(
            row["code"], row["name"], row["kind"], row["parent"], _day(row["valid_from"]), _day(row["valid_to"]),
            row["category"], row["cluster"],
        )
        for row in rows
    ]  # fmt: skip


def _links(connection: Connection) -> list[Link]:
    rows = connection.execute(select(tables.unit_link).order_by(tables.unit_link.c.id)).mappings()
    return [Link(row["predecessor"], row["successor"], date.fromisoformat(row["valid_on"])) for row in rows]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def under_parent(store: Store, contest: str, parent: str) -> list[str]:
    """The codes of the units below a parent that were in force when the period of a contest ended."""
    with store.read() as connection:
        last = date.fromisoformat(contest_row(connection, contest)["period_to"])
    found = [unit.code for unit in registry_of(store).children(parent, last)]
    if not found:
        raise refuse("contest.no_units_under", parent=parent, day=last)
    return found
