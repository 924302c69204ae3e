"""Where figures come from: a source gives every answer that its criterion asks, and no other."""

from __future__ import annotations

from collections.abc import Iterator

from chamdiem.criteria.checks.places import Found, Loc, Spot, unknown
from chamdiem.criteria.rules import Rule, Scale
from chamdiem.criteria.sources import FromDecision
from chamdiem.errors import message


def source_faults(spot: Spot, rule: Rule, scale: Scale) -> Iterator[Found]:
    """Figures for answers that the (sound) rule of a criterion does not ask, and answers that get no figure."""
    source = spot.node.source
    if source is None or isinstance(source, FromDecision):
        return
    loc: Loc = (*spot.loc, "source", "figures")
    asked = {one.name for one in rule.inputs(scale)}
    for name in source.figures:
        if name not in asked:
            yield (*loc, name), unknown("criteria.unknown_input", name, asked, asked=sorted(asked))
    for name in sorted(asked - source.figures.keys()):
        yield loc, message("criteria.input_without_figure", name=name)
