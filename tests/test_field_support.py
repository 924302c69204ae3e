"""The ledger of support: exact, summed by commune, source and period, corrected with a reason and never rubbed out."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import postgres
import stores
from chamdiem.errors import Refusal
from chamdiem.office import support
from chamdiem.office.support import Gift
from chamdiem.store.database import Store
from chamdiem.words import say
from field_world import (
    COMMUNE,
    DIEN_BIEN,
    HOA_TAN,
    HOAN_KIEM,
    LEAD,
    OFFICE,
    OTHER_COMMUNE,
    PROGRAMME,
    STRANGER,
    TAN_SON,
    TAP_SON,
    TODAY,
    begin,
    count,
    row_of,
)
from stores import refused

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store

DAY = date(2024, 5, 8)


def gift(kind: str = "money", amount: str = "50.000.000", unit: str = TAN_SON, on: date = DAY, **more: str) -> Gift:
    about = {"source": "Văn phòng UBND tỉnh", "purpose": "Nhà tình nghĩa", **more}
    return Gift(unit=unit, kind=kind, amount=amount, given_on=on, **about)  # type: ignore[arg-type]


def recorded(store: Store, *args: object, actor=OFFICE, **more: object) -> str:  # type: ignore[no-untyped-def]
    return support.record_support(store, actor, PROGRAMME, gift(*args, **more), today=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("money", "50.000.000", "50000000"), ("money", "50000000", "50000000"), ("money", "999,999", "999999"),
        ("labour", "12,5", "12.5"), ("labour", "1.234", "1234"), ("labour", "0,25", "0.25"), ("goods", "1.500", "1500"),
        ("goods", "12,50", "12.5"),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them_and_kept_exactly(store: Store, kind: str, typed: str, kept: str) -> None:
    begin(store)
    thing = {"name": "Xi măng", "measure": "tấn"} if kind == "goods" else {}
    row = row_of(store, "support", recorded(store, kind, typed, **thing))
    assert (row["kind"], row["amount"], row["member"], row["unit"]) == (kind, kept, "so_noi_vu", TAN_SON)


def test_everything_wrong_with_an_entry_is_told_at_its_field(store: Store) -> None:
    begin(store)
    for about, told in (
        (gift("gold", ""), {"loại": "field.unknown", "số lượng": "field.not_whole"}),
        (gift("money", "12,5"), {"số lượng": "field.not_whole"}),
        (gift("money", "0"), {"số lượng": "field.not_above_nothing"}),
        (gift("goods", "0,125", name="Xi măng", measure="tấn"), {"số lượng": "field.not_a_number"}),
        (gift("labour", "-3"), {"số lượng": "field.not_above_nothing"}),
        (gift("labour", "nhiều"), {"số lượng": "field.not_a_number"}),
        (
            gift("goods", "3", worth="x"),
            {"tên hiện vật": "field.missing", "đơn vị tính": "field.missing", "trị giá": "field.not_whole"},
        ),
        (
            gift("money", "5", name="Bò", worth="4"),
            {"tên hiện vật": "support.goods_alone", "trị giá": "support.goods_alone"},
        ),
        (gift(source=" ", purpose=""), {"nguồn": "field.missing", "sử dụng vào việc": "field.missing"}),
        (gift(on=date(2027, 1, 1), unit="12345"), {"ngày hỗ trợ": "field.day_to_come", "xã": "lineage.no_commune"}),
        (gift(on=date(2025, 7, 1)), {"xã": "lineage.ended"}),
        (gift(member="so_la"), {"thành viên": "field.unknown_member"}),
    ):  # fmt: skip
        with pytest.raises(Refusal) as wrong:
            support.record_support(store, LEAD, PROGRAMME, about, today=TODAY)
        found = {problem.where.path[-1]: problem.message.id for problem in wrong.value.problems}
        assert found == told
        assert all("{" not in say(problem.message) for problem in wrong.value.problems)
    assert count(store, "support") == 0


def test_an_entry_is_corrected_with_a_reason_and_keeps_its_history(store: Store) -> None:
    begin(store)
    key = recorded(store)
    with pytest.raises(Refusal) as silent:
        support.correct_support(store, OFFICE, key, gift(amount="5.000.000"), " ", today=TODAY)
    assert refused(silent) == ["field.missing"]
    assert support.correct_support(store, OFFICE, key, gift(amount="5.000.000"), "Thừa một số 0", today=TODAY) == 2
    with pytest.raises(Refusal) as same:
        support.correct_support(store, OFFICE, key, gift(amount="5.000.000"), "Lại", today=TODAY)
    assert refused(same) == ["support.nothing_changed"]
    assert support.withdraw_support(store, LEAD, key, "Ghi hai lần") == 3
    for work in (
        lambda: support.withdraw_support(store, LEAD, key, "x"),
        lambda: support.correct_support(store, OFFICE, key, gift(), "x", today=TODAY),
    ):
        with pytest.raises(Refusal) as gone:
            work()
        assert refused(gone) == ["support.withdrawn_already"]
    history = support.history_of(store, COMMUNE, key)
    assert [(one.row["amount"], one.row["status"], one.reason, one.account) for one in history] == [
        ("50000000", "", "", "so_noi_vu"), ("5000000", "", "Thừa một số 0", "so_noi_vu"),
        ("5000000", "withdrawn", "Ghi hai lần", "dau_moi"),
    ]  # fmt: skip
    assert [row["id"] for row in support.ledger_for(store, LEAD, PROGRAMME)] == [key], "it stays to be read"
    assert support.total(support.ledger_for(store, LEAD, PROGRAMME)).entries == 0


def test_sums_by_commune_source_and_period_agree_with_the_hand_sum(store: Store) -> None:
    begin(store)
    cement = {"name": "Xi măng", "measure": "tấn"}
    recorded(store, "money", "50.000.000", on=date(2024, 3, 31))
    recorded(store, "money", "1", on=date(2024, 4, 1), source="Công ty A")
    recorded(store, "labour", "12,5", on=date(2024, 4, 1))
    recorded(store, "labour", "0,25", on=date(2024, 12, 31), unit=HOA_TAN)
    recorded(store, "goods", "2,5", on=date(2024, 6, 30), worth="4.000.000", **cement)
    recorded(store, "goods", "0,12", on=date(2025, 1, 1), name="xi măng", measure="Tấn")
    recorded(store, "goods", "3", unit=HOA_TAN, name="Bò giống", measure="con", worth="45000000")
    support.withdraw_support(store, LEAD, recorded(store, "money", "7"), "Ghi nhầm")
    ledger = support.ledger_for(store, LEAD, PROGRAMME)
    everything = support.total(ledger)
    assert (everything.entries, everything.money, everything.labour) == (7, 50_000_001, Fraction("12.75"))
    assert (everything.worth, everything.unpriced) == (49_000_000, 1)
    assert {thing[0].lower(): amount for thing, amount in everything.goods.items()} == {
        "xi măng": Fraction("2.62"), "bò giống": Fraction(3),
    }  # fmt: skip
    units = support.sums(ledger, support.by_unit)
    assert {code: (one.money, one.labour) for code, one in units.items()} == {
        HOA_TAN: (0, Fraction(1, 4)), TAN_SON: (50_000_001, Fraction("12.5")),
    }  # fmt: skip
    assert {who: one.money for who, one in support.sums(ledger, support.by_source).items()} == {
        "Công ty A": 1, "Văn phòng UBND tỉnh": 50_000_000,
    }  # fmt: skip
    assert {when: one.entries for when, one in support.sums(ledger, support.by_quarter).items()} == {
        "2024-Q1": 1, "2024-Q2": 4, "2024-Q4": 1, "2025-Q1": 1,
    }  # fmt: skip
    assert {when: one.entries for when, one in support.sums(ledger, support.by_year).items()} == {"2024": 6, "2025": 1}
    quarter = support.between(ledger, date(2024, 4, 1), date(2024, 6, 30))
    assert support.total(quarter).money == 1
    assert len([row for row in quarter if not row["status"]]) == 4


amounts = st.lists(
    st.tuples(st.sampled_from(["29470", "29320"]), st.sampled_from(["money", "labour"]), st.integers(1, 10**20)),
    max_size=30,
)


@given(amounts)
def test_sums_are_exact_whatever_their_size(given_: list[tuple[str, str, int]]) -> None:
    rows = [
        {"unit": unit, "kind": kind, "status": "", "amount": str(n) if kind == "money" else f"{n // 100}.{n % 100:02}"}
        for unit, kind, n in given_
    ]
    money, labour = defaultdict[str, int](int), defaultdict[str, int](int)
    for unit, kind, n in given_:
        (money if kind == "money" else labour)[unit] += n
    for unit, one in support.sums(rows, support.by_unit).items():
        assert (one.money, one.labour * 100) == (money[unit], labour[unit])


def test_merged_and_divided_communes_show_what_was_given_before(store: Store) -> None:
    begin(store)
    old, new = recorded(store), recorded(store, unit=TAP_SON, on=date(2026, 1, 5))
    found = support.ledger_of(store, LEAD, PROGRAMME, TAP_SON, today=TODAY)
    assert [(kept.record["id"], kept.origin.own) for kept in found] == [(old, False), (new, True)]
    divided = recorded(store, unit=DIEN_BIEN)
    (part,) = support.ledger_of(store, LEAD, PROGRAMME, HOAN_KIEM, today=TODAY)
    assert part.record["id"] == divided
    assert "đã chia" in say(part.origin.said())


def test_who_is_not_entitled_finds_nothing(store: Store) -> None:
    begin(store)
    key = recorded(store)
    for work in (
        lambda: recorded(store, actor=STRANGER),
        lambda: recorded(store, actor=OFFICE, member="xa_tan_son"),
        lambda: support.correct_support(store, OTHER_COMMUNE, key, gift(), "x", today=TODAY),
        lambda: support.withdraw_support(store, OTHER_COMMUNE, key, "x"),
        lambda: support.withdraw_support(store, LEAD, "khong-co", "x"),
        lambda: support.history_of(store, OTHER_COMMUNE, key),
        lambda: support.history_of(store, STRANGER, key),
        lambda: support.ledger_for(store, STRANGER, PROGRAMME),
        lambda: support.ledger_of(store, STRANGER, PROGRAMME, TAN_SON, today=TODAY),
    ):
        with pytest.raises(Refusal) as closed:
            work()
        assert refused(closed) == ["permission.not_found"]
    assert [row["id"] for row in support.ledger_for(store, COMMUNE, PROGRAMME)] == [key]
    assert support.ledger_for(store, OTHER_COMMUNE, PROGRAMME) == []
