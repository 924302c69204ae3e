"""The panel: who sits on it, which units and criteria each is to mark, conflicts of interest."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from chamdiem.contest.access import Footing, need
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import contest_row, rows, units_of
from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

ROLES = ("member", "chair", "third_marker")
GRANTED = {"chair": "chair", "member": "judge", "third_marker": "judge"}


def seat(store: Store, actor: Actor, contest: str, account: str, role: str = "member", *, code: str = "") -> int:
    """Give an account a seat on the panel; `code` is what the judge goes by on paper and in results (GK1)."""
    if role not in ROLES:
        raise refuse("judging.unknown_role", role=role, known=list(ROLES))

    def sit(transaction: Transaction) -> int:
        need(transaction.connection, actor, "assignment.manage", contest)
        if transaction.row(tables.account, account) is None:
            raise refuse("permission.not_found")
        members = rows(transaction.connection, tables.panel_member, contest=contest)
        taken = {row["code"]: row["account"] for row in members}
        if taken.get(code or account, account) != account:
            raise refuse("judging.code_taken", code=code)
        _take_roles(transaction, contest, account, but=GRANTED[role])
        given = {"account": account, "role": GRANTED[role], "contest": contest}
        transaction.put(tables.grant, f"{account}/{GRANTED[role]}/{contest}/", given)
        about = {"contest": contest, "account": account, "code": code or account, "role": role}
        return transaction.put(tables.panel_member, f"{contest}/{account}", {**about, "removed": 0, "reason": ""})

    return store.write(Order(actor.account, "assignment.manage", contest), sit)


def _take_roles(transaction: Transaction, contest: str, account: str, but: str = "") -> None:
    for role in sorted({*GRANTED.values()} - {but}):
        transaction.drop(tables.grant, f"{account}/{role}/{contest}/")


def unseat(store: Store, actor: Actor, contest: str, account: str, reason: str) -> int:
    """Take a member off the panel, with the reason: his role and assignments end; his marks are kept, and shown as not
    counted."""
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def remove(transaction: Transaction) -> int:
        need(transaction.connection, actor, "assignment.manage", contest)
        if transaction.row(tables.panel_member, f"{contest}/{account}") is None:
            raise refuse("permission.not_found")
        _take_roles(transaction, contest, account)
        for row in rows(transaction.connection, tables.assignment, contest=contest, account=account):
            transaction.drop(tables.assignment, row["id"])
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
    wanted = _places(units, criteria)

    def give(transaction: Transaction) -> int:
        connection = transaction.connection
        _may_assign(connection, actor, contest, wanted)
        if transaction.row(tables.account, account) is None:
            raise refuse("permission.not_found")
        barred = {row["unit"] for row in rows(connection, tables.conflict, contest=contest, account=account)}
        if found := sorted(barred & {unit for unit, _ in wanted}):
            raise refuse("judging.conflicted", units=found)
        before = transaction.head.seq
        for unit, criterion in wanted:
            about = {"contest": contest, "account": account, "unit": unit, "criterion": criterion}
            transaction.put(tables.assignment, _assignment(contest, account, unit, criterion), about)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "assignment.manage", contest), give)


def unassign(
    store: Store,
    actor: Actor,
    contest: str,
    account: str,
    units: Iterable[str] = ("",),
    criteria: Iterable[str] = ("",),
) -> int:
    """Take assignments back, in the words in which they were given; what was marked stays. Returns how many ended."""
    wanted = _places(units, criteria)

    def take(transaction: Transaction) -> int:
        _may_assign(transaction.connection, actor, contest, wanted)
        before = transaction.head.seq
        for unit, criterion in wanted:
            transaction.drop(tables.assignment, _assignment(contest, account, unit, criterion))
        return transaction.head.seq - before

    return store.write(Order(actor.account, "assignment.manage", contest), take)


def _places(units: Iterable[str], criteria: Iterable[str]) -> list[tuple[str, str]]:
    codes = list(criteria)
    return [(unit, criterion) for unit in units for criterion in codes]


def _assignment(contest: str, account: str, unit: str, criterion: str) -> str:
    return f"{contest}/{account}/{unit}/{criterion}"


def _may_assign(connection: Connection, actor: Actor, contest: str, wanted: list[tuple[str, str]]) -> None:
    """Who is in conflict with a unit has no say in who marks it; what is not there is not found."""
    footing = Footing(connection, actor, contest)
    for unit in {unit for unit, _ in wanted} or {""}:
        footing.need("assignment.manage", unit=unit or None)
    known = {"", *(unit.code for unit in units_of(connection, contest))}
    law = law_of(connection, contest_row(connection, contest)["criteria"])
    codes = {"", *(leaf.code for leaf in law.leaves), *(fact.id for fact in law.facts)}
    if any(unit not in known or criterion not in codes for unit, criterion in wanted):
        raise refuse("permission.not_found")


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
        known = whose == actor.account or transaction.row(tables.account, whose) is not None
        if not known or not units_of(connection, contest, unit):
            raise refuse("permission.not_found")
        for row in rows(connection, tables.assignment, contest=contest, account=whose, unit=unit):
            transaction.drop(tables.assignment, row["id"])
        source = "declared" if whose == actor.account else "derived"
        about = {"contest": contest, "account": whose, "unit": unit, "source": source, "reason": reason}
        return transaction.put(tables.conflict, f"{contest}/{whose}/{unit}", about)

    return store.write(Order(actor.account, "conflict.declare", contest, reason), declare)
