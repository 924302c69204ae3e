"""The long table of marks, one row per mark, as columns of codes: from a pandas frame or from anything with rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from chamdiem.criteria.columns import Array
from chamdiem.errors import Problem, Refusal, Where, message

if TYPE_CHECKING:
    import pandas as pd
from chamdiem.scoring.marks import tidy


@dataclass(frozen=True)
class Coded:
    """A column of texts as codes into its distinct values; -1 is blank."""

    codes: Array
    values: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[object]) -> Coded:
        """Code a column of texts; None and what has no letters are blank."""
        index: dict[object, int] = {}
        codes = [-1 if text is None or text == "" else index.setdefault(text, len(index)) for text in texts]
        return cls(np.array(codes, dtype=np.int64), tuple(str(value) for value in index)).without_blanks()

    def without_blanks(self) -> Coded:
        """The same column with texts that have no letters ("", " ") as blank rows."""
        if all(self.tidied[:-1]):
            return self
        kept = [code if text else -1 for code, text in enumerate(self.tidied[:-1])]
        return Coded(np.array([*kept, -1], dtype=self.codes.dtype).take(self.codes, mode="wrap"), self.values)

    def occurring(self) -> list[str]:
        """The distinct tidy values that rows have, in order: categories that no row has are not among them."""
        return sorted({self.tidied[code] for code in np.unique(self.codes) if code >= 0})

    @cached_property
    def tidied(self) -> tuple[str, ...]:
        """The distinct values as they are compared; the last one, "", is what blank rows point at."""
        words = tuple(unicodedata.normalize("NFC", "\n".join(self.values)).split())
        return (*self.values, "") if words == self.values else (*map(tidy, self.values), "")

    def map(self, target: Mapping[str, int], unknown: int = -2) -> Array:
        """The codes in another numbering: blank stays -1, a value that is not there becomes `unknown`."""
        table = np.array([target.get(value, unknown) for value in self.tidied[:-1]] + [-1], dtype=np.int64)
        return table[self.codes]

    def texts(self) -> list[str]:
        """The tidy text of every row, "" where it is blank."""
        return [self.tidied[code] for code in self.codes]

    def numbers(self) -> Array | None:
        """The column as floats, NaN where blank; None unless every text is a number in its plainest form ("8", "8.5",
        "8,5"), which means the same whether it is read as a text or as a number."""
        plain = [value.replace(",", ".") for value in self.tidied]
        try:
            found = [float(value or "nan") for value in plain]
        except ValueError:
            return None
        if any(
            value and (not isfinite(number) or text_of(number) != value)
            for value, number in zip(plain, found, strict=True)
        ):
            return None
        return np.array(found)[self.codes]

    def along(self, keys: Sequence[str | None]) -> Array:
        """Each row's place among keys, below 0 where it is blank or not among them; for indexing, so narrow."""
        if (*keys, "") == self.tidied:
            return self.codes
        at = {key: place for place, key in enumerate(keys)}
        places = [*(at.get(value, -1) for value in self.tidied[:-1]), -1]
        return np.array(places, dtype=np.min_scalar_type(-len(keys) - 1)).take(self.codes, mode="wrap")


@dataclass(frozen=True)
class Columns:
    """The long table of marks, one row per mark, as columns; `place` says where a row was written."""

    unit: Coded
    criterion: Coded
    answer: Coded | Array
    judge: Coded | None = None
    stage: Coded | None = None
    input: Coded | None = None
    note: Coded | None = None
    place: Callable[[int], Where] = field(default=lambda row: Where(line=row + 1))


def from_frame(frame: pd.DataFrame) -> Columns:
    """The columns of a long pandas frame: unit, criterion, answer and, if there, judge, stage, input, note.

    Categorical keys are used as they are; other keys are coded once. Answers may be numbers (exact decimals), texts,
    or categories of texts; None and NaN are blank.
    """
    import pandas as pd

    def coded(name: str) -> Coded | None:
        return of_series(frame[name]) if name in names else None

    def of_series(series: pd.Series) -> Coded:
        array = series.array
        if isinstance(array, pd.Categorical):
            codes, values = array.codes, array.categories
        else:
            if series.dtype == object and pd.api.types.infer_dtype(series).startswith(("boolean", "mixed")):
                series = series.map(text_of, na_action="ignore")  # True is 1 to a hash table, "có" is not
            codes, values = pd.factorize(series)
        texts = values.tolist() if isinstance(values.dtype, pd.StringDtype) else map(text_of, values)
        return Coded(codes, tuple(texts)).without_blanks()

    names = set(frame.columns)
    missing = [name for name in ("unit", "criterion", "answer") if name not in names]
    if missing:
        raise Refusal([Problem(Where(), message("mark.no_column", name=name)) for name in missing])
    given = frame["answer"]
    numeric = given.dtype.kind in "iuf"
    answer = given.to_numpy(dtype=np.float64, na_value=np.nan) if numeric else of_series(given)
    unit, criterion = of_series(frame["unit"]), of_series(frame["criterion"])
    return Columns(unit, criterion, answer, coded("judge"), coded("stage"), coded("input"), coded("note"))


def text_of(value: object) -> str:
    """A cell's value as a person would have typed it: 8.5 → "8.5", a day → 2024-03-01, True → có."""
    if type(value) is str and value.isalnum():  # most keys, and there may be thousands
        return value
    match value:
        case bool():
            return "có" if value else "không"
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() else _written_out(Decimal(repr(float(value))))
        case Decimal():
            return _written_out(value)
        case _:
            return re.sub(r"\s+", " ", str(value)).strip()


def _written_out(number: Decimal) -> str:
    """A decimal number without an exponent, and with a fourth decimal where three might be read as thousands."""
    text = f"{number:f}"
    return f"{text}0" if re.fullmatch(r".*\.\d{3}", text) else text
