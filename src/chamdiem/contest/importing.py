"""Score sheets from paper and workbooks into the store: read whole, checked whole, entered in one go, once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from chamdiem.contest.access import Footing
from chamdiem.contest.law import law_of
from chamdiem.contest.marking import Entry, mark_id, need_reasons, open_sheet
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, codes_of, columns_of, contest_row, panel_of, rows, units_of
from chamdiem.errors import Problem, Refusal, message, refuse
from chamdiem.exchange.scoresheets import read_marks
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.reading import build
from chamdiem.scoring.table import Coded, Columns
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

Sheet = tuple[str, str, str]


@dataclass(frozen=True)
class Line:
    """One mark of an import and what it does: new, changed from what stood there, or the same. `seen` is the version
    that stood there, 0 for none."""

    unit: str
    criterion: str
    stage: str
    author: str
    answer: str
    note: str
    before: str | None
    note_before: str = ""
    seen: int = 0

    @property
    def sheet(self) -> Sheet:
        """The sheet it belongs to: unit, stage, author."""
        return self.unit, self.stage, self.author

    @property
    def kind(self) -> str:
        """new, changed or same."""
        if self.before is None:
            return "new"
        return "same" if (self.before, self.note_before) == (self.answer, self.note) else "changed"


def preview_import(
    store: Store, actor: Actor, contest: str, paths: Sequence[Path], progress: Callable[[int], None] | None = None
) -> list[Line]:
    """What these files would enter, mark by mark; raises Refusal with every problem of every file, nothing is entered.

    Whoever imports must be allowed to enter each mark, and learns nothing of those he may not enter. Sheets of judges on
    paper are brought in by the owner of the machine, before they are handed in here.
    """
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        criteria = law_of(connection, footing.row["criteria"])
        plan = lay_out(criteria)
        taking_part = units_of(connection, contest)
        entry = read_marks(criteria, plan, paths, progress, taking_part=taking_part)
        entry.marks(plan)
        accounts = {code: account for account, code in codes_of(connection, contest).items()}
        lines = _lines(entry.columns, accounts)
        _need_each(footing, lines)
        strangers = sorted({line.unit for line in lines} - {unit.code for unit in taking_part})
        missing = sorted({line.author for line in lines if line.stage == "judge"} - set(accounts.values()))
        problems = [_unknown("unit", code, entry.columns, entry.columns.unit) for code in strangers]
        assert entry.columns.judge is not None
        problems += [_unknown("judge", code, entry.columns, entry.columns.judge) for code in missing]
        stands = {row["id"]: row for row in rows(connection, tables.mark, contest=contest)}
    if problems:
        raise Refusal(problems)
    return [_beside(line, stands.get(_place(contest, line))) for line in lines]


def _need_each(footing: Footing, lines: Iterable[Line]) -> None:
    """Refuse what the actor may not enter, asked once for each criterion of each sheet."""
    for (unit, stage, author), criterion in sorted({(line.sheet, line.criterion) for line in lines}):
        about = {"unit": unit, "stage": stage, "judge": author or None, "criterion": criterion}
        footing.need(f"mark.enter_{stage}", **about)


def _unknown(what: str, code: str, columns: Columns, column: Coded) -> Problem:
    row = column.texts().index(code)
    return Problem(columns.place(row), message(f"mark.unknown_{what}", value=code, hint=""))


def _lines(columns: Columns, accounts: dict[str, str]) -> list[Line]:
    """Each mark with nothing beside it yet; an answer that was written part by part is put together again."""
    assert isinstance(columns.answer, Coded)
    keys = (columns.unit, columns.criterion, columns.stage, columns.judge, columns.answer, columns.input, columns.note)
    texts = [column.texts() if column is not None else [""] * len(columns.unit.codes) for column in keys]
    found: dict[tuple[str, ...], list[tuple[str, str, str]]] = defaultdict(list)
    for unit, criterion, stage, judge, *said in zip(*texts, strict=True):
        at = stage or "judge"
        author = accounts.get(judge, judge) if at == "judge" else ""
        answer, part, note = said
        if answer or note:
            found[unit, criterion, at, author].append((part, answer, note))
    lines = []
    for (unit, criterion, stage, author), parts in found.items():
        named = "; ".join(f"{part}: {answer}" for part, answer, _ in parts)
        answer = parts[0][1] if len(parts) == 1 else named
        note = "; ".join(dict.fromkeys(filter(None, (note for _, _, note in parts))))
        lines.append(Line(unit, criterion, stage, author, answer, note, None))
    return lines


def _beside(line: Line, stands: Row | None) -> Line:
    """A line beside what stands in its place."""
    if stands is None:
        return line
    said = stands["answer"], stands["note"], stands["version"]
    return Line(line.unit, line.criterion, line.stage, line.author, line.answer, line.note, *said)


def _place(contest: str, line: Line) -> str:
    return mark_id(contest, line.unit, line.criterion, line.stage, line.author)


def enter_import(store: Store, actor: Actor, contest: str, lines: Sequence[Line], paths: Sequence[Path]) -> int:
    """Enter a previewed import in one transaction; returns how many marks changed. The same lines again change nothing.

    Refused as a whole when a mark was changed since the preview (a Conflict, with both values), where the actor may not
    enter a mark, or where the engine would not take it. The journal keeps the hash of the files.
    """

    def enter(transaction: Transaction) -> int:
        connection = transaction.connection
        footing = Footing(connection, actor, contest)
        _need_each(footing, lines)
        _check_each(connection, contest, lines)
        return sum(_enter(transaction, contest, line) for line in lines)

    with store.read() as connection:
        criteria = contest_row(connection, contest)["criteria"]
    return store.write(Order(actor.account, "mark.import", contest, f"sha256 {files_hash(paths)}", criteria), enter)


def _check_each(connection: Connection, contest: str, lines: Iterable[Line]) -> None:
    """Refuse lines that no preview can have given: strangers, answers out of range, departures without a reason."""
    units, codes = units_of(connection, contest), codes_of(connection, contest)
    sheets: dict[Sheet, list[Entry]] = defaultdict(list)
    for line in lines:
        sheets[line.sheet].append(Entry(line.criterion, line.answer, line.note))
    if not {unit for unit, _, _ in sheets} <= {unit.code for unit in units}:
        raise refuse("permission.not_found")
    if not {author for _, stage, author in sheets if stage == "judge"} <= set(codes):
        raise refuse("permission.not_found")
    given = [{**line.__dict__, "part": ""} for line in lines]
    plan = lay_out(law_of(connection, contest_row(connection, contest)["criteria"]))
    build(plan, columns_of(given, codes), units=units, judges=panel_of(connection, contest))
    for (unit, stage, _), entries in sheets.items():
        need_reasons(connection, contest, unit, stage, entries)


def _enter(transaction: Transaction, contest: str, line: Line) -> int:
    """Enter one line; returns 1 when the mark changed."""
    place = _place(contest, line)
    stands = transaction.row(tables.mark, place)
    if stands is not None and (stands["answer"], stands["note"]) == (line.answer, line.note):
        return 0
    open_sheet(transaction, contest, *line.sheet)
    about = {"contest": contest, "unit": line.unit, "criterion": line.criterion, "stage": line.stage}
    said = {"author": line.author, "answer": line.answer, "note": line.note}
    transaction.put(tables.mark, place, {**about, **said}, line.seen)
    return 1


def files_hash(paths: Sequence[Path]) -> str:
    """One hash of the contents of files, whatever their names and order."""
    found = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()
