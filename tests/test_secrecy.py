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
    differences,
    directory,
    earlier,
    evidence,
    evidence_import,
    evidence_read,
    explanations,
    handing_in,
    importing,
    judging,
    marking,
    panel,
    petitions,
    publication,
    reconciliation,
    registration,
    seating,
    sheets,
    standings,
    tasks,
)
from chamdiem.contest.access import Footing
from chamdiem.contest.permissions import ANYBODY, Actor, allowed
from chamdiem.contest.phases import Phase
from chamdiem.errors import Refusal
from chamdiem.scoring.marks import STAGES
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.database import open_store
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
OPEN_TO_ALL = {"contests_for", "first_steps"}
"""A list of what one may know, or of what one is to set up: both empty for a stranger."""


@dataclass
class Case:
    """One service: the verb it must ask about, how the subject stands, and a call for a contest that may not exist."""

    verb: str
    call: Callable[[World, Actor, str], object]
    about: dict[str, str] = field(default_factory=dict)
    own: bool = False  # the sheet or account is the caller's own
    later: str = ""  # the verb past draft, where it is another


SHEET = {"unit": UNIT, "criterion": CODE}
DOCUMENT = evidence.Document("Báo cáo")
CASES: dict[str, list[Case]] = {
    "create_contest": [Case("contest.create", lambda w, a, k: contests.create_contest(w.store, a, plan(k)))],
    "set_deadlines": [
        Case(
            "contest.configure",
            lambda w, a, k: contests.set_deadlines(w.store, a, k, {Phase.REVIEW: TODAY}, "vì"),
            later="contest.advance",
        )
    ],
    "criteria_for": [Case("contest.read", lambda w, a, k: contests.criteria_for(w.store, a, k))],
    "tasks_for": [Case("contest.read", lambda w, a, k: tasks.tasks_for(w.store, a, k, TODAY))],
    "outlook_for": [Case("contest.read", lambda w, a, k: tasks.outlook_for(w.store, a, k, TODAY))],
    "accounts_for": [Case("account.manage", lambda w, a, k: directory.accounts_for(w.store, a))],
    "people_for": [
        Case("conflict.manage", lambda w, a, k: directory.people_for(w.store, a, k), {"account": ""}),
    ],
    "participants_for": [Case("contest.read", lambda w, a, k: registration.participants_for(w.store, a, k))],
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
    "register_targets": [
        Case(
            "registration.enter",
            lambda w, a, k: registration.register_targets(w.store, a, k, {UNIT: None}, (3, 4)),
            {"unit": UNIT},
        )
    ],
    "answer_targets": [
        Case(
            "registration.approve",
            lambda w, a, k: registration.answer_targets(w.store, a, k, {UNIT: None}, approved=True),
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
    "enter_each": [
        Case(
            f"mark.enter_{stage}",
            lambda w, a, k, stage=stage: each_done(  # type: ignore[misc]
                sheets.enter_each(w.store, a, k, UNIT, stage, [marking.Entry(CODE, "3", "vì")], key="")
            ),
            {**SHEET, "stage": stage},
            own=stage == "judge",
        )
        for stage in STAGES
    ],
    "sheets_of": [
        Case("contest.read", lambda w, a, k, stage=stage: sheets.sheets_of(w.store, a, k, stage))  # type: ignore[misc]
        for stage in STAGES
    ],
    "open_sheet": [
        Case(
            f"mark.read_{stage}",  # who may write it may read it
            lambda w, a, k, stage=stage: sheets.open_sheet(w.store, a, k, UNIT, stage),  # type: ignore[misc]
            {"unit": UNIT, "stage": stage},
            own=stage == "judge",
        )
        for stage in STAGES
    ],
    "panel_figures": [
        Case("figures.read", lambda w, a, k: sheets.panel_figures(w.store, a, k, UNIT), {"unit": UNIT}),
    ],
    "evidence_rights": [Case("contest.read", lambda w, a, k: sheets.evidence_rights(w.store, a, k, UNIT))],
    "marks_for": [Case("contest.read", lambda w, a, k: marking.marks_for(w.store, a, k))],
    "seat": [Case("assignment.manage", lambda w, a, k: panel.seat(w.store, a, k, "nguoi_thu_ba"))],
    "unseat": [Case("assignment.manage", lambda w, a, k: panel.unseat(w.store, a, k, "giam_khao_4", "vì"))],
    "assign": [
        Case("assignment.manage", lambda w, a, k: panel.assign(w.store, a, k, "tham_dinh", [UNIT]), {"unit": UNIT})
    ],
    "unassign": [
        Case("assignment.manage", lambda w, a, k: panel.unassign(w.store, a, k, "tham_dinh", [UNIT]), {"unit": UNIT})
    ],
    "assign_exactly": [
        Case(
            "assignment.manage",
            lambda w, a, k: seating.assign_exactly(w.store, a, k, "tham_dinh", [UNIT]),
            {"unit": UNIT},
        ),
        Case(  # what is so already is not told to others by a silent yes
            "conflict.manage",
            lambda w, a, k: seating.assign_exactly(w.store, a, k, "giam_khao_4", [""]),
            {"account": ""},
        ),
    ],
    "seating_for": [Case("conflict.manage", lambda w, a, k: seating.seating_for(w.store, a, k), {"account": ""})],
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
    "hand_in": [
        Case(
            "sheet.submit",
            lambda w, a, k, stage=stage: handing_in.hand_in(w.store, a, k, UNIT, stage, "vì"),  # type: ignore[misc]
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
    "departures_for": [
        Case("explanation.read", lambda w, a, k: explanations.departures_for(w.store, a, k, UNIT), {"unit": UNIT})
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
    "differences_for": [Case("figures.read", lambda w, a, k: differences.differences_for(w.store, a, k))],
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
    "publications_for": [Case("publication.read", lambda w, a, k: standings.publications_for(w.store, a, k))],
    "own_result_for": [
        Case("result.read_own", lambda w, a, k: standings.own_result_for(w.store, a, k, UNIT), {"unit": UNIT})
    ],
    "recognitions_for": [Case("publication.read", lambda w, a, k: standings.recognitions_for(w.store, a, k))],
}


def plan(contest: str) -> contests.Plan:
    return contests.Plan(f"{contest}-moi", "Cuộc thi", CRITERIA, TODAY, TODAY)


def each_done(found: dict[str, int | Refusal]) -> None:
    """Raise what was refused of answers that are saved each by itself."""
    for outcome in found.values():
        if isinstance(outcome, Refusal):
            raise outcome


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
                (service, at, name): allowed(
                    actor, verb_of(case, phase), standing[name].subject(**about_of(case, actor))
                )
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


def verb_of(case: Case, phase: Phase) -> str:
    return case.verb if phase is Phase.DRAFT else case.later or case.verb


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
        with open_store(f"sqlite:///{beside(w, 'empty.db')}") as empty:
            for name in ("nguoi_la", "thu_ky", "to_chuc_2", "giam_khao_1", ""):
                assert tasks.first_steps(empty, w.actor(name)) == ()
            assert len(tasks.first_steps(empty, w.actor("to_chuc"))) == 3
        assert [row["id"] for row in contests.contests_for(w.store, w.actor("giam_khao_1"))] == ["k"]


# two worlds that differ in what one judge has sealed --------------------------------------------------------------

LOOKING = ("", "giam_khao_1", "chu_tich", "xa_07243", "giam_sat", "thu_ky", "to_chuc", "tham_dinh")
READING = ("preview", "next_step", "sheets_of", "open_sheet", "panel_figures", "evidence_rights")
PROBE = ("Mã đơn vị", "Mã tiêu chí", "Trả lời", "Vòng chấm", "Mã giám khảo")


def readings(w: World, name: str) -> dict[str, Any]:
    """Everything a person can get out of the services, answers and refusals alike."""
    actor, unit = w.actor(name), "07246"
    probe = table(beside(w, "do.csv"), PROBE, (unit, "1.5", "3", "giám khảo", "GK3"))
    asked: dict[str, Callable[[], object]] = {
        f"{service} {at}" if at else service: lambda case=case: case.call(w, actor, "k")  # type: ignore[misc]
        for service, cases in CASES.items()
        for at, case in enumerate(cases)
        if service.endswith("_for") or service in READING
    }
    asked["contests_for"] = lambda: contests.contests_for(w.store, actor)
    asked["first_steps"] = lambda: tasks.first_steps(w.store, actor)
    asked["panel"] = lambda: sheets.panel_figures(w.store, actor, "k", unit)
    asked["rights"] = lambda: sheets.evidence_rights(w.store, actor, "k", unit)
    asked["departures"] = lambda: explanations.departures_for(w.store, actor, "k", unit)
    for stage in STAGES:
        asked[f"open {stage}"] = lambda stage=stage: sheets.open_sheet(w.store, actor, "k", unit, stage)  # type: ignore[misc]
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
    return json.dumps(found, default=in_full, sort_keys=True)


def in_full(found: object) -> object:
    if isinstance(found, Result):
        return [found.units.to_csv(), found.nodes.to_csv(), found.hash]
    if isinstance(found, sheets.OpenSheet):
        return {name: in_full(value) for name, value in vars(found).items()}
    return repr(sorted(found)) if isinstance(found, frozenset) else repr(found)


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
        assert one["open judge"] != other["open judge"]
        for w in (a, b):
            w.two("sheet.reveal")
        differ = {name for name in LOOKING if readings(a, name) != readings(b, name)}
        assert differ == {"giam_khao_1", "chu_tich", "thu_ky", "to_chuc"}
        told = {what for what, text in readings(a, "thu_ky").items() if text != readings(b, "thu_ky")[what]}
        assert told >= {"marks_for", "panel"}
        for w in (a, b):
            for name in ("giam_khao_1", "thu_ky"):
                panel.declare_conflict(w.store, w.actor(name), "k", "07246", "Người nhà làm việc ở xã")
        for name in ("giam_khao_1", "thu_ky"):
            assert readings(a, name) == readings(b, name), name


def test_how_far_a_judge_is_shows_to_nobody_who_marks_or_is_marked(tmp_path: Path) -> None:
    with world("almost", tmp_path, "a") as a, world("almost", tmp_path, "b") as b:
        for w in (a, b):
            panel.seat(w.store, w.actor("thu_ky"), "k", "to_chuc_2")  # an organiser who marks as well
        b.mark("giam_khao_2", "07246", answers("giam_khao_2", "07246"))
        b.submit("giam_khao_2", "07246")
        for name in ("", "giam_khao_1", "chu_tich", "xa_07246", "giam_sat", "tham_dinh", "to_chuc_2"):
            assert readings(a, name) == readings(b, name), name
        assert readings(a, "thu_ky")["outlook_for"] != readings(b, "thu_ky")["outlook_for"]
        late = said(lambda: contests.advance(a.store, a.actor("to_chuc_2"), "k", Phase.COUNCIL, today=TODAY))
        assert "Giam Khao 2" not in str(late)


def test_what_a_unit_aims_at_is_its_own_and_the_offices(tmp_path: Path) -> None:
    with world("draft", tmp_path) as w:
        registration.register_target(w.store, w.actor("xa_07246"), "k", "07246", (3, 4))
        answer = {"approved": False, "reason": "Chưa đủ hồ sơ"}
        registration.approve_target(w.store, w.actor("to_chuc"), "k", "07246", **answer)  # type: ignore[arg-type]
        for phase in (Phase.DRAFT, Phase.JUDGING):
            w.put_in(phase)
            for name in ("to_chuc", "thu_ky", "xa_07246", "xa_07243", "giam_khao_1", "quan_tri"):
                found = {one.code: one for one in registration.participants_for(w.store, w.actor(name), "k")}
                told = (found["07246"].target, found["07246"].status, found["07246"].reason)
                theirs = name in ("to_chuc", "thu_ky", "xa_07246")
                assert told == (((3, 4), "returned", "Chưa đủ hồ sơ") if theirs else ((0, 0), "added", "")), name
                assert set(found) == {"07243", "07246", "07249"}


def test_a_part_of_a_unit_shows_no_more_than_that_part(tmp_path: Path) -> None:
    with world("draft", tmp_path) as w:
        fill(w)
        office = w.actor("thu_ky")
        w.put_in(Phase.SELF_ASSESSMENT)
        panel.unassign(w.store, office, "k", "tham_dinh")
        panel.assign(w.store, office, "k", "tham_dinh", [UNIT], ["1.6"])
        panel.unassign(w.store, office, "k", "giam_khao_1")
        w.store.write(
            Order("system", "test.claim"),
            lambda t: t.put(tables.mark, marking.mark_id("k", UNIT, CODE, "self", ""), {"answer": "4"}),
        )
        w.put_in(Phase.JUDGING)
        assert [one.criterion for one in explanations.departures_for(w.store, office, "k", UNIT)] == [CODE]
        assert explanations.departures_for(w.store, w.actor("tham_dinh"), "k", UNIT) == []
        assert sheets.open_sheet(w.store, w.actor("chu_tich"), "k", UNIT, "judge").proven == {CODE}
        for name, stage in (("tham_dinh", "appraisal"), ("giam_khao_1", "judge")):
            assert not sheets.open_sheet(w.store, w.actor(name), "k", UNIT, stage).proven, name  # type: ignore[arg-type]
        assert sheets.open_sheet(w.store, w.actor(f"xa_{UNIT}"), "k", UNIT, "self").judges == {}


def test_nobody_is_assigned_half_of_what_was_asked(tmp_path: Path) -> None:
    with world("draft", tmp_path) as w:
        office = w.actor("thu_ky")
        seating.assign_exactly(w.store, office, "k", "tham_dinh", ["07246"])
        panel.declare_conflict(w.store, office, "k", "07246", "Người nhà làm việc ở xã")
        head = w.store.head()
        exchange = lambda: seating.assign_exactly(w.store, office, "k", "tham_dinh", ["07243"])  # noqa: E731
        assert refusal(exchange) == NOT_FOUND
        assert w.store.head() == head


NAMING = ("outlook_for", "participants_for", "people_for", "seating_for")
"""Who takes part, whose account is whose and who marks what is the office's to know, in conflict or not: never a mark."""


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
        assert told <= {"next_step", *NAMING}


def test_the_public_knows_a_contest_only_once_it_is_published(tmp_path: Path) -> None:
    with world("revealed", tmp_path) as w:
        assert refusal(lambda: marking.marks_for(w.store, ANYBODY, "k")) == NOT_FOUND
        assert contests.contests_for(w.store, ANYBODY) == []
