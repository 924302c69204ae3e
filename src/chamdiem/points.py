"""Exact points: read "8,5", keep whole numbers of the smallest place ("ticks"), round only at a declared moment.

One point is 10^places ticks: with two places, 8,5 points are 850 ticks. Nothing in this module knows a float except
to turn one that came from a spreadsheet or a frame into the decimal it was typed as, or to refuse it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*", re.ASCII)
PLAIN = re.compile(r"[+-]?(\d+)(?:[.,](\d+))?", re.ASCII)
BOTH = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+)", re.ASCII)
DIGITS_AT_MOST = 24


class Rounding(StrEnum):
    """How an exact value becomes a whole number of ticks; half_away_from_zero is what Excel's ROUND does."""

    HALF_AWAY_FROM_ZERO = "half_away_from_zero"
    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    TOWARD_ZERO = "toward_zero"


def read_number(text: str, places: int = 2) -> Decimal:
    """Read a number as a person types it: "8,5", "8.5", "1.234,5"; comma and dot are both decimal signs.

    `places` is the largest number of decimals allowed. A single sign followed by three digits ("1.234") is thousands
    when fewer than three decimals are allowed; otherwise it is a decimal sign. Raises ValueError: not a number, too
    many decimals, too many digits.
    """
    text = text.strip().replace("\u00a0", "").replace("\u2212", "-")
    if len(text) > DIGITS_AT_MOST:
        raise ValueError(text)
    if BOTH.fullmatch(text):
        sign = "," if text.rfind(",") > text.rfind(".") else "."
        text = text.replace("." if sign == "," else ",", "").replace(",", ".")
    elif GROUPED.fullmatch(text) and (places < 3 or len(re.findall(r"[.,]", text)) > 1):
        text = text.replace(".", "").replace(",", "")
    elif PLAIN.fullmatch(text):
        text = text.replace(",", ".")
    else:
        raise ValueError(text)
    number = Decimal(text)
    if Fraction(number) * 10**places % 1:
        raise ValueError(text)
    return number


def read_share(text: str) -> Fraction:
    """Read a share: "98%", "97,5%", "3/4", "0,98"."""
    text = text.strip()
    if text.endswith("%"):
        return Fraction(read_number(text[:-1], 6)) / 100
    if re.fullmatch(r"\d{1,9}/\d{1,9}", text, re.ASCII):
        return Fraction(text)
    return Fraction(read_number(text, 6))


def ticks(number: Decimal | Fraction | int, places: int) -> int:
    """The number of ticks in so many points; raises ValueError when it is not a whole number of them."""
    exact: Fraction = Fraction(number) * 10**places
    if exact.denominator != 1:
        raise ValueError(number)
    return exact.numerator


def from_ticks(count: int | Fraction, places: int) -> Fraction:
    """So many ticks as points, exactly."""
    points: Fraction = Fraction(count) / 10**places
    return points


def divide(number: Any, by: Any, rounding: Rounding = Rounding.HALF_AWAY_FROM_ZERO) -> Any:
    """Divide and round to a whole number; works alike on ints, Fractions and numpy columns of either. `by` is > 0."""
    if rounding is Rounding.HALF_UP:
        return (2 * number + by) // (2 * by)
    if rounding is Rounding.HALF_EVEN:
        lower = (2 * number + by) // (2 * by)
        return lower - ((2 * number + by) % (2 * by) == 0) * (lower % 2)
    sign = 1 - 2 * (number < 0)
    if rounding is Rounding.TOWARD_ZERO:
        return abs(number) // by * sign
    return (2 * abs(number) + by) // (2 * by) * sign
