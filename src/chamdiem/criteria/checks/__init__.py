"""Whether a criteria set makes sense as a whole: figures add up, names exist, what is asked is possible."""

from __future__ import annotations

from collections.abc import Iterator

from chamdiem.criteria.checks.cycles import cycle_faults
from chamdiem.criteria.checks.figures import figure_faults
from chamdiem.criteria.checks.names import name_faults
from chamdiem.criteria.checks.places import Found, Places
from chamdiem.criteria.checks.terms import calendar_faults, term_faults
from chamdiem.criteria.checks.verdicts import verdict_faults
from chamdiem.criteria.model import CriteriaSet

__all__ = ["calendar_faults", "faults"]


def faults(criteria: CriteriaSet) -> Iterator[Found]:
    """Everything wrong with a set that was read: the place as a path of the file's own keys, and the sentence."""
    places = Places(criteria)
    for check in (figure_faults, name_faults, cycle_faults, verdict_faults, term_faults):
        yield from check(places)
