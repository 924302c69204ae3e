"""Charts of a result, where looking beats reading: each with a sentence and its figures as a table beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from chamdiem.pages.board import Board
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE
from chamdiem.scoring.plan import Branch
from chamdiem.words import language, say

FIRST, SECOND, MARK = "#0072B2", "#D55E00", "#6b7280"  # Okabe and Ito: told apart by colour-blind people
UNITS_AT_ONCE = 50
BINS_AT_MOST = 20
LONGEST, SHORT = 34, 26
ABREAST = 24  # letters of a name on one line
NARROW = 8  # so many columns of figures fit a telephone beside the names


@dataclass(frozen=True)
class Chart:
    """A figure, what it says in one sentence, and the figures it is drawn from, as text."""

    figure: go.Figure
    sentence: str
    data: pd.DataFrame


def draw(chart: Chart, key: str) -> None:
    """Show a chart; nothing is fetched from anywhere for it."""
    chart.figure.update_layout(
        separators=",." if language() == "vi" else ".,",
        margin={"l": 8, "r": 8, "t": 64, "b": 8},
        font={"size": 13},
        hoverlabel={"align": "left"},
        dragmode=False,
    )
    st.plotly_chart(chart.figure, key=key, config=_config(key), alt=chart.sentence)
    st.caption(chart.sentence)
    with st.expander(say("ranking.chart_data")):
        st.dataframe(chart.data, hide_index=True, alt=chart.sentence)


def _config(name: str) -> dict[str, Any]:
    """One button, to keep the picture; its words come along, since the browser fetches none."""
    words = {"Download plot as a PNG": say("ranking.picture"), "Download plot as a png": say("ranking.picture")}
    numbers = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "scrollZoom": False,
        "locale": "vi",
        "locales": {"vi": {"dictionary": words, "format": numbers if language() == "vi" else {}}},
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name.replace(":", "-")},
    }


def text(name: str) -> str:
    """A name as plotly shows it: plotly reads a kind of HTML."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return escape(short, quote=False)


def groups_of(board: Board) -> list[Branch]:
    """The groups of the first level, then the bonus."""
    plan = board.result.plan
    found = [plan.branches[child] for child in plan.branch("base").children]
    return found + ([plan.branch("bonus")] if board.result.criteria.bonus is not None else [])


def group_name(branch: Branch) -> str:
    """A group as it is called beside others."""
    return say(f"pool.{branch.code}") if branch.node is None else f"{branch.code}. {branch.node.title}"


def share(board: Board, branch: Branch, at: int) -> tuple[Fraction, Fraction]:
    """What a unit has of a node, and the maximum that applied to it, in points."""
    figure, result = board.result.figure(branch), board.result
    top = np.broadcast_to(np.asarray(figure.top), figure.points.shape)[HEADLINE, at]
    return result.points(figure.points[HEADLINE, at]), result.points(top)


def _part(points: Fraction, top: Fraction) -> float | None:
    return float(points / top) if top else None


def heat_map(board: Board, rows: Sequence[int]) -> Chart:
    """Units × groups: the share of the maximum."""
    groups = groups_of(board)
    found = [[share(board, branch, at) for branch in groups] for at in rows]
    names = [f"{board.rank(at)} · {board.name(board.published.units[at].code)}" for at in rows]
    heads = [say("column.bonus") if one.node is None else one.code for one in groups]
    figure = go.Figure(
        go.Heatmap(
            z=[[_part(*cell) for cell in line] for line in found],
            x=[text(head) for head in heads],
            y=list(range(len(rows))),
            text=[[board.points_of(points) for points, _ in line] for line in found],
            texttemplate="%{text}",
            textfont={} if len(groups) > NARROW else {"size": 11},  # left alone it shrinks until nobody can read it
            customdata=[[[text(name), escape(group_name(one), quote=False)] for one in groups] for name in names],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{text} · %{z:.0%}<extra></extra>",
            colorscale="Cividis",
            zmin=0,
            zmax=1,
            colorbar={
                "tickformat": ".0%",
                "thickness": 10,
                "orientation": "h",
                "y": -0.02,
                "yanchor": "top",
                "title": {"text": say("ranking.share"), "side": "top"},
            },
        )
    )
    figure.update_xaxes(type="category", side="top", tickangle=0)
    _units_axis(figure, names)
    figure.update_layout(height=200 + _row(names) * len(names))
    weakest = min(range(len(groups)), key=lambda g: _mean([line[g] for line in found]))
    sentence = say("ranking.chart.heat", units=len(rows), group=group_name(groups[weakest]))
    cells = [[board.points_of(points) for points, _ in line] for line in found]
    return Chart(figure, sentence, _frame(names, cells, [group_name(one) for one in groups]))


def _mean(cells: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    there = [points / top for points, top in cells if top]
    return sum(there, Fraction(0)) / len(there) if there else Fraction(2)


def _units_axis(figure: go.Figure, names: Sequence[str]) -> None:
    """Units from top to bottom, by name; two of one name stay two."""
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=[_label(name) for name in names], autorange="reversed", title=None
    )
    figure.update_layout(height=110 + _row(names) * len(names))


def _label(name: str) -> str:
    """A name beside its line: a long one in two lines, so that a narrow screen keeps room for the figures."""
    return "<br>".join(map(text, wrap(name, ABREAST, max_lines=2, placeholder="…")))


def _row(names: Sequence[str]) -> int:
    """How high a line is, in pixels: names in two lines need more."""
    return 38 if any(len(name) > ABREAST for name in names) else 26


def _frame(names: Sequence[str], cells: Sequence[Sequence[str]], heads: Sequence[str]) -> pd.DataFrame:
    columns = {say("results.head.unit"): list(names)}
    columns |= {head: [line[at] for line in cells] for at, head in enumerate(heads)}
    return pd.DataFrame(columns)


def groups_chart(board: Board, codes: Sequence[str]) -> Chart:
    """Points by group of one unit, or of two beside each other, as shares of the maximum."""
    groups, rows = groups_of(board), [board.result.unit_at(code) for code in codes]
    found = {code: [share(board, branch, at) for branch in groups] for code, at in zip(codes, rows, strict=True)}
    figure = go.Figure()
    for code, colour, pattern in zip(codes, (FIRST, SECOND), ("", "/"), strict=False):
        shown = [board.points_of(points) for points, _ in found[code]]
        known = [f"{board.points_of(points)} / {board.points_of(top)}" for points, top in found[code]]
        figure.add_bar(
            y=list(range(len(groups))), x=[_part(*cell) for cell in found[code]], orientation="h",
            name=text(board.name(code)), text=shown, textposition="outside", cliponaxis=False,
            marker={"color": colour, "pattern": {"shape": pattern}},
            customdata=known, hovertemplate="%{customdata} · %{x:.0%}<extra></extra>",
        )  # fmt: skip
    names = [group_name(branch) for branch in groups]
    figure.update_xaxes(range=[0, 1.25], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%")
    _units_axis(figure, names)
    figure.update_yaxes(
        ticktext=["<br>".join(map(text, wrap(name, SHORT, max_lines=3, placeholder="…"))) for name in names]
    )
    figure.update_layout(
        height=120 + (30 + 20 * len(codes)) * len(groups), showlegend=len(codes) > 1,
        legend={"orientation": "h", "y": 1.12}, barmode="group", bargap=0.35,
    )  # fmt: skip
    least = min(range(len(groups)), key=lambda g: _mean([found[codes[0]][g]]))
    about = {"unit": board.name(codes[0]), "group": names[least], "other": board.name(codes[-1])}
    sentence = say("ranking.chart.groups" if len(codes) == 1 else "ranking.chart.compare", **about)
    cells = [[board.points_of(found[code][g][0]) for code in codes] for g in range(len(groups))]
    data = _frame(names, cells, [board.name(code) for code in codes])
    return Chart(figure, sentence, data.rename(columns={say("results.head.unit"): say("results.head.node")}))


def distribution(board: Board) -> Chart:
    """How many units have how many points, with the line of each class."""
    totals, result = board.result.verdict.totals, board.result
    ticks = totals.total[HEADLINE][totals.scored]
    step = _step(ticks, 10**result.places)
    first = int(ticks.min()) // step if len(ticks) else 0
    counts = np.bincount((ticks // step - first).astype(np.int64)) if len(ticks) else np.zeros(1, dtype=np.int64)
    ends = [(board.points((first + at) * step), board.points((first + at + 1) * step)) for at in range(len(counts))]
    names = [say("ranking.from_to", low=low, high=high) for low, high in ends]
    width = step / 10**result.places
    figure = go.Figure(
        go.Bar(
            x=[(first + at + 0.5) * width for at in range(len(counts))],
            y=counts.tolist(),
            width=width * 0.94,
            customdata=names,
            marker={"color": FIRST},
            hovertemplate="%{customdata}: %{y}<extra></extra>",
        )
    )
    lines = _band_lines(figure, board)
    ends_at = [first * width, (first + len(counts)) * width, *lines]
    figure.update_xaxes(title=say("column.total"), range=[min(ends_at) - width, max(ends_at) + width])
    figure.update_yaxes(title=say("ranking.units"), rangemode="tozero", dtick=max(1, -(-int(counts.max()) // 6)))
    figure.update_layout(height=380, showlegend=False)
    middle = np.sort(ticks)[len(ticks) // 2] if len(ticks) else 0
    sentence = say("ranking.chart.spread", units=len(ticks), middle=board.points(int(middle)))
    data = pd.DataFrame({say("column.total"): names, say("ranking.units"): counts})
    return Chart(figure, sentence, data)


def _step(ticks: Any, point: int) -> int:
    """The width of a class of totals, in ticks: the least of 1, 2, 5 … points that gives few enough classes."""
    wide = int(ticks.max() - ticks.min()) if len(ticks) else 0
    return next(size * point for size in (1, 2, 5, 10, 20, 50, 100, 1000) if wide <= size * point * BINS_AT_MOST)


def _band_lines(figure: go.Figure, board: Board) -> list[float]:
    """The points from which each class begins, where it is judged on totals."""
    criteria = board.result.criteria
    if criteria.stars is None or criteria.stars.on != "total" or not board.published.units:
        return []
    found = []
    for band, reached, _ in board.result.verdict.bands:
        needed = reached.needed(HEADLINE, 0)
        if needed is not None:
            found.append(float(needed / 10**board.result.places))
            figure.add_vline(
                x=found[-1], line={"dash": "dash", "color": MARK, "width": 1.5},
                annotation={"text": text(board.published.band_name(band.stars)), "font": {"size": 12}},
                annotation_position="top",
            )  # fmt: skip
    return found


def intervals(board: Board, rows: Sequence[int]) -> Chart:
    """Floor and ceiling of each unit around its total."""
    names = [f"{board.rank(at)} · {board.name(board.published.units[at].code)}" for at in rows]
    result, total = board.result, board.result.verdict.totals.total
    layers = [[result.points(total[result.layer(one), at]) for at in rows] for one in (HEADLINE, FLOOR, CEILING)]
    now, floor, ceiling = layers
    figure = go.Figure(
        go.Scatter(
            x=[float(one) for one in now],
            y=list(range(len(rows))),
            mode="markers",
            marker={"color": FIRST, "size": 9},
            error_x={
                "type": "data",
                "symmetric": False,
                "color": SECOND,
                "thickness": 4,
                "width": 0,
                "array": [float(high - one) for high, one in zip(ceiling, now, strict=True)],
                "arrayminus": [float(one - low) for low, one in zip(floor, now, strict=True)],
            },
            customdata=[
                [text(name), board.total(at), board.span(at) or board.total(at)]
                for name, at in zip(names, rows, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} (%{customdata[2]})<extra></extra>",
        )
    )
    _band_lines(figure, board)
    figure.update_xaxes(title=say("column.total"))
    _units_axis(figure, names)
    wide = sum(low != high for low, high in zip(floor, ceiling, strict=True))
    cells = [[board.total(at, layer) for layer in (HEADLINE, FLOOR, CEILING)] for at in rows]
    heads = [say(f"results.head.{name}") for name in ("total", "floor", "ceiling")]
    return Chart(figure, say("ranking.chart.span", n=wide, units=len(rows)), _frame(names, cells, heads))


CHARTS: dict[str, Callable[[Board, Sequence[int]], Chart]] = {
    "nhom": heat_map,
    "phan-bo": lambda board, _: distribution(board),
    "san-tran": intervals,
}
