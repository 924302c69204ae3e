"""What a report says beside its words: tasks, figures, difficulties, visits, support; as it stood when it was submitted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from chamdiem.contest.record import Row, rows
from chamdiem.office import support as ledger
from chamdiem.office.figures import Summed, entries_of, sum_up, written
from chamdiem.office.programmes_begun import Law
from chamdiem.office.tasks import leads
from chamdiem.office.visits import Notice, notice_of
from chamdiem.programmes.due import Due
from chamdiem.store import tables
from chamdiem.words import shown

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class TaskLine:
    """One task as one member reports it; "" where nothing was told."""

    task: str
    member: str
    state: str
    percent: int
    note: str
    done_on: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class FigureLine:
    """One figure: in the period and since January, exact, None where there is none; `gaps` are members and cells."""

    name: str
    in_period: str | None
    so_far: str | None
    gaps: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str | None, str | None], ...] = ()
    """Of a sum: each member with its own figures."""


@dataclass(frozen=True)
class DifficultyLine:
    """One difficulty with its proposal and its answer."""

    member: str
    unit: str
    words: str
    proposal: str
    status: str
    answer: str


@dataclass(frozen=True)
class Content:
    """The content of a report. `members` is whose record it is made of; `missing` who gave nothing; `why` the decision
    to go on all the same."""

    members: tuple[str, ...]
    missing: tuple[str, ...] = ()
    why: str = ""
    tasks: tuple[TaskLine, ...] = ()
    figures: tuple[FigureLine, ...] = ()
    difficulties: tuple[DifficultyLine, ...] = ()
    visits: int = 0
    visits_announced: int = 0
    support: Mapping[str, str] = field(default_factory=dict)
    words: tuple[tuple[str, Mapping[str, str]], ...] = ()
    """Of a consolidated report: the words of each member, side by side."""
    made_of: tuple[tuple[str, str], ...] = ()
    """Of a consolidated report: the reports it is made of, each with its content hash."""

    @property
    def gaps(self) -> tuple[tuple[str, str, str], ...]:
        """Every figure that lacks a cell: key, member, cell."""
        return tuple((line.name, *gap) for line in self.figures for gap in line.gaps)

    def figure(self, name: str) -> FigureLine | None:
        """The line of a figure."""
        return next((line for line in self.figures if line.name == name), None)


def to_text(content: Content) -> str:
    """The content as the store keeps it."""
    return json.dumps(asdict(content), ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> Content:
    """The content as the store has kept it."""
    kept: dict[str, Any] = json.loads(text)
    return Content(
        members=tuple(kept["members"]), missing=tuple(kept["missing"]), why=kept["why"],
        tasks=tuple(TaskLine(**{**one, "documents": tuple(one["documents"])}) for one in kept["tasks"]),
        figures=tuple(_figure(one) for one in kept["figures"]),
        difficulties=tuple(DifficultyLine(**one) for one in kept["difficulties"]),
        visits=kept["visits"], visits_announced=kept["visits_announced"], support=kept["support"],
        words=tuple((member, said) for member, said in kept["words"]),
        made_of=tuple((one, other) for one, other in kept["made_of"]),
    )  # fmt: skip


def _figure(kept: Mapping[str, Any]) -> FigureLine:
    gaps = tuple((member, cell) for member, cell in kept["gaps"])
    parts = tuple((member, here, upto) for member, here, upto in kept["parts"])
    return FigureLine(kept["name"], kept["in_period"], kept["so_far"], gaps, parts)


# from the record ------------------------------------------------------------------------------------------------


def from_record(connection: Connection, programme: Row, law: Law, due: Due, members: Mapping[str, Row]) -> Content:
    """What the record of these members says for a period; the first is the one that reports. Who told nothing of any task
    and entered no figure is missing; the one that reports only if it stands alone."""
    first, last = _span(programme, due)
    told = _of(rows(connection, tables.task_state, programme=programme["id"]), members)
    papers = _of(rows(connection, tables.programme_document, programme=programme["id"]), members)
    entered = _of(rows(connection, tables.figure, programme=programme["id"]), members)
    given = entries_of(entered)
    summed = sum_up(law.programme, law.figures, given, list(members), first, last)
    alone = {code: sum_up(law.programme, law.figures, given, [code], first, last) for code in sorted(members)}
    asked = list(members)[1:] or list(members)
    silent = set(asked) - {row["member"] for row in told} - {row["member"] for row in entered if row["value"]}
    visits = [
        row
        for row in _of(rows(connection, tables.visit, programme=programme["id"]), members)
        if row["status"] == "held" and first.isoformat() <= row["held_on"][:10] <= last.isoformat()
    ]
    return Content(
        members=tuple(sorted(members)),
        missing=tuple(sorted(silent)),
        tasks=tuple(_task_lines(law, members, told, papers)),
        figures=tuple(_line(one, {code: of[at] for code, of in alone.items()}) for at, one in enumerate(summed)),
        difficulties=tuple(_difficulties(connection, programme["id"], members, first, last)),
        visits=len(visits),
        visits_announced=sum(1 for row in visits if notice_of(row) not in (Notice.NEVER, Notice.NOT_BEFOREHAND)),
        support=_support(_of(rows(connection, tables.support, programme=programme["id"]), members), first, last),
    )


def _span(programme: Row, due: Due) -> tuple[date, date]:
    """The days of a period; of a phase without days those of the programme."""
    first = due.period.first or date.fromisoformat(programme["period_from"])
    return first, due.period.last or date.fromisoformat(programme["period_to"])


def _of(found: Iterable[Row], members: Collection[str]) -> list[Row]:
    return [row for row in found if row["member"] in members]


def _line(one: Summed, alone: Mapping[str, Summed]) -> FigureLine:
    """A sum with what each member gave to it; members that gave nothing of it are not among them."""
    parts = tuple(
        (code, text_of(part.in_period), text_of(part.so_far))
        for code, part in alone.items()
        if part.in_period is not None or part.so_far is not None
    )
    return FigureLine(one.figure.key, text_of(one.in_period), text_of(one.so_far), one.gaps, parts)


def text_of(value: Decimal | None) -> str | None:
    """An exact number as it is kept."""
    return None if value is None else written(value)


def _task_lines(law: Law, members: Mapping[str, Row], told: Sequence[Row], papers: Sequence[Row]) -> Iterable[TaskLine]:
    """The tasks that the members lead, each by each; and what was told of any other."""
    state = {(row["task"], row["member"]): row for row in told}
    for task in law.programme.tasks:
        for code, member in sorted(members.items()):
            row = state.get((task.code, code))
            if row is None and not leads(law.programme, task, member["office"]):
                continue
            proofs = tuple(cited(one) for one in papers if (one["task"], one["member"]) == (task.code, code))
            if row is None:
                yield TaskLine(task.code, code, "", 0, "", "", proofs)
            else:
                yield TaskLine(task.code, code, row["state"], row["progress"], row["note"], row["done_on"], proofs)


def cited(document: Row) -> str:
    """A document on one line, as a report keeps it: its day last, as 2024-12-09."""
    return ", ".join(filter(None, (document["title"], document["number"], document["issuer"], document["date"])))


def cited_in_words(line: str) -> str:
    """The same line as people read it, its day written as their language does."""
    rest, comma, last = line.rpartition(", ")
    if DAY.fullmatch(last):
        with suppress(ValueError):
            return f"{rest}{comma}{shown(date.fromisoformat(last))}"
    return line


def _difficulties(
    connection: Connection, programme: str, members: Collection[str], first: date, last: date
) -> Iterable[DifficultyLine]:
    for row in _of(rows(connection, tables.difficulty, programme=programme), members):
        raised = row["raised_on"][:10]
        open_still = row["status"] == "open" and raised <= last.isoformat()
        if open_still or first.isoformat() <= raised <= last.isoformat():
            yield DifficultyLine(
                row["member"], row["unit"], row["words"], row["proposal"], row["status"], row["answer"]
            )


def _support(entries: Sequence[Row], first: date, last: date) -> dict[str, str]:
    """What was given in the period: đồng, days of labour, the worth of goods in đồng; nothing where nothing was."""
    found = ledger.total(ledger.between(entries, first, last))
    if not found.entries:
        return {}
    days = Decimal(found.labour.numerator) / Decimal(found.labour.denominator)  # two decimals at most
    return {
        "money": str(found.money),
        "labour": written(days),
        "goods": str(found.worth),
        "unpriced": str(found.unpriced),
    }
