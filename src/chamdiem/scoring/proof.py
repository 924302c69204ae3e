"""What stands behind a leaf: its evidence as accepted, pending, rejected or missing; one document never counts twice."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.criteria.model import CriteriaSet
from chamdiem.scoring.marks import Evidence, Marks
from chamdiem.scoring.plan import Leaf, Plan

NONE, PENDING, ACCEPTED, REJECTED = range(4)


def standing(item: Evidence, verify: tuple[str, ...]) -> int:
    """How one document stands: accepted only when every check that the criterion asks for was made."""
    if item.status == "rejected":
        return REJECTED
    return ACCEPTED if item.status == "accepted" and set(verify) <= set(item.verified) else PENDING


def standings(marks: Marks) -> tuple[dict[str, Array], dict[str, list[Evidence]]]:
    """For each leaf that needs evidence, the standing of each unit (units); and, by leaf, documents not counted again.

    The best document decides: accepted before pending before rejected before none.
    """
    plan, criteria = marks.plan, marks.plan.criteria
    at = {unit.code: index for index, unit in enumerate(marks.units)}
    repeated = counted_before(criteria, marks.evidence)
    dropped = {id(item) for items in repeated.values() for item in items}
    order = np.array([0, 2, 3, 1])
    found: dict[str, Array] = {}
    for leaf in plan.leaves:
        if needs_evidence(plan, leaf):
            found[leaf.node.code] = np.full(len(marks.units), NONE, dtype=np.int8)
    for item in marks.evidence:
        cells = found.get(item.criterion)
        if cells is None or id(item) in dropped or item.unit not in at:
            continue
        stands = standing(item, criteria.need_of(plan.leaf(item.criterion).node).verify)
        unit = at[item.unit]
        if order[stands] > order[cells[unit]]:
            cells[unit] = stands
    return found, repeated


def needs_evidence(plan: Plan, leaf: Leaf) -> bool:
    """Whether a leaf needs evidence, by its own words or by the set's.

    The set's general words do not reach penalties (or a unit would undo its penalty by not proving it), nor leaves that
    are worked out from others: those others are proven already.
    """
    if plan.is_penalty(leaf) or not leaf.slots:
        return bool(leaf.node.evidence and leaf.node.evidence.required)
    return plan.criteria.need_of(leaf.node).required


def counted_before(criteria: CriteriaSet, evidence: tuple[Evidence, ...]) -> dict[str, list[Evidence]]:
    """By leaf, the documents that already count for an earlier leaf of the same `evidence_once` group."""
    place = {node.code: index for index, node in enumerate(criteria.nodes)}
    repeated: dict[str, list[Evidence]] = defaultdict(list)
    for group in criteria.evidence_once:
        inside = {leaf.code for code in group for leaf in criteria.leaves_under(code)}
        seen: dict[tuple[str, str], str] = {}
        for item in sorted(evidence, key=lambda item: place.get(item.criterion, -1)):
            if item.criterion in inside and item.item and item.status != "rejected":
                first = seen.setdefault((item.unit, item.item), item.criterion)
                if first != item.criterion:
                    repeated[item.criterion].append(item)
    return dict(repeated)
