"""Due days counted by hand on the shipped calendar, and the difference between "on" and "before" a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem import clock
from chamdiem.contest.deadlines import due, last_day, overdue
from chamdiem.criteria import library
from chamdiem.errors import Refusal
from chamdiem.words import say

VN = library.read_calendar(library.folder() / "calendars" / "vn.yaml")
OFF = {*VN.days_off}
MADE_UP = {*VN.working_weekends}


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        pytest.param(date(2024, 10, 28), 3, date(2024, 10, 31), id="trong tuần: 29, 30, 31/10"),
        pytest.param(date(2024, 11, 1), 3, date(2024, 11, 6), id="qua cuối tuần: 4, 5, 6/11"),
        pytest.param(date(2024, 11, 2), 1, date(2024, 11, 4), id="bắt đầu thứ bảy, ngày đầu là thứ hai"),
        pytest.param(date(2024, 2, 7), 7, date(2024, 2, 23), id="qua Tết: 15, 16, 19, 20, 21, 22, 23/2"),
        pytest.param(date(2024, 4, 26), 3, date(2024, 5, 4), id="thứ bảy làm bù 4/5 là ngày làm việc"),
        pytest.param(date(2021, 1, 1), 1, date(2021, 1, 4), id="ngày đầu của lịch"),
        pytest.param(date(2026, 12, 30), 1, date(2026, 12, 31), id="ngày cuối của lịch"),
    ],
)
def test_a_due_day_counted_by_hand(start: date, days: int, expected: date) -> None:
    assert due(start, days, VN) == expected


@given(st.dates(VN.from_, date(2026, 6, 30)), st.integers(1, 60))
def test_a_due_day_is_the_one_found_by_walking_day_by_day(start: date, days: int) -> None:
    day, left = start, days
    while left:
        day += timedelta(days=1)
        left -= (day.weekday() < 5 and day not in OFF) or day in MADE_UP
    assert due(start, days, VN) == day


@pytest.mark.parametrize(
    ("start", "days"), [(date(2026, 12, 31), 1), (date(2026, 12, 1), 300), (date(2020, 12, 31), 1)]
)
def test_a_due_day_that_the_calendar_does_not_reach_is_refused(start: date, days: int) -> None:
    with pytest.raises(Refusal) as found:
        due(start, days, VN)
    assert VN.title in say(found.value.problems[0].message)


@pytest.mark.parametrize("days", [0, -1])
def test_no_days_is_no_deadline(days: int) -> None:
    with pytest.raises(Refusal) as found:
        due(date(2024, 10, 28), days, VN)
    assert [problem.message.id for problem in found.value.problems] == ["criteria.step_not_positive"]


@pytest.mark.parametrize(
    ("today", "on_or_before", "before"),
    [(date(2024, 10, 29), False, False), (date(2024, 10, 30), False, True), (date(2024, 10, 31), True, True)],
)
def test_before_a_day_is_not_on_it(today: date, on_or_before: bool, before: bool) -> None:
    the_day = date(2024, 10, 30)
    assert overdue(the_day, today) is on_or_before
    assert overdue(the_day, today, "on_or_before") is on_or_before
    assert overdue(the_day, today, "before") is before
    assert overdue(last_day(the_day, "before"), today) is before


def test_the_last_day_that_is_in_time() -> None:
    assert last_day(date(2024, 10, 30)) == date(2024, 10, 30)
    assert last_day(date(2024, 11, 1), "before") == date(2024, 10, 31)


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2024, 11, 3, 16, 59, 59, tzinfo=UTC), date(2024, 11, 3)),
        (datetime(2024, 11, 3, 17, 0, 0, tzinfo=UTC), date(2024, 11, 4)),
        (datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC), date(2025, 1, 1)),
    ],
)
def test_today_is_the_day_in_vietnam(utc: datetime, day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return utc.astimezone(tz)

    monkeypatch.setattr(clock, "datetime", Fixed)
    assert clock.today() == clock.in_vietnam(utc).date() == day
    assert clock.in_vietnam(datetime(2024, 11, 3, 23, 0)).date() == date(2024, 11, 3)  # noqa: DTZ001 - read from a wall
