"""What a result says before it is put on paper: the order of units, ranks and stars in words, labels, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.criteria.model import CriteriaSet, StarBand
from chamdiem.errors import Message
from chamdiem.exchange.results_proof import Atom, Figure, atoms
from chamdiem.exchange.workbook_style import one_line
from chamdiem.points import divide
from chamdiem.scoring.answers import read_day
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE, Why
from chamdiem.scoring.marks import Evidence, Source
from chamdiem.scoring.plan import Branch
from chamdiem.scoring.proof import ACCEPTED, standing
from chamdiem.scoring.result import Result
from chamdiem.words import language, say, shown_number

STAR = "★"
STARS_DRAWN = 6
WITHOUT_FIGURE = (Why.UNMARKED, Why.ABSTAINED, Why.NA_EXCLUDED, Why.NA_REDISTRIBUTED, Why.STOPPED)
CITED_AT_MOST = 12
PAGE = re.compile(r"^(?:trang|tr\.?|page|p\.)\s*(?=\d)", re.IGNORECASE)  # what people write before a page number


class Published:
    """A result as it is read: units from the first rank to the last, then those without one, by code."""

    def __init__(self, result: Result, notice: str = "") -> None:
        self.result, self.criteria, self.plan = result, result.criteria, result.plan
        self.label = " · ".join(part for part in (label(result.criteria), notice) if part)
        self.units = tuple(result.marks.units)
        self._shorts: dict[tuple[int, Figure, Figure], str] = {}
        self.scored: list[bool] = result.verdict.totals.scored.tolist()
        self.ranks: list[int] = result.ranks.tolist()
        self.shared: list[bool] = result.shared.tolist()
        self.stars: list[int] = result.verdict.stars[HEADLINE].tolist()
        self.stars_by_points: list[int] = result.verdict.stars_by_points[HEADLINE].tolist()
        self.recognised: list[bool] = result.verdict.recognised[HEADLINE].tolist()
        self.has_layers = result.sheet.layers == 3

    # units ------------------------------------------------------------------------------------------------------

    @cached_property
    def order(self) -> list[int]:
        """The rows of the units as they are published: by scope of ranking, rank, code."""
        last = len(self.units) + 1
        return sorted(
            range(len(self.units)), key=lambda at: (self.scopes[at], self.ranks[at] or last, self.units[at].code)
        )

    @cached_property
    def codes(self) -> list[str]:
        """The codes of the units, as they are published."""
        return [one_line(self.units[at].code) for at in self.order]

    @cached_property
    def names(self) -> list[str]:
        """The names of the units, as they are published."""
        return [one_line(self.units[at].name) for at in self.order]

    @cached_property
    def scopes(self) -> list[str]:
        """Within what each unit is ranked, in words; all "" when there is one ranking."""
        within = self.criteria.ranking.within
        if within == "all":
            return [""] * len(self.units)
        titles = {category.id: category.title for category in self.criteria.categories}
        if within == "kind":
            titles = {kind: say(f"results.kind.{kind}") for kind in self.criteria.unit_kinds}
        return [titles.get(key, key) for key in (getattr(unit, within) for unit in self.units)]

    @cached_property
    def ranked_beside(self) -> dict[str, int]:
        """How many units have a rank, by scope."""
        found: dict[str, int] = {}
        for scope, rank in zip(self.scopes, self.ranks, strict=True):
            found[scope] = found.get(scope, 0) + (rank > 0)
        return found

    @cached_property
    def open_counts(self) -> list[int]:
        """How many matters are still open about each unit."""
        count = np.zeros(len(self.units), dtype=np.int64)
        for matter in self.result.sheet.matters:
            if matter.open:
                count += matter.units
        found: list[int] = count.tolist()
        return found

    # figures ----------------------------------------------------------------------------------------------------

    def numbers(self, ticks: Array) -> list[float]:
        """Ticks as the numbers of cells: each the nearest to the exact decimal, so that its shortest writing is it."""
        found: list[float] = (self.whole(ticks) / 10**self.result.places).tolist()
        return found

    def whole(self, ticks: Array) -> Array:
        """Whole ticks; figures that the set keeps exact until a later rounding are rounded here, for showing alone."""
        if ticks.dtype != object:
            return ticks
        return np.asarray(divide(ticks, 1, self.criteria.points.round)).astype(np.int64)

    def shown(self, value: Fraction) -> str:
        """Points inside a sentence: exact when they have at most one more place, otherwise cut there with …."""
        places = self.result.places + 1
        scaled = value * 10**places
        text = shown_number(Fraction(int(scaled), 10**places))
        return text if scaled.denominator == 1 else f"{text}…"

    @property
    def point_format(self) -> str:
        """The number format of points: as many places as the set keeps."""
        return "0" if not self.result.places else f"0.{'0' * self.result.places}"

    @property
    def exact_format(self) -> str:
        """The number format of a figure that may have more places than points have."""
        return f"0.{'0' * self.result.places}{'#' * (6 - self.result.places)}" if self.result.places else "General"

    # stars ------------------------------------------------------------------------------------------------------

    @cached_property
    def bands(self) -> dict[int, StarBand]:
        """The star bands by number."""
        return {band.stars: band for band, _, _ in self.result.verdict.bands}

    def band_name(self, stars: int) -> str:
        """A band by its own title, else "4 sao"."""
        band = self.bands.get(stars)
        return band.title if band is not None and band.title else say("results.n_stars", n=stars)

    def class_of(self, at: int) -> str:
        """What a unit reached: ★★★★, the title of its band, recognised or not, or that nobody marked it."""
        if not self.scored[at]:
            return say("results.not_marked")
        if not self.recognised[at]:
            return say("word.not_recognised")
        if not self.result.has_stars:
            return say("results.recognised" if self.result.verdict.gates else "results.no_stars")
        return class_named(self.criteria, self.stars[at])

    def star_range(self, at: int) -> str:
        """Stars with accepted evidence only, and if all that is pending were accepted: "3–4", or one number."""
        stars = self.result.verdict.stars
        least, most = (int(stars[self.result.layer(layer), at]) for layer in (FLOOR, CEILING))
        return str(least) if least == most else f"{least}–{most}"

    def remarks(self, at: int) -> list[str]:
        """What the line of a unit must say besides figures: what it lacks, the quota, cases for revocation."""
        if not self.scored[at]:
            return []
        verdict, by_points = self.result.verdict, self.stars_by_points[at]
        found = [
            say("results.gate_not_met", title=gate.title)
            for gate, check in verdict.gates
            if not check.met[HEADLINE, at]
        ]
        if found and by_points:
            found.append(say("results.stars_by_points", band=self.band_name(by_points)))
        elif verdict.quota_cut.size and verdict.quota_cut[at]:
            assert self.criteria.quota is not None
            found.append(say("results.quota_cut", band=self.band_name(self.criteria.quota.stars)))
        elif by_points > self.stars[at]:
            found.append(self._lacks(at))
        elif self.result.has_stars and not found and not self.stars[at]:
            found.append(say("results.below_lowest", band=self.band_name(min(self.bands))))
        found += [
            say(said)
            for award in verdict.awards
            if (said := award.said_of(at)) is not None and award.state(at) != "beyond"
        ]
        return found + [
            say("results.revocation", title=case.title)
            for case, check in verdict.revocations
            if check.met[HEADLINE, at]
        ]

    def _lacks(self, at: int) -> str:
        """Which conditions keep a unit whose points reach it from the next band, or from any where the set says so."""
        assert self.criteria.stars is not None
        band = min(stars for stars in self.bands if stars > self.stars[at])
        if self.criteria.stars.when_condition_fails == "not_recognised":
            band = self.stars_by_points[at]
        short = [self._short(atom, at) for atom in self.atoms if atom.stars == band and atom.blocks[at]]
        return say("results.lacks", band=self.band_name(band), lacks=short)

    def _short(self, atom: Atom, at: int) -> str:
        """A condition in a few words; equal figures are put into words once."""
        key = (id(atom), atom.observed[at], atom.needed[at])
        if key not in self._shorts:
            self._shorts[key] = atom.short(at)
        return self._shorts[key]

    # matters ----------------------------------------------------------------------------------------------------

    def matters_of(self, at: int) -> Iterator[tuple[str, str, bool]]:
        """What is open, then what is worth knowing, about a unit: node, sentence, whether it is open."""
        for matter, values in sorted(self.result.matters_of(at), key=lambda found: not found[0].open):
            sentence = say(matter.id, code=matter.code, **values)
            title = self._facts.get(matter.code)
            yield matter.code, f"{sentence} ({title})" if title else sentence, matter.open

    @cached_property
    def _facts(self) -> dict[str, str]:
        return {fact.id: fact.title for fact, _ in self.plan.facts}

    # conditions -------------------------------------------------------------------------------------------------

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """Every condition of recognition, then of each band from the lowest."""
        return atoms(self.result)

    def in_band(self, atom: Atom) -> str:
        """What a condition is for: recognition or a band."""
        return self.band_name(atom.stars) if atom.stars else say("results.recognition")

    # evidence and people -------------------------------------------------------------------------------------------

    def document(self, item: Evidence, branch: Branch, *, counts: bool) -> str:
        """One document behind a leaf: its number, date, page and how it stands."""
        assert branch.node is not None
        name = one_line(item.number or item.item)
        if item.date:
            name = say("results.document_of", number=name, date=_day(item.date))
        if item.page:
            name = say("results.document_page", document=name, page=PAGE.sub("", one_line(item.page)))
        need, stands = self.criteria.need_of(branch.node), str(item.status)
        if stands == "accepted" and standing(item, need.verify) != ACCEPTED:
            stands = "partly"
        status = say(f"results.evidence.{stands if counts else 'repeated'}")
        return say("results.document", document=name, status=status)

    def source_name(self, source: Source) -> str:
        """Who gave a mark, short: the judge's code, or the stage (with the office)."""
        if source.stage == "judge" and source.judge:
            return source.judge
        stage = say(f"stage.{source.stage}")
        return f"{stage} ({source.judge})" if source.judge else stage


def _day(text: str) -> date | str:
    """A date as it was written down, as a date where it can be read."""
    try:
        return read_day(text)
    except ValueError:
        return one_line(text)


# classes --------------------------------------------------------------------------------------------------------


def class_named(criteria: CriteriaSet, stars: int, none: str = "") -> str:
    """The class of a number of stars by the set it was given by: ★★★★, or the title of its band; `none` for none."""
    if not stars:
        return none
    spoken = class_spoken(criteria, stars)
    return STAR * stars if stars <= STARS_DRAWN and spoken == say("results.n_stars", n=stars) else spoken


def class_spoken(criteria: CriteriaSet, stars: int) -> str:
    """The same in words alone: "4 sao", or the title."""
    bands = criteria.stars.bands if criteria.stars else ()
    return next((band.title for band in bands if band.stars == stars and band.title), say("results.n_stars", n=stars))


# labels ---------------------------------------------------------------------------------------------------------


def label(criteria: CriteriaSet) -> str:
    """Where the figures come from, in one line that stands wherever points stand."""
    return say(f"results.status.{criteria.status}")


def exceptions(criteria: CriteriaSet) -> list[str]:
    """The parts whose figures come from elsewhere than the set says of itself: stars, conditions, criteria."""
    found: dict[str, list[str]] = {}
    if criteria.stars is not None and criteria.stars.status:
        found.setdefault(criteria.stars.status, []).append(say("results.part.stars"))
    for gate in criteria.gates:
        if gate.enabled and gate.status:
            found.setdefault(gate.status, []).append(say("results.part.gate", id=gate.id))
    for award in criteria.awards:
        if award.status:
            found.setdefault(award.status, []).append(say("results.part.award", id=award.id))
    for node in criteria.nodes:
        if node.status:
            found.setdefault(node.status, []).append(say("results.part.node", code=node.code))
    return [
        say("results.exception", parts=_cited(parts), status=Message(f"results.status_word.{status}"))
        for status, parts in found.items()
        if status != criteria.status
    ]


def _cited(parts: list[str]) -> list[str]:
    rest = len(parts) - CITED_AT_MOST
    return parts if rest <= 0 else [*parts[:CITED_AT_MOST], say("results.and_more", n=rest)]


def moment(when: datetime) -> str:
    """A moment as it is written: 21/11/2026 16:05, or 2026-11-21 16:05."""
    return when.strftime("%d/%m/%Y %H:%M" if language() == "vi" else "%Y-%m-%d %H:%M")


def period(criteria: CriteriaSet) -> str:
    """The days in which the set is in force."""
    if criteria.effective.to is None:
        return say("results.period_open", start=criteria.effective.from_)
    return say("results.period", start=criteria.effective.from_, end=criteria.effective.to)
