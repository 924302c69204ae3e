"""What the answers of one sheet come to now: points of every line, the total, what is still missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chamdiem.contest.sheets import OpenSheet, figures_of, lacks
from chamdiem.errors import Refusal
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE, Why
from chamdiem.scoring.result import Result
from chamdiem.store.database import Store
from chamdiem.words import say, shown, shown_problem

Cell = dict[str, Any]


def comes_to(store: Store, sheet: OpenSheet) -> dict[str, Any]:
    """What the answers of a sheet come to now: points of every line, the total, what is still missing."""
    result, trouble = result_of(store, sheet)
    return {"figures": figures(sheet, result), "summary": summary(sheet, result, trouble)}


def result_of(store: Store, sheet: OpenSheet) -> tuple[Result | None, list[str]]:
    """The result of one sheet alone, or why the engine cannot read it."""
    try:
        return figures_of(store, sheet), []
    except Refusal as refusal:
        return None, [shown_problem(problem) for problem in refusal.problems]


def figures(sheet: OpenSheet, result: Result | None) -> dict[str, Cell]:
    """Points of every line by its code: what counts now, at least and at most, and why where it is otherwise."""
    if result is None:
        return {}
    floor, ceiling = result.layer(FLOOR), result.layer(CEILING)
    found: dict[str, Cell] = {}
    for branch in result.plan.branches:
        if branch.leaf < 0 and sheet.stage == "council":  # the council decides single criteria: they add up to nothing
            continue
        figure = result.figure(branch)
        why = Why(figure.why.item(HEADLINE, 0))
        three = [shown(result.points(figure.points[layer, 0])) for layer in (HEADLINE, floor, ceiling)]
        blank = branch.leaf >= 0 and why is Why.UNMARKED
        told = "" if branch.leaf < 0 or why in (Why.COUNTED, Why.UNMARKED) else _why(why)
        found[branch.code] = {"points": "" if blank else three[0], "floor": three[1], "ceiling": three[2], "why": told}
    return found


def _why(why: Why) -> str:
    return say("entry.not_marked") if why is Why.ABSTAINED else say(f"why.{why.name.lower()}")


def summary(sheet: OpenSheet, result: Result | None, trouble: Iterable[str] = ()) -> Cell:
    """What a sheet comes to now, at least and at most, and what is still missing, in sentences; `trouble` is why the engine
    cannot say."""
    return {"totals": _totals(sheet, result), "missing": _missing(sheet, result), "trouble": list(trouble)}


def _totals(sheet: OpenSheet, result: Result | None) -> list[str]:
    if result is None or sheet.stage == "council" or sheet.criteria.result != "points":
        return []
    total = result.verdict.totals.total
    floor, ceiling = result.layer(FLOOR), result.layer(CEILING)
    three = [shown(result.points(total[layer, 0])) for layer in (HEADLINE, floor, ceiling)]
    said = [say("entry.total", points=three[0], top=sheet.criteria.scale)]
    return said if floor == HEADLINE else [*said, say("entry.floor_ceiling", floor=three[1], ceiling=three[2])]


def _missing(sheet: OpenSheet, result: Result | None) -> Cell:
    if sheet.handed_in or sheet.stage == "council" or not sheet.enterable:
        return {"title": "", "lists": []}
    found = list(lacks(sheet, result))
    if not found:
        return {"title": say("entry.nothing_missing"), "lists": []}
    lists = [
        [say(f"entry.lacks_{what}"), [f"{one.criterion} {one.title}" for one in found if one.what == what]]
        for what in ("answer", "evidence")
    ]
    return {"title": say("entry.missing", n=len(found)), "lists": [one for one in lists if one[1]]}
