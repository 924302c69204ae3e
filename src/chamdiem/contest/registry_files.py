"""Lists of administrative units: the shipped ones and a clerk's workbooks, read as a whole or refused as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from chamdiem.contest.registry import COMMUNES, Link, RegisteredUnit, Registry, eve
from chamdiem.criteria.model import UnitKind
from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.exchange.cells import typed
from chamdiem.exchange.headings import ROWS_SEARCHED, Found, Row, heading, is_not_data, likely_headings, rows_of
from chamdiem.exchange.tables import Cell, ErrorCell, Table, read_tables
from chamdiem.scoring.answers import read_day
from chamdiem.words import plain

PACKAGE = Path(__file__).parents[1]
SHIPPED = PACKAGE / "shipped" / "data" / "units"  # in an installed wheel
IN_REPOSITORY = PACKAGE.parents[1] / "data" / "units"
LISTS = ("provinces-2025.csv", "communes-2025.csv", "before-2025-07.csv", "predecessors-2025.csv")

Content = Literal["units", "links"]
# Words as `heading` leaves them, the most telling first.
HEADINGS: Mapping[Content, Mapping[str, tuple[str, ...]]] = {
    "units": {
        "code": ("ma don vi", "unit code", "ma", "code"),
        "name": ("ten don vi", "unit name", "ten", "name"),
        "kind": ("kieu", "kieu don vi", "kind"),
        "parent": ("ma cap tren", "parent code", "parent"),
        "valid_from": ("hieu luc tu", "valid from"),
        "valid_to": ("hieu luc den", "valid to"),
        "category": ("loai", "loai don vi", "category"),
        "cluster": ("cum", "cum thi dua", "khoi thi dua", "cluster"),
    },
    "links": {
        "predecessor": ("ma cu", "old code", "predecessor"),
        "successor": ("ma moi", "new code", "successor"),
        "on": ("tu ngay", "since", "on"),
    },
}
NEEDED: Mapping[Content, tuple[str, ...]] = {
    "units": ("code", "name", "kind"),
    "links": ("predecessor", "successor", "on"),
}
DIGITS: Mapping[str, int] = {**dict.fromkeys(COMMUNES, 5), "huyen": 3, "tinh": 2}
"""How many digits the official code of a kind has; the code of another kind (a school, a village) is any text."""
KINDS: Mapping[str, str] = {kind.replace("_", " "): kind for kind in get_args(UnitKind)} | {
    "quan": "huyen", "thi xa": "huyen", "thanh pho thuoc tinh": "huyen", "thanh pho truc thuoc trung uong": "tinh",
}  # fmt: skip


class Fault(NamedTuple):
    """What is wrong with the unit or the link that stands at this place (from 0) of its list, and in which field."""

    content: Content
    at: int
    field: str
    why: Message


def faults(
    units: Sequence[RegisteredUnit], links: Sequence[Link] = (), beside: Iterable[RegisteredUnit] = ()
) -> list[Fault]:
    """Everything that is wrong with units and links; a parent and an end of a link may be one of the units beside."""
    known = Registry([*units, *beside])
    found = list(_twice(units))
    found += [Fault("units", at, *why) for at, unit in enumerate(units) for why in _wrong(unit, known)]
    found += [Fault("links", at, *why) for at, link in enumerate(links) for why in _astray(link, known)]
    return found


def _wrong(unit: RegisteredUnit, known: Registry) -> Iterator[tuple[str, Message]]:
    """What is wrong with one unit: in itself, and with its parent."""
    digits = DIGITS.get(unit.kind)
    if not unit.code:
        yield "code", message("mark.no_unit")
    elif digits and not (unit.code.isascii() and unit.code.isdigit() and len(unit.code) == digits):
        yield "code", message("registry.digits", code=unit.code, digits=digits)
    if not unit.name:
        yield "name", message("registry.no_name")
    if not unit.kind:
        yield "kind", message("registry.no_kind")
    if unit.valid_from and unit.valid_to and unit.valid_to < unit.valid_from:
        yield "valid_to", message("registry.dates_reversed", since=unit.valid_from, until=unit.valid_to)
    elif unit.parent and not any(unit.meets(one) and one != unit for one in known.bearers(unit.parent)):
        yield "parent", message("registry.unknown_parent", code=unit.parent)


def _astray(link: Link, known: Registry) -> Iterator[tuple[str, Message]]:
    """What is wrong with the two ends of a link."""
    old, new = known.get(link.predecessor, eve(link.on)), known.get(link.successor, link.on)
    if old is None:
        yield "predecessor", message("registry.unknown_predecessor", code=link.predecessor, on=eve(link.on))
    if new is None:
        yield "successor", message("registry.unknown_successor", code=link.successor, on=link.on)
    elif old == new:
        yield "successor", message("registry.own_predecessor", code=link.successor, on=link.on)


def _twice(units: Sequence[RegisteredUnit]) -> Iterator[Fault]:
    """The units whose code another one, further up, had at the same time."""
    above: dict[str, list[RegisteredUnit]] = {}
    for at, unit in enumerate(units):
        same = above.setdefault(unit.code, [])
        clash = next((other for other in same if unit.code and unit.meets(other)), None)
        if clash:
            yield Fault("units", at, "code", message("registry.code_twice", code=unit.code, name=clash.name))
        same.append(unit)


def folder() -> Path:
    """Where the shipped lists of units are."""
    return SHIPPED if SHIPPED.is_dir() else IN_REPOSITORY


@cache
def shipped_registry() -> Registry:
    """The units of Vietnam since July 2025, those of the day before, and what became of them."""
    return read_registry([folder() / name for name in LISTS])


def read_registry(paths: Sequence[Path], beside: Registry | None = None) -> Registry:
    """The units and links of these lists; raises Refusal with every problem found, each at its cell.

    Units beside are known as parents and as ends of links. They stay in, save those whose code a listed unit has at the
    same time: a clerk's list adds clusters and categories to the shipped units.
    """
    tables, problems = read_tables(paths)
    lists = [(table, *found) for table in tables if (found := _recognised(table, problems))]
    units = [(row, _unit(row)) for row in _rows(lists, "units", problems)]
    links = [(row, link) for row in _rows(lists, "links", problems) if (link := _link(row))]
    rows = {"units": [row for row, _ in units], "links": [row for row, _ in links]}
    listed = Registry((unit for _, unit in units), (link for _, link in links))
    for content, at, field, why in faults(listed.units, listed.links, beside.units if beside else ()):
        row = rows[content][at]
        row.tell(field if field in row.columns else NEEDED[content][0], why)
    if not problems and not units:
        problems.append(Problem(Where(str(paths[0]) if paths else ""), message("sheet.no_units")))
    if problems:
        raise Refusal(dict.fromkeys(problems))
    return joined(listed, beside) if beside else listed


def joined(listed: Registry, beside: Registry) -> Registry:
    """What is listed, and of what stands beside it all whose code no listed unit has at the same time."""
    kept = [unit for unit in beside.units if not any(unit.meets(one) for one in listed.bearers(unit.code))]
    return Registry([*listed.units, *kept], [*listed.links, *beside.links])


def _recognised(table: Table, problems: list[Problem]) -> tuple[Content, Found] | None:
    """What a table lists and where; one that is hidden, or lists nothing and may not be passed over, is told of."""
    found = next((found for at, row in enumerate(table.first(ROWS_SEARCHED)) if (found := _headed(at, row))), None)
    whole = Where(table.file, table.sheet)
    if found and table.hidden:
        problems.append(Problem(whole, message("sheet.hidden")))
    elif found:
        problems += _repeated(table, found[1])
        return found
    elif not is_not_data(table):
        problems.append(Problem(whole, message("registry.unknown_table", found=likely_headings(table))))
    return None


def _headed(at: int, row: Sequence[Cell]) -> tuple[Content, Found] | None:
    """What the row at this place heads, or None; of two columns with one heading the first is meant."""
    places: dict[str, list[int]] = {}
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            places.setdefault(heading(cell), []).append(column)
    for content, fields in HEADINGS.items():
        words = {field: next((word for word in known if word in places), "") for field, known in fields.items()}
        if all(words[field] for field in NEEDED[content]):
            named = {field: places[word] for field, word in words.items() if word}
            twice = tuple((same[0], again) for same in named.values() for again in same[1:])
            return content, Found("units", at, {field: same[0] for field, same in named.items()}, twice)
    return None


def _repeated(table: Table, found: Found) -> Iterator[Problem]:
    for first, again in found.repeated:
        name, at = typed(table.cell(found.header, first)), table.where(found.header, first).cell
        yield Problem(table.where(found.header, again), message("sheet.heading_twice", heading=name, first=at))


def _rows(lists: Iterable[tuple[Table, Content, Found]], content: Content, problems: list[Problem]) -> Iterator[Row]:
    for table, what, found in lists:
        if what == content:
            yield from rows_of(table, found, problems)


def _unit(row: Row) -> RegisteredUnit:
    texts = {field: _text(row, field) for field in ("code", "name", "parent", "category", "cluster")}
    return RegisteredUnit(kind=_kind(row), valid_from=_day(row, "valid_from"), valid_to=_day(row, "valid_to"), **texts)


def _link(row: Row) -> Link | None:
    """The link of a row, None after telling that its day is missing or none."""
    on = _day(row, "on")
    if on is not None:
        return Link(_text(row, "predecessor"), _text(row, "successor"), on)
    if row.cell("on") is None:
        row.tell("on", message("registry.no_day"))
    return None


def _text(row: Row, field: str) -> str:
    cell = row.cell(field)
    if isinstance(cell, ErrorCell):
        row.tell(field, message("sheet.error_cell", value=str(cell)))
    return typed(cell)


def _kind(row: Row) -> str:
    """The kind of a unit, by key or in words ("Thị trấn" → thi_tran)."""
    text = _text(row, "kind")
    bare = plain(text).replace("_", " ")
    if bare and bare not in KINDS:
        row.tell("kind", message("sheet.unknown_kind", value=text, known=list(get_args(UnitKind))))
    return KINDS.get(bare, bare)


def _day(row: Row, field: str) -> date | None:
    """The day in a cell, None when it is blank or after telling that it is none."""
    cell = row.cell(field)
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    text = _text(row, field)
    try:
        return read_day(text) if text else None
    except ValueError:
        row.tell(field, message("sheet.evidence_day", value=text))
    return None
