"""Nobody learns or does what is not his: every service held against the table, and two worlds that must look the same."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import chamdiem.contest
from chamdiem.contest import (
    contests,
    decisions,
    earlier,
    evidence,
    evidence_import,
    evidence_read,
    explanations,
    importing,
    judging,
    marking,
    panel,
    petitions,
    publication,
    reconciliation,
    registration,
    standings,
)
from chamdiem.contest.access import Footing
from chamdiem.contest.permissions import ANYBODY, Actor, allowed
from chamdiem.contest.phases import Phase
from chamdiem.errors import Refusal
from chamdiem.store import tables
from chamdiem.store.door import Order, Transaction
from contest_world import CRITERIA, JUDGES, NOT_FOUND, TODAY, World, answers, refusal, world
from filled_sheets import table

UNIT, CODE = "07243", "1.5"
WHO = (
    "", "nguoi_la", "quan_tri", "to_chuc", "to_chuc_2", "thu_ky", "tham_dinh", "giam_sat", "chu_tich", "giam_khao_1",
    "xa_07243", "xa_07246",
)  # fmt: skip
PHASES = (Phase.DRAFT, Phase.SELF_ASSESSMENT, Phase.JUDGING, Phase.REVIEW, Phase.PETITIONS)
ELSEWHERE = {"accounts", "chronicle", "demo", "oidc", "papers", "people", "sealing", "signing_in", "uploads", "units"}
"""Modules whose services have tests of their own, or that ask by the services tested here."""
OPEN_TO_ALL = {"contests_for"}  # a list of what one may know, empty for a stranger


@dataclass
class Case:
    """One service: the verb it must ask about, how the subject stands, and a call for a contest that may not exist."""

    verb: str
    call: Callable[[World, Actor, str], object]
    about: dict[str, str] = field(default_factory=dict)
    own: bool = False  # the sheet or account is the caller's own


SHEET = {"unit": UNIT, "criterion": CODE}
DOCUMENT = evidence.Document("Báo cáo")
CASES: dict[str, list[Case]] = {
    "create_contest": [Case("contest.create", lambda w, a, k: contests.create_contest(w.store, a, plan(k)))],
    "add_units": [Case("contest.configure", lambda w, a, k: contests.add_units(w.store, a, k, [UNIT]))],
    "next_step": [Case("contest.read", lambda w, a, k: contests.next_step(w.store, a, k, TODAY))],
    "advance": [Case("contest.advance", lambda w, a, k: contests.advance(w.store, a, k, Phase.REVIEW, today=TODAY))],
    "register_target": [
        Case(
            "registration.enter",
            lambda w, a, k: registration.register_target(w.store, a, k, UNIT, (3, 4)),
            {"unit": UNIT},
        )
    ],
    "approve_target": [
        Case(
            "registration.approve",
            lambda w, a, k: registration.approve_target(w.store, a, k, UNIT, approved=True),
            {"unit": UNIT},
        )
    ],
    "withdraw_unit": [
        Case(
            "registration.approve",
            lambda w, a, k: registration.withdraw_unit(w.store, a, k, UNIT, "vì"),
            {"unit": UNIT},
        )
    ],
    "enter_marks": [
        Case(
            f"mark.enter_{stage}",
            lambda w, a, k, stage=stage: marking.enter_marks(  # type: ignore[misc]
                w.store, a, k, UNIT, stage, [marking.Entry(CODE, "3")], reason="vì"
            ),
            {**SHEET, "stage": stage},
            own=stage == "judge",
        )
        for stage in ("self", "appraisal", "judge", "council")
    ],
    "marks_for": [Case("contest.read", lambda w, a, k: marking.marks_for(w.store, a, k))],
    "seat": [Case("assignment.manage", lambda w, a, k: panel.seat(w.store, a, k, "nguoi_thu_ba"))],
    "unseat": [Case("assignment.manage", lambda w, a, k: panel.unseat(w.store, a, k, "giam_khao_4", "vì"))],
    "assign": [
        Case("assignment.manage", lambda w, a, k: panel.assign(w.store, a, k, "tham_dinh", [UNIT]), {"unit": UNIT})
    ],
    "unassign": [
        Case("assignment.manage", lambda w, a, k: panel.unassign(w.store, a, k, "tham_dinh", [UNIT]), {"unit": UNIT})
    ],
    "declare_conflict": [
        Case("conflict.declare", lambda w, a, k: panel.declare_conflict(w.store, a, k, "07249", "vì"), own=True),
        Case(
            "conflict.manage",
            lambda w, a, k: panel.declare_conflict(w.store, a, k, "07249", "vì", account="giam_khao_4"),
            {"account": "giam_khao_4"},
        ),
    ],
    "submit_sheet": [
        Case(
            "sheet.submit",
            lambda w, a, k, stage=stage: judging.submit_sheet(w.store, a, k, UNIT, stage),  # type: ignore[misc]
            {"unit": UNIT, "stage": stage},
            own=stage == "judge",
        )
        for stage in ("self", "appraisal", "judge")
    ],
    "return_sheet": [
        Case(
            "sheet.return",
            lambda w, a, k: judging.return_sheet(w.store, a, k, UNIT, "judge", "giam_khao_4", "vì"),
            {"unit": UNIT, "stage": "judge", "judge": "giam_khao_4"},
        )
    ],
    "receipt_holds": [
        Case(
            "mark.read_judge",
            lambda w, a, k: judging.receipt_holds(w.store, a, judging.Receipt(f"{k}/{UNIT}/judge/giam_khao_4", "", 0)),
            {"unit": UNIT, "stage": "judge", "judge": "giam_khao_4"},
        )
    ],
    "progress_for": [Case("contest.read", lambda w, a, k: judging.progress_for(w.store, a, k))],
    "ask": [
        Case(verb, lambda w, a, k, v=verb, more=more: decisions.ask(w.store, a, k, v, "vì", **more), about)  # type: ignore[misc]
        for verb, more, about in (
            ("sheet.reveal", {}, {}),
            ("contest.reopen", {"phase": "draft"}, {}),
            ("publication.publish", {}, {}),
            ("recognition.revoke", {"unit": UNIT}, {"unit": UNIT}),
        )
    ],
    "confirm": [
        Case("decision.confirm", lambda w, a, k: decisions.confirm(w.store, a, f"{k}/contest.reopen/1", today=TODAY))
    ],
    "withdraw": [Case("decision.confirm", lambda w, a, k: decisions.withdraw(w.store, a, f"{k}/contest.reopen/1"))],
    "waiting_for": [Case("contest.read", lambda w, a, k: decisions.waiting_for(w.store, a, k))],
    "add_evidence": [
        Case(
            "evidence.add",
            lambda w, a, k: evidence.add_evidence(w.store, a, k, UNIT, DOCUMENT, {CODE: ""}),
            {**SHEET, "stage": "self"},
        )
    ],
    "attach_file": [
        Case(
            "evidence.add",
            lambda w, a, k: evidence.attach_file(w.store, a, f"{k}/{UNIT}/1", evidence.Document("", file="a" * 64)),
            {**SHEET, "stage": "self"},
        )
    ],
    "verify_evidence": [
        Case(
            "evidence.verify",
            lambda w, a, k: evidence.verify_evidence(w.store, a, f"{k}/{UNIT}/1/{CODE}", accepted=True),
            SHEET,
        )
    ],
    "evidence_for": [Case("contest.read", lambda w, a, k: evidence_read.evidence_for(w.store, a, k))],
    "doubts_for": [Case("contest.read", lambda w, a, k: evidence_read.doubts_for(w.store, a, k))],
    "import_evidence": [
        Case(
            "evidence.add",
            lambda w, a, k: evidence_import.import_evidence(w.store, a, k, [register(w), marks_file(w)]),
            {**SHEET, "stage": "self"},
        )
    ],
    "preview_import": [
        Case(
            "mark.enter_self",
            lambda w, a, k: importing.preview_import(w.store, a, k, [marks_file(w)]),
            {**SHEET, "stage": "self"},
        )
    ],
    "enter_import": [
        Case(
            "mark.enter_self",
            lambda w, a, k: importing.enter_import(
                w.store, a, k, [importing.Line(UNIT, CODE, "self", "", "3", "", None)], [marks_file(w)]
            ),
            {**SHEET, "stage": "self"},
        )
    ],
    "enter_explanation": [
        Case(
            "explanation.enter",
            lambda w, a, k: explanations.enter_explanation(w.store, a, k, UNIT, CODE, "vì", today=TODAY),
            SHEET,
        )
    ],
    "decide_explanation": [
        Case(
            "explanation.decide",
            lambda w, a, k: explanations.decide_explanation(w.store, a, k, UNIT, CODE, "vì", accepted=True),
            SHEET,
        )
    ],
    "explanations_for": [Case("contest.read", lambda w, a, k: explanations.explanations_for(w.store, a, k))],
    "enter_petition": [
        Case(
            "petition.enter",
            lambda w, a, k: petitions.enter_petition(w.store, a, k, UNIT, "vì", today=TODAY),
            {"unit": UNIT},
        )
    ],
    "decide_petition": [
        Case(
            "petition.decide",
            lambda w, a, k: petitions.decide_petition(w.store, a, f"{k}/{UNIT}/1", "vì", upheld=True),
            {"unit": UNIT},
        )
    ],
    "petitions_for": [Case("contest.read", lambda w, a, k: petitions.petitions_for(w.store, a, k))],
    "record_reconciliation": [
        Case(
            "reconciliation.record",
            lambda w, a, k: reconciliation.record_reconciliation(w.store, a, k, UNIT, CODE, "đã thống nhất"),
            SHEET,
        )
    ],
    "reconciliations_for": [Case("contest.read", lambda w, a, k: reconciliation.reconciliations_for(w.store, a, k))],
    "preview": [Case("publication.preview", lambda w, a, k: publication.preview(w.store, a, k))],
    "changes_since": [Case("figures.read", lambda w, a, k: earlier.changes_since(w.store, a, k, TODAY))],
    "ranking_for": [Case("ranking.read", lambda w, a, k: standings.ranking_for(w.store, a, k))],
    "result_for": [Case("figures.read", lambda w, a, k: standings.result_for(w.store, a, k))],
    "sheet_result_for": [
        Case(
            "mark.read_judge",
            lambda w, a, k: standings.sheet_result_for(w.store, a, k, UNIT, "judge", "giam_khao_4"),
            {"unit": UNIT, "stage": "judge", "judge": "giam_khao_4"},
        )
    ],
    "published_for": [Case("publication.read", lambda w, a, k: standings.published_for(w.store, a, k))],
    "own_result_for": [
        Case("result.read_own", lambda w, a, k: standings.own_result_for(w.store, a, k, UNIT), {"unit": UNIT})
    ],
    "recognitions_for": [Case("publication.read", lambda w, a, k: standings.recognitions_for(w.store, a, k))],
}


def plan(contest: str) -> contests.Plan:
    return contests.Plan(f"{contest}-moi", "Cuộc thi", CRITERIA, TODAY, TODAY)


def beside(w: World, name: str) -> Path:
    assert w.store.file is not None
    return w.store.file.with_name(name)


def marks_file(w: World) -> Path:
    path = beside(w, "diem.csv")
    return (
        path
        if path.exists()
        else table(path, ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm"), (UNIT, CODE, "3", "tự chấm"))
    )


def register(w: World) -> Path:
    path = beside(w, "minh-chung.csv")
    if path.exists():
        return path
    heads = ("Mã đơn vị", "Mã tiêu chí", "Mã minh chứng", "Số, ký hiệu", "Tình trạng minh chứng")
    evidence_row = (UNIT, CODE, "MC-1", "1/BC", "Đã nộp")
    table(path, heads, evidence_row)
    return path


def services() -> Iterator[str]:
    """The names of all functions of services that take a store and who acts."""
    for found in pkgutil.iter_modules(chamdiem.contest.__path__):
        if found.name in ELSEWHERE:
            continue
        module = importlib.import_module(f"chamdiem.contest.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            asked = list(inspect.signature(function).parameters)[:2]
            if function.__module__ == module.__name__ and not name.startswith("_") and asked == ["store", "actor"]:
                yield name


def test_every_service_has_a_case() -> None:
    assert sorted(services()) == sorted({*CASES, *OPEN_TO_ALL})


def fill(w: World) -> None:
    """Something of everything, so that what is closed does exist."""

    def put(t: Transaction) -> None:
        mark = {"contest": "k", "unit": UNIT, "criterion": CODE, "answer": "3"}
        for stage in ("self", "appraisal", "council"):
            t.put(tables.mark, marking.mark_id("k", UNIT, CODE, stage, ""), {**mark, "stage": stage})
            t.put(tables.sheet, f"k/{UNIT}/{stage}/", {"contest": "k", "unit": UNIT, "stage": stage, "status": "draft"})
        about = {"contest": "k", "unit": UNIT}
        t.put(tables.evidence, f"k/{UNIT}/1", {**about, "title": "Báo cáo"})
        link = {**about, "evidence": f"k/{UNIT}/1", "criterion": CODE, "item": "Báo cáo", "status": "claimed"}
        t.put(tables.evidence_link, f"k/{UNIT}/1/{CODE}", link)
        t.put(tables.explanation, f"k/{UNIT}/{CODE}", {**about, "criterion": CODE, "words": "vì", "status": "waiting"})
        t.put(tables.petition, f"k/{UNIT}/1", {**about, "words": "vì", "status": "open"})
        asked = {"contest": "k", "verb": "contest.reopen", "about": '{"phase":"draft"}', "status": "asked"}
        t.put(tables.decision, "k/contest.reopen/1", {**asked, "asked_by": "to_chuc_2", "reason": "vì"})

    w.store.write(Order("system", "test.fill"), put)


def said(work: Callable[[], object]) -> list[tuple[str, dict[str, object]]]:
    """What a refusal says, names and values; what was done instead fails."""
    with pytest.raises(Refusal) as refused:
        work()
    return [(problem.message.id, problem.message.values) for problem in refused.value.problems]


@pytest.mark.parametrize("phase", PHASES)
def test_who_is_not_entitled_finds_nothing_whatever_he_asks(phase: Phase, tmp_path: Path) -> None:
    closed = opened = 0
    with world("sealed", tmp_path) as w:
        fill(w)
        w.put_in(phase)
        head = w.store.head()
        people = {name: w.actor(name) for name in WHO}
        with w.store.read() as connection:
            standing = {name: Footing(connection, actor, "k") for name, actor in people.items()}
            entitled = {
                (service, at, name): allowed(actor, case.verb, standing[name].subject(**about_of(case, actor)))
                for service, cases in CASES.items()
                for at, case in enumerate(cases)
                for name, actor in people.items()
            }
        for (service, at, name), may in entitled.items():
            if may or (service == "withdraw" and name == "to_chuc_2"):
                opened += 1
                continue
            case, actor = CASES[service][at], people[name]
            here = said(lambda: case.call(w, actor, "k"))  # noqa: B023
            assert here == [("permission.not_found", {})], (service, name)
            if phase is Phase.JUDGING:  # where there is no contest the phase does not matter
                assert said(lambda: case.call(w, actor, "khong-co")) == here, (service, name)  # noqa: B023
            closed += 1
        assert w.store.head() == head
    assert closed > 300
    assert opened > 30


def about_of(case: Case, actor: Actor) -> dict[str, str]:
    whose = {"judge": actor.account, "account": actor.account} if case.own else {}
    if case.verb == "conflict.declare":
        whose.pop("judge")
    return {**case.about, **whose}


def test_who_is_entitled_gets_through(tmp_path: Path) -> None:
    with world("draft", tmp_path) as w:
        fill(w)
        for name, phase, service, at in (
            ("thu_ky", Phase.DRAFT, "assign", 0), ("xa_07243", Phase.DRAFT, "register_target", 0),
            ("xa_07243", Phase.SELF_ASSESSMENT, "enter_marks", 0), ("tham_dinh", Phase.APPRAISAL, "enter_marks", 1),
            ("xa_07243", Phase.SELF_ASSESSMENT, "preview_import", 0), ("tham_dinh", Phase.APPRAISAL, "verify_evidence", 0),
            ("giam_khao_1", Phase.JUDGING, "enter_marks", 2), ("giam_khao_1", Phase.JUDGING, "submit_sheet", 2),
            ("to_chuc", Phase.PETITIONS, "decide_petition", 0), ("nguoi_thu_ba", Phase.DRAFT, "contests_for", 0),
        ):  # fmt: skip
            w.put_in(phase)
            if service in CASES:
                CASES[service][at].call(w, w.actor(name), "k")
        assert contests.contests_for(w.store, w.actor("nguoi_la")) == []
        assert [row["id"] for row in contests.contests_for(w.store, w.actor("giam_khao_1"))] == ["k"]


# two worlds that differ in what one judge has sealed --------------------------------------------------------------

LOOKING = ("", "giam_khao_1", "chu_tich", "xa_07243", "giam_sat", "thu_ky", "to_chuc", "tham_dinh")
PROBE = ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm", "Mã giám khảo")


def readings(w: World, name: str) -> dict[str, Any]:
    """Everything a person can get out of the services, answers and refusals alike."""
    actor, unit = w.actor(name), "07246"
    probe = table(beside(w, "do.csv"), PROBE, (unit, "1.5", "3", "giám khảo", "GK3"))
    asked: dict[str, Callable[[], object]] = {
        service: lambda case=case: case.call(w, actor, "k")  # type: ignore[misc]
        for service, cases in CASES.items()
        for case in cases
        if service.endswith("_for") or service in ("preview", "next_step")
    }
    asked["contests_for"] = lambda: contests.contests_for(w.store, actor)
    asked["import"] = lambda: importing.preview_import(w.store, actor, "k", [probe])
    for judge in JUDGES:
        asked[f"sheet {judge}"] = lambda judge=judge: standings.sheet_result_for(
            w.store, actor, "k", unit, "judge", judge
        )  # type: ignore[misc]
        receipt = judging.Receipt(f"k/{unit}/judge/{judge}", "0" * 64, 1)
        asked[f"receipt {judge}"] = lambda receipt=receipt: judging.receipt_holds(w.store, actor, receipt)  # type: ignore[misc]
    return {what: spoken(work) for what, work in asked.items()}


def spoken(work: Callable[[], object]) -> str:
    try:
        found = work()
    except Refusal as refused:
        return f"refused {[(one.message.id, one.message.values) for one in refused.problems]}"
    if hasattr(found, "units"):
        found = [found.units.to_csv(), found.nodes.to_csv(), found.hash]  # type: ignore[attr-defined]
    return json.dumps(found, default=repr, sort_keys=True)


@cache
def other_answer() -> tuple[str, str]:
    """An answer judge B gives, and the one he gives in the other world."""
    return answers("giam_khao_2", "07246")["1.5"], "1"


@contextmanager
def two_worlds(folder: Path) -> Iterator[tuple[World, World]]:
    """Two worlds in which everybody has handed in, and judge B has said something else of one criterion."""
    with world("almost", folder, "a") as a, world("almost", folder, "b") as b:
        for w, said in zip((a, b), other_answer(), strict=True):
            fill(w)
            w.mark("giam_khao_2", "07246", {**answers("giam_khao_2", "07246"), "1.5": said})
            w.submit("giam_khao_2", "07246")
        yield a, b


def test_what_a_judge_has_sealed_shows_nowhere_until_it_is_opened(tmp_path: Path) -> None:
    with two_worlds(tmp_path) as (a, b):
        for name in LOOKING:
            assert readings(a, name) == readings(b, name), name
        one, other = readings(a, "giam_khao_2"), readings(b, "giam_khao_2")
        assert one["marks_for"] != other["marks_for"]  # his own sheet he sees: the worlds do differ
        assert one["sheet giam_khao_2"] != other["sheet giam_khao_2"]
        for w in (a, b):
            w.two("sheet.reveal")
        differ = {name for name in LOOKING if readings(a, name) != readings(b, name)}
        assert differ == {"giam_khao_1", "chu_tich", "thu_ky", "to_chuc"}


def test_a_conflict_closes_a_unit_in_every_list_and_figure(tmp_path: Path) -> None:
    with world("revealed", tmp_path) as w:
        before = standings.ranking_for(w.store, w.actor("thu_ky"), "k")
        assert not before.partial
        panel.declare_conflict(w.store, w.actor("thu_ky"), "k", "07246", "Người nhà làm việc ở xã")
        after = standings.ranking_for(w.store, w.actor("thu_ky"), "k")
        assert after.partial
        assert [place.unit for place in after.places] == [one.unit for one in before.places if one.unit != "07246"]
        assert [place.standing.rank for place in after.places] == [1, 2]  # no gap tells where the hidden one stands
        whole = {what: work for what, work in readings(w, "thu_ky").items() if what != "contests_for"}
        told = {what for what, text in whole.items() if "07246" in text or "Canh Nậu" in text}
        assert told <= {"next_step"}


def test_the_public_knows_a_contest_only_once_it_is_published(tmp_path: Path) -> None:
    with world("revealed", tmp_path) as w:
        assert refusal(lambda: marking.marks_for(w.store, ANYBODY, "k")) == NOT_FOUND
        assert contests.contests_for(w.store, ANYBODY) == []
