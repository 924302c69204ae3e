"""Shares of a survey as people read them: rounded to a tenth of a percent for showing, and for nothing else."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Protocol

from chamdiem.points import divide
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.surveys.results import Count
from chamdiem.words import language, say, shown_number

TENTHS = 1000  # of a percent, in a whole


class Titled(Protocol):
    """A questionnaire, a question, an option, a class of respondents: in Vietnamese, and in English where it has that."""

    @property
    def title(self) -> str: ...
    @property
    def en(self) -> str | None: ...


def spoken(one: Titled) -> str:
    """What it is called in the language spoken now, as the public form calls it."""
    return (one.en if language() == "en" else None) or one.title


def label(asked: Questionnaire) -> str:
    """What stands beside a questionnaire and its results: whether it is an official one."""
    return say(f"survey.form_{asked.status}")


def labels(asked: Questionnaire, *, sample: bool) -> str:
    """The same, and where the answers are made up, that."""
    return " · ".join([label(asked), *([say("cli.sample")] if sample else [])])


def percent(share: Fraction | Decimal | None) -> str:
    """A share as it is read: 88,9%; "–" where there is none."""
    if share is None:
        return "–"
    if isinstance(share, Decimal):
        tenths = int((share * TENTHS).quantize(Decimal(1), ROUND_HALF_UP))
    else:
        tenths = divide(share.numerator * TENTHS, share.denominator)
    return f"{shown_number(Decimal(tenths) / 10, 1)}%"


def interval(count: Count) -> str:
    """From … to …, where the true share lies in 95 of 100 samples."""
    found = count.interval
    return "–" if found is None else say("survey.interval", low=percent(found.low), high=percent(found.high))
