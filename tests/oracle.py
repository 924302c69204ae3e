"""A slow, obvious oracle: what a set and its marks come to, worked out in fractions and plain loops, unit by unit.

It knows the documented meaning (the words of the model and of the engine's docstrings) and nothing of how the engine
computes: no arrays, no ticks, no tables. Points are points, not hundredths. Every figure exists in three layers:
"headline", "floor" (accepted evidence alone) and "ceiling" (all pending evidence accepted).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

from chamdiem.criteria.conditions import Condition
from chamdiem.criteria.model import CriteriaSet, Node, Pool

LAYERS = ("headline", "floor", "ceiling")
STAGES = ("self", "appraisal", "judge", "council")
MOMENTS = ("mark", "leaf", "group", "total")
NOT_APPLICABLE, ABSTAINED = "KAD", "BQ"
NA_WHY = {
    "zero": "NA_ZERO", "full": "NA_FULL", "exclude_rescale": "NA_EXCLUDED", "redistribute": "NA_REDISTRIBUTED"
}  # fmt: skip
NA = frozenset(NA_WHY.values())
EMPTY = frozenset({"UNMARKED", "ABSTAINED"})


@dataclass(frozen=True)
class Place:
    """A unit."""

    code: str
    kind: str = ""
    category: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Member:
    """A judge."""

    code: str
    role: str = "member"
    removed: bool = False


@dataclass(frozen=True)
class Paper:
    """A document behind one criterion of one unit."""

    unit: str
    code: str
    item: str
    status: str
    verified: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contest:
    """Everything a run is given. `answers` is keyed by unit, criterion or fact, stage and judge; an answer is a value
    per input (a fraction, a whole number, a key, a set of keys, a date, a bool), "KAD" or "BQ"."""

    criteria: CriteriaSet
    units: tuple[Place, ...]
    judges: tuple[Member, ...]
    answers: Mapping[tuple[str, str, str, str], dict[str, Any] | str]
    papers: tuple[Paper, ...] = ()
    recused: frozenset[tuple[str, str]] = frozenset()
    closed: bool = True
    evidence: str = "apply"
    stage: str | None = None


@dataclass
class Figure:
    """One node of one unit on one layer. `out` is "", "excluded" or "redistributed"; `marked`: somebody marked it;
    `known`: marked, worked out from what is known, or not applicable."""

    points: Fraction
    top: Fraction
    why: str
    marked: bool
    known: bool = True
    out: str = ""


@dataclass
class Outcome:
    """What one unit came to; dicts are keyed by layer."""

    nodes: dict[tuple[str, str], Figure] = field(default_factory=dict)
    scored: bool = False
    base: dict[str, Fraction] = field(default_factory=dict)
    bonus: dict[str, Fraction] = field(default_factory=dict)
    penalties: dict[str, Fraction] = field(default_factory=dict)
    total: dict[str, Fraction] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)
    gates: dict[str, frozenset[str]] = field(default_factory=dict)
    stars: dict[str, int] = field(default_factory=dict)
    stars_by_points: dict[str, int] = field(default_factory=dict)
    recognised: dict[str, bool] = field(default_factory=dict)
    revocations: dict[str, tuple[bool, ...]] = field(default_factory=dict)
    rank: int = 0
    tied: bool = False
    cut: bool = False
    counted: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    matters: set[tuple[str, str]] = field(default_factory=set)


def rounded(value: Fraction, places: int, mode: str) -> Fraction:
    """A number with so many decimals, rounded as the set declares."""
    scaled = value * 10**places
    below = floor(scaled)
    rest = scaled - below
    if rest == 0:
        return value
    if mode == "toward_zero":
        whole = below if scaled > 0 else below + 1
    elif rest != Fraction(1, 2):
        whole = below if rest < Fraction(1, 2) else below + 1
    elif mode == "half_even":
        whole = below if below % 2 == 0 else below + 1
    elif mode == "half_up":
        whole = below + 1
    else:
        whole = below + 1 if scaled > 0 else below
    return Fraction(whole, 10**places)


def combined(values: Iterable[Fraction], panel: Any) -> Fraction:
    """What a panel makes of its members' figures (at least one)."""
    kept = sorted(values)
    if panel.combine == "median":
        kept = kept[(len(kept) - 1) // 2 : len(kept) // 2 + 1]
    elif panel.combine == "trimmed_mean":
        cut = floor(len(kept) * panel.trim)
        kept = kept[cut : len(kept) - cut]
    elif panel.combine == "drop_extremes" and len(kept) >= 3:
        kept = kept[1:-1]
    return sum(kept, Fraction(0)) / len(kept)


def clamp(value: Fraction, low: Fraction, high: Fraction) -> Fraction:
    """The value, not below low and not above high."""
    return max(low, min(high, value))


def compare(side: str, value: Fraction | int, bound: Fraction) -> bool:
    """Whether a value is on the right side of a bound."""
    return {
        "at_least": value >= bound, "above": value > bound, "at_most": value <= bound, "below": value < bound
    }[side]  # fmt: skip


class Oracle:
    """The outcome of every unit of a contest."""

    def __init__(self, contest: Contest) -> None:
        self.given, self.set = contest, contest.criteria
        self.judges = {judge.code: judge for judge in contest.judges}
        self.sources = sorted({key[2:] for key in contest.answers}, key=lambda key: (STAGES.index(key[0]), key[1]))
        self.pool_of: dict[str, str] = {}
        self.above: dict[str, tuple[Node, ...]] = {}
        self.order: dict[str, int] = {}
        for name, pool in self.set.pools:
            for node in pool.nodes:
                self._walk(node, (), name)
        self.by_code = {node.code: node for node in self.set.nodes}
        self.outcomes = {unit.code: Outcome() for unit in contest.units}
        self.by_place = {unit.code: unit for unit in contest.units}
        self.official: dict[tuple[str, str], bool] = {}
        self.dropped = self._dropped()

    def _walk(self, node: Node, above: tuple[Node, ...], pool: str) -> None:
        self.pool_of[node.code], self.above[node.code], self.order[node.code] = pool, above, len(self.order)
        for child in node.nodes:
            self._walk(child, (*above, node), pool)

    def run(self) -> dict[str, Outcome]:
        """Work everything out."""
        for unit in self.given.units:
            self._spreads(unit)
        for unit in self.given.units:
            for layer in LAYERS:
                for name, pool in self.set.pools:
                    self.figure(unit, name, layer)
                    for node in pool.nodes:
                        for inner in node.walk():
                            self.figure(unit, inner.code, layer)
            self._totals(unit)
        for unit in self.given.units:
            asked = [leaf.code for leaf in self.set.leaves if self.asks(leaf)]
            self.outcomes[unit.code].counted = {code: set(self.of_record(unit, code)) for code in asked}
            self._unmarked(unit)
            self._quorum(unit)
            for layer in LAYERS:
                self._verdict(unit, layer)
        for layer in LAYERS:
            self._quota(layer)
        self._ranks(self._order("headline"))
        return self.outcomes

    # who counts

    def counts(self, unit: str, stage: str, judge: str, *, third: bool) -> bool:
        """Whether a source counts for a unit: of the wanted stage, not removed, not recused, ordinary or third marker."""
        member = self.judges.get(judge)
        is_third = member is not None and member.role == "third_marker"
        removed = member is not None and member.removed
        wanted = self.given.stage in (None, stage)
        return wanted and not removed and is_third == third and (unit, judge) not in self.given.recused

    def statements(self, unit: Place, code: str, *, third: bool = False) -> dict[tuple[str, str], dict[str, Any] | str]:
        """The statements of record: answers and "not applicable" by those who count, at the last stage that made any."""
        if code in self.by_code and self.not_for(unit, code):
            return {}
        said = {
            (stage, judge): answer
            for stage, judge in self.sources
            if (answer := self.given.answers.get((unit.code, code, stage, judge))) is not None
            and answer != ABSTAINED
            and self.counts(unit.code, stage, judge, third=third)
        }
        last = max((STAGES.index(stage) for stage, _ in said), default=-1)
        return {key: answer for key, answer in said.items() if STAGES.index(key[0]) == last}

    def of_record(self, unit: Place, code: str) -> dict[tuple[str, str], dict[str, Any] | str]:
        """The statements that decide: the third marker's where they are official, otherwise everybody's."""
        return self.statements(unit, code, third=self.official.get((unit.code, code), False))

    def not_for(self, unit: Place, code: str) -> Node | None:
        """The outermost node around (or at) this one that is not meant for the unit."""
        for node in (*self.above[code], self.by_code[code]):
            if node.only_for and not {unit.kind, unit.category} & set(node.only_for):
                return node
        return None

    # rules

    def rule_of(self, unit: Place, node: Node) -> Any:
        """The rule for the unit's category."""
        return next((variant.rule for variant in node.variants if variant.category == unit.category), node.rule)

    @staticmethod
    def asks(node: Node) -> bool:
        """Whether anything is asked of the marker."""
        return not (node.rule is not None and node.rule.kind == "formula" and not node.rule.variables)

    @staticmethod
    def reads(rule: Any) -> list[str]:
        """The codes whose points a rule reads."""
        return re.findall(r'node\("([^"]+)"\)', rule.expression) if rule.kind == "formula" else []

    def grade(self, unit: Place, node: Node, answer: dict[str, Any], layer: str) -> Fraction | None:
        """The points of one answer; None when it cannot be graded."""
        rule, top = self.rule_of(unit, node), Fraction(node.max)
        match rule.kind:
            case "manual":
                return answer["points"]
            case "boolean":
                return top if answer["met"] else Fraction(0)
            case "levels" | "external":
                return next(Fraction(level.points) for level in rule.levels if level.key == answer["level"])
            case "checklist":
                return min(
                    top, sum((Fraction(one.points) for one in rule.items if one.key in answer["done"]), Fraction(0))
                )
            case "at_least":
                return top if len(answer["done"]) >= rule.needed else Fraction(0)
            case "linear" | "external_index":
                return self._linear(rule, self._measured(rule, answer), top)
            case "bands":
                return self._band(rule.bands, self._measured(rule, answer))
            case "base_plus_steps":
                return self._steps(rule, self._measured(rule, answer), top)
            case "count":
                return min(top, answer["count"] * Fraction(rule.each))
            case "deduction":
                return max(Fraction(rule.floor), top - answer["events"] * Fraction(rule.each))
            case "deduction_by_level":
                lost = sum((answer[level.key] * Fraction(level.each) for level in rule.levels), Fraction(0))
                return max(Fraction(rule.floor), top - lost)
            case "deadline":
                return self._deadline(rule, answer, top)
            case "survey_share":
                return self._survey(rule, Fraction(answer["satisfied"]), answer["valid"], top)
            case "survey_weighted":
                weighted = sum((answer[option.key] * option.weight for option in rule.options), Fraction(0))
                return self._survey(rule, weighted, sum(answer[option.key] for option in rule.options), top)
            case "trend":
                change = (answer["now"] - answer["before"]) * (1 if rule.better == "higher" else -1)
                return Fraction(rule.improved if change > 0 else rule.worse if change < 0 else rule.equal)
            case "formula":
                return self._formula(unit, rule, answer, top, layer)
        raise AssertionError(rule.kind)

    @staticmethod
    def _measured(rule: Any, answer: dict[str, Any]) -> Fraction:
        if rule.of == "share":
            return Fraction(answer["done"], answer["of"])
        return answer["percent"] / 100 if rule.of == "percent" else answer["value"]

    @staticmethod
    def _linear(rule: Any, result: Fraction, top: Fraction) -> Fraction:
        if rule.zero_below is not None and result < rule.zero_below.number:
            return Fraction(0)
        start, full = rule.start.number, rule.full.number
        return clamp(top * (result - start) / (full - start), Fraction(0), top)

    @staticmethod
    def _band(bands: Any, result: Fraction) -> Fraction:
        reached = [band for band in bands if result >= band.from_.number]
        return Fraction(max(reached, key=lambda band: band.from_.number).points) if reached else Fraction(0)

    @staticmethod
    def _steps(rule: Any, result: Fraction, top: Fraction) -> Fraction:
        if result < rule.start.number:
            return Fraction(0)
        steps = max((result - rule.steps_from.number) / rule.step.number, Fraction(0))
        if rule.partial_step == "ignored":
            steps = Fraction(floor(steps))
        return min(top, Fraction(rule.base) + steps * Fraction(rule.per_step))

    def _survey(self, rule: Any, satisfied: Fraction, valid: int, top: Fraction) -> Fraction | None:
        if valid == 0 or valid < rule.min_sample:
            return None
        return self._linear(rule, satisfied / valid, top)

    def _deadline(self, rule: Any, answer: dict[str, Any], top: Fraction) -> Fraction | None:
        due = rule.due
        if rule.after is not None:
            due = self._working_day(
                rule.after.calendar, rule.after.day or answer["started_on"], rule.after.working_days
            )
        if due is None:
            return None
        last = due if rule.limit == "on_or_before" else due - timedelta(days=1)
        late = (answer["done_on"] - last).days
        if late <= 0:
            return top
        return next((Fraction(step.points) for step in rule.late if late <= step.within_days), Fraction(0))

    def _working_day(self, name: str, start: date, n: int) -> date | None:
        """The n-th working day after a day; None where the calendar does not say."""
        calendar = self.set.calendars[name]
        working = []
        day = calendar.from_
        while day <= calendar.to:
            if (day.weekday() < 5 and day not in calendar.days_off) or day in calendar.working_weekends:
                working.append(day)
            day += timedelta(days=1)
        if start < calendar.from_:
            return None
        after = [day for day in working if day > start]
        return after[n - 1] if len(after) >= n else None

    def _formula(self, unit: Place, rule: Any, answer: dict[str, Any], top: Fraction, layer: str) -> Fraction | None:
        numbers = re.sub(
            r'(?<![\w".])(\d+(?:\.\d+)?)(?![\w"])', r'Fraction("\1")', re.sub(r'"[^"]*"', '""', rule.expression)
        )
        assert ast.parse(numbers)
        codes = iter(self.reads(rule))
        names = {"Fraction": Fraction, "min": min, "max": max, **answer}
        names["node"] = lambda _: self.figure(unit, next(codes), layer).points
        try:
            return clamp(Fraction(eval(numbers, {"__builtins__": {}}, names)), Fraction(0), top)
        except ZeroDivisionError:
            return None

    # several judges

    def _own_leaves(self) -> Iterator[Node]:
        """The base criteria whose points each judge gives himself: not those that read other criteria or other units."""
        for node in self.set.leaves:
            rules = (node.rule, *(variant.rule for variant in node.variants))
            if self.pool_of[node.code] == "base" and not any(
                rule.kind == "peers" or self.reads(rule) for rule in rules
            ):
                yield node

    def worth(self, node: Node) -> Fraction:
        """What one point of a criterion is worth in the base: weights and scaling of the groups around it."""
        share = Fraction(1)
        nodes = [node, *reversed(self.above[node.code])]
        for inner, outer in zip(nodes, [*nodes[1:], self.set.base], strict=True):
            share *= inner.weight
            if outer.scaled:
                share *= Fraction(outer.max) / self._reach(outer)
        return share

    @staticmethod
    def _reach(outer: Node | Pool) -> Fraction:
        """The most the parts of a node can make together, before scaling."""
        tops = sorted((Fraction(node.max) * node.weight for node in outer.nodes), reverse=True)
        combine = getattr(outer, "combine", "sum")
        return sum(
            tops[: {"sum": len(tops), "choose_one": 1, "best": getattr(outer, "best", None)}[combine]], Fraction(0)
        )

    def _given(self, unit: Place, node: Node) -> dict[str, Fraction]:
        """The points each ordinary judge gave one criterion, where they could be graded."""
        found = {}
        for (_, judge), answer in self.statements(unit, node.code).items():
            if answer != NOT_APPLICABLE:
                value = self.mark(unit, node, answer, "headline")
                if value is not None:
                    found[judge] = value
        return found

    def mark(self, unit: Place, node: Node, answer: Any, layer: str) -> Fraction | None:
        """The points of one mark, rounded if marks are."""
        value = self.grade(unit, node, answer, layer)
        return value if value is None else self.settle(value, "mark")

    def settle(self, value: Fraction, moment: str) -> Fraction:
        """The value, rounded if the set rounds at this moment or earlier."""
        policy = self.set.points
        if MOMENTS.index(policy.at) > MOMENTS.index(moment):
            return value
        return rounded(value, policy.places, policy.round.value)

    def _spreads(self, unit: Place) -> None:
        """Limits on differences: those that a third marker settles first, then those that are discussed."""
        limits = sorted(self.set.panel.max_spread, key=lambda limit: limit.then != "third_marker")
        leaves = {node.code: node for node in self._own_leaves()}
        given = {code: self._given(unit, node) for code, node in leaves.items()}
        for limit in limits:
            groups = [[code] for code in leaves] if limit.of == "leaf" else [list(leaves)]
            for codes in groups:
                worth = {code: self.worth(leaves[code]) if limit.of == "total" else Fraction(1) for code in codes}
                apart = self._apart({code: given[code] for code in codes}, worth, limit.between)
                if apart > Fraction(limit.points):
                    self._over(unit, limit, [code for code in codes if given[code]])

    @staticmethod
    def _apart(given: dict[str, dict[str, Fraction]], worth: dict[str, Fraction], between: str) -> Fraction:
        judges = sorted({judge for marks in given.values() for judge in marks})
        if between == "mean":
            common = [code for code, marks in given.items() if all(judge in marks for judge in judges)]
            sums = [sum((given[code][judge] * worth[code] for code in common), Fraction(0)) for judge in judges]
            mean = sum(sums, Fraction(0)) / max(len(sums), 1)
            return max((abs(one - mean) for one in sums), default=Fraction(0))
        widest = Fraction(0)
        for one in judges:
            for other in judges:
                both = [code for code, marks in given.items() if one in marks and other in marks]
                apart = sum(((given[code][one] - given[code][other]) * worth[code] for code in both), Fraction(0))
                widest = max(widest, abs(apart))
        return widest

    def _over(self, unit: Place, limit: Any, codes: list[str]) -> None:
        """A limit is passed: by a complete third marking it is settled; otherwise it stays open."""
        name, where = ("leaf", codes[0]) if limit.of == "leaf" else ("total", "")
        if limit.then == "third_marker" and all(self.statements(unit, code, third=True) for code in codes):
            for code in codes if limit.of == "leaf" else [node.code for node in self.set.leaves]:
                if self.statements(unit, code, third=True):
                    self.official[unit.code, code] = True
        elif limit.then == "third_marker" or not all(self.official.get((unit.code, code)) for code in codes):
            self.outcomes[unit.code].matters.add((f"matter.spread_{name}_{limit.then}", where))

    def _quorum(self, unit: Place) -> None:
        quorum, out = self.set.panel.quorum, self.outcomes[unit.code]
        stages = {"judge", "council"} & ({self.given.stage} if self.given.stage else {"judge", "council"})
        if quorum is None or not stages or not out.scored:
            return
        members = [
            judge
            for judge in self.given.judges
            if judge.role != "third_marker" and not judge.removed and (unit.code, judge.code) not in self.given.recused
        ]
        present = [
            judge
            for judge in members
            if any(
                (unit.code, leaf.code, stage, judge.code) in self.given.answers
                for leaf in self.set.leaves
                for stage in stages
            )
        ]
        needed = quorum.count if quorum.count is not None else ceil(len(members) * quorum.share)
        if len(present) < needed:
            out.matters.add(("matter.quorum", ""))
        if quorum.chair and not any(judge.role == "chair" for judge in present):
            out.matters.add(("matter.chair_absent", ""))

    # criteria

    def figure(self, unit: Place, code: str, layer: str) -> Figure:
        """The figure of a node or of a pool, worked out once."""
        nodes = self.outcomes[unit.code].nodes
        if (code, layer) not in nodes:
            node = self.by_code.get(code) or dict(self.set.pools)[code]
            nodes[code, layer] = self._group(unit, code, node, layer) if node.nodes else self._leaf(unit, node, layer)
        return nodes[code, layer]

    def _leaf(self, unit: Place, node: Node, layer: str) -> Figure:
        points, why, marked = self._from_marks(unit, node, layer)
        figure = Figure(points, Fraction(node.max), why, marked)
        self._evidence(unit, node, layer, figure)
        self._dependence(unit, node, layer, figure)
        self._stops(unit, node, layer, figure)
        outsider = self.not_for(unit, node.code)
        if outsider is not None:
            figure.why = self.na_why(outsider)
        if figure.why in NA:
            figure.points = figure.top if figure.why == "NA_FULL" else Fraction(0)
        figure.out = {"NA_EXCLUDED": "excluded", "NA_REDISTRIBUTED": "redistributed"}.get(figure.why, "")
        figure.known = figure.why not in EMPTY
        return figure

    @staticmethod
    def na_why(node: Node) -> str:
        """How "not applicable" counts for a node; without a word of its own it leaves the denominator."""
        return NA_WHY[node.not_applicable.policy if node.not_applicable else "exclude_rescale"]

    def _from_marks(self, unit: Place, node: Node, layer: str) -> tuple[Fraction, str, bool]:
        if not self.asks(node):
            return self._derived(unit, node, layer)
        record = self.of_record(unit, node.code)
        answers = [answer for answer in record.values() if answer != NOT_APPLICABLE]
        matters = self.outcomes[unit.code].matters
        if answers and len(answers) < len(record):
            matters.add(("matter.applicability_disputed", node.code))
        rule = self.rule_of(unit, node)
        if rule.kind == "peers":
            graded = [self._against_peers(unit, node, rule)] if answers else []
        else:
            graded = [self.mark(unit, node, answer, layer) for answer in answers]
        if None in graded and layer == "headline":
            matters.add((self.reason(rule), node.code))
        points = [one for one in graded if one is not None]
        if points:
            figure = combined(points, self.set.panel)
            return self.settle(figure, "leaf"), "COUNTED", True
        if answers:
            return Fraction(0), "UNGRADED", True
        if record:
            return Fraction(0), self.na_why(node), True
        abstained = not self.not_for(unit, node.code) and any(
            self.given.answers.get((unit.code, node.code, *source)) == ABSTAINED
            and self.counts(unit.code, *source, third=self.official.get((unit.code, node.code), False))
            for source in self.sources
        )
        return Fraction(0), "ABSTAINED" if abstained else "UNMARKED", False

    @staticmethod
    def reason(rule: Any) -> str:
        """Why an answer could not be graded."""
        return {
            "formula": "matter.division_by_zero", "deadline": "matter.calendar_too_short", "peers": "matter.round_open"
        }.get(rule.kind, "matter.sample_too_small")  # fmt: skip

    def _derived(self, unit: Place, node: Node, layer: str) -> tuple[Fraction, str, bool]:
        """A formula that asks nothing: known when all it reads is known, marked when any of it is."""
        rule = self.rule_of(unit, node)
        read = [self.figure(unit, code, layer) for code in self.reads(rule)]
        marked = any(figure.marked for figure in read)
        if not all(figure.known for figure in read):
            return Fraction(0), "UNMARKED", marked
        points = self.mark(unit, node, {}, layer)
        if points is None:
            if layer == "headline":
                self.outcomes[unit.code].matters.add((self.reason(rule), node.code))
            return Fraction(0), "UNGRADED", marked
        return self.settle(points, "leaf"), "COUNTED", marked

    def _against_peers(self, unit: Place, node: Node, rule: Any) -> Fraction | None:
        """The unit's result (the panel's figure of what was reported) against those of its ranking group."""
        if not self.given.closed:
            return None
        results = {}
        for other in self.given.units:
            if self.group_of(other) == self.group_of(unit):
                values = [
                    answer["value"] for answer in self.of_record(other, node.code).values() if answer != NOT_APPLICABLE
                ]
                if values:
                    results[other.code] = combined(values, self.set.panel)
        mine, all_results = results[unit.code], list(results.values())
        best = max(all_results) if rule.better == "higher" else min(all_results)
        if rule.measure == "leader":
            share = Fraction(mine == best)
        elif rule.measure == "share_of_leader":
            share = mine / best if best > 0 else Fraction(1)
        else:
            beaten = [one for one in all_results if (one <= mine if rule.better == "higher" else one >= mine)]
            share = Fraction(len(beaten), len(all_results))
        return self._band(rule.bands, share) if rule.bands else share * Fraction(node.max)

    def group_of(self, unit: Place) -> str:
        """The group in which a unit is ranked and compared."""
        within = self.set.ranking.within
        return "" if within == "all" else getattr(unit, within)

    # evidence

    def _dropped(self) -> list[Paper]:
        """Documents that already count for an earlier criterion of the same evidence_once group."""
        dropped = []
        for codes in self.set.evidence_once:
            for paper in self.given.papers:
                earlier = [
                    other
                    for other in self.given.papers
                    if (other.unit, other.item) == (paper.unit, paper.item)
                    and other.code in codes
                    and other.status != "rejected"
                    and self.order[other.code] < self.order.get(paper.code, -1)
                ]
                if paper.code in codes and paper.item and paper.status != "rejected" and earlier:
                    dropped.append(paper)
        return dropped

    def word(self, node: Node, name: str) -> Any:
        """One word on evidence: the criterion's own, else the set's."""
        own = getattr(node.evidence, name) if node.evidence is not None else None
        return getattr(self.set.evidence, name) if own is None else own

    def _evidence(self, unit: Place, node: Node, layer: str, figure: Figure) -> None:
        """What an unproven mark counts on each layer."""
        own = self.pool_of[node.code] == "penalties" or not self.asks(node)
        required, verify, unproven = (self.word(node, name) for name in ("required", "verify", "unproven"))
        if own:
            required = node.evidence is not None and node.evidence.required
        if self.given.evidence == "ignore" or not required:
            return
        papers = [paper for paper in self.given.papers if (paper.unit, paper.code) == (unit.code, node.code)]
        counted = [paper for paper in papers if paper not in self.dropped]
        accepted = any(paper.status == "accepted" and set(verify or ()) <= set(paper.verified) for paper in counted)
        rejected = not accepted and bool(counted) and all(paper.status == "rejected" for paper in counted)
        pending = not accepted and not rejected and bool(counted)
        repeated = len(counted) < len(papers)
        matters = self.outcomes[unit.code].matters
        if figure.why != "COUNTED" or figure.points <= 0 or accepted:
            return
        if pending and layer == "headline":
            matters.add(("matter.evidence_pending", node.code))
        worst, best = ("ceiling", "floor") if self.pool_of[node.code] == "penalties" else ("floor", "ceiling")
        kept = {
            "headline": unproven == "counts" or (unproven == "pending" and pending),
            best: unproven == "counts" or pending,
            worst: False,
        }[layer] and not rejected
        if not kept:
            figure.points = Fraction(0)
            missing = "EVIDENCE_REPEATED" if repeated else "EVIDENCE_MISSING"
            figure.why = "EVIDENCE_REJECTED" if rejected else "EVIDENCE_PENDING" if pending else missing

    # what a criterion hangs on

    def reaches(self, unit: Place, code: str, layer: str, amount: Any) -> bool:
        """Whether a node is at or above a threshold."""
        figure = self.figure(unit, code, layer)
        return figure.points >= (amount.number * figure.top if amount.is_share else amount.number)

    def _dependence(self, unit: Place, node: Node, layer: str, figure: Figure) -> None:
        """From the inside out: the outermost condition that fails says what becomes of the criterion."""
        for at in (node, *reversed(self.above[node.code])):
            needs = at.depends_on
            if needs is None:
                continue
            if self.figure(unit, needs.code, layer).out:
                figure.why, figure.points = self.na_why(at), Fraction(0)
            elif not self.reaches(unit, needs.code, layer, needs.at_least):
                zero = needs.otherwise == "zero"
                figure.why, figure.points = "DEPENDS_UNMET" if zero else self.na_why(at), Fraction(0)

    def _stops(self, unit: Place, node: Node, layer: str, figure: Figure) -> None:
        """Nothing counts after a marked criterion of the same pool that is below its stop."""
        for other in self.set.nodes:
            if (
                other.stop_if is None
                or self.pool_of[other.code] != self.pool_of[node.code]
                or self.order[other.code] >= self.order[node.code]
                or other in self.above[node.code]
            ):
                continue
            at = self.figure(unit, other.code, layer)
            told = at.marked and not at.out and at.why != "UNGRADED"
            if told and not self.reaches(unit, other.code, layer, other.stop_if.below):
                figure.why, figure.points = "STOPPED", Fraction(0)

    # groups

    def _group(self, unit: Place, code: str, node: Node | Pool, layer: str) -> Figure:
        kids = [(child, self.figure(unit, child.code, layer)) for child in node.nodes]
        taken = self._taken(unit, node, kids, layer)
        kept = sum((kid.points * child.weight for child, kid in taken if not kid.out), Fraction(0))
        combine = getattr(node, "combine", "sum")
        n = {"sum": len(kids), "choose_one": 1, "best": getattr(node, "best", None)}[combine]

        def reach(outs: tuple[str, ...]) -> Fraction:
            """The most the parts can make together without those that are out in these ways."""
            tops = sorted((kid.top * child.weight for child, kid in kids if kid.out not in outs), reverse=True)
            return sum(tops[:n], Fraction(0))

        stays, counts = reach(("excluded",)), reach(("excluded", "redistributed"))
        top = Fraction(node.max)
        whole = sum((Fraction(child.max) * child.weight for child in node.nodes), Fraction(0))
        goal = top if node.scaled else whole if code == "base" else stays
        points = self.settle(kept * goal / counts if counts else Fraction(0), "group")
        if node.capped:
            points = min(points, top)
        if not node.scaled and code != "base":
            top = min(stays, top) if node.capped else stays
        marked = any(kid.marked for _, kid in kids)
        known = any(kid.known for _, kid in kids)
        figure = Figure(points, top, "COUNTED" if known else "UNMARKED", marked, known)
        if all(kid.out for _, kid in kids):
            own = node.not_applicable.policy if isinstance(node, Node) and node.not_applicable else ""
            figure.out = "redistributed" if own == "redistribute" else "excluded"
            figure.why = "NA_REDISTRIBUTED" if own == "redistribute" else "NA_EXCLUDED"
        return figure

    def _taken(
        self, unit: Place, node: Node | Pool, kids: list[tuple[Node, Figure]], layer: str
    ) -> list[tuple[Node, Figure]]:
        """The parts that count in their group; the others are told why they do not."""
        combine = getattr(node, "combine", "sum")
        if combine == "sum":
            return kids
        answered = [kid.marked and kid.known and kid.why not in NA for _, kid in kids]
        if combine == "choose_one":
            first, n, reason, told = answered, 1, "NOT_CHOSEN", {"COUNTED"} | (EMPTY if any(answered) else set())
            if sum(answered) > 1 and layer == "headline":
                self.outcomes[unit.code].matters.add(("matter.several_chosen", node.code))
        else:
            first, n, reason, told = [kid.known and not kid.out for _, kid in kids], node.best, "NOT_BEST", {"COUNTED"}
        order = sorted(range(len(kids)), key=lambda at: (not first[at], -kids[at][1].points * kids[at][0].weight, at))
        for at in order[n:]:
            for inner in kids[at][0].walk():
                figure = self.figure(unit, inner.code, layer)
                if figure.why in told:
                    figure.why = reason
        return [kids[at] for at in order[:n]]

    # totals and verdict

    def _totals(self, unit: Place) -> None:
        out = self.outcomes[unit.code]
        policy = self.set.points
        head = self.figure(unit, "base", "headline")
        out.scored = head.marked and not head.out
        pools = dict(self.set.pools)
        for layer in LAYERS:
            base, bonus, penalties = (
                self.figure(unit, name, layer).points if name in pools else Fraction(0)
                for name in ("base", "bonus", "penalties")
            )
            total = base + bonus
            if self.set.bonus is not None and self.set.bonus.within_scale:
                total = min(total, Fraction(self.set.scale))
            total = max(total - penalties, Fraction(0))
            values = (rounded(value, policy.places, policy.round.value) for value in (base, bonus, penalties, total))
            out.base[layer], out.bonus[layer], out.penalties[layer], out.total[layer] = values
            out.met[layer] = sum(self.is_met(unit, leaf.code, layer) for leaf in self.base_leaves)

    @cached_property
    def base_leaves(self) -> list[Node]:
        """The criteria of the base."""
        return [leaf for leaf in self.set.leaves if self.pool_of[leaf.code] == "base"]

    def _unmarked(self, unit: Place) -> None:
        out = self.outcomes[unit.code]
        if not out.scored:
            out.matters.add(("matter.no_marks", ""))
            return
        for leaf in self.base_leaves:
            if self.figure(unit, leaf.code, "headline").why in EMPTY:
                out.matters.add(("matter.unmarked", leaf.code))

    def is_met(self, unit: Place, code: str, layer: str) -> bool:
        """At or above the set's share of the maximum, or not applicable; never a case that was not chosen."""
        figure = self.figure(unit, code, layer)
        return bool(figure.out) or (figure.why != "NOT_CHOSEN" and figure.points >= self.set.met_from * figure.top)

    def is_failed(self, unit: Place, code: str, layer: str) -> bool:
        """Not met; a case that was not chosen, or that is not among the best, does not fail."""
        passed_over = self.figure(unit, code, layer).why in ("NOT_CHOSEN", "NOT_BEST")
        return not self.is_met(unit, code, layer) and not passed_over

    def fact(self, unit: Place, name: str) -> Any:
        """The least favourable of what those who count say at the last stage; None when nobody says anything."""
        said = [answer["value"] for answer in self.statements(unit, name).values()]
        if len(set(said)) > 1:
            self.outcomes[unit.code].matters.add(("matter.fact_disputed", name))
        return min(said, default=None) if self.is_flag(name) else max(said, default=None)

    def is_flag(self, name: str) -> bool:
        """Whether a fact is a yes or no."""
        return next(fact.kind for fact in self.set.facts if fact.id == name) == "flag"

    def holds(self, unit: Place, condition: Condition, layer: str) -> bool:
        """Whether a condition holds; what is not known does not."""
        return self.truth(unit, condition, layer) is True

    def truth(self, unit: Place, condition: Condition, layer: str) -> bool | None:
        """Whether a condition holds; None where that hangs on a fact that nobody has confirmed."""
        out, form = self.outcomes[unit.code], condition.form
        value = getattr(condition, form)
        match form:
            case "total":
                return self.within(value, out.total[layer], Fraction(self.set.scale))
            case "base":
                return self.within(value, out.base[layer], Fraction(self.set.base.max))
            case "bonus":
                return self.within(value, out.bonus[layer], Fraction(self.set.bonus.max))
            case "node":
                return self.node_holds(unit, value.code, value, layer)
            case "each_group":
                return all(self.node_holds(unit, node.code, value, layer) for node in self.set.base.nodes)
            case "each_leaf":
                over = ("NOT_CHOSEN", "NOT_BEST")
                leaves = [leaf for leaf in self.base_leaves if self.figure(unit, leaf.code, layer).why not in over]
                return all(self.node_holds(unit, leaf.code, value, layer) for leaf in leaves)
            case "required":
                return all(self.is_met(unit, code, layer) for code in value)
            case "met":
                codes = value.among or [leaf.code for leaf in self.base_leaves]
                return sum(self.is_met(unit, code, layer) for code in codes) >= value.at_least
            case "failed":
                return self._failed(unit, value, layer)
            case "fact":
                said = self.fact(unit, value)
                if said is None and out.scored:
                    out.matters.add(("matter.fact_unknown", value))
                return said
            case "gate":
                return self.truth(unit, next(gate.when for gate in self.set.gates if gate.id == value), layer)
            case "any":
                found = [self.truth(unit, part, layer) for part in value]
                return True if True in found else None if None in found else False
            case "all":
                found = [self.truth(unit, part, layer) for part in value]
                return False if False in found else None if None in found else True
            case "not_":
                inner = self.truth(unit, value, layer)
                return None if inner is None else not inner
        raise AssertionError(form)

    @staticmethod
    def within(limit: Any, value: Fraction, top: Fraction) -> bool:
        """Whether a figure is on the right side of a limit, in points or as a share of its maximum."""
        amount = getattr(limit, limit.side)
        return compare(limit.side, value, amount.number * top if amount.is_share else amount.number)

    def node_holds(self, unit: Place, code: str, limit: Any, layer: str) -> bool:
        """Whether a node is on the right side of a limit; one that does not apply cannot fail it."""
        figure = self.figure(unit, code, layer)
        return bool(figure.out) or self.within(limit, figure.points, figure.top)

    def _failed(self, unit: Place, value: Any, layer: str) -> bool:
        codes = value.among or [leaf.code for leaf in self.base_leaves]
        failed = sum(self.is_failed(unit, code, layer) for code in codes)
        met = sum(self.is_met(unit, code, layer) for code in codes)
        holds = [not self.is_failed(unit, code, layer) for code in value.none_of]
        if value.at_most is not None:
            holds.append(failed <= value.at_most)
        if value.share_below is not None:
            holds.append(failed == 0 or Fraction(failed, failed + met) < value.share_below.number)
        return all(holds)

    def _verdict(self, unit: Place, layer: str) -> None:
        out = self.outcomes[unit.code]
        failed = [gate.id for gate in self.set.gates if gate.enabled and not self.holds(unit, gate.when, layer)]
        out.gates[layer] = frozenset(failed)
        revoked = [self.holds(unit, case.when, layer) for case in self.set.revocation]
        out.revocations[layer] = tuple(out.scored and one for one in revoked)
        reached, stars = self._stars(unit, layer, below=99)
        passed = out.scored and not failed
        out.stars_by_points[layer] = reached
        out.stars[layer] = stars if passed else 0
        out.recognised[layer] = passed and (stars > 0 or self.set.stars is None)

    def _stars(self, unit: Place, layer: str, below: int) -> tuple[int, int]:
        """The class by points alone, and the class whose own conditions hold, among the classes below a number."""
        out = self.outcomes[unit.code]
        if self.set.stars is None:
            return 0, 0
        on = self.set.stars.on
        value = getattr(out, on)[layer]
        top = Fraction(self.set.scale if on == "total" else self.set.base.max)
        by_points = 0
        found: list[int] = []
        for band in sorted(self.set.stars.bands, key=lambda band: -band.stars):
            holds = [self.holds(unit, condition, layer) for condition in band.conditions]
            amount = band.from_
            if (
                out.scored
                and band.stars < below
                and value >= (amount.number * top if amount.is_share else amount.number)
            ):
                by_points = max(by_points, band.stars)
                found.append(band.stars if all(holds) else 0)
        if self.set.stars.when_condition_fails == "not_recognised":
            return by_points, found[0] if found else 0
        return by_points, max(found, default=0)

    # ranks and quota

    def _order(self, layer: str) -> dict[str, tuple[Any, ...]]:
        """What orders units: larger is better, one key after the other."""
        keys = {}
        for unit in self.given.units:
            out = self.outcomes[unit.code]
            on = self.set.ranking.on
            found: list[Any] = [out.met[layer] if on == "met" else getattr(out, on)[layer]]
            for key in self.set.ties.keys:
                if key.node is not None:
                    found.append(self.figure(unit, key.node, layer).points)
                elif key.sum is not None:
                    found.append(getattr(out, key.sum)[layer] * (-1 if key.sum == "penalties" else 1))
                else:
                    day = self.fact(unit, key.earliest)
                    found.append(-(10**9) if day is None else -day.toordinal())
            keys[unit.code] = tuple(found)
        return keys

    def candidates(self, layer: str) -> list[Place]:
        """The units that are ranked."""
        recognised = self.set.ranking.include == "recognised"
        return [
            unit
            for unit in self.given.units
            if self.outcomes[unit.code].scored and (not recognised or self.outcomes[unit.code].recognised[layer])
        ]

    def _quota(self, layer: str) -> None:
        """On each layer, as if it were the only one: those beyond the quota are judged for the classes below."""
        quota, out = self.set.quota, self.outcomes
        if quota is None:
            return
        order = self._order(layer)
        recognised = [unit for unit in self.given.units if out[unit.code].recognised[layer]]
        counted = self.candidates(layer) if quota.of == "ranked" else recognised
        allowed = quota.count if quota.count is not None else floor(len(counted) * quota.share)
        inside = [unit for unit in self.given.units if out[unit.code].stars[layer] >= quota.stars]
        cut = []
        for unit in inside:
            ahead = sum(order[other.code] > order[unit.code] for other in inside)
            level = sum(order[other.code] == order[unit.code] for other in inside)
            if len(inside) > allowed and (ahead if quota.ties == "all_in" else ahead + level - 1) >= allowed:
                cut.append(unit)
        for unit in cut:
            out[unit.code].cut = out[unit.code].cut or layer == "headline"
            out[unit.code].stars[layer] = self._stars(unit, layer, below=quota.stars)[1]
            out[unit.code].recognised[layer] = out[unit.code].stars[layer] > 0

    def _ranks(self, order: dict[str, tuple[Any, ...]]) -> None:
        who = self.candidates("headline")
        for unit in who:
            peers = [order[other.code] for other in who if self.group_of(other) == self.group_of(unit)]
            better = [key for key in peers if key > order[unit.code]]
            out = self.outcomes[unit.code]
            out.rank = 1 + (len(better) if self.set.ties.numbering == "competition" else len(set(better)))
            out.tied = peers.count(order[unit.code]) > 1
            if out.tied and self.set.ties.otherwise == "decide":
                out.matters.add(("matter.tie_to_decide", ""))


def outcome(contest: Contest) -> dict[str, Outcome]:
    """What every unit of a contest comes to."""
    return Oracle(contest).run()
