"""Evidence as it is written on score sheets and in registers: put on record beside the marks, once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import Connection

from chamdiem.contest.access import Footing
from chamdiem.contest.importing import files_hash
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import units_of
from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.exchange.cells import Keys
from chamdiem.exchange.headings import EVIDENCE, TELLING, labelled, recognise, rows_of
from chamdiem.exchange.scoresheets import read_marks
from chamdiem.exchange.tables import read_tables
from chamdiem.scoring.marks import Evidence
from chamdiem.scoring.plan import lay_out
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

DECIDED = ("accepted", "rejected")


def import_evidence(store: Store, actor: Actor, contest: str, paths: Sequence[Path]) -> int:
    """Put the documents that these files cite on record, linked to their criteria, as they stand there (claimed, attached,
    accepted, rejected); returns how many changed. The same files again change nothing. Raises Refusal with every problem,
    every place where a document of a unit is cited that does not take part among them; nothing is kept then."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        criteria = law_of(connection, footing.row["criteria"])
    documents = read_marks(criteria, lay_out(criteria), paths).evidence or ()
    with store.read() as connection:
        if strangers := _strangers(connection, actor, contest, documents):
            raise Refusal(_cited(paths, strangers))

    def take(transaction: Transaction) -> int:
        before = transaction.head.seq
        if _strangers(transaction.connection, actor, contest, documents):
            raise refuse("permission.not_found")  # a unit that has left meanwhile
        for document in documents:
            _keep(transaction, contest, document)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "evidence.import", contest, f"sha256 {files_hash(paths)}"), take)


def _strangers(connection: Connection, actor: Actor, contest: str, documents: Collection[Evidence]) -> set[str]:
    """The units of these documents that do not take part, told to whoever may put each of them on record."""
    footing = Footing(connection, actor, contest)
    for one in documents:
        about = {"unit": one.unit, "criterion": one.criterion}
        footing.need("evidence.add", stage="self", **about)
        if one.status in DECIDED:  # nobody accepts his own document by writing so into a file
            footing.need("evidence.verify", **about)
    return {one.unit for one in documents} - {unit.code for unit in units_of(connection, contest)}


def _cited(paths: Sequence[Path], units: Collection[str]) -> list[Problem]:
    """Every place of these files where a document of one of these units is cited: the row, or above the sheet."""
    known, found = Keys(units), list[tuple[str, Where]]()
    for table in read_tables(paths)[0]:
        what = None if table.hidden else recognise(table)
        if what is None or what.kind not in TELLING:
            continue
        rows = [row for row in rows_of(table, what, []) if any(row.cell(name) is not None for name in EVIDENCE)]
        above = labelled(table, what.header).get("unit")
        if "unit" in what.columns:
            found += [(str(known.read(row.cell("unit"))), row.where("unit")) for row in rows]
        elif above and rows:
            found.append((str(known.read(above.cell)), table.where(above.row, above.column)))
    nowhere = [(unit, Where()) for unit in sorted(set(units) - {unit for unit, _ in found})]
    return [
        Problem(where, message("evidence.not_taking_part", unit=unit))
        for unit, where in (*found, *nowhere)
        if unit in units
    ]


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
