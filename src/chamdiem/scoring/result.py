"""The result of a run: frames of units, nodes, conditions and open matters, and the hash that anybody can recompute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Message, message
from chamdiem.points import from_ticks
from chamdiem.scoring.awards import awarded_to
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE, Figure, Policy, Why
from chamdiem.scoring.marks import Marks, told_of
from chamdiem.scoring.plan import Branch, Plan
from chamdiem.scoring.ranking import apply_quota, order_of, rank
from chamdiem.scoring.sheet import Sheet
from chamdiem.scoring.verdict import Check, Court, Verdict, decide, total_of

if TYPE_CHECKING:
    import pandas as pd

ARITHMETIC = "1"
"""The edition of the arithmetic; it changes whenever the same inputs could give another figure, and is hashed."""


NAMED = {"unit": "code", "name": "name", "kind": "kind"}  # columns of the frame of units, and what of a unit they hold

points_of = lru_cache(2**14)(from_ticks)
"""Ticks as points; the same few figures stand in thousands of places."""


@dataclass(frozen=True)
class ConditionRow:
    """One condition of one unit: for which stars (0: recognition), what was observed and needed, and whether it holds."""

    stars: int
    gate: str
    code: str
    subject: Message
    clause: str
    observed: Fraction | bool | None
    needed: Fraction | None
    side: str
    unit: str
    met: bool


class Result:
    """Everything one run found. Units are in order of code, nodes in the order of the rubric; all figures are exact."""

    def __init__(self, plan: Plan, marks: Marks, policy: Policy) -> None:
        self.plan, self.marks, self.policy = plan, marks, policy
        self.sheet = Sheet(plan, marks, policy)
        court = Court(self.sheet, total_of(self.sheet))
        self.verdict: Verdict = decide(court)
        apply_quota(self.sheet, self.verdict, court)
        order = order_of(self.sheet, self.verdict, court)
        self.ranks, self.shared = rank(self.sheet, self.verdict, order)
        self.verdict.awards = awarded_to(self.sheet, self.verdict, order)

    @property
    def criteria(self) -> CriteriaSet:
        """The criteria set that was applied."""
        return self.plan.criteria

    @cached_property
    def places(self) -> int:
        """Decimals of a point."""
        return self.criteria.points.places

    @cached_property
    def settled(self) -> Mask:
        """The units about which nothing is open."""
        still_open = np.zeros(self.sheet.units, dtype=np.bool_)
        for matter in self.sheet.matters:
            if matter.open:
                still_open |= matter.units
        return ~still_open

    def unit_at(self, code: str) -> int:
        """The row of a unit; raises KeyError."""
        return self._unit_at[code]

    @cached_property
    def _unit_at(self) -> dict[str, int]:
        return {code: at for at, code in enumerate(told_of(self.marks.units, "code"))}

    def figure(self, branch: Branch) -> Figure:
        """The figure of one node."""
        return self.sheet.figures[branch.index]

    def points(self, ticks: Any) -> Fraction:
        """Ticks as points."""
        return points_of(ticks if isinstance(ticks, Fraction) else int(ticks), self.places)

    @property
    def has_stars(self) -> bool:
        """Whether the set has star bands at all."""
        return self.criteria.stars is not None

    # frames -----------------------------------------------------------------------------------------------------

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row per unit: base, bonus, penalties, total (exact decimals), stars, stars on points alone, floor and
        ceiling, recognised, rank (empty when unranked), tied, settled, gates failed."""
        import pandas as pd

        totals, verdict = self.verdict.totals, self.verdict
        scored = totals.scored
        blocked = np.full(len(scored), "", dtype=object)
        for gate, check in verdict.gates:
            failed = ~check.met[HEADLINE]
            blocked[failed] = [f"{others}, {gate.id}" if others else gate.id for others in blocked[failed]]
        floor, ceiling = self.layer(FLOOR), self.layer(CEILING)
        points = {
            name: self._decimals(getattr(totals, name)[HEADLINE], scored)
            for name in ("base", "bonus", "penalties", "total")
        }
        ends = {
            layer: points["total"].copy() if layer == HEADLINE else self._decimals(totals.total[layer], scored)
            for layer in (floor, ceiling)
        }
        columns: dict[str, Any] = {
            **{said: _texts(told_of(self.marks.units, name)) for said, name in NAMED.items()},
            **points,
            "total_floor": ends[floor],
            "total_ceiling": ends[ceiling].copy(),
            "met": verdict.met_count[HEADLINE].copy(),
            "stars": self._stars(verdict.stars[HEADLINE]),
            "stars_by_points": self._stars(verdict.stars_by_points[HEADLINE]),
            "stars_floor": self._stars(verdict.stars[floor]),
            "stars_ceiling": self._stars(verdict.stars[ceiling]),
            "recognised": verdict.recognised[HEADLINE].copy(),
            "blocked_by": _texts(blocked),
            "rank": pd.arrays.IntegerArray(self.ranks, self.ranks == 0, copy=True),
            "tied": self.shared.copy(),
            "settled": self.settled.copy(),
        }
        return pd.DataFrame(
            columns, pd.RangeIndex(len(scored)), copy=False
        )  # no column is shared with another, or with this result

    def _stars(self, stars: Array) -> Any:
        import pandas as pd

        unknown = ~self.verdict.totals.scored | (not self.has_stars)
        return pd.arrays.IntegerArray(stars, unknown, copy=True)

    def _decimals(self, ticks: Array, known: Mask | None = None) -> Any:
        """Ticks as a pandas column of exact decimals; where not known, empty."""
        import pandas as pd
        import pyarrow as pa

        wide = np.empty((len(ticks), 2), dtype="<i8")
        wide[:, 0], wide[:, 1] = ticks, ticks >> 63
        mask = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little").tobytes())
        buffers = [mask, pa.py_buffer(wide.tobytes())]
        decimals = pa.Array.from_buffers(pa.decimal128(18, self.places), len(ticks), buffers)
        return pd.array(decimals, dtype=pd.ArrowDtype(decimals.type))

    def layer(self, wanted: int) -> int:
        """Floor and ceiling are the headline itself where no evidence is asked for."""
        return wanted if self.sheet.layers == 3 else HEADLINE

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """One row per unit and node, in the order of the rubric: points, maximum, share, why, floor and ceiling.

        Codes are categories. Points of a set that rounds only at the total are rounded here for showing alone.
        """
        import pandas as pd

        branches, units = self.plan.branches, self.sheet.units
        floor, ceiling = self.layer(FLOOR), self.layer(CEILING)
        stacked = {
            layer: np.concatenate([self._whole(self.figure(branch).points[layer]) for branch in branches])
            for layer in {HEADLINE, floor, ceiling}
        }
        tops = np.concatenate(
            [np.broadcast_to(self.figure(branch).top, (self.sheet.layers, units))[HEADLINE] for branch in branches]
        )
        tops = self._whole(tops)
        why = np.concatenate([self.figure(branch).why[HEADLINE] for branch in branches])
        codes = pd.Categorical.from_codes(
            np.tile(np.arange(units), len(branches)), pd.Index(told_of(self.marks.units, "code"))
        )
        nodes = pd.Categorical.from_codes(
            np.repeat(np.arange(len(branches)), units), pd.Index([branch.code for branch in branches])
        )
        share = np.divide(stacked[HEADLINE], tops, out=np.full(len(tops), np.nan), where=tops > 0)
        return pd.DataFrame(
            {
                "unit": codes,
                "node": nodes,
                "points": self._decimals(stacked[HEADLINE]),
                "maximum": self._decimals(tops),
                "share": share,
                "why": pd.Categorical.from_codes(why, pd.Index([reason.name.lower() for reason in Why])),
                "floor": self._decimals(stacked[floor]),
                "ceiling": self._decimals(stacked[ceiling]),
            },
            copy=False,
        )

    def _whole(self, ticks: Array) -> Array:
        """Whole ticks, for showing exact figures that are only rounded later."""
        if ticks.dtype != object:
            return ticks
        from chamdiem.points import divide

        return np.asarray(divide(ticks, 1, self.criteria.points.round)).astype(np.int64)

    @cached_property
    def conditions(self) -> pd.DataFrame:
        """One row per unit and condition of a gate or of a star band: observed, needed, met, clause."""
        import pandas as pd

        rows = [
            {"unit": unit.code, **row.__dict__, "observed": _cell(row.observed), "needed": _cell(row.needed)}
            for at, unit in enumerate(self.marks.units)
            for row in self.conditions_of(at)
        ]
        return pd.DataFrame(rows)

    def conditions_of(self, unit: int, layer: int = HEADLINE) -> Iterator[ConditionRow]:
        """The proof of a unit's stars: gates first, then each band from the lowest, every condition with its number."""
        for gate, check in self.verdict.gates:
            for atom in check.atoms():
                yield self._row(0, gate.id, atom, unit, layer, gate.clause)
        for band, reached, conditions in self.verdict.bands:
            yield self._row(band.stars, "", reached, unit, layer, band.clause)
            for condition in conditions:
                for atom in condition.atoms():
                    yield self._row(band.stars, "", atom, unit, layer, None)

    def _row(self, stars: int, gate: str, check: Check, unit: int, layer: int, clause: str | None) -> ConditionRow:
        observed: Fraction | bool | None = None
        needed = check.needed(layer, unit)
        if check.unit == "fact" and check.observed is not None:
            answer = int(check.observed[layer, unit])
            observed = None if answer < 0 else bool(answer)
        elif check.observed is not None:
            value = check.observed[layer, unit]
            observed = Fraction(value) if isinstance(value, Fraction) else Fraction(int(value))
            if check.unit == "ticks":
                observed = from_ticks(observed, self.places)
                needed = None if needed is None else from_ticks(needed, self.places)
        subject = message("subject.gate", text=check.subject) if gate and check.unit != "fact" else check.subject
        return ConditionRow(
            stars, gate, check.code, subject, check.clause or clause or "", observed, needed, check.side, check.unit,
            bool(check.met[layer, unit]),
        )  # fmt: skip

    @cached_property
    def matters(self) -> pd.DataFrame:
        """One row per open matter (and per thing worth knowing) and unit."""
        import pandas as pd

        columns = ["unit", "node", "matter", "open", "figures"]
        rows = [
            (self.marks.units[at].code, matter.code, matter.id, matter.open, values)
            for at in range(self.sheet.units)
            for matter, values in self.matters_of(at)
        ]
        return pd.DataFrame(rows, columns=columns)

    def matters_of(self, unit: int) -> Iterator[tuple[Any, dict[str, object]]]:
        """What is open or worth knowing about one unit, with its figures in points."""
        for matter in self.sheet.matters:
            if matter.units[unit]:
                values = {name: ticks[unit] for name, ticks in matter.figures.items()}
                shown = {
                    name: int(value) if name in ("rank", "members", "present", "needed") else self.points(value)
                    for name, value in values.items()
                }
                yield matter, {**shown, **matter.constants}

    # hash -------------------------------------------------------------------------------------------------------

    @cached_property
    def hash(self) -> str:
        """The sha256 over criteria, marks, policy and every published figure, in canonical order.

        The same for any order of rows or judges, locale, hash seed and supported version of Python.
        """
        from chamdiem.criteria.editions import content_hash, structure_hash

        found = hashlib.sha256()
        head = {
            "arithmetic": ARITHMETIC,
            "criteria": [
                self.criteria.id,
                self.criteria.version,
                content_hash(self.criteria),
                structure_hash(self.criteria),
            ],
            "policy": [self.policy.closed, self.policy.evidence, self.policy.stage],
            "marks": self.marks.digest(),
        }
        found.update(json.dumps(head, sort_keys=True, ensure_ascii=True).encode())
        for branch in self.plan.branches:
            figure = self.figure(branch)
            found.update(branch.code.encode())
            for cells in (figure.points, np.broadcast_to(np.asarray(figure.top), figure.points.shape), figure.why):
                found.update(_canonical(cells))
        verdict = self.verdict
        totals = verdict.totals
        for cells in (
            totals.base,
            totals.bonus,
            totals.penalties,
            totals.total,
            totals.scored,
            verdict.stars,
            verdict.recognised,
        ):
            found.update(_canonical(cells))
        for cells in (verdict.met_count, self.ranks, self.shared, self.settled):
            found.update(_canonical(cells))
        for award in verdict.awards:
            found.update(award.award.id.encode())
            found.update(_canonical(award.chosen))
            found.update(_canonical(award.tied))
        return found.hexdigest()


def _texts(words: Sequence[str] | Array) -> Any:
    """A pandas column of texts, of the kind that pandas itself makes of them; there may be thousands."""
    import pandas as pd
    import pyarrow as pa

    kind = _kind_of_texts()
    if not isinstance(kind, pd.StringDtype):
        return np.array(words, dtype=object)
    said = any(words)  # most columns of many units say nothing
    column = pa.array(words, pa.large_string()) if said else pa.repeat(pa.scalar("", pa.large_string()), len(words))
    return pd.array(column, dtype=kind)


@cache
def _kind_of_texts() -> Any:
    import pandas as pd

    return pd.Series([""]).dtype


def _canonical(cells: Array) -> bytes:
    """Whole numbers as 64-bit little-endian, whatever numpy keeps them as; a column with Fractions as text."""
    if cells.dtype == object:
        figures = [Fraction(cell) for cell in cells.ravel()]
        if any(figure.denominator != 1 for figure in figures):
            return ";".join(f"{figure.numerator}/{figure.denominator}" for figure in figures).encode()
        cells = np.array([figure.numerator for figure in figures], dtype=np.int64)
    return np.ascontiguousarray(cells, dtype="<i8").tobytes()


def _cell(value: Fraction | bool | None) -> Decimal | Fraction | bool | None:
    """A figure for a frame: a decimal where there is one, else the fraction."""
    if value is None or isinstance(value, bool):
        return value
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    return decimal if Fraction(decimal) == value else value
