"""Contests: begun from a criteria set that is pinned, given units, a panel and deadlines, moved from phase to phase."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from chamdiem.contest.access import Footing, may, need
from chamdiem.contest.law import Law, keep_law, law_from, law_of
from chamdiem.contest.permissions import Actor, Subject, require
from chamdiem.contest.phases import (
    OPTIONAL,
    ORDER,
    Facts,
    Phase,
    after,
    blockers,
    may_move,
    phases_of,
    step_verb,
    warnings,
)
from chamdiem.contest.progress import facts_of
from chamdiem.contest.record import Row, contest_row, rows
from chamdiem.contest.standing import off_panel
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.scoring.marks import tidy
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.words import plain

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


@dataclass(frozen=True)
class Plan:
    """A contest as it is wished for: the criteria set by id or file, or itself (see law), the period, which optional phases
    it goes without.

    `sample` says of one whose marks are made up how far it is built; "" of every real one.
    """

    id: str
    title: str
    criteria: str | Path | Law
    period_from: date
    period_to: date
    parent: str = ""
    without: tuple[Phase, ...] = ()
    deadlines: tuple[tuple[Phase, date], ...] = ()
    sample: str = ""


def create_contest(store: Store, actor: Actor, plan: Plan, *, key: str = "") -> str:
    """Begin a contest; returns its id. The criteria set is pinned by both its hashes and kept word for word.

    Raises Refusal with everything that is wrong with the plan or with the set.
    """
    require(actor, "contest.create", Subject())
    law = plan.criteria if isinstance(plan.criteria, Law) else law_from(plan.criteria)
    problems = [Problem(Where(), why) for why in _wrong(plan, law.criteria.unit_kinds)]
    if problems:
        raise Refusal(problems)

    def begin(transaction: Transaction) -> str:
        if plan.parent:
            contest_row(transaction.connection, plan.parent)
        if transaction.row(tables.contest, plan.id) is not None:
            raise refuse("contest.exists", id=plan.id)
        about = {
            "title": tidy(plan.title),
            "criteria": keep_law(transaction, law),
            "structure_hash": law.structure_hash,
            "period_from": plan.period_from.isoformat(),
            "period_to": plan.period_to.isoformat(),
            "parent": plan.parent,
            "phase": Phase.DRAFT.value,
            "optional_phases": ",".join(sorted(phase.value for phase in plan.without)),
            "deadlines": json.dumps({phase.value: day.isoformat() for phase, day in plan.deadlines}, sort_keys=True),
            "revealed": 0,
            "sample": plan.sample,
        }
        transaction.put(tables.contest, plan.id, about, expected=0)
        return plan.id

    order = Order(actor.account, "contest.create", plan.id, criteria=law.content_hash, key=key)
    return store.write(order, begin)


def _wrong(plan: Plan, kinds: Iterable[str]) -> Iterable[Message]:
    if not KEY.fullmatch(plan.id):
        yield message("contest.bad_id", id=plan.id)
    if not tidy(plan.title):
        yield message("contest.no_title")
    if plan.period_to < plan.period_from:
        yield message("contest.period", start=plan.period_from, end=plan.period_to)
    if not OPTIONAL.issuperset(plan.without):
        yield message(
            "contest.not_optional",
            phases=[message(f"phase.{phase}") for phase in plan.without if phase not in OPTIONAL],
        )


def proposed_id(title: str) -> str:
    """A key for a contest, made of its title: small letters without diacritics, digits and hyphens."""
    return "-".join(re.findall("[a-z0-9]+", plain(title)))[:80].strip("-")


def due_days(contest: Mapping[str, Any]) -> dict[Phase, date]:
    """The deadline of each phase that has one, in the order of the phases."""
    said = json.loads(contest["deadlines"] or "{}")
    return {phase: date.fromisoformat(said[phase]) for phase in ORDER if phase in said}


def set_deadlines(store: Store, actor: Actor, contest: str, days: Mapping[Phase, date], reason: str = "") -> int:
    """Set the deadlines of the phases, all at once; later than in draft it is the organiser's, and needs a reason."""

    def put(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, contest)
        if footing.row["phase"] == Phase.DRAFT:
            footing.need("contest.configure")
        else:
            footing.need("contest.advance")
            if not reason.strip():
                raise refuse("contest.needs_reason")
        held = phases_of(without_of(footing.row))
        in_order = [days[phase] for phase in held if phase in days]
        if not {*days} <= {*held}:
            raise refuse("permission.not_found")
        if in_order != sorted(in_order):
            raise refuse("contest.deadlines_order")
        said = json.dumps({phase.value: days[phase].isoformat() for phase in days}, sort_keys=True)
        return transaction.put(tables.contest, contest, {"deadlines": said})

    return store.write(Order(actor.account, "contest.deadlines", contest, reason), put)


def add_units(store: Store, actor: Actor, contest: str, units: Iterable[str], *, key: str = "") -> int:
    """Let units take part, by their codes; returns how many are new.

    Of several units that have borne a code, the one in force at the end of the period is meant, else the last one in
    force during it. Nothing is done if one is unknown, or of a kind the criteria set is not for.
    """
    wanted = sorted(set(units))

    def add(transaction: Transaction) -> int:
        need(transaction.connection, actor, "contest.configure", contest)
        about = contest_row(transaction.connection, contest)
        kinds = law_of(transaction.connection, about["criteria"]).unit_kinds
        found = {code: _unit_meant(transaction.connection, about, code) for code in wanted}
        problems = [Problem(Where(), why) for code in wanted if (why := _unfit(code, found[code], kinds)) is not None]
        if problems:
            raise Refusal(problems)
        before = transaction.head.seq
        for unit in found.values():
            assert unit is not None
            taking_part = {"contest": contest, "unit": unit["id"], "code": unit["code"]}
            transaction.put(tables.contest_unit, f"{contest}/{unit['code']}", taking_part)
        return transaction.head.seq - before

    return store.write(Order(actor.account, "contest.add_units", contest, key=key), add)


def _unit_meant(connection: Connection, contest: Row, code: str) -> Row | None:
    """The unit of a code that a contest means, by its period; None when there is none."""
    bare, _, ended = code.partition("@")
    bearers = [
        row
        for row in rows(connection, tables.unit, code=bare)
        if (row["valid_to"] == ended if ended else row["valid_from"] <= contest["period_to"])
    ]
    during = [row for row in bearers if not row["valid_to"] or row["valid_to"] >= contest["period_from"]]
    return max(during, key=lambda row: row["valid_to"] or "9999", default=None)


def _unfit(code: str, unit: Row | None, kinds: Iterable[str]) -> Message | None:
    if unit is None:
        return message("contest.unknown_unit", unit=code)
    if unit["kind"] not in kinds:
        meant = [message(f"results.kind.{kind}") for kind in kinds]
        return message("contest.unit_kind", unit=unit["code"], name=unit["name"], kinds=meant)
    return None


@dataclass(frozen=True)
class Step:
    """A step that may be taken next: what stands in its way, and what should be known before."""

    phase: Phase
    blockers: tuple[Message, ...]
    warnings: tuple[Message, ...]


def step_to(connection: Connection, contest: str, phase: Phase, today: date, hidden: Collection[str] = ()) -> Step:
    """What stands in the way of a step into a phase, listed before anybody takes it; of hidden units not what it is."""
    facts: Facts = facts_of(connection, contest, today, hidden)
    return Step(phase, blockers(phase, facts), warnings(phase, facts))


def next_step(store: Store, actor: Actor, contest: str, today: date) -> Step | None:
    """The step forward that this person may take, or begin, now; None where there is none or it is not his to take."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        here = Phase(footing.row["phase"])
        there = after(here, without_of(footing.row))
        if there is None or not footing.may(step_verb(here, there)):
            return None
        return step_seen(footing, there, today)


def step_seen(footing: Footing, phase: Phase, today: date) -> Step:
    """The same as one person may see it. Who marks as well does not learn how far other judges are: of sealed sheets he
    hears only that they are sealed."""
    found = step_to(footing.connection, footing.contest, phase, today, footing.conflicts)
    if not footing.sealed or off_panel(footing.actor, footing.subject()):
        return found
    return replace(found, blockers=tuple(why for why in found.blockers if why.id != "blocker.sheets_unsubmitted"))


def advance(store: Store, actor: Actor, contest: str, phase: Phase, *, today: date, expected: int | None = None) -> int:
    """Take the next step; refused with every blocker. Publication and reopening need a second person: see decisions."""

    def step(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, contest)
        footing.need("contest.advance")
        here = Phase(footing.row["phase"])
        if not may_move(here, phase, without_of(footing.row)) or step_verb(here, phase) != "contest.advance":
            raise refuse("contest.no_such_step", here=message(f"phase.{here}"), there=message(f"phase.{phase}"))
        found = step_seen(footing, phase, today).blockers
        if found:
            raise Refusal(Problem(Where(), why) for why in found)
        return transaction.put(tables.contest, contest, {"phase": phase.value}, expected)

    return store.write(Order(actor.account, "contest.advance", contest), step)


def without_of(contest: Row) -> tuple[Phase, ...]:
    """The optional phases that a contest goes without."""
    return tuple(Phase(name) for name in contest["optional_phases"].split(",") if name)


def criteria_for(store: Store, actor: Actor, contest: str) -> CriteriaSet:
    """The criteria set by which a contest is held, for whoever may know of the contest."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        return law_of(connection, footing.row["criteria"])


def contests_for(store: Store, actor: Actor) -> list[Mapping[str, Any]]:
    """The contests that a person may know of, by id."""
    with store.read() as connection:
        return [row for row in rows(connection, tables.contest) if may(connection, actor, "contest.read", row["id"])]
