"""Marks that a survey gives: by reference, the same as the engine is told, and found out when somebody changes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import chamdiem
from chamdiem.contest import contests
from chamdiem.contest.marking import Entry, enter_marks
from chamdiem.contest.phases import Phase
from chamdiem.office import survey_answering, survey_marks, surveying
from chamdiem.office.survey_marks import Reference, figures_for, reference_in
from chamdiem.store import sealing, tables
from contest_world import CRITERIA, World, refusal, world
from survey_world import LINK, PKS, all_same, choices, link_of, questionnaire, row_of

DAY = date(2024, 5, 1)
UNIT = "07243"
ASKED = questionnaire()


@pytest.fixture
def contest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A contest in self-assessment; its criteria 5.2 to 5.4 are marked by surveys."""
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    with world("self", tmp_path) as made:
        yield made


def held(w: World, answers: list[tuple[str, dict[str, str]]], campaign: str = "hl", unit: str = UNIT) -> str:
    """A closed survey of a commune with these answers."""
    about = surveying.Plan(campaign, PKS, {unit: 900}, date(2024, 3, 1), date(2024, 10, 30), contest="k", mode=LINK)
    [round_] = surveying.create_rounds(w.store, w.actor("thu_ky"), about)
    surveying.open_rounds(w.store, w.actor("thu_ky"), [round_], today=DAY)
    for who, said in answers:
        link = link_of(w.store, round_)
        survey_answering.answer(w.store, link, survey_answering.new_token(), who, said, {}, today=DAY)
    surveying.close_round(w.store, w.actor("to_chuc"), round_, discard=True)
    return round_


def people(n: int, who: str = "nguoi_dan", seed: int = 4) -> list[tuple[str, dict[str, str]]]:
    dice = random.Random(seed)
    return [(who, choices(ASKED, dice)) for _ in range(n)]


def by_hand(answers: list[tuple[str, dict[str, str]]], who: str = "") -> str:
    """The same counted another way."""
    said = [form["6"] for one, form in answers if not who or one == who]
    return f"{sum(one in ('rat_hai_long', 'hai_long') for one in said)}/{sum(one != 'khong_y_kien' for one in said)}"


def mark_of(w: World, criterion: str) -> dict[str, object]:
    return next(row for row in w.all_rows("mark") if (row["criterion"], row["unit"]) == (criterion, UNIT))


def test_a_mark_is_what_the_survey_says_and_names_it(contest: World) -> None:
    answers = people(60)
    round_ = held(contest, answers)
    found = survey_marks.enter_from_survey(
        contest.store, contest.actor("xa_07243"), "k", UNIT, "self", "5.3", Reference((round_,))
    )
    hash_ = str(row_of(contest.store, round_)["answers_hash"])
    assert found.answer == by_hand(answers)
    assert found.reference == f"khao-sat:hl/{UNIT}#{hash_[:16]}"
    mark = mark_of(contest, "5.3")
    assert (mark["answer"], mark["note"]) == (found.answer, found.reference)


def test_the_engine_gives_the_points_of_that_share(contest: World) -> None:
    answers = [("nguoi_dan", all_same(ASKED, 0))] * 45 + [("nguoi_dan", all_same(ASKED, 3))] * 5
    round_ = held(contest, answers)
    found = figures_for(contest.store, contest.actor("xa_07243"), "k", UNIT, "5.3", Reference((round_,)))
    assert found.answer == "45/50"
    survey_marks.enter_from_survey(
        contest.store, contest.actor("xa_07243"), "k", UNIT, "self", "5.3", Reference((round_,))
    )
    mark = mark_of(contest, "5.3")
    frame = pd.DataFrame([{name: mark[name] for name in ("unit", "criterion", "answer", "stage")}])
    nodes = chamdiem.score(chamdiem.load(CRITERIA), frame, chamdiem.Policy(evidence="ignore")).nodes
    row = nodes[nodes["node"] == "5.3"].iloc[0]
    assert str(row["points"]) == "4.50", "5 points × 45/50"


def test_one_class_alone_and_several_surveys_together(contest: World) -> None:
    first, second = people(40) + people(30, "doanh_nghiep", 5), people(25, "doanh_nghiep", 6) + people(20, "to_chuc", 7)
    rounds = (held(contest, first, "hl-1"), held(contest, second, "hl-2"))
    who = contest.actor("thu_ky")
    found = figures_for(contest.store, who, "k", UNIT, "5.4", Reference(rounds, ("doanh_nghiep",)))
    assert found.answer == by_hand(first + second, "doanh_nghiep")
    assert reference_in(found.reference) == Reference(rounds, ("doanh_nghiep",))
    assert reference_in("theo phiếu khảo sát") is None
    assert reference_in(f"{found.reference} sửa") is None
    of_programme = f"khao-sat:{PKS}:hl-2023/so_y_te[doanh_nghiep]#{'0' * 16}"
    assert reference_in(of_programme) == Reference(("hl-2023/so_y_te",), ("doanh_nghiep",))


def test_what_may_not_be_shown_gives_no_mark(contest: World) -> None:
    who = contest.actor("thu_ky")
    small = held(contest, people(4), "hl-1")
    assert refusal(lambda: figures_for(contest.store, who, "k", UNIT, "5.3", Reference((small,)))) == [
        "survey.too_few_for_mark"
    ]
    mixed = held(contest, people(40) + people(3, "to_chuc"), "hl-2")
    reference = Reference((mixed,), ("to_chuc",))
    assert refusal(lambda: figures_for(contest.store, who, "k", UNIT, "5.4", reference)) == ["survey.too_few_for_mark"]


def test_a_survey_of_another_unit_or_criterion_gives_no_mark(contest: World) -> None:
    who, round_ = contest.actor("thu_ky"), held(contest, people(40))
    other = held(contest, people(40), "khac", "07246")

    def asked(criterion: str, *rounds: str) -> list[str]:
        return refusal(lambda: figures_for(contest.store, who, "k", UNIT, criterion, Reference(rounds)))

    assert asked("1.1", round_) == ["survey.not_a_survey_rule"]
    assert asked("5.3", other) == ["survey.foreign_round"]
    assert asked("5.3", round_, round_) == ["survey.foreign_round"]
    assert asked("5.3") == ["survey.foreign_round"]
    assert asked("5.3", "hl/99999") == ["permission.not_found"]


def test_a_mark_that_was_changed_by_hand_is_found_out(contest: World) -> None:
    commune, round_ = contest.actor("xa_07243"), held(contest, people(60))
    found = survey_marks.enter_from_survey(contest.store, commune, "k", UNIT, "self", "5.3", Reference((round_,)))
    with contest.store.read() as connection:
        assert list(survey_marks.faults(connection, contest.actor("thu_ky"), "k")) == []
    satisfied, valid = found.answer.split("/")
    better = Entry("5.3", f"{int(satisfied) + 1}/{valid}", found.reference)
    enter_marks(contest.store, commune, "k", UNIT, "self", [better])
    with contest.store.read() as connection:
        [fault] = survey_marks.faults(connection, contest.actor("thu_ky"), "k")
    assert fault.id == "survey.mark_differs"


def test_a_judge_marks_by_the_survey_too(contest: World) -> None:
    round_ = held(contest, people(60))
    contest.put_in(Phase.JUDGING)
    judge = contest.actor("giam_khao_1")
    found = survey_marks.enter_from_survey(contest.store, judge, "k", UNIT, "judge", "5.3", Reference((round_,)))
    [mark] = [row for row in contest.all_rows("mark") if row["stage"] == "judge"]
    assert (mark["author"], mark["answer"]) == ("giam_khao_1", found.answer)


WEIGHED = """\
id: trong-so
version: "1"
title: Bộ tiêu chí theo trọng số
status: illustrative
legal_basis:
- {{number: 1/KH-UBND, issuer: Ủy ban nhân dân xã}}
effective: {{from: 2024-01-01, to: 2024-12-31}}
unit_kinds: [xa, thi_tran]
base:
  max: 5
  nodes:
  - code: "1"
    title: Khảo sát
    max: 5
    rule:
      kind: survey_weighted
      options: [{options}]
"""


@pytest.mark.parametrize("same", [True, False])
def test_options_of_a_weighted_criterion_are_those_of_the_survey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    monkeypatch.setenv(sealing.SETTING, sealing.new_key())
    keys = {"rat_hai_long": "100%", "hai_long": "60%", "binh_thuong": "20%", "khong_hai_long": "0%"}
    if not same:
        keys.pop("binh_thuong")
    options = ", ".join(f"{{key: {key}, title: {key}, weight: {weight}}}" for key, weight in keys.items())
    law = tmp_path / "trong-so.yaml"
    law.write_text(WEIGHED.format(options=options), encoding="utf-8")
    with world("people", tmp_path) as w:
        about = contests.Plan("k", "Cuộc thi thử", law, date(2024, 3, 1), date(2024, 10, 30))
        contests.create_contest(w.store, w.actor("to_chuc"), about)
        contests.add_units(w.store, w.actor("thu_ky"), "k", w.units)
        answers = people(50)
        round_ = held(w, answers)
        work = lambda: figures_for(w.store, w.actor("thu_ky"), "k", UNIT, "1", Reference((round_,)))  # noqa: E731
        if not same:
            assert refusal(work) == ["survey.other_options"]
            return
        said = [form["6"] for _, form in answers]
        assert work().answer == "; ".join(f"{key}: {said.count(key)}" for key in keys)


def test_the_references_are_kept_in_the_journal_with_the_mark(contest: World) -> None:
    commune, round_ = contest.actor("xa_07243"), held(contest, people(60))
    found = survey_marks.enter_from_survey(contest.store, commune, "k", UNIT, "self", "5.3", Reference((round_,)))
    with contest.store.read() as connection:
        told = connection.execute(tables.event.select().where(tables.event.c.entity == "mark")).mappings().all()
    assert found.reference in told[-1]["after"]


def test_the_owner_of_the_machine_hears_of_marks_that_differ(contest: World) -> None:
    commune, round_ = contest.actor("xa_07243"), held(contest, people(60))
    found = survey_marks.enter_from_survey(contest.store, commune, "k", UNIT, "self", "5.3", Reference((round_,)))
    assert list(survey_marks.all_faults(contest.store)) == []
    enter_marks(contest.store, commune, "k", UNIT, "self", [Entry("5.3", "60/60", found.reference)])
    assert [one.id for one in survey_marks.all_faults(contest.store)] == ["survey.mark_differs"]
