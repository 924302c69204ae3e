"""A contest from its first day to the archive, through services alone; registration, phases, and what holds them up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import demo_contest
import postgres
import stores
from chamdiem.contest import contests, explanations, petitions, proof, registration
from chamdiem.contest import publication as publications
from chamdiem.contest.judging import receipt_holds
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import score_of
from chamdiem.contest.standings import own_result_for, published_for, recognitions_for
from chamdiem.criteria import library
from chamdiem.scoring.figures import Policy
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.run import score
from chamdiem.store.database import Store
from chamdiem.store.door import Conflict
from chamdiem.store.journal import canonical
from contest_world import CRITERIA, JUDGES, NOT_FOUND, TODAY, UNITS, World, answers, refusal, world

postgres_server, postgres_template = postgres.postgres_server, stores.postgres_template
url, store = stores.url, stores.store

NAMES = {row["code"]: row["name"] for row in demo_contest.unit_rows()}
PETITIONS_UNTIL = date(2024, 12, 31)


def scored_directly(marks: list[tuple[str, str, str, str, str]], council: dict[str, dict[str, str]]) -> str:
    """The hash of the engine alone, over marks that this test wrote down itself."""
    import pandas as pd

    rows = [*marks, *((unit, code, said, "", "council") for unit, one in council.items() for code, said in one.items())]
    frame = pd.DataFrame(rows, columns=["unit", "criterion", "answer", "judge", "stage"])
    proofs = [
        Evidence(
            unit, code, f"Quyết định {code}" if code.startswith("B") else "Hồ sơ tự chấm", "accepted", verified=CHECKS
        )
        for unit in UNITS
        for code in answers("", unit)
        if "." in code
    ]
    panel = [Judge(f"GK{at + 1}", "", "member" if at else "chair") for at in range(len(JUDGES))]
    found = score(
        library.load(CRITERIA), frame, Policy(), units=[Unit(code, NAMES[code], "xa") for code in UNITS], judges=panel,
        evidence=proofs,
    )  # fmt: skip
    return found.hash


CHECKS = ("field_check", "document_check", "qcdc_record")


def test_a_whole_contest_from_registration_to_the_archive(store: Store) -> None:
    here = World(store).begin(deadlines=((Phase.PETITIONS, PETITIONS_UNTIL),))
    here.seats()
    assert "blocker.unregistered" in refusal(lambda: here.advance(Phase.SELF_ASSESSMENT))
    here.register()
    here.advance(Phase.SELF_ASSESSMENT)

    marks: list[tuple[str, str, str, str, str]] = []
    for unit in UNITS:
        here.documents(unit)
        here.mark(f"xa_{unit}", unit, answers("", unit), "self")
        marks += [(unit, code, said, "", "self") for code, said in answers("", unit).items()]
    assert refusal(lambda: here.advance(Phase.APPRAISAL)) == ["blocker.without_self_assessment"]
    for unit in UNITS:
        here.submit(f"xa_{unit}", unit, "self")
    here.advance(Phase.APPRAISAL)

    here.accept_all()
    for unit in UNITS:
        lower = {**answers("", unit), "1.5": "2"}
        assert refusal(lambda: here.mark("tham_dinh", unit, lower, "appraisal")) == ["mark.needs_reason"]  # noqa: B023
        here.mark("tham_dinh", unit, lower, "appraisal", "Chỉ có hai buổi có danh sách người dự")
        marks += [(unit, code, said, "", "appraisal") for code, said in lower.items()]
        here.submit("tham_dinh", unit, "appraisal")
    here.advance(Phase.EXPLANATION)

    commune = here.actor("xa_07243")
    explanations.enter_explanation(store, commune, "k", "07243", "1.5", "Danh sách ở phụ lục", today=date(2024, 11, 1))
    (waiting,) = explanations.explanations_for(store, commune, "k")
    assert (waiting["due"], waiting["self"], waiting["appraisal"]) == ("2024-11-06", "7", "2")  # 4, 5, 6/11
    assert refusal(lambda: here.advance(Phase.JUDGING)) == ["blocker.explanations_undecided"]
    explanations.decide_explanation(
        store, here.actor("tham_dinh"), "k", "07243", "1.5", "Chưa đủ căn cứ", accepted=False
    )
    here.advance(Phase.JUDGING)

    here.judge_all()
    marks += [
        (unit, code, said, f"GK{at + 1}", "judge")
        for at, judge in enumerate(JUDGES)
        for unit in UNITS
        for code, said in answers(judge, unit).items()
    ]
    assert refusal(lambda: here.advance(Phase.COUNCIL)) == ["blocker.sheets_sealed"]
    here.two("sheet.reveal")
    assert all(
        receipt_holds(store, here.actor(judge), here.receipts[judge, unit])
        for judge, unit in here.receipts
        if judge in JUDGES
    )
    here.advance(Phase.COUNCIL)

    council = {"07249": {"6.2": "1"}}
    here.mark("thu_ky", "07249", council["07249"], "council", "Hội đồng thống nhất: một điển hình đã nhân rộng")
    here.advance(Phase.REVIEW)
    assert [change.before for change in publications.preview(store, here.actor("giam_sat"), "k")] == [None] * len(UNITS)
    here.two("publication.publish", "Công bố lần 1")
    first = published_for(store, here.actor(""), "k")
    assert first["snapshot"]["result"] == scored_directly(marks, council)
    own = own_result_for(store, commune, "k", "07243")
    assert own.__dict__ == {key: first["snapshot"]["units"]["07243"][key] for key in own.__dict__}
    assert own.recognised
    here.advance(Phase.PETITIONS)

    asked = petitions.enter_petition(
        store, here.actor("xa_07249"), "k", "07249", "Đề nghị xem lại 6.2", today=date(2024, 11, 4), criterion="6.2"
    )
    (open_one,) = petitions.petitions_for(store, here.actor("xa_07249"), "k")
    assert (open_one["id"], open_one["due"], open_one["status"]) == (asked, "2024-11-18", "open")
    assert refusal(lambda: here.advance(Phase.ARCHIVED)) == ["blocker.petitions_open", "blocker.petitions_until"]
    petitions.decide_petition(store, here.actor("chu_tich"), asked, "Có xác nhận của nơi làm theo", upheld=True)

    here.two("contest.reopen", "Kiến nghị của xã Xuân Lương là đúng", phase="council")
    assert list(proof.everything(store)) == []  # reopening alone makes no publication wrong
    council["07249"]["6.2"] = "2"
    here.mark("thu_ky", "07249", council["07249"], "council", "Theo kết luận kiến nghị")
    here.advance(Phase.REVIEW)
    told = publications.preview(store, here.actor("to_chuc"), "k")
    here.two("publication.publish", "Đính chính sau kiến nghị")
    second = published_for(store, here.actor(""), "k")
    assert second["number"] == 2
    assert second["snapshot"]["result"] == scored_directly(marks, council)
    before, after = first["snapshot"]["units"], second["snapshot"]["units"]
    touched = [unit for unit in UNITS if before[unit] != after[unit]]
    assert touched
    assert [(one.unit, one.before.total, one.after.total) for one in told if one.before and one.after] == [
        (unit, before[unit]["total"], after[unit]["total"]) for unit in touched
    ]

    here.two("recognition.revoke", "Bị xử lý kỷ luật sau khi công nhận", unit="07246")
    ended = next(row for row in recognitions_for(store, here.actor(""), "k") if row["unit"] == "07246")
    assert (ended["status"], ended["valid_to"]) == ("revoked", TODAY.isoformat())
    here.advance(Phase.PETITIONS)
    here.advance(Phase.ARCHIVED, today=date(2025, 1, 2))
    assert list(proof.everything(store)) == []
    for row in here.all_rows("publication"):
        assert hashlib.sha256(canonical(json.loads(str(row["snapshot"]))).encode()).hexdigest() == row["result_hash"]


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[World]:
    with world("draft", tmp_path) as made:
        yield made


def test_a_target_that_was_changed_meanwhile_is_not_approved_unseen(draft: World) -> None:
    commune, office = draft.actor("xa_07243"), draft.actor("to_chuc")
    seen = registration.register_target(draft.store, commune, "k", "07243", (3, 4))
    registration.register_target(draft.store, commune, "k", "07243", (5, 5))
    with pytest.raises(Conflict):
        registration.approve_target(draft.store, office, "k", "07243", approved=True, expected=seen)
    assert refusal(lambda: registration.register_target(draft.store, commune, "k", "07243", (4, 3))) == [
        "contest.bad_target"
    ]
    assert refusal(lambda: registration.register_target(draft.store, commune, "k", "07243", (1, 3))) == [
        "contest.bad_target"
    ]


def test_a_unit_that_withdraws_holds_up_nothing_and_is_not_counted(draft: World) -> None:
    draft.register()
    draft.advance(Phase.SELF_ASSESSMENT)
    for unit in UNITS:
        draft.mark(f"xa_{unit}", unit, {"1.5": "3"}, "self")
    for unit in UNITS[1:]:
        draft.submit(f"xa_{unit}", unit, "self")
    office = draft.actor("to_chuc")
    assert refusal(lambda: registration.withdraw_unit(draft.store, office, "k", UNITS[0], " ")) == [
        "contest.needs_reason"
    ]
    registration.withdraw_unit(draft.store, office, "k", UNITS[0], "Xã xin rút")
    assert refusal(lambda: registration.withdraw_unit(draft.store, office, "k", UNITS[0], "nữa")) == NOT_FOUND
    draft.advance(Phase.APPRAISAL)
    with draft.store.read() as connection:
        assert [unit.code for unit in score_of(connection, "k").marks.units] == list(UNITS[1:])


def test_a_contest_without_appraisal_does_not_wait_for_one(tmp_path: Path) -> None:
    with world("review", tmp_path) as made, made.store.read() as connection:
        assert contests.step_to(connection, "k", Phase.PUBLISHED, TODAY).blockers == ()


def test_the_next_step_is_shown_to_whoever_may_take_it(draft: World) -> None:
    told = contests.next_step(draft.store, draft.actor("to_chuc"), "k", TODAY)
    assert told is not None
    assert (told.phase, [one.id for one in told.blockers]) == (Phase.SELF_ASSESSMENT, ["blocker.unregistered"])
    assert contests.next_step(draft.store, draft.actor("giam_khao_1"), "k", TODAY) is None
    assert refusal(lambda: contests.next_step(draft.store, draft.actor("nguoi_la"), "k", TODAY)) == NOT_FOUND


def test_who_has_a_conflict_is_told_that_something_is_open_and_not_what(tmp_path: Path) -> None:
    with world("almost", tmp_path) as made:
        made.mark("giam_khao_2", "07246", {**answers("giam_khao_2", "07246"), "2.3": "0"})
        made.submit("giam_khao_2", "07246")
        made.two("sheet.reveal")
        with made.store.read() as connection:
            for hidden, told in (((), "progress.matter"), (("07246",), "progress.hidden_matter")):
                step = contests.step_to(connection, "k", Phase.REVIEW, TODAY, hidden)
                (names,) = [one.values["names"] for one in step.blockers if one.id == "blocker.unreconciled"]
                assert [one.id for one in names] == [told]  # type: ignore[attr-defined]


def test_a_contest_is_begun_once_and_by_its_plan(draft: World) -> None:
    office = draft.actor("to_chuc")
    plan = contests.Plan("k", "Lần nữa", CRITERIA, date(2024, 3, 1), date(2024, 10, 30))
    assert refusal(lambda: contests.create_contest(draft.store, office, plan)) == ["contest.exists"]
    wrong = contests.Plan("K!", " ", CRITERIA, date(2024, 3, 1), date(2023, 1, 1), without=(Phase.JUDGING,))
    assert refusal(lambda: contests.create_contest(draft.store, office, wrong)) == [
        "contest.bad_id", "contest.no_title", "contest.period", "contest.not_optional",
    ]  # fmt: skip
    assert refusal(lambda: contests.add_units(draft.store, office, "k", ["07252", "99999"])) == ["contest.unknown_unit"]
    assert len(draft.all_rows("contest_unit")) == len(UNITS)


def test_nobody_steps_over_a_phase_or_back_without_a_second_person(draft: World) -> None:
    draft.register()
    for phase in (Phase.JUDGING, Phase.DRAFT, Phase.PUBLISHED):
        assert refusal(lambda: draft.advance(phase)) == ["contest.no_such_step"]  # noqa: B023
