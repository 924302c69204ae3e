"""The panel at work: seats and assignments, conflicts of interest, seals and receipts, third markers, differences settled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chamdiem.contest import contests, decisions, handing_in, judging, marking, panel, proof
from chamdiem.contest.evidence_read import evidence_for
from chamdiem.contest.phases import Phase
from chamdiem.contest.reconciliation import reconciliations_for, record_reconciliation
from chamdiem.contest.standings import ranking_for, sheet_result_for
from chamdiem.errors import Problem, Refusal
from chamdiem.store import tables
from chamdiem.store.door import Conflict, Order
from contest_world import JUDGES, NOT_FOUND, TODAY, UNITS, World, answers, refusal, world
from stores import by_hand

UNIT = "07243"


@pytest.fixture
def draft(tmp_path: Path) -> Iterator[World]:
    with world("draft", tmp_path) as made:
        yield made


@pytest.fixture
def open_(tmp_path: Path) -> Iterator[World]:
    with world("judging", tmp_path) as made:
        yield made


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[World]:
    with world("sealed", tmp_path) as made:
        yield made


@pytest.fixture
def revealed(tmp_path: Path) -> Iterator[World]:
    with world("revealed", tmp_path) as made:
        yield made


def step(w: World, phase: Phase) -> dict[str, dict[str, object]]:
    """What stands in the way of a step, by sentence."""
    with w.store.read() as connection:
        return {one.id: one.values for one in contests.step_to(connection, "k", phase, TODAY).blockers}


# seats, assignments, conflicts ------------------------------------------------------------------------------------


def test_a_member_taken_off_the_panel_can_do_nothing_more_and_no_longer_counts(open_: World) -> None:
    open_.mark("giam_khao_1", UNIT, {"1.5": "3"})
    panel.unseat(open_.store, open_.actor("thu_ky"), "k", "giam_khao_1", "Chuyển công tác")
    assert open_.actor("giam_khao_1").grants == ()
    assert not [row for row in open_.all_rows("assignment") if row["account"] == "giam_khao_1"]
    assert refusal(lambda: open_.mark("giam_khao_1", UNIT, {"1.5": "2"})) == NOT_FOUND
    assert [row["answer"] for row in open_.all_rows("mark")] == ["3"]
    assert "Giam Khao 1 (3)" not in step(open_, Phase.COUNCIL)["blocker.sheets_unsubmitted"]["names"]  # type: ignore[operator]


def test_a_member_who_becomes_chair_and_back_has_one_role_at_a_time(draft: World) -> None:
    for role, granted in (("chair", "chair"), ("member", "judge"), ("third_marker", "judge")):
        panel.seat(draft.store, draft.actor("thu_ky"), "k", "giam_khao_1", role)
        assert [grant.role for grant in draft.actor("giam_khao_1").grants] == [granted]
    assert refusal(lambda: panel.seat(draft.store, draft.actor("thu_ky"), "k", "nguoi_la", code="GK1")) == [
        "judging.code_taken"
    ]
    assert refusal(lambda: panel.seat(draft.store, draft.actor("thu_ky"), "k", "khong_co")) == NOT_FOUND


@pytest.mark.parametrize(
    ("account", "units", "criteria"),
    [("khong_co", [UNIT], [""]), ("giam_khao_1", ["99999"], [""]), ("giam_khao_1", [UNIT], ["9.9"])],
)
def test_an_assignment_of_what_is_not_there_is_not_found(
    draft: World, account: str, units: list[str], criteria: list[str]
) -> None:
    head = draft.store.head()
    assert refusal(lambda: panel.assign(draft.store, draft.actor("thu_ky"), "k", account, units, criteria)) == NOT_FOUND
    assert draft.store.head() == head


def test_a_judge_marks_only_what_is_assigned_to_him(open_: World) -> None:
    office = open_.actor("thu_ky")
    assert panel.unassign(open_.store, office, "k", "giam_khao_1") == 1
    assert panel.assign(open_.store, office, "k", "giam_khao_1", [UNIT], ["1.5", "1.6"]) == 2
    open_.mark("giam_khao_1", UNIT, {"1.5": "3"})
    assert refusal(lambda: open_.mark("giam_khao_1", UNIT, {"1.5": "2", "2.3": "3"})) == NOT_FOUND
    assert refusal(lambda: open_.mark("giam_khao_1", "07246", {"1.5": "3"})) == NOT_FOUND
    assert [row["answer"] for row in open_.all_rows("mark")] == ["3"]


def test_a_conflict_is_refused_on_assignment_and_ends_the_one_there_was(draft: World) -> None:
    office = draft.actor("thu_ky")
    panel.assign(draft.store, office, "k", "giam_khao_1", [UNIT])
    panel.declare_conflict(draft.store, draft.actor("giam_khao_1"), "k", UNIT, "Em ruột là công chức xã")
    assert [row["unit"] for row in draft.all_rows("assignment") if row["account"] == "giam_khao_1"] == [""]
    assert refusal(lambda: panel.assign(draft.store, office, "k", "giam_khao_1", [UNIT])) == ["judging.conflicted"]


def test_an_office_in_conflict_has_no_say_in_who_marks_that_unit(draft: World) -> None:
    panel.declare_conflict(draft.store, draft.actor("thu_ky"), "k", UNIT, "Quê ở xã")
    again = draft.actor("thu_ky")
    assert refusal(lambda: panel.assign(draft.store, again, "k", "giam_khao_1", [UNIT])) == NOT_FOUND
    assert refusal(lambda: panel.assign(draft.store, again, "k", "giam_khao_1")) == NOT_FOUND
    assert panel.assign(draft.store, again, "k", "giam_khao_1", ["07246"]) == 1


def test_a_conflict_closes_reading_and_writing_from_the_moment_it_is_declared(open_: World) -> None:
    judge = open_.actor("giam_khao_1")
    open_.mark("giam_khao_1", UNIT, {"1.5": "3"})
    assert marking.marks_for(open_.store, judge, "k")
    panel.declare_conflict(open_.store, judge, "k", UNIT, "Em ruột là công chức xã")
    assert marking.marks_for(open_.store, judge, "k") == []
    assert judging.progress_for(open_.store, judge, "k") == []
    assert not [row for row in evidence_for(open_.store, judge, "k") if row["unit"] == UNIT]
    assert refusal(lambda: sheet_result_for(open_.store, judge, "k", UNIT, "judge")) == NOT_FOUND
    assert refusal(lambda: open_.mark("giam_khao_1", UNIT, {"1.5": "2"})) == NOT_FOUND
    assert refusal(lambda: open_.submit("giam_khao_1", UNIT)) == NOT_FOUND
    assert refusal(lambda: panel.declare_conflict(open_.store, judge, "k", "99999", "vì")) == NOT_FOUND


def test_a_judge_in_conflict_does_not_hold_up_the_others(open_: World) -> None:
    open_.mark("giam_khao_1", UNIT, {"1.5": "3"})
    panel.declare_conflict(open_.store, open_.actor("giam_khao_1"), "k", UNIT, "Em ruột là công chức xã")
    for judge in JUDGES:
        for unit in UNITS:
            if (judge, unit) != ("giam_khao_1", UNIT):
                open_.mark(judge, unit, answers(judge, unit))
                open_.submit(judge, unit)
    open_.two("sheet.reveal")
    assert not {"blocker.sheets_unsubmitted", "blocker.sheets_sealed"} & step(open_, Phase.COUNCIL).keys()
    assert len(ranking_for(open_.store, open_.actor("thu_ky"), "k").places) == len(UNITS)


# seals and receipts -----------------------------------------------------------------------------------------------


def test_sheets_are_not_opened_while_somebody_can_still_mark(open_: World) -> None:
    open_.judge_all(JUDGES[:-1])
    assert refusal(lambda: open_.two("sheet.reveal")) == ["blocker.sheets_unsubmitted"]
    open_.judge_all(JUDGES[-1:])
    open_.two("sheet.reveal")
    assert refusal(lambda: open_.two("sheet.reveal")) == ["judging.revealed_already"]


def test_who_marks_as_well_is_not_told_which_judge_is_late(open_: World) -> None:
    panel.seat(open_.store, open_.actor("to_chuc"), "k", "thu_ky", "member", code="GK9")
    open_.judge_all(JUDGES[:-1])
    asked: list[Problem] = []
    for office in ("to_chuc", "thu_ky"):
        with pytest.raises(Refusal) as refused:
            decisions.ask(open_.store, open_.actor(office), "k", "sheet.reveal")
        asked += refused.value.problems
    assert [one.message.id for one in asked] == ["blocker.sheets_unsubmitted", "judging.sheets_missing"]
    assert not asked[1].message.values


def test_a_sheet_that_is_not_whole_is_handed_in_with_a_reason(open_: World) -> None:
    judge = open_.actor(JUDGES[0])
    open_.mark(JUDGES[0], UNIT, {"1.5": "3"})
    found = refusal(lambda: handing_in.hand_in(open_.store, judge, "k", UNIT, "judge"))
    assert found == ["judging.incomplete", *["judging.lacks_answer"] * (len(found) - 1)]
    assert len(found) > 1
    assert refusal(lambda: handing_in.hand_in(open_.store, judge, "k", UNIT, "judge", "  ")) == found
    assert handing_in.hand_in(open_.store, judge, "k", UNIT, "judge", "Hết giờ").marks == 1
    open_.mark(JUDGES[1], UNIT, answers(JUDGES[1], UNIT))
    assert handing_in.hand_in(open_.store, open_.actor(JUDGES[1]), "k", UNIT, "judge").marks > 1


def test_sheets_are_opened_by_two_different_persons(sealed: World) -> None:
    first = sealed.actor("to_chuc")
    asked = decisions.ask(sealed.store, first, "k", "sheet.reveal")
    assert refusal(lambda: decisions.confirm(sealed.store, first, asked, today=TODAY)) == ["decision.second_person"]
    for stranger in ("giam_khao_1", "giam_sat", "xa_07243", "quan_tri", "nguoi_la"):
        who = sealed.actor(stranger)
        assert refusal(lambda: decisions.confirm(sealed.store, who, asked, today=TODAY)) == NOT_FOUND  # noqa: B023
    assert [row["id"] for row in decisions.waiting_for(sealed.store, sealed.actor("thu_ky"), "k")] == [asked]
    assert decisions.waiting_for(sealed.store, sealed.actor("giam_khao_1"), "k") == []
    decisions.confirm(sealed.store, sealed.actor("thu_ky"), asked, today=TODAY)
    assert refusal(lambda: decisions.confirm(sealed.store, sealed.actor("thu_ky"), asked, today=TODAY)) == NOT_FOUND


def test_what_was_asked_by_somebody_who_has_left_is_not_done(sealed: World) -> None:
    asked = decisions.ask(sealed.store, sealed.actor("to_chuc_2"), "k", "sheet.reveal")
    sealed.store.write(
        Order("system", "account.close"), lambda t: t.put(tables.account, "to_chuc_2", {"status": "closed"})
    )
    assert refusal(lambda: decisions.confirm(sealed.store, sealed.actor("thu_ky"), asked, today=TODAY)) == NOT_FOUND


@pytest.mark.parametrize("edit", ["UPDATE mark SET answer = '9'", "DELETE FROM mark", "UPDATE mark SET note = 'x'"])
def test_a_mark_changed_past_the_door_breaks_the_seal_and_nothing_is_opened(sealed: World, edit: str) -> None:
    place = f"k/{UNIT}/1.5/judge/giam_khao_2"
    by_hand(str(sealed.store.url), f"{edit} WHERE id = '{place}'")
    receipt = sealed.receipts["giam_khao_2", UNIT]
    assert not judging.receipt_holds(sealed.store, sealed.actor("giam_khao_2"), receipt)
    asked = decisions.ask(sealed.store, sealed.actor("to_chuc"), "k", "sheet.reveal")
    with pytest.raises(judging.Refusal) as refused:
        decisions.confirm(sealed.store, sealed.actor("thu_ky"), asked, today=TODAY)
    assert [(one.message.id, one.message.values) for one in refused.value.problems] == [
        ("judging.broken_seal", {"unit": UNIT, "judge": "GK3"})
    ]
    assert {row["status"] for row in sealed.all_rows("sheet")} == {"submitted"}
    assert {one.id for one in proof.everything(sealed.store)} & {"verify.row_changed", "verify.row_gone"}


def test_a_seal_belongs_to_its_sheet_alone(sealed: World) -> None:
    seals = {row["commitment"] for row in sealed.all_rows("sheet")}
    assert len(seals) == len(JUDGES) * len(UNITS)
    with sealed.store.read() as connection:
        marks = judging.marks_of_sheet(connection, "k", UNIT, "judge", "giam_khao_1")
    one, other = (judging.seal_of(f"k/{unit}/judge/giam_khao_1", marks, "n") for unit in UNITS[:2])
    assert one != other


def test_a_receipt_holds_before_and_after_opening_and_another_one_does_not(sealed: World) -> None:
    receipt, judge = sealed.receipts["giam_khao_1", UNIT], sealed.actor("giam_khao_1")
    wrong = judging.Receipt(receipt.sheet, receipt.seal[::-1], receipt.marks)
    for _ in ("sealed", "opened"):
        assert judging.receipt_holds(sealed.store, judge, receipt)
        assert not judging.receipt_holds(sealed.store, judge, wrong)
        if _ == "sealed":
            assert refusal(lambda: judging.receipt_holds(sealed.store, sealed.actor("chu_tich"), receipt)) == NOT_FOUND
            sealed.two("sheet.reveal")
    assert judging.receipt_holds(sealed.store, sealed.actor("chu_tich"), receipt)
    assert receipt.spelled().replace(" ", "") == receipt.seal[:32]


def test_a_sheet_that_was_handed_in_takes_no_more_until_it_is_returned(sealed: World) -> None:
    receipt = sealed.receipts["giam_khao_1", UNIT]
    assert refusal(lambda: sealed.mark("giam_khao_1", UNIT, {"1.5": "1"})) == NOT_FOUND
    assert refusal(lambda: sealed.submit("giam_khao_1", UNIT)) == NOT_FOUND
    judging.return_sheet(sealed.store, sealed.actor("thu_ky"), "k", UNIT, "judge", "giam_khao_1", "Thiếu chữ ký")
    assert not judging.receipt_holds(sealed.store, sealed.actor("giam_khao_1"), receipt)
    assert not [row for row in sealed.all_rows("sheet_secret") if row["id"] == receipt.sheet]
    sealed.mark("giam_khao_1", UNIT, {"1.5": "1"})
    again = sealed.submit("giam_khao_1", UNIT)
    assert again.seal != receipt.seal
    sealed.two("sheet.reveal")
    office = sealed.actor("thu_ky")
    returning = lambda: judging.return_sheet(sealed.store, office, "k", UNIT, "judge", "giam_khao_1", "vì")  # noqa: E731
    assert refusal(returning) == NOT_FOUND  # what others have seen is not given back


def test_an_empty_sheet_is_not_handed_in_and_an_emptied_one_was_never_begun(open_: World) -> None:
    assert refusal(lambda: open_.submit("giam_khao_1", UNIT)) == ["judging.empty_sheet"]
    open_.mark("giam_khao_1", UNIT, {"1.5": "3"})
    open_.mark("giam_khao_1", UNIT, {"1.5": " "})
    assert open_.all_rows("sheet") == []
    assert refusal(lambda: open_.submit("giam_khao_1", UNIT)) == ["judging.empty_sheet"]


def test_handing_in_twice_under_one_key_gives_one_receipt_to_one_person(open_: World) -> None:
    for judge in JUDGES[:2]:
        open_.mark(judge, UNIT, {"1.5": "3"})
    first, again = (
        judging.submit_sheet(open_.store, open_.actor(JUDGES[0]), "k", UNIT, "judge", key="abc") for _ in range(2)
    )
    assert first == again
    other = judging.submit_sheet(open_.store, open_.actor(JUDGES[1]), "k", UNIT, "judge", key="abc")
    assert other.sheet != first.sheet
    stranger = open_.actor("nguoi_la")
    assert refusal(lambda: judging.submit_sheet(open_.store, stranger, "k", UNIT, "judge", key="abc")) == NOT_FOUND


# third markers, quorum, differences -------------------------------------------------------------------------------

LOW = {"1.5": "0", "1.6": "khong_co", "2.3": "0", "3.1": "chua_dat", "3.2": "chua_dat"}


def test_a_third_marker_is_sealed_anew_and_settles_the_difference(open_: World) -> None:
    open_.judge_all(JUDGES[:-1])
    for unit in UNITS:
        open_.mark(JUDGES[-1], unit, {**answers(JUDGES[-1], unit), **(LOW if unit == UNIT else {})})
        open_.submit(JUDGES[-1], unit)
    open_.two("sheet.reveal")
    names = step(open_, Phase.REVIEW)["blocker.unreconciled"]["names"]
    assert any("third_marker" in str(one) for one in names)  # type: ignore[attr-defined]
    office = open_.actor("thu_ky")
    panel.seat(open_.store, office, "k", "nguoi_thu_ba", "third_marker", code="GK9")
    panel.assign(open_.store, office, "k", "nguoi_thu_ba", [UNIT])
    assert ranking_for(open_.store, office, "k").places
    open_.mark("nguoi_thu_ba", UNIT, answers(JUDGES[0], UNIT))
    chair = open_.actor("chu_tich")
    assert not [row for row in marking.marks_for(open_.store, chair, "k", UNIT) if row["author"] == "nguoi_thu_ba"]
    assert refusal(lambda: ranking_for(open_.store, office, "k")) == NOT_FOUND  # his marks are behind it
    assert refusal(lambda: open_.two("sheet.reveal")) == ["blocker.sheets_unsubmitted"]
    open_.submit("nguoi_thu_ba", UNIT)
    open_.two("sheet.reveal")
    assert [row for row in marking.marks_for(open_.store, chair, "k", UNIT) if row["author"] == "nguoi_thu_ba"]
    left = [str(one) for one in step(open_, Phase.REVIEW).get("blocker.unreconciled", {}).get("names", ())]  # type: ignore[attr-defined]
    assert not [one for one in left if "third_marker" in one]


def test_what_is_to_be_discussed_is_settled_by_a_record_and_nothing_else(open_: World) -> None:
    for judge in JUDGES:
        for unit in UNITS:
            said = {**answers(judge, unit), **({"2.3": "0"} if (judge, unit) == (JUDGES[1], UNIT) else {})}
            open_.mark(judge, unit, said)
            open_.submit(judge, unit)
    open_.two("sheet.reveal")
    (one,) = step(open_, Phase.REVIEW)["blocker.unreconciled"]["names"]  # type: ignore[misc]
    assert one.values["what"].id == "matter.spread_leaf_discuss"
    secretary = open_.actor("thu_ky")
    assert refusal(lambda: record_reconciliation(open_.store, secretary, "k", UNIT, "2.3", " ")) == [
        "reconciliation.no_words"
    ]
    record_reconciliation(open_.store, secretary, "k", UNIT, "1.5", "Bàn về tiêu chí khác")
    assert "blocker.unreconciled" in step(open_, Phase.REVIEW)
    record_reconciliation(open_.store, secretary, "k", UNIT, "2.3", "Thống nhất giữ trung bình")
    assert "blocker.unreconciled" not in step(open_, Phase.REVIEW)
    assert not [
        x for x in step(open_, Phase.PUBLISHED).get("blocker.matters_open", {}).get("names", ()) if "spread" in str(x)
    ]  # type: ignore[attr-defined]
    assert [row["criterion"] for row in reconciliations_for(open_.store, secretary, "k")] == ["1.5", "2.3"]
    assert reconciliations_for(open_.store, open_.actor("xa_07243"), "k") == []
    with pytest.raises(Conflict):
        record_reconciliation(open_.store, secretary, "k", UNIT, "2.3", "Khác", expected=0)


def test_too_few_judges_hold_up_the_step_into_the_council(open_: World) -> None:
    office = open_.actor("thu_ky")
    for judge in JUDGES[2:]:
        panel.unassign(open_.store, office, "k", judge)
    open_.judge_all(JUDGES[:2])
    open_.two("sheet.reveal")
    assert step(open_, Phase.COUNCIL)["blocker.without_quorum"]["n"] == len(UNITS)


def test_progress_is_done_or_not_done_and_for_a_judge_only_his_own(sealed: World) -> None:
    mine = judging.progress_for(sealed.store, sealed.actor("giam_khao_1"), "k")
    assert {row["author"] for row in mine} == {"giam_khao_1"}
    office = judging.progress_for(sealed.store, sealed.actor("thu_ky"), "k")
    assert len(office) == len(JUDGES) * len(UNITS)
    assert all(row.keys() == {"unit", "stage", "author", "done"} for row in office)
    assert judging.progress_for(sealed.store, sealed.actor("xa_07243"), "k") == []
    panel.seat(sealed.store, sealed.actor("to_chuc"), "k", "thu_ky")  # who judges as well no longer learns who is done
    assert judging.progress_for(sealed.store, sealed.actor("thu_ky"), "k") == []
