"""Nobody learns of or does field work in a programme that is not his: every service, for whoever is not entitled."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from chamdiem.contest.permissions import ANYBODY, Actor, Grant
from chamdiem.errors import Refusal
from chamdiem.office import commune_record, difficulties, sponsoring, support, visits
from chamdiem.office.difficulties import Raised
from chamdiem.office.sponsoring import Assignment
from chamdiem.office.support import Gift
from chamdiem.office.visits import Announcement, Report
from chamdiem.store.database import Store, open_store
from field_world import COMMUNE, LEAD, OFFICE, OTHER_COMMUNE, PROGRAMME, STRANGER, TAN_SON, TODAY, begin

DAY = date(2024, 3, 4)
KEY = f"{PROGRAMME}/{TAN_SON}/1"
RAISED = Raised(unit=TAN_SON, words="Khó", proposal="Gỡ", on=DAY, member="so_noi_vu")
TOLD = Announcement(unit=TAN_SON, planned_on=date(2024, 5, 8), content="Xem", announced_on=DAY, member="so_noi_vu")
GIFT = Gift(unit=TAN_SON, kind="money", amount="7", source="A", purpose="B", given_on=DAY, member="so_noi_vu")
LEADER = Assignment(unit=TAN_SON, leader="Ông An", decision="QĐ 1", start=DAY, member="so_noi_vu")
DONE = Report(held_on=date(2024, 5, 8), result="Tốt")

Call = Callable[[Store, Actor, str], object]
CASES: dict[str, tuple[Call, tuple[Actor, ...]]] = {
    "raise_difficulty": (lambda s, a, p: difficulties.raise_difficulty(s, a, p, RAISED, today=TODAY), (LEAD, OFFICE)),
    "escalate": (lambda s, a, p: difficulties.escalate(s, a, at(p), "x", by="x", on=DAY, today=TODAY), (LEAD, COMMUNE)),
    "answer": (lambda s, a, p: difficulties.answer(s, a, at(p), "x", by="x", on=TODAY, today=TODAY), (LEAD, COMMUNE)),
    "waiting_for": (lambda s, a, p: difficulties.waiting_for(s, a, p, today=TODAY), (LEAD, OFFICE, COMMUNE)),
    "difficulties_for": (difficulties.difficulties_for, (LEAD, OFFICE, COMMUNE)),
    "difficulties_of": (
        lambda s, a, p: difficulties.difficulties_of(s, a, p, TAN_SON, today=DAY), (LEAD, OFFICE, COMMUNE),
    ),
    "announce_visit": (lambda s, a, p: visits.announce_visit(s, a, p, TOLD, today=TODAY), (LEAD, OFFICE)),
    "record_unannounced": (
        lambda s, a, p: visits.record_unannounced(s, a, p, TAN_SON, "x", DONE, today=TODAY, member="so_noi_vu"),
        (LEAD, OFFICE),
    ),
    "hold_visit": (lambda s, a, p: visits.hold_visit(s, a, at(p), DONE, today=TODAY), (LEAD, OFFICE)),
    "cancel_visit": (lambda s, a, p: visits.cancel_visit(s, a, at(p), "x"), (LEAD, OFFICE)),
    "visits_for": (visits.visits_for, (LEAD, OFFICE, COMMUNE)),
    "visits_of": (lambda s, a, p: visits.visits_of(s, a, p, TAN_SON, today=DAY), (LEAD, OFFICE, COMMUNE)),
    "record_support": (lambda s, a, p: support.record_support(s, a, p, GIFT, today=TODAY), (LEAD, OFFICE)),
    "correct_support": (lambda s, a, p: support.correct_support(s, a, at(p), GIFT, "x", today=TODAY), (LEAD, OFFICE)),
    "withdraw_support": (lambda s, a, p: support.withdraw_support(s, a, at(p), "x"), (LEAD, OFFICE)),
    "ledger_for": (support.ledger_for, (LEAD, OFFICE, COMMUNE)),
    "ledger_of": (lambda s, a, p: support.ledger_of(s, a, p, TAN_SON, today=DAY), (LEAD, OFFICE, COMMUNE)),
    "gift_of": (lambda s, a, p: support.gift_of(s, a, at(p)), (LEAD, OFFICE, COMMUNE)),
    "history_of": (lambda s, a, p: support.history_of(s, a, at(p)), (LEAD, OFFICE, COMMUNE)),
    "assign": (lambda s, a, p: sponsoring.assign(s, a, p, [LEADER]), (LEAD,)),
    "end_assignment": (lambda s, a, p: sponsoring.end_assignment(s, a, at(p), "x", last=TODAY), (LEAD,)),
    "assignments_for": (sponsoring.assignments_for, (LEAD, OFFICE, COMMUNE)),
    "assignments_of": (
        lambda s, a, p: sponsoring.assignments_of(s, a, p, TAN_SON, today=DAY), (LEAD, OFFICE, COMMUNE),
    ),
    "standing_on": (lambda s, a, p: sponsoring.standing_on(s, a, p, DAY), (LEAD, OFFICE, COMMUNE)),
    "gaps_for": (lambda s, a, p: sponsoring.gaps_for(s, a, p, DAY, TODAY), (LEAD, OFFICE, COMMUNE)),
    "work_of": (lambda s, a, p: commune_record.work_of(s, a, p, TAN_SON, on=DAY), (LEAD, OFFICE, COMMUNE)),
}  # fmt: skip
OPEN_TO_ALL = {"works_of", "results_of"}
"""Lists of what one may know: empty for a stranger, see test_field_reform."""
OUT = (ANYBODY, STRANGER, Actor("giam_khao", (Grant("judge"), Grant("administrator"))))
OF_ONE = ("gift_of", "history_of", "escalate", "answer")  # of one row: nothing of it is another commune's
STEPS = ("escalate", "answer")  # what is done once: who comes after finds another level
READING = {name for name, (_, entitled) in CASES.items() if COMMUNE in entitled and name not in STEPS}


def at(programme: str) -> str:
    """The key of a record in this programme."""
    return f"{programme}/{TAN_SON}/1"


def services() -> Iterator[str]:
    """The names of all functions of these services that take a store and who acts."""
    for module in (commune_record, difficulties, sponsoring, support, visits):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            asked = list(inspect.signature(function).parameters)[:2]
            if function.__module__ == module.__name__ and not name.startswith("_") and asked == ["store", "actor"]:
                yield name


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Something of everything, so that what is closed does exist."""
    with open_store(f"sqlite:///{tmp_path / 'field.db'}") as opened:
        begin(opened)
        assert difficulties.raise_difficulty(opened, OFFICE, PROGRAMME, RAISED, today=TODAY) == KEY
        assert visits.announce_visit(opened, OFFICE, PROGRAMME, TOLD, today=TODAY) == KEY
        assert support.record_support(opened, OFFICE, PROGRAMME, GIFT, today=TODAY) == KEY
        assert sponsoring.assign(opened, LEAD, PROGRAMME, [LEADER]) == [KEY]
        yield opened


def said(work: Callable[[], object]) -> list[tuple[str, dict[str, object]]]:
    try:
        work()
    except Refusal as refused:
        return [(problem.message.id, problem.message.values) for problem in refused.problems]
    return []


def test_every_service_has_a_case() -> None:
    assert sorted(services()) == sorted({*CASES, *OPEN_TO_ALL})


@pytest.mark.parametrize("name", CASES)
def test_who_is_not_entitled_finds_nothing_whatever_he_asks(store: Store, name: str) -> None:
    call, entitled = CASES[name]
    head = store.head()
    closed = [*OUT, *(one for one in (OFFICE, COMMUNE) if one not in entitled)]
    closed += [OTHER_COMMUNE] if name not in READING or name in OF_ONE else []
    for who in closed:
        assert said(lambda: call(store, who, PROGRAMME)) == [("permission.not_found", {})], who.account  # noqa: B023
    for who in (LEAD, *closed):
        assert said(lambda: call(store, who, "khong-co")) == [("permission.not_found", {})], who.account  # noqa: B023
    assert store.head() == head


@pytest.mark.parametrize("name", CASES)
def test_who_is_entitled_gets_through(store: Store, name: str) -> None:
    call, entitled = CASES[name]
    for who in entitled[:1] if name not in READING else entitled:
        told = said(lambda: call(store, who, PROGRAMME))  # noqa: B023
        assert not {"permission.not_found"} & {name for name, _ in told}


def test_a_commune_reads_what_it_became_and_not_who_went_in_beside_it(store: Store) -> None:
    """29467 was Xã Tập Sơn, another commune than Tân Sơn, until both became the Xã Tập Sơn of today."""
    for unit, on in (("29467", DAY), ("29467", date(2026, 1, 5))):
        raised = Raised(unit=unit, words="Khó", proposal="Gỡ", on=on)
        difficulties.raise_difficulty(store, LEAD, PROGRAMME, raised, today=TODAY)
    found = difficulties.difficulties_for(store, COMMUNE, PROGRAMME)
    assert [(row["unit"], row["raised_on"]) for row in found] == [("29470", "2024-03-04"), ("29467", "2026-01-05")]
    beside = Raised(unit="29467", words="Khó", proposal="Gỡ", on=DAY)
    with pytest.raises(Refusal) as of_another:
        difficulties.raise_difficulty(store, COMMUNE, PROGRAMME, beside, today=TODAY)
    assert [problem.message.id for problem in of_another.value.problems] == ["field.not_own_commune"]


def test_a_commune_reads_nothing_of_another_one(store: Store) -> None:
    assert difficulties.difficulties_for(store, OTHER_COMMUNE, PROGRAMME) == []
    assert visits.visits_for(store, OTHER_COMMUNE, PROGRAMME) == []
    assert support.ledger_for(store, OTHER_COMMUNE, PROGRAMME) == []
    assert sponsoring.assignments_for(store, OTHER_COMMUNE, PROGRAMME) == []
    assert [held.unit.code for held in sponsoring.standing_on(store, OTHER_COMMUNE, PROGRAMME, DAY)] == ["29320"]
