"""A programme at work in a store, on either database: the communes of the seeds through the reform, its members, people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chamdiem.contest.permissions import Actor, Grant
from chamdiem.contest.record import Row, rows
from chamdiem.contest.registry import Link, RegisteredUnit, Registry
from chamdiem.contest.registry_files import shipped_registry
from chamdiem.contest.units import unit_key
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

EVE, CHANGE, TODAY = date(2025, 6, 30), date(2025, 7, 1), date(2026, 11, 22)
DONG_TAM, YEN_THE = "07260", "07288"
TAN_SON, TAP_SON = "29470", "29467"
HOA_TAN, AN_PHU_TAN = "29320", "29317"
DIEN_BIEN, BA_DINH, HOAN_KIEM = "00019", "00004", "00070"  # a commune that was divided among four, and two of them
SHOWN = (YEN_THE, TAP_SON, AN_PHU_TAN, BA_DINH, HOAN_KIEM)

PROGRAMME = "giup-do-xa"
LEAD = Actor("dau_moi", (Grant("programme_lead", PROGRAMME),))
OFFICE = Actor("so_noi_vu", (Grant("programme_officer", PROGRAMME, "so_noi_vu"),))
COMMUNE = Actor("xa_tan_son", (Grant("programme_officer", PROGRAMME, "xa_tan_son"),))
OTHER_COMMUNE = Actor("xa_hoa_tan", (Grant("programme_officer", PROGRAMME, "xa_hoa_tan"),))
STRANGER = Actor("nguoi_la", (Grant("programme_lead", "chuong-trinh-khac"), Grant("organiser")))
MEMBERS = {
    "so_noi_vu": ("Sở Nội vụ", ""),
    "xa_tan_son": ("Xã Tân Sơn", TAN_SON),
    "xa_hoa_tan": ("Xã Hòa Tân", HOA_TAN),
    "xa_tap_son": ("Xã Tập Sơn", TAP_SON),
}


def around(vietnam: Registry, codes: Iterable[str]) -> tuple[list[RegisteredUnit], list[Link]]:
    """These communes of today, all they were made of, all that came of those, and everything above."""
    found: set[RegisteredUnit] = set()
    for code in codes:
        unit = vietnam.get(code, CHANGE)
        assert unit is not None
        before = vietnam.lineage(code, CHANGE).before
        after = {one for old in before for one in vietnam.successors(old.code, EVE)}
        found |= {unit, *before, *after}
    found |= {one for unit in found for one in vietnam.above(unit)}
    there = {(unit.code, unit.valid_to is None) for unit in found}
    links = [link for link in vietnam.links if (link.predecessor, False) in there and (link.successor, True) in there]
    return sorted(found, key=unit_key), links


def put_units(store: Store) -> None:
    """The communes shown here with all they were made of, put in as they are."""
    units, links = around(shipped_registry(), SHOWN)

    def put(transaction: Transaction) -> None:
        for unit in units:
            about = {name: getattr(unit, name) for name in ("code", "name", "kind", "parent")}
            days = {name: day.isoformat() for name in ("valid_from", "valid_to") if (day := getattr(unit, name))}
            transaction.put(tables.unit, unit_key(unit), {**about, **days})
        for link in links:
            told = {"predecessor": link.predecessor, "successor": link.successor, "valid_on": link.on.isoformat()}
            transaction.put(tables.unit_link, f"{link.predecessor}>{link.successor}", told)

    store.write(Order("system", "test.units"), put)


def begin(store: Store, programme: str = PROGRAMME) -> Store:
    """The units and the programme with its members, put in as they are."""
    put_units(store)

    def put(transaction: Transaction) -> None:
        said = {"code": programme, "title": "Giúp đỡ xã", "period_from": "2023-01-01", "period_to": "2026-12-31"}
        transaction.put(tables.programme, programme, said)
        for code, (name, unit) in MEMBERS.items():
            member = {"programme": programme, "code": code, "name": name, "unit": unit}
            transaction.put(tables.programme_member, f"{programme}/{code}", member)

    store.write(Order("system", "test.begin"), put)
    return store


def row_of(store: Store, table: str, key: str) -> Row:
    """One row as it is kept."""
    with store.read() as connection:
        (found,) = rows(connection, tables.THINGS[table], id=key)
    return found


def count(store: Store, table: str) -> int:
    """How many rows there are."""
    with store.read() as connection:
        return len(rows(connection, tables.THINGS[table]))
