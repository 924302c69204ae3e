"""What all pages of results read from: the result in words, the standing of every unit, names that tell units apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from chamdiem.contest.publication import Standing
from chamdiem.contest.standings import published_for, ranking_for, result_for
from chamdiem.errors import Refusal
from chamdiem.exchange.results_words import Published
from chamdiem.pages.address import choice
from chamdiem.pages.desk import CONTEST, Desk, escaped
from chamdiem.pages.ways import out_of_app
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE
from chamdiem.scoring.result import Result
from chamdiem.words import language, plain, say, shown_number

WORKBOOK = "/ket-qua/{contest}.xlsx"
MANY = 25  # units that one list holds without a search
UNIT = "dv"  # the query parameter that names a unit


@lru_cache(maxsize=6)
def _in_words(result: Result, spoken: str) -> Published:
    """A result is never changed, so its words can be kept with it; who may see it was asked before."""
    return Published(result)


@dataclass(frozen=True)
class Board:
    """A result as one person may see it. Units go by their row in it; `standings` know of revocations."""

    contest: str
    published: Published
    standings: dict[str, Standing]
    partial: bool

    @property
    def result(self) -> Result:
        """The result itself."""
        return self.published.result

    @property
    def has_classes(self) -> bool:
        """Whether the set recognises anybody or gives classes; where it does neither, points and ranks are all there is."""
        return self.result.has_stars or bool(self.result.verdict.gates)

    @cached_property
    def codes(self) -> list[str]:
        """The units as they stand in the ranking."""
        return [self.published.units[at].code for at in self.published.order]

    @cached_property
    def _shared_names(self) -> set[str]:
        counted = Counter(unit.name for unit in self.published.units)
        return {name for name, n in counted.items() if n > 1}

    def name(self, code: str) -> str:
        """What a unit is called; the code beside it where others are called the same."""
        name = self.published.units[self.result.unit_at(code)].name or code
        return f"{name} ({code})" if name in self._shared_names else name

    def points(self, ticks: Any) -> str:
        """Points with all the decimals the set keeps, so that columns line up."""
        return padded(self.result.points(ticks), self.result.places)

    def points_of(self, value: Fraction) -> str:
        """The same of points that are no ticks any more."""
        return padded(value, self.result.places)

    def total(self, at: int, layer: int = HEADLINE, name: str = "total") -> str:
        """A total of a unit, "–" where nobody marked it."""
        totals = self.result.verdict.totals
        if not self.published.scored[at]:
            return "–"
        return self.points(int(getattr(totals, name)[self.result.layer(layer), at]))

    def span(self, at: int) -> str:
        """Floor and ceiling where they differ from the total."""
        found = [self.total(at, layer) for layer in (HEADLINE, FLOOR, CEILING)]
        return "" if len(set(found)) == 1 else f"{found[1]} – {found[2]}"

    def rank(self, at: int) -> str:
        """The rank of a unit, with a sign where it is shared."""
        rank = self.published.ranks[at]
        return "–" if not rank else f"{rank}=" if self.published.shared[at] else str(rank)

    def reached(self, at: int) -> str:
        """Stars, or what stands in their place; a revoked recognition is none."""
        revoked = self.standings[self.published.units[at].code].revoked
        return say("word.revoked") if revoked is not None else self.published.class_of(at)

    def remarks(self, at: int) -> list[str]:
        """What must be said beside the figures of a unit, what is still open last."""
        revoked = self.standings[self.published.units[at].code].revoked
        found = [] if revoked is None else [
            say("remark.revoked", day=date.fromisoformat(revoked.on), reason=revoked.reason)
        ]  # fmt: skip
        still_open = self.published.open_counts[at]
        return found + self.published.remarks(at) + ([say("ranking.provisional", n=still_open)] if still_open else [])


def board_for(desk: Desk) -> Board | None:
    """The result as it stands, of the units this person may see; None when it is closed to him."""
    if desk.contest is None:
        return None
    try:
        ranking = ranking_for(desk.store, desk.actor, desk.contest_id)
        result = result_for(desk.store, desk.actor, desk.contest_id)
    except Refusal:
        return None
    said = {place.unit: place.standing for place in ranking.places}
    return Board(desk.contest_id, _in_words(result, language()), said, ranking.partial)


def publication_for(desk: Desk) -> dict[str, Any] | None:
    """The publication in force; None when there is none."""
    if desk.contest is None:
        return None
    try:
        return published_for(desk.store, desk.actor, desk.contest_id)
    except Refusal:
        return None


def label(board: Board) -> None:
    """Where the figures come from, wherever points stand."""
    badge("orange" if board.published.criteria.status != "official" else "gray", board.published.label)
    if board.partial:
        st.caption(escaped(say("ranking.partial")))


def badge(colour: str, text: str) -> None:
    """A short label."""
    st.markdown(f":{colour}-badge[{escaped(text)}]")


def chosen_unit(desk: Desk, board: Board, name: str, what: str, but: str = "") -> str:
    """One of the units, from a list; where there are many, they can be narrowed down without diacritics."""
    codes = [code for code in board.codes if code != but]
    wanted = ""
    if len(codes) > MANY:
        wanted = plain(
            st.text_input(say("ranking.narrow"), key=f"thu-hep:{name}:{desk.contest_id}", max_chars=100) or ""
        )
        codes = [code for code in codes if wanted in plain(board.name(code)) or code == wanted] or codes
    return choice(desk, name, what, codes, board.name, about=f"{wanted}:{but}")


def padded(value: Fraction, places: int) -> str:
    """An exact figure with this many decimals; one that has more is shown with all of them, or as a fraction."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) != value or Fraction(value * 10**places).denominator != 1:
        return shown_number(value)
    return shown_number(exact, places)


def signed(value: Fraction, places: int) -> str:
    """A difference with its sign; nothing where there is none."""
    return "" if not value else f"{'+' if value > 0 else '−'}{padded(abs(value), places)}"


def unit_link(contest: str, code: str) -> str:
    """The address of the page of one unit."""
    return f"phieu-don-vi?{urlencode({CONTEST: contest, UNIT: code})}"


def as_text(total: str) -> str:
    """Published points ("89.30") as they are written here: 89,30."""
    return shown_number(Decimal(total), max(0, -int(Decimal(total).as_tuple().exponent)))


def edition(made: dict[str, Any]) -> str:
    """Which publication it is, and when it was made."""
    return say("ranking.edition", number=made["number"], day=datetime.fromisoformat(made["published_at"]))


def workbook_link(board: Board) -> None:
    """The way to the official workbook of this result."""
    address = WORKBOOK.format(contest=quote(board.contest, safe=""))
    out_of_app(address, say("ranking.workbook"))
