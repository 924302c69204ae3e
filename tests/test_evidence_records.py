"""Documents on record: what they count as, who sees them, what gives them away; explanations and petitions beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from chamdiem import load
from chamdiem.contest import evidence, evidence_import, evidence_read, explanations, petitions
from chamdiem.contest.evidence import Document
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import evidence_of
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal, message
from chamdiem.exchange.scoresheet_template import write_sheets
from chamdiem.scoring.marks import Unit
from chamdiem.store.door import Conflict
from contest_world import CRITERIA, NOT_FOUND, World, refusal, world
from filled_sheets import cell_of, table

UNIT, OTHER, FILE = "07243", "07246", "a" * 64


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world("self", tmp_path) as made:
        yield made


def add(w: World, document: Document, *codes: str, unit: str = UNIT) -> str:
    return evidence.add_evidence(w.store, w.actor(f"xa_{unit}"), "k", unit, document, dict.fromkeys(codes, "tr. 1"))


def items(w: World) -> list[str]:
    with w.store.read() as connection:
        return [one.item for one in evidence_of(connection, "k")]


def test_the_checks_are_those_that_criteria_ask_for(yen_the: CriteriaSet) -> None:
    asked = {check for leaf in yen_the.leaves for check in yen_the.need_of(leaf).verify}
    assert asked == set(evidence.CHECKS)


def test_a_document_is_claimed_then_attached_then_accepted(w: World) -> None:
    made = add(w, Document("Quyết định kiện toàn", "12-QĐ/ĐU"), "1.1")
    link = f"{made}/1.1"
    commune = w.actor(f"xa_{UNIT}")
    status = lambda: evidence_read.evidence_for(w.store, commune, "k")[0]["status"]  # noqa: E731
    assert status() == "claimed"
    evidence.attach_file(w.store, commune, made, Document("", file=FILE, file_name="qd.pdf", kind="pdf", size=9))
    assert status() == "attached"
    w.put_in(Phase.APPRAISAL)
    appraiser = w.actor("tham_dinh")
    assert refusal(lambda: evidence.verify_evidence(w.store, appraiser, link, accepted=False)) == [
        "contest.needs_reason"
    ]
    assert refusal(
        lambda: evidence.verify_evidence(w.store, appraiser, link, accepted=True, checks=("documents",))
    ) == ["evidence.unknown_check"]
    version = evidence.verify_evidence(w.store, appraiser, link, accepted=True, checks=evidence.CHECKS)
    assert status() == "accepted"
    with pytest.raises(Conflict):
        evidence.verify_evidence(w.store, appraiser, link, accepted=False, reason="vì", expected=version - 1)


def test_a_file_is_never_exchanged_for_another_one(w: World) -> None:
    made = add(w, Document("Quyết định", file=FILE), "1.1")
    commune = w.actor(f"xa_{UNIT}")
    other = Document("", file="b" * 64)
    assert refusal(lambda: evidence.attach_file(w.store, commune, made, other)) == ["evidence.has_file"]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (Document(" "), "evidence.no_title"),
        (Document("A", date="30/02/2024"), "sheet.evidence_day"),
        (Document("A", file="../etc/passwd"), "files.missing"),
    ],
)
def test_a_document_that_is_none_is_refused(w: World, document: Document, sentence: str) -> None:
    assert refusal(lambda: add(w, document, "1.1")) == [sentence]
    assert w.all_rows("evidence") == []


def test_a_document_for_a_group_or_for_nothing_is_refused_whole(w: World) -> None:
    assert refusal(lambda: add(w, Document("A"), "1.1", "1")) == ["sheet.evidence_place"]
    assert refusal(lambda: add(w, Document("A"))) == NOT_FOUND
    assert w.all_rows("evidence") == w.all_rows("evidence_link") == []


def test_two_documents_of_one_title_are_two_and_one_file_under_two_titles_is_one(w: World) -> None:
    add(w, Document("Báo cáo"), "6.2")
    add(w, Document("Báo cáo"), "B.1")
    assert sorted(items(w)) == ["Báo cáo", "Báo cáo (2)"]
    add(w, Document("Một", file=FILE), "1.1")
    add(w, Document("Hai", file=FILE), "1.2")
    add(w, Document("Ba", "5/BC"), "1.3")
    add(w, Document("Bốn", "5/BC"), "1.4")
    assert Counter(items(w)) == {"Báo cáo": 1, "Báo cáo (2)": 1, "Ba": 2, "Một": 2}


def test_one_file_attached_behind_two_claims_counts_as_one_document(w: World) -> None:
    made = [add(w, Document(title), code) for title, code in (("Một", "6.2"), ("Hai", "B.1"))]
    for one in made:
        evidence.attach_file(w.store, w.actor(f"xa_{UNIT}"), one, Document("", file=FILE))
    assert items(w) == ["Một", "Một"]


def test_a_commune_sees_its_own_documents_and_not_that_others_use_a_file(w: World) -> None:
    add(w, Document("Của tôi", file=FILE, date="2023-01-01"), "1.1")
    add(w, Document("Của xã khác", file=FILE), "1.1", unit=OTHER)
    commune, office = w.actor(f"xa_{UNIT}"), w.actor("thu_ky")
    assert {row["unit"] for row in evidence_read.evidence_for(w.store, commune, "k")} == {UNIT}
    assert evidence_read.evidence_for(w.store, commune, "k", OTHER) == []
    told = {one.what.id for one in evidence_read.doubts_for(w.store, commune, "k")}
    assert told == {"evidence.outside_period"}
    assert {one.what.id for one in evidence_read.doubts_for(w.store, office, "k")} == told | {"evidence.shared_file"}


def test_a_key_of_a_document_tells_nothing_of_what_others_did(w: World) -> None:
    add(w, Document("Xã khác"), "1.1", unit=OTHER)
    assert add(w, Document("Của tôi"), "1.1") == f"k/{UNIT}/1"
    assert add(w, Document("Của tôi nữa"), "1.1") == f"k/{UNIT}/2"


def test_nobody_accepts_his_own_document_by_writing_so_into_a_file(w: World, tmp_path: Path) -> None:
    marks = table(
        tmp_path / "diem.csv", ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm"), (UNIT, "1.5", "3", "tự chấm")
    )
    heads = ("Mã đơn vị", "Mã tiêu chí", "Mã minh chứng", "Số, ký hiệu", "Tình trạng minh chứng")
    for status, allowed in (("Chấp nhận", False), ("Đã nộp", True)):
        path = table(tmp_path / f"{allowed}.csv", heads, (UNIT, "1.5", "MC-1", "1/BC", status))
        bring = lambda: evidence_import.import_evidence(w.store, w.actor(f"xa_{UNIT}"), "k", [marks, path])  # noqa: B023, E731
        if allowed:
            assert bring() == 2
            assert bring() == 0
        else:
            assert refusal(bring) == NOT_FOUND


def test_documents_of_units_that_do_not_take_part_are_named_at_their_rows_and_nothing_is_kept(
    w: World, tmp_path: Path
) -> None:
    heads = ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm", "Mã minh chứng")
    marks = table(
        tmp_path / "diem.csv",
        heads,
        (UNIT, "1.5", "3", "tự chấm", "MC-1"),
        ("07294", "1.5", "3", "tự chấm", "MC-2"),
        ("07291", "1.5", "3", "tự chấm", ""),
    )
    heads = ("Mã đơn vị", "Mã tiêu chí", "Mã minh chứng", "Số, ký hiệu")
    register = table(tmp_path / "so.csv", heads, ("07291", "1.5", "MC-3", "3/BC"), (UNIT, "1.4", "MC-4", "4/BC"))
    stood = w.store.head()
    with pytest.raises(Refusal) as refused:
        evidence_import.import_evidence(w.store, w.actor("thu_ky"), "k", [marks, register])
    found = [(Path(one.where.file).name, one.where.line, one.message) for one in refused.value.problems]
    assert found == [
        ("diem.csv", 3, message("evidence.not_taking_part", unit="07294")),
        ("so.csv", 2, message("evidence.not_taking_part", unit="07291")),
    ]
    assert w.store.head() == stood
    assert (
        refusal(lambda: evidence_import.import_evidence(w.store, w.actor(f"xa_{UNIT}"), "k", [marks, register]))
        == NOT_FOUND
    ), "a commune is told nothing of others"


def test_a_score_sheet_of_a_unit_that_does_not_take_part_is_named_by_its_sheet(w: World, tmp_path: Path) -> None:
    path = tmp_path / "tu-cham.xlsx"
    write_sheets(load(CRITERIA), path, units=[Unit(UNIT), Unit("07294", "Thị trấn Bố Hạ")], judge=None, stage="self")
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[:2]:
        sheet[cell_of(sheet, "1.5").coordinate] = "3"
        sheet[cell_of(sheet, "1.5", "item").coordinate] = "12/BC-UBND"
    book.save(path)
    with pytest.raises(Refusal) as refused:
        evidence_import.import_evidence(w.store, w.actor("thu_ky"), "k", [path])
    (problem,) = refused.value.problems
    assert (problem.message.id, problem.where.sheet) == ("evidence.not_taking_part", book.sheetnames[1])
    assert book[problem.where.sheet][problem.where.cell].value == "07294"
    assert w.all_rows("evidence") == []


# explanations and petitions ---------------------------------------------------------------------------------------


def test_an_explanation_is_answered_once_and_all_three_words_are_kept(w: World) -> None:
    w.mark(f"xa_{UNIT}", UNIT, {"1.5": "7"}, "self")
    w.put_in(Phase.APPRAISAL)
    w.mark("tham_dinh", UNIT, {"1.5": "4"}, "appraisal", "Chỉ bốn buổi có danh sách")
    w.put_in(Phase.EXPLANATION)
    commune, appraiser, day = w.actor(f"xa_{UNIT}"), w.actor("tham_dinh"), date(2024, 4, 26)

    def say(words: str, criterion: str = "1.5", expected: int | None = None) -> int:
        return explanations.enter_explanation(
            w.store, commune, "k", UNIT, criterion, words, today=day, expected=expected
        )

    assert refusal(lambda: say(" ")) == ["explanation.no_words"]
    say("Danh sách ở phụ lục")
    say("Danh sách ở phụ lục 2")
    with pytest.raises(Conflict):
        say("Khác", expected=1)
    answer = lambda: explanations.decide_explanation(w.store, appraiser, "k", UNIT, "1.5", "Đúng", accepted=True)  # noqa: E731
    answer()
    assert refusal(answer) == refusal(lambda: say("Nữa")) == ["explanation.decided_already"]
    w.mark("tham_dinh", UNIT, {"1.5": "7"}, "appraisal", "Theo giải trình")
    (kept,) = explanations.explanations_for(w.store, commune, "k")
    assert (kept["self"], kept["appraisal"], kept["words"], kept["decision"], kept["status"], kept["due"]) == (
        "7", "7", "Danh sách ở phụ lục 2", "Đúng", "accepted", "2024-05-04",
    )  # fmt: skip  # 4/5/2024 is a working Saturday
    assert explanations.explanations_for(w.store, w.actor(f"xa_{OTHER}"), "k") == []
    assert refusal(lambda: say("vì", "9.9")) == NOT_FOUND


def test_a_petition_is_taken_even_when_the_calendar_does_not_reach_its_due_day(w: World) -> None:
    w.put_in(Phase.PETITIONS)
    commune = w.actor(f"xa_{UNIT}")
    made = petitions.enter_petition(w.store, commune, "k", UNIT, "Đề nghị xem lại", today=date(2026, 12, 30))
    (one,) = petitions.petitions_for(w.store, commune, "k")
    assert (one["id"], one["due"], one["status"]) == (made, "", "open")
    assert petitions.petitions_for(w.store, w.actor(f"xa_{OTHER}"), "k") == []
    organiser = w.actor("to_chuc")
    petitions.decide_petition(w.store, organiser, made, "Đã xem, giữ nguyên", upheld=False)
    again = lambda: petitions.decide_petition(w.store, organiser, made, "Khác", upheld=True)  # noqa: E731
    assert refusal(again) == ["petition.decided_already"]
    assert refusal(lambda: petitions.enter_petition(w.store, commune, "k", UNIT, " ", today=date(2024, 11, 4))) == [
        "petition.no_words"
    ]
    assert petitions.petitions_for(w.store, commune, "k")[0]["status"] == "dismissed"
