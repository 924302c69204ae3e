"""The contest at the end of a made-up year: marks by reference to reports, due dates and surveys, the rest as told."""

from __future__ import annotations

from collections import defaultdict

from chamdiem.contest.contests import Plan, add_units, create_contest
from chamdiem.contest.demo import WHOLE
from chamdiem.contest.evidence import Document, add_evidence, verify_evidence
from chamdiem.contest.judging import submit_sheet
from chamdiem.contest.law import law_of
from chamdiem.contest.marking import Entry, enter_marks
from chamdiem.contest.permissions import SYSTEM
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import contest_row, rows
from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.sources import FromDeadlines, FromReports, FromSurvey
from chamdiem.office.demo.story import Judged, Story
from chamdiem.office.programme_marks import enter_from_programme
from chamdiem.office.survey_marks import Reference, enter_from_survey
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

STAGE = "self"
TOLD = "Số liệu minh họa"


def judge(store: Store, story: Story) -> None:
    """Begin the contest, mark every unit with its documents, and hand the sheets in: the council then sees the standings."""
    end = story.year_end
    without = (Phase.APPRAISAL, Phase.EXPLANATION)
    create_contest(
        store, SYSTEM,
        Plan(end.id, end.title, end.criteria, story.period_from, story.period_to, without=without, sample=WHOLE),
    )  # fmt: skip
    add_units(store, SYSTEM, end.id, [one.unit for one in end.units])
    with store.read() as connection:
        criteria = law_of(connection, contest_row(connection, end.id)["criteria"])
    for one in end.units:
        _mark(store, story, criteria, one)
        _prove(store, story, one)
        submit_sheet(store, SYSTEM, end.id, one.unit, STAGE)
    _put(store, end.id, Phase.COUNCIL)


def _mark(store: Store, story: Story, criteria: CriteriaSet, one: Judged) -> None:
    end = story.year_end
    told = [Entry(code, answer, TOLD) for code, answer in one.answers.items()]
    enter_marks(store, SYSTEM, end.id, one.unit, STAGE, told)
    open_still = [leaf for leaf in criteria.leaves if leaf.code not in one.answers]
    by_member: dict[str, list[str]] = defaultdict(list)
    for leaf in open_still:
        if isinstance(leaf.source, FromReports | FromDeadlines):
            by_member[one.members.get(leaf.code, one.member)].append(leaf.code)
        elif isinstance(leaf.source, FromSurvey):
            counted = Reference((f"{end.survey}/{one.unit}",))
            enter_from_survey(store, SYSTEM, end.id, one.unit, STAGE, leaf.code, counted)
    for member, codes in by_member.items():
        place = (end.id, one.unit, STAGE, story.id, member, end.year)
        enter_from_programme(store, SYSTEM, *place, as_of=end.as_of, criteria=codes)


def _prove(store: Store, story: Story, one: Judged) -> None:
    """One file of documents behind what was told, looked at and accepted."""
    end = story.year_end
    paper = Document(f"Hồ sơ minh chứng năm {end.year} (mẫu)", f"{end.year}-MẪU", date=end.as_of.isoformat())
    document = add_evidence(store, SYSTEM, end.id, one.unit, paper, dict.fromkeys(one.answers, "cả tập"))
    with store.read() as connection:
        links = [row["id"] for row in rows(connection, tables.evidence_link, contest=end.id, evidence=document)]
    for link in links:
        verify_evidence(store, SYSTEM, link, accepted=True, checks=("document_check",))


def _put(store: Store, contest: str, phase: Phase) -> None:
    """Change the phase past the table of steps; real contests go step by step."""

    def put(transaction: Transaction) -> None:
        transaction.put(tables.contest, contest, {"phase": phase.value, "revealed": 1})

    store.write(Order(SYSTEM.account, "contest.advance", contest, TOLD), put)
