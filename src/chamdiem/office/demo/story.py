"""A made-up year as it is written down: who takes part, what happened on which day, what was asked, how it was judged."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from pydantic import Field

from chamdiem.contest import demo
from chamdiem.criteria.scalars import Flag, Frozen
from chamdiem.criteria.typed_yaml import read_model

FOLDER = "demo-years"
UNITS = ("units.csv", "links.csv")

Fields = dict[str, str]
"""What a service takes, by the names of its fields."""


class Person(Frozen):
    """Somebody who can be signed in by a click: for the leading office, for a member, and for a unit at the year's end."""

    login: str
    name: str
    lead: Flag = False
    member: str = ""
    unit: str = ""


class Taker(Frozen):
    """A member; see office.programmes_begun.Member."""

    code: str
    name: str
    office: str
    unit: str = ""
    above: str = ""


class Raised(Frozen):
    """A difficulty, and what the days to come call it."""

    called: str
    unit: str
    member: str
    words: str
    proposal: str
    working_days: int = 0


class Passed(Frozen):
    """A difficulty passed on to the next level."""

    difficulty: str
    why: str
    by: str
    working_days: int = 0


class Announced(Frozen):
    """A visit that a commune was told of, and what the days to come call it."""

    called: str
    unit: str
    member: str
    planned_on: date
    content: str


class Held(Frozen):
    """What came of an announced visit."""

    visit: str
    result: str
    findings: str = ""
    difficulties: tuple[str, ...] = ()


class Unannounced(Frozen):
    """A visit of which nobody was told before."""

    unit: str
    member: str
    content: str
    held_on: date
    result: str


class Assigned(Frozen):
    """A sponsor for a commune."""

    called: str = ""
    unit: str
    leader: str
    decision: str
    start: date
    until: date | None = None
    member: str = ""
    joint: Flag = False
    replaces: Flag = False


class Ended(Frozen):
    """An assignment that ended without another one."""

    assignment: str
    decision: str
    last: date


class Paper(Frozen):
    """Reports handed in, several as one paper; `without` and `why` say who is left out and why it goes all the same."""

    member: str
    keys: tuple[str, ...]
    words: Fields = Field(default_factory=dict)
    without: tuple[str, ...] = ()
    why: str = ""


class Day(Frozen):
    """What happened on a day; see diary.VERBS."""

    on: date
    due: dict[str, date] = Field(default_factory=dict)
    assigned: tuple[Assigned, ...] = ()
    ended: tuple[Ended, ...] = ()
    figures: dict[str, dict[str, Fields]] = Field(default_factory=dict)
    tasks: dict[str, Fields] = Field(default_factory=dict)
    documents: tuple[Fields, ...] = ()
    raised: tuple[Raised, ...] = ()
    announced: tuple[Announced, ...] = ()
    held: tuple[Held, ...] = ()
    unannounced: tuple[Unannounced, ...] = ()
    cancelled: tuple[Fields, ...] = ()
    support: tuple[Fields, ...] = ()
    corrected: tuple[Fields, ...] = ()
    passed: tuple[Passed, ...] = ()
    answered: tuple[Fields, ...] = ()
    reports: tuple[Paper, ...] = ()
    returned: tuple[Fields, ...] = ()
    accepted: tuple[str, ...] = ()


class Pile(Frozen):
    """Paper forms that came back, the last of them void; some are still to be re-checked."""

    label: str
    sent: int
    returned: int
    invalid: int = 0
    checked: Flag = True


class Asked(Frozen):
    """A unit that was asked about: how many could be, how many answered, and how often each place of an answer was chosen."""

    unit: str
    population: int
    mood: tuple[int, ...]
    codes: int = 0
    online: int = 0
    paper: tuple[Pile, ...] = ()


class Survey(Frozen):
    """A survey; one without days is open from the day the demo is made."""

    campaign: str
    questionnaire: str
    mode: str
    opens_on: date | None = None
    closes_on: date | None = None
    rounds: tuple[Asked, ...]


class Judged(Frozen):
    """A unit at the year's end: whose record answers (`members` for single criteria), and what was said besides."""

    unit: str
    member: str
    members: Fields = Field(default_factory=dict)
    answers: Fields


class YearEnd(Frozen):
    """The contest at the end of the year, and the survey that it goes by."""

    id: str
    title: str
    criteria: str
    year: int
    as_of: date
    survey: str = ""
    units: tuple[Judged, ...]


class Story(Frozen):
    """One year of one programme; `closed` is why it was closed at its end, "" while it goes on."""

    id: str
    source: str
    title: str
    period_from: date
    period_to: date
    people: tuple[Person, ...]
    members: tuple[Taker, ...]
    days: tuple[Day, ...]
    surveys: tuple[Survey, ...]
    year_end: YearEnd
    closed: str = ""


def folder() -> Path:
    """Where the years are: beside the demo contest."""
    return demo.units_file().parents[1] / FOLDER


def unit_files() -> list[Path]:
    """The units that the years speak of, and what became of them."""
    return [folder() / name for name in UNITS]


@cache
def stories() -> tuple[Story, ...]:
    """All years, in the order of their names; raises Refusal with everything that is wrong."""
    return tuple(read_model(Story, path.read_bytes(), str(path))[0] for path in sorted(folder().glob("*.yaml")))
