"""Field visits: told to the commune beforehand with what they are about, held, and written down with what was found.

Công văn 4393/UBND-NLN 2023: "trước mỗi lần đi cơ sở phải có nội dung cụ thể, thông báo cho xã biết để phối hợp". Whether a
visit was announced before its day is a fact that follows from two days; nobody types it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import Registry
from chamdiem.contest.units import registry_now
from chamdiem.errors import refuse
from chamdiem.office.field_entry import Entry, day_of
from chamdiem.office.field_rows import order_about, row_at, rows_for, rows_of_commune
from chamdiem.office.footing import Footing, order
from chamdiem.office.lineage import Kept, origins
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction

ANNOUNCED, HELD, CANCELLED = "announced", "held", "cancelled"


class Notice(StrEnum):
    """What the days of a visit say about its announcement."""

    WAITING = "waiting"
    BEFOREHAND = "beforehand"
    ANOTHER_DAY = "another_day"
    NOT_BEFOREHAND = "not_beforehand"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A visit as it is told to a commune: on which day it shall be, what about, and the day on which the commune was told."""

    unit: str
    planned_on: date
    content: str
    announced_on: date
    member: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A visit that was held: the day, what came of it, what was found, and the difficulties it is about, by their keys."""

    held_on: date
    result: str
    findings: str = ""
    difficulties: Sequence[str] = ()


def announce_visit(
    store: Store, actor: Actor, programme: str, visit: Announcement, *, today: date, key: str = ""
) -> str:
    """Take down that a visit was announced; returns its key. It must be before the day of the visit, and say what about."""
    registry = registry_now(store)

    def enter(transaction: Transaction) -> str:
        footing = Footing(transaction.connection, actor, programme)
        member = footing.member_for("visit.record", visit.member)
        entry = Entry(programme, visit.unit)
        told, content = entry.past("announced_on", visit.announced_on, today), entry.words("content", visit.content)
        place = entry.commune(registry, visit.unit, visit.planned_on)
        footing.check_member(entry, member, visit.unit, registry, visit.planned_on)
        if visit.planned_on <= visit.announced_on:
            entry.fault("announced_on", "visit.announce_before", day=visit.announced_on, planned=visit.planned_on)
        entry.refuse_all()
        assert place is not None
        about = {
            "programme": programme,
            "member": member,
            "unit": place.unit.code,
            "planned_on": visit.planned_on.isoformat(),
            "announced_on": told,
            "content": content,
            "status": ANNOUNCED,
        }
        return _new(transaction, footing, about)

    return store.write(order(actor, "visit.announce", programme, key=key), enter)


def hold_visit(
    store: Store, actor: Actor, visit: str, report: Report, *, today: date, expected: int | None = None
) -> int:
    """Write down what came of an announced visit, once; on whichever day it was held. Returns the new version."""
    registry = registry_now(store)

    def enter(transaction: Transaction) -> int:
        row = _announced(transaction, actor, visit)
        entry = Entry(visit)
        place, told = (entry.commune(registry, row["unit"], day) for day in (report.held_on, day_of(row["planned_on"])))
        if place and told and place.unit != told.unit:  # its code is another commune's on that day
            entry.fault("held_on", "visit.other_commune", day=report.held_on, told=told.unit.name, then=place.unit.name)
        said = _held(transaction, entry, registry, row["programme"], row["unit"], report, today)
        return transaction.put(tables.visit, visit, said, expected)

    return store.write(order_about(store, actor, "visit.hold", tables.visit, visit), enter)


def record_unannounced(
    store: Store,
    actor: Actor,
    programme: str,
    unit: str,
    content: str,
    report: Report,
    *,
    today: date,
    member: str = "",
    key: str = "",
) -> str:
    """Write down a visit of which the commune was not told before; that stays to be read. Returns its key."""
    registry = registry_now(store)

    def enter(transaction: Transaction) -> str:
        footing = Footing(transaction.connection, actor, programme)
        whose = footing.member_for("visit.record", member)
        entry = Entry(programme, unit)
        place, about_what = entry.commune(registry, unit, report.held_on), entry.words("content", content)
        footing.check_member(entry, whose, unit, registry, report.held_on)
        code = unit if place is None else place.unit.code
        said = _held(transaction, entry, registry, programme, code, report, today)
        return _new(
            transaction,
            footing,
            {"programme": programme, "member": whose, "unit": code, "content": about_what, **said},
        )

    return store.write(order(actor, "visit.unannounced", programme, key=key), enter)


def cancel_visit(store: Store, actor: Actor, visit: str, reason: str, *, expected: int | None = None) -> int:
    """Call off an announced visit, with the reason; it stays in the list."""

    def enter(transaction: Transaction) -> int:
        _announced(transaction, actor, visit)
        entry = Entry(visit)
        why = entry.words("reason", reason)
        entry.refuse_all()
        return transaction.put(tables.visit, visit, {"status": CANCELLED, "result": why}, expected)

    return store.write(order_about(store, actor, "visit.cancel", tables.visit, visit, reason), enter)


def _held(
    transaction: Transaction, entry: Entry, registry: Registry, programme: str, unit: str, report: Report, today: date
) -> dict[str, str]:
    """What the store keeps of a visit that was held; refused with everything that is wrong."""
    day, result = entry.past("held_on", report.held_on, today), entry.words("result", report.result)
    known = rows(transaction.connection, tables.difficulty, programme=programme)
    of = origins(registry, unit, report.held_on)
    theirs = {
        row["id"]
        for row in known
        if any(one.unit.code == row["unit"] and one.unit.valid(day_of(row["raised_on"])) for one in of)
    }
    for one in report.difficulties:
        if one not in theirs:
            entry.fault("difficulties", "visit.unknown_difficulty", id=one, unit=unit)
    entry.refuse_all()
    linked = json.dumps(list(dict.fromkeys(report.difficulties)))
    return {
        "status": HELD,
        "held_on": day,
        "result": result,
        "findings": report.findings.strip(),
        "difficulties": linked,
    }


def _new(transaction: Transaction, footing: Footing, about: dict[str, str]) -> str:
    id = footing.next_id(tables.visit, about["unit"])  # noqa: A001 - the column is called so
    transaction.put(tables.visit, id, about, expected=0)
    return id


def _announced(transaction: Transaction, actor: Actor, visit: str) -> Row:
    """A visit that is still to be held, and that this person may write about."""
    footing, row = row_at(transaction, actor, tables.visit, visit)
    footing.need("visit.record", row["member"])
    if row["status"] != ANNOUNCED:
        raise refuse(f"visit.{row['status']}_already")
    return row


def notice_of(row: Row) -> Notice:
    """What the days of a visit say: announced before it was held, on the day that was told or on another; or not."""
    if not row["announced_on"]:
        return Notice.NEVER
    if row["status"] != HELD:
        return Notice.WAITING
    if row["held_on"] <= row["announced_on"]:
        return Notice.NOT_BEFOREHAND
    return Notice.BEFOREHAND if row["held_on"] == row["planned_on"] else Notice.ANOTHER_DAY


def difficulties_in(row: Row) -> list[str]:
    """The keys of the difficulties that a visit was about."""
    return list(json.loads(row["difficulties"] or "[]"))


def day_of_visit(row: Row) -> date:
    """The day a visit was held, or is planned for."""
    return day_of(row["held_on"] or row["planned_on"])


def visits_for(store: Store, actor: Actor, programme: str) -> list[Row]:
    """The visits of a programme that a person may read, by day."""
    return rows_for(store, actor, programme, tables.visit, day_of_visit)


def visits_of(store: Store, actor: Actor, programme: str, unit: str, *, today: date) -> list[Kept[Row]]:
    """The visits to a commune, and to what it was before, marked as such."""
    return rows_of_commune(store, unit, today, visits_for(store, actor, programme), day_of_visit)


def not_beforehand(visits: Iterable[Row]) -> list[Row]:
    """Those that were held without the commune having been told before."""
    return [row for row in visits if row["status"] == HELD and notice_of(row) in (Notice.NEVER, Notice.NOT_BEFOREHAND)]


def still_to_come(visits: Iterable[Row], today: date) -> tuple[list[Row], list[Row]]:
    """The announced visits whose day is today or later, and those whose day has passed without a word."""
    waiting = [row for row in visits if row["status"] == ANNOUNCED]
    coming = [row for row in waiting if day_of(row["planned_on"]) >= today]
    return coming, [row for row in waiting if row not in coming]
