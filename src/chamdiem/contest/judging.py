"""The panel at work: members, what each is to mark, conflicts of interest, sheets handed in sealed and opened together."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from chamdiem.contest.access import may, need, sheet_id
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows, units_of
from chamdiem.errors import Message, Refusal, message, refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.journal import canonical

ROLES = ("member", "chair", "third_marker")
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


def seat(store: Store, actor: Actor, contest: str, account: str, role: str = "member", *, code: str = "") -> int:
    """Give an account a seat on the panel; `code` is what the judge goes by on paper and in results (GK1)."""
    if role not in ROLES:
        raise refuse("judging.unknown_role", role=role, known=list(ROLES))

    def sit(transaction: Transaction) -> int:
        need(transaction.connection, actor, "assignment.manage", contest)
        if transaction.row(tables.account, account) is None:
            raise refuse("permission.not_found")
        taken = {
            row["code"]: row["account"] for row in rows(transaction.connection, tables.panel_member, contest=contest)
        }
        if taken.get(code or account, account) != account:
            raise refuse("judging.code_taken", code=code)
        about = {
            "contest": contest,
            "account": account,
            "code": code or account,
            "role": role,
            "removed": 0,
            "reason": "",
        }
        given = {"account": account, "role": _granted(role), "contest": contest}
        transaction.put(tables.grant, f"{account}/{_granted(role)}/{contest}/", given)
        return transaction.put(tables.panel_member, f"{contest}/{account}", about)

    return store.write(Order(actor.account, "assignment.manage", contest), sit)


def _granted(role: str) -> str:
    return "chair" if role == "chair" else "judge"


def unseat(store: Store, actor: Actor, contest: str, account: str, reason: str) -> int:
    """Take a member off the panel, with the reason; his marks are kept, and shown as not counted."""
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def remove(transaction: Transaction) -> int:
        need(transaction.connection, actor, "assignment.manage", contest)
        if transaction.row(tables.panel_member, f"{contest}/{account}") is None:
            raise refuse("permission.not_found")
        return transaction.put(tables.panel_member, f"{contest}/{account}", {"removed": 1, "reason": reason})

    return store.write(Order(actor.account, "assignment.manage", contest, reason), remove)


def assign(
    store: Store,
    actor: Actor,
    contest: str,
    account: str,
    units: Iterable[str] = ("",),
    criteria: Iterable[str] = ("",),
) -> int:
    """Assign units and criteria to somebody ("" is all of them); refused where he has a conflict of interest.

    Returns how many assignments are new.
    """
    wanted = [(unit, criterion) for unit in units for criterion in criteria]

    def give(transaction: Transaction) -> int:
        connection = transaction.connection
        need(connection, actor, "assignment.manage", contest)
        taking_part = {unit.code for unit in units_of(connection, contest)}
        barred = {row["unit"] for row in rows(connection, tables.conflict, contest=contest, account=account)}
        if any(unit and unit not in taking_part for unit, _ in wanted):
            raise refuse("permission.not_found")
        if found := sorted(barred & {unit for unit, _ in wanted}):
            raise refuse("judging.conflicted", units=found)
        before = transaction.head.seq
        for unit, criterion in wanted:
            about = {"contest": contest, "account": account, "unit": unit, "criterion": criterion}
            transaction.put(tables.assignment, f"{contest}/{account}/{unit}/{criterion}", about)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "assignment.manage", contest), give)


def declare_conflict(
    store: Store, actor: Actor, contest: str, unit: str, reason: str, *, account: str | None = None
) -> int:
    """Put a conflict of interest on record: one's own, or somebody else's as the office knows it. It cannot be taken
    back by whom it concerns; from then on the unit is closed to him, and assignments of it end."""
    whose = account or actor.account
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def declare(transaction: Transaction) -> int:
        connection = transaction.connection
        verb = "conflict.declare" if whose == actor.account else "conflict.manage"
        need(connection, actor, verb, contest, account=whose)
        if unit not in {one.code for one in units_of(connection, contest)}:
            raise refuse("permission.not_found")
        for row in rows(connection, tables.assignment, contest=contest, account=whose, unit=unit):
            transaction.drop(tables.assignment, row["id"])
        source = "declared" if whose == actor.account else "derived"
        about = {"contest": contest, "account": whose, "unit": unit, "source": source, "reason": reason}
        return transaction.put(tables.conflict, f"{contest}/{whose}/{unit}", about)

    return store.write(Order(actor.account, "conflict.declare", contest, reason), declare)


def submit_sheet(store: Store, actor: Actor, contest: str, unit: str, stage: str, *, key: str = "") -> Receipt:
    """Hand in a sheet. It is sealed: the seal is a hash over its marks and a number only the store knows until all
    sheets are opened, so nobody can learn or change what is in it unseen. Returns the receipt."""
    author = actor.account if stage == "judge" else ""

    def submit(transaction: Transaction) -> list[object]:
        connection = transaction.connection
        need(connection, actor, "sheet.submit", contest, unit=unit, stage=stage, judge=author or None)
        place = sheet_id(contest, unit, stage, author)
        found, marks = transaction.row(tables.sheet, place), marks_of_sheet(connection, contest, unit, stage, author)
        if found is None or not marks:
            raise refuse("judging.empty_sheet")
        nonce = secrets.token_hex(32)
        seal = seal_of(marks, nonce)
        transaction.put(tables.sheet_secret, place, {"nonce": nonce})
        moment = transaction.now.isoformat(timespec="seconds")
        transaction.put(tables.sheet, place, {"status": "submitted", "commitment": seal, "submitted_at": moment})
        return [place, seal, len(marks)]

    place, seal, count = store.write(Order(actor.account, "sheet.submit", contest, key=key), submit)
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


def seal_of(marks: Iterable[Row], nonce: str) -> str:
    """The hash over what a sheet says and a number nobody can guess."""
    said = canonical({row["criterion"]: [row["answer"], row["note"]] for row in marks})
    return hashlib.sha256(f"{SEALED}{nonce}\n{said}".encode()).hexdigest()


def open_sheets(transaction: Transaction, contest: str) -> int:
    """Open all sealed sheets of the panel at once; refused when one is not what was handed in. For decisions alone."""
    connection, opened = transaction.connection, 0
    broken: list[Message] = []
    for sheet in rows(connection, tables.sheet, contest=contest, stage="judge", status="submitted"):
        secret = transaction.row(tables.sheet_secret, sheet["id"])
        marks = marks_of_sheet(connection, contest, sheet["unit"], "judge", sheet["author"])
        nonce = str(secret["nonce"]) if secret else ""
        if seal_of(marks, nonce) != sheet["commitment"]:
            broken.append(message("judging.broken_seal", unit=sheet["unit"], judge=sheet["author"]))
            continue
        transaction.put(tables.sheet, sheet["id"], {"status": "revealed", "nonce": nonce})
        opened += 1
    if broken:
        raise Refusal(refuse(one.id, **one.values).problems[0] for one in broken)  # type: ignore[arg-type]
    transaction.put(tables.contest, contest, {"revealed": 1})
    return opened


def progress_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """Which sheets are done, of those whose progress this person may know: never marks, counts or means."""
    with store.read() as connection:
        found = rows(connection, tables.sheet, contest=contest)
        return [
            {"unit": row["unit"], "stage": row["stage"], "author": row["author"], "done": row["status"] != "draft"}
            for row in found
            if may(
                connection,
                actor,
                "sheet.progress",
                contest,
                unit=row["unit"],
                stage=row["stage"],
                judge=row["author"] or None,
            )
        ]
