"""The shipped demo contest: it is read like anybody's files, and each hard case comes out as worked out by hand."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import demo_contest as demo
from chamdiem import load, score
from chamdiem.contest import demo as in_store
from chamdiem.contest import proof
from chamdiem.contest.accounts import acting, change_password, sign_in
from chamdiem.contest.publication import standings
from chamdiem.contest.record import rows, score_of
from chamdiem.errors import Refusal
from chamdiem.exchange import sample
from chamdiem.exchange.scoresheets import Entry, read_marks
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order
from contest_world import demo_store

# Every unit from the first to the last: total, stars, rank; * where something is still open.
STANDINGS = """
07288  96.90  5   1
07294  92.00  0   2
07246  91.58  4   3
07243  89.34  4   4
07258  88.37  4   5
07249  86.35  4   6
07273  86.35  4   6
07270  84.73  4   8
07267  83.50  4   9 *
07261  83.27  3  10
07279  80.15  3  11 *
07260  80.00  4  12
07285  79.99  3  13
07291  76.28  3  14
07282  75.22  3  15 *
07252  74.51  3  16
07255  74.18  3  17 *
07264  71.82  3  18
07276  48.61  0  19
"""


@pytest.fixture(scope="module")
def entry() -> Entry:
    criteria = load(sample.CRITERIA)
    return read_marks(criteria, lay_out(criteria), sample.files())


@pytest.fixture(scope="module")
def result(entry: Entry) -> Result:
    criteria = load(sample.CRITERIA)
    return score(criteria, entry.marks(lay_out(criteria)))


@pytest.mark.parametrize("letter", demo.HARD_CASES)
def test_hard_case(result: Result, letter: str) -> None:
    case, units = demo.HARD_CASES[letter], result.units.set_index("unit")
    points = result.nodes.pivot(index="unit", columns="node", values="points")
    for unit, expected in case.expect.items():
        found = {name: str(units.loc[unit, name]) for name in expected}
        assert found == {name: str(value) for name, value in expected.items()}
    for unit, nodes in case.nodes.items():
        assert {code: str(points.loc[unit, code]) for code in nodes} == nodes
    for unit, matters in case.open.items():
        of_unit = result.matters[(result.matters["unit"] == unit) & result.matters["open"]]
        assert set(of_unit["matter"]) == matters


def test_standings_of_all(result: Result) -> None:
    rows = result.units.sort_values(["rank", "unit"])[["unit", "total", "stars", "rank", "settled"]]
    found = [f"{unit} {total} {stars} {at}{'' if done else ' *'}" for unit, total, stars, at, done in rows.to_numpy()]
    assert found == [" ".join(line.split()) for line in STANDINGS.strip().splitlines()]


def test_why_of_what_did_not_count(result: Result) -> None:
    why = result.nodes.pivot(index="unit", columns="node", values="why")
    assert why.loc["07243", "B.1"] == "evidence_repeated"
    assert why.loc["07270", "2.3"] == "evidence_missing"
    assert why.loc["07270", "6.2"] == "evidence_rejected"
    assert why.loc["07282", "1.4"] == "evidence_pending"
    assert why.loc["07252", "4.3"] == "na_full"
    assert why.loc["07255", "5.4"] == "unmarked"


def test_removed_judge_is_kept_and_not_counted(entry: Entry) -> None:
    criteria = load(sample.CRITERIA)
    assert {judge.code for judge in entry.judges or () if judge.removed} == {"GK5"}
    assert "GK5" in entry.columns.judge.texts()  # type: ignore[union-attr]
    everybody = replace(entry, judges=tuple(replace(judge, removed=False) for judge in entry.judges or ()))
    counted = score(criteria, everybody.marks(lay_out(criteria))).units.set_index("unit")
    # 3.1 (3·3 + 4 + 2)/5 = 3, 3.2 (4·3 + 5 + 2,5)/5 = 3,9, 2.3 (4·4 + 3)/5 = 3,8: -0,25 -0,35 -0,2; the three leaves in
    # which GK5 agrees with the others come nearer to them: 1.5 2,4 for 2,38, 1.6 1,8 for 1,75, 6.2 1,8 for 1,75.
    assert str(counted.loc["07260", "total"]) == "79.32"
    assert counted.loc["07260", "stars"] == 3


def test_units_are_those_of_the_unit_list(entry: Entry) -> None:
    listed = [(row["code"], row["name"], row["kind"]) for row in demo.unit_rows()]
    assert len(listed) == 19
    assert sorted((unit.code, unit.name, unit.kind) for unit in entry.units or ()) == sorted(listed)
    for file in sample.folder().glob("phieu-cham-*.xlsx"):
        assert len(CalamineWorkbook.from_path(file).sheet_names) == 19


def test_judge_who_keeps_away_and_third_marker(entry: Entry) -> None:
    assert entry.recused == {("07261", "GK2")}
    marked = set(zip(entry.columns.unit.texts(), entry.columns.judge.texts(), strict=True))  # type: ignore[union-attr]
    assert ("07261", "GK2") not in marked
    assert {unit for unit, judge in marked if judge == "GK6"} == {"07291"}
    assert {judge.role for judge in entry.judges or () if judge.code in ("GK1", "GK6")} == {"chair", "third_marker"}


def test_every_sheet_says_that_it_is_made_up() -> None:
    for file in sample.files():
        heads = {sheet: str(value) for sheet, row, column, value in cells_of(file) if (row, column) == (0, 0)}
        assert list(heads) == CalamineWorkbook.from_path(file).sheet_names
        assert all(demo.LABEL in head for head in heads.values())
    assert demo.LABEL in (sample.folder() / "DOC-TRUOC.md").read_text(encoding="utf-8")


def test_nobody_and_no_document_can_be_taken_for_real(entry: Entry) -> None:
    assert all("(mẫu)" in judge.name for judge in entry.judges or ())
    assert all(document.number.endswith("-MẪU") for document in entry.evidence or ())


def test_sheets_are_filled_in_many_ways() -> None:
    values = {
        judge: [cell[-1] for cell in cells_of(sample.folder() / f"phieu-cham-{judge}.xlsx")]
        for judge in ("GK1", "GK2", "GK3", "GK4")
    }
    assert "91,40" in values["GK1"]
    assert "1.249/1.296" in values["GK1"]
    assert "kha " in values["GK2"]
    assert 91.4 in values["GK3"]
    assert "KHÔNG ÁP DỤNG" in values["GK4"]
    assert unicodedata.normalize("NFD", "Khá") in values["GK3"]


@pytest.mark.slow
def test_generator_reproduces_the_shipped_files(tmp_path: Path) -> None:
    demo.write(tmp_path)
    again, shipped = (sorted(path.name for path in folder.iterdir()) for folder in (tmp_path, demo.DEMO))
    assert again == shipped
    for file in sample.files():
        assert list(cells_of(tmp_path / file.name)) == list(cells_of(file)), (
            f"{file.name}: python tests/demo_contest.py"
        )
    assert (tmp_path / "DOC-TRUOC.md").read_text("utf-8") == (demo.DEMO / "DOC-TRUOC.md").read_text("utf-8")


def cells_of(file: Path) -> Iterator[tuple[str, int, int, object]]:
    """Sheet, row, column and raw value of every filled cell."""
    book = CalamineWorkbook.from_path(file)
    for name in book.sheet_names:
        for at, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
            yield from ((name, at, column, value) for column, value in enumerate(row) if value != "")


def test_demo_is_small() -> None:
    assert sum(path.stat().st_size for path in sample.folder().iterdir()) < 1_500_000


def test_missing_demo_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sample, "SHIPPED", tmp_path / "no")
    monkeypatch.setattr(sample, "IN_REPOSITORY", tmp_path / "nowhere")
    with pytest.raises(Refusal) as refused:
        sample.folder()
    assert [(problem.message.id, problem.where.file) for problem in refused.value.problems] == [
        ("table.missing", str(tmp_path / "nowhere"))
    ]


# the demo contest in the store ------------------------------------------------------------------------------------


class CutOff(Exception):
    """Somebody pulled the plug."""


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'empty.db'}") as store:
        yield store


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Store]:
    with open_store(demo_store(tmp_path)) as store:
        yield store


def standings_in(store: Store) -> list[str]:
    """Unit, total, stars and rank as the store has them, without what is still open."""
    with store.read() as connection:
        said = standings(score_of(connection, in_store.CONTEST), {})
    return sorted(f"{unit} {one.total} {one.stars} {one.rank}" for unit, one in said.items())


EXPECTED = sorted(" ".join(line.split()[:4]) for line in STANDINGS.strip().splitlines())
EVERYBODY = {person.login for person in in_store.PEOPLE}


def test_all_stages_stand_side_by_side_and_the_standings_are_those_of_the_sheets(whole: Store) -> None:
    with whole.read() as connection:
        marks = rows(connection, tables.mark, contest=in_store.CONTEST, unit="07243", criterion=in_store.CONFIRMED)
        (contest,) = rows(connection, tables.contest)
    assert {mark["stage"] for mark in marks} == {"self", "appraisal", "judge", "council"}
    (council,) = (mark for mark in marks if mark["stage"] == "council")
    assert council["reason"].startswith("Mẫu: ")
    assert (contest["phase"], contest["sample"]) == ("council", in_store.WHOLE)
    assert standings_in(whole) == EXPECTED
    assert list(proof.everything(whole)) == []


def test_a_demo_that_is_whole_stays_as_people_have_left_it(whole: Store) -> None:
    head = whole.head()
    with in_store.built(whole) as words:
        assert words == {}
    assert whole.head() == head


@pytest.mark.parametrize("step", ["_give_roles", "enter_import", "_other_stages"])
def test_a_demo_that_was_cut_off_is_finished_and_first_passwords_are_given_again(
    empty: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def cut(*_: object) -> None:
        raise CutOff

    with monkeypatch.context() as patch, pytest.raises(CutOff):  # noqa: PT012 - either may raise
        patch.setattr(in_store, step, cut)
        with in_store.built(empty):
            pass
    with in_store.built(empty) as words:
        assert words.keys() == EVERYBODY
    assert sign_in(empty, "mau-gk1", words["mau-gk1"], now=datetime.now(UTC)).must_change_password
    assert standings_in(empty) == EXPECTED
    assert list(proof.everything(empty)) == []
    with in_store.built(empty) as words:
        assert words == {}


def test_first_passwords_that_nobody_saw_are_given_anew_and_chosen_ones_stay(whole: Store) -> None:
    def begun_again() -> None:
        about = {"sample": in_store.BEGUN}
        whole.write(Order("system", "test"), lambda change: change.put(tables.contest, in_store.CONTEST, about))

    def nobody_sees() -> None:
        with in_store.built(whole):
            raise CutOff

    begun_again()
    with pytest.raises(CutOff):
        nobody_sees()
    with in_store.built(whole) as words:
        assert words.keys() == EVERYBODY
    own, now = "gặt lúa chiêm bên sông Thương", datetime.now(UTC)
    account = sign_in(whole, "mau-gk1", words["mau-gk1"], now=now).account
    with whole.read() as connection:
        actor = acting(connection, account)
    change_password(whole, actor, words["mau-gk1"], own, now=now)
    begun_again()
    with in_store.built(whole) as words:
        assert words.keys() == EVERYBODY - {"mau-gk1"}
    assert not sign_in(whole, "mau-gk1", own, now=now).must_change_password


def test_a_real_contest_of_that_name_is_left_alone(empty: Store) -> None:
    empty.write(Order("system", "test"), lambda change: change.put(tables.contest, in_store.CONTEST, {"title": "Thật"}))
    head = empty.head()
    with in_store.built(empty) as words:
        assert words == {}
    assert empty.head() == head
