"""Due days: hand-made tables of 2021 to 2027, "trước" against "ngày", days that users set, and what must always hold."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chamdiem.errors import Refusal
from chamdiem.programmes import library
from chamdiem.programmes.due import Due, due_called, due_dates, when_needed
from chamdiem.programmes.model import Programme
from chamdiem.programmes.periods import LAST_MONTHS, Every, period_called, period_ending
from chamdiem.programmes.rules import DayMonth, LastMonthDay
from chamdiem.words import say, use_language

HERE = Path(__file__).parent
TABLES = sorted((HERE / "due_dates").glob("*.yaml"))
EACH = pytest.mark.parametrize("table", TABLES, ids=lambda file: file.stem)
SPAN = date(2021, 1, 1), date(2027, 12, 31)
DANVAN, TUYEN_QUANG = "dan-van-chinh-quyen-tra-vinh-2021", "de-an-02-tuyen-quang-2022"
DO_DAU, GIUP_DO = "do-dau-xa-tra-vinh-2023", "giup-do-xa-mtqg-2023"
WEEKDAYS = ("thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "chủ nhật")
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


def read(table: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(table.read_text(encoding="utf-8"))
    return content


def as_row(due: Due) -> dict[str, Any]:
    """A due day as a table has it: what can be taken for granted is left out."""
    row: dict[str, Any] = {"duty": due.duty, "period": say(due.period.label), "stage": due.stage}
    if due.last is not None:
        row |= {"last": due.last, "weekday": WEEKDAYS[due.last.weekday()]}
        row |= {name: value for name in ("limit", "named", "first") if (value := getattr(due, name))}
        if due.works is False:
            row |= {"day_off": True, "before": due.working_before, "after": due.working_after}
        row |= {"sure": due.sure} if due.sure != "announced" else {}
    return row | ({} if due.in_force else {"in_force": False})


def of(id: str, *span: date, **more: Any) -> tuple[Due, ...]:  # noqa: A002
    """What is due of a shipped programme, whether it is then in force or not."""
    found = library.load(id)
    return due_dates(found, *(span or SPAN), working=library.working_days(), beyond=True, **more)


def test_every_shipped_programme_has_a_table() -> None:
    assert [file.stem for file in TABLES] == [file.stem for file in library.shipped()]


@EACH
def test_due_days_are_those_of_the_table(table: Path) -> None:
    wanted = read(table)
    found = [as_row(due) for due in of(wanted["programme"])]
    assert sorted(found, key=place) == sorted(wanted["rows"], key=place)


def place(row: dict[str, Any]) -> tuple[str, ...]:
    return row["duty"], row["stage"], row["period"]


@EACH
def test_due_days_come_in_order(table: Path) -> None:
    days = [due.last or due.period.last or date.max for due in of(read(table)["programme"])]
    assert days == sorted(days)


@EACH
def test_only_what_is_in_force_is_due_unless_one_asks_for_more(table: Path) -> None:
    programme = library.load(read(table)["programme"])
    assert due_dates(programme, *SPAN) == tuple(due for due in due_dates(programme, *SPAN, beyond=True) if due.in_force)


@EACH
def test_days_that_users_set_take_the_place_of_those_not_written(table: Path) -> None:
    wanted = read(table)
    rows = wanted.get("given", [])
    days = {f"{wanted['programme']}/{row['key']}": row["last"] for row in rows}
    before, after = of(wanted["programme"]), of(wanted["programme"], given=days)
    assert {due.key for due in before} == {due.key for due in after}
    for row in rows:
        key = f"{wanted['programme']}/{row['key']}"
        (due,) = (one for one in after if one.key == key)
        (unset,) = (one for one in before if one.key == key)
        assert (due.origin, unset.origin, unset.last) == ("user", "not_set", None)
        said = as_row(due)
        assert {name: said[name] for name in row if name != "key"} == {k: v for k, v in row.items() if k != "key"}
        assert ("day_off" in said) == ("day_off" in row)
        assert due_called(library.load(wanted["programme"]), key, given=days, working=library.working_days()) == due


def test_before_is_not_on() -> None:
    """The same day, once "trước ngày 10/6" and once "ngày 10/6": the last day in time differs by one."""
    year = (date(2024, 1, 1), date(2024, 12, 31))
    (on,) = DayMonth(kind="day_month", day=10, month=6, limit="on_or_before").falls("six_months", (), *year)
    (before,) = DayMonth(kind="day_month", day=10, month=6, limit="before").falls("six_months", (), *year)
    assert (on.named, on.last) == (date(2024, 6, 10), date(2024, 6, 10))
    assert (before.named, before.last) == (date(2024, 6, 10), date(2024, 6, 9))


def test_the_rule_is_said_in_the_words_of_the_document() -> None:
    rules = {due.key.split("/", 1)[1]: say(due.rule) for name in (DANVAN, TUYEN_QUANG, GIUP_DO) for due in of(name)}
    assert rules["bao_cao_quy/2022-Q2/nop"] == "ngày 10/06/2022"
    assert rules["bao_cao_6_thang/2023-6M/nop"] == "trước ngày 05/06/2023 (chậm nhất hết ngày 04/06/2023)"
    assert rules["kien_toan/2024/quyet_dinh"] == "trong tháng 01/2024"
    assert rules["bao_cao_9_thang/2024-9M/tong_hop"] == "văn bản không ghi ngày, cần đặt hạn"


def test_the_annual_report_of_003_comes_before_the_fourth_quarter() -> None:
    days = {due.duty: due.last for due in of(DANVAN, date(2021, 11, 1), date(2021, 12, 31))}
    assert days == {"bao_cao_nam": date(2021, 11, 25), "bao_cao_quy": date(2021, 12, 10)}


def test_the_two_stages_of_002_name_their_offices() -> None:
    programme = library.load(TUYEN_QUANG)
    sent, collected = due_dates(programme, date(2023, 6, 1), date(2023, 6, 29))
    assert (sent.by, sent.via, sent.to, sent.collects) == (("cac_co_quan",), ("so_noi_vu",), ("ubnd_tinh",), None)
    assert (collected.by, collected.to, collected.collects) == (("so_noi_vu",), ("ubnd_tinh",), "nop")


def test_a_span_is_cut_on_the_last_day_in_time() -> None:
    """ "trước ngày 05/6" is due on the 4th: a span that ends then has it, one that begins on the 5th has not."""
    programme = library.load(TUYEN_QUANG)
    assert [due.last for due in due_dates(programme, date(2023, 6, 4), date(2023, 6, 4))] == [date(2023, 6, 4)]
    assert due_dates(programme, date(2023, 6, 5), date(2023, 6, 5)) == ()


def test_ad_hoc_duties_have_no_day_and_are_listed_apart() -> None:
    assert [(duty.id, stage.by) for duty, stage in when_needed(library.load(TUYEN_QUANG))] == [
        ("bao_cao_dot_xuat", ("so_noi_vu",))
    ]
    assert all(due.duty != "bao_cao_dot_xuat" for due in of(TUYEN_QUANG))


def test_a_day_cannot_be_set_for_what_does_not_exist_or_has_one() -> None:
    programme = library.load(TUYEN_QUANG)
    wrong = {
        f"{TUYEN_QUANG}/bao_cao_6_thang/2023-6M/nop": "programme.day_in_document",
        f"{TUYEN_QUANG}/bao_cao_6_thang/2023-Q1/nop": "programme.no_such_due",
        f"{TUYEN_QUANG}/danh_gia_hai_long/2023/khac": "programme.no_such_due",
        f"{TUYEN_QUANG}/khac/2023/khao_sat": "programme.no_such_due",
        f"{TUYEN_QUANG}/danh_gia_hai_long": "programme.no_such_due",
        f"{TUYEN_QUANG}/bao_cao_dot_xuat/2023/tong_hop": "programme.no_such_due",
        f"{TUYEN_QUANG}/danh_gia_hai_long/9999/khao_sat": "programme.no_such_due",
    }
    with pytest.raises(Refusal) as refused:
        due_dates(programme, *SPAN, given=dict.fromkeys(wrong, date(2023, 5, 1)))
    assert [problem.message.id for problem in refused.value.problems] == list(wrong.values())
    assert due_dates(programme, *SPAN, given={"khac/bao_cao/2023/nop": date(2023, 5, 1)}) == due_dates(programme, *SPAN)


def test_a_day_may_be_set_after_the_period_is_over() -> None:
    key = f"{DO_DAU}/so_ket_nam/2024/so_ket"
    days = {key: date(2025, 1, 15)}
    assert key not in {due.key for due in of(DO_DAU, date(2024, 1, 1), date(2024, 12, 31), given=days)}
    (due,) = (one for one in of(DO_DAU, date(2025, 1, 1), date(2025, 1, 31), given=days) if one.key == key)
    assert due.last == date(2025, 1, 15)


@pytest.mark.parametrize("span", [(date(2024, 2, 1), date(2024, 1, 1)), (date(1899, 1, 1), date(2024, 1, 1))])
def test_a_span_backwards_or_far_away_is_refused(span: tuple[date, date]) -> None:
    with pytest.raises(Refusal) as refused:
        due_dates(library.load(DANVAN), *span)
    assert refused.value.problems[0].message.id == "programme.span"


def test_periods_are_called_as_people_call_them() -> None:
    assert say(period_ending("quarter", 2022, 6).label) == "Quý II/2022"
    assert say(period_ending("six_months", 2022, 6).label) == "6 tháng đầu năm 2022"
    assert say(period_ending("nine_months", 2022, 9).label) == "9 tháng đầu năm 2022"
    assert say(period_ending("year", 2022, 12).label) == "Năm 2022"
    use_language("en")
    assert say(period_ending("quarter", 2022, 6).label) == "Quarter II/2022"
    use_language("vi")


def test_a_rule_that_moves_is_kept_beside_the_day_of_the_document() -> None:
    text = library.text_of(TUYEN_QUANG)
    moved = library.read(text + 'days_off: {when_off: next_working_day, clause: "điểm thử"}\n', "thu.yaml")
    (kept,) = due_dates(library.load(TUYEN_QUANG), date(2023, 6, 4), date(2023, 6, 4), working=library.working_days())
    (due,) = due_dates(moved, date(2023, 6, 4), date(2023, 6, 4), working=library.working_days())
    assert (kept.last, kept.until) == (date(2023, 6, 4), date(2023, 6, 4))
    assert (due.last, due.until) == (date(2023, 6, 4), date(2023, 6, 5))


def test_nothing_moves_where_no_calendar_reaches() -> None:
    moved = library.read(
        library.text_of(TUYEN_QUANG) + "days_off: {when_off: next_working_day, clause: thử}\n", "thu.yaml"
    )
    (due,) = due_dates(moved, date(2033, 6, 4), date(2033, 6, 4), working=library.working_days())
    assert (due.last, due.until, due.works, due.sure) == (date(2033, 6, 4), date(2033, 6, 4), None, "unknown")


# What must hold for whatever rule and span.


def programme_of(every: str, rule: str) -> Programme:
    text = (HERE / "bad_programmes" / "sound" / "minimal.yaml").read_text(encoding="utf-8")
    old = "  every: quarter\n", "    due: {kind: last_month_day, day: 10, limit: on_or_before}\n"
    assert text.count(old[0]) == text.count(old[1]) == 1
    return library.read(text.replace(old[0], f"  every: {every}\n").replace(old[1], f"    due: {rule}\n"), "thu.yaml")


@st.composite
def rules(draw: st.DrawFn) -> tuple[Every, LastMonthDay | DayMonth]:
    every = draw(st.sampled_from(("quarter", "six_months", "nine_months", "year")))
    limit = draw(st.sampled_from(("before", "on_or_before")))
    day = draw(st.integers(1, 28))
    if every == "quarter" or draw(st.booleans()):
        return every, LastMonthDay(kind="last_month_day", day=day, limit=limit)
    month, later = draw(st.integers(1, 12)), draw(st.booleans())
    return every, DayMonth(kind="day_month", day=day, month=month, limit=limit, next_year=later)


@settings(max_examples=60, deadline=None)
@given(rules(), DAYS, st.integers(0, 2000))
def test_every_day_of_a_span_is_asked_once(rule: tuple[Every, Any], start: date, length: int) -> None:
    """Reckoned over a span at once, or day by day by a slow and obvious count, the same days come out."""
    every, one = rule
    end = start + timedelta(days=length)
    found = [(falling.last, falling.named) for falling in one.falls(every, (), start, end)]
    slow = []
    for offset in range(length + 1):
        last = start + timedelta(days=offset)
        named = last + timedelta(days=1) if one.limit == "before" else last
        months = (one.month,) if isinstance(one, DayMonth) else LAST_MONTHS[every]
        if named.day == one.day and named.month in months:
            slow.append((last, named))
    assert found == slow


@settings(max_examples=60, deadline=None)
@given(rules(), DAYS, st.integers(0, 800), st.integers(0, 800))
def test_a_span_in_two_parts_gives_what_it_gives_at_once(
    rule: tuple[Every, Any], start: date, one: int, more: int
) -> None:
    every, it = rule
    middle = start + timedelta(days=one)
    end = middle + timedelta(days=more + 1)
    parts = [*it.falls(every, (), start, middle), *it.falls(every, (), middle + timedelta(days=1), end)]
    assert parts == list(it.falls(every, (), start, end))


@settings(max_examples=60, deadline=None)
@given(rules(), DAYS)
def test_a_day_belongs_to_the_period_it_speaks_of(rule: tuple[Every, Any], start: date) -> None:
    every, one = rule
    for falling in one.falls(every, (), start, start + timedelta(days=800)):
        period, named = falling.period, falling.named
        assert named is not None
        assert period.first is not None
        assert period.last is not None
        assert period.first.day == 1
        assert (period.last + timedelta(days=1)).day == 1
        assert period.last.month in LAST_MONTHS[every]
        assert period_called(every, period.id) == period
        if isinstance(one, LastMonthDay):
            assert (named.year, named.month) == (period.last.year, period.last.month)
        else:
            assert named.year == period.last.year + one.next_year


@settings(max_examples=80, deadline=None)
@given(st.dates(date(2021, 1, 10), date(2026, 12, 20)))
def test_working_days_beside_a_day_are_the_nearest(day: date) -> None:
    working = library.working_days()
    before, after = working.on_or_before(day), working.on_or_after(day)
    assert (before.sure, after.sure) == ("announced", "announced")
    assert before.day is not None
    assert after.day is not None
    assert working.works(before.day)
    assert working.works(after.day)
    assert before.day <= day <= after.day
    between = (before.day + timedelta(days=n) for n in range(1, (after.day - before.day).days))
    assert not any(working.works(one) for one in between)
    assert (before.day == after.day) == bool(working.works(day))


@pytest.mark.parametrize(
    ("every", "rule", "days"),
    [
        ("quarter", "{kind: last_month_day, day: 30, limit: before}", ["29/3", "29/6", "29/9", "29/12"]),
        ("year", "{kind: day_month, day: 15, month: 1, limit: on_or_before, next_year: true}", ["15/1"]),
        ("year", "{kind: day_month, day: 1, month: 1, limit: before, next_year: true}", ["31/12"]),
        ("year", "{kind: last_month_day, day: 31, limit: on_or_before}", ["31/12"]),
        ("six_months", "{kind: month, month: 7}", ["31/7"]),
        ("year", "{kind: month, month: 2}", ["29/2"]),
    ],
)
def test_other_rules_that_documents_may_have(every: str, rule: str, days: list[str]) -> None:
    found = due_dates(programme_of(every, rule), date(2024, 1, 1), date(2024, 12, 31))
    assert [f"{due.last.day}/{due.last.month}" for due in found if due.last] == days


def test_a_report_due_next_year_is_of_the_year_before() -> None:
    rule = "{kind: day_month, day: 1, month: 1, limit: before, next_year: true}"
    programme = programme_of("year", rule)
    (due,) = due_dates(programme, date(2024, 1, 1), date(2024, 12, 31))
    assert (say(due.period.label), due.named, due.last) == ("Năm 2024", date(2025, 1, 1), date(2024, 12, 31))
    assert due_called(programme, due.key) == due


def test_named_phases_have_their_own_days() -> None:
    text = (HERE / "bad_programmes" / "sound" / "minimal.yaml").read_text(encoding="utf-8")
    phases = (
        "  every: phase\n  phases:\n"
        "  - {id: dau, title: Giai đoạn đầu, from: 2024-01-01, to: 2024-05-31}\n"
        "  - {id: cuoi, title: Giai đoạn cuối, from: 2024-06-01, to: 2024-12-31}\n"
    )
    programme = library.read(text.replace("  every: quarter\n", phases), "thu.yaml")
    found = due_dates(programme, date(2024, 1, 1), date(2024, 12, 31))
    assert [(say(due.period.label), due.last) for due in found] == [
        ("Giai đoạn đầu", date(2024, 5, 10)),
        ("Giai đoạn cuối", date(2024, 12, 10)),
    ]
    assert [due_called(programme, due.key) for due in found] == list(found)


@EACH
def test_each_key_is_alone_and_calls_its_own(table: Path) -> None:
    programme = library.load(read(table)["programme"])
    found = of(programme.id)
    assert len({due.key for due in found}) == len(found)
    for due in found[::5]:
        assert due_called(programme, due.key, working=library.working_days()) == due


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        due_called(library.load(DANVAN), f"{DANVAN}/bao_cao_quy/2021-Q5/nop")
    assert refused.value.problems[0].message.id == "programme.no_such_due"
