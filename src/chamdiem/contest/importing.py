"""Score sheets from paper and workbooks into the store: read whole, checked whole, entered in one go, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chamdiem.contest.access import need
from chamdiem.contest.law import law_of
from chamdiem.contest.marking import mark_id, open_sheet
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import codes_of, contest_row, rows, units_of
from chamdiem.errors import Problem, Refusal, message
from chamdiem.exchange.scoresheets import read_marks
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.table import Coded, Columns
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction


@dataclass(frozen=True)
class Line:
    """One mark of an import and what it does: new, changed from what stood there, or the same."""

    unit: str
    criterion: str
    stage: str
    author: str
    answer: str
    note: str
    before: str | None

    @property
    def kind(self) -> str:
        """new, changed or same."""
        return "new" if self.before is None else ("same" if self.before == self.answer else "changed")


def preview_import(
    store: Store, actor: Actor, contest: str, paths: Sequence[Path], progress: Callable[[int], None] | None = None
) -> list[Line]:
    """What these files would enter, mark by mark; raises Refusal with every problem of every file, nothing is entered.

    Whoever imports must be allowed to enter each mark: the sheets of judges are brought in by the secretary only before
    they are handed in here, under the stage they were written for.
    """
    with store.read() as connection:
        need(connection, actor, "contest.read", contest)
        about = contest_row(connection, contest)
        criteria = law_of(connection, about["criteria"])
        plan = lay_out(criteria)
        entry = read_marks(criteria, plan, paths, progress)
        entry.marks(plan)
        units = {unit.code for unit in units_of(connection, contest)}
        accounts = {code: account for account, code in codes_of(connection, contest).items()}
        stands = {row["id"]: row["answer"] for row in rows(connection, tables.mark, contest=contest)}
        lines = [line for line in _lines(entry.columns, contest, stands, accounts) if line.answer or line.note]
        strangers = sorted({line.unit for line in lines} - units)
        missing = sorted({line.author for line in lines if line.stage == "judge"} - set(accounts.values()))
        problems = [_unknown("unit", code, entry.columns, entry.columns.unit) for code in strangers]
        assert entry.columns.judge is not None
        problems += [_unknown("judge", code, entry.columns, entry.columns.judge) for code in missing]
    if problems:
        raise Refusal(problems)
    return lines


def _unknown(what: str, code: str, columns: Columns, column: Coded) -> Problem:
    row = column.texts().index(code)
    return Problem(columns.place(row), message(f"mark.unknown_{what}", value=code, hint=""))


def _lines(columns: Columns, contest: str, stands: dict[str, str], accounts: dict[str, str]) -> list[Line]:
    assert isinstance(columns.answer, Coded)
    keys = (columns.unit, columns.criterion, columns.stage, columns.judge, columns.answer, columns.note)
    texts = [column.texts() if column is not None else [""] * len(columns.unit.codes) for column in keys]
    found = []
    for unit, criterion, stage, judge, answer, note in zip(*texts, strict=True):
        at = stage or "judge"
        author = accounts.get(judge, judge) if at == "judge" else ""
        before = stands.get(mark_id(contest, unit, criterion, at, author))
        found.append(Line(unit, criterion, at, author, answer, note, before))
    return found


def enter_import(store: Store, actor: Actor, contest: str, lines: Sequence[Line], paths: Sequence[Path]) -> int:
    """Enter a previewed import in one transaction; returns how many marks changed. The same files again change nothing.

    Refused as a whole when anything was changed since the preview, or where the actor may not enter a mark.
    """
    key = f"import/{contest}/{files_hash(paths)}"

    def enter(transaction: Transaction) -> int:
        before, asked = transaction.head.seq, set[tuple[str, str, str]]()
        for line in lines:
            place = mark_id(contest, line.unit, line.criterion, line.stage, line.author)
            sheet = (line.unit, line.stage, line.author)
            if sheet not in asked:
                asked.add(sheet)
                about = {"unit": line.unit, "stage": line.stage, "judge": line.author or None}
                need(transaction.connection, actor, f"mark.enter_{line.stage}", contest, **about)
                open_sheet(transaction, contest, line.unit, line.stage, line.author)
            stands = transaction.row(tables.mark, place)
            values = {
                "contest": contest, "unit": line.unit, "criterion": line.criterion, "stage": line.stage,
                "author": line.author, "answer": line.answer, "note": line.note,
            }  # fmt: skip
            seen = int(stands["version"]) if stands is not None and stands["answer"] == line.before else None
            transaction.put(tables.mark, place, values, 0 if line.before is None else seen)
        return transaction.head.seq - before

    with store.read() as connection:
        criteria = contest_row(connection, contest)["criteria"]
    return store.write(Order(actor.account, "mark.import", contest, criteria=criteria, key=key), enter)


def files_hash(paths: Sequence[Path]) -> str:
    """One hash of the contents of files, whatever their names and order."""
    found = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
