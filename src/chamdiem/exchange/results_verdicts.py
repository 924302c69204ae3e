"""What a proof comes to in a sentence: for recognition and for each class, whether a unit has it, or what keeps it from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.results_words import class_spoken
from chamdiem.words import say


@dataclass(frozen=True)
class Place:
    """Where a unit stands: its stars (0: none), whether it is recognised, whether the quota of the limited class or a
    revocation took something from it, and what it meets by itself: recognition (0) and each class, by stars."""

    stars: int
    recognised: bool
    cut: bool
    revoked: bool
    held: Mapping[int, bool]


def verdict_said(law: CriteriaSet, stars: int, met: Sequence[bool], place: Place) -> tuple[bool, str]:
    """Whether a unit has a class (0: recognition), and the sentence that says why; `met` are the conditions in its proof."""
    holds = place.held.get(stars, all(met) or (not stars and place.recognised))
    have, failed = (holds if not stars else 0 < stars <= place.stars), len(met) - sum(met)
    if have or not holds:
        word = "reached" if not failed else "instead" if holds else "passed" if have else "not_reached"
    elif place.revoked:
        word = "but_revoked"
    elif place.cut and law.quota is not None and stars >= law.quota.stars:
        word = "but_quota"
    else:
        word = "but_higher" if place.held.get(0, True) else "but_recognition"
    return have, say(f"proof.{word}", n=len(met), failed=failed)


def quota_said(law: CriteriaSet, limit: int, of: int, inside: int, out: int) -> str:
    """The quota of the limited class in numbers: how many at most, of how many, how many had it, how many were left out."""
    assert law.quota is not None
    share = ""
    if law.quota.share is not None:
        share = say("proof.quota_share", share=_share(law), n=of)
    name = class_spoken(law, law.quota.stars)
    return say("proof.quota", band=name, limit=limit, share=share, inside=inside, out=out)


def quota_asked(law: CriteriaSet) -> str:
    """The same before anybody was judged: the most that a set lets in."""
    assert law.quota is not None
    if law.quota.share is None:
        return say("proof.quota_asked", limit=say("proof.units", n=law.quota.count))
    return say("proof.quota_asked", limit=say(f"proof.of_{law.quota.of}", share=_share(law)))


def _share(law: CriteriaSet) -> str:
    assert law.quota is not None
    assert law.quota.share is not None
    return say("word.percent", value=law.quota.share * 100)


__all__ = ["Place", "quota_asked", "quota_said", "verdict_said"]
