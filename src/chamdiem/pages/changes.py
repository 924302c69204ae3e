"""What has changed in the ranking: since yesterday evening, and since it was published. A part of the ranking."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from chamdiem.contest.earlier import changes_since
from chamdiem.contest.publication import Change, Standing, said_of
from chamdiem.exchange.results_words import class_named
from chamdiem.pages.board import Board, as_text, edition, publication_for, unit_link
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.plain_table import EXTRA, NUMBER, STARS, Cell, Head, Line, table
from chamdiem.words import say


def changes(desk: Desk, board: Board) -> None:
    """What is another than yesterday evening, then what is another than was published."""
    found = changes_since(desk.store, desk.actor, desk.contest_id, desk.today)
    day = desk.today - timedelta(days=1)
    st.subheader(escaped(say("ranking.since", day=day)))
    if not found.comparable:
        st.info(say("ranking.not_comparable"))
    else:
        marks = dict(found.marks)
        about = {"marks": sum(marks.values()), "marked": len(marks), "n": len(found.changes)}
        st.markdown(escaped(say("ranking.changed" if found.changes or marks else "ranking.unchanged", **about)))
        _changed(board, list(found.changes), marks)
    _beside_published(desk, board)


def _changed(board: Board, changes: list[Change], marks: dict[str, int]) -> None:
    heads = [
        Head(say("results.head.unit")), Head(say("ranking.marks_changed"), NUMBER), Head(say("ranking.before"), NUMBER),
        Head(say("ranking.after"), NUMBER), Head(say("ranking.rank_moved"), f"{NUMBER} {EXTRA}"),
        Head(say("ranking.stars_moved"), f"{STARS} {EXTRA}"),
    ]  # fmt: skip
    moved = {change.unit for change in changes}
    stayed = [
        Change(code, board.name(code), board.standings[code], board.standings[code])
        for code in marks
        if code not in moved
    ]
    if lines := [_change(board, change, marks.get(change.unit, 0)) for change in [*changes, *stayed]]:
        st.html(table(heads, lines))


def _change(board: Board, change: Change, marks: int) -> Line:
    """One unit, before and after; what stayed as it was is said once."""
    figures = [_figures(board, change.before), _figures(board, change.after)]
    moved = [was if was == now else f"{was} → {now}" for was, now in zip(*figures, strict=True)]
    link = Cell(board.name(change.unit), unit_link(board.contest, change.unit))
    return Line([link, str(marks) if marks else "", figures[0][0], figures[1][0], moved[1], moved[2]])


def _figures(board: Board, said: Standing | None) -> list[str]:
    """Total, rank and class."""
    if said is None:
        return ["–"] * 3
    return [as_text(said.total), str(said.rank or "–"), class_named(board.published.criteria, said.stars, "–")]


def _beside_published(desk: Desk, board: Board) -> None:
    """The units of which something else was published than stands now; ranks only where nobody is left out."""
    made = publication_for(desk)
    if made is None:
        return
    then = {code: said_of(unit) for code, unit in made["snapshot"]["units"].items()}
    st.subheader(escaped(edition(made)))
    others = [
        Change(code, board.name(code), then.get(code), now)
        for code, now in board.standings.items()
        if _told(then.get(code), board.partial) != _told(now, board.partial)
    ]
    st.markdown(escaped(say("ranking.not_as_published" if others else "ranking.as_published", n=len(others))))
    if others:
        _changed(board, others, {})


def _told(said: Standing | None, partial: bool) -> object:
    return said and (said.total, said.stars, said.recognised, said.revoked, 0 if partial else said.rank)
