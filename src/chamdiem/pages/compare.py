"""Two units side by side: groups as a picture, every criterion as a table with the difference. A part of the ranking."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from chamdiem.pages import charts
from chamdiem.pages.board import Board, chosen_unit, signed
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.plain_table import NUMBER, Head, Line, table
from chamdiem.words import say


def compare(desk: Desk, board: Board) -> None:
    """Choose two units and see where they differ."""
    if len(board.codes) < 2:
        st.info(say("ranking.too_few"))
        return
    left, right = st.columns(2)
    with left:
        one = chosen_unit(desk, board, "a", say("ranking.first_unit"))
    with right:
        other = chosen_unit(desk, board, "b", say("ranking.second_unit"), but=one)
    st.markdown(escaped(_sentence(board, one, other)))
    charts.draw(charts.groups_chart(board, (one, other)), f"so-sanh:{board.contest}:{one}:{other}")
    heads = [
        Head(say("results.head.node")), Head(board.name(one), NUMBER), Head(board.name(other), NUMBER),
        Head(say("ranking.difference"), NUMBER),
    ]  # fmt: skip
    st.html(table(heads, _lines(board, one, other)))


def _sentence(board: Board, one: str, other: str) -> str:
    """Who is ahead, by how many points."""
    totals = [
        board.result.points(board.result.verdict.totals.total[0, board.result.unit_at(at)]) for at in (one, other)
    ]
    apart = totals[0] - totals[1]
    if not apart:
        return say("ranking.level", one=board.name(one), other=board.name(other), total=board.points_of(totals[0]))
    ahead, behind = (one, other) if apart > 0 else (other, one)
    about = {"ahead": board.name(ahead), "behind": board.name(behind), "apart": board.points_of(abs(apart))}
    return say("ranking.ahead", **about)


def _lines(board: Board, one: str, other: str) -> Iterator[Line]:
    """Every node of the rubric; the pools and groups are strong."""
    result = board.result
    for branch in result.plan.branches:
        points = [charts.share(board, branch, result.unit_at(code))[0] for code in (one, other)]
        name = charts.group_name(branch)
        yield Line([name, *map(board.points_of, points), signed(points[0] - points[1], result.places)], branch.leaf < 0)
