"""What is published: a snapshot that anybody can check, changes shown beforehand, recognitions with their days."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path

import pytest

from chamdiem.contest import decisions, panel, proof, publication, standings
from chamdiem.contest.phases import Phase
from chamdiem.contest.publication import months_after
from chamdiem.contest.registry_files import shipped_registry
from chamdiem.contest.units import import_registry
from chamdiem.criteria import library
from chamdiem.store import tables
from chamdiem.store.database import open_store
from chamdiem.store.door import Order
from chamdiem.store.journal import canonical
from contest_world import CRITERIA, NOT_FOUND, TODAY, UNITS, World, refusal, world
from filled_sheets import table
from stores import by_hand


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    """In review, all opened, every document accepted."""
    with world("review", tmp_path) as made:
        yield made


def correct(w: World, unit: str, said: dict[str, str]) -> None:
    """Reopen for the council, change marks, back to review."""
    w.two("contest.reopen", "Đính chính", phase="council")
    w.mark("thu_ky", unit, said, "council", "Đính chính")
    w.advance(Phase.REVIEW)


def test_the_hash_of_a_publication_is_that_of_its_snapshot(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    said = standings.published_for(w.store, w.actor(""), "k")
    assert hashlib.sha256(canonical(said["snapshot"]).encode()).hexdigest() == said["hash"]
    assert said["snapshot"]["policy"] == {"closed": True, "evidence": "apply", "stage": ""}
    assert list(proof.everything(w.store)) == []
    by_hand(str(w.store.url), "UPDATE publication SET snapshot = replace(snapshot, 'Canh', 'Danh')")
    assert "verify.snapshot" in {one.id for one in proof.everything(w.store)}


def test_a_preview_lists_exactly_the_units_that_change(w: World) -> None:
    first = publication.preview(w.store, w.actor("to_chuc"), "k")
    assert {one.unit for one in first} == set(UNITS)
    assert all(one.after and re.fullmatch(r"\d+(\.\d+)?", one.after.total) for one in first)  # never "4467/50"
    w.two("publication.publish", "Lần 1")
    correct(w, "07249", {"1.5": "5"})
    (one,) = publication.preview(w.store, w.actor("to_chuc"), "k")
    assert (one.unit, one.before is not None, one.after is not None) == ("07249", True, True)
    assert one.before != one.after
    w.two("publication.publish", "Lần 2")
    w.put_in(Phase.REVIEW)
    assert publication.preview(w.store, w.actor("to_chuc"), "k") == []
    assert [row["number"] for row in w.all_rows("publication")] == [1, 2]


def test_who_confirms_confirms_what_the_other_one_saw(w: World) -> None:
    asked = decisions.ask(w.store, w.actor("to_chuc"), "k", "publication.publish", "Lần 1")
    panel.declare_conflict(w.store, w.actor("giam_khao_3"), "k", "07243", "Mới nhớ ra")
    assert refusal(lambda: decisions.confirm(w.store, w.actor("thu_ky"), asked, today=TODAY)) == [
        "decision.changed_since"
    ]
    assert w.all_rows("publication") == []
    decisions.withdraw(w.store, w.actor("to_chuc"), asked)
    w.two("publication.publish", "Lần 1")


def test_a_second_request_waits_for_the_first(w: World) -> None:
    decisions.ask(w.store, w.actor("to_chuc"), "k", "publication.publish")
    assert refusal(lambda: decisions.ask(w.store, w.actor("to_chuc_2"), "k", "publication.publish")) == [
        "decision.waiting"
    ]


def test_nothing_is_asked_for_that_could_not_be_done(w: World) -> None:
    w.two("contest.reopen", "Mở lại", phase="council")
    asking = lambda **about: decisions.ask(w.store, w.actor("to_chuc"), "k", "contest.reopen", "vì", **about)  # noqa: E731
    assert refusal(lambda: asking(phase="review")) == ["contest.no_such_step"]
    assert refusal(lambda: asking(phase="no_such")) == NOT_FOUND
    assert refusal(asking) == NOT_FOUND
    assert refusal(lambda: decisions.ask(w.store, w.actor("to_chuc"), "k", "contest.reopen", " ", phase="judging")) == [
        "contest.needs_reason"
    ]


def recognition(w: World, unit: str) -> dict[str, object]:
    return next(row for row in w.all_rows("recognition") if row["unit"] == unit)


def test_a_recognition_that_falls_away_is_withdrawn_and_comes_back_from_that_day(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    before = recognition(w, "07249")
    assert before["status"] == "valid"
    correct(w, "07249", {"khong_ky_luat": "không"})
    (change,) = [one for one in publication.preview(w.store, w.actor("to_chuc"), "k") if one.unit == "07249"]
    assert change.after is not None
    assert not change.after.recognised
    w.two("publication.publish", "Lần 2")
    fallen = recognition(w, "07249")
    assert (fallen["status"], fallen["valid_to"], fallen["reason"]) == ("withdrawn", TODAY.isoformat(), "Lần 2")
    correct(w, "07249", {"khong_ky_luat": "có"})
    w.two("publication.publish", "Lần 3")
    assert recognition(w, "07249")["status"] == "valid"


def test_a_revoked_recognition_does_not_come_back_by_publishing_again(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    w.two("recognition.revoke", "Bị xử lý", unit="07246")
    assert (
        refusal(lambda: decisions.ask(w.store, w.actor("to_chuc"), "k", "recognition.revoke", "vì", unit="07246"))
        == NOT_FOUND
    )
    correct(w, "07249", {"1.5": "5"})
    w.two("publication.publish", "Lần 2")
    assert recognition(w, "07246")["status"] == "revoked"


def test_a_later_publication_says_whose_recognition_was_revoked_from_which_day_and_why(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    first = standings.published_for(w.store, w.actor(""), "k")["snapshot"]["units"]["07246"]
    assert (first["recognised"], first["revoked"], first["stars"] > 0) == (True, None, True)
    w.two("recognition.revoke", "Bị xử lý", unit="07246")
    revoked = publication.Revocation(TODAY.isoformat(), "Bị xử lý")
    (change,) = publication_changes(w)
    assert (change.unit, change.after) == (
        "07246",
        replace(change.before or NOTHING, stars=0, recognised=False, revoked=revoked),
    )
    w.two("contest.reopen", "Công bố lại", phase="review")
    w.two("publication.publish", "Lần 2")
    second = standings.published_for(w.store, w.actor(""), "k")["snapshot"]["units"]["07246"]
    assert second == {**first, "recognised": False, "stars": 0, "revoked": asdict(revoked)}
    own = standings.own_result_for(w.store, w.actor("xa_07246"), "k", "07246")
    assert (own.recognised, own.revoked) == (False, revoked)
    places = standings.ranking_for(w.store, w.actor("to_chuc"), "k").places
    assert {place.unit: place.standing.revoked for place in places} == {**dict.fromkeys(UNITS), "07246": revoked}
    assert publication_changes(w) == []
    assert recognition(w, "07246")["status"] == "revoked"
    assert list(proof.everything(w.store)) == []


NOTHING = publication.Standing("0", 0, 0, recognised=False)


def publication_changes(w: World) -> list[publication.Change]:
    with w.store.read() as connection:
        return publication.changes(connection, "k")


def test_who_confirms_does_not_publish_over_a_revocation_that_came_between(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    w.put_in(Phase.REVIEW)
    asked = decisions.ask(w.store, w.actor("to_chuc"), "k", "publication.publish", "Lần 2")
    w.put_in(Phase.PUBLISHED)
    w.two("recognition.revoke", "Bị xử lý", unit="07246")
    w.put_in(Phase.REVIEW)
    assert refusal(lambda: decisions.confirm(w.store, w.actor("thu_ky"), asked, today=TODAY)) == [
        "decision.changed_since"
    ]


def test_a_decision_is_begun_on_the_day_it_is_in_vietnam(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Evening(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Evening:
            return cls(2024, 11, 3, 18, 30, tzinfo=UTC).astimezone(tz)

    seen = []
    monkeypatch.setattr("chamdiem.store.door.datetime", Evening)
    monkeypatch.setitem(decisions.CHECK, "publication.publish", lambda *about: seen.append(about[-1]["today"]))
    decisions.ask(w.store, w.actor("to_chuc"), "k", "publication.publish", "Lần 1")
    assert seen == ["2024-11-04"]


def test_publishing_again_makes_no_recognition_longer(tmp_path: Path) -> None:
    text = library.text_of(CRITERIA) + "validity: {months: 24}\n"
    path = tmp_path / f"{CRITERIA}.yaml"
    path.write_text(text if isinstance(text, str) else text.decode(), encoding="utf-8")
    with open_store(f"sqlite:///{tmp_path / 'v.db'}") as store:
        made = World(store, criteria=path).to_review()
        made.two("publication.publish", "Lần 1")
        assert recognition(made, "07246")["valid_to"] == "2026-11-04"
        correct(made, "07249", {"1.5": "5"})
        asked = decisions.ask(store, made.actor("to_chuc"), "k", "publication.publish", "Lần 2")
        decisions.confirm(store, made.actor("thu_ky"), asked, today=date(2025, 3, 1))
        assert (recognition(made, "07246")["valid_from"], recognition(made, "07246")["valid_to"]) == (
            "2024-11-04", "2026-11-04",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)), (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2024, 3, 31), 36, date(2027, 3, 31)),
    ],
)  # fmt: skip
def test_so_many_months_later_by_hand(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_merged_communes_inherit_no_stars_and_take_no_history_away(w: World, tmp_path: Path) -> None:
    w.two("publication.publish", "Lần 1")
    before = standings.published_for(w.store, w.actor(""), "k")
    new = next(unit for unit in shipped_registry().bearers("07288") if unit.valid_to is None)
    above = next(unit for unit in shipped_registry().bearers(new.parent) if unit.valid_to is None)
    rows = [(one.code, one.name, one.kind, one.parent, "2025-07-01") for one in (above, new)]
    path = table(tmp_path / "moi.csv", ("code", "name", "kind", "parent", "valid_from"), *rows)
    import_registry(w.store, w.actor("quan_tri"), [path])
    assert {row["unit"] for row in w.all_rows("recognition")} == set(UNITS)
    assert standings.published_for(w.store, w.actor(""), "k") == before
    assert list(proof.everything(w.store)) == []


def test_reopening_alone_makes_no_publication_wrong(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    for phase in ("council", "judging", "self_assessment"):
        w.two("contest.reopen", "Mở lại", phase=phase)
        assert list(proof.everything(w.store)) == []
    with w.store.read() as connection:
        assert publication.changes(connection, "k") == []


def test_a_result_changed_under_the_publication_is_found(w: World) -> None:
    w.two("publication.publish", "Lần 1")
    (row,) = w.all_rows("publication")
    said = json.loads(str(row["snapshot"]))
    said["result"] = "0" * 64
    text = canonical(said)
    values = {"snapshot": text, "result_hash": hashlib.sha256(text.encode()).hexdigest()}
    w.store.write(Order("system", "test"), lambda t: t.put(tables.publication, str(row["id"]), values))
    assert [one.id for one in proof.everything(w.store)] == ["verify.recomputed"]
