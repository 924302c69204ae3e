"""What is wanted "đột xuất": due once somebody has asked for it and said until which day; never before.

What was asked for stands among the days of its programme, under its key: a day alone, or with what it is about, what it
must say and who is to answer. A document may name such reports; what it does not name is asked for under `OTHER`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from chamdiem.programmes.due import Due, key_of
from chamdiem.programmes.model import Duty, DutyStage, Programme
from chamdiem.programmes.periods import Period
from chamdiem.programmes.working_days import WorkingDays
from chamdiem.words import say

OTHER = "dot_xuat"
Kept: TypeAlias = Mapping[str, "str | Mapping[str, object]"]
"""The days of a programme as they are kept: ISO, or for what was asked for the day with what was said of it."""


@dataclass(frozen=True)
class Spot:
    """What a key speaks of: a duty of the document at one of its stages (None: the document names none), asked on a day."""

    duty: Duty | None
    stage: DutyStage | None
    asked_on: date


@dataclass(frozen=True)
class Asked:
    """Something that was asked for: until which day (the last in time), what it is about, what it must say, and the
    offices that answer; of what the document names nobody is said: its own offices do."""

    key: str
    spot: Spot
    until: date
    subject: str = ""
    content: str = ""
    by: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is called where it stands among other reports."""
        named = self.spot.duty.title if self.spot.duty else say("asking.report")
        return f"{named}: {self.subject}" if self.subject else named


def spot_asked(law: Programme, key: str) -> Spot | None:
    """What a key speaks of whose period is the day on which it was asked: programme/duty/2023-05-10/stage; else None."""
    parts = key.split("/")
    if len(parts) != 4 or parts[0] != law.id:
        return None
    duty = law.duty(parts[1])
    stage = next((one for one in duty.stages if one.id == parts[3]), None) if duty else None
    if parts[1] != OTHER and (duty is None or stage is None or duty.every != "ad_hoc"):
        return None
    try:
        asked_on = date.fromisoformat(parts[2])
    except ValueError:
        return None
    return Spot(duty, stage, asked_on) if asked_on.isoformat() == parts[2] else None


def day_of(said: str | Mapping[str, object]) -> date:
    """The day that is kept under a key."""
    return date.fromisoformat(said if isinstance(said, str) else str(said["day"]))


def asked_in(law: Programme, kept: Kept) -> list[Asked]:
    """Everything that was asked for, the latest first."""
    spots = ((key, spot_asked(law, key), said) for key, said in kept.items())
    found = [_asked(key, spot, said) for key, spot, said in spots if spot is not None]
    return sorted(found, key=lambda one: (one.spot.asked_on, one.key), reverse=True)


def _asked(key: str, spot: Spot, said: str | Mapping[str, object]) -> Asked:
    if isinstance(said, str):
        return Asked(key, spot, day_of(said))
    by = said.get("by", ())
    assert isinstance(by, Sequence)
    return Asked(key, spot, day_of(said), str(said["subject"]), str(said["content"]), tuple(map(str, by)))


def free_key(law: Programme, asked_on: date, kept: Kept) -> str:
    """A key for what no document names: that day's next number."""
    keys = (key_of(law.id, OTHER, asked_on.isoformat(), str(n)) for n in range(1, len(kept) + 2))
    return next(key for key in keys if key not in kept)


def asked(law: Programme, kept: Kept, first: date, last: date, working: WorkingDays) -> Iterator[Due]:
    """Everything asked for whose last day is from `first` to `last`, both included. It speaks of the year up to the day
    on which it was asked."""
    for one in asked_in(law, kept):
        if first <= one.until <= last:
            yield _due(law, one, working)


def _due(law: Programme, one: Asked, working: WorkingDays) -> Due:
    spot, day = one.spot, one.until
    duty, stage = spot.duty, spot.stage
    before, after = working.on_or_before(day), working.on_or_after(day)
    _, duty_id, _, stage_id = one.key.split("/")
    return Due(
        law.id, duty_id, one.title, duty.what if duty else "report", period_asked(spot.asked_on), stage_id,
        stage.title if stage else say("asking.stage"), stage.by if stage else one.by, stage.to if stage else (),
        stage.via if stage else (), stage.collects if stage else None,
        origin="user", limit="on_or_before", named=day, first=None, last=day, until=day,
        works=working.works(day), working_before=before.day, working_after=after.day, sure=after.sure,
        in_force=law.in_force(day),
    )  # fmt: skip


def period_asked(asked_on: date) -> Period:
    """The year up to the day on which something was asked for."""
    label = say("period.asked_on", day=asked_on)
    return Period("ad_hoc", asked_on.isoformat(), date(asked_on.year, 1, 1), asked_on, label)
