"""Field visits: announced before their day with what they are about, held, and what the days say is not typed."""

from __future__ import annotations

from datetime import date

import pytest

import postgres
import stores
from chamdiem.errors import Refusal
from chamdiem.office import difficulties, visits
from chamdiem.office.difficulties import Raised
from chamdiem.office.visits import Announcement, Notice, Report
from chamdiem.store.database import Store
from chamdiem.words import say
from field_world import (
    CHANGE,
    COMMUNE,
    DONG_TAM,
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
    YEN_THE,
    begin,
    count,
    row_of,
)
from stores import refused

postgres_server = postgres.postgres_server
postgres_template = stores.postgres_template
url = stores.url
store = stores.store

TOLD, PLANNED = date(2024, 5, 6), date(2024, 5, 8)
WHAT = "Kiểm tra tiến độ đường liên ấp"


def announced(store: Store, planned: date = PLANNED, told: date = TOLD, unit: str = TAN_SON, **more: object) -> str:
    actor, content = more.get("actor", OFFICE), str(more.get("content", WHAT))
    wanted = Announcement(unit=unit, planned_on=planned, announced_on=told, content=content)
    return visits.announce_visit(store, actor, PROGRAMME, wanted, today=TODAY)  # type: ignore[arg-type]


def held(store: Store, key: str, on: date, *keys: str) -> int:
    report = Report(held_on=on, result="Đã thống nhất", findings="Chậm giải phóng mặt bằng", difficulties=keys)
    return visits.hold_visit(store, OFFICE, key, report, today=TODAY)


@pytest.mark.parametrize(
    ("on", "notice"),
    [
        (date(2024, 5, 8), Notice.BEFOREHAND), (date(2024, 5, 7), Notice.ANOTHER_DAY),
        (date(2024, 5, 9), Notice.ANOTHER_DAY), (date(2024, 5, 6), Notice.NOT_BEFOREHAND),
        (date(2024, 5, 5), Notice.NOT_BEFOREHAND),
    ],
)  # fmt: skip
def test_what_the_days_say_is_a_fact(store: Store, on: date, notice: Notice) -> None:
    begin(store)
    key = announced(store)
    assert visits.notice_of(row_of(store, "visit", key)) == Notice.WAITING
    held(store, key, on)
    row = row_of(store, "visit", key)
    assert visits.notice_of(row) == notice
    assert (visits.not_beforehand([row]) == [row]) == (notice is Notice.NOT_BEFOREHAND)
    assert (row["member"], row["content"], row["result"], row["findings"]) == (
        "so_noi_vu", WHAT, "Đã thống nhất", "Chậm giải phóng mặt bằng",
    )  # fmt: skip


@pytest.mark.parametrize("told", [PLANNED, date(2024, 5, 9)])
def test_an_announcement_on_the_day_or_later_is_refused(store: Store, told: date) -> None:
    begin(store)
    with pytest.raises(Refusal) as late:
        announced(store, told=told)
    assert refused(late) == ["visit.announce_before"]
    assert "không báo trước" in say(late.value.problems[0].message)
    with pytest.raises(Refusal) as empty:
        announced(store, content="  ")
    assert refused(empty) == ["field.missing"]
    assert count(store, "visit") == 0


def test_a_visit_that_was_not_announced_is_kept_as_such(store: Store) -> None:
    begin(store)
    report = Report(held_on=PLANNED, result="Đã xem")
    key = visits.record_unannounced(store, OFFICE, PROGRAMME, TAN_SON, WHAT, report, today=TODAY)
    row = row_of(store, "visit", key)
    assert (visits.notice_of(row), row["announced_on"], row["planned_on"]) == (Notice.NEVER, "", "")
    assert visits.not_beforehand(visits.visits_for(store, LEAD, PROGRAMME)) == [row]


def test_a_visit_is_held_or_cancelled_once(store: Store) -> None:
    begin(store)
    one, other = announced(store), announced(store)
    held(store, one, PLANNED)
    assert visits.cancel_visit(store, OFFICE, other, "Xã họp đột xuất") == 2
    for key, why in ((one, "visit.held_already"), (other, "visit.cancelled_already")):
        for work in (
            lambda key=key: held(store, key, PLANNED),
            lambda key=key: visits.cancel_visit(store, OFFICE, key, "x"),
        ):
            with pytest.raises(Refusal) as again:
                work()
            assert refused(again) == [why]
    third = announced(store)
    with pytest.raises(Refusal) as silent:
        visits.cancel_visit(store, OFFICE, third, " ")
    assert refused(silent) == ["field.missing"]


def test_a_visit_is_linked_with_the_difficulties_of_its_commune(store: Store) -> None:
    begin(store)
    raised = [
        difficulties.raise_difficulty(
            store, LEAD, PROGRAMME, Raised(unit=unit, words="Khó", proposal="Gỡ", on=TOLD), today=TODAY
        )
        for unit in (TAN_SON, HOA_TAN)
    ]
    key = announced(store)
    with pytest.raises(Refusal) as wrong:
        held(store, key, PLANNED, *raised, "khong-co")
    assert refused(wrong) == ["visit.unknown_difficulty"] * 2
    held(store, key, PLANNED, raised[0], raised[0])
    assert visits.difficulties_in(row_of(store, "visit", key)) == [raised[0]]
    later = announced(store, date(2026, 3, 9), date(2026, 3, 2), TAP_SON)
    held(store, later, date(2026, 3, 9), raised[0])
    assert visits.difficulties_in(row_of(store, "visit", later)) == [raised[0]], "of what the commune was before"


def test_a_commune_that_ended_meanwhile_is_told_anew(store: Store) -> None:
    begin(store)
    key = announced(store, EVE, date(2025, 6, 20))
    with pytest.raises(Refusal) as ended:
        held(store, key, CHANGE)
    assert refused(ended) == ["lineage.ended"]
    town = announced(store, EVE, date(2025, 6, 20), YEN_THE)  # 07288: the town, and from the next day the commune
    with pytest.raises(Refusal) as other:
        held(store, town, CHANGE)
    assert refused(other) == ["visit.other_commune"]
    held(store, town, EVE)


def test_what_is_still_to_come_and_what_was_left_without_a_word(store: Store) -> None:
    begin(store)
    silent, today, coming, done = (
        announced(store), announced(store, date(2026, 11, 22), date(2026, 11, 2), TAP_SON),
        announced(store, date(2026, 12, 1), date(2026, 11, 2), TAP_SON), announced(store),
    )  # fmt: skip
    held(store, done, PLANNED)
    found = visits.still_to_come(visits.visits_for(store, LEAD, PROGRAMME), TODAY)
    assert [[row["id"] for row in part] for part in found] == [[today, coming], [silent]]


def test_merged_commune_shows_the_visits_to_what_it_was_before(store: Store) -> None:
    begin(store)
    old = announced(store, unit=DONG_TAM)
    held(store, old, PLANNED)
    new = announced(store, date(2026, 3, 9), date(2026, 3, 2), YEN_THE)
    found = visits.visits_of(store, LEAD, PROGRAMME, YEN_THE, today=TODAY)
    assert [(kept.record["id"], kept.origin.unit.name) for kept in found] == [(old, "Xã Đồng Tâm"), (new, "Xã Yên Thế")]
    assert "trước là Xã Đồng Tâm (07260)" in say(found[0].origin.said())


def test_who_is_not_entitled_finds_nothing(store: Store) -> None:
    begin(store)
    key = announced(store)
    report = Report(held_on=PLANNED, result="x")
    for work in (
        lambda: announced(store, actor=STRANGER),
        lambda: visits.hold_visit(store, OTHER_COMMUNE, key, report, today=TODAY),
        lambda: visits.hold_visit(store, OFFICE, "khong-co", report, today=TODAY),
        lambda: visits.cancel_visit(store, STRANGER, key, "x"),
        lambda: visits.record_unannounced(store, STRANGER, PROGRAMME, TAN_SON, "x", report, today=TODAY),
        lambda: visits.visits_for(store, STRANGER, PROGRAMME),
        lambda: visits.visits_of(store, STRANGER, PROGRAMME, TAN_SON, today=TODAY),
    ):
        with pytest.raises(Refusal) as closed:
            work()
        assert refused(closed) == ["permission.not_found"]
    assert [row["id"] for row in visits.visits_for(store, COMMUNE, PROGRAMME)] == [key], "it is about that commune"
    assert visits.visits_for(store, OTHER_COMMUNE, PROGRAMME) == []
