"""What a cell says: its text as a person would have typed it, or why it cannot be trusted to say what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from chamdiem.errors import Message, message
from chamdiem.exchange.tables import Cell, ErrorCell
from chamdiem.scoring.answers import PARTS as PARTS
from chamdiem.scoring.answers import part as part
from chamdiem.scoring.answers import wants
from chamdiem.scoring.marks import tidy
from chamdiem.scoring.plan import Plan
from chamdiem.scoring.slots import Slot

NUMERIC = re.compile(r"\d{1,15}(?:\.\d{1,15})?")
BARE_NUMBER = re.compile(r"\+?(\d{1,15})(?:[.,](\d{1,15}))?")


def typed(cell: object) -> str:
    """The text of a cell, in a form that reads back as the same value: 8.5 → "8.5", a day → 2024-03-01, True → "có".

    Three decimals get a fourth, for "1.234" would be read as a thousand and more. An apostrophe in front says "this is
    text" to a spreadsheet; some keep it when the cell is text already.
    """
    match cell:
        case None:
            return ""
        case bool():
            return "có" if cell else "không"
        case str():
            return tidy(cell.removeprefix("'"))
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case Decimal():
            text = f"{cell:f}"
            return text + "0" if len(text.partition(".")[2]) == 3 else text
        case _:
            return str(cell)


def became_date(cell: date, asked: Message | None = None) -> Message:
    """A spreadsheet made a day of what was typed: "9/10" became the 9th of October (or the 10th of September)."""
    day = cell.date() if isinstance(cell, datetime) else cell
    typed_as = {"one": f"{cell.day}/{cell.month}", "other": f"{cell.month}/{cell.day}"}
    if asked is None:
        return message("sheet.key_became_date", day=day, **typed_as)
    return message("sheet.became_date", day=day, wants=asked, **typed_as)


class Keys:
    """Keys known by their text, and what is meant by a key that a spreadsheet has turned into a number (1.10 → 1.1)."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._by_number: dict[Decimal, list[str]] = {}
        self._by_look: dict[str, list[str]] = {}
        self._read: dict[str, str] = {}
        for key in known:
            self.add(key)

    def add(self, key: str) -> None:
        """One more key; each is added once."""
        self._read.clear()
        self._by_look.setdefault(key.casefold(), []).append(key)
        if NUMERIC.fullmatch(key):
            self._by_number.setdefault(Decimal(key), []).append(key)

    def read(self, cell: object) -> str | Message:
        """The key in a cell ("" when it is blank), or what is wrong with it; keys nobody knows are left as they are."""
        if type(cell) is str:
            known = self._read.get(cell)
            if known is None:
                known = self._read[cell] = self._alike(typed(cell))
            return known
        if isinstance(cell, ErrorCell):
            return message("sheet.error_cell", value=str(cell))
        if isinstance(cell, date):
            return became_date(cell)
        if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
            found = self._by_number.get(Decimal(cell), [])
            if len(found) > 1:
                return message("sheet.ambiguous_number", value=cell, codes=found)
            return found[0] if found else typed(cell)
        return typed(cell)

    def _alike(self, text: str) -> str:
        """The known key that differs only in capitals, when there is exactly one."""
        found = self._by_look.get(text.casefold(), [])
        return found[0] if len(found) == 1 else text


@dataclass(frozen=True)
class Asked:
    """What a criterion or a fact asks for, as far as a cell can be wrong about it before it is read."""

    wants: Message
    day: bool
    percent_up_to: int
    """Bare percentages above 0 up to this may be shares: 0.98 for 98 % (1.1 for 110 % where that is possible)."""

    def text(self, cell: Cell) -> str | Message:
        """The answer as text, or why the cell cannot be taken at its word."""
        if isinstance(cell, ErrorCell):
            return message("sheet.error_cell", value=str(cell))
        if isinstance(cell, date) and not self.day:
            return became_date(cell, self.wants)
        text = typed(cell)
        bare = BARE_NUMBER.fullmatch(text) if self.percent_up_to else None
        if bare:
            number = Decimal(f"{bare[1]}.{bare[2] or 0}")
            if 0 < number <= self.percent_up_to:
                return message("sheet.percent_or_share", value=number, share=number * 100)
        return text


def asked_of(plan: Plan) -> Mapping[str, Asked]:
    """What each criterion and each fact asks for, by code."""
    found = {
        leaf.node.code: _asked(leaf.slots, may_exceed=any(getattr(rule, "may_exceed", False) for _, rule in leaf.rules))
        for leaf in plan.leaves
    }
    return found | {fact.id: _asked((slot,), may_exceed=False) for fact, slot in plan.facts}


def _asked(slots: tuple[Slot, ...], *, may_exceed: bool) -> Asked:
    if len(slots) == 1:
        wanted = wants(slots[0].input)
    else:
        wanted = message("sheet.wants_parts", parts=[part(slot.input.name, slot.input.title) for slot in slots])
    percent = len(slots) == 1 and slots[0].input.name == "percent" and slots[0].input.type == "number"
    return Asked(wanted, any(slot.input.type == "date" for slot in slots), (10 if may_exceed else 1) * percent)


def anything(cell: Cell) -> str | Message:
    """The text of an answer to nothing that is known."""
    return message("sheet.error_cell", value=str(cell)) if isinstance(cell, ErrorCell) else typed(cell)
