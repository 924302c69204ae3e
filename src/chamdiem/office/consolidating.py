"""Reports put together upward: sums of what was submitted, lists side by side, words kept apart; nobody silently left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from chamdiem.contest.record import Row, rows
from chamdiem.errors import refuse
from chamdiem.office.footing import Footing
from chamdiem.office.programmes_begun import chain, due_for, owing
from chamdiem.office.report_content import Content, FigureLine, from_text, text_of
from chamdiem.office.report_rows import LOCKED, holds, report_called, report_id
from chamdiem.programmes.due import Due, key_of
from chamdiem.store import tables


def contributors(footing: Footing, member: str, due: Due) -> dict[str, Row | None]:
    """The members whose reports are collected, with the report that each has submitted and that was not returned.

    They are those who owe the collected stage and stand below this member, or below nobody.
    """
    collected_due = due_for(footing.row, key_of(due.programme, due.duty, due.period.id, due.collects or ""))
    above = {code: row["above"] for code, row in footing.members.items()}
    found: dict[str, Row | None] = {}
    for one in owing(collected_due, footing.members.values()):
        code = one["code"]
        if above[code] and member not in chain(code, above):
            continue
        place = report_id(footing.programme, code, collected_due)
        row = next(iter(rows(footing.connection, tables.report, id=place)), None)
        found[code] = row if row is not None and row["status"] in LOCKED else None
    return dict(sorted(found.items()))


def collected(footing: Footing, member: str, due: Due) -> Content:
    """What the submitted reports say together; those that are not there are its missing members.

    Raises Refusal: a report no longer says what its hash was made of.
    """
    reports = contributors(footing, member, due)
    for row in reports.values():
        if row is not None and not holds(footing.connection, row):
            raise refuse("report.hash_differs", report=report_called(footing.connection, row))
    there = {code: row for code, row in reports.items() if row is not None}
    contents = {code: from_text(row["figures"]) for code, row in there.items()}
    return Content(
        members=tuple(there),
        missing=tuple(code for code, row in reports.items() if row is None),
        tasks=tuple(line for one in contents.values() for line in one.tasks),
        figures=tuple(_added(contents)),
        difficulties=tuple(line for one in contents.values() for line in one.difficulties),
        visits=sum(one.visits for one in contents.values()),
        visits_announced=sum(one.visits_announced for one in contents.values()),
        support=_added_support([one.support for one in contents.values()]),
        words=tuple((code, json.loads(row["words"] or "{}")) for code, row in there.items()),
        made_of=tuple((row["id"], row["content_hash"]) for row in there.values()),
    )


def _added(contents: Mapping[str, Content]) -> Iterable[FigureLine]:
    """Each figure added up over the reports; a member that has none of it is a gap only where its report says so."""
    for name in dict.fromkeys(line.name for one in contents.values() for line in one.figures):
        lines = [(code, line) for code, one in contents.items() if (line := one.figure(name)) is not None]
        parts = tuple((code, line.in_period, line.so_far) for code, line in lines)
        gaps = tuple(gap for _, line in lines for gap in line.gaps)
        here, upto = (_total([part[at] for part in parts]) for at in (1, 2))
        yield FigureLine(name, here, upto, gaps, parts)


def _total(values: Sequence[str | None]) -> str | None:
    known = [Decimal(value) for value in values if value is not None]
    return text_of(sum(known, Decimal(0))) if known else None


def _added_support(given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    names = dict.fromkeys(name for one in given for name in one)
    return {name: text_of(sum((Decimal(one.get(name, "0")) for one in given), Decimal(0))) or "0" for name in names}
