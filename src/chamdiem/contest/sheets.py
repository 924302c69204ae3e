"""One sheet as whoever fills it in sees it: what it says, what stands beside it, what he may write, what is missing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection, select

from chamdiem.contest.access import HANDED_IN, Footing, sheet_row
from chamdiem.contest.contests import without_of
from chamdiem.contest.judging import Receipt
from chamdiem.contest.law import law_of
from chamdiem.contest.marking import Entry, enter_marks, marks_seen
from chamdiem.contest.permissions import Actor, rules_for
from chamdiem.contest.phases import ORDER, Phase, phases_of
from chamdiem.contest.record import Row, Stage, codes_of, rows, score_of, units_of
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.errors import Refusal, refuse
from chamdiem.scoring.figures import HEADLINE, Why
from chamdiem.scoring.marks import Unit
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.result import Result
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Conflict


@dataclass(frozen=True)
class Begun:
    """A sheet that is somebody's work: of which unit, how many criteria are answered, out of how many, how it stands."""

    unit: str
    name: str
    answered: int
    asked: int
    status: str


def sheets_of(store: Store, actor: Actor, contest: str, stage: Stage) -> list[Begun]:
    """The sheets of a stage that this person fills in, or may look at; those about which he has a conflict of interest are
    not there. A judge has his own, the other stages have one for each unit."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        author = actor.account if stage == "judge" else ""
        states = {
            row["unit"]: row["status"]
            for row in rows(connection, tables.sheet, contest=contest, stage=stage, author=author)
        }
        leaves = {leaf.code for leaf in law_of(connection, footing.row["criteria"]).leaves}
        answered = _answered(connection, contest, stage, author, leaves)
        return [
            Begun(unit.code, unit.name, answered[unit.code], len(leaves), states.get(unit.code, ""))
            for unit in units_of(connection, contest)
            if _has_to_do(footing, unit.code, stage, author, begun=unit.code in states)
        ]


def _has_to_do(footing: Footing, unit: str, stage: Stage, author: str, *, begun: bool) -> bool:
    """Whether a person fills in this sheet, or did: what a judge was never given is not his to look at either."""
    about = {"unit": unit, "stage": stage, "judge": author or None}
    if stage in ("judge", "appraisal") and not begun and not footing.is_assigned(unit, None):
        return False
    return footing.may(f"mark.enter_{stage}", **about) or footing.may(f"mark.read_{stage}", **about)


def _answered(connection: Connection, contest: str, stage: str, author: str, leaves: Collection[str]) -> Counter[str]:
    mark = tables.mark
    place = (mark.c.contest == contest) & (mark.c.stage == stage) & (mark.c.author == author) & (mark.c.answer != "")
    found = connection.execute(select(mark.c.unit, mark.c.criterion).where(place))
    return Counter(row.unit for row in found if row.criterion in leaves)


@dataclass(frozen=True)
class OpenSheet:
    """One sheet in one snapshot. `own` are its marks by criterion, `beside` the marks of others that this person may see,
    `enterable` the criteria he may write on now, `proven` those with a document that is open to him; `judges` are the
    codes of those whose marks are here, `removed` those of them who left the panel; `returned` says why the sheet was
    given back, if it was."""

    contest: Row
    unit: Unit
    stage: Stage
    author: str
    criteria: CriteriaSet
    row: Row
    own: dict[str, Row]
    beside: list[Row]
    judges: dict[str, str]
    removed: frozenset[str]
    enterable: frozenset[str]
    proven: frozenset[str]
    may_submit: bool
    returned: str = ""

    @property
    def handed_in(self) -> bool:
        """Whether it was handed in and not given back."""
        return self.row.get("status") in HANDED_IN

    @cached_property
    def receipt(self) -> Receipt | None:
        """What its author was given for handing it in."""
        return Receipt(self.row["id"], self.row["commitment"], len(self.own)) if self.handed_in else None


def open_sheet(store: Store, actor: Actor, contest: str, unit: str, stage: Stage) -> OpenSheet:
    """One sheet as this person may see it; refused as not found when he may neither write nor read it."""
    author = actor.account if stage == "judge" else ""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        there = units_of(connection, contest, unit)
        about = {"unit": unit, "stage": stage, "judge": author or None}
        if not there:
            raise refuse("permission.not_found")
        if not footing.may(f"mark.enter_{stage}", **about):
            footing.need(f"mark.read_{stage}", **about)
        criteria, seen = law_of(connection, footing.row["criteria"]), marks_seen(footing, unit)
        authors = {actor.account, *(row["author"] for row in seen)}
        codes = [*(leaf.code for leaf in criteria.leaves), *(fact.id for fact in criteria.facts)]
        mine = {row["criterion"]: row for row in seen if (row["stage"], row["author"]) == (stage, author)}
        links = rows(connection, tables.evidence_link, contest=contest, unit=unit)
        return OpenSheet(
            contest=footing.row,
            unit=there[0],
            stage=stage,
            author=author,
            criteria=criteria,
            row=(row := sheet_row(connection, contest, unit, stage, author)),
            own=mine,
            beside=[row for row in seen if (row["stage"], row["author"]) != (stage, author)],
            judges={account: code for account, code in codes_of(connection, contest).items() if account in authors},
            removed=frozenset(
                row["account"]
                for row in rows(connection, tables.panel_member, contest=contest, removed=1)
                if row["account"] in authors
            ),
            enterable=frozenset(code for code in codes if footing.may(f"mark.enter_{stage}", criterion=code, **about)),
            proven=frozenset(
                link["criterion"]
                for link in links
                if link["status"] not in ("withdrawn", "rejected")
                and footing.may("evidence.read", unit=unit, criterion=link["criterion"])
            ),
            may_submit=footing.may("sheet.submit", **about),
            returned=_returned(connection, row) if row.get("status") == "draft" else "",
        )


def _returned(connection: Connection, row: Row) -> str:
    """The reason with which a sheet was last given back; "" if it never was."""
    event = tables.event
    last = (event.c.entity == "sheet") & (event.c.row == row["id"]) & (event.c.action == "sheet.return")
    found = connection.execute(select(event.c.reason).where(last).order_by(event.c.seq.desc()).limit(1)).scalar()
    return str(found or "")


def figures_of(store: Store, sheet: OpenSheet) -> Result:
    """What the marks of a sheet alone come to; raises Refusal when the engine cannot read them."""
    with store.read() as connection:
        return score_of(
            connection, sheet.contest["id"], stage=sheet.stage, marks=[*sheet.own.values()], units={sheet.unit.code},
            alone=sheet.stage == "judge",
        )  # fmt: skip


def panel_figures(store: Store, actor: Actor, contest: str, unit: str) -> dict[str, Result]:
    """What the panel says of a unit, for whoever may see figures: under "" all judges together as the criteria set combines
    them, and under the code of each judge what his answers alone come to."""
    with store.read() as connection:
        Footing(connection, actor, contest).need("figures.read", unit=unit)
        marks, codes = (
            rows(connection, tables.mark, contest=contest, unit=unit, stage="judge"),
            codes_of(connection, contest),
        )
        by_judge: dict[str, list[Row]] = {"": marks}
        for mark in marks:
            by_judge.setdefault(str(codes.get(mark["author"], mark["author"])), []).append(mark)
        return {
            code: score_of(connection, contest, stage="judge", marks=own, units={unit}, alone=bool(code))
            for code, own in by_judge.items()
        }


@dataclass(frozen=True)
class Lack:
    """What a criterion of a sheet still lacks: an answer, or evidence and a word why there is none."""

    criterion: str
    title: str
    what: str


def lacks(sheet: OpenSheet, result: Result | None) -> Iterator[Lack]:
    """What is still missing, in the order of the rubric: answers where the engine finds nothing, and in a self-assessment
    evidence that the criteria ask for, unless the note explains why there is none."""
    plan = lay_out(sheet.criteria)
    for leaf in sheet.criteria.leaves:
        own = sheet.own.get(leaf.code)
        answered = own is not None and bool(own["answer"])
        if not answered and (result is None or _why(result, plan.branch(leaf.code).index) is Why.UNMARKED):
            yield Lack(leaf.code, leaf.title, "answer")
        elif own is not None and answered and not own["note"] and _unproven(sheet, leaf):
            yield Lack(leaf.code, leaf.title, "evidence")


def _unproven(sheet: OpenSheet, leaf: Node) -> bool:
    """Whether a commune still owes a document here."""
    return sheet.stage == "self" and sheet.criteria.need_of(leaf).required and leaf.code not in sheet.proven


def _why(result: Result, branch: int) -> Why:
    return Why(result.sheet.figures[branch].why.item(HEADLINE, 0))


def enter_each(
    store: Store, actor: Actor, contest: str, unit: str, stage: str, entries: Sequence[Entry], *, key: str
) -> dict[str, int | Refusal]:
    """Enter answers together; where that is refused each by itself, so that one wrong answer keeps no other from being
    saved. Returns the version of each criterion, or why it was not saved; the same key again answers the same."""
    try:
        return dict(enter_marks(store, actor, contest, unit, stage, entries, key=key))
    except Refusal:
        found: dict[str, int | Refusal] = {}
        for entry in entries:
            try:
                found |= enter_marks(
                    store, actor, contest, unit, stage, [entry], key=f"{key}/{entry.criterion}" if key else ""
                )
            except Refusal as refusal:
                found[entry.criterion] = refusal
        return found


def who_is(store: Store, conflict: Conflict) -> str:
    """The name of whoever has changed a row in the meantime."""
    with store.read() as connection:
        found = rows(connection, tables.person, id=conflict.who)
    return str(found[0]["name"] or found[0]["login"]) if found else conflict.who


def phases_for(actor: Actor, contest: Row, stage: Stage) -> list[Phase]:
    """The phases of this contest in which a role of this person fills in sheets of a stage."""
    roles = {grant.role for grant in actor.grants if grant.contest in (None, contest["id"])}
    held = phases_of(without_of(contest))
    opening: Iterable[frozenset[Phase] | None] = (
        rule.phases for rule in rules_for(f"mark.enter_{stage}") if rule.role in roles
    )
    there = {phase for phases in opening for phase in phases or ()}
    return [phase for phase in ORDER if phase in there and phase in held]


def due_day(contest: Row, phase: Phase) -> date | None:
    """The day by which a phase is to be done, if one was set."""
    day = json.loads(contest["deadlines"] or "{}").get(phase.value)
    return date.fromisoformat(day) if day else None


@dataclass(frozen=True)
class EvidenceRights:
    """For which criteria of a unit somebody may hand in documents now, and check them."""

    add: tuple[str, ...]
    verify: frozenset[str]


def evidence_rights(store: Store, actor: Actor, contest: str, unit: str) -> EvidenceRights:
    """What this person may do now about the documents of a unit."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        codes = [leaf.code for leaf in law_of(connection, footing.row["criteria"]).leaves]
        add = tuple(code for code in codes if footing.may("evidence.add", unit=unit, criterion=code, stage="self"))
        check = frozenset(code for code in codes if footing.may("evidence.verify", unit=unit, criterion=code))
        return EvidenceRights(add, check)
