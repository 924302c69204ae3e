"""Tasks of a programme as their owners report them: state, progress in whole percent, a note, and documents that prove it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from chamdiem.contest.evidence import Document
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.criteria.checks.places import unknown
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import law_for
from chamdiem.programmes.model import Programme, Task
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.files import HASH

NOT_BEGUN, UNDER_WAY, DONE, NOT_DONE, NOTHING_AROSE = "not_begun", "under_way", "done", "not_done", "nothing_arose"
STATES = (NOT_BEGUN, UNDER_WAY, DONE, NOT_DONE, NOTHING_AROSE)
FIRST_DAY = "1900-01-01"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a task is: done means 100 % and a day; what has not begun has 0 %."""

    task: str
    state: str
    percent: int = 0
    note: str = ""
    done_on: date | None = None


def report_task(
    store: Store, actor: Actor, programme: str, member: str, told: Progress, *, today: date, expected: int | None = None
) -> int:
    """Record how far a member is with a task; returns the version. Raises Refusal with everything that is wrong."""

    def put(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("task.report", member)
        law = law_for(footing.row).programme
        home = footing.members.get(member)
        if home is None:
            raise refuse("programme.unknown_member", member=member)
        if problems := [Problem(Where(path=(member, told.task)), why) for why in _wrong(law, home, told, today)]:
            raise Refusal(problems)
        about = {
            "programme": programme, "member": member, "task": told.task, "state": told.state,
            "progress": told.percent, "note": told.note.strip(),
            "done_on": told.done_on.isoformat() if told.done_on else "",
        }  # fmt: skip
        return transaction.put(tables.task_state, f"{programme}/{member}/{told.task}", about, expected)

    return store.write(order(actor, "task.report", programme), put)


def _wrong(law: Programme, home: Row, told: Progress, today: date) -> Iterator[Message]:
    task = law.task(told.task)
    if task is None:
        yield unknown("programme.unknown_task", told.task, [one.code for one in law.tasks])
    elif not is_task_of(law, task, home["office"]):
        yield message("task.of_others", task=told.task, member=home["name"])
    if told.state not in STATES:
        yield message("task.unknown_state", state=told.state, known=list(STATES))
    if not 0 <= told.percent <= 100:
        yield message("task.percent", value=told.percent)
    if (told.state == DONE) != (told.percent == 100):
        yield message("task.done_is_whole", value=told.percent)
    if told.state == NOT_BEGUN and told.percent:
        yield message("task.not_begun_is_nothing", value=told.percent)
    if (told.state == DONE) != (told.done_on is not None):
        yield message("task.done_has_day")
    if told.done_on is not None and told.done_on > today:
        yield message("field.day_to_come", day=told.done_on, today=today)


def is_task_of(law: Programme, task: Task, office: str) -> bool:
    """Whether an office leads a task or takes part in it: by its own name, by that of its head, or as a part of one."""
    owners = law.owners_of(task)
    return any(_means(law, one, office) or one in around(law, office) for one in (*owners.lead, *owners.with_))


def leads(law: Programme, task: Task, office: str) -> bool:
    """Whether an office leads a task, by its own name or by that of its head."""
    return any(_means(law, one, office) for one in law.owners_of(task).lead)


def _means(law: Programme, named: str, office: str) -> bool:
    """Whether the document, naming this one, means this office: itself, or the office whose head it names."""
    return named == office or (law.organisation(named).kind == "role" and office in around(law, named))


def around(law: Programme, office: str) -> list[str]:
    """An office and what it stands within."""
    found, at = [office], law.organisation(office)
    while at.within is not None and at.within not in found:
        found.append(at.within)
        at = law.organisation(at.within)
    return found


def add_document(
    store: Store, actor: Actor, programme: str, member: str, task: str, document: Document, *, key: str = ""
) -> str:
    """Put a document on record that proves what was done for a task; returns its key."""

    def add(transaction: Transaction) -> str:
        footing = Footing(transaction.connection, actor, programme)
        footing.need("task.report", member)
        law = law_for(footing.row).programme
        if law.task(task) is None:
            codes = [one.code for one in law.tasks]
            raise Refusal(Problem(Where(path=(member, task)), unknown("programme.unknown_task", task, codes)))
        _check(document)
        made = rows(transaction.connection, tables.programme_document, programme=programme, member=member)
        place = f"{programme}/{member}/{len(made) + 1}"
        about = {"programme": programme, "member": member, "task": task, **document.__dict__}
        transaction.put(tables.programme_document, place, about, expected=0)
        return place

    return store.write(order(actor, "task.document", programme, key=key), add)


def _check(document: Document) -> None:
    if not document.title.strip():
        raise refuse("evidence.no_title")
    try:
        _ = document.date and date.fromisoformat(document.date)
    except ValueError:
        raise refuse("sheet.evidence_day", value=document.date) from None
    if document.file and not HASH.fullmatch(document.file):
        raise refuse("files.missing")


def tasks_for(store: Store, actor: Actor, programme: str, member: str) -> list[tuple[Task, Row | None]]:
    """The tasks of a member in the order of the document, with what was told of each."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.read", member)
        law, home = law_for(footing.row).programme, footing.members.get(member)
        if home is None:
            raise refuse("programme.unknown_member", member=member)
        told = {row["task"]: row for row in rows(connection, tables.task_state, programme=programme, member=member)}
    return [(task, told.get(task.code)) for task in law.tasks if is_task_of(law, task, home["office"])]
