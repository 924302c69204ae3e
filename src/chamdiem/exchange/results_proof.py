"""The conditions behind recognition and stars, each with what was observed and needed at every unit, for paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.scoring.figures import HEADLINE
from chamdiem.scoring.result import Result
from chamdiem.scoring.verdict import Check
from chamdiem.words import say, shown_number

SIDES = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
Figure = float | str | None


@dataclass(frozen=True)
class Atom:
    """One condition with a number of its own: of recognition (stars 0) or of a star band. All lists are units long.

    Figures are points, counts, or the answer to a fact in words. `blocks` says where it does not hold and nothing else
    stands in for it: of conditions of which any one is enough, none blocks while another holds.
    """

    stars: int
    gate: str
    code: str
    subject: str
    clause: str
    unit: str
    sign: str
    observed: Sequence[Figure]
    needed: Sequence[Figure]
    met: Sequence[bool]
    blocks: Sequence[bool]

    def short(self, at: int) -> str:
        """The condition at one unit in a few words: "6: 2 (cần ≥ 2,5)"."""
        found, wanted = (_text(figures[at]) for figures in (self.observed, self.needed))
        return say(
            "results.lack",
            what=say("results.lack_of", code=self.code) if self.code else self.subject,
            observed=found,
            needed=f"{self.sign} {wanted}".strip(),
        )


def _text(figure: Figure) -> str:
    return shown_number(round(Decimal(repr(figure)), 4)) if isinstance(figure, int | float) else figure or "–"


def atoms(result: Result) -> tuple[Atom, ...]:
    """Every condition of recognition, then of each band from the lowest, in the order of the proof."""
    return tuple(_Proof(result).atoms())


class _Proof:
    """Takes the checks of a verdict apart."""

    def __init__(self, result: Result) -> None:
        self.result, self.units = result, len(result.marks.units)
        self.under = 10**result.places

    def atoms(self) -> Iterator[Atom]:
        """The atoms in order."""
        for gate, check in self.result.verdict.gates:
            title = "" if not check.parts else gate.title
            yield from self._parts(check, check, 0, gate.id, gate.clause or "", title)
        for band, reached, conditions in self.result.verdict.bands:
            yield from self._parts(reached, reached, band.stars, "", band.clause or "", "")
            for condition in conditions:
                yield from self._parts(condition, condition, band.stars, "", "", "")

    def _parts(self, check: Check, owner: Check, stars: int, gate: str, clause: str, title: str) -> Iterator[Atom]:
        """The atoms inside one check; a part of an "any" answers to that "any"."""
        for part in check.parts:
            inside = owner if owner is not check or not check.every else part
            yield from self._parts(part, inside, stars, gate, check.clause or clause, title)
        if not check.parts:
            yield self._atom(check, owner, stars, gate, clause, title)

    def _atom(self, check: Check, owner: Check, stars: int, gate: str, clause: str, title: str) -> Atom:
        subject = say(check.subject)
        if owner is not check:
            subject = say("results.one_of", condition=subject)
        met = check.met[HEADLINE]
        return Atom(
            stars=stars,
            gate=gate,
            code="" if gate else check.code,
            subject=f"{title} — {subject}" if title else subject,
            clause=check.clause or clause,
            unit=check.unit,
            sign="" if check.unit == "fact" else SIDES[check.side],
            observed=self._observed(check),
            needed=self._needed(check),
            met=met.tolist(),
            blocks=(~met & ~owner.met[HEADLINE]).tolist(),
        )

    def _observed(self, check: Check) -> Sequence[Figure]:
        if check.observed is None:
            return [None] * self.units
        values = check.observed[HEADLINE]
        if check.unit == "fact":
            words = {1: say("word.yes"), 0: say("word.no"), -1: say("results.unknown")}
            return [words.get(value, words[1]) for value in values.tolist()]
        return self._plain(values, check.unit)

    def _needed(self, check: Check) -> Sequence[Figure]:
        if check.unit == "fact":
            return [say("word.yes")] * self.units
        if check.bound is None:
            return [None] * self.units
        if check.top is None or isinstance(check.top, int):
            bound = check.bound * (1 if check.top is None else check.top)
            return self._plain(np.array([bound], dtype=object), check.unit) * self.units
        tops = np.broadcast_to(check.top, check.met.shape)[HEADLINE].tolist()
        return self._plain(np.array([check.bound * Fraction(top) for top in tops], dtype=object), check.unit)

    def _plain(self, values: Array, unit: str) -> list[float]:
        """Ticks or counts as numbers of cells, not rounded."""
        under = self.under if unit == "ticks" else 1
        if values.dtype != object:
            found: list[float] = (values / under).tolist()
            return found
        return [float(Fraction(value) / under) for value in values]
