"""Who is scored and who marks: tables of units, of judges and of recusals, and the codes met on score sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, get_args

from chamdiem.criteria.model import CriteriaSet, UnitKind
from chamdiem.errors import Message, Where, message
from chamdiem.exchange.cells import Keys, typed
from chamdiem.exchange.headings import Found
from chamdiem.exchange.tables import Cell, Table
from chamdiem.scoring.marks import Judge, Role, Unit, place_of
from chamdiem.words import plain

ROLES: dict[str, Role] = {
    "": "member", "thanh vien": "member", "uy vien": "member", "giam khao": "member", "member": "member",
    "truong ban": "chair", "truong ban giam khao": "chair", "chu tich": "chair", "chu tich hoi dong": "chair", "chair": "chair",
    "nguoi cham thu ba": "third_marker", "cham thu ba": "third_marker", "third marker": "third_marker", "third_marker": "third_marker",
}  # fmt: skip
REMOVED = {"da thoi", "thoi", "da rut", "removed"}
ACTIVE = {"", "dang cham", "tham gia", "active"}
Tell = Callable[[Table, int, int, Message], None]


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

    def read(self, cell: Cell) -> str | Message:
        """The code in a cell, "" when it is blank."""
        return self._keys.read(cell)

    def meet(self, code: str, name: str, where: Callable[[], Where]) -> Message | None:
        """A code with a name, as they stand somewhere: what is wrong with the code; new ones are taken in if they may."""
        if code not in self.places:
            if self.strict:
                return self.unknown(code)
            self.add(code, name, where())
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


@dataclass(frozen=True)
class Lists:
    """Reads the tables that list units, judges and recusals into their registers; `tell` notes a problem at a cell."""

    criteria: CriteriaSet
    units: Register
    judges: Register
    tell: Tell

    def read_units(self, table: Table, found: Found) -> None:
        """Take in a table of units."""
        self.units.strict = True
        for at, row in enumerate(table.rows[found.header + 1 :], found.header + 1):
            code = self.code(self.units, table, found, at)
            if code:
                cells = {name: typed(row[column]) for name, column in found.columns.items()}
                kind, category = self.kind(table, found, at, cells), self.category(table, found, at, cells)
                unit = Unit(code, cells["name"], kind, category, cells.get("cluster", ""))
                self.enter(self.units, table, found, at, unit)

    def read_judges(self, table: Table, found: Found) -> None:
        """Take in a table of judges."""
        self.judges.strict = True
        for at, row in enumerate(table.rows[found.header + 1 :], found.header + 1):
            code = self.code(self.judges, table, found, at, "judge")
            if code:
                cells = {name: typed(row[column]) for name, column in found.columns.items()}
                role, standing = ROLES.get(plain(cells.get("role", ""))), plain(cells.get("standing", ""))
                if role is None:
                    self.tell(table, at, found.columns["role"], message("sheet.unknown_role", value=cells["role"]))
                if standing not in REMOVED | ACTIVE:
                    problem = message("sheet.unknown_standing", value=cells["standing"])
                    self.tell(table, at, found.columns["standing"], problem)
                reason = cells.get("reason", "")
                judge = Judge(code, cells.get("name", ""), role or "member", standing in REMOVED, reason)
                self.enter(self.judges, table, found, at, judge, "judge")

    def read_recusals(self, table: Table, found: Found) -> Iterator[tuple[str, str]]:
        """The pairs of unit and judge of a table of recusals."""
        for at in range(found.header + 1, len(table.rows)):
            if any(table.rows[at][column] is not None for column in found.columns.values()):
                unit = self.known(self.units, table, found, at, "unit")
                judge = self.known(self.judges, table, found, at, "judge")
                if unit and judge:
                    yield unit, judge

    def known(self, register: Register, table: Table, found: Found, at: int, name: str) -> str:
        """The code in a row; "" after telling that it is missing, unreadable or unknown."""
        code = self.code(register, table, found, at, name, wanted=True)
        if code and code not in register.places:
            self.tell(table, at, found.columns[name], register.unknown(code))
            return ""
        return code

    def code(
        self, register: Register, table: Table, found: Found, at: int, name: str = "unit", *, wanted: bool = False
    ) -> str:
        """The code in a row of a list; "" when the row is blank, or after telling what is wrong with it."""
        row, column = table.rows[at], found.columns[name]
        code = register.read(row[column])
        if not code and (wanted or any(row[other] is not None for other in found.columns.values())):
            code = message(f"mark.no_{register.what}")
        if isinstance(code, Message):
            self.tell(table, at, column, code)
            return ""
        return code

    def enter(
        self, register: Register, table: Table, found: Found, at: int, listed: Unit | Judge, name: str = "unit"
    ) -> None:
        """Put a unit or a judge on its register; a code that stands there already must be the same in every respect."""
        column = found.columns[name]
        if register.listed.setdefault(listed.code, listed) != listed:
            first = place_of(register.places[listed.code])
            self.tell(table, at, column, message("sheet.code_twice", code=listed.code, first=first))
        register.add(listed.code, listed.name, table.where(at, column))

    def kind(self, table: Table, found: Found, at: int, cells: dict[str, str]) -> str:
        """The kind of a unit, by key or in words ("Thị trấn" → thi_tran)."""
        kind = plain(cells.get("kind", "")).replace(" ", "_")
        if kind and kind not in self.criteria.unit_kinds:
            known = "sheet.kind_not_scored" if kind in get_args(UnitKind) else "sheet.unknown_kind"
            problem = message(known, value=cells["kind"], known=list(self.criteria.unit_kinds))
            self.tell(table, at, found.columns["kind"], problem)
        return kind

    def category(self, table: Table, found: Found, at: int, cells: dict[str, str]) -> str:
        """The category of a unit, by key or by its title; any text where the criteria set knows no categories."""
        text = cells.get("category", "")
        for category in self.criteria.categories:
            if plain(text) in (category.id, plain(category.title)):
                return category.id
        if text and self.criteria.categories:
            known = [f"{category.id} ({category.title})" for category in self.criteria.categories]
            self.tell(table, at, found.columns["category"], message("sheet.unknown_category", value=text, known=known))
        return text
