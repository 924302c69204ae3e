"""Rule kinds: one class each, with its inputs, its exact columnar arithmetic and its sentence."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chamdiem.criteria.rules.base import Answers, Graded, Input, Rule, Scale
from chamdiem.criteria.rules.chosen import AtLeast, Boolean, Checklist, External, Levels, Manual
from chamdiem.criteria.rules.counted import Count, Deduction, DeductionByLevel, SurveyShare, SurveyWeighted
from chamdiem.criteria.rules.dated import Deadline
from chamdiem.criteria.rules.formula import Formula
from chamdiem.criteria.rules.measured import Bands, BasePlusSteps, ExternalIndex, Linear, Trend
from chamdiem.criteria.rules.peers import Peers

AnyRule = Annotated[
    Manual
    | Boolean
    | Levels
    | Checklist
    | AtLeast
    | Linear
    | Bands
    | BasePlusSteps
    | Count
    | Deduction
    | DeductionByLevel
    | Deadline
    | SurveyShare
    | SurveyWeighted
    | Trend
    | External
    | ExternalIndex
    | Formula
    | Peers,
    Field(discriminator="kind"),
]

KINDS: tuple[type[Rule], ...] = (
    Manual, Boolean, Levels, Checklist, AtLeast, Linear, Bands, BasePlusSteps, Count, Deduction, DeductionByLevel,
    Deadline, SurveyShare, SurveyWeighted, Trend, External, ExternalIndex, Formula, Peers,
)  # fmt: skip

__all__ = ["KINDS", "Answers", "AnyRule", "Graded", "Input", "Rule", "Scale"]
