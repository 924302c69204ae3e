"""Whether the duties of a programme can be reckoned: rules that fall, phases apart, stages in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from chamdiem.criteria.checks.places import Found, Loc, unknown
from chamdiem.errors import message
from chamdiem.programmes.model import Duty, DutyStage, Programme
from chamdiem.programmes.periods import EARLIEST, LATEST

RULES_OF = {  # which rules a kind of period can have: "ngày 05/6 hằng quý" names one day for four quarters
    "quarter": ("last_month_day", "not_set"),
    "six_months": ("last_month_day", "day_month", "month", "not_set"),
    "nine_months": ("last_month_day", "day_month", "month", "not_set"),
    "year": ("last_month_day", "day_month", "month", "not_set"),
    "phase": ("last_month_day", "day_month", "not_set"),
    "ad_hoc": ("not_set",),
}
TRIED = date(2023, 1, 1), date(2026, 12, 31)


def duty_faults(programme: Programme, loc: Loc, duty: Duty) -> Iterator[Found]:
    """Everything wrong with one duty: the place as a path of the file's own keys, and the sentence."""
    codes = [task.code for task in programme.tasks]
    if duty.task is not None and duty.task not in codes:
        yield (*loc, "task"), unknown("programme.unknown_task", duty.task, codes)
    unreckonable = list(_phases(loc, duty))
    for at, stage in enumerate(duty.stages):
        unreckonable += _rule(duty, (*loc, "stages", at, "due"), stage)
    yield from unreckonable
    for at, stage in enumerate(duty.stages):
        yield from _order(duty, (*loc, "stages", at), stage, duty.stages[:at], not unreckonable)


def _phases(loc: Loc, duty: Duty) -> Iterator[Found]:
    if duty.phases and duty.every != "phase":
        yield (*loc, "phases"), message("programme.phases_without_need", every=message(f"every.{duty.every}"))
    for at, phase in enumerate(duty.phases):
        if not EARLIEST <= phase.from_ <= phase.to <= LATEST:
            span = {"start": phase.from_, "end": phase.to, "earliest": EARLIEST, "latest": LATEST}
            yield (*loc, "phases", at, "to"), message("programme.span", **span)
    for (_, one), (at, other) in combinations(enumerate(duty.phases), 2):
        if one.from_ <= other.to and other.from_ <= one.to:
            yield (*loc, "phases", at), message("programme.phases_overlap", one=one.title, other=other.title)


def _rule(duty: Duty, loc: Loc, stage: DutyStage) -> Iterator[Found]:
    rule = stage.due
    if rule.kind not in RULES_OF[duty.every]:
        yield (*loc, "kind"), message("programme.rule_wrong_for_period", every=message(f"every.{duty.every}"))
        return
    for day, month in rule.missing(duty.every, duty.periods):
        yield (*loc, "day"), message("programme.no_such_day", day=day, month=month)


def _order(duty: Duty, loc: Loc, stage: DutyStage, before: tuple[DutyStage, ...], sound: bool) -> Iterator[Found]:
    """A stage that collects must name one before it, and cannot be due earlier than that one."""
    if stage.collects is None:
        return
    collected = next((one for one in before if one.id == stage.collects), None)
    if collected is None:
        yield (*loc, "collects"), unknown("programme.unknown_stage", stage.collects, [one.id for one in before])
    elif sound and duty.every != "ad_hoc":
        earlier, later = _days(duty, collected), _days(duty, stage)
        if any(later[period] < day for period, day in earlier.items() if period in later):
            yield (*loc, "due"), message("programme.collected_too_early", stage=collected.title)


def _days(duty: Duty, stage: DutyStage) -> dict[str, date]:
    falls = stage.due.falls(duty.every, duty.periods, *((EARLIEST, date.max) if duty.every == "phase" else TRIED))
    return {one.period.id: one.last for one in falls if one.last is not None}
