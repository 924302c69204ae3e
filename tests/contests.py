"""Random contests for the oracle: valid criteria sets with every feature, and marks, evidence and judges to go with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pandas as pd

import oracle
from builders import CALENDAR, HEAD
from chamdiem.criteria.checks import faults
from chamdiem.criteria.model import CriteriaSet, Node
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.sheet import Policy
from oracle import ABSTAINED, NOT_APPLICABLE, Contest, Member, Paper, Place

KINDS = (
    "manual", "boolean", "levels", "checklist", "at_least", "linear", "bands", "base_plus_steps", "count", "deduction",
    "deduction_by_level", "deadline", "survey_share", "survey_weighted", "trend", "external", "external_index",
    "formula", "peers",
)  # fmt: skip
NUMERIC = (
    "manual", "boolean", "levels", "linear", "bands", "base_plus_steps", "count", "deduction", "external", "external_index",
    "peers",
)  # fmt: skip
MODES = ("half_away_from_zero", "half_even", "half_up", "toward_zero")
CATEGORIES = ("vung_1", "vung_2")
SHARES = ("0%", "10%", "1/3", "50%", "62,5%", "66,667%", "3/4", "90%", "99,999999%", "100%")
WHEN_NOT = ("zero", "full", "exclude_rescale", "redistribute")


class Draft:
    """One random criteria set, drawn bit by bit; `rnd` is Hypothesis's or an ordinary Random."""

    def __init__(self, rnd: Random, *, plain: bool) -> None:
        self.rnd, self.plain = rnd, plain
        self.numeric = rnd.randint(1, 100) <= 25
        self.places = rnd.choice((0, 1, 2, 2, 2, 3))
        self.codes: list[tuple[str, int]] = []
        self.open_groups: set[str] = set()
        self.made = 0
        self.facts = ["ky_luat", "an_ninh"] if self.chance(60) else []
        self.pool = "base"

    def chance(self, percent: int) -> bool:
        """True so often out of a hundred."""
        return self.rnd.randint(1, 100) <= percent

    def sometimes(self, percent: int) -> bool:
        """A feature that plain sets do without."""
        return not self.plain and self.chance(percent)

    def points(self, ticks: int) -> str:
        """Ticks as points, as they are written in a set."""
        return f"{Decimal(ticks).scaleb(-self.places):f}"

    def ticks_up_to(self, top: int) -> str:
        """Some points from 0 to so many ticks, at its ends more often than by chance."""
        return self.points(self.rnd.choice((0, top, self.rnd.randint(0, top))))

    def threshold(self, top: int, *, low: int = 0) -> str:
        """A threshold on something of so many ticks: points, or a share."""
        if self.chance(50):
            return self.rnd.choice(SHARES)
        return self.points(self.rnd.randint(low, top))

    # rules

    def rule(self, kind: str, top: int) -> dict[str, Any]:
        """A rule of this kind that can reach exactly so many ticks."""
        return {"kind": kind, **getattr(self, f"_{kind}")(top)}

    def _manual(self, top: int) -> dict[str, Any]:
        steps = [step for step in (1, 5, 25, 50, top) if top % step == 0]
        step = self.rnd.choice(steps)
        low = -step * self.rnd.randint(0, 2) if self.pool != "penalties" and self.chance(20) else 0
        return {"step": self.points(step), "lowest_points": self.points(low)}

    def _boolean(self, top: int) -> dict[str, Any]:
        return {}

    def _choices(self, top: int) -> list[dict[str, Any]]:
        low = -top // 2 if self.pool != "penalties" and self.chance(10) else 0
        rest = [self.rnd.randint(low, top) for _ in range(self.rnd.randint(0, 3))]
        points = [top, *rest]
        self.rnd.shuffle(points)
        digits = self.chance(20)
        return [
            {"key": str(len(points) - at) if digits else f"m{at}", "title": f"Mức {at}", "points": self.points(worth)}
            for at, worth in enumerate(points)
        ]

    def _levels(self, top: int) -> dict[str, Any]:
        return {"levels": self._choices(top)}

    def _external(self, top: int) -> dict[str, Any]:
        return {"levels": self._choices(top), "source": "Sở"}

    def _checklist(self, top: int) -> dict[str, Any]:
        cuts = sorted(self.rnd.randint(0, top) for _ in range(self.rnd.randint(0, 3)))
        worth = [high - low for low, high in zip([0, *cuts], [*cuts, top], strict=True)]
        capped = self.chance(30)
        if capped:
            worth[0] += self.rnd.randint(0, top)
        items = [{"key": f"v{at}", "title": f"Việc {at}", "points": self.points(one)} for at, one in enumerate(worth)]
        return {"items": items, "capped": "true" if capped else "false"}

    def _at_least(self, top: int) -> dict[str, Any]:
        items = [{"key": f"v{at}", "title": f"Việc {at}"} for at in range(self.rnd.randint(1, 4))]
        return {"needed": self.rnd.randint(1, len(items)), "items": items}

    def _of(self) -> dict[str, Any]:
        of = self.rnd.choice(("percent", "value") if self.numeric else ("share", "percent", "value"))
        decimals = self.rnd.choice((0, 1, 2, 3, 6))
        return {"of": of, "decimals": decimals, "may_exceed": "true" if self.chance(30) else "false"}

    def _amounts(self, of: str, n: int) -> list[str]:
        """So many thresholds, upwards, none twice, for a share or for a value."""
        if of == "value":
            return [str(one) for one in sorted(self.rnd.sample(range(-20, 120), n))]
        chosen = set(self.rnd.sample(range(len(SHARES)), n))
        return [share for at, share in enumerate(SHARES) if at in chosen]

    def _linear(self, top: int) -> dict[str, Any]:
        made = self._of()
        if made["of"] != "value" and self.chance(40):
            made |= {}
        else:
            start, full = self._amounts(made["of"], 2)
            made |= {"start": start, "full": full}
        if self.chance(30):
            made["zero_below"] = self._amounts(made["of"], 1)[0]
        return made

    def _external_index(self, top: int) -> dict[str, Any]:
        made = self._linear(top)
        while made["of"] == "share":
            made = self._linear(top)
        return {**made, "source": "Sở"}

    def _bands_of(self, of: str, top: int, n: int) -> list[dict[str, Any]]:
        starts = self._amounts(of, n)
        starts[0] = "0%" if of != "value" else "-30"
        worth = [self.rnd.randint(0, top) for _ in starts]
        worth[self.rnd.randint(0, n - 1)] = top
        bands = [{"from": start, "points": self.points(one)} for start, one in zip(starts, worth, strict=True)]
        return bands[::-1] if self.chance(50) else bands

    def _bands(self, top: int) -> dict[str, Any]:
        made = self._of()
        return {**made, "bands": self._bands_of(made["of"], top, self.rnd.randint(1, 4))}

    def _base_plus_steps(self, top: int) -> dict[str, Any]:
        made = self._of()
        start, steps_from = self._amounts(made["of"], 2)
        step = str(self.rnd.choice((1, 3, "2,5"))) if made["of"] == "value" else self.rnd.choice(("1%", "5%", "1/7"))
        return made | {
            "start": start,
            "base": self.points(self.rnd.randint(0, top)),
            "steps_from": self.rnd.choice((start, steps_from)),
            "step": step,
            "per_step": self.points(self.rnd.randint(1, top)),
            "partial_step": self.rnd.choice(("ignored", "proportional")),
        }

    def _count(self, top: int) -> dict[str, Any]:
        return {"each": self.points(self.rnd.randint(1, top))}

    def _floor(self, top: int) -> str:
        low = -top if self.pool != "penalties" and self.chance(30) else 0
        return self.points(self.rnd.randint(low, top) if self.chance(40) else low)

    def _deduction(self, top: int) -> dict[str, Any]:
        return {"each": self.points(self.rnd.randint(1, top)), "floor": self._floor(top)}

    def _deduction_by_level(self, top: int) -> dict[str, Any]:
        levels = [
            {"key": f"loi{at}", "title": f"Lỗi {at}", "each": self.points(self.rnd.randint(1, top))}
            for at in range(self.rnd.randint(1, 3))
        ]
        return {"levels": levels, "floor": self._floor(top)}

    def _deadline(self, top: int) -> dict[str, Any]:
        made: dict[str, Any] = {"limit": self.rnd.choice(("on_or_before", "before"))}
        if self.chance(40):
            made["due"] = (date(2024, 1, 1) + timedelta(days=self.rnd.randint(0, 40))).isoformat()
        else:
            made["after"] = {"working_days": self.rnd.randint(1, 9), "calendar": "lich"}
            if self.chance(50):
                made["after"]["day"] = (date(2024, 1, 2) + timedelta(days=self.rnd.randint(0, 30))).isoformat()
        late, left, days = [], top, 0
        for _ in range(self.rnd.randint(0, 2)):
            days, left = days + self.rnd.randint(1, 5), self.rnd.randint(0, left)
            late.append({"within_days": days, "points": self.points(left)})
        return made | {"late": late}

    def _survey(self) -> dict[str, Any]:
        start, full = self._amounts("share", 2)
        made: dict[str, Any] = {"min_sample": self.rnd.choice((0, 1, 10))}
        if self.chance(50):
            made |= {"start": start, "full": full}
        if self.chance(30):
            made["zero_below"] = self._amounts("share", 1)[0]
        return made

    def _survey_share(self, top: int) -> dict[str, Any]:
        return self._survey()

    def _survey_weighted(self, top: int) -> dict[str, Any]:
        weights = self._amounts("share", self.rnd.randint(2, 4))
        options = [{"key": f"p{at}", "title": f"Phương án {at}", "weight": one} for at, one in enumerate(weights)]
        return {**self._survey(), "options": options}

    def _trend(self, top: int) -> dict[str, Any]:
        equal = self.rnd.randint(0, top)
        worse = self.rnd.randint(-equal if self.pool != "penalties" and self.chance(20) else 0, equal)
        return {
            "better": self.rnd.choice(("higher", "lower")),
            "improved": self.points(top),
            "equal": self.points(equal),
            "worse": self.points(worse),
            "decimals": self.rnd.choice((0, 2)),
        }

    def _formula(self, top: int) -> dict[str, Any]:
        names = [f"x{at}" for at in range(self.rnd.randint(0, 2))]
        parts = [*names, str(self.rnd.randint(0, 9)), f"0.{self.rnd.randint(1, 9)}"]
        nodes = [f'node("{code}")' for code, _ in self._others(percent=60)]
        parts += nodes[:2]
        self.rnd.shuffle(parts)
        text = parts[0]
        for part in parts[1:]:
            text = self.rnd.choice(
                (f"{text} + {part}", f"({text}) * {part}", f"max({text}, {part})", f"min({part}, {text})", f"{text} - {part}",
                 f"({text}) / {part}", f"-({text}) + {part} * 3")
            )  # fmt: skip
        variables = []
        for name in names:
            one: dict[str, Any] = {"key": name, "title": name, "decimals": self.rnd.choice((0, 1, 2))}
            if self.chance(30):
                one["at_most"] = str(self.rnd.randint(1, 50))
            if self.chance(30):
                one["at_least"] = str(-self.rnd.randint(1, 5))
            variables.append(one)
        return {"expression": text, "variables": variables}

    def _peers(self, top: int) -> dict[str, Any]:
        measure = self.rnd.choice(("leader", "share_of_leader", "percentile"))
        better = "higher" if measure == "share_of_leader" else self.rnd.choice(("higher", "lower"))
        made: dict[str, Any] = {"measure": measure, "better": better, "decimals": self.rnd.choice((0, 2))}
        if self.chance(40):
            made["bands"] = self._bands_of("share", top, self.rnd.randint(1, 3))
        return made

    def variant(self, rule: dict[str, Any], top: int) -> dict[str, Any]:
        """Another rule that asks the very same things."""
        other = self.rule(rule["kind"], top)
        if rule["kind"] in ("linear", "bands", "base_plus_steps"):
            other = self.rule(self.rnd.choice(("linear", "bands", "base_plus_steps")), top)
            while other["of"] != rule["of"] and other["kind"] != "base_plus_steps":
                other = self.rule(other["kind"], top)
            other = other if other["of"] == rule["of"] else dict(rule)
        if rule["kind"] == "peers":
            other = self.rnd.choice((other, {"kind": "linear", "of": "value", "start": "0", "full": "50"}))
        kept = {
            "manual": ("step",), "checklist": ("items", "capped"), "at_least": ("items",), "survey_weighted": ("options",),
            "linear": ("decimals",), "bands": ("decimals",), "base_plus_steps": ("decimals",), "trend": ("decimals",),
            "peers": ("decimals",), "external_index": ("of", "decimals"), "deadline": ("after",), "formula": ("variables",),
        }.get(rule["kind"], ())  # fmt: skip
        other |= {name: rule[name] for name in kept if name in rule}
        if rule["kind"] == "at_least":
            other["needed"] = min(other["needed"], len(rule["items"]))
        if rule["kind"] in ("levels", "external", "deduction_by_level"):
            other = dict(rule)
            if rule["kind"] != "deduction_by_level":
                worth = [one["points"] for one in rule["levels"]]
                self.rnd.shuffle(worth)
                other["levels"] = [{**one, "points": two} for one, two in zip(rule["levels"], worth, strict=True)]
        if rule["kind"] == "deadline":
            other.pop("due", None)
            other.pop("after", None)
            other |= {"due": rule["due"]} if "due" in rule else {"after": rule["after"]}
        if rule["kind"] in ("manual", "external_index", "formula"):
            other = dict(rule)
        return other

    # the tree

    def _others(self, percent: int) -> list[tuple[str, int]]:
        """Some nodes that are finished already, with their maxima."""
        return [one for one in self.codes if self.chance(percent) and one[0] not in self.open_groups]

    def code(self) -> str:
        """A new code; some are prefixes of others."""
        self.made += 1
        return f"{self.made}" if self.made % 3 else f"1.{self.made}"

    def node(self, depth: int) -> tuple[dict[str, Any], int]:
        """A group or a criterion, and its maximum in ticks."""
        return self._group(depth) if depth > 0 and self.chance(45) else self._leaf()

    def _common(self, code: str, top: int, earlier: list[tuple[str, int]], *, leaf: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"code": code, "title": f"Nội dung {code}", "max": self.points(top)}
        if self.sometimes(12):
            made["weight"] = self.rnd.choice(("2", "1/2", "1/3", "150%"))
        if self.sometimes(6):
            made["only_for"] = self.rnd.choice((["xa"], ["phuong"], ["vung_1"], ["xa", "vung_2"]))
        if earlier and self.sometimes(12):
            made["depends_on"] = self.dependence(*self.rnd.choice(earlier))
        if self.sometimes(25) and (leaf or made.keys() & {"only_for", "depends_on"}):
            made["not_applicable"] = {"policy": self.rnd.choice(WHEN_NOT)}
        if self.sometimes(5):
            made["stop_if"] = {"below": self.threshold(top)}
        return made

    def dependence(self, code: str, top: int) -> dict[str, str]:
        """A dependence on a node of so many ticks."""
        otherwise = self.rnd.choice(("zero", "not_applicable"))
        return {"code": code, "at_least": self.threshold(top), "otherwise": otherwise}

    def _leaf(self) -> tuple[dict[str, Any], int]:
        unit = 10**self.places
        top = self.rnd.choice((self.rnd.randint(1, 12) * unit, self.rnd.randint(1, 12 * unit), 5 * unit))
        code = self.code()
        made = self._common(code, top, self._others(percent=50), leaf=True)
        made["rule"] = self.rule(self.rnd.choice(NUMERIC if self.numeric else KINDS), top)
        if self.sometimes(12):
            made["variants"] = [
                {"category": name, "rule": self.variant(made["rule"], top)} for name in CATEGORIES if self.chance(70)
            ]
        if self.sometimes(15):
            made["evidence"] = self.evidence()
        self.codes.append((code, top))
        return made, top

    def evidence(self) -> dict[str, Any]:
        """What evidence is needed."""
        made = {
            "required": self.rnd.choice(("true", "true", "false")),
            "verify": [one for one in ("field_check", "document_check") if self.chance(30)],
            "unproven": self.rnd.choice(("zero", "counts", "pending")),
        }
        return {name: word for name, word in made.items() if self.chance(80)}

    def _group(self, depth: int) -> tuple[dict[str, Any], int]:
        code, earlier = self.code(), self._others(percent=50)
        self.open_groups.add(code)
        kids = company([self.node(depth - 1) for _ in range(self.rnd.randint(1, 3))])
        self.open_groups.discard(code)
        combine = self.rnd.choice(("sum", "sum", "sum", "choose_one", "best")) if not self.plain else "sum"
        best = self.rnd.randint(1, len(kids))
        shape, top = self.whole(kids, {"sum": len(kids), "choose_one": 1, "best": best}[combine])
        made = self._common(code, top, earlier, leaf=False)
        made |= {"nodes": [kid for kid, _ in kids], "combine": combine, **shape}
        if combine == "best":
            made["best"] = best
        self.codes.append((code, top))
        return made, top

    def whole(self, kids: list[tuple[dict[str, Any], int]], n: int) -> tuple[dict[str, Any], int]:
        """How a group or pool relates to its parts, and its maximum in ticks."""
        tops = sorted((top * share(kid.get("weight", "1")) for kid, top in kids), reverse=True)
        reached = sum(tops[:n], Fraction(0))
        way = self.rnd.choice(("plain", "plain", "plain", "capped", "scaled"))
        if way == "scaled" and not self.plain:
            return {"scaled": "true", "capped": "false"}, self.rnd.randint(1, 100 * 10**self.places)
        if (way == "capped" and not self.plain) or reached.denominator != 1:
            return {"capped": "true"}, max(1, self.rnd.randint(int(reached) * 2 // 3, int(reached)))
        return {"capped": "false"}, int(reached)

    def _pool(self, name: str, groups: int, depth: int) -> tuple[dict[str, Any], int]:
        self.pool = name
        kids = company([self.node(depth) for _ in range(groups)])
        shape, top = self.whole(kids, len(kids))
        return {"max": self.points(top), "nodes": [kid for kid, _ in kids], **shape}, top

    # the rest of the set

    def condition(self, tops: dict[str, int], gates: list[str], depth: int = 2) -> dict[str, Any]:
        """Some condition."""
        forms = ["total", "base", "node", "each_group", "each_leaf", "required", "met", "failed"]
        forms += ["bonus"] if "bonus" in tops else []
        forms += ["fact"] * 2 if self.facts else []
        forms += ["gate"] if gates else []
        forms += ["any", "all", "not"] if depth else []
        form = self.rnd.choice(forms)
        codes = [code for code, _ in self.codes]
        match form:
            case "total" | "base" | "bonus":
                return {form: self.limit(tops[form])}
            case "node":
                code, top = self.rnd.choice(self.codes)
                return {"node": {"code": code, **self.limit(top)}}
            case "each_group" | "each_leaf":
                return {form: {self.side(): self.rnd.choice(SHARES[:-1])}}
            case "required":
                return {"required": self.rnd.sample(codes, self.rnd.randint(1, min(2, len(codes))))}
            case "met":
                return {"met": self.among({"at_least": self.rnd.randint(0, 1)})}
            case "failed":
                made: dict[str, Any] = {}
                if self.chance(60):
                    made["at_most"] = self.rnd.randint(0, 1)
                if self.chance(40):
                    made["share_below"] = self.rnd.choice(("30%", "1/2", "100%"))
                if not made or self.chance(30):
                    made["none_of"] = [self.rnd.choice(codes)]
                return {"failed": self.among(made)}
            case "fact":
                return {"fact": self.rnd.choice(self.facts)}
            case "gate":
                return {"gate": self.rnd.choice(gates)}
        if form == "not":
            return {"not": self.condition(tops, gates, depth - 1)}
        return {form: [self.condition(tops, gates, depth - 1) for _ in range(self.rnd.randint(1, 2))]}

    def side(self) -> str:
        """One side of a limit."""
        return self.rnd.choice(("at_least", "at_least", "above", "at_most", "below"))

    def limit(self, top: int) -> dict[str, str]:
        """A limit within reach."""
        side = self.side()
        return {
            side: self.rnd.choice(SHARES[:-1]) if self.chance(50) else self.points(self.rnd.randint(0, max(top - 1, 0)))
        }

    def among(self, made: dict[str, Any]) -> dict[str, Any]:
        """Sometimes only among some nodes."""
        if self.chance(30):
            made["among"] = [
                code for code, _ in self.rnd.sample(self.codes, self.rnd.randint(1, min(3, len(self.codes))))
            ]
        return made

    def stars(self, tops: dict[str, int], gates: list[str]) -> dict[str, Any]:
        """Star bands."""
        on = self.rnd.choice(("total", "base"))
        count = min(self.rnd.randint(1, 4), tops[on])
        starts = sorted(self.rnd.sample(range(tops[on] // 3, tops[on] + 1), min(count, tops[on] - tops[on] // 3)))
        bands = []
        for number, start in enumerate(starts, 2):
            band: dict[str, Any] = {"stars": number, "from": self.points(start)}
            if self.chance(40):
                band["conditions"] = [self.condition(tops, gates) for _ in range(self.rnd.randint(1, 2))]
            bands.append(band)
        fails = self.rnd.choice(("next_lower", "not_recognised"))
        return {"on": on, "when_condition_fails": fails, "bands": bands[::-1] if self.chance(50) else bands}

    def panel(self) -> dict[str, Any]:
        """How judges are combined."""
        made: dict[str, Any] = {"combine": self.rnd.choice(("mean", "mean", "median", "trimmed_mean", "drop_extremes"))}
        made["trim"] = self.rnd.choice(("1/5", "1/4", "2/5"))
        if self.sometimes(40):
            of = self.rnd.choice(({"share": "3/4"}, {"share": "1/3"}, {"count": 2}))
            made["quorum"] = {**of, "chair": self.rnd.choice(("true", "false"))}
        limits = [("total", "judges"), ("leaf", "judges"), ("total", "mean"), ("leaf", "mean")]
        if self.sometimes(50):
            made["max_spread"] = [
                {
                    "points": self.ticks_up_to(6 * 10**self.places),
                    "of": of,
                    "between": between,
                    "then": self.rnd.choice(("discuss", "third_marker")),
                }
                for of, between in self.rnd.sample(limits, self.rnd.randint(1, 2))
            ]
        return made

    def ties(self) -> dict[str, Any]:
        """Tie keys."""
        keys: list[dict[str, str]] = [
            {"node": self.rnd.choice(self.codes)[0]},
            {"sum": "base"},
            {"earliest": "ngay_nop"},
        ]
        return {
            "keys": self.rnd.sample(keys, self.rnd.randint(0, 2)),
            "otherwise": self.rnd.choice(("co_rank", "decide")),
            "numbering": self.rnd.choice(("competition", "dense")),
        }

    def made_set(self) -> dict[str, Any]:
        """The whole set as it would be read from a file."""
        base, top = self._pool("base", self.rnd.randint(1, 3), 2)
        made: dict[str, Any] = {**HEAD, "base": base, "calendars": {"lich": CALENDAR}}
        tops = {"base": top, "total": top}
        if self.chance(40):
            made["bonus"], tops["bonus"] = self._pool("bonus", self.rnd.randint(1, 2), 1)
            made["bonus"]["within_scale"] = self.rnd.choice(("true", "false"))
            scale = top + tops["bonus"]
            if self.chance(50):
                scale = self.rnd.randint(top, scale)
                made["bonus"]["scale"] = self.points(scale)
            tops["total"] = scale
        if self.chance(25):
            made["penalties"], tops["penalties"] = self._pool("penalties", 1, 1)
        made["categories"] = [{"id": name, "title": name} for name in CATEGORIES]
        made["facts"] = [{"id": name, "title": name} for name in self.facts]
        made["facts"].append({"id": "ngay_nop", "title": "Ngày nộp", "kind": "date"})
        gates: list[str] = []
        made["gates"] = []
        for name in ("g1", "g2") if self.sometimes(60) else ():
            when = self.condition(tops, gates)
            made["gates"].append(
                {"id": name, "title": name, "when": when, "enabled": self.rnd.choice(("true", "true", "false"))}
            )
            gates.append(name)
        if self.chance(70):
            made["stars"] = self.stars(tops, gates)
        if "stars" in made and self.sometimes(30):
            limited = self.rnd.choice(made["stars"]["bands"])["stars"]
            made["quota"] = {
                "stars": limited,
                "of": self.rnd.choice(("ranked", "recognised")),
                "ties": self.rnd.choice(("all_in", "all_out")),
                **self.rnd.choice(({"share": "1/3"}, {"share": "60%"}, {"count": 1})),
            }
        if self.sometimes(30):
            made["revocation"] = [{"title": "Thu hồi", "when": self.condition(tops, gates)}]
        at = self.rnd.choice(("mark", "leaf", "leaf", "group", "total"))
        made["points"] = {"places": self.places, "round": self.rnd.choice(MODES), "at": at}
        made["panel"] = self.panel()
        made["evidence"] = self.evidence() if self.sometimes(40) else {}
        made["met_from"] = self.rnd.choice(("1", "1", "80%", "1/2"))
        made["ranking"] = {
            "on": self.rnd.choice(("total", "base", "met")),
            "within": self.rnd.choice(("all", "all", "kind", "category", "cluster")),
            "include": self.rnd.choice(("all", "all", "recognised")),
        }
        made["ties"] = self.ties()
        leaves = [code for code in leaf_codes(made) if self.chance(50)]
        if len(leaves) > 1 and self.sometimes(40):
            made["evidence_once"] = [leaves[:3]]
        if "stars" not in made and self.chance(20) and "total" not in str(made["gates"]) + str(made.get("revocation")):
            made["result"], made["ranking"]["on"] = "met_count", "met"
        return made


def share(written: str) -> Fraction:
    """A share as it is written."""
    return Fraction(written[:-1]) / 100 if written.endswith("%") else Fraction(written)


def company(kids: list[tuple[dict[str, Any], int]]) -> list[tuple[dict[str, Any], int]]:
    """Parts of a group; a single one cannot leave its points to the others."""
    if len(kids) == 1 and kids[0][0].get("not_applicable") == {"policy": "redistribute"}:
        kids[0][0]["not_applicable"] = {"policy": "zero"}
    return kids


def drafted(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a set that was drafted, in order."""
    for name in ("base", "bonus", "penalties"):
        stack = list(made.get(name, {}).get("nodes", ()))[::-1]
        while stack:
            node = stack.pop()
            stack.extend(node.get("nodes", ())[::-1])
            yield node


def leaf_codes(made: dict[str, Any]) -> Iterator[str]:
    """The codes of the criteria of a set that was drafted, in order."""
    return (node["code"] for node in drafted(made) if "rule" in node)


def valid(made: dict[str, Any]) -> CriteriaSet | None:
    """The set, unless it contradicts itself."""
    criteria = CriteriaSet.model_validate(made)
    return None if list(faults(criteria)) else criteria


def random_set(rnd: Random) -> CriteriaSet | None:
    """A random valid set, or None when what was drawn contradicts itself (a weighted part that no figure can hold).

    Nodes depend on earlier ones; sometimes one depends on any other, where that makes no circle.
    """
    draft = Draft(rnd, plain=rnd.randint(1, 100) <= 20)
    made = draft.made_set()
    found = valid(made)
    if found is None or not draft.sometimes(30):
        return found
    rnd.choice(list(drafted(made)))["depends_on"] = draft.dependence(*rnd.choice(draft.codes))
    return valid(made) or found


# marks


class Desk:
    """Random marks for one set."""

    def __init__(self, rnd: Random, made: CriteriaSet) -> None:
        self.rnd, self.set = rnd, made
        self.lazy = rnd.choice((0, 5, 25))
        self.calm = rnd.randint(1, 100) <= 25
        self.calm_states = self.calm and rnd.randint(1, 100) <= 80

    def chance(self, percent: int) -> bool:
        """True so often out of a hundred."""
        return self.rnd.randint(1, 100) <= percent

    def number(self, low: int, high: int) -> int:
        """A whole number; its ends, and values near each other, come up often."""
        near = min(high, low + 12)
        return self.rnd.choice((low, high, self.rnd.randint(low, near), self.rnd.randint(low, high)))

    def answer(self, node: Node, category: str) -> dict[str, Any]:
        """Some allowed answer to a criterion of a unit of this category."""
        rule, top, places = node.rule, Fraction(node.max), self.set.points.places
        match rule.kind:
            case "manual":
                low, high, step = Fraction(rule.lowest_points), top, Fraction(rule.step)
                return {"points": low + step * self.number(0, int((high - low) / step))}
            case "boolean":
                return {"met": self.chance(65)}
            case "levels" | "external":
                return {"level": self.rnd.choice([level.key for level in rule.levels])}
            case "checklist" | "at_least":
                return {"done": frozenset(item.key for item in rule.items if self.chance(70))}
            case "linear" | "bands" | "base_plus_steps" | "external_index":
                return self._measured(node, category)
            case "count":
                return {"count": self.number(0, 20)}
            case "deduction":
                return {"events": self.number(0, 6)}
            case "deduction_by_level":
                return {level.key: self.number(0, 3) for level in rule.levels}
            case "deadline":
                days = [date(2024, 1, 1) + timedelta(days=self.number(0, 58)) for _ in range(2)]
                asked = ["done_on"] if rule.after is None or rule.after.day else ["started_on", "done_on"]
                return dict(zip(asked, days, strict=False))
            case "survey_share":
                valid = self.number(0, 40)
                return {"satisfied": self.rnd.randint(0, valid), "valid": valid}
            case "survey_weighted":
                return {option.key: self.number(0, 20) for option in rule.options}
            case "trend":
                return {name: Fraction(self.number(-3, 9), 10**rule.decimals) for name in ("before", "now")}
            case "formula":
                return {one.key: self._variable(one) for one in rule.variables}
            case "peers":
                return {"value": Fraction(self.number(0, 9), 10**rule.decimals)}
        raise AssertionError((rule.kind, places))

    def _variable(self, one: Any) -> Fraction:
        low, high = Fraction(one.at_least or 0), Fraction(one.at_most if one.at_most is not None else 30)
        return low + Fraction(self.number(0, int((high - low) * 10**one.decimals)), 10**one.decimals)

    def _measured(self, node: Node, category: str) -> dict[str, Any]:
        rules = [node.rule, *(variant.rule for variant in node.variants)]
        if node.rule.of == "share":
            of = self.number(1, 60)
            own = next((variant.rule for variant in node.variants if variant.category == category), node.rule)
            exceed = own.may_exceed
            return {"done": self.rnd.randint(0, of + (5 if exceed else 0)), "of": of}
        edges = [
            amount.number * (100 if node.rule.of == "percent" else 1)
            for rule in rules
            for amount in (*(band.from_ for band in getattr(rule, "bands", ())), getattr(rule, "start", None))
            if amount is not None
        ]
        tick = Fraction(1, 10**node.rule.decimals)
        edge = self.rnd.choice(edges) if edges else Fraction(50)
        near = (edge // tick) * tick + tick * self.rnd.randint(-1, 1)
        low, high = (0, 110) if node.rule.of == "percent" else (-40, 130)
        value = self.rnd.choice((near, Fraction(self.rnd.randint(low, high))))
        return {node.rule.of: max(Fraction(low), value)}

    def contest(self) -> Contest:
        """Units, judges, marks and evidence."""
        rnd = self.rnd
        units = tuple(
            Place(f"u{at}", rnd.choice(("xa", "phuong")), rnd.choice(("", *CATEGORIES)), rnd.choice(("", "c1", "c2")))
            for at in range(rnd.randint(1, 6))
        )
        roles = ["member"] * 3 + ["chair"] + ([] if self.calm else ["third_marker"])
        judges = tuple(
            Member(f"g{at}", rnd.choice(roles), removed=not self.calm and self.chance(8))
            for at in range(rnd.randint(1, 5))
        )
        sources = [("judge", judge.code) for judge in judges]
        if not self.calm:
            sources += [("council", judge.code) for judge in judges if self.chance(10)]
            sources += [source for source in (("self", ""), ("appraisal", ""), ("judge", "")) if self.chance(15)]
        answers: dict[tuple[str, str, str, str], Any] = {}
        for unit in units:
            if self.chance(92):
                self._sheets(unit, sources, answers)
        recused = frozenset(
            (unit.code, judge.code) for unit in units for judge in judges if not self.calm and self.chance(4)
        )
        return Contest(
            self.set, units, judges, answers, tuple(self._papers(units)), recused, self.chance(90),
            "apply" if self.chance(50 if self.calm else 80) else "ignore",
            None if self.calm else rnd.choice((None,) * 8 + ("judge", "self")),
        )  # fmt: skip

    def _sheets(
        self, unit: Place, sources: list[tuple[str, str]], answers: dict[tuple[str, str, str, str], Any]
    ) -> None:
        alike = {node.code: self.answer(node, unit.category) for node in self.set.leaves}
        for stage, judge in sources:
            if self.chance(90):
                for node in self.set.leaves:
                    given = self._one(node, alike[node.code], unit.category)
                    if given:
                        answers[unit.code, node.code, stage, judge] = given
                for fact in self.set.facts:
                    if self.chance(60) and not (self.calm_states and fact.kind == "date"):
                        day = date(2024, 1, 1) + timedelta(days=self.rnd.randint(0, 2))
                        value = day if fact.kind == "date" else self.chance(75)
                        answers[unit.code, fact.id, stage, judge] = {"value": value}

    def _one(self, node: Node, alike: dict[str, Any], category: str) -> dict[str, Any] | str:
        if not oracle.Oracle.asks(node) or self.chance(self.lazy):
            return ""
        if node.not_applicable is not None and not self.calm_states and self.chance(20):
            return NOT_APPLICABLE
        if not self.calm_states and self.chance(5):
            return ABSTAINED
        return alike if self.chance(40) else self.answer(node, category)

    def _papers(self, units: tuple[Place, ...]) -> Iterator[Paper]:
        for unit in units:
            for node in self.set.leaves:
                for at in range(self.rnd.choice((0, 1, 1, 1, 2))):
                    item = self.rnd.choice(("", f"qd{at}", "qd_chung"))
                    status = self.rnd.choice(("accepted", "accepted", "accepted", "attached", "claimed", "rejected"))
                    checks = ("field_check", "document_check") if self.chance(80) else ()
                    yield Paper(unit.code, node.code, item, status, checks)


def random_contest(rnd: Random) -> Contest | None:
    """A random contest on a random set."""
    made = random_set(rnd)
    return None if made is None else Desk(rnd, made).contest()


# as the engine wants it


def written(value: Any) -> str:
    """One value as somebody might write it."""
    match value:
        case bool():
            return "có" if value else "không"
        case frozenset():
            return "; ".join(sorted(value)) or "không có"
        case date():
            return value.strftime("%d/%m/%Y")
        case Fraction():
            places = next(places for places in range(9) if (value * 10**places).denominator == 1)
            number = Decimal(value.numerator) / Decimal(value.denominator)
            text = f"{number:.{places + (places == 3)}f}"
            return text.replace(".", ",") if value.numerator % 2 else text
    return str(value)


def rows_of(contest: Contest) -> Iterator[dict[str, str | None]]:
    """One row per mark or per part of a mark."""
    for at, ((unit, code, stage, judge), answer) in enumerate(contest.answers.items()):
        row: dict[str, str | None] = {
            "unit": unit,
            "criterion": code,
            "stage": stage,
            "judge": judge or None,
            "input": None,
        }
        if isinstance(answer, str):
            yield {**row, "answer": answer}
        elif len(answer) == 1:
            yield {**row, "answer": written(next(iter(answer.values())))}
        elif at % 3 == 0:
            yield {**row, "answer": "; ".join(f"{name}: {written(value)}" for name, value in answer.items())}
        else:
            for name, value in answer.items():
                yield {**row, "input": name, "answer": written(value)}


def frame_of(contest: Contest) -> pd.DataFrame:
    """The marks of a contest as a long frame: of numbers where every answer is one, otherwise of texts."""
    numbers = [number_of(contest, code, answer) for (_, code, _, _), answer in contest.answers.items()]
    stages = {stage for _, _, stage, _ in contest.answers}
    if numbers and None not in numbers and stages == {"judge"}:
        rows = [
            (unit, code, number, judge) for (unit, code, _, judge), number in zip(contest.answers, numbers, strict=True)
        ]
        return pd.DataFrame(rows, columns=["unit", "criterion", "answer", "judge"])
    return pd.DataFrame(
        list(rows_of(contest)), columns=["unit", "criterion", "answer", "judge", "stage", "input"], dtype=object
    )


def number_of(contest: Contest, code: str, answer: dict[str, Any] | str) -> float | None:
    """An answer as a number, if it can be one; a level is its points, unless others have them or are called by numbers."""
    value = next(iter(answer.values())) if isinstance(answer, dict) and len(answer) == 1 else None
    if isinstance(value, str):
        node = next(node for node in contest.criteria.leaves if node.code == code)
        worth = {level.key: level.points for level in node.rule.levels}
        if value.isdigit():
            return float(value)
        alone = list(worth.values()).count(worth[value]) == 1 and not node.variants
        return float(worth[value]) if alone else None
    return float(value) if isinstance(value, int | Fraction) else None


def given_of(contest: Contest) -> dict[str, Any]:
    """What `score` wants beside the set and the frame."""
    return {
        "policy": Policy(contest.closed, contest.evidence, contest.stage),
        "units": [
            Unit(unit.code, kind=unit.kind, category=unit.category, cluster=unit.cluster) for unit in contest.units
        ],
        "judges": [Judge(judge.code, "", judge.role, judge.removed) for judge in contest.judges],
        "evidence": [
            Evidence(one.unit, one.code, one.item, one.status, verified=one.verified) for one in contest.papers
        ],
        "recused": contest.recused,
    }
