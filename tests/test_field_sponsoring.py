"""Who helps which commune: history year by year, two at one time refused, who stays until a new decision, and the gaps."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import postgres
import stores
from chamdiem.contest.registry import RegisteredUnit, Registry
from chamdiem.errors import Refusal
from chamdiem.office import sponsoring
from chamdiem.office.charges import charges, gaps
from chamdiem.office.sponsoring import Assignment
from chamdiem.store.database import Store
from chamdiem.words import say
from field_world import (
    BA_DINH,
    CHANGE,
    COMMUNE,
    DIEN_BIEN,
    EVE,
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

JANUARY_23, JANUARY_24 = date(2023, 1, 10), date(2024, 1, 15)
PHUOC_HUNG = "29464"


def given_to(leader: str, start: date, unit: str = TAN_SON, **more: object) -> Assignment:
    about = {"decision": f"QĐ {start.year}/QĐ-UBND", **more}
    return Assignment(unit=unit, leader=leader, start=start, **about)  # type: ignore[arg-type]


def assigned(store: Store, *assignments: Assignment, actor=LEAD) -> list[str]:  # type: ignore[no-untyped-def]
    return sponsoring.assign(store, actor, PROGRAMME, assignments)


def in_charge(store: Store, day: date, unit: str = TAN_SON) -> list[tuple[str, bool, bool]]:
    (held,) = [one for one in sponsoring.standing_on(store, LEAD, PROGRAMME, day) if one.unit.code == unit]
    return [(one.row["leader"], one.beyond_term, one.inherited) for one in held.charges]


def test_the_old_leader_stays_until_a_new_decision(store: Store) -> None:
    begin(store)
    assigned(store, given_to("Ông An", JANUARY_23, until=date(2023, 12, 31)))
    assert in_charge(store, date(2023, 1, 9)) == []
    assert in_charge(store, JANUARY_23) == [("Ông An", False, False)]
    assert in_charge(store, date(2023, 12, 31)) == [("Ông An", False, False)]
    assert in_charge(store, date(2024, 1, 1)) == [("Ông An", True, False)], "his term is over, nobody else was named"
    assigned(store, given_to("Bà Bình", JANUARY_24))
    assert in_charge(store, date(2024, 1, 14)) == [("Ông An", True, False)]
    assert in_charge(store, JANUARY_24) == [("Bà Bình", False, False)]
    assert in_charge(store, date(2025, 1, 31)) == [("Bà Bình", False, False)], "January is for re-assigning"
    assert in_charge(store, date(2025, 2, 1)) == [("Bà Bình", True, False)], "January went by without a decision"
    history = sponsoring.assignments_of(store, COMMUNE, PROGRAMME, TAN_SON, today=EVE)
    assert [(one.record["leader"], one.record["valid_from"], one.record["valid_to"]) for one in history] == [
        ("Ông An", "2023-01-10", "2023-12-31"), ("Bà Bình", "2024-01-15", ""),
    ]  # fmt: skip


def test_two_at_one_time_are_refused_with_both_names(store: Store) -> None:
    begin(store)
    (first,) = assigned(store, given_to("Ông An", JANUARY_23))
    with pytest.raises(Refusal) as both:
        assigned(store, given_to("Bà Bình", JANUARY_24))
    assert refused(both) == ["sponsorship.overlap"]
    said = say(both.value.problems[0].message)
    assert all(
        word in said for word in ("Bà Bình", "15/01/2024", "QĐ 2024/QĐ-UBND", "Ông An", "QĐ 2023/QĐ-UBND", first)
    )
    assert both.value.problems[0].where.path == (PROGRAMME, TAN_SON, "từ ngày")
    with pytest.raises(Refusal):
        assigned(store, given_to("Bà Bình", date(2022, 1, 1)))  # without an end it reaches into the other
    with pytest.raises(Refusal):
        assigned(store, given_to("Bà Bình", date(2022, 1, 1), until=JANUARY_23))
    assigned(store, given_to("Bà Bình", date(2022, 1, 1), until=JANUARY_23 - timedelta(days=1)))
    assert in_charge(store, date(2022, 6, 1)) == [("Bà Bình", False, False)]
    assert count(store, "sponsorship") == 2


def test_within_one_decision_two_for_a_commune_are_refused_and_nothing_is_kept(store: Store) -> None:
    begin(store)
    with pytest.raises(Refusal) as both:
        assigned(
            store, given_to("Ông An", JANUARY_24), given_to("Bà Bình", JANUARY_24),
            given_to("Ông Châu", JANUARY_24, HOA_TAN),
        )  # fmt: skip
    assert refused(both) == ["sponsorship.overlap"]
    assert count(store, "sponsorship") == 0


def test_a_decision_that_says_so_replaces_or_joins(store: Store) -> None:
    begin(store)
    assigned(store, given_to("Ông An", JANUARY_23), given_to("Ông Châu", JANUARY_23, HOA_TAN))
    assigned(store, given_to("Bà Bình", date(2023, 6, 1), joint=True))
    assert [one[0] for one in in_charge(store, date(2023, 6, 1))] == ["Ông An", "Bà Bình"]
    assigned(store, given_to("Ông Dũng", JANUARY_24, replaces=True))
    assert [one[0] for one in in_charge(store, JANUARY_24 - timedelta(days=1))] == ["Ông An", "Bà Bình"]
    assert [one[0] for one in in_charge(store, JANUARY_24)] == ["Ông Dũng"]
    assert [one[0] for one in in_charge(store, JANUARY_24, HOA_TAN)] == ["Ông Châu"]
    with pytest.raises(Refusal) as torn:
        assigned(store, given_to("Bà Em", date(2025, 1, 5), joint=True, replaces=True))
    assert refused(torn) == ["sponsorship.joint_or_replaces"]


def test_an_assignment_that_was_ended_leaves_a_gap_that_is_told(store: Store) -> None:
    begin(store)
    key, _ = assigned(store, given_to("Ông An", JANUARY_23), given_to("Ông Châu", JANUARY_23, HOA_TAN))
    sponsoring.end_assignment(store, LEAD, key, "QĐ 7/QĐ-UBND", last=date(2023, 8, 31))
    assert in_charge(store, date(2023, 8, 31)) == [("Ông An", False, False)]
    assert in_charge(store, date(2023, 9, 1)) == []
    with pytest.raises(Refusal) as again:
        sponsoring.end_assignment(store, LEAD, key, "QĐ 8/QĐ-UBND", last=date(2023, 9, 30))
    assert refused(again) == ["sponsorship.ended_already"]
    assigned(store, given_to("Bà Bình", JANUARY_24))
    told = sponsoring.gaps_for(store, LEAD, PROGRAMME, date(2023, 1, 1), EVE)
    assert [gap.unit.code for gap in told] == sorted([HOA_TAN, TAP_SON, TAN_SON, TAN_SON])
    assert {(gap.first.isoformat(), gap.last.isoformat()) for gap in told if gap.unit.code == TAN_SON} == {
        ("2023-01-01", "2023-01-09"), ("2023-09-01", "2024-01-14"),
    }  # fmt: skip


def test_sponsors_of_merged_communes_stay_until_a_decision_about_the_new_one(store: Store) -> None:
    begin(store)
    assigned(store, given_to("Ông An", JANUARY_24), given_to("Bà Phước", JANUARY_24, PHUOC_HUNG))
    assert {one[0] for one in in_charge(store, CHANGE, TAP_SON)} == {"Ông An", "Bà Phước"}
    assert all(inherited for _, _, inherited in in_charge(store, CHANGE, TAP_SON))
    with pytest.raises(Refusal) as both:
        assigned(store, given_to("Ông Tập", date(2025, 7, 15), TAP_SON))
    assert refused(both) == ["sponsorship.overlap"] * 2
    with pytest.raises(Refusal) as ended:
        assigned(store, given_to("Ông Tập", date(2025, 7, 15), TAN_SON, replaces=True))
    assert refused(ended) == ["lineage.ended"]
    assigned(store, given_to("Ông Tập", date(2025, 7, 15), TAP_SON, replaces=True))
    assert in_charge(store, date(2025, 7, 15), TAP_SON) == [("Ông Tập", False, False)]
    found = sponsoring.assignments_of(store, LEAD, PROGRAMME, TAP_SON, today=TODAY)
    assert {(one.record["leader"], one.origin.unit.code, one.origin.own) for one in found} == {
        ("Ông An", TAN_SON, False), ("Bà Phước", PHUOC_HUNG, False), ("Ông Tập", TAP_SON, True),
    }  # fmt: skip


def test_sponsor_of_a_divided_commune_stays_with_each_part_until_its_own_decision(store: Store) -> None:
    begin(store)
    assigned(store, given_to("Ông Điện", JANUARY_24, DIEN_BIEN))
    assigned(store, given_to("Bà Ba", date(2025, 8, 1), BA_DINH, replaces=True))
    assert in_charge(store, date(2025, 8, 1), BA_DINH) == [("Bà Ba", False, False)]
    assert in_charge(store, date(2025, 8, 1), HOAN_KIEM) == [("Ông Điện", True, True)]


def test_everything_wrong_is_told_at_once(store: Store) -> None:
    begin(store)
    bad = Assignment(unit="12345", leader="", decision=" ", start=JANUARY_24, until=JANUARY_23, member="so_la")
    with pytest.raises(Refusal) as wrong:
        assigned(store, bad, given_to("Ông An", JANUARY_24))
    assert sorted(refused(wrong)) == sorted(
        ["lineage.no_commune", "field.missing", "field.missing", "sponsorship.ends_before", "field.unknown_member"]
    )
    assert {problem.where.path[1] for problem in wrong.value.problems} == {"12345"}
    with pytest.raises(Refusal):
        assigned(store)
    assert count(store, "sponsorship") == 0


def test_who_is_not_entitled_finds_nothing(store: Store) -> None:
    begin(store)
    (key,) = assigned(store, given_to("Ông An", JANUARY_24, member="so_noi_vu"))
    for work in (
        lambda: assigned(store, given_to("Bà Bình", TODAY), actor=STRANGER),
        lambda: assigned(store, given_to("Bà Bình", TODAY), actor=OFFICE),
        lambda: sponsoring.end_assignment(store, OFFICE, key, "x", last=TODAY),
        lambda: sponsoring.end_assignment(store, LEAD, "khong-co", "x", last=TODAY),
        lambda: sponsoring.assignments_for(store, STRANGER, PROGRAMME),
        lambda: sponsoring.standing_on(store, STRANGER, PROGRAMME, TODAY),
        lambda: sponsoring.gaps_for(store, STRANGER, PROGRAMME, JANUARY_23, TODAY),
    ):
        with pytest.raises(Refusal) as closed:
            work()
        assert refused(closed) == ["permission.not_found"]
    assert [one["id"] for one in sponsoring.assignments_for(store, COMMUNE, PROGRAMME)] == [key]
    assert [one["id"] for one in sponsoring.assignments_for(store, OFFICE, PROGRAMME)] == [key]
    assert sponsoring.assignments_for(store, OTHER_COMMUNE, PROGRAMME) == []
    assert row_of(store, "sponsorship", key)["version"] == 1


# properties -----------------------------------------------------------------------------------------------------------

START = date(2023, 1, 1)
ONE = Registry([RegisteredUnit("00001", "Xã A", "xa")])
days = st.integers(0, 60)
rows = st.lists(
    st.tuples(days, st.booleans(), st.none() | days), max_size=6
).map(
    lambda found: [
        {
            "id": str(at), "unit": "00001", "leader": str(at), "joint": int(joint),
            "valid_from": (START + timedelta(start)).isoformat(),
            "valid_to": "" if end is None else (START + timedelta(start + end)).isoformat(),
            "status": "" if end is None else "ended",
        }
        for at, (start, joint, end) in enumerate(found)
    ]
)  # fmt: skip


@given(rows)
def test_gaps_are_exactly_the_days_with_nobody(held: list[dict[str, object]]) -> None:
    last = START + timedelta(130)
    told = {
        gap.first + timedelta(at)
        for gap in gaps(ONE, "00001", START, last, held)
        for at in range((gap.last - gap.first).days + 1)
    }
    empty = {START + timedelta(at) for at in range(131) if not charges(ONE, "00001", START + timedelta(at), held)}
    assert told == empty


@given(rows, days)
def test_without_joint_decisions_at_most_one_is_in_charge(held: list[dict[str, object]], at: int) -> None:
    alone = [{**row, "joint": 0} for row in held]
    assert len(charges(ONE, "00001", START + timedelta(at), alone)) <= 1
