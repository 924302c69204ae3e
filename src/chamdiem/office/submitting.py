"""Reports handed in, which locks them; accepted, or returned with a reason; and what the record says otherwise since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import rows
from chamdiem.errors import Message, Problem, Refusal, message, refuse
from chamdiem.office.figures import cell_called
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import due_for, law_for
from chamdiem.office.report_content import Content, from_text, to_text
from chamdiem.office.report_rows import (
    ACCEPTED,
    LOCKED,
    RETURNED,
    SUBMITTED,
    content_hash,
    report_called,
    report_id,
    report_row,
)
from chamdiem.office.reporting import Report, Words, about, filled, owed_by, report_in, where_of
from chamdiem.programmes.delivery import Delivery, delivery, merge
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Transaction
from chamdiem.store.journal import canonical


@dataclass(frozen=True)
class Receipt:
    """What was handed in: the reports (several when one paper answers for them), how, and the hash over what they say."""

    reports: tuple[str, ...]
    deliveries: Mapping[str, Delivery]
    hash: str


def submit_report(
    store: Store,
    actor: Actor,
    programme: str,
    member: str,
    keys: Sequence[str],
    *,
    on: date,
    today: date,
    without: Sequence[str] = (),
    why: str = "",
) -> Receipt:
    """Hand in a report, or one paper for several that are due on one day; from then on it is locked.

    Where members have given nothing or figures lack cells it is refused with the list of them, unless it says `why` it
    goes all the same; of a consolidated report the missing members are named in `without`. Raises Refusal with everything.
    """

    def submit(transaction: Transaction) -> Receipt:
        footing = Footing(transaction.connection, actor, programme)
        reports = []
        for key in keys:
            due, _ = owed_by(footing, member, key, "report.submit")
            reports.append(report_in(footing, member, due.key))
        if len(reports) != 1:
            merge([one.due for one in reports])
        first, *others = reports
        problems = [
            Problem(where_of(one.member, one.due), fault)
            for one in reports
            for fault in _not_to_submit(footing, one, first.words, on, today, without, why)
        ]
        if problems:
            raise Refusal(problems)
        place = report_id(programme, member, first.due)
        seal = ""
        for one in (first, *others):
            content = _decided(one.content, why)
            kept = {
                **about(programme, member, one.due), "words": canonical(dict(first.words)),
                "figures": to_text(content), "merged_into": "" if one is first else place,
                "delivered_on": on.isoformat(), "submitted_by": actor.account, "reason": "",
            }  # fmt: skip
            kept["content_hash"] = content_hash(kept, footing.row["edition"])
            seal = seal or str(kept["content_hash"])
            transaction.put(tables.report, report_id(programme, member, one.due), {**kept, "status": SUBMITTED})
        return Receipt(
            tuple(report_id(programme, member, one.due) for one in reports),
            {one.due.key: delivery(one.due, on) for one in reports},
            seal,
        )

    return store.write(order(actor, "report.submit", programme, reason=why), submit)


def _decided(content: Content, why: str) -> Content:
    return replace(content, why=why.strip() if content.missing or content.gaps else "")


def _not_to_submit(
    footing: Footing, report: Report, words: Words, on: date, today: date, without: Sequence[str], why: str
) -> Iterator[Message]:
    due, content = report.due, report.content
    if report.locked:
        yield message("report.locked")
        return
    if due.until is None:
        yield message("programme.day_not_set", report=due.called)
    if on > today:
        yield message("field.day_to_come", day=on, today=today)
    if due.period.first is not None and on < due.period.first:
        yield message("report.period_to_come", period=due.period.label, day=due.period.first)
    if due.what != "task" and not words.get("result", "").strip():
        yield message("report.no_result")
    if due.collects is not None and (left := sorted(set(content.missing) - set(without))):
        yield message("report.members_missing", n=len(left), members=_names(footing, left))
    if due.collects is not None and (wrong := sorted(set(without) - set(content.missing))):
        yield message("report.not_missing", members=_names(footing, wrong))
    if not needs_why(report) or why.strip():
        return
    if due.collects is None and content.missing:
        yield message("report.members_silent", members=_names(footing, content.missing))
    if content.gaps:
        yield message("report.gaps", gaps=list(_gaps(footing, content)))
    if due.collects is not None and content.missing:
        yield message("report.needs_why")


def needs_why(report: Report) -> bool:
    """Whether something is missing that a report should have, so that it goes only with a reason. A task is said to be
    done, not counted: no figures are asked of it."""
    content = report.content
    return report.due.what != "task" and bool(content.missing or content.gaps)


def _names(footing: Footing, codes: Iterable[str]) -> list[str]:
    return [footing.members[code]["name"] if code in footing.members else code for code in codes]


def _gaps(footing: Footing, content: Content) -> Iterator[Message]:
    """What was not entered: which figures, of whom, for which stretch of the year."""
    law = law_for(footing.row)
    titles = {one.key: one.title for one in law.figures.figures} if law.figures else {}
    lacking: dict[tuple[str, str], list[str]] = {}
    for name, member, cell in content.gaps:
        lacking.setdefault((member, cell), []).append(titles.get(name, name))
    for (member, cell), figures in lacking.items():
        (home,) = _names(footing, [member])
        yield message("report.gap", member=home, cell=cell_called(law.programme, cell), figures=figures)


# answering ------------------------------------------------------------------------------------------------------


def accept_report(store: Store, actor: Actor, report: str) -> None:
    """The leading office takes a report as it is, with every one that the same paper answers for."""
    _answer(store, actor, report, ACCEPTED, "", (SUBMITTED,))


def return_report(store: Store, actor: Actor, report: str, reason: str) -> None:
    """Give a report back to be changed, saying why; it is then not delivered. Refused once it went into a consolidated
    report that is submitted: that one is to be returned first."""
    if not reason.strip():
        raise refuse("contest.needs_reason")
    _answer(store, actor, report, RETURNED, reason.strip(), LOCKED)


def _answer(store: Store, actor: Actor, report: str, status: str, reason: str, of: Sequence[str]) -> None:
    def answer(transaction: Transaction) -> None:
        row = report_row(transaction.connection, report)
        footing = Footing(transaction.connection, actor, row["programme"])
        footing.need("report.accept", row["member"])
        if row["status"] not in of:
            called = report_called(transaction.connection, row)
            raise refuse(f"report.not_to_be_{status}", report=called, status=message(f"report.is_{row['status']}"))
        every = rows(transaction.connection, tables.report, programme=row["programme"], member=row["member"])
        paper = row["merged_into"] or report
        together = [one for one in every if paper in (one["id"], one["merged_into"]) and one["status"] in of]
        if status == RETURNED:
            _free(transaction.connection, row["programme"], [one["id"] for one in together])
        for one in together:
            transaction.put(tables.report, one["id"], {"status": status, "reason": reason})

    with store.read() as connection:
        programme = report_row(connection, report)["programme"]
    store.write(order(actor, f"report.{status}", programme, reason=reason), answer)


def _free(connection: Connection, programme: str, reports: Sequence[str]) -> None:
    """None of these reports went into another one that is submitted."""
    for row in rows(connection, tables.report, programme=programme):
        if row["status"] in LOCKED and set(reports) & {made for made, _ in from_text(row["figures"]).made_of}:
            raise refuse("report.consolidated_already", report=report_called(connection, row))


def changed_since(store: Store, actor: Actor, report: str) -> list[tuple[str, str | None, str | None]]:
    """The sums since January that the record gives otherwise now than a report said: key, then, now."""
    with store.read() as connection:
        row = report_row(connection, report)
        footing = Footing(connection, actor, row["programme"])
        footing.need("programme.read", row["member"])
        law = law_for(footing.row).programme
        key = f"{law.id}/{row['duty']}/{row['period']}/{row['stage']}"
        due = due_for(footing.row, key)
        then, now = from_text(row["figures"]), filled(footing, row["member"], due)
    before = {line.name: line.so_far for line in then.figures}
    return [(one.name, before.get(one.name), one.so_far) for one in now.figures if before.get(one.name) != one.so_far]
