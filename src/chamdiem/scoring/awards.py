"""Who is proposed for an award whose number is a range: the first by rank; a tie across the end is left open."""

from __future__ import annotations

import numpy as np

from chamdiem.criteria.columns import Array, Mask
from chamdiem.criteria.model import Award
from chamdiem.scoring.figures import HEADLINE, Awarded, Matter
from chamdiem.scoring.ranking import places
from chamdiem.scoring.sheet import Sheet
from chamdiem.scoring.verdict import Verdict


def awarded_to(sheet: Sheet, verdict: Verdict, order: Array) -> tuple[Awarded, ...]:
    """The outcome of every award of the set; too few candidates and ties across the upper end are open matters.

    `order` is larger for better. Only units that have a result and are recognised can be chosen.
    """
    found = tuple(_award(sheet, verdict, order, award) for award in sheet.plan.criteria.awards)
    for one in found:
        _matters(sheet, one)
    return found


def _award(sheet: Sheet, verdict: Verdict, order: Array, award: Award) -> Awarded:
    eligible = verdict.totals.scored & verdict.recognised[HEADLINE] & _is_for(sheet, award)
    chosen, tied = (np.zeros(sheet.units, dtype=np.bool_) for _ in range(2))
    here = np.flatnonzero(eligible)
    if len(here):
        standing = places(order[here], "competition")
        last = standing + np.bincount(standing)[standing] - 1  # the place of the last one who is level
        chosen[here] = last <= award.at_most
        tied[here] = (standing <= award.at_most) & (last > award.at_most)
    return Awarded(award, eligible, chosen, tied)


def _is_for(sheet: Sheet, award: Award) -> Mask:
    """The units that the award is for, by kind or category."""
    if not award.only_for:
        return np.ones(sheet.units, dtype=np.bool_)
    return np.array(
        [bool({unit.kind, unit.category} & {*award.only_for}) for unit in sheet.marks.units], dtype=np.bool_
    )


def _matters(sheet: Sheet, found: Awarded) -> None:
    """A tie concerns those who are level; too few candidates concern everybody whom the award is for."""
    award = found.award
    said = {"title": award.title, "low": award.at_least, "high": award.at_most}
    if found.tied.any():
        tied = int(np.count_nonzero(found.tied))
        sheet.matters.append(
            Matter("matter.award_tie", found.tied, constants={**said, "tied": tied, "left": found.left})
        )
    if found.too_few:
        sheet.matters.append(
            Matter("matter.award_too_few", _is_for(sheet, award), constants={**said, "count": found.count})
        )
