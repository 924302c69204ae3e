"""Who helps which commune: assignments by decision, year after year; whoever was assigned stays until a new decision.

Công văn 4393/UBND-NLN 2023: one who leaves his post goes on helping the commune "đến khi có Quyết định phân công mới của UBND
tỉnh (việc kiện toàn được triển khai thực hiện vào tháng 01 hằng năm)". So a stated term that has run out ends nothing: an
assignment ends when another decision takes its place, or says that it ends. Nothing that was assigned is written over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import RegisteredUnit, Registry
from chamdiem.contest.units import registry_now
from chamdiem.errors import Message, message
from chamdiem.office.charges import ENDED, Gap, Held, begun_on, charges, gaps, in_charge, kept_of, of_commune, over
from chamdiem.office.field_entry import Entry, day_of
from chamdiem.office.field_rows import order_about, row_at, rows_for
from chamdiem.office.footing import Footing, order
from chamdiem.office.lineage import Kept, into, origins
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A commune given to a leader or sponsor by a decision, from a day on; `until` is the end of the term, if it says one.

    `joint`: the decision says that they help together with whoever is there. `replaces`: it takes the place of all who are.
    `member` is the office whose leader it is, by its code in the programme.
    """

    unit: str
    leader: str
    decision: str
    start: date
    until: date | None = None
    member: str = ""
    joint: bool = False
    replaces: bool = False


def assign(
    store: Store, actor: Actor, programme: str, assignments: Sequence[Assignment], *, key: str = ""
) -> list[str]:
    """Take down what a decision assigns, all of it or nothing; returns the keys.

    Raises Refusal with everything that is wrong: two at one time in one commune, both named, unless the decision says that
    they help together or that the new one takes the place of the old.
    """
    registry = registry_now(store)

    def enter(transaction: Transaction) -> list[str]:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("sponsorship.assign")
        held = rows(transaction.connection, tables.sponsorship, programme=programme)
        entry, made = Entry(programme), list[Row]()
        if not assignments:
            entry.fault("unit", "field.missing")
        for one in assignments:
            entry.place = (programme, one.unit)
            about = _checked(entry, footing, registry, one)
            for other in _overlapping(registry, one, [*held, *made]):
                entry.tell("valid_from", _both(one, other))
            made.append({"id": "", "programme": programme, "status": "", **about})
        entry.refuse_all()
        return [_put(transaction, footing, about) for about in made]

    return store.write(order(actor, "sponsorship.assign", programme, key=key), enter)


def _put(transaction: Transaction, footing: Footing, about: Row) -> str:
    id = footing.next_id(tables.sponsorship, about["unit"])  # noqa: A001 - the column is called so
    transaction.put(tables.sponsorship, id, {**about, "id": id}, expected=0)
    return id


def _checked(entry: Entry, footing: Footing, registry: Registry, one: Assignment) -> Row:
    entry.commune(registry, one.unit, one.start)
    footing.check_member(entry, one.member)
    leader, decision = entry.words("leader", one.leader), entry.words("decision", one.decision)
    if one.until is not None and one.until < one.start:
        entry.fault("valid_to", "sponsorship.ends_before", start=one.start, end=one.until)
    if one.joint and one.replaces:
        entry.fault("joint", "sponsorship.joint_or_replaces")
    until = "" if one.until is None else one.until.isoformat()
    return {
        "member": one.member, "unit": one.unit, "leader": leader, "decision": decision, "joint": int(one.joint),
        "valid_from": one.start.isoformat(), "valid_to": until,
    }  # fmt: skip


def _overlapping(registry: Registry, one: Assignment, held: Sequence[Row]) -> Iterator[Row]:
    """The assignments that hold in the commune at the same time, and that the decision does not speak of."""
    if one.joint:
        return
    until = one.until.isoformat() if one.until else ""
    start = one.start.isoformat()
    for other in of_commune(registry, one.unit, one.start, held):
        if other["valid_from"] >= start:
            if other["valid_from"] == start or (not other["joint"] and (not until or other["valid_from"] <= until)):
                yield other
        elif not one.replaces and not over(other, start) and other in in_charge(registry, one.unit, one.start, held):
            yield other


def _both(one: Assignment, other: Row) -> Message:
    return message(
        "sponsorship.overlap",
        leader=one.leader.strip(),
        start=one.start,
        decision=one.decision.strip(),
        other=other["leader"],
        since=day_of(other["valid_from"]),
        by=other["decision"],
        id=other["id"] or "-",
    )


def end_assignment(
    store: Store, actor: Actor, assignment: str, decision: str, *, last: date, expected: int | None = None
) -> int:
    """End an assignment without another one, by a decision; `last` is its last day. The gap is told from then on."""

    def enter(transaction: Transaction) -> int:
        footing, row = row_at(transaction, actor, tables.sponsorship, assignment)
        footing.need("sponsorship.assign")
        entry = Entry(assignment)
        why = entry.words("decision", decision)
        if row["status"] == ENDED:
            entry.fault("status", "sponsorship.ended_already", last=day_of(row["valid_to"]), decision=row["reason"])
        elif last < day_of(row["valid_from"]):
            entry.fault("valid_to", "sponsorship.ends_before", start=day_of(row["valid_from"]), end=last)
        entry.refuse_all()
        about = {"status": ENDED, "valid_to": last.isoformat(), "reason": why}
        return transaction.put(tables.sponsorship, assignment, about, expected)

    about_it = order_about(store, actor, "sponsorship.end", tables.sponsorship, assignment, decision)
    return store.write(about_it, enter)


# services that read -------------------------------------------------------------------------------------------------


def assignments_for(store: Store, actor: Actor, programme: str) -> list[Row]:
    """Every assignment a person may read, by day: the whole history."""
    return rows_for(store, actor, programme, tables.sponsorship, begun_on)


def assignments_of(store: Store, actor: Actor, programme: str, unit: str, *, today: date) -> list[Kept[Row]]:
    """The assignments of a commune, and of what it was before, marked as such."""
    return kept_of(registry_now(store), unit, today, assignments_for(store, actor, programme))


def standing_on(store: Store, actor: Actor, programme: str, day: date) -> list[Held]:
    """Who was in charge of each commune of a programme on a day, by code; a commune with nobody is there too."""
    registry, held = registry_now(store), assignments_for(store, actor, programme)
    units, theirs = _communes(store, actor, programme, day, held), _by_code(held)
    return [Held(unit, charges(registry, unit.code, day, _concerning(registry, unit, day, theirs))) for unit in units]


def gaps_for(store: Store, actor: Actor, programme: str, first: date, last: date) -> list[Gap]:
    """The days on which a commune of a programme had nobody, by commune and day."""
    registry, held = registry_now(store), assignments_for(store, actor, programme)
    units, theirs = _communes(store, actor, programme, last, held), _by_code(held)
    return [
        gap
        for unit in units
        for gap in gaps(registry, unit.code, first, last, _concerning(registry, unit, last, theirs))
    ]


def _by_code(held: Iterable[Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in held:
        found[row["unit"]].append(row)
    return found


def _concerning(registry: Registry, unit: RegisteredUnit, day: date, theirs: Mapping[str, list[Row]]) -> list[Row]:
    """The assignments that may be of a commune or of what it was before: no others are asked about it."""
    codes = {one.unit.code for one in origins(registry, unit.code, day)}
    return [row for code in sorted(codes) for row in theirs.get(code, ())]


def _communes(store: Store, actor: Actor, programme: str, day: date, held: Iterable[Row]) -> list[RegisteredUnit]:
    """The communes of a programme as they are on a day: its members that are communes, and those that were assigned."""
    registry = registry_now(store)
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        there = (row for row in footing.members.values() if not over(row, day.isoformat()))
        members = [row for row in there if row["unit"]]
        members = footing.readable([{**row, "member": row["code"]} for row in members], registry)
    found: set[RegisteredUnit] = set()
    for row in (*members, *held):
        since = day_of(row["valid_from"]) if row["valid_from"] else None
        for unit in registry.bearers(row["unit"], since or day) or registry.bearers(row["unit"]):
            found |= set(into(registry, unit, day))
    return sorted(found, key=lambda unit: unit.code)
