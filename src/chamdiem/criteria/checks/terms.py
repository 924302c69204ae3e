"""The terms of a set: dates, panel, shares, working calendars, who a criterion does not apply to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chamdiem.criteria.checks.figures import too_many_places
from chamdiem.criteria.checks.places import Found, Loc, Places, repeats
from chamdiem.criteria.model import Calendar, CriteriaSet, Node, Panel
from chamdiem.errors import message

LONGEST_CALENDAR = timedelta(days=366 * 50)
SATURDAY = 5


def term_faults(places: Places) -> Iterator[Found]:
    """Everything that is neither a figure of the rubric, a name, nor a condition."""
    criteria = places.criteria
    effective = criteria.effective
    if effective.to is not None and effective.to < effective.from_:
        yield ("effective", "to"), message("criteria.dates_reversed", start=effective.from_, end=effective.to)
    if not 0 < criteria.met_from <= 1:
        yield ("met_from",), message("criteria.share_out_of_range")
    yield from _panel_faults(criteria, criteria.panel)
    for name, calendar in criteria.calendars.items():
        yield from (((("calendars", name, *loc)), why) for loc, why in calendar_faults(calendar))
    for name, pool in criteria.pools:
        yield from _lonely((name,), pool.nodes)
    for spot in places.spots:
        yield from _lonely(spot.loc, spot.node.nodes)


def _panel_faults(criteria: CriteriaSet, panel: Panel) -> Iterator[Found]:
    if not 0 < 2 * panel.trim < 1:
        yield ("panel", "trim"), message("criteria.trim_out_of_range")
    quorum = panel.quorum
    if quorum is not None:
        if (quorum.share is None) == (quorum.count is None):
            yield ("panel", "quorum"), message("criteria.share_or_count")
        if quorum.share is not None and not 0 < quorum.share <= 1:
            yield ("panel", "quorum", "share"), message("criteria.share_out_of_range")
        if quorum.count == 0:
            yield ("panel", "quorum", "count"), message("criteria.step_not_positive", step=0)
    for at, spread in enumerate(panel.max_spread):
        loc: Loc = ("panel", "max_spread", at, "points")
        yield from too_many_places(criteria, loc, spread.points)
        if spread.points < 0:
            yield loc, message("criteria.spread_negative", points=spread.points)
    kinds = [(("panel", "max_spread", at), f"{one.of}/{one.between}") for at, one in enumerate(panel.max_spread)]
    yield from repeats(kinds, "criteria.repeated_item")


def calendar_faults(calendar: Calendar) -> Iterator[Found]:
    """Days outside the years a calendar covers, days off on a weekend, made-up days on a weekday, days twice."""
    if not timedelta(0) <= calendar.to - calendar.from_ <= LONGEST_CALENDAR:
        yield ("to",), message("criteria.calendar_span", start=calendar.from_, end=calendar.to)
    elif not calendar.days().size:
        yield ("days_off",), message("criteria.calendar_empty")
    lists = (("days_off", calendar.days_off, False), ("working_weekends", calendar.working_weekends, True))
    for name, days, on_weekend in lists:
        yield from repeats((((name, at), day) for at, day in enumerate(days)), "criteria.repeated_item")
        for at, day in enumerate(days):
            if not calendar.from_ <= day <= calendar.to:
                yield (name, at), message("criteria.day_outside_calendar", day=day)
            if (day.weekday() >= SATURDAY) != on_weekend:
                yield (name, at), message(f"criteria.wrong_{name}", day=day)


def _lonely(loc: Loc, nodes: tuple[Node, ...]) -> Iterator[Found]:
    """A criterion whose points go to its neighbours when it does not apply, but that has none."""
    if len(nodes) == 1 and nodes[0].not_applicable and nodes[0].not_applicable.policy == "redistribute":
        yield (*loc, "nodes", 0, "not_applicable", "policy"), message("criteria.redistribute_alone")
