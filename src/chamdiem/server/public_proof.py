"""The proof of the stars of one unit in words, read from the snapshot that was published and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from chamdiem.contest.publication_proof import Condition, held_in, proof_in, quota_in
from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.criteria_words import band_name
from chamdiem.exchange.results_verdicts import Place, quota_said, verdict_said
from chamdiem.pages.board import padded
from chamdiem.words import say, shown


@dataclass(frozen=True)
class Proven:
    """One condition as it is read."""

    subject: str
    clause: str
    observed: str
    needed: str
    met: bool


def proven(snapshot: Mapping[str, Any], unit: str) -> list[Condition]:
    """The conditions of a unit, those of recognition first, then from the highest band down."""
    return sorted(proof_in(snapshot, unit), key=lambda one: (one.stars != 0, -one.stars))


@dataclass(frozen=True)
class Band:
    """Recognition or a class by name: whether the unit has it, why in a sentence, its quota, and all it asks for."""

    name: str
    have: bool
    said: str
    quota: str
    conditions: list[Proven]


def bands_proven(snapshot: Mapping[str, Any], law: CriteriaSet, unit: str) -> Iterator[Band]:
    """Recognition and each class with all it asks for."""
    names = {band.stars: band_name(band) for band in (law.stars.bands if law.stars else ())}
    place, quota = _place(snapshot, unit), quota_in(snapshot)
    for stars, found in groupby(proven(snapshot, unit), key=lambda one: one.stars):
        conditions = list(found)
        have, said = verdict_said(law, stars, [one.met for one in conditions], place)
        limited = quota is not None and law.quota is not None and law.quota.stars == stars
        sentence = quota_said(law, quota.limit, quota.of, quota.inside, len(quota.cut)) if quota and limited else ""
        words = [_in_words(one, law.points.places) for one in conditions]
        yield Band(names.get(stars, say("results.recognition")), have, said, sentence, words)


def _place(snapshot: Mapping[str, Any], unit: str) -> Place:
    said, quota = snapshot["units"][unit], quota_in(snapshot)
    cut = quota is not None and unit in quota.cut
    return Place(said["stars"], said["recognised"], cut, bool(said["revoked"]), held_in(snapshot, unit))


def _in_words(one: Condition, places: int) -> Proven:
    figures = places if one.unit == "ticks" else 0
    needed = "" if one.needed is None else say(f"side.{one.side}", value=padded(one.needed, figures))
    return Proven(say(one.subject), one.clause, _observed(one, figures), needed, one.met)


def _observed(one: Condition, places: int) -> str:
    if isinstance(one.observed, bool):
        return shown(one.observed)
    if isinstance(one.observed, Fraction):
        return padded(one.observed, places)
    return say("results.unknown") if one.unit == "fact" else ""
