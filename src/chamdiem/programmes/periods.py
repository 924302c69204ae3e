"""The periods that reports speak of: a quarter, six months, nine months, a year, a phase of a programme."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from chamdiem.errors import Message, message

Every: TypeAlias = Literal["quarter", "six_months", "nine_months", "year", "phase", "ad_hoc"]
LAST_MONTHS = {"quarter": (3, 6, 9, 12), "six_months": (6,), "nine_months": (9,), "year": (12,)}
LENGTH = {"quarter": 3, "six_months": 6, "nine_months": 9, "year": 12}
WRITTEN = re.compile(r"(\d{4})(?:-(Q[1-4]|6M|9M))?")
UNNAMED_PHASE = "phase"
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)  # the days that can be reckoned with


@dataclass(frozen=True, slots=True)
class Period:
    """One period, both days included; a phase whose days the document does not give has none."""

    every: Every
    id: str
    first: date | None
    last: date | None
    title: str = ""

    @property
    def label(self) -> Message:
        """How people call it: "Quý II/2022", "6 tháng đầu năm 2022", "Năm 2022"."""
        if self.title:
            return message("period.named", title=self.title)
        if self.last is None:
            return message("period.whole")
        number = ("I", "II", "III", "IV")[(self.last.month - 1) // 3]
        return message(f"period.{self.every}", number=number, year=str(self.last.year))


def period_ending(every: Every, year: int, month: int) -> Period:
    """The period of this kind whose last month is that one: quarter, 2022, 6 gives 01/4/2022 to 30/6/2022."""
    first = date(year, month - LENGTH[every] + 1, 1)
    name = {"quarter": f"-Q{month // 3}", "six_months": "-6M", "nine_months": "-9M"}.get(every, "")
    return Period(every, f"{year}{name}", first, date(year, month, monthrange(year, month)[1]))


def period_called(every: Every, id: str) -> Period | None:  # noqa: A002 - it is one
    """The period of this kind that goes by this id ("2022-Q2", "2022-6M", "2022"); None when there is none."""
    found = WRITTEN.fullmatch(id)
    if found is None or every not in LAST_MONTHS or int(found[1]) == 0:
        return None
    all_of_year = (period_ending(every, int(found[1]), month) for month in LAST_MONTHS[every])
    return next((period for period in all_of_year if period.id == id), None)
