"""Where judges differ by more than the limit and are to talk it over: what they agreed on, kept in their words."""

from __future__ import annotations

from chamdiem.contest.access import Footing, need
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, law_for, rows
from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction


def record_reconciliation(
    store: Store, actor: Actor, contest: str, unit: str, criterion: str, record: str, *, expected: int | None = None
) -> int:
    """Put on record how a difference was settled, for one criterion or, with "", for the total; returns the version.

    It settles what the set wants discussed. Marks are not changed by it, and a third marker is not spared by it.
    """
    if not record.strip():
        raise refuse("reconciliation.no_words")

    def keep(transaction: Transaction) -> int:
        connection = transaction.connection
        need(connection, actor, "reconciliation.record", contest, unit=unit, criterion=criterion or None)
        law_for(connection, contest, unit, criterion)
        about = {"contest": contest, "unit": unit, "criterion": criterion, "record": record.strip()}
        return transaction.put(tables.reconciliation, f"{contest}/{unit}/{criterion}", about, expected)

    return store.write(Order(actor.account, "reconciliation.record", contest, record.strip()), keep)


def reconciliations_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """The records of differences that were settled, of the units whose marks of judges are open to a person."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        found = rows(connection, tables.reconciliation, contest=contest)
        return [row for row in found if footing.may("mark.read_judge", unit=row["unit"])]
