"""The sheets of points: one for each group of the first level, one for the bonus and one for what is taken off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise

import numpy as np

from chamdiem.criteria.columns import Mask
from chamdiem.exchange.lettering import LINE_POINTS
from chamdiem.exchange.page_breaks import tail_break
from chamdiem.exchange.results_words import WITHOUT_FIGURE, Published
from chamdiem.exchange.workbook import Book, Column, Format, Sheet
from chamdiem.exchange.workbook_style import (
    lines_of,
    one_line,
    page_setup,
    row_height,
    scale_for,
    shortened,
)
from chamdiem.scoring.figures import HEADLINE, Why
from chamdiem.scoring.plan import Branch
from chamdiem.words import say

TITLE_AT_MOST = 130
ACROSS_A_PAGE = 10  # columns of points on one printed page
CODE_WIDTH, NAME_WIDTH = 8, 23
BANNER = 22.0
LARGEST_SCALE = 86  # in %: sheets with few and with many columns look alike


@dataclass(frozen=True)
class GroupSheet:
    """What one sheet shows: its name, its title, the node that is its sum, and its columns of points in order."""

    name: str
    title: str
    whole: Branch
    columns: tuple[Branch, ...]

    @property
    def pieces(self) -> tuple[Branch, ...]:
        """The columns and, after them, their sum."""
        return (*self.columns, self.whole)


def group_sheets(published: Published) -> Iterator[GroupSheet]:
    """The sheets of points: groups of the first level apart, leaves of the first level that stand together on one."""
    branches = published.plan.branches
    for name, _ in published.criteria.pools:
        pool = published.plan.branch(name)
        if name != "base":
            yield GroupSheet(say(f"results.sheet.{name}"), say(f"pool.{name}"), pool, tuple(_columns(published, pool)))
            continue
        for is_leaf, found in groupby(
            [branches[child] for child in pool.children], key=lambda branch: branch.leaf >= 0
        ):
            tops = tuple(found)
            if is_leaf:
                yield GroupSheet(say("results.sheet.leaves"), say("pool.base"), pool, tops)
                continue
            for top in tops:
                title = f"{top.code}. {_title(top)}"
                yield GroupSheet(say("results.sheet.group", code=top.code), title, top, tuple(_columns(published, top)))


def _columns(published: Published, whole: Branch) -> Iterator[Branch]:
    """The leaves below a node, and after the parts of each group inside it, that group."""
    for child in whole.children:
        branch = published.plan.branches[child]
        yield from _columns(published, branch)
        yield branch


def _title(branch: Branch) -> str:
    return one_line(branch.node.title) if branch.node is not None else say(f"pool.{branch.code}")


def write_group(book: Book, published: Published, shown: GroupSheet, *, footer: str) -> None:
    """Write one sheet of points."""
    sheet = book.sheet(shown.name)
    widths = [CODE_WIDTH, NAME_WIDTH, *[_width(len(shown.columns))] * len(shown.columns), 10, 9]
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    first, above, again = _head(sheet, book, published, shown, widths)
    table = list(_table(book, published, shown.pieces))
    names = published.names
    heights = [row_height(lines_of(name, NAME_WIDTH)) for name in names]
    after = sheet.fill(first, table, heights)
    last = len(table) - 1
    if len(names):
        sheet.autofilter(first - 1, 0, after - 1, last)
    sheet.freeze_panes(first, 2)
    after, below = _notes(sheet, book, published, shown, after, widths)
    scale = _print(sheet, published, first, after, widths, footer)
    turn = tail_break(heights, above=above + again, below=below, again=again, scale=scale)
    if turn is not None:
        sheet.set_h_pagebreaks([first + turn])


def _width(columns: int) -> float:
    return max(9.0, min(26.0, 96 / max(columns, 1)))


def _head(
    sheet: Sheet, book: Book, published: Published, shown: GroupSheet, widths: Sequence[float]
) -> tuple[int, float, float]:
    """Title, label and heads of the columns; returns the first row of the table, and how high title and heads are."""
    wide = min(len(widths), 2 + ACROSS_A_PAGE)
    title = row_height(lines_of(shown.title, sum(widths[:wide]), 14, bold=True), 14)
    sheet.across(0, 0, wide - 1, shown.title, book.look("title", "wrap"))
    sheet.set_row(0, title)
    sheet.across(1, 0, wide - 1, published.label, book.look("banner"))
    sheet.set_row(1, BANNER)
    pieces = shown.pieces
    head = _names(sheet, book, shown, pieces, widths)
    tops = [float(Fraction(branch.top, 10**published.result.places)) for branch in pieces]
    row = _head_line(sheet, book, 4, say("results.head.maximum"), tops, published.exact_format)
    if any(branch.weight != 1 for branch in pieces):
        row = _head_line(
            sheet, book, row, say("results.head.weight"), [float(branch.weight) for branch in pieces], "General"
        )
    return row, title + BANNER, head + (row - 4) * LINE_POINTS


def _head_line(sheet: Sheet, book: Book, row: int, name: str, numbers: Sequence[float], form: str) -> int:
    """One line of numbers below the heads; returns the row after it."""
    sheet.across(row, 0, 1, name, book.look("cell", "sum"))
    for at, number in enumerate([*numbers, None], 2):
        sheet.put(row, at, number, book.look("cell", "sum", "center", num_format=form))
    return row + 1


def _names(sheet: Sheet, book: Book, shown: GroupSheet, pieces: Sequence[Branch], widths: Sequence[float]) -> float:
    """Codes and, below them, titles of the columns; returns how high both rows are."""
    head, small = book.look("head"), book.look("head", "small", bold=False)
    for at, name in ((0, "code"), (1, "unit"), (2 + len(pieces), "share")):
        sheet.merge_range(2, at, 3, at, "", head)
        sheet.put(2, at, say(f"results.head.{name}"), head)
    lines = code_lines = 1
    for at, branch in enumerate(pieces, 2):
        code, title = _heading(branch, shown)
        sheet.put(2, at, code, head)
        sheet.put(3, at, title, small)
        lines, code_lines = (
            max(lines, lines_of(title, widths[at], 9)),
            max(code_lines, lines_of(code, widths[at], bold=True)),
        )
    heights = row_height(code_lines), row_height(lines, 9) + 2
    sheet.set_row(2, heights[0])
    sheet.set_row(3, heights[1])
    return sum(heights)


def _heading(branch: Branch, shown: GroupSheet) -> tuple[str, str]:
    """What stands above a column: code and title, or that it is a sum."""
    if branch.index == shown.whole.index:
        return say("results.head.sum"), ""
    code = say("results.sum_of", code=branch.code) if branch.children else branch.code
    return code, shortened(_title(branch), TITLE_AT_MOST)


def _table(book: Book, published: Published, pieces: Sequence[Branch]) -> Iterator[Column]:
    """Codes, names, points of each column, and the share of the maximum that the last one reached."""
    order = published.order
    yield Column(published.codes, book.look("cell", "center"))
    yield Column(published.names, book.look("cell", "wrap"))
    for branch in pieces:
        yield _points(book, published, branch, whole=branch is pieces[-1])
    figure = published.result.figure(pieces[-1])
    tops = np.broadcast_to(np.asarray(figure.top), figure.points.shape)[HEADLINE].tolist()
    points = figure.points[HEADLINE].tolist()
    marked = figure.marked.tolist()
    shares = [float(points[at] / tops[at]) if marked[at] and tops[at] else None for at in order]
    yield Column(shares, book.look("number", num_format="0.0%"))


def _points(book: Book, published: Published, branch: Branch, *, whole: bool) -> Column:
    """The points of one node; cells that do not count as marked carry their mark, those without a figure only it."""
    figure = published.result.figure(branch)
    numbers, whys = published.numbers(figure.points[HEADLINE]), figure.why[HEADLINE].tolist()
    names = ("bold",) if whole else ("part",) if branch.children else ()
    usual = book.look("number", *names, num_format=published.point_format)
    if not any(whys):
        return Column([numbers[at] for at in published.order], usual)
    blank = without_figure(published, branch).tolist()
    looks: dict[Why, Format] = {Why.COUNTED: usual}
    for why in set(map(Why, whys)) - {Why.COUNTED}:
        looks[why] = book.look("number", "less", num_format=f'{published.point_format}" {mark_of(why)}"')
    values = [mark_of(Why(whys[at])) if blank[at] else numbers[at] for at in published.order]
    return Column(values, [looks[Why(whys[at])] for at in published.order])


def without_figure(published: Published, branch: Branch) -> Mask:
    """The units for which a node has no figure at all, which is not the same as no points."""
    figure = published.result.figure(branch)
    why = figure.why[HEADLINE]
    unchosen = np.asarray(why == Why.NOT_CHOSEN, dtype=np.bool_) & ~figure.marked
    return np.asarray(np.isin(why, [int(one) for one in WITHOUT_FIGURE]), dtype=np.bool_) | unchosen


def mark_of(why: Why) -> str:
    """The short mark of a cell that does not count as marked."""
    return say(f"results.mark.{why.name.lower()}")


def _notes(
    sheet: Sheet, book: Book, published: Published, shown: GroupSheet, row: int, widths: Sequence[float]
) -> tuple[int, float]:
    """Below the table: how the sum comes about, what marks mean, titles that were cut; the row after, the height."""
    notes = list(_sum_notes(published, shown))
    present = sorted(
        {why for branch in shown.pieces for why in np.unique(published.result.figure(branch).why[HEADLINE])}
    )
    legend = [
        say("results.legend", mark=mark_of(Why(why)), why=say(f"why.{Why(why).name.lower()}")) for why in present if why
    ]
    notes += [say("results.note.legend", marks=legend)] if legend else []
    cut = [branch for branch in shown.columns if len(_title(branch)) > TITLE_AT_MOST]
    notes += [f"{branch.code}. {_title(branch)}" for branch in cut]
    wide, height = min(len(widths), 2 + ACROSS_A_PAGE), 0.0
    for note in notes:
        tall = row_height(lines_of(note, sum(widths[:wide]), 10), 10)
        sheet.across(row, 0, wide - 1, note, book.look("note"))
        sheet.set_row(row, tall)
        row, height = row + 1, height + tall
    return row, height


def _sum_notes(published: Published, shown: GroupSheet) -> Iterator[str]:
    """How the sum of the sheet comes about, and whether what is shown was rounded for showing."""
    for branch in [branch for branch in (shown.whole, *shown.columns) if branch.children]:
        what = message_of(branch)
        shape = branch.node if branch.node is not None else dict(published.criteria.pools)[branch.code]
        combine = branch.node.combine if branch.node is not None else "sum"
        if combine != "sum":
            best = (branch.node.best if branch.node is not None else 1) or 1
            yield say(f"results.note.{combine}", what=what, n=best)
        elif shape.scaled:
            yield say("results.note.scaled", what=what, maximum=shape.max)
        elif shape.capped:
            yield say("results.note.capped", what=what, maximum=shape.max)
        elif branch is shown.whole and all(column.node is not None for column in shown.columns):
            parts = any(column.children for column in shown.columns)
            yield say("results.note.summed" if parts else "results.note.summed_flat", what=what)
    if any(branch.weight != 1 for branch in shown.columns):
        yield say("results.note.weighted")
    if any(published.result.figure(branch).out is not None for branch in shown.columns):
        yield say("results.note.rescaled")
    if any(published.result.figure(branch).points.dtype == object for branch in shown.columns):
        yield say("results.note.exact", places=published.result.places)


def message_of(branch: Branch) -> str:
    """A group as it is called in a note."""
    return say("results.part.group", code=branch.code) if branch.node is not None else say(f"pool.{branch.code}")


def _print(sheet: Sheet, published: Published, first: int, after: int, widths: Sequence[float], footer: str) -> int:
    """One page wide; a wide group goes over several pages, each with the codes and names again. Returns the scale."""
    page_setup(sheet, header=published.label, footer=footer)
    sheet.repeat_rows(2, first - 1)
    sheet.repeat_columns(0, 1)
    starts = list(range(2, len(widths) - 2, ACROSS_A_PAGE)) if len(widths) > 2 + ACROSS_A_PAGE + 2 else [2]
    sheet.set_v_pagebreaks(starts[1:])
    edges = [*starts, len(widths)]
    parts = [[*widths[:2], *widths[start:end]] for start, end in pairwise(edges)]
    scale = min(LARGEST_SCALE, *(scale_for(part, portrait=False) for part in parts))
    sheet.set_print_scale(scale)
    sheet.print_area(0, 0, after - 1, len(widths) - 1)
    return scale
