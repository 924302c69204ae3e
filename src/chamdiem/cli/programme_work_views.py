"""What the terminal shows of a programme at work: members, what is due and how it stands, a report, a receipt, a feed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from chamdiem.cli.views import console
from chamdiem.errors import Message
from chamdiem.office.programme_marks import Answer
from chamdiem.office.report_rows import Owed
from chamdiem.office.report_workbook import Paper, facts, figure_rows, progress
from chamdiem.office.reporting import PARTS
from chamdiem.office.submitting import Receipt
from chamdiem.words import say, shown


def _table(heads: Iterable[str], lines: Iterable[Sequence[str]]) -> None:
    found = Table()
    for head in heads:
        found.add_column(head, overflow="fold")
    for line in lines:
        found.add_row(*(Text(cell) for cell in line))
    console().print(found)


def show_members(found: Sequence[Mapping[str, str]]) -> None:
    """Who takes part."""
    names = ("code", "name", "office", "above", "unit")
    _table([say(f"work.column_{name}") for name in names], [[one[name] for name in names] for one in found])


def owed_record(one: Owed, on: date) -> dict[str, object]:
    """One thing that is owed, for machines."""
    day, due = one.delivered_on, one.due
    return {
        "key": due.key, "title": due.title, "period": due.period.id, "member": one.member["code"] if one.member else None,
        "due": due.until.isoformat() if due.until else None, "rule": say(due.rule), "state": one.word(on),
        "delivered_on": day.isoformat() if day else None, "days": one.delivery.days if one.delivery else None,
        "report": one.row["id"] if one.row else None, "status": one.row["status"] if one.row else None,
    }  # fmt: skip


def show_owed(found: Sequence[Owed], on: date) -> None:
    """What is due, by day, and how it stands."""
    if not found:
        sys.stdout.write(say("programme.nothing_due") + "\n")
        return
    names = ("due", "report", "period", "member", "state")
    lines = [
        (
            say(one.due.rule),
            f"{one.due.title} ({one.due.duty}/{one.due.period.id}/{one.due.stage})",
            say(one.due.period.label),
            one.member["name"] if one.member else say("work.nobody"),
            say(one.label(on)),
        )
        for one in found
    ]
    _table([say(f"work.column_{name}") for name in names], lines)


def report_record(paper: Paper) -> dict[str, Any]:
    """A report, for machines: its words and all that it says, exact numbers as text."""
    report = paper.report
    return {
        "key": report.due.key, "member": report.member["code"], "status": report.status, "locked": report.locked,
        "words": dict(report.words), "content": asdict(report.content), "banner": paper.banner,
        "hash": report.row["content_hash"] if report.row else "",
    }  # fmt: skip


def show_report(paper: Paper) -> None:
    """A report to be read."""
    report = paper.report
    console().print(
        Text(f"{report.member['name']} · {report.due.title} · {say(report.due.period.label)}", style="bold")
    )
    console().print(Text(paper.banner, style="italic"))
    for name, value in facts(paper):
        console().print(Text(f"{name}: {value}"))
    lines = [(one.task, paper.name(one.member), progress(one), one.note) for one in report.content.tasks]
    _table([say(f"report.head_{name}") for name in ("task", "lead", "progress", "period")], lines)
    figures = [["" if cell is None else shown(cell) for cell in line[1:]] for line in figure_rows(paper)]
    _table([say(f"report.head_{name}") for name in ("figure", "unit", "in_period", "since_january", "note")], figures)
    for part in PARTS:
        if report.words.get(part):
            console().print(Text(say(f"report.part_{part}"), style="bold"))
            console().print(Text(report.words[part]))


def receipt_record(done: Receipt) -> dict[str, object]:
    """What was handed in, for machines."""
    told = {key: {"state": one.word, "days": one.days} for key, one in done.deliveries.items()}
    return {"reports": list(done.reports), "deliveries": told, "hash": done.hash}


def show_receipt(done: Receipt) -> None:
    """What was handed in, each on a line, and the hash."""
    for report, one in zip(done.reports, done.deliveries.values(), strict=True):
        sys.stdout.write(f"✓ {report}: {say(one.label)}\n")
    sys.stdout.write(say("work.sealed", hash=done.hash) + "\n")


def feed_record(found: Mapping[str, Answer | Message]) -> dict[str, object]:
    """Answers with their references, or why there is none, for machines."""
    return {
        code: {"answer": one.answer, "reference": one.reference} if isinstance(one, Answer) else {"none": say(one)}
        for code, one in found.items()
    }


def show_marked(found: Mapping[str, Answer | Message]) -> None:
    """The same to be read, after how many were marked."""
    sys.stdout.write(say("work.marked", n=sum(isinstance(one, Answer) for one in found.values())) + "\n")
    show_feed(found)


def show_feed(found: Mapping[str, Answer | Message]) -> None:
    """The same to be read."""
    lines = [
        (code, one.answer, one.reference) if isinstance(one, Answer) else (code, "–", say(one))
        for code, one in found.items()
    ]
    _table([say(f"work.column_{name}") for name in ("criterion", "answer", "reference")], lines)
