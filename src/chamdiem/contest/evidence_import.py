"""Evidence as it is written on score sheets and in registers: put on record beside the marks, once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from chamdiem.contest.access import Footing
from chamdiem.contest.importing import files_hash
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import units_of
from chamdiem.exchange.scoresheets import read_marks
from chamdiem.scoring.marks import Evidence
from chamdiem.scoring.plan import lay_out
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

DECIDED = ("accepted", "rejected")


def import_evidence(store: Store, actor: Actor, contest: str, paths: Sequence[Path]) -> int:
    """Put the documents that these files cite on record, linked to their criteria, as they stand there (claimed, attached,
    accepted, rejected); returns how many changed. The same files again change nothing. Raises Refusal with every problem."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        criteria = law_of(connection, footing.row["criteria"])
    entry = read_marks(criteria, lay_out(criteria), paths)

    def take(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, contest)
        before, units = transaction.head.seq, {unit.code for unit in units_of(transaction.connection, contest)}
        for item in entry.evidence or ():
            if item.unit in units:
                about = {"unit": item.unit, "criterion": item.criterion}
                footing.need("evidence.add", stage="self", **about)
                if item.status in DECIDED:  # nobody accepts his own document by writing so into a file
                    footing.need("evidence.verify", **about)
                _keep(transaction, contest, item)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "evidence.import", contest, f"sha256 {files_hash(paths)}"), take)


def _keep(transaction: Transaction, contest: str, item: Evidence) -> None:
    """One document of one unit, known again by its name and number, and its link to a criterion."""
    known = hashlib.sha256(f"{item.item}\n{item.number}".encode()).hexdigest()[:12]
    document = f"{contest}/{item.unit}/{known}"
    about = {"contest": contest, "unit": item.unit, "title": item.item, "number": item.number, "date": item.date}
    transaction.put(tables.evidence, document, about)
    link = {"contest": contest, "unit": item.unit, "evidence": document, "criterion": item.criterion, "item": item.item}
    said = {"status": item.status, "reason": item.note, "verified": ",".join(item.verified)}
    place = f"{document}/{item.criterion}"
    stands = transaction.row(tables.evidence_link, place)
    if stands is not None and stands["status"] in DECIDED and item.status not in DECIDED:
        said = {}  # what was decided meanwhile stands
    transaction.put(tables.evidence_link, place, {**link, "pages": item.page, **said})
