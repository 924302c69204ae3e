"""The register of units in the store: imported whole or not at all, looked up as of a day, key by code and validity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, func, select

from chamdiem.contest.permissions import Actor, Subject, require
from chamdiem.contest.record import contest_row, rows
from chamdiem.contest.registry import Link, RegisteredUnit, Registry
from chamdiem.contest.registry_files import joined, read_registry, shipped_registry
from chamdiem.errors import refuse
from chamdiem.scoring.marks import tidy
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
        _end(transaction, units)
        for unit in units:
            about = _row(unit)
            if not paths:  # the shipped lists say nothing about these: what a clerk has said stays
                about = {name: said for name, said in about.items() if said or name not in ("category", "cluster")}
            transaction.put(tables.unit, unit_key(unit), about)
        for link in links:
            about = {"predecessor": link.predecessor, "successor": link.successor, "valid_on": link.on.isoformat()}
            transaction.put(tables.unit_link, f"{link.predecessor}>{link.successor}@{link.on}", about)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "unit.import"), take)


def _end(transaction: Transaction, units: Sequence[RegisteredUnit]) -> None:
    """Units that the store has as still in force and that are now known to have ended get the key of those; the contests
    of their time go on naming them, not the units that bear their codes since."""
    there = {row["id"]: row for row in rows(transaction.connection, tables.unit, valid_to="")}
    live = {unit.code for unit in units if unit.valid_to is None}
    for unit in units:
        known = there.get(unit.code)
        if unit.valid_to is None or known is None or tidy(known["name"]) != unit.name:
            continue
        last = unit.valid_to.isoformat()
        if known["valid_from"] > last:
            continue
        transaction.drop(tables.unit, unit.code)
        said = {name: value for name, value in known.items() if name not in ("id", "version")}
        transaction.put(tables.unit, unit_key(unit), {**said, "valid_to": last})
        for part in rows(transaction.connection, tables.contest_unit, unit=unit.code):
            contest = transaction.row(tables.contest, part["contest"])
            if unit.code not in live or contest is None or contest["period_from"] <= last:
                transaction.put(tables.contest_unit, part["id"], {"unit": unit_key(unit)})


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
    found = connection.execute(select(tables.unit).order_by(tables.unit.c.id)).mappings()
    return [
        RegisteredUnit(
            row["code"], row["name"], row["kind"], row["parent"], _day(row["valid_from"]), _day(row["valid_to"]),
            row["category"], row["cluster"],
        )
        for row in found
    ]  # fmt: skip


def _links(connection: Connection) -> list[Link]:
    found = connection.execute(select(tables.unit_link).order_by(tables.unit_link.c.id)).mappings()
    return [Link(row["predecessor"], row["successor"], date.fromisoformat(row["valid_on"])) for row in found]


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
