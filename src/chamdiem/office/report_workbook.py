"""A periodic report as a workbook people hand in: office and period, tasks, figures as an annex, words, signatures.

A report that is not submitted says so; what is illustrative or a sample says so on every printed page.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row
from chamdiem.errors import Where, refuse
from chamdiem.exchange.workbook import Book, Column, Sheet, Value
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, row_height, scale_for
from chamdiem.office.asked_reports import Asked, asked_in
from chamdiem.office.figures import cell_called
from chamdiem.office.footing import Footing, order
from chamdiem.office.programmes_begun import Law, kept_days, law_for
from chamdiem.office.report_content import FigureLine, TaskLine
from chamdiem.office.report_rows import delivered_day, report_id
from chamdiem.office.reporting import PARTS, Report, report_in
from chamdiem.programmes.delivery import delivery
from chamdiem.programmes.organisations import name_on
from chamdiem.store.database import Store
from chamdiem.words import say, shown, shown_number

WIDTHS = (6.0, 44.0, 24.0, 18.0, 28.0, 20.0, 26.0, 26.0)
ANNEX = (6.0, 50.0, 16.0, 16.0, 18.0, 40.0)
MOST_OF_TASK = 240
EXACT_IN_CELL = 10**15


@dataclass(frozen=True)
class Paper:
    """Everything that a workbook of a report is made of."""

    programme: Row
    law: Law
    members: Mapping[str, Row]
    report: Report

    def name(self, code: str) -> str:
        """What a member is called."""
        return str(self.members[code]["name"]) if code in self.members else code

    def cell(self, id: str) -> str:  # noqa: A002 - it is one
        """What a stretch of the year is called for which figures are entered."""
        found = cell_called(self.law.programme, id)
        return found if isinstance(found, str) else say(found)

    @property
    def asked(self) -> Asked | None:
        """What somebody asked for; None for what the document itself wants."""
        every = asked_in(self.law.programme, kept_days(self.programme))
        return next((one for one in every if one.key == self.report.due.key), None)

    @property
    def banner(self) -> str:
        """What must be known of the figures before anything else: illustrative, a sample, not submitted."""
        words = [say(f"report.law_{self.law.programme.status}")]
        if self.law.figures is not None and self.law.figures.status == "illustrative":
            words.append(say("report.figures_illustrative"))
        if self.programme["sample"]:
            words.append(say("report.sample", words=self.programme["sample"]))
        if not self.report.locked:
            words.append(say("report.not_submitted"))
        return " · ".join(words)


def paper_for(store: Store, actor: Actor, programme: str, member: str, key: str) -> Paper:
    """A report with what is needed to write it down; of one that is not submitted what the record says now."""
    with store.read() as connection:
        footing = Footing(connection, actor, programme)
        footing.need("programme.read", member)
        report = report_in(footing, member, key)
        return Paper(footing.row, law_for(footing.row), footing.members, report)


def export_report(
    store: Store, actor: Actor, programme: str, member: str, key: str, path: Path, *, made_on: datetime
) -> Paper:
    """Write a report as a workbook; the export is noted in the journal. Raises Refusal."""
    found = paper_for(store, actor, programme, member, key)
    made = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        made.touch(exist_ok=False)
        with TemporaryDirectory() as parts:
            _fill(Book(str(made), parts), found, made_on)
        made.replace(path)
    except OSError:
        raise refuse("results.cannot_write", Where(str(path))) from None
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
    place = report_id(programme, member, found.report.due)
    store.write(order(actor, "report.export", programme), lambda transaction: transaction.tell("report", place))
    return found


def _fill(book: Book, paper: Paper, made_on: datetime) -> None:
    row = paper.report.row
    seal = row["content_hash"] if row and paper.report.locked else ""
    shown_seal = say("report.footer_hash", hash=seal[:16]) if seal else say("report.not_submitted")
    footer = say("report.footer", seal=shown_seal, when=made_on)
    _report_sheet(book, paper, footer, made_on.date())
    _annex(book, paper, footer)
    if paper.report.content.words:
        _words_of_members(book, paper, footer)
    title = one_line(f"{paper.report.due.title} · {say(paper.report.due.period.label)} · {paper.report.member['name']}")
    book.close(title=title, comments=seal, created=made_on)


# the report -----------------------------------------------------------------------------------------------------


def _report_sheet(book: Book, paper: Paper, footer: str, today: date) -> None:
    sheet, last = book.sheet(say("report.sheet_report")), len(WIDTHS) - 1
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    report = paper.report
    sheet.across(0, 0, 2, one_line(report.member["name"]).upper(), book.look("subtitle"))
    sheet.across(0, 5, last, say("report.nation"), book.look("subtitle"))
    sheet.across(1, 5, last, say("report.motto"), book.look("bold", "center"))
    sheet.across(3, 0, last, one_line(report.due.title).upper(), book.look("title"))
    sheet.across(4, 0, last, say(report.due.period.label), book.look("subtitle"))
    sheet.across(5, 0, last, paper.banner, book.look("banner"))
    for at, lines in ((3, 2), (4, 1), (5, max(1, lines_of(paper.banner, sum(WIDTHS), bold=True)))):
        sheet.set_row(at, row_height(lines, 14))
    row = 6
    for name, value in facts(paper):
        sheet.across(row, 0, 1, name, book.look("cell", "bold", "wrap", "top"))
        sheet.across(row, 2, last, value, book.look("cell", "wrap", "top"))
        sheet.set_row(row, row_height(max(lines_of(value, sum(WIDTHS[2:])), lines_of(name, 45.0, bold=True))))
        row += 1
    row = _section(book, sheet, row + 1, say("report.section_tasks"))
    row = _tasks(book, sheet, row, paper)
    for part in PARTS:
        row = _words(book, sheet, row + 1, say(f"report.part_{part}"), report.words.get(part, ""))
    row = _difficulties(book, sheet, row + 1, paper)
    row = _signatures(book, sheet, row + 1, paper, today)
    page_setup(sheet, header=paper.banner, footer=footer)
    sheet.set_print_scale(scale_for(WIDTHS, portrait=False))


def facts(paper: Paper) -> Iterator[tuple[str, str]]:
    """What must be known of a report beside its figures: name and value."""
    due, row, law = paper.report.due, paper.report.row, paper.law.programme
    document = law.document
    yield say("report.fact_programme"), f"{law.title} ({document.kind} {document.number}, {shown(document.date)})"
    asked = paper.asked
    wanted = {"asking.subject": asked.subject, "asking.content": asked.content} if asked else {}
    yield from ((say(name), text) for name, text in wanted.items() if text)
    receivers = [name_on(law, each, due.last) for each in (*due.via, *due.to)]
    receivers += [say("asking.to")] if asked and not due.to else []
    yield say("report.fact_to"), "; ".join(receivers) or "–"
    yield say("report.fact_due"), say(due.rule)
    day = delivered_day(row)
    if day is not None:
        yield say("report.fact_delivered"), f"{shown(day)} ({say(delivery(due, day).label)})"
    content = paper.report.content
    yield say("report.fact_members"), "; ".join(map(paper.name, content.members)) or "–"
    if content.missing:
        yield say("report.fact_missing"), "; ".join(map(paper.name, content.missing))
    if content.gaps:
        told = dict.fromkeys(f"{paper.name(member)}: {paper.cell(cell)}" for _, member, cell in content.gaps)
        yield say("report.fact_gaps"), "; ".join(told)
    if content.why:
        yield say("report.fact_why"), content.why
    if content.visits:
        said = say("report.visits", n=content.visits, announced=content.visits_announced)
        yield say("report.fact_visits"), said
    if content.support:
        given = {name: Decimal(content.support.get(name, "0")) for name in ("money", "labour", "goods", "unpriced")}
        yield say("report.fact_support"), say("report.support", **given)


def _section(book: Book, sheet: Sheet, row: int, title: str) -> int:
    sheet.across(row, 0, len(WIDTHS) - 1, title, book.look("section"))
    return row + 1


def _tasks(book: Book, sheet: Sheet, row: int, paper: Paper) -> int:
    heads = ("number", "task", "lead", "progress", "period", "so_far", "difficulty", "proposal")
    for at, head in enumerate(heads):
        sheet.put(row, at, say(f"report.head_{head}"), book.look("head"))
    sheet.set_row(row, row_height(2))
    sheet.repeat_rows(row)
    lines = list(task_rows(paper))
    if not lines:
        return row + 1
    looks = [book.look("cell", "center", "top")] + [book.look("cell", "wrap", "top")] * (len(heads) - 1)
    columns = [Column([line[at] for line in lines], look) for at, look in enumerate(looks)]
    heights = [row_height(max(lines_of(line[at], WIDTHS[at]) for at in range(len(heads)))) for line in lines]
    return int(sheet.fill(row + 1, columns, heights))


def task_rows(paper: Paper) -> Iterator[tuple[str, ...]]:
    """One row for each task and member that reports on it: number, task, lead, progress, results in the period and since
    January, difficulties, proposals. What a member says of difficulties stands with its first task."""
    content, law = paper.report.content, paper.law
    raised = {code: [one for one in content.difficulties if one.member == code] for code in content.members}
    figures = {one.key: one for one in law.figures.figures} if law.figures else {}
    for line in content.tasks:
        task = law.programme.task(line.task)
        told = raised.pop(line.member, [])
        numbers = [
            (figures[one.name].title, _of_member(one, line.member), figures[one.name].unit)
            for one in content.figures
            if one.name in figures and figures[one.name].task == line.task
        ]
        yield (
            line.task,
            _shortened(task.text if task else ""),
            paper.name(line.member),
            progress(line),
            "\n".join(filter(None, [line.note, *(_amount(title, of[0], unit) for title, of, unit in numbers)])),
            "\n".join(filter(None, (_amount(title, of[1], unit) for title, of, unit in numbers))),
            "\n".join(one.words for one in told),
            "\n".join(filter(None, (one.proposal for one in told))),
        )


def _of_member(line: FigureLine, member: str) -> tuple[str | None, str | None]:
    """A figure as one member gave it."""
    return next(((here, upto) for code, here, upto in line.parts if code == member), (None, None))


def _amount(title: str, value: str | None, unit: str) -> str:
    return "" if value is None else f"{title}: {shown_number(Decimal(value))} {unit}"


def progress(line: TaskLine) -> str:
    """How far a task is, in words."""
    if not line.state:
        return say("task.nothing_told")
    day = f", {shown(date.fromisoformat(line.done_on))}" if line.done_on else ""
    return f"{say(f'task.state_{line.state}')} ({line.percent}%{day})"


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_OF_TASK else text[: MOST_OF_TASK - 1].rsplit(" ", 1)[0] + "…"


def _words(book: Book, sheet: Sheet, row: int, title: str, text: str) -> int:
    row = _section(book, sheet, row, title)
    for paragraph in (text or "–").split("\n"):
        sheet.across(row, 0, len(WIDTHS) - 1, paragraph, book.look("wrap", "top"))
        sheet.set_row(row, row_height(lines_of(paragraph, sum(WIDTHS))))
        row += 1
    return row


def _difficulties(book: Book, sheet: Sheet, row: int, paper: Paper) -> int:
    found = paper.report.content.difficulties
    if not found:
        return row
    row = _section(book, sheet, row, say("report.section_difficulties"))
    for one in found:
        parts = (paper.name(one.member), one.words, one.proposal, one.answer)
        said = say("report.difficulty", who=parts[0], words=parts[1], proposal=parts[2] or "–", answer=parts[3] or "–")
        sheet.across(row, 0, len(WIDTHS) - 1, said, book.look("wrap", "top"))
        sheet.set_row(row, row_height(lines_of(said, sum(WIDTHS))))
        row += 1
    return row


def _signatures(book: Book, sheet: Sheet, row: int, paper: Paper, today: date) -> int:
    day = delivered_day(paper.report.row) or today
    place = say("report.place_day", day=f"{day.day:02}", month=_month(day), year=str(day.year))
    sheet.across(row, 5, len(WIDTHS) - 1, place, book.look("italic", "center"))
    sheet.across(row + 1, 0, 2, say("report.made_by"), book.look("bold", "center"))
    sheet.across(row + 1, 5, len(WIDTHS) - 1, say("report.head_of_office"), book.look("bold", "center"))
    sheet.across(row + 2, 0, 2, say("report.sign"), book.look("italic", "center"))
    sheet.across(row + 2, 5, len(WIDTHS) - 1, say("report.sign_and_seal"), book.look("italic", "center"))
    return row + 7


def _month(day: date) -> str:
    """The month as letters write it: 01 and 02 with a nought, that nobody may put a 1 before; the others without."""
    return f"{day.month:02}" if day.month < 3 else str(day.month)


# the annexes ----------------------------------------------------------------------------------------------------


def _annex(book: Book, paper: Paper, footer: str) -> None:
    """The figures: each in the period and since January; of a sum each member's own below it."""
    sheet = book.sheet(say("report.sheet_figures"))
    for at, width in enumerate(ANNEX):
        sheet.set_column(at, at, width)
    sheet.across(0, 0, len(ANNEX) - 1, say("report.section_figures"), book.look("title"))
    sheet.across(1, 0, len(ANNEX) - 1, paper.banner, book.look("banner"))
    for at, head in enumerate(("number", "figure", "unit", "in_period", "since_january", "note")):
        sheet.put(2, at, say(f"report.head_{head}"), book.look("head"))
    lines = list(figure_rows(paper))
    if lines:
        looks = [book.look("cell", "center", "top")] + [book.look("cell", "wrap", "top")] * 2
        looks += [book.look("number", "top")] * 2 + [book.look("cell", "wrap", "top")]
        columns = [Column([line[at] for line in lines], look) for at, look in enumerate(looks)]
        texts = [[str(cell or "") for cell in line] for line in lines]
        heights = [row_height(max(lines_of(line[at], ANNEX[at]) for at in (1, 5))) for line in texts]
        sheet.fill(3, columns, heights)
    sheet.freeze_panes(3, 0)
    sheet.repeat_rows(2)
    page_setup(sheet, header=paper.banner, footer=footer)
    sheet.set_print_scale(scale_for(ANNEX, portrait=False))


def figure_rows(paper: Paper) -> Iterator[tuple[Value, ...]]:
    """One row for each figure, and below a sum one for each member: number, title, unit, both figures, what is missing."""
    known = {one.key: one for one in paper.law.figures.figures} if paper.law.figures else {}
    for number, line in enumerate(paper.report.content.figures, 1):
        one = known.get(line.name)
        title, unit = (one.title, one.unit) if one else (line.name, "")
        yield str(number), title, unit, cell_of(line.in_period), cell_of(line.so_far), _note(paper, line)
        if len(line.parts) > 1:
            for code, here, upto in (part for part in line.parts if part[1:] != (None, None)):
                yield "", f"    {paper.name(code)}", unit, cell_of(here), cell_of(upto), None


def _note(paper: Paper, line: FigureLine) -> str | None:
    without = [paper.name(code) for code, _, upto in line.parts if upto is None]
    said = [say("report.without_figure", members=without)] if without else []
    if line.gaps:
        said.append(
            say("report.gap_note", gaps=[f"{paper.name(member)}, {paper.cell(cell)}" for member, cell in line.gaps])
        )
    return " ".join(said) or None


def cell_of(value: str | None) -> Value:
    """An exact number for a cell: whole numbers as numbers; decimals, and what Excel would round, as they are written."""
    if value is None:
        return None
    number = Decimal(value)
    if number == number.to_integral_value() and abs(number) < EXACT_IN_CELL:
        return int(number)
    return shown_number(number)


def _words_of_members(book: Book, paper: Paper, footer: str) -> None:
    """The words of each member, side by side with their names, and put into nobody's mouth."""
    sheet, widths = book.sheet(say("report.sheet_words")), (30.0, 30.0, 120.0)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    for at, head in enumerate(("member", "part", "words")):
        sheet.put(0, at, say(f"report.head_{head}"), book.look("head"))
    lines = [
        (paper.name(code), say(f"report.part_{part}"), said[part])
        for code, said in paper.report.content.words
        for part in PARTS
        if said.get(part)
    ]
    look = book.look("cell", "wrap", "top")
    heights = [row_height(max(lines_of(line[at], widths[at]) for at in range(3))) for line in lines]
    sheet.fill(1, [Column([line[at] for line in lines], look) for at in range(3)], heights)
    sheet.freeze_panes(1, 0)
    page_setup(sheet, header=paper.banner, footer=footer)
    sheet.set_print_scale(scale_for(widths, portrait=False))
