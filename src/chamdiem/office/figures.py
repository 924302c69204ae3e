"""Figures "trong kỳ" as members enter them, cell by cell; "lũy kế từ đầu năm" is always summed from them, never typed.

A programme that reports quarterly is entered by quarters, one that reports half-yearly by halves of the year, any other by
years: cells never overlap, so nothing is counted twice. What had come together before the first cell is an opening
balance of its own ("2021-opening"). Sums are exact decimals; a cell without an entry is a gap, and gaps are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.criteria.checks.places import unknown
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import law_for
from chamdiem.points import read_number
from chamdiem.programmes.figures import FigureList, KnownFigure
from chamdiem.programmes.model import Programme
from chamdiem.programmes.periods import Period, period_ending
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction

Entries: TypeAlias = Mapping[tuple[str, str, str], Decimal]
"""What was entered: by member, cell and key of the figure."""
OPENING = "opening"
LARGEST = Decimal(10) ** 15


@dataclass(frozen=True)
class Cell:
    """A stretch of time for which figures are entered, both days included."""

    id: str
    first: date
    last: date

    @property
    def label(self) -> Message:
        """How people call it: "Quý II/2021", "6 tháng cuối năm 2022"."""
        if self.id.endswith("-H2"):
            return message("period.second_half", year=str(self.first.year))
        every = {"Q": "quarter", "6": "six_months"}.get(self.id[5:6], "year")
        return Period(every, self.id, self.first, self.last).label  # type: ignore[arg-type]


def cells_of(programme: Programme, year: int) -> tuple[Cell, ...]:
    """The cells of a year: its quarters, its halves, or the year itself, as fine as the programme reports."""
    kinds = {duty.every for duty in programme.duties}
    if kinds & {"quarter", "nine_months"}:
        periods = [period_ending("quarter", year, month) for month in (3, 6, 9, 12)]
    elif "six_months" in kinds:
        first_half = period_ending("six_months", year, 6)
        second = Period("six_months", f"{year}-H2", date(year, 7, 1), date(year, 12, 31))
        periods = [first_half, second]
    else:
        periods = [period_ending("year", year, 12)]
    return tuple(Cell(one.id, one.first, one.last) for one in periods if one.first and one.last)


def cells_between(programme: Programme, first: date, last: date) -> tuple[Cell, ...]:
    """The cells that lie wholly in a span, both days included."""
    every = (cell for year in range(first.year, last.year + 1) for cell in cells_of(programme, year))
    return tuple(cell for cell in every if first <= cell.first and cell.last <= last)


def cell_called(law: Programme, id: str) -> Message | str:  # noqa: A002 - it is one
    """How people call the cell of this id; the id itself where a programme has no such cell."""
    cells = cells_of(law, int(id[:4])) if id[:4].isdecimal() and int(id[:4]) else ()
    return next((cell.label for cell in cells if cell.id == id), id)


def enter_figures(
    store: Store,
    actor: Actor,
    programme: str,
    member: str,
    cell: str,
    values: Mapping[str, str],
    *,
    today: date,
    note: str = "",
) -> int:
    """Enter figures of a member for a cell ("2021-Q2") or as the opening balance ("2021-opening"); "" takes one back.
    Returns how many changed. Raises Refusal with everything that is wrong: nothing of it is entered."""

    def put(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("task.report", member)
        if member not in footing.members:
            raise refuse("programme.unknown_member", member=member)
        law = law_for(footing.row)
        known = law.figures.figures if law.figures else ()
        faults = list(_wrong_cell(footing.row, law.programme, cell, today))
        read = {name: _read(name, text, known, cell) for name, text in values.items()}
        problems = [Problem(Where(path=(member, cell)), why) for why in faults]
        problems += [Problem(Where(path=(member, cell, at)), v) for at, v in read.items() if isinstance(v, Message)]
        if problems:
            raise Refusal(problems)
        changed = 0
        for name, value in read.items():
            place = f"{programme}/{member}/{cell}/{name}"
            about = {"programme": programme, "member": member, "period": cell, "name": name, "value": str(value)}
            before = (transaction.row(tables.figure, place) or {}).get("version", 0)
            changed += transaction.put(tables.figure, place, {**about, "note": note}) != before
        _check_limits(transaction, programme, member, law.programme, known, int(cell[:4]))
        return changed

    return store.write(order(actor, "figure.enter", programme), put)


def _wrong_cell(row: Row, law: Programme, cell: str, today: date) -> Iterator[Message]:
    begins = int(row["period_from"][:4])
    if cell == f"{begins}-{OPENING}":
        return
    cells = cells_between(law, date(begins, 1, 1), date(int(row["period_to"][:4]), 12, 31))
    found = next((one for one in cells if one.id == cell), None)
    if found is None:
        yield unknown("figure.no_such_period", cell, [one.id for one in cells], cells=[one.id for one in cells[:8]])
    elif found.first > today:
        yield message("figure.period_to_come", period=found.label, day=found.first)


def _read(name: str, text: str, known: Sequence[KnownFigure], cell: str) -> str | Message:
    """A figure as it is kept: plain digits, "" when it is taken back; or what is wrong with it."""
    figure = next((one for one in known if one.key == name), None)
    if figure is None:
        return unknown("figure.unknown", name, [one.key for one in known])
    if cell.endswith(OPENING) and figure.kind == "stock":
        return message("figure.stock_has_no_opening", title=figure.title)
    if not text.strip():
        return ""
    try:
        value = read_number(text, figure.places)
    except ValueError:
        return message("figure.unreadable", title=figure.title, value=text[:40], places=figure.places)
    if not 0 <= value <= LARGEST:
        return message("figure.impossible", title=figure.title, value=value)
    return written(value)


def written(value: Decimal) -> str:
    """An exact number in plain digits, without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def entries_of(found: Iterable[Row]) -> dict[tuple[str, str, str], Decimal]:
    """What was entered and not taken back, by member, cell and figure."""
    return {(row["member"], row["period"], row["name"]): Decimal(row["value"]) for row in found if row["value"]}


def _check_limits(
    transaction: Transaction, programme: str, member: str, law: Programme, known: Sequence[KnownFigure], year: int
) -> None:
    """What is at most another figure is so at the end of every cell of the year, as far as both are known."""
    given = entries_of(rows(transaction.connection, tables.figure, programme=programme, member=member))
    titles = {one.key: one for one in known}
    problems = []
    for cell in cells_of(law, year):
        for one in known:
            if one.at_most is None:
                continue
            limit = titles[one.at_most]
            part, whole = (_so_far(each, given, member, law, cell) for each in (one, limit))
            if part is not None and whole is not None and part > whole:
                values = {"title": one.title, "value": part, "limit": limit.title, "most": whole, "period": cell.label}
                problems.append(Problem(Where(path=(member, cell.id, one.key)), message("figure.above", **values)))
    if problems:
        raise Refusal(problems[:1])  # the later cells only say it again


# sums -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summed:
    """One figure over a period: in it and since January; None where nobody has entered anything.

    `gaps` are the cells without an entry of members that have entered this figure elsewhere in the year: (member, cell).
    """

    figure: KnownFigure
    in_period: Decimal | None
    so_far: Decimal | None
    gaps: tuple[tuple[str, str], ...] = ()


def sum_up(
    law: Programme, figures: FigureList | None, given: Entries, members: Collection[str], first: date, last: date
) -> list[Summed]:
    """Every figure of these members together, in a period and from the beginning of the year in which it ends."""
    return [_sum(law, one, given, members, first, last) for one in (figures.figures if figures else ())]


def _sum(
    law: Programme, figure: KnownFigure, given: Entries, members: Collection[str], first: date, last: date
) -> Summed:
    january = min(first, date(last.year, 1, 1))
    inside, until = cells_between(law, first, last), cells_between(law, january, last)
    by_member: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for (member, cell, name), value in given.items():
        if name == figure.key and member in members:
            by_member[member][cell] = value
    periods, totals, gaps = [], [], []
    for member, values in sorted(by_member.items()):
        here = [values[cell.id] for cell in inside if cell.id in values]
        upto = [values[cell.id] for cell in until if cell.id in values]
        if figure.kind == "stock":
            here, upto = here[-1:], upto[-1:]
        else:
            opening = values.get(f"{last.year}-{OPENING}")
            upto += [opening] if opening is not None else []
            gaps += [(member, cell.id) for cell in until if cell.id not in values and _since(values, cell)]
        periods += here
        totals += upto
    return Summed(figure, _total(periods), _total(totals), tuple(gaps))


def _since(values: Mapping[str, Decimal], cell: Cell) -> bool:
    """Whether a cell is to be entered: not one that an opening balance stands for, which is before every entry."""
    opened = f"{cell.first.year}-{OPENING}" in values
    entered = [name for name in values if not name.endswith(OPENING)]
    return not opened or not entered or cell.id > min(entered)


def _total(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) if values else None


def _so_far(figure: KnownFigure, given: Entries, member: str, law: Programme, cell: Cell) -> Decimal | None:
    return _sum(law, figure, given, [member], cell.first, cell.last).so_far


def figures_for(store: Store, actor: Actor, programme: str, member: str, first: date, last: date) -> list[Summed]:
    """The figures of one member over a period, and since January."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.read", member)
        law = law_for(footing.row)
        given = entries_of(rows(connection, tables.figure, programme=programme, member=member))
    return sum_up(law.programme, law.figures, given, [member], first, last)
