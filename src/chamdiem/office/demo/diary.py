"""The days of a made-up year, played one after the other: on each day it is that day, and everybody does his own part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chamdiem.contest.demo import WHOLE
from chamdiem.contest.evidence import Document
from chamdiem.contest.permissions import SYSTEM, Actor
from chamdiem.contest.record import rows
from chamdiem.office import difficulties, figures, reporting, submitting, tasks, visits
from chamdiem.office.demo.story import Announced, Assigned, Ended, Held, Paper, Passed, Raised, Story, Unannounced
from chamdiem.office.programmes_begun import Beginning, Member, begin_programme, set_day, set_members
from chamdiem.office.report_rows import SUBMITTED
from chamdiem.office.sponsoring import Assignment, assign, end_assignment
from chamdiem.office.support import Gift, correct_support, record_support
from chamdiem.office.tasks import DONE, NOT_DONE, NOTHING_AROSE, UNDER_WAY, Progress
from chamdiem.store import tables
from chamdiem.store.database import Store

EVERY = "*"


@dataclass
class Play:
    """A year as far as it was played: who acts for whom, and what is called how."""

    store: Store
    story: Story
    actors: dict[str, Actor]
    keys: dict[str, str] = field(default_factory=dict)

    def of(self, member: str) -> Actor:
        """Who acts for a member: its own officer, or the machine where nobody can be signed in."""
        return self.actors.get(member, SYSTEM)


def begin(store: Store, story: Story) -> None:
    """The programme with its members, before anything has happened."""
    period = {"period_from": story.period_from, "period_to": story.period_to}
    wish = Beginning(id=story.id, source=story.source, title=story.title, sample=WHOLE, **period)
    begin_programme(store, SYSTEM, wish)
    set_members(store, SYSTEM, story.id, [Member(**one.model_dump()) for one in story.members])


def play(year: Play) -> None:
    """All days in turn."""
    for day in sorted(year.story.days, key=lambda one: one.on):
        for name, verb in VERBS.items():
            if told := getattr(day, name):
                verb(year, day.on, told)


def due(year: Play, on: date, told: dict[str, date]) -> None:
    """Days set for what has none."""
    for key, day in told.items():
        set_day(year.store, year.of(""), year.story.id, f"{year.story.source}/{key}", day)


def assigned(year: Play, on: date, told: tuple[Assigned, ...]) -> None:
    """Decisions about sponsors, those of one day as one."""
    made = [Assignment(**one.model_dump(exclude={"called"})) for one in told]
    keys = assign(year.store, year.of(""), year.story.id, made)
    year.keys |= {one.called: key for one, key in zip(told, keys, strict=True) if one.called}


def ended(year: Play, on: date, told: tuple[Ended, ...]) -> None:
    """Decisions that end an assignment."""
    for one in told:
        end_assignment(year.store, year.of(""), year.keys[one.assignment], one.decision, last=one.last)


def entered(year: Play, on: date, told: dict[str, dict[str, dict[str, str]]]) -> None:
    """Figures of members, cell by cell."""
    for member, cells in told.items():
        for cell, values in cells.items():
            figures.enter_figures(year.store, year.of(member), year.story.id, member, cell, values, today=on)


def reported(year: Play, on: date, told: dict[str, dict[str, str]]) -> None:
    """How far members are: "done; words", "40; words" for so many percent, "nothing; words", "not_done 30; words"."""
    for member, said in told.items():
        for codes, words in said.items():
            for code in codes.split():
                progress = _progress(code, words, on)
                tasks.report_task(year.store, year.of(member), year.story.id, member, progress, today=on)


def _progress(code: str, told: str, on: date) -> Progress:
    head, _, note = told.partition("; ")
    word, _, number = head.rpartition(" ")
    if head == "done":
        return Progress(task=code, state=DONE, percent=100, note=note, done_on=on)
    if head == "nothing":
        return Progress(task=code, state=NOTHING_AROSE, note=note)
    return Progress(task=code, state=NOT_DONE if word == "not_done" else UNDER_WAY, percent=int(number), note=note)


def documents(year: Play, on: date, told: Iterable[dict[str, str]]) -> None:
    """Documents that prove what was done."""
    for one in told:
        about: dict[str, Any] = {name: said for name, said in one.items() if name not in ("member", "task")}
        member = one["member"]
        tasks.add_document(year.store, year.of(member), year.story.id, member, one["task"], Document(**about))


def raised(year: Play, on: date, told: Iterable[Raised]) -> None:
    """Difficulties taken down."""
    for one in told:
        said = difficulties.Raised(on=on, **one.model_dump(exclude={"called"}))
        actor = year.of(one.member)
        year.keys[one.called] = difficulties.raise_difficulty(year.store, actor, year.story.id, said, today=on)


def passed(year: Play, on: date, told: Iterable[Passed]) -> None:
    """Difficulties passed on to the next level."""
    for one in told:
        key = year.keys[one.difficulty]
        difficulties.escalate(
            year.store, year.of(""), key, one.why, by=one.by, on=on, today=on, working_days=one.working_days
        )


def answered(year: Play, on: date, told: Iterable[dict[str, str]]) -> None:
    """Difficulties answered where they stand."""
    for one in told:
        key = year.keys[one["difficulty"]]
        difficulties.answer(year.store, year.of(""), key, one["words"], by=one["by"], on=on, today=on)


def announced(year: Play, on: date, told: Iterable[Announced]) -> None:
    """Visits told to communes."""
    for one in told:
        visit = visits.Announcement(announced_on=on, **one.model_dump(exclude={"called"}))
        year.keys[one.called] = visits.announce_visit(year.store, year.of(one.member), year.story.id, visit, today=on)


def held(year: Play, on: date, told: Iterable[Held]) -> None:
    """What came of announced visits."""
    for one in told:
        about = [year.keys[name] for name in one.difficulties]
        report = visits.Report(held_on=on, result=one.result, findings=one.findings, difficulties=about)
        visits.hold_visit(year.store, year.of(""), year.keys[one.visit], report, today=on)


def unannounced(year: Play, on: date, told: Iterable[Unannounced]) -> None:
    """Visits of which nobody was told before."""
    for one in told:
        report = visits.Report(held_on=one.held_on, result=one.result)
        place = (year.story.id, one.unit, one.content, report)
        visits.record_unannounced(year.store, year.of(one.member), *place, today=on, member=one.member)


def cancelled(year: Play, on: date, told: Iterable[dict[str, str]]) -> None:
    """Visits called off."""
    for one in told:
        visits.cancel_visit(year.store, year.of(""), year.keys[one["visit"]], one["why"])


def support(year: Play, on: date, told: Iterable[dict[str, str]]) -> None:
    """The ledger of what was given."""
    for one in told:
        gift = _gift(one, on)
        key = record_support(year.store, year.of(gift.member), year.story.id, gift, today=on)
        if "called" in one:
            year.keys[one["called"]] = key


def corrected(year: Play, on: date, told: Iterable[dict[str, str]]) -> None:
    """Entries of the ledger put right."""
    for one in told:
        gift = _gift(one, on)
        correct_support(year.store, year.of(gift.member), year.keys[one["support"]], gift, one["why"], today=on)


def _gift(told: dict[str, str], on: date) -> Gift:
    about: dict[str, Any] = {name: said for name, said in told.items() if name not in ("called", "support", "why")}
    given = about.pop("given_on", "")
    return Gift(given_on=date.fromisoformat(given) if given else on, **about)


def reports(year: Play, on: date, told: Iterable[Paper]) -> None:
    """Reports written and handed in."""
    for one in told:
        actor, place = year.of(one.member), (year.story.id, one.member)
        if one.words:
            reporting.write_words(year.store, actor, *place, one.keys[0], one.words)
        about: dict[str, Any] = {"on": on, "today": on, "without": one.without, "why": one.why}
        submitting.submit_report(year.store, actor, *place, one.keys, **about)


def returned(year: Play, on: date, told: Iterable[dict[str, str]]) -> None:
    """Reports given back with a reason."""
    for one in told:
        submitting.return_report(year.store, year.of(""), f"{year.story.id}/{one['report']}", one["why"])


def accepted(year: Play, on: date, told: Iterable[str]) -> None:
    """Reports taken as they are; "*" stands for all that wait."""
    for one in told:
        for report in _waiting(year) if one == EVERY else [f"{year.story.id}/{one}"]:
            submitting.accept_report(year.store, year.of(""), report)


def _waiting(year: Play) -> Iterator[str]:
    """The reports that were handed in, one for each paper."""
    with year.store.read() as connection:
        found = rows(connection, tables.report, programme=year.story.id, status=SUBMITTED)
    return (row["id"] for row in found if not row["merged_into"])


VERBS: dict[str, Callable[[Play, date, Any], None]] = {
    "due": due, "assigned": assigned, "ended": ended, "figures": entered, "tasks": reported, "documents": documents,
    "raised": raised, "announced": announced, "held": held, "unannounced": unannounced, "cancelled": cancelled,
    "support": support, "corrected": corrected, "passed": passed, "answered": answered, "reports": reports,
    "returned": returned, "accepted": accepted,
}  # fmt: skip
"""What may happen on a day, in the order in which it does."""
