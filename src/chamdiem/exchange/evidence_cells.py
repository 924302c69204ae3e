"""What score sheets and tables say about evidence, row by row, and what holds when several of them speak."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from chamdiem.criteria.model import Verification
from chamdiem.errors import Message, Problem, Where, message
from chamdiem.exchange.cells import became_date, typed
from chamdiem.exchange.tables import Cell, ErrorCell
from chamdiem.scoring.answers import read_day
from chamdiem.scoring.marks import STAGES, Evidence, tidy
from chamdiem.scoring.reading import place_of
from chamdiem.words import plain

Status = Literal["claimed", "attached", "accepted", "rejected"]
STATUSES: Mapping[str, Status] = {
    "khai": "claimed", "da khai": "claimed", "claimed": "claimed",
    "da nop": "attached", "nop": "attached", "dinh kem": "attached", "da dinh kem": "attached", "attached": "attached",
    "chap nhan": "accepted", "duoc chap nhan": "accepted", "dat": "accepted", "accepted": "accepted",
    "loai": "rejected", "bi loai": "rejected", "khong chap nhan": "rejected", "khong dat": "rejected",
    "rejected": "rejected",
}  # fmt: skip
CHECKS: Mapping[str, Verification] = {
    "kiem tra thuc te": "field_check", "thuc te": "field_check", "field check": "field_check",
    "doi chieu minh chung": "document_check", "doi chieu": "document_check", "document check": "document_check",
    "phan mem qcdc": "qcdc_record", "qcdc": "qcdc_record", "qcdc record": "qcdc_record",
    **{check: check for check in get_args(Verification)},
}  # fmt: skip
ON_RECORD = len(STAGES)
"""A table of evidence without stages is the register of the secretariat: it speaks last."""
Tell = Callable[[str, Message], None]


@dataclass(frozen=True)
class Statement:
    """What one row says about one document of one criterion of one unit; a later stage outranks an earlier one."""

    unit: str
    criterion: str
    item: str
    rank: int
    where: Where
    status: Status | None = None
    number: str = ""
    date: str = ""
    page: str = ""
    verified: tuple[str, ...] = ()
    note: str = ""


def statements(cells: Mapping[str, Cell], about: Statement, tell: Tell) -> Iterator[Statement]:
    """The statements of one row: documents parted by ";", the other cells for all of them or one for each.

    `tell` is told the field and what is wrong with it. A self-assessing unit cannot accept its own evidence.
    """
    items = _split(cells.get("item") or cells.get("number"), "item" if cells.get("item") else "number", tell)
    numbers = _each("number", cells, len(items), tell) if cells.get("item") else items
    dates = [_day(text, tell) for text in _each("date", cells, len(items), tell)]
    pages = _each("page", cells, len(items), tell)
    statuses = [_status(text, tell) for text in _each("status", cells, len(items), tell)]
    checks = tuple(dict.fromkeys(check for check in _checks(typed(cells.get("verified")), tell)))
    if about.rank == STAGES.index("self") and (checks or {"accepted", "rejected"} & set(statuses)):
        tell("verified" if checks else "status", message("sheet.evidence_by_self"))
    for at, item in enumerate(items):
        number = numbers[at] or item
        yield replace(
            about, item=item, number=number, date=dates[at], page=pages[at], status=statuses[at], verified=checks
        )


def _split(cell: Cell, name: str, tell: Tell) -> list[str]:
    """The documents in a cell; one without a name when it is blank."""
    return [part for text in re.split(r"[;\n]", _text(cell, name, tell)) if (part := tidy(text))] or [""]


def _text(cell: Cell, name: str, tell: Tell) -> str:
    if isinstance(cell, ErrorCell):
        tell(name, message("sheet.error_cell", value=str(cell)))
        return ""
    if isinstance(cell, date) and name != "date":
        tell(name, became_date(cell))
    return str(cell) if isinstance(cell, str | Decimal) else typed(cell)


def _each(name: str, cells: Mapping[str, Cell], count: int, tell: Tell) -> list[str]:
    """One text for each document: what the cell lists, or the one thing it says."""
    found = _split(cells.get(name), name, tell)
    if len(found) == 1:
        return found * count
    if len(found) == count:
        return found
    tell(name, message("sheet.evidence_parts", count=len(found), items=count))
    return [""] * count


def _day(text: str, tell: Tell) -> str:
    """A day as 2024-03-01; anything that is not written like a day ("quý I/2024") stays as it is."""
    if not re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d\d-\d\d", text):
        return text
    try:
        return read_day(text).isoformat()
    except ValueError:
        tell("date", message("sheet.evidence_day", value=text))
        return ""


def _status(text: str, tell: Tell) -> Status | None:
    word = plain(text)
    if word and word not in STATUSES:
        tell("status", message("sheet.unknown_status", value=text))
    return STATUSES.get(word)


def _checks(text: str, tell: Tell) -> Iterator[str]:
    for part in re.split(r"[;,+]", text):
        word = plain(part)
        if word in CHECKS:
            yield CHECKS[word]
        elif word:
            tell("verified", message("sheet.unknown_check", value=part.strip()))


def resolve(said: Iterable[Statement]) -> tuple[tuple[Evidence, ...], list[Problem]]:
    """The evidence that results: the status of the latest stage that states one, all checks not made by the unit.

    A statement that names no document is about every document of its criterion named up to its stage. Two statuses for
    one document at the deciding stage are a problem.
    """
    by_leaf: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for statement in said:
        by_leaf[statement.unit, statement.criterion].append(statement)
    evidence: list[Evidence] = []
    problems: list[Problem] = []
    for group in by_leaf.values():
        by_item: dict[str, list[Statement]] = defaultdict(list)
        for statement in _spread(group):
            by_item[statement.item].append(statement)
        evidence += [_settled(sorted(same, key=lambda one: one.rank), problems) for same in by_item.values()]
    return tuple(sorted(evidence, key=lambda one: (one.unit, one.criterion, one.item))), problems


def _spread(group: list[Statement]) -> Iterator[Statement]:
    """The statements of one leaf, those that name no document applied to the documents they are about."""
    for statement in group:
        named = {} if statement.item else {one.item: one for one in group if one.item and one.rank <= statement.rank}
        if named:
            yield from (replace(statement, item=item, number=one.number) for item, one in named.items())
        else:
            yield statement


def _settled(same: list[Statement], problems: list[Problem]) -> Evidence:
    """What all statements about one document, in order of stage, come to."""
    decisive = [one for one in same if one.status is not None]
    decisive = [one for one in decisive if one.rank == decisive[-1].rank]
    for other in decisive[1:]:
        if other.status != decisive[0].status:
            words = {"item": other.number or other.item, "first": place_of(decisive[0].where)}
            states = {
                "status": message(f"sheet.status_{other.status}"),
                "other": message(f"sheet.status_{decisive[0].status}"),
            }
            problems.append(Problem(other.where, message("sheet.evidence_conflict", **words, **states)))
            break
    checks = {check for one in same if one.rank != STAGES.index("self") for check in one.verified}
    return Evidence(
        same[0].unit,
        same[0].criterion,
        same[0].item,
        (decisive[-1].status if decisive else None) or "claimed",
        number=_last(one.number for one in same),
        date=_last(one.date for one in same),
        page=_last(one.page for one in same),
        verified=tuple(check for check in get_args(Verification) if check in checks),
        note=_last(one.note for one in same),
    )


def _last(texts: Iterable[str]) -> str:
    return next((text for text in reversed(list(texts)) if text), "")
