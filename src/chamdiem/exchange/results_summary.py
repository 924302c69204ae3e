"""The sheet of totals and ranks: one line for each unit, from the first rank on, and room for signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chamdiem.exchange.lettering import LINE_POINTS, SIZE
from chamdiem.exchange.page_breaks import tail_break
from chamdiem.exchange.results_words import Published, exceptions, period
from chamdiem.exchange.workbook import Book, Column, Format, Sheet, Value
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, row_height, scale_for
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE
from chamdiem.words import say

HEAD_ROW = 4
PAGE_WIDTH, MOST_ROOM = 128, 22  # of columns, in characters
SIGNATURE_ROWS = (2, 1, 1, 4)  # empty line, place and day, who signs, room for the signature; in lines


@dataclass(frozen=True)
class Field:
    """One column of the summary: its head, width, cells in the order of publication, and their look."""

    head: str
    width: float
    values: Sequence[Value]
    look: Format | Sequence[Format]
    size: float = 0.0
    """The size of the letters where texts may wrap."""

    def height(self, at: int) -> float:
        """The height that one cell needs."""
        lines = lines_of(str(self.values[at]), self.width, self.size) if self.values[at] else 1
        return row_height(lines, self.size if lines > 1 else SIZE)


def write_summary(book: Book, published: Published, *, footer: str, notes: Sequence[str]) -> None:
    """Write the summary; `notes` are further lines below the table."""
    sheet = book.sheet(say("results.sheet.summary"))
    fields = _spread(list(_fields(book, published)))
    widths = [one.width for one in fields]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    top = _head(sheet, book, published, fields)
    texts = [one for one in fields if one.size]
    heights = [max((one.height(at) for one in texts), default=row_height(1)) for at in range(len(published.order))]
    after = sheet.fill(HEAD_ROW + 1, [Column(one.values, one.look) for one in fields], heights)
    if published.order:
        sheet.autofilter(HEAD_ROW, 0, after - 1, len(fields) - 1)
    sheet.freeze_panes(HEAD_ROW + 1, 3)
    head = _head_height(fields)
    after, notes_height = _notes(sheet, book, after, [*_remarks(published), *notes], sum(widths))
    _signatures(sheet, book, after, len(fields))
    page_setup(sheet, header=published.label, footer=footer)
    scale = scale_for(widths, portrait=False)
    sheet.set_print_scale(scale)
    sheet.repeat_rows(HEAD_ROW)
    sheet.print_area(0, 0, after + len(SIGNATURE_ROWS) - 1, len(fields) - 1)
    below = notes_height + sum(SIGNATURE_ROWS) * LINE_POINTS
    turn = tail_break(heights, above=top + head, below=below, again=head, scale=scale)
    if turn is not None:
        sheet.set_h_pagebreaks([HEAD_ROW + 1 + turn])


def _spread(fields: list[Field]) -> list[Field]:
    """The columns with the room that is left on the page given to the names of the units."""
    room = min(MOST_ROOM, max(PAGE_WIDTH - sum(one.width for one in fields), 0))
    name = say("results.head.unit")
    return [replace(one, width=one.width + room) if one.head == name else one for one in fields]


def _head(sheet: Sheet, book: Book, published: Published, fields: Sequence[Field]) -> float:
    """Title, the set, its label, and the heads of the columns; returns the height of what stands above those."""
    criteria, last = published.criteria, len(fields) - 1
    set_line = say("results.set_line", id=criteria.id, version=criteria.version, period=period(criteria))
    banner = "\n".join([published.label, *exceptions(criteria)])
    lines = (
        (say("results.title"), "title", 14),
        (one_line(criteria.title), "subtitle", 12),
        (set_line, "center", 11),
        (banner, "banner", 12),
    )
    room, height = sum(one.width for one in fields), 0.0
    for row, (text, look, size) in enumerate(lines):
        sheet.across(row, 0, last, text, book.look(look, "wrap"))
        tall = row_height(lines_of(text, room, size, bold=True), size) + 2
        sheet.set_row(row, tall)
        height += tall
    for at, one in enumerate(fields):
        sheet.put(HEAD_ROW, at, one.head, book.look("head"))
    sheet.set_row(HEAD_ROW, _head_height(fields))
    return height


def _head_height(fields: Sequence[Field]) -> float:
    return row_height(max(lines_of(one.head, one.width, bold=True) for one in fields)) + 6


def _fields(book: Book, published: Published) -> Iterator[Field]:
    """The columns there is something to say in: a set without bonus has no column for it."""
    order = published.order
    center, text = book.look("cell", "center"), book.look("cell", "wrap")
    yield from _ranks(book, published)
    if any(published.scopes):
        yield Field(say("results.head.scope"), 14, [one_line(published.scopes[at]) for at in order], text, SIZE)
    yield Field(say("results.head.code"), 8, published.codes, center, SIZE)
    yield Field(say("results.head.unit"), 23, published.names, text, SIZE)
    yield from _points(book, published)
    classes = [published.class_of(at) for at in order]
    head = "results.head.class" if published.result.has_stars else "results.head.recognised"
    yield Field(say(head), 16, classes, book.look("cell", "center", "wrap"), SIZE)
    if published.result.has_stars:
        stars = [published.stars[at] if published.scored[at] else None for at in order]
        yield Field(say("results.head.stars"), 6, stars, center)
        if published.has_layers:
            ranges = [published.star_range(at) if published.scored[at] else None for at in order]
            yield Field(say("results.head.star_range"), 8, ranges, center)
    remarks = ["\n".join(one_line(remark) for remark in published.remarks(at)) for at in order]
    if any(remarks) or published.result.verdict.gates:
        yield Field(say("results.head.remarks"), 32, remarks, book.look("cell", "wrap", "small"), 9)
    still_open = book.look("cell", "center", num_format=f'0" {say("results.provisional")}";;"–"')
    yield Field(say("results.head.open"), 13, [published.open_counts[at] for at in order], still_open)


def _ranks(book: Book, published: Published) -> Iterator[Field]:
    alone = book.look("cell", "center", "bold")
    shared = book.look("cell", "center", "bold", num_format=f'0" {say("results.shared")}"')
    ranks = [published.ranks[at] or "–" for at in published.order]
    looks = [shared if published.shared[at] else alone for at in published.order]
    yield Field(say("results.head.rank"), 12 if any(published.shared) else 7, ranks, looks)


def _points(book: Book, published: Published) -> Iterator[Field]:
    result, totals = published.result, published.result.verdict.totals
    plain = book.look("number", num_format=published.point_format)
    strong = book.look("number", "bold", num_format=published.point_format)
    columns = [(name, getattr(totals, name)[HEADLINE], plain) for name, _ in published.criteria.pools]
    if len(columns) > 1 or published.criteria.result == "points":
        columns.append(("total", totals.total[HEADLINE], strong))
    if published.has_layers:
        columns.append(("floor", totals.total[result.layer(FLOOR)], plain))
        columns.append(("ceiling", totals.total[result.layer(CEILING)], plain))
    for name, ticks, look in columns:
        numbers = published.numbers(ticks)
        shown = [numbers[at] if published.scored[at] else None for at in published.order]
        yield Field(say(f"results.head.{name}"), 9, shown, look)
    if "met" in (published.criteria.ranking.on, published.criteria.result.removesuffix("_count")):
        met = result.verdict.met_count[HEADLINE].tolist()
        shown = [met[at] if published.scored[at] else None for at in published.order]
        yield Field(say("results.head.met"), 9, shown, book.look("cell", "center"))


def _remarks(published: Published) -> Iterator[str]:
    """The lines below the table: how many units, and what the words in it mean."""
    judged = published.result.has_stars or published.result.verdict.gates
    yield say(
        "results.note.counts" if judged else "results.note.counts_unrecognised",
        units=len(published.units),
        scored=sum(published.scored),
        recognised=sum(published.recognised[at] and published.scored[at] for at in published.order),
        provisional=sum(count > 0 for count in published.open_counts),
    )
    if any(published.scopes):
        yield say("results.note.scopes")
    if any(published.shared):
        yield say("results.note.shared")
    if any(published.open_counts):
        yield say("results.note.provisional", sheet=say("results.sheet.matters"))
    if published.has_layers:
        yield say("results.note.floor_ceiling")
    if not published.atoms:
        yield say("results.note.no_conditions")
    if published.criteria.note:
        yield say("results.note.of_set", note=one_line(published.criteria.note))


def _notes(sheet: Sheet, book: Book, row: int, notes: Sequence[str], width: float) -> tuple[int, float]:
    """Write the lines below the table; returns the row after them and their height."""
    last, total = sheet.dim_colmax, 0.0
    for note in notes:
        height = row_height(lines_of(note, width, 10), 10)
        sheet.across(row, 0, last, note, book.look("note"))
        sheet.set_row(row, height)
        row, total = row + 1, total + height
    return row, total


def _signatures(sheet: Sheet, book: Book, row: int, columns: int) -> None:
    """Place and day, and who signs: secretary, head of the panel, head of the organisers."""
    third = columns // 3
    spans = ((0, third - 1), (third, 2 * third - 1), (2 * third, columns - 1))
    for offset, lines in enumerate(SIGNATURE_ROWS):
        sheet.set_row(row + offset, lines * LINE_POINTS)
    sheet.across(row + 1, *spans[2], say("results.sign.day"), book.look("italic", "center"))
    for (first, last), who in zip(spans, ("secretary", "jury", "organizer"), strict=True):
        sheet.across(row + 2, first, last, say(f"results.sign.{who}"), book.look("bold", "center"))
        sheet.across(row + 3, first, last, say(f"results.sign.how_{who}"), book.look("italic", "center", "top"))
