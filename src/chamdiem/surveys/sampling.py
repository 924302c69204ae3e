"""How many must be asked, and how sure the share of those who answered is: exact numbers, no binary floats."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

Z_95 = Decimal("1.959963984540054")  # the 97,5 % point of the standard normal distribution
PLACES = 28


def sample_size(population: int, error: Fraction | Decimal) -> int:
    """n = N/(1+N·e²), rounded up to whole people: what a population of N asks for at an error of e (0.05 for 5 %).

    Never more than N. Raises ValueError: a population below 0, an error not between 0 and 1.
    """
    e = Fraction(error)
    if population < 0 or not 0 < e < 1:
        raise ValueError((population, error))
    n = Fraction(population) / (1 + population * e * e)
    return -(-n.numerator // n.denominator)


class Interval(NamedTuple):
    """From … to …, both shares; for showing only: no point, threshold or rank is decided by it."""

    low: Decimal
    high: Decimal


def wilson(satisfied: int, valid: int, z: Decimal = Z_95) -> Interval | None:
    """Wilson's interval of a share of `satisfied` among `valid` (Wilson 1927), at 95 % unless z says otherwise.

    None without answers. It stays between 0 and 1, and is of use for small samples and shares near the ends.
    """
    if valid == 0:
        return None
    with localcontext() as context:
        context.prec = PLACES
        n, p = Decimal(valid), Decimal(satisfied) / valid
        middle, under = p + z * z / (2 * n), 1 + z * z / n
        half = z * (p * (1 - p) / n + z * z / (4 * n * n)).sqrt()
        low, high = (middle - half) / under, (middle + half) / under
    return Interval(
        max(low, Decimal(0)) if satisfied else Decimal(0), min(high, Decimal(1)) if satisfied < valid else Decimal(1)
    )
