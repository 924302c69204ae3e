"""Evidence: documents with their files, linked to the criteria they prove, checked one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import get_args

from sqlalchemy import Connection, Table

from chamdiem.contest.access import Footing, need
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.criteria.model import Verification
from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.files import HASH

CHECKS = get_args(Verification)


@dataclass(frozen=True)
class Document:
    """A document as it is cited: what, number, issuer, date (ISO), and the file behind it by its hash ("" while claimed)."""

    title: str
    number: str = ""
    issuer: str = ""
    date: str = ""
    file: str = ""
    file_name: str = ""
    kind: str = ""
    size: int = 0


def add_evidence(
    store: Store, actor: Actor, contest: str, unit: str, document: Document, criteria: dict[str, str], *, key: str = ""
) -> str:
    """Put a document on record for a unit and link it to criteria (code → pages cited); returns its key.

    It counts as claimed without a file and as attached with one, until somebody has checked it.
    """

    def add(transaction: Transaction) -> str:
        connection = transaction.connection
        footing = Footing(connection, actor, contest)
        for code in criteria:
            footing.need("evidence.add", unit=unit, criterion=code, stage="self")
        if not criteria or transaction.row(tables.contest_unit, f"{contest}/{unit}") is None:
            raise refuse("permission.not_found")
        _check(document)
        leaves = {leaf.code for leaf in law_of(connection, footing.row["criteria"]).leaves}
        if astray := sorted(set(criteria) - leaves):
            raise refuse("sheet.evidence_place", code=astray[0])
        known = rows(connection, tables.evidence, contest=contest, unit=unit)
        id = f"{contest}/{unit}/{len(known) + 1}"  # noqa: A001 - a count of others' doings must not show in it
        item = _item(connection, document, known)
        transaction.put(tables.evidence, id, {"contest": contest, "unit": unit, **document.__dict__}, expected=0)
        for code, pages in criteria.items():
            link = {"contest": contest, "unit": unit, "evidence": id, "criterion": code, "item": item, "pages": pages}
            status = "attached" if document.file else "claimed"
            transaction.put(tables.evidence_link, f"{id}/{code}", {**link, "status": status})
        return id

    return store.write(Order(actor.account, "evidence.add", contest, key=key), add)


def _check(document: Document) -> None:
    """Refuse a document without a title, of a day that is none, or with a file that is named by no hash."""
    if not document.title.strip():
        raise refuse("evidence.no_title")
    try:
        _ = document.date and date.fromisoformat(document.date)
    except ValueError:
        raise refuse("sheet.evidence_day", value=document.date) from None
    if document.file and not HASH.fullmatch(document.file):
        raise refuse("files.missing")


def _item(connection: Connection, document: Document, known: list[Row]) -> str:
    """By what name a document counts: the same file, or number and day, is the same document under whatever title, and
    two documents are two though their titles be the same."""
    for other in known:
        same_file = document.file and document.file == other["file"]
        if same_file or (document.number and (document.number, document.date) == (other["number"], other["date"])):
            links = rows(connection, tables.evidence_link, evidence=other["id"])
            return str(links[0]["item"]) if links else document.title
    same = sum(other["title"] == document.title for other in known)
    return document.title if not same else f"{document.title} ({same + 1})"


def attach_file(store: Store, actor: Actor, evidence: str, file: Document, *, expected: int | None = None) -> int:
    """Put a file behind a document that was only claimed; its links become attached. A file is never exchanged for
    another one: what was checked stays what it was."""

    def attach(transaction: Transaction) -> int:
        found = _found(transaction.connection, tables.evidence, evidence)
        contest, unit = found["contest"], found["unit"]
        footing = Footing(transaction.connection, actor, contest)
        links = rows(transaction.connection, tables.evidence_link, evidence=evidence)
        for link in links:
            footing.need("evidence.add", unit=unit, criterion=link["criterion"], stage="self")
        if found["file"]:
            raise refuse("evidence.has_file")
        behind = {"file": file.file, "file_name": file.file_name, "kind": file.kind, "size": file.size}
        _check(Document(**{**{name: found[name] for name in ("title", "number", "issuer", "date")}, **behind}))
        known = rows(transaction.connection, tables.evidence, contest=contest, unit=unit)
        twins = [other for other in known if other["file"] == file.file and other["id"] != evidence]
        for link in links:
            again = {"item": _item(transaction.connection, file, twins)} if twins else {}
            status = {"status": "attached"} if link["status"] == "claimed" else {}
            transaction.put(tables.evidence_link, link["id"], {**again, **status})
        return transaction.put(tables.evidence, evidence, behind, expected)

    with store.read() as connection:
        contest = _found(connection, tables.evidence, evidence)["contest"]
    return store.write(Order(actor.account, "evidence.attach", contest), attach)


def _found(connection: Connection, table: Table, id: str) -> Row:  # noqa: A002 - the column is called so
    found = rows(connection, table, id=id)
    if not found:
        raise refuse("permission.not_found")
    return found[0]


def verify_evidence(
    store: Store,
    actor: Actor,
    link: str,
    *,
    accepted: bool,
    checks: tuple[str, ...] = (),
    reason: str = "",
    expected: int | None = None,
) -> int:
    """Accept or reject what a document proves for one criterion; a rejection needs a reason. `checks` are those of the
    three verifications that were made: in the field, of the documents, in the record of the software."""
    if not accepted and not reason.strip():
        raise refuse("contest.needs_reason")
    if wrong := sorted(set(checks) - set(CHECKS)):
        raise refuse("evidence.unknown_check", checks=wrong, known=list(CHECKS))

    def decide(transaction: Transaction) -> int:
        found = _found(transaction.connection, tables.evidence_link, link)
        about = {"unit": found["unit"], "criterion": found["criterion"]}
        need(transaction.connection, actor, "evidence.verify", found["contest"], **about)
        if found["status"] == "withdrawn":
            raise refuse("permission.not_found")
        answer = {
            "status": "accepted" if accepted else "rejected",
            "verified": ",".join(sorted(checks)),
            "reason": reason,
        }
        return transaction.put(tables.evidence_link, link, answer, expected)

    with store.read() as connection:
        contest = _found(connection, tables.evidence_link, link)["contest"]
    return store.write(Order(actor.account, "evidence.verify", contest, reason), decide)
