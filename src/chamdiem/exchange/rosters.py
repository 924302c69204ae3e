"""Who is scored and who marks: tables of units, judges and recusals, and the codes met on score sheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, get_args

from chamdiem.criteria.model import CriteriaSet, UnitKind
from chamdiem.errors import Message, Where, message
from chamdiem.exchange.cells import Keys, typed
from chamdiem.exchange.headings import Row
from chamdiem.scoring.marks import Judge, Role, Unit
from chamdiem.scoring.reading import place_of
from chamdiem.words import plain

ROLES: dict[str, Role] = {
    "": "member", "thanh vien": "member", "uy vien": "member", "giam khao": "member", "member": "member",
    "truong ban": "chair", "truong ban giam khao": "chair", "chu tich": "chair", "chu tich hoi dong": "chair",
    "chair": "chair", "nguoi cham thu ba": "third_marker", "cham thu ba": "third_marker",
    "third marker": "third_marker", "third_marker": "third_marker",
}  # fmt: skip
REMOVED = {"da thoi", "thoi", "da rut", "removed"}
ACTIVE = {"", "dang cham", "tham gia", "active"}


@dataclass
class Register:
    """The codes of units (or judges) and the names they go by. Once a table has listed them, no other is known."""

    what: Literal["unit", "judge"]
    listed: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)
    strangers: set[str] = field(default_factory=set)
    strict: bool = False
    _keys: Keys = field(default_factory=Keys)

    def add(self, code: str, name: str, where: Where) -> None:
        """Take in a code; the first name it comes with is its name."""
        if code not in self.places:
            self.places[code] = where
            self._keys.add(code)
        if name:
            self.names.setdefault(code, name)

    def read(self, cell: object) -> str | Message:
        """The code in a cell, "" when it is blank."""
        return self._keys.read(cell)

    def met(self, code: str, name: str, where: Where) -> Message | None:
        """A code and a name as they stand on a sheet: taken in when new and allowed, else what is wrong with it."""
        if code not in self.places:
            if self.strict:
                return self.unknown(code)
            self.add(code, name, where)
        return None

    def misnamed(self, code: str, name: str) -> Message | None:
        """What is wrong with the name beside a code: it belongs to another, or was mistyped."""
        if not name or plain(self.names.setdefault(code, name)) == plain(name):
            return None
        return message(f"sheet.{self.what}_name", code=code, name=name, known=self.names[code])

    def unknown(self, code: str) -> Message:
        """That nobody declared a code; a name in its place, or a slip, is answered with the codes that were meant."""
        near = [known for known, name in self.names.items() if plain(name) == plain(code)][:3]
        near = near or get_close_matches(code, list(self.places), 3)
        hint = message("mark.did_you_mean", near=near) if near else ""
        return message(f"mark.unknown_{self.what}", value=code, hint=hint)

    def code_of(self, row: Row) -> str:
        """The code in a row of a list, "" after telling that it is missing or cannot be read."""
        code = self.read(row.cell(self.what)) or message(f"mark.no_{self.what}")
        if isinstance(code, Message):
            row.tell(self.what, code)
            return ""
        return code

    def known(self, row: Row) -> str:
        """The code in a row that must be known already; "" after telling what is wrong."""
        code = self.code_of(row)
        if code and code not in self.places:
            row.tell(self.what, self.unknown(code))
            return ""
        return code

    def enter(self, row: Row, one: Unit | Judge) -> None:
        """List a unit or a judge; a code that is listed already must be the same in every respect."""
        if self.listed.setdefault(one.code, one) != one:
            row.tell(self.what, message("sheet.code_twice", code=one.code, first=place_of(self.places[one.code])))
        self.add(one.code, one.name, row.where(self.what))


def read_units(rows: Iterable[Row], units: Register, criteria: CriteriaSet) -> None:
    """List the units of a table."""
    units.strict = True
    for row in rows:
        code = units.code_of(row)
        kind, category = _kind(row, criteria), _category(row, criteria)
        if code:
            units.enter(row, Unit(code, typed(row.cell("name")), kind, category, typed(row.cell("cluster"))))


def _kind(row: Row, criteria: CriteriaSet) -> str:
    """The kind of a unit, by key or in words ("Thị trấn" → thi_tran)."""
    text = typed(row.cell("kind"))
    kind = plain(text).replace(" ", "_")
    if kind and kind not in criteria.unit_kinds:
        known = "sheet.kind_not_scored" if kind in get_args(UnitKind) else "sheet.unknown_kind"
        row.tell("kind", message(known, value=text, known=list(criteria.unit_kinds)))
    return kind


def _category(row: Row, criteria: CriteriaSet) -> str:
    """The category of a unit, by key or by its title; any text where the criteria set knows no categories."""
    text = typed(row.cell("category"))
    for category in criteria.categories:
        if plain(text) in (category.id, plain(category.title)):
            return category.id
    if text and criteria.categories:
        known = [f"{category.id} ({category.title})" for category in criteria.categories]
        row.tell("category", message("sheet.unknown_category", value=text, known=known))
    return text


def read_judges(rows: Iterable[Row], judges: Register) -> None:
    """List the judges of a table."""
    judges.strict = True
    for row in rows:
        code = judges.code_of(row)
        role, standing = ROLES.get(plain(typed(row.cell("role")))), plain(typed(row.cell("standing")))
        if role is None:
            row.tell("role", message("sheet.unknown_role", value=typed(row.cell("role"))))
        if standing not in REMOVED | ACTIVE:
            row.tell("standing", message("sheet.unknown_standing", value=typed(row.cell("standing"))))
        if code:
            name, reason = typed(row.cell("name")), typed(row.cell("reason"))
            judges.enter(row, Judge(code, name, role or "member", standing in REMOVED, reason))


def read_recusals(rows: Iterable[Row], units: Register, judges: Register) -> Iterator[tuple[str, str]]:
    """The pairs of unit and judge who does not mark it."""
    for row in rows:
        unit, judge = units.known(row), judges.known(row)
        if unit and judge:
            yield unit, judge
