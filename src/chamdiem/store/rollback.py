"""Back to how things stood after an event, by new events that undo the later ones: nothing is ever deleted."""

from __future__ import annotations

from chamdiem.errors import refuse
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.proof import replay, values_of
from chamdiem.store.tables import THINGS, account, grant, questionnaire, survey_batch, survey_round

STAYING = {table.name for table in (account, grant, questionnaire, survey_round, survey_batch)}


def roll_back(store: Store, to: int, *, actor: str, reason: str) -> int:
    """Undo everything after event number `to`; returns how many rows were changed back.

    What is said of persons stays as it is: the journal does not hold it. Accounts and roles stay too: going back must let
    nobody in again who was shut out since. So do surveys: a box that was opened cannot be closed again. Raises Refusal: no
    such event, no reason.
    """
    if not reason.strip():
        raise refuse("rollback.no_reason")
    if not 0 <= to <= store.head().seq:
        raise refuse("rollback.no_event", seq=to, last=store.head().seq)

    def undo(transaction: Transaction) -> int:
        undone = 0
        for (entity, row), record in sorted(replay(transaction.connection, to).items()):
            table, then = THINGS[entity], values_of(record)
            if table.info["private"] or entity in STAYING:
                continue
            before = transaction.head.seq
            if then is None:
                transaction.drop(table, row)
            else:
                transaction.put(
                    table, row, {name: value for name, value in then.items() if name not in ("id", "version")}
                )
            undone += transaction.head.seq > before
        return undone

    return store.write(Order(actor, "store.rollback", reason=f"{reason} (→ {to})"), undo)
