"""Rows of field work (difficulties, visits, support, assignments): read by whoever may, of a commune through the reform."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Table

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.contest.units import registry_now
from chamdiem.errors import refuse
from chamdiem.office.footing import Footing, order
from chamdiem.office.lineage import Kept, records_of
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction


def rows_for(store: Store, actor: Actor, programme: str, table: Table, on: Callable[[Row], date]) -> list[Row]:
    """The rows of a programme that a person may read, by the day they are of."""
    registry = registry_now(store)
    with store.read() as connection:
        found = Footing(connection, actor, programme).readable(
            rows(connection, table, programme=programme), registry, on
        )
    return sorted(found, key=lambda row: (on(row), row["id"]))


def rows_of_commune(
    store: Store, unit: str, today: date, found: Sequence[Row], on: Callable[[Row], date]
) -> list[Kept[Row]]:
    """Those of a commune, and of what it was before, marked as such."""
    return records_of(registry_now(store), unit, today, found, unit=lambda row: str(row["unit"]), on=on)


def row_at(transaction: Transaction, actor: Actor, table: Table, id: str) -> tuple[Footing, Row]:  # noqa: A002
    """One row, and how a person stands to its programme; an unknown one is not found."""
    row = transaction.row(table, id)
    if row is None:
        raise refuse("permission.not_found")
    return Footing(transaction.connection, actor, row["programme"]), row


def order_about(store: Store, actor: Actor, action: str, table: Table, id: str, reason: str = "") -> Order:  # noqa: A002
    """An order about one row, for the journal of its programme; an unknown one is not found."""
    with store.read() as connection:
        found = rows(connection, table, id=id)
    if not found:
        raise refuse("permission.not_found")
    return order(actor, action, found[0]["programme"], reason=reason.strip())
