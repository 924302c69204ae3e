"""The reform in the store: contests of 2024 keep their communes, and the communes of today show what came before them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chamdiem.contest import publication
from chamdiem.contest.permissions import ANYBODY, SYSTEM
from chamdiem.contest.record import rows, units_of
from chamdiem.contest.registry_files import read_registry, shipped_registry
from chamdiem.contest.units import import_registry, registry_of, unit_key
from chamdiem.errors import Refusal
from chamdiem.office import commune_record, difficulties, sponsoring, support, visits
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from chamdiem.words import say
from contest_world import UNITS, World, world
from field_world import CHANGE, EVE, HOA_TAN, LEAD, PROGRAMME, STRANGER, TAN_SON, TAP_SON, TODAY, around, begin
from stores import refused

XUAN_LUONG = "07246"  # until 30/6/2025 the code of Xã Canh Nậu
BEFORE = date(2024, 3, 4)


def lists(folder: Path) -> list[Path]:
    """The register of Xuân Lương and of all around it as two lists, those of today first."""
    units, links = around(shipped_registry(), [XUAN_LUONG])
    heads = "code,name,kind,parent,valid_from,valid_to\n"
    said = [
        ",".join([one.code, one.name, one.kind, one.parent, str(one.valid_from or ""), str(one.valid_to or "")])
        for one in sorted(units, key=lambda one: (one.valid_to is not None, one.code))
    ]
    (folder / "units.csv").write_text(heads + "\n".join(said) + "\n", encoding="utf-8")
    told = [f"{one.predecessor},{one.successor},{one.on}" for one in links]
    (folder / "links.csv").write_text("predecessor,successor,on\n" + "\n".join(told) + "\n", encoding="utf-8")
    return [folder / "units.csv", folder / "links.csv"]


def as_in_2024(w: World) -> None:
    """The store as it was before anybody knew that these communes would end: under their bare codes."""

    def put(transaction: Transaction) -> None:
        for row in rows(transaction.connection, tables.unit, valid_to="2025-06-30"):
            transaction.drop(tables.unit, row["id"])
            about = {name: row[name] for name in ("code", "name", "kind", "parent")}
            transaction.put(tables.unit, row["code"], {**about, "cluster": "Cụm 1"})
        for row in rows(transaction.connection, tables.contest_unit):
            transaction.put(tables.contest_unit, row["id"], {"unit": row["code"]})

    w.store.write(Order("system", "test.earlier"), put)


def names(w: World) -> dict[str, str]:
    with w.store.read() as connection:
        return {unit.code: unit.name for unit in units_of(connection, "k")}


@pytest.mark.parametrize("shipped", [False, True])
def test_a_contest_of_2024_keeps_its_communes_when_their_codes_are_given_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, shipped: bool
) -> None:
    """The shipped lists say nothing of clusters, so what a clerk has said stays; a list of his own says what it says."""
    listed, kept = lists(tmp_path), "Cụm 1" if shipped else ""
    register = read_registry(listed)
    monkeypatch.setattr("chamdiem.contest.units.shipped_registry", lambda: register)
    with world("published", tmp_path) as w:
        as_in_2024(w)
        then = names(w)
        assert then[XUAN_LUONG] == "Xã Canh Nậu"
        import_registry(w.store, w.actor("quan_tri"), [] if shipped else listed)
        assert names(w) == then
        with w.store.read() as connection:
            assert publication.changes(connection, "k") == []
            assert publication.faults(connection, "k") == []
        with w.store.read() as connection:
            assert {row["cluster"] for row in rows(connection, tables.unit, id=f"{XUAN_LUONG}@2025-06-30")} == {kept}
        registry = registry_of(w.store)
        for code in UNITS:
            old = registry.get(code, EVE)
            assert old is not None
            assert (old.name, old.valid_to) == (then[code], EVE)
        assert [one.code for one in registry.bearers(XUAN_LUONG, TODAY)] == [XUAN_LUONG]
        assert registry.bearers("07243", TODAY) == ()
        head = w.store.head()
        assert import_registry(w.store, w.actor("quan_tri"), [] if shipped else listed) == 0
        assert w.store.head() == head


def test_merged_commune_shows_the_published_results_of_what_it_was(tmp_path: Path) -> None:
    with world("published", tmp_path) as w:
        assert commune_record.results_of(w.store, ANYBODY, "07243", on=BEFORE)[0].origin.own
        import_registry(w.store, w.actor("quan_tri"), lists(tmp_path))
        found = commune_record.results_of(w.store, ANYBODY, XUAN_LUONG, on=TODAY)
        assert [(kept.record.unit, kept.origin.own) for kept in found] == [(code, False) for code in UNITS]
        canh_nau = found[1]
        assert canh_nau.origin.unit.name == "Xã Canh Nậu"
        assert canh_nau.record.on == date(2024, 10, 30)
        assert "trước là Xã Canh Nậu (07246)" in say(canh_nau.origin.said())
        (then,) = commune_record.results_of(w.store, ANYBODY, XUAN_LUONG, on=BEFORE)
        assert (then.origin.own, then.record.standing) == (True, canh_nau.record.standing)


def test_unpublished_results_show_to_nobody(tmp_path: Path) -> None:
    with world("review", tmp_path) as w:
        for who in (ANYBODY, w.actor("to_chuc"), SYSTEM):
            assert commune_record.results_of(w.store, who, XUAN_LUONG, on=BEFORE) == []


def test_all_the_work_for_a_commune_is_with_what_it_has_become(tmp_path: Path) -> None:
    with world("people", tmp_path) as w:
        store = begin(w.store)
        told = visits.Announcement(unit=TAN_SON, planned_on=date(2024, 5, 8), content="Xem", announced_on=BEFORE)
        raised = difficulties.Raised(unit=TAN_SON, words="Khó", proposal="Gỡ", on=BEFORE)
        gift = support.Gift(unit=TAN_SON, kind="money", amount="7", source="A", purpose="B", given_on=BEFORE)
        leader = sponsoring.Assignment(unit=TAN_SON, leader="Ông An", decision="QĐ 1", start=BEFORE)
        difficulties.raise_difficulty(store, LEAD, PROGRAMME, raised, today=TODAY)
        visits.announce_visit(store, LEAD, PROGRAMME, told, today=TODAY)
        support.record_support(store, LEAD, PROGRAMME, gift, today=TODAY)
        sponsoring.assign(store, LEAD, PROGRAMME, [leader])
        for unit, on, own, size in ((TAP_SON, TODAY, False, 1), (TAN_SON, EVE, True, 1), (HOA_TAN, EVE, True, 0)):
            (work,) = commune_record.works_of(store, LEAD, unit, on=on)
            for kept in (work.difficulties, work.visits, work.support, work.assignments):
                assert [(one.record["unit"], one.origin.own) for one in kept] == [(TAN_SON, own)] * size
        assert commune_record.works_of(store, STRANGER, TAP_SON, on=TODAY) == []
        with pytest.raises(Refusal) as closed:
            commune_record.work_of(store, STRANGER, PROGRAMME, TAP_SON, on=TODAY)
        assert refused(closed) == ["permission.not_found"]
        with pytest.raises(Refusal) as gone:
            commune_record.descent_of(store, TAN_SON, on=CHANGE, today=TODAY)
        assert refused(gone) == ["lineage.no_unit_on_day"]
        assert {unit_key(one) for one in commune_record.descent_of(store, TAN_SON, on=EVE, today=TODAY).now} == {
            TAP_SON
        }
