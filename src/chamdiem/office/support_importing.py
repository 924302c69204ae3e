"""A ledger of support from a workbook: every row checked as if it were typed, shown first, entered whole or not at all.

The same workbook entered twice adds nothing: a row that says what an entry of the ledger says already is the same one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from chamdiem.contest.importing import files_hash
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row as Kept
from chamdiem.contest.record import rows
from chamdiem.contest.registry import Registry
from chamdiem.contest.units import registry_now
from chamdiem.errors import Message, Problem, Refusal, message
from chamdiem.exchange.headings import Row
from chamdiem.exchange.ledger_sheet import day_in, kind_in, read_ledger, text_in, write_blank
from chamdiem.office.field_entry import Entry
from chamdiem.office.footing import Footing, order
from chamdiem.office.lineage import Origin, origins, place_on
from chamdiem.office.sponsoring import standing_on
from chamdiem.office.support import WITHDRAWN, Gift, checked_gift
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.words import plain, say, shown

SAID = ("member", "unit", "kind", "amount", "measure", "source", "purpose", "given_on", "note", "name", "worth")
TEXTS = ("amount", "measure", "name", "worth", "source", "purpose", "note")


@dataclass(frozen=True)
class Line:
    """One row of a workbook as an entry of the ledger: what it says, and whether the ledger says so already."""

    said: dict[str, str]
    place: str
    known: bool


class CellEntry(Entry):
    """What is wrong with one row, each problem at its cell."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row

    def tell(self, field: str, why: Message) -> None:
        at = field if field in self.row.columns else "unit"
        self.problems.append(Problem(self.row.where(at), why))


def preview_ledger(store: Store, actor: Actor, programme: str, paths: Sequence[Path], *, today: date) -> list[Line]:
    """What these workbooks would add to the ledger of a programme, row by row; nothing is entered. Raises Refusal with
    every problem of every row, at its sheet and cell."""
    registry = registry_now(store)
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        if not any(footing.may("support.record", code) for code in ("", *footing.members)):
            footing.need("support.record")
        found = read_ledger(paths)
        read, problems = list[tuple[Row, dict[str, str]]](), list[Problem]()
        for row in found:
            try:
                read.append((row, _checked(footing, registry, row, today)))
            except Refusal as refusal:
                problems += refusal.problems
        if problems:
            raise Refusal(problems)
        stands = _standing(rows(connection, tables.support, programme=programme))
    return [_beside(row, said, stands) for row, said in read]


def _standing(ledger: Sequence[Kept]) -> Counter[tuple[str, ...]]:
    """How often the ledger says what; what was withdrawn does not count."""
    return Counter(_key(row) for row in ledger if row["status"] != WITHDRAWN)


def _key(said: Kept | dict[str, str]) -> tuple[str, ...]:
    return tuple(str(said[name]) for name in SAID)


def _beside(row: Row, said: dict[str, str], stands: Counter[tuple[str, ...]]) -> Line:
    """A row beside the ledger; each entry there answers for one row."""
    known = stands[_key(said)] > 0
    stands[_key(said)] -= known
    where = row.where("unit")
    return Line(said, ", ".join(filter(None, (where.sheet, where.cell))), known)


def _checked(footing: Footing, registry: Registry, row: Row, today: date) -> dict[str, str]:
    """A row as the store would keep it."""
    entry = CellEntry(row)
    texts: dict[str, str] = {}
    for name in ("unit", "kind", "member", *TEXTS):
        text = text_in(row, name)
        if isinstance(text, Message):
            entry.tell(name, text)
            text = ""
        texts[name] = text
    day = day_in(row)
    if isinstance(day, Message):
        entry.tell("given_on", day)
        day = today
    unit, member = _unit(entry, texts["unit"]), _member(entry, footing, texts["member"])
    _check_name(entry, registry, row, unit, day)
    gift = Gift(
        unit=unit, kind=kind_in(texts["kind"]), given_on=day, member=member, **{name: texts[name] for name in TEXTS}
    )
    return checked_gift(entry, footing, registry, gift, member, today)


def _unit(entry: Entry, code: str) -> str:
    """The code of a commune; a spreadsheet that took it for a number has eaten the zeros it began with."""
    if not code:
        entry.fault("unit", "field.missing")
    return code.zfill(5) if code.isdecimal() else code


def _check_name(entry: Entry, registry: Registry, row: Row, code: str, day: date) -> None:
    """The name beside a code, where there is one, is that of the commune on that day."""
    name, place = text_in(row, "unit_name"), place_on(registry, code, day)
    if isinstance(name, Message) or not name or place is None:
        return
    if plain(name) not in plain(place.label):
        entry.fault("unit", "ledger.other_name", name=name, code=code, known=place.label)


def _member(entry: Entry, footing: Footing, text: str) -> str:
    """The member that is named, by code or by name; where none is, the only one he works for."""
    if text:
        alike = [one for one, row in footing.members.items() if plain(text) in (plain(one), plain(row["name"]))]
        if len(alike) != 1:
            entry.fault("member", "field.unknown_member", member=text, known=list(footing.members))
            return ""
        if not footing.may("support.record", alike[0]):
            entry.fault("member", "ledger.not_his", member=text)
        return alike[0]
    own = [code for code in footing.members if footing.may("support.record", code)]
    if not footing.may("support.record") and len(own) != 1:
        entry.fault("member", "ledger.which_member", known=[str(footing.members[code]["name"]) for code in own])
    return "" if footing.may("support.record") or not own else own[0]


def enter_ledger(
    store: Store, actor: Actor, programme: str, lines: Sequence[Line], paths: Sequence[Path], *, key: str = ""
) -> int:
    """Enter what a preview showed as new, all of it or nothing; returns how many entries were added. What has come into
    the ledger since the preview is not entered again. The journal keeps the hash of the files."""

    def enter(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, programme)
        for member in dict.fromkeys(line.said["member"] for line in lines):
            footing.need("support.record", member)
        stands = _standing(rows(transaction.connection, tables.support, programme=programme))
        return sum(1 for _ in _put(transaction, footing, lines, stands))

    reason = f"sha256 {files_hash(paths)}"
    return store.write(order(actor, "support.import", programme, reason=reason, key=key), enter)


def _put(
    transaction: Transaction, footing: Footing, lines: Sequence[Line], stands: Counter[tuple[str, ...]]
) -> Iterator[str]:
    for line in lines:
        if stands[_key(line.said)] > 0:
            stands[_key(line.said)] -= 1
            continue
        id = footing.next_id(tables.support, line.said["unit"])  # noqa: A001 - the column is called so
        transaction.put(tables.support, id, {"programme": footing.programme, **line.said}, expected=0)
        yield id


def blank_ledger(store: Store, actor: Actor, programme: str, path: Path, *, today: date, now: datetime) -> None:
    """Write a workbook to be filled in, with the communes of the programme and what they were before."""
    registry = registry_now(store)
    with store.read() as connection:
        title = str(Footing(connection, actor, programme).row["title"])
    found = [
        one for held in standing_on(store, actor, programme, today) for one in origins(registry, held.unit.code, today)
    ]
    communes = [_known(registry, one, today) for one in found]
    write_blank(path, title=say("ledger.title", programme=title), communes=communes, created=now)


def _known(registry: Registry, origin: Origin, today: date) -> tuple[str, ...]:
    """A commune for the list of codes: code, name, what stands or stood above it, from when, until when."""
    unit = origin.unit
    place = place_on(registry, unit.code, today if origin.own else unit.last_day)
    above = place.label.removeprefix(f"{unit.name}, ") if place else ""
    first = shown(unit.valid_from) if unit.valid_from else ""
    return unit.code, unit.name, above, first, "" if origin.own else shown(unit.last_day)


def summed(lines: Sequence[Line]) -> Message:
    """How many rows are new and how many are known."""
    known = sum(line.known for line in lines)
    return message("ledger.count", new=len(lines) - known, known=known)
