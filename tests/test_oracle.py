"""The engine against the oracle: random contests, every figure of every unit on every layer, exactly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chamdiem.errors import Refusal
from chamdiem.scoring.result import Result
from chamdiem.scoring.run import score
from chamdiem.scoring.sheet import CEILING, FLOOR, HEADLINE, Why
from chamdiem.scoring.trace import Trace
from chamdiem.words import say
from contests import CATEGORIES, frame_of, given_of, random_contest
from oracle import LAYERS, Contest, Outcome, Place, outcome

EXAMPLES = int(os.environ.get("CHAMDIEM_EXAMPLES", "300"))
LAYER = dict(zip(LAYERS, (HEADLINE, FLOOR, CEILING), strict=True))


def outcome_of(result: Result, at: int) -> dict[str, object]:
    """Everything the engine says of one unit, in the oracle's words."""
    found: dict[str, object] = {}
    verdict, totals = result.verdict, result.verdict.totals
    for name, wanted in LAYER.items():
        layer = result.layer(wanted)
        for branch in result.plan.branches:
            figure = result.figure(branch)
            found[f"{branch.code} points {name}"] = result.points(figure.points[layer, at])
            found[f"{branch.code} why {name}"] = Why(figure.why[layer, at]).name
            found[f"{branch.code} top {name}"] = result.points(
                np.broadcast_to(figure.top, figure.points.shape)[layer, at]
            )
        for total in ("base", "bonus", "penalties", "total"):
            found[f"{total} {name}"] = result.points(getattr(totals, total)[layer, at])
        found[f"met {name}"] = int(verdict.met_count[layer, at])
        found[f"gates {name}"] = {gate.id for gate, check in verdict.gates if not check.met[layer, at]}
        found[f"stars by points {name}"] = int(verdict.stars_by_points[layer, at])
        found[f"stars {name}"] = int(verdict.stars[layer, at])
        found[f"recognised {name}"] = bool(verdict.recognised[layer, at])
        found[f"revocations {name}"] = [bool(check.met[layer, at]) for _, check in verdict.revocations]
    found["counted"] = {
        leaf.node.code: {
            (source.stage, source.judge)
            for source, counts in zip(result.marks.sources, result.sheet.counted_marks(leaf, at), strict=True)
            if counts
        }
        for leaf in result.plan.leaves
        if leaf.slots
    }
    found["scored"], found["cut"] = bool(totals.scored[at]), bool(verdict.quota_cut[at])
    found["rank"], found["tied"] = int(result.ranks[at]), bool(result.shared[at])
    found["matters"] = {(matter.id, matter.code) for matter, _ in result.matters_of(at) if matter.open}
    return found


def expected(out: Outcome, codes: list[str]) -> dict[str, object]:
    """The same of the oracle."""
    found: dict[str, object] = {}
    for name in LAYERS:
        for code in codes:
            figure = out.nodes[code, name]
            found |= {
                f"{code} points {name}": figure.points, f"{code} why {name}": figure.why, f"{code} top {name}": figure.top
            }  # fmt: skip
        for total in ("base", "bonus", "penalties", "total"):
            found[f"{total} {name}"] = getattr(out, total)[name]
        found[f"met {name}"] = out.met[name]
        found[f"gates {name}"] = set(out.gates[name])
        found[f"stars by points {name}"] = out.stars_by_points[name]
        found[f"stars {name}"], found[f"recognised {name}"] = out.stars[name], out.recognised[name]
        found[f"revocations {name}"] = list(out.revocations[name])
    found |= {"counted": out.counted, "scored": out.scored, "cut": out.cut}
    return found | {"rank": out.rank, "tied": out.tied, "matters": out.matters}


def differences(contest: Contest) -> list[tuple[str, str, object, object]]:
    """Unit, what, the engine's figure and the oracle's, wherever they differ."""
    result = score(contest.criteria, frame_of(contest), **given_of(contest))
    outcomes = outcome(contest)
    codes = [branch.code for branch in result.plan.branches]
    return [
        (unit.code, what, got[what], value)
        for at, unit in enumerate(result.marks.units)
        for got in [outcome_of(result, at)]
        for what, value in expected(outcomes[unit.code], codes).items()
        if got[what] != value
    ]


def bounded(examples: int) -> settings:
    """So many examples, however slow the machine."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=examples, deadline=None, print_blob=True, suppress_health_check=checks)


@bounded(EXAMPLES)
@given(st.randoms(use_true_random=False))
def test_engine_agrees_with_oracle_on_random_contests(rnd: Random) -> None:
    contest = random_contest(rnd)
    assume(contest is not None)
    assert contest is not None
    assert differences(contest) == []


@bounded(EXAMPLES // 3)
@given(st.randoms(use_true_random=False))
def test_a_single_unit_is_worth_the_same_whatever_is_remembered_of_others_like_it(rnd: Random) -> None:
    """Worked out one after the other with what is remembered, and each with a set that nobody has applied before."""
    contest = random_contest(rnd)
    assume(contest is not None)
    assert contest is not None
    alike = [one for one in variants(contest, rnd.choice(contest.units)) if accepted(one)]
    rnd.shuffle(alike)
    for one in alike:
        marks = frame_of(one), given_of(one)
        alone, anew = (score(made, marks[0], **marks[1]) for made in (one.criteria, one.criteria.model_copy()))
        assert whole(alone) == whole(anew)


def whole(result: Result) -> list[object]:
    """Every figure of a sheet and every matter noted on it, in the order in which they were found."""
    figures = [
        (
            code,
            [getattr(one, name) for name in ("points", "top", "why", "marked", "known", "excluded", "redistributed")],
        )
        for code, one in result.sheet.figures.items()
    ]
    parts = [(code, *map(plain, several)) for code, several in figures]
    noted = [
        (one.id, one.code, one.open, *map(plain, (one.units, *one.figures.values()))) for one in result.sheet.matters
    ]
    return [parts, noted, {code: plain(cells) for code, cells in result.sheet.before.items()}]


def plain(cells: object) -> object:
    return cells.tolist() if isinstance(cells, np.ndarray) else cells


def variants(contest: Contest, unit: Place) -> Iterator[Contest]:
    """A contest of one of these units alone, and the same with one thing otherwise."""
    alone = replace(
        contest,
        units=(unit,),
        answers={place: answer for place, answer in contest.answers.items() if place[0] == unit.code},
        papers=tuple(paper for paper in contest.papers if paper.unit == unit.code),
        recused=frozenset(pair for pair in contest.recused if pair[0] == unit.code),
        evidence="apply",
    )
    yield alone
    yield replace(alone, evidence="ignore")
    for status in ("accepted", "attached", "rejected"):
        yield replace(alone, papers=tuple(replace(paper, status=status) for paper in alone.papers))
    yield replace(alone, papers=alone.papers[1:])
    shared = tuple(replace(paper, item="qd_chung") for paper in alone.papers)  # counts once, wherever it is cited
    yield from (replace(alone, papers=shared[:n]) for n in (1, len(shared)))
    for other in contest.units:
        theirs = {(unit.code, *place[1:]): said for place, said in contest.answers.items() if place[0] == other.code}
        yield replace(alone, answers=theirs)
    yield replace(alone, recused=frozenset({(unit.code, alone.judges[0].code)}))
    yield replace(alone, judges=tuple(replace(judge, removed=True) for judge in alone.judges[:1]) + alone.judges[1:])
    for category in ("", *CATEGORIES):
        yield replace(alone, units=(replace(unit, category=category),))
    said = [(code, who, words) for (_, code, stage, who), words in alone.answers.items() if stage == "judge"]
    judges = sorted({who for _, who, _ in said})
    for late in ([], judges[-1:], judges):  # whose marks are the council's
        stages = {who: "council" if who in late else "judge" for who in judges}
        yield replace(
            alone, stage=None, answers={(unit.code, code, stages[who], who): words for code, who, words in said}
        )
    yield replace(alone, answers=dict(list(alone.answers.items())[::2]))


def accepted(contest: Contest) -> bool:
    """Whether the engine takes these answers: those of another category may be out of its range."""
    try:
        score(contest.criteria, frame_of(contest), **given_of(contest))
    except Refusal:
        return False
    return True


@bounded(EXAMPLES // 10)
@given(st.randoms(use_true_random=False))
def test_every_figure_of_a_random_contest_can_be_told(rnd: Random) -> None:
    contest = random_contest(rnd)
    assume(contest is not None)
    assert contest is not None
    result = score(contest.criteria, frame_of(contest), **given_of(contest))
    assert [len(frame) for frame in (result.units, result.nodes)] == [
        len(contest.units),
        len(contest.units) * len(result.plan.branches),
    ]
    for unit in contest.units:
        trace = Trace(result, unit.code)
        told = [step for line in trace.lines for step in trace.steps(line.branch)]
        told += [mark.answer for leaf in result.plan.leaves for mark in trace.marks(leaf)]
        told += [row.subject for row in result.conditions_of(result.unit_at(unit.code))]
        told += [*trace.verdict(), *(matter for matter, _ in trace.matters())]
        assert all(say(one) != one.id for one in told)
