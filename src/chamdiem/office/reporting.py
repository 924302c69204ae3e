"""Periodic reports: filled from the record, given words, submitted and then locked; returned only with a reason.

A report stands under programme/member/duty/period/stage. What it said when it was submitted is kept with a hash over it;
the record may go on, and what has changed since is shown, never mixed in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.office.consolidating import collected
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import chain, due_for, law_for, owing
from chamdiem.office.report_content import Content, from_record, from_text
from chamdiem.office.report_rows import DRAFT, LOCKED, report_id
from chamdiem.programmes.due import Due
from chamdiem.programmes.model import Duty
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.journal import canonical
from chamdiem.words import say

PARTS = ("result", "shortcoming", "proposal", "plan")
"""The words of a report: what was done, what fell short and why, what is proposed, what comes next."""
LONGEST = 20_000
Words: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """A report as it stands: what is due, the row (None: nobody has begun it), its words and what it says."""

    due: Due
    member: Row
    row: Row | None
    words: Words
    content: Content

    @property
    def status(self) -> str:
        """How far it is; "" when nobody has begun it."""
        return self.row["status"] if self.row else ""

    @property
    def locked(self) -> bool:
        """Whether it was submitted, and not returned."""
        return self.status in LOCKED


# filling --------------------------------------------------------------------------------------------------------


def report_for(store: Store, actor: Actor, programme: str, member: str, key: str) -> Report:
    """A report as it stands: of one that was submitted what it said then, of any other what the record says now."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.read", member)
        return report_in(footing, member, key)


def report_in(footing: Footing, member: str, key: str) -> Report:
    """The same, for whoever asks within a transaction."""
    due, home = _owed(footing, member, key)
    row = next(iter(rows(footing.connection, tables.report, id=report_id(footing.programme, member, due))), None)
    words = json.loads(row["words"] or "{}") if row else {}
    if row is not None and row["status"] in LOCKED:
        return Report(due, home, row, words, from_text(row["figures"]))
    return Report(due, home, row, words, filled(footing, member, due))


def _owed(footing: Footing, member: str, key: str) -> tuple[Due, Row]:
    """What is due and who owes it; refused when it is not due, or not by this member."""
    due = due_for(footing.row, _whole_key(footing, member, key))
    home = footing.members.get(member)
    if home is None:
        raise refuse("programme.unknown_member", member=member)
    if home not in owing(due, footing.members.values()):
        raise refuse("report.not_owed", member=home["name"], report=due.called)
    return due, home


def _whole_key(footing: Footing, member: str, key: str) -> str:
    """A key as it is typed, duty/period or duty/period/stage: the stage is the member's own when it is not said."""
    parts = key.split("/")
    if len(parts) != 2:
        return key
    law, home = law_for(footing.row).programme, footing.members.get(member)
    duty: Duty | None = law.duty(parts[0])
    stages = [one.id for one in duty.stages if home and home["office"] in one.by] if duty else []
    return f"{key}/{stages[0]}" if len(stages) == 1 else f"{key}/{duty.stages[0].id}" if duty else key


def filled(footing: Footing, member: str, due: Due) -> Content:
    """What the record says: of the member and of those below it who owe nothing of the kind themselves; of a stage that
    collects, what the reports say that were submitted to it."""
    if due.collects is not None:
        return collected(footing, member, due)
    law = law_for(footing.row)
    return from_record(footing.connection, footing.row, law, due, feeding(footing, member, due))


def feeding(footing: Footing, member: str, due: Due) -> dict[str, Row]:
    """The members whose record goes into a report."""
    duty = law_for(footing.row).programme.duty(due.duty)
    reporting = {office for stage in duty.stages for office in stage.by} if duty else {*due.by}
    above = {code: row["above"] for code, row in footing.members.items()}
    below = {
        code: row
        for code, row in footing.members.items()
        if row["office"] not in reporting and member in chain(code, above)
    }
    return {member: footing.members[member], **below}


# writing and submitting -----------------------------------------------------------------------------------------


def _verb(due: Due, otherwise: str) -> str:
    """What is put together from others' reports is the leading office's to write and submit."""
    return "report.consolidate" if due.collects is not None else otherwise


def write_words(
    store: Store, actor: Actor, programme: str, member: str, key: str, words: Words, *, expected: int | None = None
) -> int:
    """Give a report its words, part by part; a part that is not named stays. Returns the version. Raises Refusal."""

    def put(transaction: Transaction) -> int:
        footing = Footing(transaction.connection, actor, programme)
        due, home = owed_by(footing, member, key, "report.write")
        place = report_id(programme, member, due)
        before = transaction.row(tables.report, place)
        if before is not None and before["status"] in LOCKED:
            raise refuse("report.locked", where_of(home, due))
        _check_words(words, where_of(home, due))
        kept = {
            **json.loads((before or {}).get("words") or "{}"),
            **{part: text.strip() for part, text in words.items()},
        }
        values = {**about(programme, member, due), "words": canonical(kept)}
        return transaction.put(
            tables.report, place, {**values, "status": (before or {}).get("status", DRAFT)}, expected
        )

    return store.write(order(actor, "report.write", programme), put)


def owed_by(footing: Footing, member: str, key: str, verb: str) -> tuple[Due, Row]:
    """What is due, of a member for whom this person may do it; to anybody else the programme is not there."""
    if not any(footing.may(each, member) for each in (verb, "report.consolidate")):
        footing.need(verb, member)
    due, home = _owed(footing, member, key)
    footing.need(_verb(due, verb), member)
    return due, home


def where_of(member: Row, due: Due) -> Where:
    """The place of a problem with a report, as people call it: whose, which."""
    return Where(path=(member["name"], say(due.called)))


def _check_words(words: Words, where: Where) -> None:
    problems = []
    for part, text in words.items():
        if part not in PARTS:
            problems.append(Problem(where, message("report.unknown_part", part=part, known=list(PARTS))))
        elif len(text) > LONGEST:
            at = Where(path=(*where.path, say(f"report.part_{part}")))
            problems.append(Problem(at, message("report.too_long", most=LONGEST)))
    if problems:
        raise Refusal(problems)


def about(programme: str, member: str, due: Due) -> dict[str, object]:
    return {
        "programme": programme, "member": member, "duty": due.duty, "period": due.period.id, "stage": due.stage,
        "due": due.until.isoformat() if due.until else "",
    }  # fmt: skip
