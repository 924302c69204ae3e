"""The proof of a star, condition by condition with numbers and clause; and the way to the next one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import streamlit as st

from chamdiem.contest.publication_proof import held_at, quota_of
from chamdiem.exchange.results_verdicts import Place, quota_said, verdict_said
from chamdiem.insight.route import Lack, Route, Source, route
from chamdiem.pages.board import Board, padded, signed
from chamdiem.pages.desk import escaped
from chamdiem.pages.plain_table import ASKED, EXTRA, NUMBER, VERDICT, Cell, Head, Line, table
from chamdiem.scoring.figures import Why
from chamdiem.scoring.result import ConditionRow
from chamdiem.words import say, shown

SOURCES_SHOWN = 8


def proof(board: Board, code: str) -> None:
    """Every condition of recognition and of each class, the highest class first, met or not."""
    at = board.result.unit_at(code)
    found = sorted(board.result.conditions_of(at), key=lambda row: (row.stars != 0, -row.stars))
    if not board.published.scored[at] or not found:
        st.info(say("ranking.no_proof" if found else "results.note.no_conditions"))
        return
    heads = [
        Head(say("results.head.condition")), Head(say("results.head.observed"), NUMBER),
        Head(say("results.head.needed"), ASKED), Head(say("column.met"), VERDICT),
    ]  # fmt: skip
    lines: list[Line] = []
    place, law = _place(board, at, code), board.published.criteria
    for stars, grouped in groupby(found, key=lambda row: row.stars):
        rows = list(grouped)
        name = board.published.band_name(stars) if stars else say("results.recognition")
        _, said = verdict_said(law, stars, [row.met for row in rows], place)
        lines += [
            Line([Cell(name, below=said), "", "", ""], strong=True),
            *(Line(_condition(board, row)) for row in rows),
        ]
    st.html(table(heads, lines))
    if (quota := quota_of(board.result)) is not None:
        st.caption(escaped(quota_said(law, quota.limit, quota.of, quota.inside, len(quota.cut))))


def _place(board: Board, at: int, code: str) -> Place:
    standing, cut = board.standings[code], board.result.verdict.quota_cut
    held = held_at(board.result, at)
    out = bool(cut.size and cut[at])
    return Place(standing.stars, standing.recognised, out, standing.revoked is not None, held)


def _condition(board: Board, row: ConditionRow) -> list[str | Cell]:
    places = board.result.places if row.unit == "ticks" else 0
    needed = "" if row.needed is None else say(f"side.{row.side}", value=_figure(row.needed, places))
    observed = ""
    if isinstance(row.observed, bool):
        observed = shown(row.observed)
    elif row.observed is not None:
        observed = _figure(row.observed, places)
    elif row.unit == "fact":
        observed = say("results.unknown")
    met = f"✓ {say('word.met')}" if row.met else f"✗ {say('word.not_met')}"
    return [Cell(say(row.subject), below=row.clause), observed, needed, met]


def _figure(value: object, places: int) -> str:
    return padded(value, places) if hasattr(value, "denominator") else shown(value)  # type: ignore[arg-type]


def way(board: Board, code: str) -> Route:
    """What the unit lacks for the next class, and which criteria could still supply it, honestly."""
    found = route(board.result, code)
    aim = board.published.band_name(found.stars) if found.stars else say("results.recognition")
    if not found.stars and not list(board.result.conditions_of(board.result.unit_at(code))):
        return found  # nothing is given for points here: there is no way to anything
    classes = board.result.has_stars
    st.markdown(f"**{escaped(say('ranking.way' if classes else 'ranking.way_to_recognition'))}**")
    places = board.result.places
    about = {"aim": aim, "total": padded(found.total, places), "best": padded(found.best, places)}
    state = "recognised" if found.state == "highest" and not classes else found.state
    sentence = escaped(say(f"ranking.way.{state}", **about))
    {"blocked": st.warning, "reachable": st.info}.get(found.state, st.caption)(sentence)
    lines = [f"- {escaped(line)}" for line in _lacks(board, found)]
    if lines:
        st.markdown("\n".join(lines))
    useful = [source for source in found.sources if any(source.code in lack.sources for lack in found.lacks)]
    if useful:
        _sources(board, found, useful)
    return found


def _lacks(board: Board, found: Route) -> Iterator[str]:
    for lack in found.lacks:
        name = say(lack.subject)
        text = say("results.one_of", condition=name) if lack.either else name
        clause = f" ({lack.clause})" if lack.clause else ""
        yield f"{text}: {_short(board, lack)}{clause}"


def _short(board: Board, lack: Lack) -> str:
    """How far a condition is from holding, in words."""
    if lack.observed is None or lack.needed is None or lack.short is None:
        unknown = lack.unit == "fact" and lack.observed is None
        return say("ranking.lack.fact" if unknown else "ranking.lack.other")
    places = board.result.places if lack.unit == "ticks" else 0
    figures = {
        "observed": padded(lack.observed, places),
        "needed": say(f"side.{lack.side}", value=padded(lack.needed, places)),
        "short": padded(lack.short, places),
    }
    if lack.hopeless:
        return say("ranking.lack.hopeless", **figures)
    return say("ranking.lack.points" if lack.unit == "ticks" else "ranking.lack.count", **figures)


def _sources(board: Board, found: Route, useful: list[Source]) -> None:
    """The criteria with points left, those that give most first; what each helps beside the total is said."""
    places = board.result.places
    heads = [
        Head(say("results.head.criterion")), Head(say("column.points"), NUMBER), Head(say("ranking.left"), f"{NUMBER} {EXTRA}"),
        Head(say("ranking.gives"), NUMBER), Head(say("ranking.why_less"), EXTRA),
    ]  # fmt: skip
    lines = [
        Line([
            f"{source.code}. {source.title}",
            f"{padded(source.points, places)} / {padded(source.maximum, places)}",
            padded(source.left, places),
            signed(source.gives, places),
            "" if source.why is Why.COUNTED else say(f"why.{source.why.name.lower()}"),
        ])
        for source in useful
    ]  # fmt: skip
    st.html(table(heads, lines[:SOURCES_SHOWN], say("ranking.sources")))
    if len(lines) > SOURCES_SHOWN:
        with st.expander(say("ranking.more_sources", n=len(lines) - SOURCES_SHOWN)):
            st.html(table(heads, lines[SOURCES_SHOWN:]))
