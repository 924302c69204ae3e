"""Xếp hạng và sao: who stands where, and the proof of each star."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import streamlit as st

from chamdiem.pages import charts
from chamdiem.pages.address import choice, page_of, segment, word
from chamdiem.pages.board import UNIT, Board, board_for, chosen_unit, label, unit_link, workbook_link
from chamdiem.pages.changes import changes
from chamdiem.pages.compare import compare
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.plain_table import EXTRA, LINES, NAME, NUMBER, STARS, Cell, Head, Line, table
from chamdiem.pages.published_table import published_table
from chamdiem.pages.star_proof import proof, way
from chamdiem.words import plain, say


def show(desk: Desk) -> None:
    """The page."""
    title("page.xep-hang")
    board = board_for(desk)
    if board is None:
        published_table(desk)
        return
    label(board)
    views = [view for view in VIEWS if view != "can-cu" or board.has_classes]
    chosen = segment(desk, "xem", say("ranking.view"), views, lambda view: say(f"ranking.view.{view}"))
    VIEWS[chosen](desk, board)


# the table -------------------------------------------------------------------------------------------------------


def _table(desk: Desk, board: Board) -> None:
    rows = _filtered(desk, board)
    st.caption(escaped(_counted(board, rows)))
    lines = [_line(board, at) for at in rows[page_of(desk, len(rows))]]
    if lines:
        st.html(table(_heads(board), lines))
    with st.expander(say("ranking.meaning")):
        st.markdown("\n".join(f"- {escaped(say(note))}" for note in _notes(board)))
    workbook_link(board)


def _filtered(desk: Desk, board: Board) -> list[int]:
    """The rows of the units that are looked for, in order of rank."""
    filters = list(_filters(board))
    columns = st.columns(1 + len(filters))
    with columns[0]:
        wanted = plain(word(desk, "tim", say("ranking.search")))
    rows = [
        at for at in board.published.order
        if wanted in plain(board.published.units[at].name) or wanted == board.published.units[at].code
    ]  # fmt: skip
    for column, one in zip(columns[1:], filters, strict=True):
        with column:
            chosen = choice(desk, one.name, one.label, ["", *one.options], lambda key, one=one: one.words(key))  # type: ignore[misc]
        rows = [at for at in rows if not chosen or one.values[at] == chosen]
    return rows


@dataclass(frozen=True)
class Filter:
    """One way to look at some of the units: the value of each unit, by row, and what the values are called."""

    name: str
    label: str
    options: Sequence[str]
    values: Sequence[str]
    names: dict[str, str]

    def words(self, key: str) -> str:
        """A value as it is called."""
        return self.names.get(key, key) if key else say("ranking.all")


def _filters(board: Board) -> Iterator[Filter]:
    """By kind, cluster and category where units differ in them, and by stars where there are any."""
    units, criteria = board.published.units, board.result.criteria
    titles = {category.id: category.title for category in criteria.categories}
    kinds: dict[str, str] = {kind: say(f"results.kind.{kind}") for kind in criteria.unit_kinds}
    for name, field, names in (("loai", "kind", kinds), ("cum", "cluster", {}), ("nhom", "category", titles)):
        values = [str(getattr(unit, field)) for unit in units]
        options = sorted({value for value in values if value})
        if len(options) > 1:
            yield Filter(name, say(f"ranking.filter.{field}"), options, values, names)
    if board.result.has_stars:
        stars = [str(board.standings[unit.code].stars) for unit in units]
        names = {str(band): board.published.band_name(band) for band in board.published.bands}
        names["0"] = say("ranking.without_stars")
        options = sorted(names, key=int, reverse=True)
        yield Filter("sao", say("results.head.stars"), options, stars, names)


def _counted(board: Board, rows: Sequence[int]) -> str:
    """How many units are shown of how many, recognised, provisional."""
    recognised = sum(board.standings[board.published.units[at].code].recognised for at in rows)
    still_open = sum(board.published.open_counts[at] > 0 for at in rows)
    about = {"n": len(rows), "of": len(board.codes), "recognised": recognised, "open": still_open}
    counted = "ranking.counted" if board.has_classes else "ranking.counted_by_points"
    return say(counted, **about) if rows else say("ranking.nothing_found")


def _pools(board: Board) -> list[str]:
    return [name for name, _ in board.result.criteria.pools]


def _heads(board: Board) -> list[Head]:
    pools = _pools(board) if len(_pools(board)) > 1 else []
    scope = [Head(say("results.head.scope"), EXTRA)] if any(board.published.scopes) else []
    return [
        Head(say("column.rank")), *scope, Head(say("column.unit"), NAME),
        *(Head(say(f"column.{name}"), f"{NUMBER} {EXTRA}") for name in pools),
        Head(say("column.total"), NUMBER), *([Head(say("column.stars"), STARS)] if board.has_classes else []),
        Head(say("column.remarks"), f"{LINES} {EXTRA}"),
    ]  # fmt: skip


def _line(board: Board, at: int) -> Line:
    unit = board.published.units[at]
    pools = _pools(board) if len(_pools(board)) > 1 else []
    scope = [board.published.scopes[at]] if any(board.published.scopes) else []
    span, still_open = board.span(at), say("ranking.tentative") if board.published.open_counts[at] else ""
    return Line([
        board.rank(at), *scope, Cell(board.name(unit.code), unit_link(board.contest, unit.code), narrow=still_open),
        *(board.total(at, name=name) for name in pools),
        Cell(board.total(at), below=span), *([board.reached(at)] if board.has_classes else []),
        "\n".join(board.remarks(at)),
    ])  # fmt: skip


def _notes(board: Board) -> Iterator[str]:
    """What the signs of the table mean."""
    if board.published.has_layers:
        yield "ranking.note.span"
    if any(board.published.shared):
        yield "results.note.shared"
    if any(board.published.scopes):
        yield "results.note.scopes"
    yield "ranking.note.provisional"


# the other views -----------------------------------------------------------------------------------------------------


def _proof(desk: Desk, board: Board) -> None:
    code = chosen_unit(desk, board, UNIT, say("results.head.unit"))
    at = board.result.unit_at(code)
    rank, total = board.rank(at), board.total(at)
    st.subheader(escaped(f"{board.name(code)} · {board.reached(at)}"))
    st.markdown(escaped(say("ranking.stands", rank=rank, total=total)))
    way(board, code)
    proof(board, code)


def _charts(desk: Desk, board: Board) -> None:
    kinds = [*charts.CHARTS, "don-vi"]
    if not board.published.has_layers:
        kinds.remove("san-tran")
    kind = segment(desk, "bieu-do", say("ranking.view.bieu-do"), kinds, lambda one: say(f"ranking.chart_of.{one}"))
    scored = [at for at in board.published.order if board.published.scored[at]]
    if not scored:
        st.info(say("ranking.no_marks"))
    elif kind == "don-vi":
        code = chosen_unit(desk, board, UNIT, say("results.head.unit"))
        charts.draw(charts.groups_chart(board, (code,)), f"don-vi:{board.contest}:{code}")
    else:
        rows = scored if kind == "phan-bo" else scored[page_of(desk, len(scored))]
        charts.draw(charts.CHARTS[kind](board, rows), f"{kind}:{board.contest}:{rows[0]}")


VIEWS = {"bang": _table, "can-cu": _proof, "so-sanh": compare, "bieu-do": _charts, "thay-doi": changes}
