"""The sheet of provenance: which law, which arithmetic, which marks and files the figures come from, and their hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from chamdiem.criteria.editions import content_hash, structure_hash
from chamdiem.criteria.model import CriteriaSet, LegalBasis, Quorum, Spread
from chamdiem.errors import Message, message
from chamdiem.exchange.results_words import Published, exceptions, label, moment, period
from chamdiem.exchange.workbook import Book, Column
from chamdiem.exchange.workbook_style import lines_of, one_line, page_setup, row_height, scale_for
from chamdiem.scoring.marks import Judge
from chamdiem.scoring.result import ARITHMETIC
from chamdiem.words import say

WIDTHS = (30.0, 74.0)
Line = tuple[str, str]


def write_origin(
    book: Book, published: Published, *, footer: str, made_on: datetime, inputs: Sequence[tuple[str, str]]
) -> None:
    """Write the provenance of a result."""
    sheet = book.sheet(say("results.sheet.origin"))
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    sheet.across(0, 0, 1, say("results.title_origin"), book.look("title"))
    sheet.set_row(0, 26)
    lines = [(name, one_line(value)) for name, value in _lines(published, made_on, inputs)]
    looks = (book.look("cell", "wrap", "bold", "top"), book.look("cell", "wrap", "top"))
    heights = [
        row_height(max(lines_of(name, WIDTHS[0], bold=True), lines_of(value, WIDTHS[1]))) for name, value in lines
    ]
    columns = [Column([line[at] for line in lines], look) for at, look in enumerate(looks)]
    after = sheet.fill(1, columns, heights)
    page_setup(sheet, header=published.label, footer=footer, portrait=True)
    sheet.set_print_scale(scale_for(WIDTHS, portrait=True))
    sheet.print_area(0, 0, after - 1, 1)


def _lines(published: Published, made_on: datetime, inputs: Sequence[tuple[str, str]]) -> Iterator[Line]:
    """Name and value, in order."""
    for source in (_law(published.criteria), _arithmetic(published), _marks(published), _files(inputs)):
        for id, value in source:  # noqa: A001 - the catalogue calls it an id
            yield say(f"results.origin.{id}"), value
    yield say("results.origin.engine"), say("results.engine", version=_version(), arithmetic=ARITHMETIC)
    yield say("results.origin.hash"), published.result.hash
    yield say("results.origin.recompute"), say("results.recompute")
    yield say("results.origin.made_on"), moment(made_on)


def _law(criteria: CriteriaSet) -> Iterator[Line]:
    yield "title", criteria.title
    yield "criteria", f"{criteria.id}@{criteria.version}"
    yield "period", period(criteria)
    yield "status", label(criteria)
    for sentence in exceptions(criteria):
        yield "status", sentence
    if criteria.note:
        yield "note", criteria.note
    for basis in criteria.legal_basis:
        yield "legal_basis", _basis(basis)
    if criteria.replaces:
        yield "replaces", criteria.replaces
    yield "content_hash", content_hash(criteria)
    yield "structure_hash", structure_hash(criteria)


def _basis(basis: LegalBasis) -> str:
    """One document: number, date, issuer, subject, and what must be known when it is cited."""
    head = say("results.basis_dated", number=basis.number, date=basis.date) if basis.date else basis.number
    parts = [f"{head}, {basis.issuer}", basis.title or "", basis.note or ""]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _arithmetic(published: Published) -> Iterator[Line]:
    """Rounding, ranking, and how judges and evidence are read, in words."""
    policy = published.result.policy
    yield from rules_in_words(published.criteria)
    yield "evidence", say(f"results.policy.{policy.evidence}")
    yield "stage", say("results.policy.last_stage" if policy.stage is None else f"stage.{policy.stage}")
    yield "closed", say("results.policy.closed" if policy.closed else "results.policy.still_running")


def rules_in_words(criteria: CriteriaSet) -> Iterator[Line]:
    """How a set rounds, combines its judges and ranks, in sentences."""
    points, panel = criteria.points, criteria.panel
    how = message(f"results.rounding.{points.round}")
    yield (
        "rounding",
        say("results.rounding_at", places=points.places, at=message(f"results.level.{points.at}"), how=how),
    )
    parts: list[Message] = [
        message(f"results.panel.{panel.combine}", trim=message("word.percent", value=panel.trim * 100))
    ]
    parts += [] if panel.quorum is None else list(_quorum(panel.quorum))
    parts += [_spread(spread) for spread in panel.max_spread]
    yield "panel", " ".join(say(part) for part in parts)
    yield (
        "ranking",
        say(f"results.ranking.{criteria.ranking.on}", within=message(f"results.within.{criteria.ranking.within}")),
    )


def _quorum(quorum: Quorum) -> Iterator[Message]:
    if quorum.share is not None:
        yield message("results.panel.quorum_share", share=message("word.percent", value=quorum.share * 100))
    if quorum.count is not None:
        yield message("results.panel.quorum_count", n=quorum.count)
    if quorum.chair:
        yield message("results.panel.quorum_chair")


def _spread(spread: Spread) -> Message:
    return message(
        f"results.panel.spread_{spread.then}",
        points=spread.points,
        of=message(f"results.panel.of_{spread.of}"),
        between=message(f"spread.{spread.between}"),
    )


def _marks(published: Published) -> Iterator[Line]:
    """How many units, judges and marks there were, and who judged."""
    marks, sheet = published.result.marks, published.result.sheet
    count = sum(int(sheet.present(leaf).sum()) for leaf in published.plan.leaves if leaf.slots)
    stated = 0 if marks.states is None else int(np.count_nonzero(marks.states))
    yield "units", say("results.units_counted", units=len(marks.units), scored=sum(published.scored))
    yield (
        "marks",
        say(
            "results.marks_counted",
            marks=count,
            states=stated,
            sources=len(marks.sources),
            documents=len(marks.evidence),
        ),
    )
    for judge in marks.judges:
        yield "judge", _judge(judge)
    if marks.recused:
        yield "recused", "; ".join(f"{judge} ({unit})" for unit, judge in sorted(marks.recused))


def _judge(judge: Judge) -> str:
    name = f"{judge.code} – {judge.name}" if judge.name and judge.name != judge.code else judge.code
    line = f"{name}, {say(f'results.role.{judge.role}')}"
    return say("results.judge_removed", judge=line, reason=judge.reason) if judge.removed else line


def _files(inputs: Sequence[tuple[str, str]]) -> Iterator[Line]:
    for name, sha256 in inputs:
        yield "input", say("results.input", name=name, sha256=sha256)


def _version() -> str:
    try:
        return version("chamdiem")
    except PackageNotFoundError:
        return "?"
