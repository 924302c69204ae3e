"""Sheets at work: handed in sealed, given back while sealed, opened together; and what shows that nothing was changed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.access import Footing, need, sheet_id
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, codes_of, rows
from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.journal import canonical

SEALED = "chamdiem sheet 1\n"


@dataclass(frozen=True)
class Receipt:
    """What a judge keeps: the seal of his sheet, by which he can show later that it is the one he handed in."""

    sheet: str
    seal: str
    marks: int

    def spelled(self) -> str:
        """The seal in groups that can be compared by eye."""
        return " ".join(self.seal[at : at + 4] for at in range(0, 32, 4))


def submit_sheet(
    store: Store, actor: Actor, contest: str, unit: str, stage: str, *, reason: str = "", key: str = ""
) -> Receipt:
    """Hand in a sheet, whole or not (see handing_in for that). It is sealed: the seal is a hash over its marks and a
    number only the store knows until all sheets are opened, so nobody can learn or change what is in it unseen. Returns
    the receipt."""
    author = actor.account if stage == "judge" else ""

    def submit(transaction: Transaction) -> list[object]:
        connection = transaction.connection
        need(connection, actor, "sheet.submit", contest, unit=unit, stage=stage, judge=author or None)
        place = sheet_id(contest, unit, stage, author)
        found, marks = transaction.row(tables.sheet, place), marks_of_sheet(connection, contest, unit, stage, author)
        if found is None or not marks:
            raise refuse("judging.empty_sheet")
        nonce = secrets.token_hex(32)
        seal = seal_of(place, marks, nonce)
        transaction.put(tables.sheet_secret, place, {"nonce": nonce})
        moment = transaction.now.isoformat(timespec="seconds")
        transaction.put(tables.sheet, place, {"status": "submitted", "commitment": seal, "submitted_at": moment})
        return [place, seal, len(marks)]

    place, seal, count = store.write(Order(actor.account, "sheet.submit", contest, reason.strip(), key=key), submit)
    return Receipt(str(place), str(seal), int(str(count)))


def return_sheet(store: Store, actor: Actor, contest: str, unit: str, stage: str, author: str, reason: str) -> int:
    """Give a sheet back to be corrected, with the reason; its seal is void."""
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def give_back(transaction: Transaction) -> int:
        need(transaction.connection, actor, "sheet.return", contest, unit=unit, stage=stage, judge=author or None)
        place = sheet_id(contest, unit, stage, author)
        found = transaction.row(tables.sheet, place)
        if found is None or found["status"] != "submitted":
            raise refuse("permission.not_found")
        transaction.drop(tables.sheet_secret, place)
        return transaction.put(tables.sheet, place, {"status": "draft", "commitment": "", "submitted_at": ""})

    return store.write(Order(actor.account, "sheet.return", contest, reason), give_back)


def marks_of_sheet(connection: Connection, contest: str, unit: str, stage: str, author: str) -> list[Row]:
    """The marks of one sheet, by criterion."""
    return rows(connection, tables.mark, contest=contest, unit=unit, stage=stage, author=author)


def seal_of(place: str, marks: Iterable[Row], nonce: str) -> str:
    """The hash over whose sheet it is, what it says and a number nobody can guess."""
    said = canonical({row["criterion"]: [row["answer"], row["note"]] for row in marks})
    return hashlib.sha256(f"{SEALED}{place}\n{nonce}\n{said}".encode()).hexdigest()


def receipt_holds(store: Store, actor: Actor, receipt: Receipt) -> bool:
    """Whether a sheet still is what its receipt was given for; asked by whoever may read its marks."""
    with store.read() as connection:
        found = rows(connection, tables.sheet, id=receipt.sheet)
        if not found:
            raise refuse("permission.not_found")
        sheet = found[0]
        about = {"unit": sheet["unit"], "stage": sheet["stage"], "judge": sheet["author"] or None}
        need(connection, actor, f"mark.read_{sheet['stage']}", sheet["contest"], **about)
        return sheet["commitment"] == receipt.seal and _unbroken(connection, sheet)


def _unbroken(connection: Connection, sheet: Row) -> bool:
    secret = rows(connection, tables.sheet_secret, id=sheet["id"])
    nonce = sheet["nonce"] or (secret[0]["nonce"] if secret else "")
    marks = marks_of_sheet(connection, sheet["contest"], sheet["unit"], sheet["stage"], sheet["author"])
    return bool(seal_of(sheet["id"], marks, nonce) == sheet["commitment"])


def open_sheets(transaction: Transaction, contest: str) -> int:
    """Open all sealed sheets of the panel at once; refused when one is not what was handed in. For decisions alone."""
    connection, opened = transaction.connection, 0
    broken: list[Problem] = []
    codes = codes_of(connection, contest)
    for sheet in rows(connection, tables.sheet, contest=contest, stage="judge", status="submitted"):
        if not _unbroken(connection, sheet):
            judge = codes.get(sheet["author"], sheet["author"])
            broken.append(Problem(Where(), message("judging.broken_seal", unit=sheet["unit"], judge=judge)))
            continue
        secret = transaction.row(tables.sheet_secret, sheet["id"])
        transaction.put(
            tables.sheet, sheet["id"], {"status": "revealed", "nonce": str(secret["nonce"] if secret else "")}
        )
        opened += 1
    if broken:
        raise Refusal(broken)
    transaction.put(tables.contest, contest, {"revealed": 1})
    return opened


def progress_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """Which sheets are done, of those whose progress this person may know: never marks, counts or means."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        found = rows(connection, tables.sheet, contest=contest)
        return [
            {"unit": row["unit"], "stage": row["stage"], "author": row["author"], "done": row["status"] != "draft"}
            for row in found
            if footing.may("sheet.progress", unit=row["unit"], stage=row["stage"], judge=row["author"] or None)
        ]
