"""Difficulties: raised with a proposal, passed from commune to district to province, answered with date and name."""

from __future__ import annotations

from datetime import date

import pytest

import postgres
import stores
from chamdiem.contest.permissions import SYSTEM
from chamdiem.errors import Refusal
from chamdiem.office import difficulties as service
from chamdiem.office.difficulties import Raised
from chamdiem.store.database import Store
from chamdiem.store.door import Conflict
from chamdiem.words import say
from field_world import (
    CHANGE,
    COMMUNE,
    DIEN_BIEN,
    EVE,
    HOA_TAN,
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

RAISED = date(2024, 3, 4)


def raised(unit: str = TAN_SON, on: date = RAISED, **more: object) -> Raised:
    about = {"words": "Thiếu vốn đối ứng đường liên ấp", "proposal": "Tỉnh ứng trước 50%", **more}
    return Raised(unit=unit, on=on, **about)  # type: ignore[arg-type]


def entered(store: Store, actor=LEAD, **more: object) -> str:  # type: ignore[no-untyped-def]
    return service.raise_difficulty(store, actor, PROGRAMME, raised(**more), today=TODAY)  # type: ignore[arg-type]


def steps(store: Store, key: str) -> list[tuple[str, str, str, str]]:
    found = service.steps_of(row_of(store, "difficulty", key))
    return [(one.level, one.on, one.answer, one.answered_on) for one in found]


def passed(store: Store, key: str, on: date, why: str = "Vượt thẩm quyền", by: str = "UBND", **more: int) -> str:
    return service.escalate(store, LEAD, key, why, by=by, on=on, today=TODAY, **more)


def test_a_difficulty_goes_up_a_level_at_a_time_and_keeps_each_answer(store: Store) -> None:
    begin(store)
    key = entered(store, COMMUNE)
    assert key == f"{PROGRAMME}/{TAN_SON}/1"
    assert passed(store, key, date(2024, 3, 10), "Xã không có nguồn", "UBND xã Tân Sơn") == "district"
    assert passed(store, key, date(2024, 4, 1), "Huyện đã cân đối 20%", "UBND huyện Trà Cú") == "province"
    with pytest.raises(Refusal) as top:
        passed(store, key, date(2024, 5, 1))
    assert refused(top) == ["difficulty.highest"]
    service.answer(store, LEAD, key, "Ứng 30%", by="UBND tỉnh", on=date(2024, 5, 2), today=TODAY)
    assert steps(store, key) == [
        ("commune", "2024-03-04", "Xã không có nguồn", "2024-03-10"),
        ("district", "2024-03-10", "Huyện đã cân đối 20%", "2024-04-01"),
        ("province", "2024-04-01", "Ứng 30%", "2024-05-02"),
    ]
    row = row_of(store, "difficulty", key)
    assert (row["member"], row["status"], row["answer"], row["answered_by"], row["answered_on"]) == (
        "xa_tan_son", "answered", "Ứng 30%", "UBND tỉnh", "2024-05-02",
    )  # fmt: skip
    for late in (
        lambda: passed(store, key, TODAY),
        lambda: service.answer(store, LEAD, key, "Lần nữa", by="UBND tỉnh", on=TODAY, today=TODAY),
    ):
        with pytest.raises(Refusal) as again:
            late()
        assert refused(again) == ["difficulty.answered_already"]


def test_there_is_no_district_after_its_last_day(store: Store) -> None:
    begin(store)
    last = entered(store)
    assert passed(store, last, EVE) == "district"
    with pytest.raises(Refusal) as gone:
        service.answer(store, LEAD, last, "Đồng ý", by="UBND huyện", on=CHANGE, today=TODAY)
    assert refused(gone) == ["difficulty.no_district"]
    assert passed(store, last, CHANGE) == "province"
    first = entered(store)
    assert passed(store, first, CHANGE) == "province"
    before = entered(store)
    passed(store, before, EVE)
    assert service.answer(store, LEAD, before, "Đồng ý", by="UBND huyện", on=EVE, today=TODAY) == 3


def test_what_waits_is_listed_for_who_must_answer_now(store: Store) -> None:
    begin(store)
    here, district, new, divided = (
        entered(store), entered(store), entered(store, unit=TAP_SON, on=date(2025, 8, 1)),
        entered(store, unit=DIEN_BIEN, on=date(2025, 6, 2)),
    )  # fmt: skip
    passed(store, district, EVE)
    passed(store, new, date(2025, 9, 1))
    waiting = lambda day, **more: [  # noqa: E731
        (one.row["id"], one.level, [unit.code for unit in one.whom], one.stranded)
        for one in service.waiting_for(store, LEAD, PROGRAMME, today=day, **more)
    ]
    assert waiting(EVE) == [
        (here, "commune", [TAN_SON], False), (divided, "commune", [DIEN_BIEN], False),
        (district, "district", ["849"], False),
    ]  # fmt: skip
    assert waiting(TODAY) == [
        (here, "commune", [TAP_SON], False),
        (divided, "commune", ["00004", "00070", "00190", "00226"], False),
        (district, "province", ["86"], True),
        (new, "province", ["86"], False),
    ]
    assert [one[0] for one in waiting(TODAY, level="province")] == [district, new]
    assert [one[0] for one in waiting(TODAY, unit=TAP_SON)] == [here]
    assert [one[0] for one in waiting(TODAY, unit="86")] == [district, new]


def test_an_answer_is_due_in_working_days_and_late_is_a_fact(store: Store) -> None:
    begin(store)
    on = date(2026, 2, 11)  # the week before Tết 2026
    key = entered(store, unit=TAP_SON, on=on, working_days=5)
    due = row_of(store, "difficulty", key)["due"]
    assert due == "2026-02-25", "seven days of Tết and two week-ends are not worked"
    (only,) = service.waiting_for(store, LEAD, PROGRAMME, today=date(2026, 2, 25))
    assert not only.late
    (only,) = service.waiting_for(store, LEAD, PROGRAMME, today=date(2026, 2, 26))
    assert only.late
    passed(store, key, date(2026, 2, 26), working_days=3)
    first, second = service.steps_of(row_of(store, "difficulty", key))
    assert first.late(TODAY)
    assert (second.due, second.late(date(2026, 3, 3))) == ("2026-03-03", False)
    unsaid = entered(store, unit=TAP_SON, on=on)
    assert row_of(store, "difficulty", unsaid)["due"] == ""


def test_merged_commune_shows_what_its_predecessors_raised(store: Store) -> None:
    begin(store)
    old, new, other = (
        entered(store), entered(store, unit=TAP_SON, on=date(2026, 1, 5)), entered(store, unit=HOA_TAN),
    )  # fmt: skip
    found = service.difficulties_of(store, LEAD, PROGRAMME, TAP_SON, today=TODAY)
    assert [(kept.record["id"], kept.origin.own, kept.origin.unit.code) for kept in found] == [
        (old, False, TAN_SON), (new, True, TAP_SON),
    ]  # fmt: skip
    assert other not in {kept.record["id"] for kept in found}
    assert [kept.record["id"] for kept in service.difficulties_of(store, LEAD, PROGRAMME, TAN_SON, today=EVE)] == [old]
    assert row_of(store, "difficulty", old)["unit"] == TAN_SON


def test_everything_wrong_is_told_at_once_and_nothing_is_kept(store: Store) -> None:
    begin(store)
    bad = Raised(unit=TAN_SON, words=" ", proposal="", on=date(2027, 1, 1), member="so_la", working_days=-1)
    with pytest.raises(Refusal) as wrong:
        service.raise_difficulty(store, LEAD, PROGRAMME, bad, today=TODAY)
    assert sorted(refused(wrong)) == sorted(
        ["field.day_to_come", "lineage.ended", "field.unknown_member", "criteria.step_not_positive"]
        + ["field.missing"] * 2
    )
    assert all(problem.where.path[:2] == (PROGRAMME, TAN_SON) for problem in wrong.value.problems)
    assert {problem.where.path[2] for problem in wrong.value.problems} >= {"ngày nêu", "đề xuất", "nội dung", "xã"}
    assert "{" not in "".join(say(problem.message) for problem in wrong.value.problems)
    assert count(store, "difficulty") == 0


def test_an_answer_has_words_a_name_and_a_day_after_the_question(store: Store) -> None:
    begin(store)
    key = entered(store)
    with pytest.raises(Refusal) as wrong:
        service.answer(store, LEAD, key, "", by=" ", on=date(2024, 3, 3), today=TODAY)
    assert sorted(refused(wrong)) == ["difficulty.answered_before", "field.missing", "field.missing"]
    with pytest.raises(Conflict):
        service.answer(store, LEAD, key, "Đồng ý", by="UBND xã", on=RAISED, today=TODAY, expected=7)
    assert service.answer(store, LEAD, key, "Đồng ý", by="UBND xã", on=RAISED, today=TODAY, expected=1) == 2


def test_the_same_command_again_raises_nothing_twice(store: Store) -> None:
    begin(store)
    twice = [service.raise_difficulty(store, LEAD, PROGRAMME, raised(), today=TODAY, key="một lần") for _ in range(2)]
    assert len(set(twice)) == 1
    assert count(store, "difficulty") == 1


def test_a_commune_speaks_of_itself_and_reads_its_own(store: Store) -> None:
    begin(store)
    own = entered(store, COMMUNE)
    with pytest.raises(Refusal) as of_another:
        entered(store, COMMUNE, unit=HOA_TAN)
    assert refused(of_another) == ["field.not_own_commune"]
    for_it = entered(store, OFFICE)
    assert {row["id"] for row in service.difficulties_for(store, COMMUNE, PROGRAMME)} == {own, for_it}
    assert {row["id"] for row in service.difficulties_for(store, OFFICE, PROGRAMME)} == {for_it}
    assert service.difficulties_for(store, OTHER_COMMUNE, PROGRAMME) == []
    assert len(service.difficulties_for(store, SYSTEM, PROGRAMME)) == 2


def test_who_is_not_entitled_finds_nothing(store: Store) -> None:
    begin(store)
    key = entered(store)
    for work in (
        lambda: entered(store, STRANGER),
        lambda: entered(store, COMMUNE, member="so_noi_vu"),
        lambda: service.raise_difficulty(store, LEAD, "khong-co", raised(), today=TODAY),
        lambda: service.answer(store, STRANGER, key, "x", by="x", on=TODAY, today=TODAY),
        lambda: service.answer(store, OTHER_COMMUNE, key, "x", by="x", on=TODAY, today=TODAY),
        lambda: service.escalate(store, OFFICE, key, "x", by="x", on=TODAY, today=TODAY),
        lambda: service.answer(store, LEAD, "khong-co", "x", by="x", on=TODAY, today=TODAY),
        lambda: service.difficulties_for(store, STRANGER, PROGRAMME),
        lambda: service.waiting_for(store, STRANGER, PROGRAMME, today=TODAY),
        lambda: service.difficulties_of(store, STRANGER, PROGRAMME, TAN_SON, today=TODAY),
    ):
        with pytest.raises(Refusal) as closed:
            work()
        assert refused(closed) == ["permission.not_found"]
