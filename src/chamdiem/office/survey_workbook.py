"""The workbook of a closed survey: results by question and class, and all forms, sorted by what they say and by nothing else.

Two forms that say the same are the same line twice; no line has a number, a time, or a neighbour that means anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from chamdiem.contest.permissions import Actor
from chamdiem.errors import Where, refuse
from chamdiem.exchange.workbook import Book, Column, Sheet
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, row_height, scale_for
from chamdiem.office.survey_results import Outcome, results_for
from chamdiem.office.survey_words import interval, labels, percent
from chamdiem.store import ballot_box
from chamdiem.store.database import Store
from chamdiem.store.door import Order
from chamdiem.surveys.filling import Form, read_written
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.surveys.results import Count, Group
from chamdiem.words import say, shown

WIDTHS = (46.0, 24.0, 10.0, 10.0, 10.0, 12.0, 12.0, 18.0)
Line = tuple[str | int | None, ...]


def export_round(store: Store, actor: Actor, round_: str, path: Path, *, made_on: datetime) -> Outcome:
    """Write the results of a closed round and its forms; the export is noted in the journal. Raises Refusal.

    Forms are written only where results may be shown.
    """
    found = results_for(store, actor, round_)
    with store.read() as connection:
        answers, notes = ballot_box.answers_of(connection, round_), ballot_box.notes_of(connection, round_)
    made = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        made.touch(exist_ok=False)
        with TemporaryDirectory() as parts:
            _fill(Book(str(made), parts), found, answers, notes, made_on)
        made.replace(path)
    except OSError:
        raise refuse("results.cannot_write", Where(str(path))) from None
    finally:
        with suppress(OSError):
            made.unlink(missing_ok=True)
    order = Order(actor.account, "survey.export", found.row["contest"] or found.row["programme"])
    store.write(order, lambda transaction: transaction.tell("survey_round", round_))
    return found


def _fill(book: Book, found: Outcome, answers: Sequence[str], notes: Sequence[tuple[str, str]], when: datetime) -> None:
    footer = say("survey.footer", id=found.row["id"], hash=found.row["answers_hash"][:12], when=when)
    _write_results(book, found, footer)
    if found.results.everybody is not None:
        _write_forms(book, found, answers, footer)
        if notes:
            _write_notes(book, found, notes, footer)
    title = one_line(f"{found.questionnaire.title} · {found.row['unit_name']}")
    book.close(title=title, comments=found.row["answers_hash"], created=when)


# results --------------------------------------------------------------------------------------------------------


def _label(found: Outcome) -> str:
    return labels(found.questionnaire, sample=bool(found.row["sample"]))


def facts(found: Outcome) -> Iterator[tuple[str, str]]:
    """What must be known of a survey beside its figures: name and value."""
    row, asked = found.row, found.questionnaire
    yield say("survey.fact_unit"), row["unit_name"]
    yield say("survey.fact_questionnaire"), f"{asked.kind}, {asked.id}@{asked.version}"
    first, last = (shown(date.fromisoformat(row[name])) for name in ("opens_on", "closes_on"))
    yield say("survey.fact_days"), f"{first} – {last}"
    yield say("survey.fact_sample"), say("survey.sample_of", population=row["population"], target=row["target"])
    yield say("survey.fact_forms"), say("survey.forms_of", online=row["online"], paper=row["paper"])
    yield say("survey.fact_hash"), row["answers_hash"]
    for remark in found.remarks:
        yield say("survey.fact_remark"), say(remark)


def _write_results(book: Book, found: Outcome, footer: str) -> None:
    asked, sheet = found.questionnaire, book.sheet(say("survey.sheet_results"))
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    sheet.across(0, 0, len(WIDTHS) - 1, one_line(asked.title), book.look("title"))
    sheet.across(1, 0, len(WIDTHS) - 1, _label(found), book.look("banner"))
    row = 2
    for name, value in facts(found):
        sheet.put(row, 0, name, book.look("cell", "bold", "wrap", "top"))
        sheet.across(row, 1, len(WIDTHS) - 1, value, book.look("cell", "wrap", "top"))
        sheet.set_row(row, row_height(lines_of(value, sum(WIDTHS[1:]))))
        row += 1
    classes = {one.key: one.title for one in asked.respondents}
    groups = [(say("survey.everybody"), found.results.everybody)]
    groups += [(classes[key], group) for key, group in found.results.classes.items()] if len(classes) > 1 else []
    for name, group in groups:
        row = _write_group(book, sheet, row + 1, asked, name, group)
    page_setup(sheet, header=_label(found), footer=footer)
    sheet.set_print_scale(scale_for(WIDTHS, portrait=False))


def _write_group(book: Book, sheet: Sheet, row: int, asked: Questionnaire, name: str, group: Group | None) -> int:
    sheet.across(row, 0, len(WIDTHS) - 1, name, book.look("section"))
    if group is None:
        sheet.across(row + 1, 0, len(WIDTHS) - 1, say("survey.not_shown", least=asked.shown_from), book.look("note"))
        return row + 2
    heads = ("question", "answer", "count", "part", "valid", "share", "weighted", "interval")
    for at, head in enumerate(heads):
        sheet.put(row + 1, at, say(f"survey.head_{head}"), book.look("head"))
    lines = list(_lines(asked, group))
    looks = [book.look("cell", "wrap", "top"), book.look("cell", "wrap", "top")] + [book.look("number")] * 6
    columns = [Column([line[at] for line in lines], look) for at, look in enumerate(looks)]
    heights = [row_height(max(lines_of(str(line[0] or ""), WIDTHS[0]), 1)) for line in lines]
    return int(sheet.fill(row + 2, columns, heights))


def _lines(asked: Questionnaire, group: Group) -> Iterator[Line]:
    """One line for each answer, the first of a question with its figures; one for all questions that count together."""
    for question in asked.questions:
        count, words = group.questions[question.code], f"{question.code}. {question.title}"
        if count is None:
            yield words, say("survey.not_shown_short"), None, None, None, None, None, None
            continue
        for at, option in enumerate(asked.options_of(question)):
            n = count.options[option.key]
            figures = _figures(count) if not at and question.counts else (None,) * 4
            yield words if not at else None, option.title, n, _part(n, count), *figures
    if group.overall is not None:
        yield say("survey.overall"), None, group.overall.answered, None, *_figures(group.overall)


def _part(n: int, count: Count) -> str | None:
    return percent(Fraction(n, count.answered)) if count.answered else None


def _figures(count: Count) -> Line:
    return count.valid, percent(count.share), percent(count.weighted), interval(count)


# forms ----------------------------------------------------------------------------------------------------------


def _write_forms(book: Book, found: Outcome, answers: Sequence[str], footer: str) -> None:
    """All forms in the order of their words."""
    asked = found.questionnaire
    classes = {one.key: one.title for one in asked.respondents}
    sheet = book.sheet(say("survey.sheet_forms"))
    hidden = say("survey.class_not_kept")
    rows = sorted(
        (classes.get(form.respondents, hidden), *(_said(asked, form, one.code) for one in asked.questions))
        for form in map(read_written, answers)
    )
    heads = [say("survey.head_class"), *(f"{one.code}. {one.title}" for one in asked.questions)]
    _write_table(book, sheet, found, heads, rows, footer)


def _said(asked: Questionnaire, form: Form, code: str) -> str:
    option = asked.option(asked.by_code[code], form.choices.get(code, ""))
    return "" if option is None else option.title


def _write_notes(book: Book, found: Outcome, notes: Sequence[tuple[str, str]], footer: str) -> None:
    """What was said to open questions, apart from everything else."""
    asked = found.questionnaire
    titles = {note.code: note.title for note in asked.notes}
    rows = sorted((titles.get(code, code), words) for code, words in notes)
    heads = [say("survey.head_question"), say("survey.head_words")]
    _write_table(book, book.sheet(say("survey.sheet_notes")), found, heads, rows, footer)


def _write_table(
    book: Book, sheet: Sheet, found: Outcome, heads: Sequence[str], rows: Sequence[tuple[str, ...]], footer: str
) -> None:
    widths = [24.0] * len(heads)
    for at, (width, head) in enumerate(zip(widths, heads, strict=True)):
        sheet.set_column(at, at, width)
        sheet.put(0, at, head, book.look("head"))
    sheet.set_row(0, row_height(max(lines_of(head, 24.0, bold=True) for head in heads)))
    look = book.look("cell", "wrap", "top")
    heights = [row_height(max(lines_of(cell, 24.0) for cell in row)) for row in rows]
    sheet.fill(1, [Column([row[at] for row in rows], look) for at in range(len(heads))], heights)
    sheet.freeze_panes(1, 0)
    page_setup(sheet, header=_label(found), footer=footer)
    sheet.set_print_scale(scale_for(widths, portrait=False))
