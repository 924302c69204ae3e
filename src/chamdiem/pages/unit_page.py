"""Phiếu đơn vị: one unit, every figure traced down to each mark, evidence and clause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape

import streamlit as st

from chamdiem.contest.contests import criteria_for
from chamdiem.contest.publication import Standing
from chamdiem.contest.standings import own_result_for
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.exchange.results_words import class_named
from chamdiem.office.mark_sources import sources_in
from chamdiem.pages import charts
from chamdiem.pages.board import (
    UNIT,
    Board,
    as_text,
    badge,
    board_for,
    chosen_unit,
    label,
    publication_for,
    workbook_link,
)
from chamdiem.pages.desk import Desk, escaped, title
from chamdiem.pages.plain_table import EXTRA, NUMBER, Cell, Head, Line, table
from chamdiem.pages.star_proof import proof, way
from chamdiem.scoring.figures import Why
from chamdiem.scoring.plan import Branch
from chamdiem.scoring.trace import MarkLine, NodeLine, Trace
from chamdiem.words import say, shown

Sources = Mapping[tuple[str, str], Sequence[str]]
"""What a note refers to, by the code of its criterion and by the note."""

PAPER = """<style>@media print{
[data-testid=stSidebar],[data-testid=stHeader],[data-testid=stToolbar],[data-testid=stMainMenu],[data-testid=stStatusWidget],
[data-testid=stSelectbox],[data-testid=stLinkButton],[data-testid=stCheckbox],[data-testid=stExpander],.js-plotly-plot,
[data-testid=stExpandSidebarButton]{display:none!important}
.stApp,.stMain,[data-testid=stAppViewContainer],[data-testid=stMainBlockContainer]{position:static!important;
overflow:visible!important;height:auto!important;padding:0!important;max-width:none!important;color:#000!important;
background:#fff!important}
@page{size:A4;margin:18mm 15mm 18mm 20mm}}</style>"""


def show(desk: Desk) -> None:
    """The page."""
    title("page.phieu-don-vi")
    board = board_for(desk)
    if board is None:
        _own(desk)
        return
    st.html(PAPER)
    label(board)
    code = chosen_unit(desk, board, UNIT, say("results.head.unit"))
    trace = Trace(board.result, code)
    _head(board, code, trace)
    _points(desk, board, trace)
    if board.has_classes:
        st.subheader(escaped(say("results.section.proof")))
        proof(board, code)
        way(board, code)
    _matters(board, trace)
    workbook_link(board)


def _head(board: Board, code: str, trace: Trace) -> None:
    """Who it is and where it stands, the most important first."""
    at = trace.unit
    st.header(escaped(board.name(code)), anchor=False)
    rank, scope = board.rank(at), board.published.scopes[at]
    of = board.published.ranked_beside.get(scope, 0)
    shown_rank = say("unit_page.rank_of", rank=rank, of=of) if board.published.ranks[at] else rank
    cells = [
        (say("column.total"), board.total(at)),
        (say("column.rank"), f"{shown_rank} · {scope}" if scope else shown_rank),
    ]
    cells += [(say("column.stars"), board.reached(at))] if board.has_classes else []
    cells += [(say("column.range"), board.span(at))] if board.span(at) else []
    for column, (name, value) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(escaped(name), value)
    if board.published.scored[at]:
        st.markdown("  \n".join(escaped(say(step)) for step in trace.verdict()))
    for remark in board.remarks(at):
        st.caption(escaped(remark))


# points ----------------------------------------------------------------------------------------------------------


def _points(desk: Desk, board: Board, trace: Trace) -> None:
    """Every group as a table; below each criterion, folded, the marks, evidence and clause behind it."""
    st.subheader(escaped(say("explain.tree")))
    st.caption(escaped(say("unit_page.how")))
    unfolded = st.toggle(say("unit_page.unfold"), key=f"mo:{desk.contest_id}")
    heads = [
        Head(say("results.head.node")), Head(say("column.points"), NUMBER), Head(say("results.head.top"), NUMBER),
        Head(say("column.range"), f"{NUMBER} {EXTRA}"),
    ]  # fmt: skip
    plan, bonus = board.result.plan, board.result.criteria.pools[1:]
    tops = [*charts.groups_of(board), *(plan.branch(name) for name, _ in bonus if name != "bonus")]
    branches = [branch for top in tops for branch in plan.branches[top.index : top.last + 1]]
    sources = _sources(desk, board, trace)
    lines = [_line(board, trace, branch, sources, unfolded) for branch in branches]
    if not any(line.cells[-1] for line in lines):  # nothing is open: no line has a range
        heads, lines = heads[:-1], [replace(line, cells=line.cells[:-1]) for line in lines]
    st.html(DETAILS + table(heads, lines))


DETAILS = """<style>.vi summary{cursor:pointer}.vi ul{margin:.3rem 0 .5rem 1.6rem;padding:0}
.vi li{font-size:.88rem;font-weight:400}.vi blockquote{margin:.4rem 0 .3rem .5rem;padding-left:.6rem;font-size:.88rem;
font-weight:400;border-left:3px solid color-mix(in srgb,currentColor 30%,transparent)}</style>"""


def _sources(desk: Desk, board: Board, trace: Trace) -> Sources:
    """What the notes of the unit's marks refer to, in words: reports, due dates, surveys."""
    noted = {(leaf.node.code, mark.note): leaf.node for leaf in board.result.plan.leaves for mark in trace.marks(leaf)}
    with desk.store.read() as connection:
        found = {at: sources_in(connection, desk.actor, leaf, at[1]) for at, leaf in noted.items() if "#" in at[1]}
    return {at: [say(one.words) for one in several] for at, several in found.items() if several}


def _line(board: Board, trace: Trace, branch: Branch, sources: Sources, unfolded: bool) -> Line:
    line = trace.line(branch)
    name = say(line.title) if branch.node is None else f"{branch.code}. {say(line.title)}"
    below = "" if line.why is Why.COUNTED else say(f"why.{line.why.name.lower()}").capitalize()
    differs = (line.floor, line.ceiling) != (line.points, line.points)
    span = f"{board.points_of(line.floor)} – {board.points_of(line.ceiling)}" if differs else ""
    small = f'<div class="nho">{escape(below)}</div>' if below else ""
    first = Cell("", html=_reasons(board, trace, line, name, sources, unfolded) + small)
    return Line([first, board.points_of(line.points), board.points_of(line.maximum), span], branch.leaf < 0)


def _reasons(board: Board, trace: Trace, line: NodeLine, name: str, sources: Sources, unfolded: bool) -> str:
    """A node by name, and folded below it why it has these points; text from people is escaped here."""
    node = line.branch.node
    words = f"<blockquote>{escape(node.wording)}</blockquote>" if node is not None and node.wording else ""
    listed = "".join(f"<li>{escape(item)}</li>" for item in _sentences(board, trace, line, sources))
    opened = " open" if unfolded else ""
    return f'<details class="vi"{opened}><summary>{escape(name)}</summary>{words}<ul>{listed}</ul></details>'


def _sentences(board: Board, trace: Trace, line: NodeLine, sources: Sources) -> Iterator[str]:
    """The steps of the arithmetic, every mark, every document, what is open, the clause."""
    branch = line.branch
    if branch.leaf >= 0:
        leaf = board.result.plan.leaves[branch.leaf]
        for mark in trace.marks(leaf):
            yield _mark(board, mark, sources.get((leaf.node.code, mark.note), ()))
    yield from (say(step) for step in trace.steps(branch))
    if branch.leaf >= 0:
        for item, counts in trace.evidence(board.result.plan.leaves[branch.leaf]):
            yield say("unit_page.evidence", document=board.published.document(item, branch, counts=counts))
    yield from (say(matter) for matter, _ in trace.matters(branch.code))
    if line.clause:
        yield say("explain.clause", clause=line.clause)


def _mark(board: Board, mark: MarkLine, sources: Sequence[str]) -> str:
    """One mark as a sentence: who, at which stage, the answer, its worth, whether it counts, what it comes from, the note."""
    who = board.published.source_name(mark.source)
    about = {"who": who, "answer": mark.answer, "points": mark.points}
    sentence = say("unit_page.mark" if mark.points is not None else "unit_page.mark_only", **about)
    if not mark.counted:
        sentence += f" {say('unit_page.mark_uncounted')}"
    if sources:
        return f"{sentence} {say('unit_page.source', sources=sources)}"
    return f"{sentence} {say('unit_page.note', note=mark.note)}" if mark.note else sentence


def _matters(board: Board, trace: Trace) -> None:
    """What is still open about the unit, then what is worth knowing; and the facts with who confirmed them."""
    found = list(board.published.matters_of(trace.unit))
    st.subheader(escaped(say("results.section.matters")))
    if not found:
        st.caption(escaped(say("results.nothing_open")))
    for _, sentence, is_open in found:
        mark = "●" if is_open else "○"
        st.markdown(f"{mark} {escaped(sentence)}")
    lines = [f"- {escaped(line)}" for line in _facts(board, trace)]
    if lines:
        st.markdown("\n".join(lines))


def _facts(board: Board, trace: Trace) -> Iterator[str]:
    """What was confirmed about the unit, and by whom."""
    titles = {fact.id: fact.title for fact, _ in board.result.plan.facts}
    for slot, marks in trace.facts():
        for mark in marks:
            if mark.counted:
                who = board.published.source_name(mark.source)
                yield say("unit_page.fact", fact=titles[slot.owner], who=who, answer=mark.answer)


# one's own -------------------------------------------------------------------------------------------------------


def _own(desk: Desk) -> None:
    """What was published of the units a person speaks for; or why there is nothing yet."""
    mine = [
        grant.unit
        for grant in desk.actor.granted("commune_assessor")
        if grant.unit and grant.contest in (None, desk.contest_id)
    ]
    found = {unit: said for unit in mine if (said := _said(desk, unit)) is not None}
    made = publication_for(desk)
    if made is None or not found:
        st.info(say("unit_page.nothing_yet" if desk.contest is not None else "ranking.no_contest"))
        return
    status = made["snapshot"]["criteria"]["status"]
    badge("orange" if status != "official" else "gray", say(f"results.status.{status}"))
    for unit, said in found.items():
        st.header(escaped(made["snapshot"]["units"][unit]["name"]), anchor=False)
        _standing(said, criteria_for(desk.store, desk.actor, desk.contest_id))
    st.caption(escaped(say("unit_page.petition")))


def _said(desk: Desk, unit: str) -> Standing | None:
    try:
        return own_result_for(desk.store, desk.actor, desk.contest_id, unit)
    except Refusal:
        return None


def _standing(said: Standing, law: CriteriaSet) -> None:
    reached = class_named(law, said.stars, say("word.recognised" if said.recognised else "word.not_recognised"))
    total, rank, stars = st.columns(3)
    total.metric(escaped(say("column.total")), as_text(said.total))
    rank.metric(escaped(say("column.rank")), shown(said.rank) if said.rank else "–")
    stars.metric(escaped(say("column.stars")), say("word.revoked") if said.revoked else reached)
    if said.revoked is not None:
        day = date.fromisoformat(said.revoked.on)
        st.warning(escaped(say("remark.revoked", day=day, reason=said.revoked.reason)))
