"""Expected working calendars and the iCalendar file: what is not announced is said to be so, what is written reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import holidays
import icalendar
import pytest

from chamdiem.criteria.library import folder, read_calendar
from chamdiem.errors import Refusal
from chamdiem.programmes import library
from chamdiem.programmes.due import Due, due_dates
from chamdiem.programmes.ical import icalendar as as_ics

EXPECTED = folder() / "calendars" / "expected" / "vn.yaml"
MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TUYEN_QUANG, GIUP_DO = "de-an-02-tuyen-quang-2022", "giup-do-xa-mtqg-2023"


def test_an_expected_calendar_is_illustrative_and_follows_the_announced_one() -> None:
    expected, announced = library.read_expected(EXPECTED), read_calendar(folder() / "calendars" / "vn.yaml")
    assert expected.status == "illustrative"
    assert expected.from_ == announced.to + timedelta(days=1)
    assert expected.undecided


def test_expected_days_off_are_days_off_for_the_holidays_package() -> None:
    """The package guesses the days that are not announced; those we are sure of must be among them."""
    expected = library.read_expected(EXPECTED)
    package = holidays.country_holidays("VN", years=expected.from_.year)
    assert {day for day in expected.days_off if day not in package} == set()
    guessed = {day for day in package if day.weekday() < 5} - set(expected.days_off)
    assert {day for day in guessed if not any(gap.from_ <= day <= gap.to for gap in expected.undecided)} == set()


@pytest.mark.parametrize(
    ("day", "works", "sure"),
    [
        (date(2026, 12, 31), True, "announced"),
        (date(2027, 1, 1), False, "expected"),
        (date(2027, 1, 4), True, "expected"),
        (date(2027, 2, 6), None, "unknown"),
        (date(2027, 5, 3), False, "expected"),
        (date(2027, 9, 3), None, "unknown"),
        (date(2027, 11, 24), False, "expected"),
        (date(2020, 12, 31), None, "unknown"),
        (date(2028, 1, 3), None, "unknown"),
    ],
)
def test_a_day_is_worked_or_not_or_nobody_knows(day: date, works: bool | None, sure: str) -> None:
    working = library.working_days()
    assert (working.works(day), working.sure(day)) == (works, sure)


def test_a_search_stops_where_nobody_knows() -> None:
    working = library.working_days()
    assert working.on_or_before(date(2027, 2, 15)) == (date(2027, 2, 15), "expected")
    assert working.on_or_after(date(2027, 2, 14)) == (None, "unknown")
    assert working.on_or_after(date(2026, 12, 31)) == (date(2026, 12, 31), "announced")
    assert working.on_or_before(date(2027, 1, 3)) == (date(2026, 12, 31), "expected")


@pytest.mark.parametrize(
    ("after", "last", "worked"),
    [
        (date(2024, 6, 3), date(2024, 6, 4), 1),
        (date(2024, 6, 3), date(2024, 6, 14), 9),  # two weeks but for the first Monday
        (date(2024, 6, 7), date(2024, 6, 9), 0),  # a weekend
        (date(2024, 4, 26), date(2024, 5, 6), 4),  # 29/4 to 1/5 are off; 2, 3, 6 May and Saturday the 4th are worked
        (date(2024, 6, 4), date(2024, 6, 4), 0),
        (date(2024, 6, 4), date(2024, 6, 3), None),
        (date(2024, 6, 4), date(2199, 12, 31), None),  # nobody knows so far ahead
    ],
)
def test_working_days_between_are_counted_where_all_are_known(after: date, last: date, worked: int | None) -> None:
    assert library.working_days().between(after, last) == worked


def test_an_expected_calendar_with_a_gap_outside_is_refused(tmp_path: Path) -> None:
    text = EXPECTED.read_text(encoding="utf-8")
    wrong = tmp_path / "vn.yaml"
    wrong.write_text(
        text.replace("to: 2027-02-14", "to: 2028-02-14").replace("from: 2027-09-01", "from: 2027-09-04"), "utf-8"
    )
    with pytest.raises(Refusal) as refused:
        library.read_expected(wrong)
    named = [problem.message.id for problem in refused.value.problems]
    assert named == ["criteria.day_outside_calendar", "criteria.dates_reversed"]


def written(dues: tuple[Due, ...], *, made_at: datetime = MADE, alarm_days: int | None = None) -> icalendar.Calendar:
    programmes = {name: library.load(name) for name in {due.programme for due in dues}}
    return icalendar.Calendar.from_ical(as_ics(dues, programmes, made_at=made_at, alarm_days=alarm_days))


def dues_of(id: str, year: int) -> tuple[Due, ...]:  # noqa: A002
    return due_dates(library.load(id), date(year, 1, 1), date(year, 12, 31), working=library.working_days())


def test_the_file_reads_back_with_whole_days_and_vietnamese() -> None:
    found = dues_of(TUYEN_QUANG, 2023)
    events = written(found).walk("VEVENT")
    dated = [due for due in found if due.last]
    assert len(events) == len(dated) == 4
    for event, due in zip(events, dated, strict=True):
        assert due.last is not None
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (due.last, due.last + timedelta(days=1))
        assert event["uid"] == f"{due.key}@chamdiem"
        assert event["transp"] == "TRANSPARENT"
        assert due.title in str(event["summary"])
    first = str(events[0]["description"])
    assert "trước ngày 05/06/2023 (chậm nhất hết ngày 04/06/2023)" in str(events[0]["summary"])
    assert "Qua: Sở Nội vụ" in first
    assert "Ngày ấy là ngày nghỉ: ngày làm việc liền trước 02/06/2023, liền sau 05/06/2023." in first
    assert "“qua Sở Nội vụ để tổng hợp, trước ngày 05/6 đối với báo cáo 6 tháng”" in first


def test_the_same_day_has_the_same_name_every_time() -> None:
    """A calendar that takes the file a second time changes its events, it does not double them."""
    found = dues_of(TUYEN_QUANG, 2024)
    one, other = written(found), written(found, made_at=MADE + timedelta(days=30), alarm_days=2)
    uids = [str(event["uid"]) for event in one.walk("VEVENT")]
    assert uids == [str(event["uid"]) for event in other.walk("VEVENT")]
    assert len(set(uids)) == len(uids)


def test_a_whole_month_is_one_long_event_with_its_alarm_before_the_end() -> None:
    (event,) = written(dues_of(GIUP_DO, 2024), alarm_days=3).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2024, 1, 1), date(2024, 2, 1))
    (alarm,) = event.walk("VALARM")
    after_midnight = date(2024, 1, 28) - date(2024, 1, 1) + timedelta(hours=9)
    assert alarm.decoded("trigger") == after_midnight


def test_an_alarm_rings_in_the_morning_some_days_before() -> None:
    event = written(dues_of(TUYEN_QUANG, 2023), alarm_days=3).walk("VEVENT")[0]
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-3, hours=9)


def test_lines_are_no_longer_than_the_standard_allows() -> None:
    found = dues_of(TUYEN_QUANG, 2023)
    content = as_ics(found, {TUYEN_QUANG: library.load(TUYEN_QUANG)}, made_at=MADE)
    assert content.endswith(b"\r\n")
    assert max(map(len, content.split(b"\r\n"))) <= 75
