"""The sheets of conditions and of open matters: what recognition and stars hung on, and what is still to be settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chamdiem.exchange.results_proof import Atom
from chamdiem.exchange.results_words import Published
from chamdiem.exchange.workbook import Book, Column, Format, Sheet
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, row_height, scale_for
from chamdiem.words import say

ALL_UP_TO = 400
CONDITION_WIDTHS = (8, 21, 16, 12, 52, 10, 12, 11, 28)
MATTER_WIDTHS = (8, 26, 16, 76, 12)
SIZES = ((1, 11), (2, 11), (4, 11), (8, 9))  # the columns of conditions that may wrap, and their letters
HEAD_ROW = 3
Row = tuple[int, Atom | None]


def write_conditions(book: Book, published: Published, *, footer: str) -> None:
    """Write every condition of every unit; beyond 400 units only those that keep a unit from the next band."""
    name = "results.sheet.conditions" if published.result.has_stars else "results.sheet.conditions_gates"
    sheet = book.sheet(say(name))
    few = len(published.units) <= ALL_UP_TO
    rows = list(_rows(published, everything=few))
    heads = ("code", "unit", "reached", "band", "condition", "observed", "needed", "met_condition", "clause")
    note = "results.note.all_conditions" if few else "results.note.failed_conditions"
    _head(sheet, book, published, heads, CONDITION_WIDTHS, say("results.title_conditions"), say(note, limit=ALL_UP_TO))
    table = list(_condition_table(book, published, rows))
    heights = [
        row_height(max(lines_of(str(table[at].values[row] or ""), CONDITION_WIDTHS[at], size) for at, size in SIZES))
        for row in range(len(rows))
    ]
    _finish(sheet, published, table, heights, CONDITION_WIDTHS, footer)


def _rows(published: Published, *, everything: bool) -> Iterator[Row]:
    """Unit by unit the conditions to be shown; a unit about which there is nothing to show has one line without any."""
    atoms = published.atoms
    wanted = _wanted(published) if not everything else None
    for at in published.order:
        found = []
        if published.scored[at] and wanted is None:
            found = list(atoms)
        elif published.scored[at] and wanted is not None:
            limit = wanted[at]
            found = [
                atom for atom in atoms
                if atom.blocks[at] and (not atom.stars or published.stars[at] < atom.stars <= limit)
            ]  # fmt: skip
        for atom in found:
            yield at, atom
        if not found:
            yield at, None


def _wanted(published: Published) -> list[int]:
    """For each unit the highest band of interest: the one its points reach, at least the next above its own."""
    stars = sorted(published.bands)
    nexts = {have: next((one for one in stars if one > have), have) for have in [0, *stars]}
    return [
        max(nexts.get(have, have), points)
        for have, points in zip(published.stars, published.stars_by_points, strict=True)
    ]


def _condition_table(book: Book, published: Published, rows: Sequence[Row]) -> Iterator[Column]:
    """The columns of the conditions."""
    units, atoms = published.units, published.atoms
    place = {id(atom): at for at, atom in enumerate(atoms)}
    firsts = [not row or rows[row - 1][0] != at for row, (at, _) in enumerate(rows)]
    text, center = book.look("cell", "wrap"), book.look("cell", "center", "wrap")
    repeated, centered = book.look("cell", "wrap", "light"), book.look("cell", "center", "wrap", "light")
    classes = {at: published.class_of(at) for at in {at for at, _ in rows}}
    names = {at: one_line(units[at].name) for at in classes}
    yield Column([one_line(units[at].code) for at, _ in rows], [center if first else centered for first in firsts])
    yield Column([names[at] for at, _ in rows], [text if first else repeated for first in firsts])
    yield Column([classes[at] for at, _ in rows], [center if first else centered for first in firsts])
    bands = [published.in_band(atom) for atom in atoms]
    looks = [figure_looks(book, published, atom, "cell") for atom in atoms]
    clauses = [one_line(atom.clause) for atom in atoms]
    blank = book.look("cell")
    at_atom = [None if atom is None else place[id(atom)] for _, atom in rows]
    yield Column([None if at is None else bands[at] for at in at_atom], center)
    yield Column([one_line(atom.subject) if atom else _nothing(published, at) for at, atom in rows], text)
    yield Column(
        [atom.observed[at] if atom else None for at, atom in rows],
        [blank if at is None else looks[at][0] for at in at_atom],
    )
    yield Column(
        [atom.needed[at] if atom else None for at, atom in rows],
        [blank if at is None else looks[at][1] for at in at_atom],
    )
    words = {None: None, True: say("word.met"), False: say("word.not_met")}
    looks_of = {None: center, True: center, False: book.look("cell", "center", "failed")}
    verdicts = [None if atom is None else atom.met[at] for at, atom in rows]
    yield Column([words[verdict] for verdict in verdicts], [looks_of[verdict] for verdict in verdicts])
    yield Column([None if at is None else clauses[at] for at in at_atom], book.look("cell", "wrap", "small"))


def _nothing(published: Published, at: int) -> str:
    return say("results.no_condition_failed" if published.scored[at] else "results.not_judged")


def figure_looks(book: Book, published: Published, atom: Atom, *names: str) -> tuple[Format, Format]:
    """How the observed and the needed figure of a condition are written: points or counts, with ≥ or another sign."""
    if atom.unit == "fact":
        return (book.look(*names, "cell", "center"),) * 2
    number = published.exact_format if atom.unit == "ticks" else "General"
    return (
        book.look(*names, "number", num_format=number),
        book.look(*names, "number", num_format=f'"{atom.sign} "{number}'),
    )


def write_matters(book: Book, published: Published, *, footer: str) -> None:
    """Write what is still open, and what is worth knowing, about each unit."""
    sheet = book.sheet(say("results.sheet.matters"))
    any_open = any(published.open_counts)
    note = say("results.note.matters" if any_open else "results.note.no_matters")
    heads = ("code", "unit", "node", "matter", "kind_of_matter")
    _head(sheet, book, published, heads, MATTER_WIDTHS, say("results.title_matters"), note)
    rows = list(_matters(published))
    center, text = book.look("cell", "center"), book.look("cell", "wrap")
    looks = {True: book.look("cell", "center", "failed"), False: center}
    table = [Column([row[at] for row in rows], text if at in (1, 3) else center) for at in range(4)]
    kinds = {still: say("results.still_open" if still else "results.to_know") for still in looks}
    table.append(Column([kinds[row[4]] for row in rows], [looks[row[4]] for row in rows]))
    heights = [row_height(max(lines_of(row[1], MATTER_WIDTHS[1]), lines_of(row[3], MATTER_WIDTHS[3]))) for row in rows]
    _finish(sheet, published, table, heights, MATTER_WIDTHS, footer)


def _matters(published: Published) -> Iterator[tuple[str, str, str, str, bool]]:
    """Code, name, node, sentence and whether it is open, unit by unit; what is open comes first."""
    concerned = np.zeros(len(published.units), dtype=np.bool_)
    for matter in published.result.sheet.matters:
        concerned |= matter.units
    for at in published.order:
        if concerned[at]:
            unit = published.units[at]
            for code, sentence, is_open in published.matters_of(at):
                yield one_line(unit.code), one_line(unit.name), code, one_line(sentence), is_open


def _head(
    sheet: Sheet, book: Book, published: Published, heads: Sequence[str], widths: Sequence[float], title: str, note: str
) -> None:
    last = len(widths) - 1
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.across(0, 0, last, title, book.look("title"))
    sheet.set_row(0, 24)
    sheet.across(1, 0, last, published.label, book.look("banner"))
    sheet.set_row(1, 22)
    sheet.across(2, 0, last, note, book.look("note"))
    sheet.set_row(2, row_height(lines_of(note, sum(widths), 10), 10))
    for at, name in enumerate(heads):
        sheet.put(HEAD_ROW, at, say(f"results.head.{name}"), book.look("head"))
    sheet.set_row(HEAD_ROW, row_height(2))


def _finish(
    sheet: Sheet,
    published: Published,
    table: Sequence[Column],
    heights: Sequence[float],
    widths: Sequence[float],
    footer: str,
) -> None:
    after = sheet.fill(HEAD_ROW + 1, table, heights)
    if heights:
        sheet.autofilter(HEAD_ROW, 0, after - 1, len(widths) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    page_setup(sheet, header=published.label, footer=footer)
    sheet.set_print_scale(scale_for(widths, portrait=False))
    sheet.repeat_rows(HEAD_ROW)
    sheet.print_area(0, 0, max(after, HEAD_ROW + 1) - 1, len(widths) - 1)
