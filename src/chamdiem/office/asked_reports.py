"""What the document wants "đột xuất": due once somebody has asked for it and said until which day; never before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from chamdiem.programmes.due import Due
from chamdiem.programmes.model import Duty, DutyStage, Programme
from chamdiem.programmes.periods import Period
from chamdiem.programmes.working_days import WorkingDays
from chamdiem.words import say


def spot_asked(law: Programme, key: str) -> tuple[Duty, DutyStage, date] | None:
    """What a key speaks of whose period is the day on which it was asked: programme/duty/2023-05-10/stage; else None."""
    parts = key.split("/")
    duty = law.duty(parts[1]) if len(parts) == 4 and parts[0] == law.id else None
    stage = next((one for one in duty.stages if one.id == parts[3]), None) if duty else None
    if duty is None or stage is None or duty.every != "ad_hoc":
        return None
    try:
        asked_on = date.fromisoformat(parts[2])
    except ValueError:
        return None
    return (duty, stage, asked_on) if asked_on.isoformat() == parts[2] else None


def asked(law: Programme, days: Mapping[str, date], first: date, last: date, working: WorkingDays) -> Iterator[Due]:
    """Everything asked for whose last day is from `first` to `last`, both included. It speaks of the year up to the day
    on which it was asked."""
    for key, day in days.items():
        spot = spot_asked(law, key)
        if spot is not None and first <= day <= last:
            yield _due(law, *spot, day, working)


def _due(law: Programme, duty: Duty, stage: DutyStage, asked_on: date, day: date, working: WorkingDays) -> Due:
    period = Period(
        "ad_hoc", asked_on.isoformat(), date(asked_on.year, 1, 1), asked_on, say("period.asked_on", day=asked_on)
    )
    before, after = working.on_or_before(day), working.on_or_after(day)
    return Due(
        law.id, duty.id, duty.title, duty.what, period, stage.id, stage.title, stage.by, stage.to, stage.via,
        stage.collects, origin="user", limit="on_or_before", named=day, first=None, last=day, until=day,
        works=working.works(day), working_before=before.day, working_after=after.day, sure=after.sure,
        in_force=law.in_force(day),
    )  # fmt: skip
