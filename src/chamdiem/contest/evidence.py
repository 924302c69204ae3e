"""Evidence: documents with their files, linked to the criteria they prove, checked one by one, flagged where doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.access import need
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.errors import Message, message, refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

STATUSES = ("claimed", "attached", "accepted", "rejected", "withdrawn")
CHECKS = ("field_check", "documents", "qcdc_record")


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
        leaves = {leaf.code for leaf in law_of(connection, contest_row(connection, contest)["criteria"]).leaves}
        for code in criteria:
            need(connection, actor, "evidence.add", contest, unit=unit, criterion=code, stage="self")
            if code not in leaves:
                raise refuse("sheet.evidence_place", code=code)
        if not criteria or transaction.row(tables.contest_unit, f"{contest}/{unit}") is None:
            raise refuse("permission.not_found")
        id = f"{contest}/{unit}/{transaction.head.seq + 1}"  # noqa: A001 - the column is called so
        transaction.put(tables.evidence, id, {"contest": contest, "unit": unit, **document.__dict__})
        for code, pages in criteria.items():
            link = {
                "contest": contest,
                "unit": unit,
                "evidence": id,
                "criterion": code,
                "item": document.title,
                "pages": pages,
            }
            status = "attached" if document.file else "claimed"
            transaction.put(tables.evidence_link, f"{id}/{code}", {**link, "status": status})
        return id

    return store.write(Order(actor.account, "evidence.add", contest, key=key), add)


def attach_file(store: Store, actor: Actor, evidence: str, file: Document, *, expected: int | None = None) -> int:
    """Put a file behind a document that was only claimed; its links become attached."""

    def attach(transaction: Transaction) -> int:
        found = transaction.row(tables.evidence, evidence)
        if found is None:
            raise refuse("permission.not_found")
        need(transaction.connection, actor, "evidence.add", found["contest"], unit=found["unit"], stage="self")
        for link in rows(transaction.connection, tables.evidence_link, evidence=evidence, status="claimed"):
            transaction.put(tables.evidence_link, link["id"], {"status": "attached"})
        behind = {"file": file.file, "file_name": file.file_name, "kind": file.kind, "size": file.size}
        return transaction.put(tables.evidence, evidence, behind, expected)

    return store.write(Order(actor.account, "evidence.attach"), attach)


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
        found = transaction.row(tables.evidence_link, link)
        if found is None:
            raise refuse("permission.not_found")
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

    return store.write(Order(actor.account, "evidence.verify", reason=reason), decide)


@dataclass(frozen=True)
class Doubt:
    """Something about a document that people should look at."""

    evidence: str
    unit: str
    what: Message


def doubts(connection: Connection, contest: str) -> Iterator[Doubt]:
    """Documents dated outside the period, the same file used by several units, or one that proves several criteria."""
    about = contest_row(connection, contest)
    documents = rows(connection, tables.evidence, contest=contest)
    links = [row for row in rows(connection, tables.evidence_link, contest=contest) if row["status"] != "withdrawn"]
    uses = Counter(link["evidence"] for link in links)
    by_file: dict[str, set[str]] = {}
    for document in documents:
        if document["file"]:
            by_file.setdefault(document["file"], set()).add(document["unit"])
    for document in documents:
        for what in _doubts_of(document, about, by_file.get(document["file"], set()), uses[document["id"]]):
            yield Doubt(document["id"], document["unit"], what)


def _doubts_of(document: Row, contest: Row, units: set[str], uses: int) -> Iterator[Message]:
    if document["date"] and not contest["period_from"] <= document["date"] <= contest["period_to"]:
        yield message("evidence.outside_period", title=document["title"], day=document["date"])
    if len(units) > 1:
        yield message("evidence.shared_file", title=document["title"], n=len(units))
    if uses > 1:
        yield message("evidence.used_twice", title=document["title"], n=uses)
