"""Score sheets into the store: once, whole, never over what somebody changed; and two people typing over each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chamdiem.contest import importing, marking, panel
from chamdiem.contest.marking import Entry
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import score_of
from chamdiem.scoring.figures import Why
from chamdiem.store.door import Conflict
from chamdiem.store.proof import history
from contest_world import JUDGES, NOT_FOUND, UNITS, World, answers, refusal, world
from filled_sheets import table

UNIT = "07243"
HEADS = ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm", "Mã giám khảo", "Ghi chú")


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world("judging", tmp_path) as made:
        yield made


def sheets(folder: Path, *judges: int, name: str = "phieu.csv") -> Path:
    rows = [
        (unit, code, said, "giám khảo", f"GK{at}", "")
        for at in judges
        for unit in UNITS
        for code, said in answers(JUDGES[at - 1], unit).items()
    ]
    return table(folder / name, HEADS, *rows)


def test_the_same_files_again_change_nothing(w: World, tmp_path: Path) -> None:
    paths = [sheets(tmp_path, 1, 2)]
    lines = importing.preview_import(w.store, SYSTEM, "k", paths)
    assert {line.kind for line in lines} == {"new"}
    assert importing.enter_import(w.store, SYSTEM, "k", lines, paths) == len(lines)
    head = w.store.head()
    assert importing.enter_import(w.store, SYSTEM, "k", lines, paths) == 0  # the very same preview, sent twice
    again = importing.preview_import(w.store, SYSTEM, "k", paths)
    assert {line.kind for line in again} == {"same"}
    assert importing.enter_import(w.store, SYSTEM, "k", again, paths) == 0
    assert w.store.head() == head


def test_files_come_in_again_after_their_marks_were_changed(w: World, tmp_path: Path) -> None:
    paths = [sheets(tmp_path, 1)]
    importing.enter_import(w.store, SYSTEM, "k", importing.preview_import(w.store, SYSTEM, "k", paths), paths)
    w.mark(JUDGES[0], UNIT, {"1.5": "1"})
    changed = importing.preview_import(w.store, SYSTEM, "k", paths)
    assert [(line.criterion, line.before) for line in changed if line.kind == "changed"] == [("1.5", "1")]
    assert importing.enter_import(w.store, SYSTEM, "k", changed, paths) == 1  # what is said to be done is done
    assert {row["answer"] for row in w.all_rows("mark") if row["criterion"] == "1.5" and row["unit"] == UNIT} == {
        answers(JUDGES[0], UNIT)["1.5"]
    }


def test_a_mark_changed_since_the_preview_is_not_written_over_and_nothing_is(w: World, tmp_path: Path) -> None:
    w.mark(JUDGES[0], UNIT, {"1.5": "1"})
    paths = [sheets(tmp_path, 1)]
    lines = importing.preview_import(w.store, SYSTEM, "k", paths)
    w.mark(JUDGES[0], UNIT, {"1.5": "2"})
    head = w.store.head()
    with pytest.raises(Conflict) as refused:
        importing.enter_import(w.store, SYSTEM, "k", lines, paths)
    assert refused.value.current is not None
    assert (refused.value.yours["answer"], refused.value.current["answer"]) == (answers(JUDGES[0], UNIT)["1.5"], "2")
    assert w.store.head() == head


def test_a_mark_entered_or_taken_back_since_the_preview_is_a_conflict(w: World, tmp_path: Path) -> None:
    paths = [sheets(tmp_path, 1)]
    lines = importing.preview_import(w.store, SYSTEM, "k", paths)
    w.mark(JUDGES[0], UNIT, {"1.5": "2"})
    with pytest.raises(Conflict):
        importing.enter_import(w.store, SYSTEM, "k", lines, paths)
    lines = importing.preview_import(w.store, SYSTEM, "k", paths)
    w.mark(JUDGES[0], UNIT, {"1.5": ""})
    with pytest.raises(Conflict):
        importing.enter_import(w.store, SYSTEM, "k", lines, paths)


def test_a_preview_tells_nobody_what_another_judge_has_written(w: World, tmp_path: Path) -> None:
    w.mark(JUDGES[1], UNIT, {"1.5": "1"})
    for name in (JUDGES[0], "xa_07243", "thu_ky", "giam_sat", "to_chuc"):
        paths = [sheets(tmp_path, 2)]
        assert refusal(lambda: importing.preview_import(w.store, w.actor(name), "k", paths)) == NOT_FOUND  # noqa: B023
    own = importing.preview_import(w.store, w.actor(JUDGES[1]), "k", [sheets(tmp_path, 2)])
    assert {line.before for line in own} == {None, "1"}


def test_a_judge_brings_in_his_own_sheets_of_what_is_assigned_to_him(w: World, tmp_path: Path) -> None:
    paths, judge = [sheets(tmp_path, 2)], JUDGES[1]
    lines = importing.preview_import(w.store, w.actor(judge), "k", paths)
    panel.unassign(w.store, w.actor("thu_ky"), "k", judge)
    panel.assign(w.store, w.actor("thu_ky"), "k", judge, UNITS, ["1.5"])
    assert refusal(lambda: importing.enter_import(w.store, w.actor(judge), "k", lines, paths)) == NOT_FOUND
    some = [line for line in lines if line.criterion == "1.5"]
    assert importing.enter_import(w.store, w.actor(judge), "k", some, paths) == len(UNITS)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"unit": "99999"}, "permission.not_found"),
        ({"author": "nguoi_la"}, "permission.not_found"),
        ({"criterion": "9.9"}, "mark.unknown_criterion"),
        ({"criterion": "2.3", "answer": "-1"}, "mark.below_minimum"),
        ({"answer": "nhiều"}, "mark.unreadable"),
    ],
)
def test_lines_that_no_preview_gave_are_refused_whole(
    w: World, tmp_path: Path, change: dict[str, str], sentence: str
) -> None:
    paths = [sheets(tmp_path, 1)]
    lines = importing.preview_import(w.store, SYSTEM, "k", paths)
    head = w.store.head()
    wrong = [
        *lines[1:],
        replace(lines[0], criterion="1.5", **change) if "criterion" not in change else replace(lines[0], **change),
    ]
    found = refusal(lambda: importing.enter_import(w.store, SYSTEM, "k", wrong[-1:], paths))
    assert found[0] == sentence
    assert w.store.head() == head


def test_an_unknown_commune_or_judge_is_named_with_its_place(w: World, tmp_path: Path) -> None:
    path = table(
        tmp_path / "la.csv",
        HEADS,
        ("99999", "1.5", "3", "giám khảo", "GK1", ""),
        (UNIT, "1.5", "3", "giám khảo", "GK77", ""),
    )
    with pytest.raises(importing.Refusal) as refused:
        importing.preview_import(w.store, SYSTEM, "k", [path])
    told = {(one.message.id, one.message.values["value"], one.where.cell) for one in refused.value.problems}
    assert {one[:2] for one in told} == {("mark.unknown_unit", "99999"), ("mark.unknown_judge", "GK77")}
    assert all(cell for *_, cell in told)


def test_an_answer_written_part_by_part_is_put_together(w: World, tmp_path: Path) -> None:
    heads = (*HEADS[:2], "Phần", *HEADS[2:])
    rows = [(UNIT, "2.2", part, said, "giám khảo", "GK1", "") for part, said in (("done", "95"), ("of", "100"))]
    path = table(tmp_path / "phan.csv", heads, *rows)
    lines = importing.preview_import(w.store, SYSTEM, "k", [path])
    assert [line.criterion for line in lines] == ["2.2"]
    importing.enter_import(w.store, SYSTEM, "k", lines, [path])
    with w.store.read() as connection:
        result = score_of(connection, "k", stage="judge")
    why = result.figure(result.plan.branch("2.2")).why[0, result.unit_at(UNIT)]
    assert Why(why) is Why.EVIDENCE_MISSING  # not unmarked: the engine has both parts
    assert [row["answer"] for row in w.all_rows("mark")] == ["done: 95; of: 100"]


def test_appraisals_from_paper_need_a_reason_where_they_depart(tmp_path: Path) -> None:
    with world("self", tmp_path) as w:
        w.mark("xa_07243", UNIT, {"1.5": "3", "2.3": "2"}, "self")
        w.put_in(Phase.APPRAISAL)
        path = table(
            tmp_path / "td.csv", HEADS, (UNIT, "1.5", "2", "thẩm định", "", ""), (UNIT, "2.3", "2", "thẩm định", "", "")
        )
        lines = importing.preview_import(w.store, w.actor("tham_dinh"), "k", [path])
        entering = lambda lines: importing.enter_import(w.store, w.actor("tham_dinh"), "k", lines, [path])  # noqa: E731
        assert refusal(lambda: entering(lines)) == ["mark.needs_reason"]
        assert entering([replace(line, note="Chỉ hai buổi") for line in lines]) == 2


# two people at one mark -------------------------------------------------------------------------------------------


def test_two_who_type_over_each_other_are_shown_both_values(w: World) -> None:
    with_commune = w.put_in(Phase.SELF_ASSESSMENT)
    seen = with_commune.mark("xa_07243", UNIT, {"1.5": "3"}, "self")["1.5"]
    w.mark("thu_ky", UNIT, {"1.5": "4"}, "self", seen=seen)
    with pytest.raises(Conflict) as refused:
        w.mark("xa_07243", UNIT, {"1.5": "5"}, "self", seen=seen)
    conflict = refused.value
    assert conflict.current is not None
    assert (conflict.yours["answer"], conflict.current["answer"], conflict.who) == ("5", "4", "thu_ky")


def test_one_conflict_saves_none_of_the_sheet(w: World) -> None:
    w.mark(JUDGES[0], UNIT, {"1.5": "3"})
    entries = [Entry("2.3", "4", seen=0), Entry("1.5", "4", seen=0)]
    with pytest.raises(Conflict):
        marking.enter_marks(w.store, w.actor(JUDGES[0]), "k", UNIT, "judge", entries)
    assert [(row["criterion"], row["answer"]) for row in w.all_rows("mark")] == [("1.5", "3")]


def test_a_blank_takes_a_mark_back_and_the_journal_keeps_it(w: World) -> None:
    seen = w.mark(JUDGES[0], UNIT, {"1.5": "3"})["1.5"]
    assert w.mark(JUDGES[0], UNIT, {"1.5": ""}, seen=seen) == {"1.5": 0}
    assert w.all_rows("mark") == []
    with w.store.read() as connection:
        events = history(connection, "mark", marking.mark_id("k", UNIT, "1.5", "judge", JUDGES[0]))
    assert events[-1].after is None
    assert '"answer":"3"' in str(events[-1].before)


def test_a_mark_taken_back_and_given_anew_is_not_the_one_that_was_seen(w: World) -> None:
    seen = w.mark(JUDGES[0], UNIT, {"1.5": "3"})["1.5"]
    w.mark(JUDGES[0], UNIT, {"1.5": ""})
    w.mark(JUDGES[0], UNIT, {"1.5": "5"})
    with pytest.raises(Conflict):
        w.mark(JUDGES[0], UNIT, {"1.5": "4"}, seen=seen)


def test_a_note_on_an_unknown_criterion_does_not_spoil_the_contest(w: World) -> None:
    judge = w.actor(JUDGES[0])
    noting = lambda: marking.enter_marks(w.store, judge, "k", UNIT, "judge", [Entry("9.9", "", "lạ")])  # noqa: E731
    assert refusal(noting) == ["mark.unknown_criterion"]
    marking.enter_marks(w.store, judge, "k", UNIT, "judge", [Entry("1.5", "", "Chưa đủ căn cứ")])
    with w.store.read() as connection:
        assert score_of(connection, "k")


def test_a_repetition_under_one_key_is_one_and_nobody_elses(w: World) -> None:
    entry = [Entry("1.5", "3")]
    for _ in range(2):
        assert marking.enter_marks(w.store, w.actor(JUDGES[0]), "k", UNIT, "judge", entry, key="x") == {"1.5": 1}
    assert (
        refusal(lambda: marking.enter_marks(w.store, w.actor("nguoi_la"), "k", UNIT, "judge", entry, key="x"))
        == NOT_FOUND
    )
