"""The panel as the office of a contest sees it: who sits, who is to mark what, who is in conflict, who is missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from chamdiem.contest.access import Footing
from chamdiem.contest.directory import names_of
from chamdiem.contest.panel import assign, unassign
from chamdiem.contest.permissions import Actor
from chamdiem.contest.progress import unassigned
from chamdiem.contest.record import Row, rows, units_of
from chamdiem.scoring.marks import Unit
from chamdiem.store import tables
from chamdiem.store.database import Store

APPRAISER = "appraiser"


@dataclass(frozen=True)
class Member:
    """Somebody who marks in a contest: a member of the panel, or an appraiser (role "appraiser", without a code)."""

    account: str
    name: str
    code: str
    role: str
    removed: bool
    reason: str


@dataclass(frozen=True)
class Seating:
    """Who marks what: members, their assignments (account, unit, criterion; "" is all), conflicts of interest, and the
    units that nobody on the panel is to mark."""

    members: tuple[Member, ...]
    units: tuple[Unit, ...]
    assignments: frozenset[tuple[str, str, str]]
    conflicts: tuple[Row, ...]
    without: tuple[Unit, ...]

    def units_of(self, account: str) -> frozenset[str]:
        """The units somebody is to mark, wholly or in part, those he may not mark left aside."""
        barred = {row["unit"] for row in self.conflicts if row["account"] == account}
        given = {unit for whose, unit, _ in self.assignments if whose == account}
        everything = {unit.code for unit in self.units}
        return frozenset((everything if "" in given else given & everything) - barred)


def seating_for(store: Store, actor: Actor, contest: str) -> Seating:
    """The panel of a contest, for its office."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("conflict.manage", account="")
        names, units = names_of(connection), {unit.code: unit for unit in units_of(connection, contest)}
        members = [
            Member(
                row["account"],
                names.get(row["account"], ""),
                row["code"],
                row["role"],
                bool(row["removed"]),
                row["reason"],
            )
            for row in rows(connection, tables.panel_member, contest=contest)
        ]
        appraisers = {
            row["account"] for row in rows(connection, tables.grant, role=APPRAISER) if row["contest"] in ("", contest)
        }
        seated = {member.account for member in members if not member.removed}
        members += [
            Member(account, names.get(account, ""), "", APPRAISER, False, "") for account in sorted(appraisers - seated)
        ]
        assigned = {
            (row["account"], row["unit"], row["criterion"])
            for row in rows(connection, tables.assignment, contest=contest)
        }
        conflicts = [
            row | {"name": names.get(row["account"], "")} for row in rows(connection, tables.conflict, contest=contest)
        ]
        missing = unassigned(connection, contest, units)
    members.sort(key=lambda one: (one.removed, one.role == APPRAISER, one.code, one.name))
    without = tuple(units[code] for code in sorted(missing))
    return Seating(tuple(members), tuple(units.values()), frozenset(assigned), tuple(conflicts), without)


def assign_exactly(store: Store, actor: Actor, contest: str, account: str, units: Collection[str]) -> int:
    """Let somebody mark these units with all criteria ("" is all units) and no others; returns how much changed. All
    of it is asked for before any of it is done, and what is new is given before what is old is taken: a refusal leaves
    everything as it was."""
    wanted = {(unit, "") for unit in units}
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("conflict.manage", account="")
        held = {
            (row["unit"], row["criterion"])
            for row in rows(connection, tables.assignment, contest=contest, account=account)
        }
        for unit, _ in sorted(wanted ^ held):
            footing.need("assignment.manage", unit=unit or None)
    changed = assign(store, actor, contest, account, sorted({*units})) if wanted - held else 0
    for unit, criterion in sorted(held - wanted):
        changed += unassign(store, actor, contest, account, [unit], [criterion])
    return changed
