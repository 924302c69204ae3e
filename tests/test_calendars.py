"""The shipped working calendars: checked against the `holidays` package and against days known by hand."""

from datetime import date
from pathlib import Path

import holidays
import numpy as np
import pytest
import yaml

from chamdiem.criteria.model import Calendar
from chamdiem.criteria.rules.dated import after_working_days, day_number, day_of

FOLDER = Path(__file__).parents[1] / "criteria" / "calendars"
SWAPPED_2026 = date(2026, 1, 2), date(2026, 1, 10)  # 12729/VPCP-KGVX, not in the package as of 0.109


def read(name: str) -> Calendar:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return Calendar.model_validate(yaml.load(text, yaml.BaseLoader))


VN = read("vn")


def works(day: date) -> bool:
    return bool(np.isin(day_number(day), VN.days()))


def test_every_calendar_names_its_source() -> None:
    for file in FOLDER.glob("*.yaml"):
        calendar = read(file.stem)
        assert calendar.source
        assert calendar.status != "official", f"{file.stem}: no calendar here was read from the notices themselves"


def test_days_are_ordered_inside_the_years_and_on_the_right_side_of_the_week() -> None:
    for days in (VN.days_off, VN.working_weekends):
        assert list(days) == sorted(set(days))
        assert all(VN.from_ <= day <= VN.to for day in days)
    assert [day for day in VN.days_off if day.weekday() > 4] == []
    assert [day for day in VN.working_weekends if day.weekday() < 5] == []


@pytest.mark.parametrize("year", range(VN.from_.year, VN.to.year + 1))
def test_days_off_agree_with_the_holidays_package(year: int) -> None:
    package = holidays.country_holidays("VN", years=year)
    expected = {day for day in package if day.year == year and day.weekday() < 5}
    expected |= {SWAPPED_2026[0]} if year == 2026 else set()
    assert {day for day in VN.days_off if day.year == year} == expected


@pytest.mark.parametrize("year", range(VN.from_.year, VN.to.year + 1))
def test_working_weekends_agree_with_the_holidays_package(year: int) -> None:
    package = holidays.country_holidays("VN", years=year)
    expected = {day for day in package.weekend_workdays if day.year == year}
    expected |= {SWAPPED_2026[1]} if year == 2026 else set()
    assert {day for day in VN.working_weekends if day.year == year} == expected


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param(date(2024, 2, 8), date(2024, 2, 14), id="Tết 2024"),
        pytest.param(date(2024, 4, 18), date(2024, 4, 18), id="Giỗ Tổ 2024"),
        pytest.param(date(2024, 4, 27), date(2024, 5, 1), id="30/4 và 1/5/2024, có hoán đổi 29/4"),
        pytest.param(date(2024, 8, 31), date(2024, 9, 3), id="Quốc khánh 2024"),
        pytest.param(date(2023, 1, 20), date(2023, 1, 26), id="Tết 2023"),
        pytest.param(date(2025, 1, 25), date(2025, 2, 2), id="Tết 2025"),
        pytest.param(date(2026, 1, 1), date(2026, 1, 4), id="Tết Dương lịch 2026, có hoán đổi 02/01"),
        pytest.param(date(2026, 11, 24), date(2026, 11, 24), id="Ngày Văn hóa Việt Nam 2026"),
    ],
)
def test_known_holidays_are_whole_and_no_longer(first: date, last: date) -> None:
    before, after = (date.fromordinal(day.toordinal() + step) for day, step in ((first, -1), (last, 1)))
    assert [works(date.fromordinal(day)) for day in range(first.toordinal(), last.toordinal() + 1)].count(True) == 0
    assert works(after)
    assert works(before) or before.weekday() > 4


@pytest.mark.parametrize("day", [date(2024, 5, 4), date(2025, 4, 26), date(2026, 1, 10), date(2026, 8, 22)])
def test_swapped_saturdays_are_worked(day: date) -> None:
    assert day.weekday() == 5
    assert works(day)


def test_2024_has_251_working_days() -> None:
    # 366 days from a Monday: 52 weeks of 5, then Monday 30 and Tuesday 31 December: 262 weekdays. Off on weekdays:
    # 1/1 · 8, 9, 12, 13, 14/2 · 18/4 · 29, 30/4, 1/5 · 2, 3/9 = 12. Worked: Saturday 4/5. 262 - 12 + 1 = 251.
    assert sum(day_of(day).year == 2024 for day in VN.days()) == 251


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        pytest.param(date(2024, 2, 7), 7, date(2024, 2, 23), id="qua Tết: 15, 16, 19, 20, 21, 22, 23/2"),
        pytest.param(date(2024, 4, 26), 3, date(2024, 5, 4), id="qua 30/4: 2, 3/5 và thứ bảy làm bù 4/5"),
        pytest.param(date(2024, 4, 26), 4, date(2024, 5, 6), id="sau thứ bảy làm bù là thứ hai 6/5"),
    ],
)
def test_a_deadline_counted_by_hand(start: date, days: int, due: date) -> None:
    found, known = after_working_days(np.array([day_number(start)]), days, VN.days())
    assert day_of(found[0]) == due
    assert known.all()


def test_a_deadline_past_the_last_known_day_is_not_guessed() -> None:
    _, known = after_working_days(np.array([day_number(date(2026, 12, 30))]), 7, VN.days())
    assert not known.any()
