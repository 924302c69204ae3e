"""The ledger of support: money, labour and goods given to communes, from whom and for what; corrected, never rubbed out."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import Registry
from chamdiem.contest.units import registry_now
from chamdiem.errors import Message, message, refuse
from chamdiem.office.field_entry import Entry, day_of
from chamdiem.office.field_rows import order_about, row_at, rows_for, rows_of_commune
from chamdiem.office.footing import Footing, order
from chamdiem.office.lineage import Kept
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction

MONEY, LABOUR, GOODS = "money", "labour", "goods"
PLACES = {MONEY: 0, LABOUR: 2, GOODS: 2}
"""How many decimals an amount has at most: đồng are whole; days of labour (công) and quantities may be parts. With three,
"1.500" would be one and a half."""
COUNTED, WITHDRAWN = "", "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Gift:
    """What was given, as it is typed: so many đồng, công, or of a thing (its name and measure, worth in đồng if known).

    `unit` is the commune, by the code it had on the day; `source` who gave it, `purpose` what it is for.
    """

    unit: str
    kind: str
    amount: str
    source: str
    purpose: str
    given_on: date
    name: str = ""
    measure: str = ""
    worth: str = ""
    member: str = ""
    note: str = ""


def given(row: Row) -> Message:
    """What an entry says was given, in its measure: "15.000.000 đồng", "12 công", "2 tấn xi măng"."""
    about: dict[str, object] = {"n": Decimal(row["amount"])}
    if row["kind"] == GOODS:
        return message("support_ledger.thing", **about, measure=row["measure"], name=row["name"])
    return message(f"support_ledger.amount.{row['kind']}", **about)


def record_support(store: Store, actor: Actor, programme: str, gift: Gift, *, today: date, key: str = "") -> str:
    """Enter what was given; returns the key of the entry. Raises Refusal with everything that is wrong with it."""
    registry = registry_now(store)

    def enter(transaction: Transaction) -> str:
        footing = Footing(transaction.connection, actor, programme)
        member = footing.member_for("support.record", gift.member)
        entry = Entry(programme, gift.unit)
        about = {"programme": programme, **checked_gift(entry, footing, registry, gift, member, today)}
        id = footing.next_id(tables.support, about["unit"])  # noqa: A001 - the column is called so
        transaction.put(tables.support, id, about, expected=0)
        return id

    return store.write(order(actor, "support.record", programme, key=key), enter)


def correct_support(
    store: Store, actor: Actor, support: str, gift: Gift, reason: str, *, today: date, expected: int | None = None
) -> int:
    """Correct an entry, saying why; what it said before stays in its history. Returns the new version."""
    registry = registry_now(store)

    def enter(transaction: Transaction) -> int:
        footing, row = _counted(transaction, actor, support)
        member = footing.member_for("support.record", gift.member or row["member"])
        entry = Entry(support)
        why = entry.words("reason", reason)
        about = checked_gift(entry, footing, registry, gift, member, today)
        if all(row[name] == value for name, value in about.items()):
            raise refuse("support.nothing_changed")
        return transaction.put(tables.support, support, {**about, "reason": why}, expected)

    return store.write(order_about(store, actor, "support.correct", tables.support, support, reason), enter)


def withdraw_support(store: Store, actor: Actor, support: str, reason: str, *, expected: int | None = None) -> int:
    """Count an entry no more, saying why; it stays to be read."""

    def enter(transaction: Transaction) -> int:
        _counted(transaction, actor, support)
        entry = Entry(support)
        why = entry.words("reason", reason)
        entry.refuse_all()
        return transaction.put(tables.support, support, {"status": WITHDRAWN, "reason": why}, expected)

    return store.write(order_about(store, actor, "support.withdraw", tables.support, support, reason), enter)


def checked_gift(
    entry: Entry, footing: Footing, registry: Registry, gift: Gift, member: str, today: date
) -> dict[str, str]:
    """An entry as the store keeps it; refused with everything that is wrong."""
    kind = entry.one_of("kind", gift.kind, PLACES)
    given, place = entry.past("given_on", gift.given_on, today), entry.commune(registry, gift.unit, gift.given_on)
    footing.check_member(entry, member, gift.unit, registry, gift.given_on)
    source, purpose = entry.words("source", gift.source), entry.words("purpose", gift.purpose)
    amount = entry.amount("amount", gift.amount, PLACES.get(kind, 0))
    thing = _thing(entry, gift) if kind == GOODS else _no_thing(entry, gift)
    entry.refuse_all()
    assert place is not None
    return {
        "member": member, "unit": place.unit.code, "kind": kind, "amount": amount, "source": source,
        "purpose": purpose, "given_on": given, "note": gift.note.strip(), **thing,
    }  # fmt: skip


def _thing(entry: Entry, gift: Gift) -> dict[str, str]:
    name, measure = entry.words("name", gift.name), entry.words("measure", gift.measure)
    worth = entry.amount("worth", gift.worth, 0) if gift.worth.strip() else ""
    return {"name": name, "measure": measure, "worth": worth}


def _no_thing(entry: Entry, gift: Gift) -> dict[str, str]:
    """Money and labour have no name, measure or worth of their own."""
    said = {"name": gift.name, "measure": gift.measure, "worth": gift.worth}
    for name, text in said.items():
        if text.strip():
            entry.fault(name, "support.goods_alone")
    return dict.fromkeys(said, "")


def _counted(transaction: Transaction, actor: Actor, support: str) -> tuple[Footing, Row]:
    """An entry that counts, and that this person may correct."""
    footing, row = row_at(transaction, actor, tables.support, support)
    footing.need("support.record", row["member"])
    if row["status"] == WITHDRAWN:
        raise refuse("support.withdrawn_already", reason=row["reason"])
    return footing, row


def _given_on(row: Row) -> date:
    return day_of(row["given_on"])


def ledger_for(store: Store, actor: Actor, programme: str) -> list[Row]:
    """The entries of a programme that a person may read, by day; withdrawn ones too."""
    return rows_for(store, actor, programme, tables.support, _given_on)


def gift_of(store: Store, actor: Actor, support: str) -> Gift:
    """An entry as it would be typed, to be corrected."""
    registry = registry_now(store)
    with store.read() as connection:
        found = rows(connection, tables.support, id=support)
        if not found or not Footing(connection, actor, found[0]["programme"]).readable(found, registry, _given_on):
            raise refuse("permission.not_found")
    row = found[0]
    names = ("unit", "kind", "source", "purpose", "name", "measure", "worth", "member", "note")
    amount = row["amount"].replace(".", ",")  # a dot before three digits would be read as thousands
    return Gift(given_on=day_of(row["given_on"]), amount=amount, **{name: row[name] for name in names})


def ledger_of(store: Store, actor: Actor, programme: str, unit: str, *, today: date) -> list[Kept[Row]]:
    """The entries of a commune, and of what it was before, marked as such."""
    return rows_of_commune(store, unit, today, ledger_for(store, actor, programme), _given_on)


@dataclass
class Sum:
    """What entries come to, exactly: đồng, công, the worth of goods in đồng, and each thing by its name and measure.

    `unpriced` is how many entries of goods have no worth: the worth of all is then not known.
    """

    entries: int = 0
    money: int = 0
    labour: Fraction = Fraction(0)
    worth: int = 0
    unpriced: int = 0
    goods: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Count one entry; a withdrawn one counts nothing."""
        if row["status"] == WITHDRAWN:
            return
        self.entries += 1
        if row["kind"] == MONEY:
            self.money += int(row["amount"])
        elif row["kind"] == LABOUR:
            self.labour += Fraction(row["amount"])
        else:
            self._add_goods(row)

    def _add_goods(self, row: Row) -> None:
        alike = (row["name"].casefold(), row["measure"].casefold())
        known = next((one for one in self.goods if (one[0].casefold(), one[1].casefold()) == alike), None)
        thing = known or (row["name"], row["measure"])
        self.goods[thing] = self.goods.get(thing, Fraction(0)) + Fraction(row["amount"])
        self.worth += int(row["worth"] or 0)
        self.unpriced += not row["worth"]


def total(entries: Iterable[Row]) -> Sum:
    """What these entries come to."""
    found = Sum()
    for row in entries:
        found.add(row)
    return found


def by_unit(row: Row) -> str:
    """The commune of an entry, by the code it had then."""
    return str(row["unit"])


def by_source(row: Row) -> str:
    """Who gave it."""
    return str(row["source"])


def by_year(row: Row) -> str:
    """The year in which it was given."""
    return str(row["given_on"])[:4]


def by_quarter(row: Row) -> str:
    """The quarter in which it was given: 2024-Q3."""
    day = day_of(row["given_on"])
    return f"{day.year}-Q{(day.month + 2) // 3}"


def sums(entries: Iterable[Row], by: Callable[[Row], str]) -> dict[str, Sum]:
    """What the entries come to for each commune, source or period, in their order."""
    found: dict[str, Sum] = defaultdict(Sum)
    for row in entries:
        found[by(row)].add(row)
    return {key: found[key] for key in sorted(found)}


GROUPINGS = {"unit": by_unit, "source": by_source, "quarter": by_quarter, "year": by_year}


def between(entries: Iterable[Row], first: date, last: date) -> list[Row]:
    """The entries of what was given from the one day to the other, both included."""
    return [row for row in entries if first <= day_of(row["given_on"]) <= last]


@dataclass(frozen=True)
class Version:
    """An entry as it stood: since when, by whom, why, and what it said."""

    at: datetime
    account: str
    reason: str
    row: Row


def history_of(store: Store, actor: Actor, support: str) -> list[Version]:
    """All that an entry has ever said, the first first, as the journal keeps it."""
    event, registry = tables.event, registry_now(store)
    with store.read() as connection:
        now = rows(connection, tables.support, id=support)
        if not now or not Footing(connection, actor, now[0]["programme"]).readable(now, registry, _given_on):
            raise refuse("permission.not_found")
        told = select(event).where(event.c.entity == "support", event.c.row == support).order_by(event.c.seq)
        found = connection.execute(told).mappings().all()
    return [
        Version(datetime.fromisoformat(one["at"]), one["actor"], one["reason"], json.loads(one["after"]))
        for one in found
        if one["after"]
    ]
