"""The sheet of unit pages: each figure with its marks, evidence and reason, the proof of the stars, what is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from chamdiem.errors import Message
from chamdiem.exchange.page_breaks import PrintedLine, breaks_in
from chamdiem.exchange.results_conditions import figure_looks
from chamdiem.exchange.results_groups import mark_of, without_figure
from chamdiem.exchange.results_proof import Atom
from chamdiem.exchange.results_words import Published
from chamdiem.exchange.workbook import Book, Column, Format, Sheet
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, printable_points, row_height, scale_for
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE, Why
from chamdiem.scoring.trace import MarkLine, NodeLine, Trace
from chamdiem.words import say

MOST_PAGES = 1000  # Excel keeps 1,023 page breaks of a sheet
WIDTHS = (6.5, 36.0, 8.0, 9.0, 20.5, 24.0, 9.5)
INDENT = 1.5  # what the indent of small texts takes off their column
LAST = len(WIDTHS) - 1
BROKEN_UP_TO, HUGE = 300, 1e9  # beyond so many units only the pages of units are broken: three breaks each are too many
HEADS = ("code", "criterion", "top", "points", "marks", "why", "clause")


def write_pages(book: Book, published: Published, *, footer: str, progress: Callable[[], None]) -> None:
    """Write one page for each unit, in the order of publication; `progress` is called after each."""
    sheet = book.sheet(say("results.sheet.pages"))
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    scale = scale_for(WIDTHS, portrait=True)
    room = printable_points(portrait=True) * 96 / scale if len(published.order) <= BROKEN_UP_TO else HUGE
    breaks, row = list[int](), 0
    writer = _Pages(sheet, book, published)
    for at in published.order:
        row = writer.page(at, row)
        breaks += [*breaks_in(writer.lines, room), row]
        progress()
    page_setup(sheet, header=published.label, footer=footer, portrait=True)
    sheet.set_print_scale(scale)
    sheet.set_h_pagebreaks(breaks[:-1])
    sheet.print_area(0, 0, max(row, 1) - 1, LAST)


class _Pages:
    """Writes the page of one unit after the other."""

    def __init__(self, sheet: Sheet, book: Book, published: Published) -> None:
        self.sheet, self.book, self.published = sheet, book, published
        self.blank = {branch.index: without_figure(published, branch) for branch in published.plan.branches}
        self.lines: list[PrintedLine] = []

    def page(self, at: int, row: int) -> int:
        """Write the page of one unit from this row on; returns the row after it."""
        self.lines = []
        trace = Trace(self.published.result, self.published.units[at].code)
        row = self._header(at, row)
        row = self._nodes(trace, row)
        row = self._total(at, row)
        row = self._proof(at, row)
        return self._matters(trace, row)

    def _row(self, row: int, height: float, *, leads: bool = False, opens: bool = False) -> None:
        """How high a row is, whether it must not be the last of a page, and whether it opens a section."""
        self.sheet.set_row(row, height)
        self.lines.append(PrintedLine(row, height, leads, opens))

    def _line(self, row: int, text: str, *looks: str, size: float = 11) -> int:
        strong = bool({"bold", "title", "section", "banner"} & set(looks))
        self.sheet.across(row, 0, LAST, text, self.book.look(*looks, text_wrap=True))
        height = row_height(lines_of(text, sum(WIDTHS), size, bold=strong), size)
        self._row(row, height, leads=strong, opens="section" in looks)
        return row + 1

    def _header(self, at: int, row: int) -> int:
        published, unit = self.published, self.published.units[at]
        row = self._line(
            row,
            say("results.page_title", unit=one_line(unit.name or unit.code), code=one_line(unit.code)),
            "title",
            size=14,
        )
        row = self._line(row, one_line(published.criteria.title), "center")
        row = self._line(row, published.label, "banner", size=12)
        for text in self._standing(at):
            row = self._line(row, text, "bold", "wrap")
        return row

    def _standing(self, at: int) -> Iterator[str]:
        """Total, stars and rank in two or three lines."""
        published, result = self.published, self.published.result
        if not published.scored[at]:
            yield say("results.not_marked")
            return
        totals = result.verdict.totals
        total = result.points(totals.total[HEADLINE, at])
        yield say("results.standing_total", total=total, scale=Fraction(published.criteria.scale))
        rank = self._rank(at)
        stars = published.stars[at]
        reached = published.class_of(at)
        if result.has_stars and stars and not published.bands[stars].title:
            reached = f"{reached} ({published.band_name(stars)})"
        yield say("results.standing_class", reached=reached, rank=rank)
        if published.open_counts[at]:
            yield say("results.standing_open", n=published.open_counts[at])
        if published.has_layers:
            floor, ceiling = (result.points(totals.total[result.layer(layer), at]) for layer in (FLOOR, CEILING))
            if (floor, ceiling) != (total, total):
                yield say("trace.floor_ceiling", floor=floor, ceiling=ceiling)

    def _rank(self, at: int) -> Message | str:
        published = self.published
        if not published.ranks[at]:
            return say("results.unranked")
        scope = published.scopes[at]
        words = "results.rank_shared" if published.shared[at] else "results.rank_alone"
        rank = say(words, rank=published.ranks[at], of=published.ranked_beside[scope])
        return f"{rank} ({one_line(scope)})" if scope else rank

    # the table of points ----------------------------------------------------------------------------------------

    def _nodes(self, trace: Trace, row: int) -> int:
        """Every node with its maximum, points, marks, reasons and clause."""
        for at, head in enumerate(HEADS):
            self.sheet.put(row, at, say(f"results.head.{head}"), self.book.look("head"))
        self._row(row, row_height(2), leads=True)
        lines = trace.lines
        looks = [_look(line) for line in lines]
        texts = list(zip(*(self._texts(trace, line) for line in lines), strict=True))
        names, asides = texts[:2], texts[2:]
        maxima = [self.book.look("number", *look, num_format=self.published.exact_format) for look in looks]
        columns = [
            *(Column(column, [self.book.look("cell", "wrap", *look) for look in looks]) for column in names),
            Column([float(line.maximum) for line in lines], maxima),
            self._points(trace, lines, looks),
            *(Column(column, [self.book.look("cell", *look, "aside") for look in looks]) for column in asides),
        ]
        heights = [_height(texts, at, strong=bool(look)) for at, look in enumerate(looks)]
        self.lines += [
            PrintedLine(row + 1 + at, height, bool(look))
            for at, (height, look) in enumerate(zip(heights, looks, strict=True))
        ]
        return self.sheet.fill(row + 1, columns, heights)

    def _points(self, trace: Trace, lines: Sequence[NodeLine], looks_of: Sequence[tuple[str, ...]]) -> Column:
        """Points as numbers; a cell without a figure has its mark."""
        values: list[float | str] = []
        looks: list[Format] = []
        form = self.published.point_format
        for line, names in zip(lines, looks_of, strict=True):
            figure = self.published.result.figure(line.branch)
            number = self.published.numbers(figure.points[HEADLINE, trace.unit : trace.unit + 1])[0]
            values.append(mark_of(line.why) if self.blank[line.branch.index][trace.unit] else number)
            less = () if line.why is Why.COUNTED else ("less", "right")
            looks.append(self.book.look("number", *names, *less, num_format=form))
        return Column(values, looks)

    def _texts(self, trace: Trace, line: NodeLine) -> tuple[str, str, str, str, str]:
        """Code, title, marks, reasons with evidence, and clause of one node."""
        branch = line.branch
        code = "" if branch.node is None else branch.code
        why = [] if line.why is Why.COUNTED else [say(f"why.{line.why.name.lower()}")]
        marks = ""
        if branch.leaf >= 0:
            leaf = self.published.plan.leaves[branch.leaf]
            marks = self._marks(trace.marks(leaf))
            why += [self.published.document(item, branch, counts=counts) for item, counts in trace.evidence(leaf)]
        else:
            why += [say(step) for step in trace.steps(branch) if step.id == "trace.adjusted"]
        if branch.leaf >= 0 and (line.floor, line.ceiling) != (line.points, line.points):
            floor, ceiling = map(self.published.shown, (line.floor, line.ceiling))
            why.append(say("results.between", floor=floor, ceiling=ceiling))
        return code, one_line(say(line.title)), marks, "\n".join(why), one_line(line.clause)

    def _marks(self, marks: Sequence[MarkLine]) -> str:
        """Each judge's mark, short: "gk1, gk2: 4; gk3: 3"; marks that do not count come last."""
        counted = self._by_points([mark for mark in marks if mark.counted])
        others = self._by_points([mark for mark in marks if not mark.counted])
        return "\n".join(filter(None, (counted, others and say("results.not_counted", marks=others))))

    def _by_points(self, marks: Sequence[MarkLine]) -> str:
        values: dict[str, list[str]] = {}
        for mark in marks:
            value = say(mark.answer) if mark.points is None else self.published.shown(mark.points)
            values.setdefault(value, []).append(one_line(self.published.source_name(mark.source)))
        if len(values) == 1 and len(marks) > 3 and all(mark.source.stage == "judge" for mark in marks):
            return say("results.all_marks", n=len(marks), value=next(iter(values)))
        return "; ".join(f"{', '.join(names)}: {value}" for value, names in values.items())

    def _total(self, at: int, row: int) -> int:
        published, book = self.published, self.book
        total = published.numbers(published.result.verdict.totals.total[HEADLINE, at : at + 1])[0]
        self.sheet.across(row, 0, 1, say("results.head.total_upper"), book.look("cell", "sum", "center"))
        self.sheet.put(
            row, 2, float(published.criteria.scale), book.look("number", "sum", num_format=published.exact_format)
        )
        self.sheet.put(
            row,
            3,
            total if published.scored[at] else None,
            book.look("number", "sum", num_format=published.point_format),
        )
        self.sheet.across(row, 4, LAST, None, book.look("cell", "sum"))
        self._row(row, row_height(1))
        return row + 1

    # the proof and what is open ---------------------------------------------------------------------------------

    def _proof(self, at: int, row: int) -> int:
        shown = list(self._shown_atoms(at)) if self.published.scored[at] else []
        if not shown:
            return row
        row = self._line(row, say("results.section.proof"), "section", size=12)
        head = self.book.look("head", "small")
        for column, name in enumerate(("band", "condition", "observed", "needed", "met_condition")):
            self.sheet.put(row, column, say(f"results.head.{name}"), head)
        self.sheet.across(row, 5, LAST, say("results.head.clause"), head)
        self._row(row, row_height(1), leads=True)
        for after, atom in enumerate(shown, row + 1):
            self._condition(at, after, atom)
        row += 1 + len(shown)
        for remark in self.published.remarks(at):
            row = self._line(row, f"• {one_line(remark)}", "wrap")
        return row

    def _shown_atoms(self, at: int) -> Iterator[Atom]:
        """Recognition as a whole, the reached band as a whole, and of higher bands what does not hold."""
        stars = self.published.stars[at]
        for atom in self.published.atoms:
            if not atom.stars or atom.stars == stars or (atom.stars > stars and not atom.met[at]):
                yield atom

    def _condition(self, at: int, row: int, atom: Atom) -> None:
        published, book, put = self.published, self.book, self.sheet.put
        band, subject, clause = published.in_band(atom), one_line(atom.subject), one_line(atom.clause)
        center, text = book.look("cell", "center", "wrap", "small"), book.look("cell", "wrap", "small")
        observed, needed = figure_looks(book, published, atom, "small")
        put(row, 0, band, center)
        put(row, 1, subject, text)
        put(row, 2, atom.observed[at], observed)
        put(row, 3, atom.needed[at], needed)
        met = atom.met[at]
        put(
            row,
            4,
            say("word.met" if met else "word.not_met"),
            center if met else book.look("cell", "center", "small", "failed"),
        )
        self.sheet.across(row, 5, LAST, clause, text)
        lines = max(lines_of(band, WIDTHS[0], 9), lines_of(subject, WIDTHS[1], 9), lines_of(clause, sum(WIDTHS[5:]), 9))
        self._row(row, row_height(lines, 9))

    def _matters(self, trace: Trace, row: int) -> int:
        row = self._line(row, say("results.section.matters"), "section", size=12)
        found = list(self.published.matters_of(trace.unit))
        if not found:
            return self._line(row, say("results.nothing_open"), "wrap")
        for is_open, sentences in groupby(found, key=lambda one: one[2]):
            for _, sentence, _ in sentences:
                text = one_line(sentence) if is_open else say("results.to_know_of", matter=one_line(sentence))
                row = self._line(row, f"• {text}", "wrap")
        return row


def _height(texts: Sequence[Sequence[str]], at: int, *, strong: bool) -> float:
    """How high the line of one node must be for its five texts."""
    code, title, *asides = (column[at] for column in texts)
    names = max(lines_of(code, WIDTHS[0]), lines_of(title, WIDTHS[1], bold=strong))
    others = max(lines_of(text, width - INDENT, 9) for text, width in zip(asides, WIDTHS[4:], strict=True))
    return max(row_height(names), row_height(others, 9))


def _look(line: NodeLine) -> tuple[str, ...]:
    """Pools and groups stand out, leaves do not."""
    return () if line.branch.leaf >= 0 else ("sum",) if line.depth <= 1 else ("part", "bold")


__all__ = ["MOST_PAGES", "write_pages"]
