"""What waits for a person now: by his roles, the phase and what is done already; and what the office must clear next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from chamdiem.contest.access import HANDED_IN, Footing
from chamdiem.contest.contests import Step, step_seen, without_of
from chamdiem.contest.decisions import waiting_for
from chamdiem.contest.explanations import departures
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import Actor, Subject, allowed
from chamdiem.contest.phases import Phase, after, step_verb
from chamdiem.contest.progress import due_days, facts_of
from chamdiem.contest.record import Row, rows, units_of
from chamdiem.contest.standing import ADMINISTRATOR, COMMUNE, ORGANISER, SECRETARY, in_contest, off_panel, taking_part
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Message, message
from chamdiem.scoring.marks import Unit
from chamdiem.store import tables
from chamdiem.store.database import Store

DECIDED_ON = {"publication.publish": "cong-bo", "recognition.revoke": "cong-bo"}  # other decisions: with the contest


@dataclass(frozen=True)
class Task:
    """Something that waits for a person: what, the page where it is done, until when if there is a day."""

    what: Message
    page: str
    due: date | None = None


def tasks_for(store: Store, actor: Actor, contest: str, today: date) -> list[Task]:
    """What waits for this person in this contest, in the order of the work. Nothing that he may not do just now."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        units = units_of(connection, contest)
        law = law_of(connection, footing.row["criteria"])
        found = [
            *_commune(footing, law, units),
            *_appraiser(footing, units),
            *_judge(footing, units),
            *_settling(footing, today),
            *_petitions(footing),
        ]
    return [*found, *_decisions(store, actor, contest)]


def outlook_for(store: Store, actor: Actor, contest: str, today: date) -> Step | None:
    """The next step and what stands in its way, for the office that has to clear it; who marks as well must not learn
    from it how far other judges are."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        here = Phase(footing.row["phase"])
        there = after(here, without_of(footing.row))
        if there is None or not (footing.may(step_verb(here, there)) or _is_office(footing)):
            return None
        return step_seen(footing, there, today)


def _is_office(footing: Footing) -> bool:
    actor, subject = footing.actor, footing.subject()
    grants = (grant for role in (ORGANISER, SECRETARY) for grant in actor.granted(role))
    return any(in_contest(grant, subject) for grant in grants) and off_panel(actor, subject)


def first_steps(store: Store, actor: Actor) -> tuple[tuple[str, bool], ...]:
    """The three steps by which an installation is set up: the page of each, and whether it is done. Nothing once all are
    done, and nothing for whoever does not set it up."""
    if not any(grant.role in (ADMINISTRATOR, ORGANISER) for grant in actor.grants):
        return ()
    if not any(allowed(actor, verb, Subject()) for verb in ("account.manage", "contest.create")):
        return ()
    with store.read() as connection:
        others = tables.grant.c.role != ADMINISTRATOR
        done = (
            connection.execute(select(tables.unit.c.id).limit(1)).first() is not None,
            connection.execute(select(tables.grant.c.id).where(others).limit(1)).first() is not None,
            connection.execute(select(tables.contest.c.id).limit(1)).first() is not None,
        )
    return () if all(done) else tuple(zip(("don-vi", "tai-khoan", "dot-cham"), done, strict=True))


# by role ----------------------------------------------------------------------------------------------------------


def own_units(actor: Actor, contest: str, units: tuple[Unit, ...]) -> list[Unit]:
    """The units of a contest for which this person assesses."""
    subject = Subject(contest=contest)
    own = {grant.unit for grant in actor.granted(COMMUNE) if taking_part(grant, subject)}
    return [unit for unit in units if unit.code in own]


def _due(footing: Footing) -> date | None:
    return due_days(footing.row).get(Phase(footing.row["phase"]))


def _commune(footing: Footing, law: CriteriaSet, units: tuple[Unit, ...]) -> Iterator[Task]:
    for unit in own_units(footing.actor, footing.contest, units):
        if footing.may("registration.enter", unit=unit.code) and _unregistered(footing, unit.code):
            yield Task(message("task.register", unit=unit.name), "tu-cham", _due(footing))
        if footing.may("mark.enter_self", unit=unit.code, stage="self"):
            yield _self_assessment(footing, law, unit)
        if footing.may("explanation.enter", unit=unit.code):
            open_ones = [one for one in departures(footing, unit.code) if one.explanation is None]
            if open_ones:
                yield Task(message("task.explain", unit=unit.name, n=len(open_ones)), "giai-trinh", _due(footing))
        if footing.may("petition.enter", unit=unit.code) and footing.may("result.read_own", unit=unit.code):
            yield Task(message("task.may_petition", unit=unit.name), "kien-nghi", _due(footing))


def _unregistered(footing: Footing, unit: str) -> bool:
    found = rows(footing.connection, tables.contest_unit, contest=footing.contest, code=unit)
    return any(not row["target_high"] for row in found)


def _self_assessment(footing: Footing, law: CriteriaSet, unit: Unit) -> Task:
    """How much of the self-assessment is done, and which criteria still lack evidence."""
    about = {"contest": footing.contest, "unit": unit.code}
    marks = rows(footing.connection, tables.mark, stage="self", **about)
    said = {row["criterion"]: row["note"] for row in marks if row["answer"]}
    links = rows(footing.connection, tables.evidence_link, **about)
    proven = {row["criterion"] for row in links if row["status"] not in ("withdrawn", "rejected")}
    asked = [leaf for leaf in law.leaves if not leaf.only_for or {unit.kind, unit.category} & {*leaf.only_for}]
    unexplained = {code for code, note in said.items() if code not in proven and not note}
    bare = [leaf for leaf in asked if leaf.code in unexplained and law.need_of(leaf).required]
    done = sum(leaf.code in said for leaf in asked)
    name = "task.submit_self" if done == len(asked) and not bare else "task.self"
    return Task(message(name, unit=unit.name, done=done, of=len(asked), bare=len(bare)), "tu-cham", _due(footing))


def _appraiser(footing: Footing, units: tuple[Unit, ...]) -> Iterator[Task]:
    left = [u for u in units if footing.tasks and footing.may("mark.enter_appraisal", unit=u.code, stage="appraisal")]
    if left:
        yield Task(message("task.appraise", n=len(left), names=_some(left)), "tham-dinh", _due(footing))
    links = [
        row
        for status in ("claimed", "attached")
        for row in rows(footing.connection, tables.evidence_link, contest=footing.contest, status=status)
        if footing.may("evidence.verify", unit=row["unit"], criterion=row["criterion"])
    ]
    if links and footing.row["phase"] != Phase.JUDGING:
        yield Task(message("task.verify", n=len(links)), "tham-dinh", _due(footing))
    waiting = [
        row
        for row in rows(footing.connection, tables.explanation, contest=footing.contest, status="waiting")
        if footing.may("explanation.decide", unit=row["unit"], criterion=row["criterion"])
    ]
    if waiting:
        yield Task(message("task.decide_explanations", n=len(waiting)), "giai-trinh", _earliest(waiting))


def _judge(footing: Footing, units: tuple[Unit, ...]) -> Iterator[Task]:
    me = footing.actor.account
    left = [u for u in units if footing.may("mark.enter_judge", unit=u.code, stage="judge", judge=me)]
    if not left:
        return
    own = rows(footing.connection, tables.sheet, contest=footing.contest, stage="judge", author=me)
    begun = {row["unit"] for row in own if row["status"] not in HANDED_IN}
    values = {"n": len(left), "begun": len(begun & {unit.code for unit in left}), "names": _some(left)}
    yield Task(message("task.judge" if values["begun"] else "task.judge_anew", **values), "cham-diem", _due(footing))


def _settling(footing: Footing, today: date) -> Iterator[Task]:
    """What judges differ in, for whoever records how it was settled."""
    if footing.may("reconciliation.record") and not _is_office(footing):
        found = facts_of(footing.connection, footing.contest, today, footing.conflicts).unreconciled
        if found:
            yield Task(message("task.reconcile", n=len(found)), "doi-chieu", _due(footing))


def _petitions(footing: Footing) -> Iterator[Task]:
    found = rows(footing.connection, tables.petition, contest=footing.contest, status="open")
    mine = [row for row in found if footing.may("petition.decide", unit=row["unit"])]
    if mine:
        yield Task(message("task.decide_petitions", n=len(mine)), "kien-nghi", _earliest(mine))
        return
    watched = [row for row in found if row["due"] and footing.may("petition.read", unit=row["unit"])]
    if watched and footing.may("petition.enter"):
        yield Task(message("task.petitions_due", n=len(watched)), "kien-nghi", _earliest(watched))


def _decisions(store: Store, actor: Actor, contest: str) -> Iterator[Task]:
    """What another one asked for and this person may confirm, then what he asked for himself."""
    for row in sorted(waiting_for(store, actor, contest), key=lambda row: row["asked_by"] == actor.account):
        name = "task.asked" if row["asked_by"] == actor.account else "task.confirm"
        what = message(name, verb=message(row["verb"]), who=row["who"])
        yield Task(what, DECIDED_ON.get(row["verb"], "dot-cham"))


def _earliest(found: list[Row]) -> date | None:
    days = [date.fromisoformat(row["due"]) for row in found if row["due"]]
    return min(days, default=None)


def _some(units: list[Unit], at_most: int = 5) -> object:
    names = [unit.name or unit.code for unit in units]
    rest = len(names) - at_most
    return names if rest <= 0 else message("phase.and_others", names=names[:at_most], rest=rest)
