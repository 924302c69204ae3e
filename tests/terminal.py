"""The terminal as a user has it: a folder of one's own, commands typed, questions answered through a pipe."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from chamdiem.cli import run
from chamdiem.store.database import open_store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.tables import unit

ROOT = Path(__file__).parents[1]
YEN_THE = ROOT / "data" / "units" / "yen-the-2024.csv"
SETTINGS = ("CHAMDIEM_LANG", "CHAMDIEM_DATABASE_URL", "CHAMDIEM_FILES", "CHAMDIEM_SECRET_KEY")
CRITERIA = """\
id: thi-thu
version: "1"
title: Bộ tiêu chí thi thử
status: official
legal_basis:
- {number: 1/KH-UBND, issuer: Ủy ban nhân dân huyện}
effective: {from: 2024-01-01, to: 2024-12-31}
unit_kinds: [xa, thi_tran]
panel: {combine: mean}
base:
  max: 10
  nodes:
  - {code: "1", title: Việc một, max: 6, rule: {kind: manual, step: 0.5}}
  - {code: "2", title: Việc hai, max: 4, rule: {kind: boolean}}
stars:
  on: total
  when_condition_fails: next_lower
  bands:
  - {stars: 5, from: 9}
  - {stars: 4, from: 8}
  - {stars: 3, from: 5}
"""


UNITS = {"07243": "Xã Đồng Tiến", "07246": "Xã Canh Nậu", "07294": "Thị trấn Bố Hạ"}


def some_units(transaction: Transaction) -> None:
    """A district and three of its communes, until the districts ended."""
    said = {"kind": "huyen", "valid_to": "2025-06-30"}
    transaction.put(unit, "215@2025-06-30", {**said, "code": "215", "name": "Huyện Yên Thế"})
    for code, name in UNITS.items():
        about = {"code": code, "name": name, "kind": "thi_tran" if name.startswith("Thị") else "xa", "parent": "215"}
        transaction.put(unit, f"{code}@2025-06-30", {**said, **about})


class Told(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> Any:
        """The document for machines."""
        return json.loads(self.out)


class Terminal:
    """A folder in which commands are typed."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self._patch, self._captured = folder, patch, captured
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        patch.setenv("NO_COLOR", "1")
        patch.setenv("TERMINAL_WIDTH", "100")
        patch.chdir(folder)

    def type(self, *arguments: object, typed: Iterable[str] = ()) -> Told:
        """Type a command, and `typed` when it asks. It never ends in a traceback."""
        self._patch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        told = self._told([str(argument) for argument in arguments])
        assert "Traceback" not in told.out + told.err
        assert told.code in (0, 2), told.err
        return told

    def _told(self, arguments: list[str]) -> Told:
        code, told = run(arguments), self._captured.readouterr()
        return Told(code, told.out, told.err)

    def done(self, *arguments: object, typed: Iterable[str] = ()) -> Told:
        """The same for a command that is carried out."""
        told = self.type(*arguments, typed=typed)
        assert told.code == 0, told.out + told.err
        return told

    def refused(self, *arguments: object, typed: Iterable[str] = ()) -> str:
        """The same for one that is refused: nothing on the page, the reasons beside it."""
        told = self.type(*arguments, typed=typed)
        assert told.code == 2, told.out
        assert told.out == ""
        return told.err

    def use(self, url: str) -> None:
        """Keep the contests there."""
        self._patch.setenv("CHAMDIEM_DATABASE_URL", url)

    def set(self, name: str, value: object) -> None:
        """Set a setting."""
        self._patch.setenv(name, str(value))

    def write(self, name: str, *lines: str) -> Path:
        """A file of these lines."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def account(self, login: str, *arguments: str, name: str = "") -> str:
        """An account that has chosen a password of its own; gives the password."""
        created = self.done("account", "create", login, "--name", name or login, *arguments, "--json").record
        own = f"lúa chín vàng đồng {login[::-1]}"
        self.done("account", "password", login, typed=[created["first_password"], "", own, own])
        return own

    def begin(self, contest: str = "thi") -> None:
        """A contest of two communes, in draft. The register is written past the terminal: reading the whole country takes
        seconds."""
        with open_store() as store:
            store.write(Order("system", "unit.import"), some_units)
        self.write("bo.yaml", CRITERIA.rstrip())
        period = ("--from", "1/3/2024", "--to", "2024-10-30")
        without = [part for phase in ("appraisal", "explanation", "council") for part in ("--without", phase)]
        self.done("contest", "create", contest, "-c", "bo.yaml", "--title", "Thi thử", *period, *without)
        self.done("contest", "units", contest, "--unit", "07243", "--unit", "07294")


def left_in(folder: Path) -> list[str]:
    """The files of a folder, whatever is below it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
