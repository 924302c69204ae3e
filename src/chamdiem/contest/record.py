"""The score of record: what stands in the store about a contest, handed to the engine, which is the only one that adds up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Select, Table, bindparam, select

from chamdiem.contest.law import law_of
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import refuse
from chamdiem.scoring.figures import Policy
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.reading import build
from chamdiem.scoring.result import Result
from chamdiem.scoring.table import Coded, Columns
from chamdiem.store import tables

Row = dict[str, Any]
Stage = Literal["self", "appraisal", "judge", "council"]
OPEN_UNTIL = ("draft", "self_assessment", "appraisal", "explanation", "judging", "council")


def rows(connection: Connection, table: Any, **where: object) -> list[Row]:
    """The rows of a table that have these values, by id."""
    return [dict(row) for row in connection.execute(_question(table, tuple(where)), where).mappings()]


@cache
def _question(table: Table, names: tuple[str, ...]) -> Select[Any]:
    """Such a question is put together once: a page asks dozens, and putting it together costs more than the answer."""
    return select(table).where(*(table.c[name] == bindparam(name) for name in names)).order_by(table.c.id)


def contest_row(connection: Connection, contest: str) -> Row:
    """One contest; an unknown one is not found."""
    found = rows(connection, tables.contest, id=contest)
    if not found:
        raise refuse("permission.not_found")
    return found[0]


def law_for(connection: Connection, contest: str, unit: str, criterion: str = "") -> CriteriaSet:
    """The criteria set by which a unit takes part; a unit that does not, or a criterion that is not in it, is not found."""
    law = law_of(connection, contest_row(connection, contest)["criteria"])
    known = criterion in ("", *(leaf.code for leaf in law.leaves))
    if not known or not units_of(connection, contest, unit):
        raise refuse("permission.not_found")
    return law


def units_of(connection: Connection, contest: str, unit: str | None = None) -> tuple[Unit, ...]:
    """The units that take part, or one of them, as they stand in the register of units, by code."""
    about = {"contest": contest} | ({} if unit is None else {"unit": unit})
    found = connection.execute(_units(one=unit is not None), about)
    return tuple(sorted(Unit(row.code, row.name, row.kind, row.category, row.cluster) for row in found))


@cache
def _units(*, one: bool) -> Select[Any]:
    part, unit = tables.contest_unit, tables.unit
    here = [part.c.contest == bindparam("contest"), part.c.status != "withdrawn"]
    here += [unit.c.code == bindparam("unit")] if one else []
    return select(unit).join(part, part.c.unit == unit.c.id).where(*here)


def panel_of(connection: Connection, contest: str) -> tuple[Judge, ...]:
    """The panel, removed members included, by the codes they go by on paper and in results."""
    members = connection.execute(_members(), {"contest": contest})
    found = [Judge(row.code, row.name or "", row.role, bool(row.removed), row.reason) for row in members]
    return tuple(sorted(found, key=lambda judge: judge.code))


@cache
def _members() -> Select[Any]:
    member, person = tables.panel_member, tables.person
    named = member.outerjoin(person, person.c.id == member.c.account)
    return select(member, person.c.name).select_from(named).where(member.c.contest == bindparam("contest"))


def codes_of(connection: Connection, contest: str) -> dict[str, str]:
    """The code of each account that has, or had, a seat on the panel."""
    return {row["account"]: row["code"] for row in rows(connection, tables.panel_member, contest=contest)}


def evidence_of(connection: Connection, contest: str, unit: str | None = None) -> tuple[Evidence, ...]:
    """The documents behind every criterion of every unit, or of one, as they stand."""
    about = {"contest": contest} | ({} if unit is None else {"unit": unit})
    return tuple(
        Evidence(
            row.unit, row.criterion, row.item, row.status, row.number, row.date, row.pages,
            tuple(filter(None, row.verified.split(","))), row.reason,
        )
        for row in connection.execute(_documents(one=unit is not None), about)
    )  # fmt: skip


@cache
def _documents(*, one: bool) -> Select[Any]:
    link, document = tables.evidence_link, tables.evidence
    here = [link.c.contest == bindparam("contest"), link.c.status != "withdrawn"]
    here += [link.c.unit == bindparam("unit")] if one else []
    joined = select(link, document.c.number, document.c.date).join(document, document.c.id == link.c.evidence)
    return joined.where(*here).order_by(link.c.id)


SAID = ("unit", "criterion", "answer", "stage", "part", "note", "author")  # what the engine reads of a mark


def columns_of(marks: Sequence[Row], codes: Mapping[str, str]) -> Columns:
    """Rows of marks as the engine reads them, judges by their codes. The other stages are marked by an office."""
    return _columns(([mark[name] for name in SAID] for mark in marks), codes)


def _columns(marks: Iterable[Sequence[str]], codes: Mapping[str, str]) -> Columns:
    """The same of marks as the tuples of SAID: a nation has hundreds of thousands of them."""
    columns: list[tuple[str, ...]] = list(zip(*marks, strict=True)) or [()] * len(SAID)
    unit, criterion, answer, stage, part, note, authors = columns
    judges = [codes.get(author, author) if each == "judge" else "" for author, each in zip(authors, stage, strict=True)]
    of = Coded.of
    return Columns(of(unit), of(criterion), of(answer), of(judges), of(stage), of(part), of(note))


@cache
def _marks(*, one: bool) -> Select[Any]:
    mark = tables.mark
    here = [mark.c.contest == bindparam("contest"), *([mark.c.unit == bindparam("unit")] if one else [])]
    return select(*(mark.c[name] for name in SAID)).where(*here).order_by(mark.c.id)


def score_of(
    connection: Connection,
    contest: str,
    *,
    stage: Stage | None = None,
    marks: Sequence[Row] | None = None,
    units: Collection[str] | None = None,
    closed: bool | None = None,
    alone: bool = False,
) -> Result:
    """The result of a contest as it stands in this snapshot, or of these marks or units of it alone; raises Refusal.
    `alone`: the marks are one judge's, and a third marker's are worth what they would be worth to an ordinary one.

    Units that are left out leave no trace, not in ranks or comparisons either. `closed`: units are compared with their
    peers, as they are once judging is over.
    """
    about = contest_row(connection, contest)
    criteria = law_of(connection, about["criteria"])
    if closed is None:
        closed = about["phase"] not in OPEN_UNTIL
    plan = lay_out(criteria, closed=closed)
    needs = any(criteria.need_of(leaf).required for leaf in criteria.leaves)
    one = next(iter(units)) if units is not None and len(units) == 1 else None
    codes, meant = codes_of(connection, contest), units_of(connection, contest, one)
    if units is not None:
        meant = tuple(unit for unit in meant if unit.code in units)
    names = {unit.code for unit in meant}
    if marks is None:
        said = connection.execute(_marks(one=one is not None), {"contest": contest, "unit": one}).all()
        columns = _columns([each for each in said if each[0] in names], codes)
    else:
        columns = columns_of([mark for mark in marks if mark["unit"] in names], codes)
    conflicts = rows(connection, tables.conflict, contest=contest)
    found = build(
        plan,
        columns,
        units=meant,
        judges=[replace(one, role="member") if alone else one for one in panel_of(connection, contest)],
        evidence=[item for item in evidence_of(connection, contest, one) if item.unit in names],
        recused={
            (row["unit"], codes[row["account"]])
            for row in conflicts
            if row["unit"] in names and row["account"] in codes
        },
    )
    return Result(plan, found, Policy(closed=closed, evidence="apply" if needs else "ignore", stage=stage))
