"""Registration: what a unit aims at, approved or sent back; a unit that takes part no longer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from chamdiem.contest.access import Footing, need
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor, Subject, phases_open
from chamdiem.contest.record import contest_row
from chamdiem.errors import refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction


@dataclass(frozen=True)
class Participant:
    """A unit of a contest: what it aims at (stars from … to …, 0: nothing yet) and how its registration stands."""

    code: str
    name: str
    kind: str
    target: tuple[int, int]
    status: str
    reason: str
    version: int


def participants_for(store: Store, actor: Actor, contest: str) -> list[Participant]:
    """The units of a contest by code, those that were withdrawn last. What one aims at, and what was answered, is only for
    itself and the office: for whoever registers it in some phase."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("contest.read")
        part, unit = tables.contest_unit, tables.unit
        joined = select(part, unit.c.name, unit.c.kind).join(unit, part.c.unit == unit.c.id)
        entries = connection.execute(joined.where(part.c.contest == contest)).mappings().all()
    found = [
        Participant(
            row["code"], row["name"], row["kind"], (row["target_low"], row["target_high"]), row["status"] or "added",
            row["reason"], row["version"],
        )
        if phases_open(actor, "registration.enter", Subject(contest=contest, unit=row["code"]))
        else Participant(
            row["code"], row["name"], row["kind"], (0, 0), "withdrawn" if row["status"] == "withdrawn" else "added",
            "", 0,
        )
        for row in entries
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.status == "withdrawn", one.code))


def stars_of(store: Store, contest: str) -> list[int]:
    """The stars that a unit may aim at in this contest, fewest first."""
    with store.read() as connection:
        return sorted(_bands(connection, contest))


def register_target(
    store: Store, actor: Actor, contest: str, unit: str, stars: tuple[int, int], *, expected: int | None = None
) -> int:
    """A unit aims at stars from … to …; returns the version. A range is allowed: "từ 3–4 sao"."""
    return register_targets(store, actor, contest, {unit: expected}, stars)[unit]


def register_targets(
    store: Store, actor: Actor, contest: str, units: Mapping[str, int | None], stars: tuple[int, int]
) -> dict[str, int]:
    """The same for several units at once, each as it was seen (None: however it is); all of them, or none."""

    def register(transaction: Transaction) -> dict[str, int]:
        footing = Footing(transaction.connection, actor, contest)
        for unit in units:
            footing.need("registration.enter", unit=unit)
        bands = _bands(transaction.connection, contest)
        entries = {unit: transaction.row(tables.contest_unit, f"{contest}/{unit}") for unit in units}
        if any(entry is None or entry["status"] == "withdrawn" for entry in entries.values()):
            raise refuse("permission.not_found")
        if stars[0] > stars[1] or not {*stars} <= bands:
            raise refuse("contest.bad_target", low=stars[0], high=stars[1], known=sorted(bands))
        wish = {"target_low": stars[0], "target_high": stars[1], "status": "registered"}
        return {unit: transaction.put(tables.contest_unit, f"{contest}/{unit}", wish, units[unit]) for unit in units}

    return store.write(Order(actor.account, "registration.enter", contest), register)


def approve_target(
    store: Store,
    actor: Actor,
    contest: str,
    unit: str,
    *,
    approved: bool,
    reason: str = "",
    expected: int | None = None,
) -> int:
    """The organiser approves what a unit aims at, or sends it back with a reason."""
    return answer_targets(store, actor, contest, {unit: expected}, approved=approved, reason=reason)[unit]


def answer_targets(
    store: Store,
    actor: Actor,
    contest: str,
    units: Mapping[str, int | None],
    *,
    approved: bool,
    reason: str = "",
) -> dict[str, int]:
    """The same for several units at once, each as it was seen (None: however it is); all of them, or none."""
    if not approved and not reason.strip():
        raise refuse("contest.needs_reason")

    def approve(transaction: Transaction) -> dict[str, int]:
        footing = Footing(transaction.connection, actor, contest)
        for unit in units:
            footing.need("registration.approve", unit=unit)
            entry = transaction.row(tables.contest_unit, f"{contest}/{unit}")
            if entry is None or entry["status"] not in ("registered", "approved", "returned"):
                raise refuse("contest.not_registered", unit=unit)
        answer = {"status": "approved" if approved else "returned", "reason": reason}
        return {unit: transaction.put(tables.contest_unit, f"{contest}/{unit}", answer, units[unit]) for unit in units}

    return store.write(Order(actor.account, "registration.approve", contest, reason), approve)


def withdraw_unit(store: Store, actor: Actor, contest: str, unit: str, reason: str) -> int:
    """A unit takes part no longer, with the reason; what was marked of it is kept and not counted."""
    if not reason.strip():
        raise refuse("contest.needs_reason")

    def withdraw(transaction: Transaction) -> int:
        need(transaction.connection, actor, "registration.approve", contest, unit=unit)
        entry = transaction.row(tables.contest_unit, f"{contest}/{unit}")
        if entry is None or entry["status"] == "withdrawn":
            raise refuse("permission.not_found")
        return transaction.put(tables.contest_unit, entry["id"], {"status": "withdrawn", "reason": reason})

    return store.write(Order(actor.account, "registration.withdraw", contest, reason), withdraw)


def _bands(connection: Connection, contest: str) -> set[int]:
    stars = law_of(connection, contest_row(connection, contest)["criteria"]).stars
    return {band.stars for band in stars.bands} if stars is not None else set()
