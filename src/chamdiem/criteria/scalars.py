"""The scalar values a criteria file is written in: points, shares, amounts, days, yes and no."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from chamdiem.points import read_number, read_share

LARGEST = Decimal(10) ** 12
CODE = r"^[^\W_][\w.\-]{0,39}$"
KEY = r"^[a-z0-9][a-z0-9_]{0,59}$"
SLUG = r"^[a-z0-9][a-z0-9\-]{0,79}$"


class Frozen(BaseModel):
    """Every part of a criteria set: unknown keys refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _points(value: Any) -> Decimal:
    try:
        number = value if isinstance(value, Decimal) else read_number(str(value), 6)
    except ValueError:
        raise PydanticCustomError("scalar.points", "points", {"value": str(value)}) from None
    if abs(number) > LARGEST:
        raise PydanticCustomError("scalar.too_large", "points", {"value": str(value)})
    return number


def _share(value: Any) -> Fraction:
    try:
        share = value if isinstance(value, Fraction) else read_share(str(value))
    except (ValueError, ZeroDivisionError):
        raise PydanticCustomError("scalar.share", "share", {"value": str(value)}) from None
    if abs(share) > 100:
        raise PydanticCustomError("scalar.too_large", "share", {"value": str(value)})
    return share


@dataclass(frozen=True)
class Amount:
    """A threshold as it was written: a share ("70%", "3/4") or a plain number ("80"); 98% is the number 49/50."""

    is_share: bool
    number: Fraction


def _amount(value: Any) -> Amount:
    if isinstance(value, Amount):
        return value
    text = str(value).strip()
    if text.endswith("%") or "/" in text:
        return Amount(is_share=True, number=_share(text))
    return Amount(is_share=False, number=Fraction(_points(text)))


def _whole(value: Any) -> int:
    text = str(value).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise PydanticCustomError("scalar.whole", "whole", {"value": str(value)})
    return int(text)


def _flag(value: Any) -> bool:
    if value in ("true", True):
        return True
    if value in ("false", False):
        return False
    raise PydanticCustomError("scalar.flag", "flag", {"value": str(value)})


def _day(value: Any) -> date:
    try:
        if isinstance(value, date):
            return value
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
            raise ValueError(value)
        return date.fromisoformat(str(value))
    except ValueError:
        raise PydanticCustomError("scalar.day", "day", {"value": str(value)}) from None


def _named(id: str, pattern: str, value: str) -> str:  # noqa: A002 - the catalogue calls it an id
    if not re.fullmatch(pattern, value):
        raise PydanticCustomError(id, "name", {"value": value[:60]})
    return value


def _written(value: Fraction | Amount) -> str:
    """A canonical text for hashes: shares always with a slash, plain numbers only where they need one."""
    if isinstance(value, Amount) and not value.is_share:
        return str(value.number)
    share = value.number if isinstance(value, Amount) else value
    return f"{share.numerator}/{share.denominator} of the whole"


NUMBER_SCHEMA = {"type": ["number", "string"]}
Points = Annotated[
    Decimal,
    PlainValidator(_points),
    PlainSerializer(lambda points: str(Fraction(points)), return_type=str),
    WithJsonSchema(NUMBER_SCHEMA | {"examples": ["8,5", 8.5]}),
]
Share = Annotated[
    Fraction,
    PlainValidator(_share),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema(NUMBER_SCHEMA | {"examples": ["98%", "3/4"]}),
]
Threshold = Annotated[
    Amount,
    PlainValidator(_amount),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema(NUMBER_SCHEMA | {"examples": ["80", "70%"]}),
]
Whole = Annotated[int, PlainValidator(_whole), WithJsonSchema({"type": ["integer", "string"], "minimum": 0})]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
Day = Annotated[
    date,
    PlainValidator(_day),
    PlainSerializer(lambda day: day.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Code = Annotated[
    str, AfterValidator(partial(_named, "scalar.code", CODE)), WithJsonSchema({"type": "string", "pattern": CODE})
]
Key = Annotated[
    str, AfterValidator(partial(_named, "scalar.key", KEY)), WithJsonSchema({"type": "string", "pattern": KEY})
]
Slug = Annotated[
    str, AfterValidator(partial(_named, "scalar.slug", SLUG)), WithJsonSchema({"type": "string", "pattern": SLUG})
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=5000)]
Decimals = Annotated[Whole, Field(le=6)]
