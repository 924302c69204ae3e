"""Golden cases: reads `tests/cases/**/*.yaml` and scores what they state, through the same doors as everybody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from builders import HEAD
from chamdiem.criteria import library
from chamdiem.criteria.model import CriteriaSet
from chamdiem.criteria.strict_yaml import read_tree
from chamdiem.scoring.marks import Evidence, Judge, Unit
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.proof import needs_evidence
from chamdiem.scoring.result import Result
from chamdiem.scoring.run import score
from chamdiem.scoring.sheet import Policy

CASES = Path(__file__).parent / "cases"
COLUMNS = ("unit", "criterion", "answer", "judge", "stage", "input")
FILE_KEYS = {"set", "source", "assumed", "facts", "cases"}
UNIT_KEYS = {"marks", "sheets", "facts", "evidence", "assumed", "kind", "category", "cluster"}
CASE_KEYS = UNIT_KEYS | {"name", "why", "units", "roles", "removed", "recused", "stages", "policy", "expect"}


@dataclass(frozen=True)
class Case:
    """One golden case with what its file says for all cases."""

    file: Path
    given: Mapping[str, Any]
    whole: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The name of the test."""
        return f"{self.file.relative_to(CASES).with_suffix('')}: {self.given['name']}"

    @property
    def expect(self) -> Mapping[str, Any]:
        """What the source states."""
        return self.given["expect"]

    @cached_property
    def criteria(self) -> CriteriaSet:
        """The set that the file names, or holds."""
        said = self.whole["set"]
        if isinstance(said, str):
            name, _, version = said.partition("@")
            made = shipped(name)
            assert made.version == version, f"{self.file}: {said} is version {made.version} now"
            return made
        return inline(self.file)

    @cached_property
    def units(self) -> dict[str, Mapping[str, Any]]:
        """What is stated of each unit; a case of one unit calls it "xa"."""
        units: Mapping[str, Any] = self.given.get("units") or {"xa": self.given}
        for name, stated in units.items():
            assert set(stated) <= (CASE_KEYS if stated is self.given else UNIT_KEYS), f"{self.id}: {name} {set(stated)}"
        return dict(units)

    def assumed(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """Answers that nothing more special overrides."""
        return {**self.whole.get("assumed", {}), **self.given.get("assumed", {}), **stated.get("assumed", {})}

    def facts(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """The facts of one unit."""
        return {**self.whole.get("facts", {}), **self.given.get("facts", {}), **stated.get("facts", {})}

    def sheets(self, stated: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Every sheet of one unit, complete."""
        given = stated["sheets"] if "sheets" in stated else {"chu_tich": stated.get("marks", {})}
        return {judge: {**self.assumed(stated), **(sheet or {})} for judge, sheet in given.items()}

    @cached_property
    def judges(self) -> list[Judge]:
        """The panel: the first sheet's judge chairs it unless somebody else is said to."""
        roles = dict(self.given.get("roles", {}))
        for stated in self.units.values():
            for judge in self.sheets(stated):
                if judge not in roles:
                    roles[judge] = "member" if "chair" in roles.values() else "chair"
        removed = self.given.get("removed", ())
        return [Judge(name, role=role, removed=name in removed) for name, role in roles.items()]

    def rows(self) -> Iterator[tuple[str, str, str, str | None, str, str | None]]:
        """The marks as a long table; facts are confirmed by nobody's sheet."""
        stages = self.given.get("stages", {})
        for unit, stated in self.units.items():
            for judge, sheet in self.sheets(stated).items():
                for code, answer in sheet.items():
                    parts = answer.items() if isinstance(answer, dict) else [(None, answer)]
                    for part, value in parts:
                        yield unit, code, value, judge, stages.get(judge, "judge"), part
            for fact, answer in self.facts(stated).items():
                yield unit, fact, answer, None, "judge", None

    def evidence(self) -> Iterator[Evidence]:
        """The documents: whatever is not mentioned has an accepted one of its own."""
        plan = lay_out(self.criteria)
        for unit, stated in self.units.items():
            said = {**self.given.get("evidence", {}), **stated.get("evidence", {})}
            for leaf in plan.leaves:
                if not needs_evidence(plan, leaf) and leaf.node.code not in said:
                    continue
                found = said.get(leaf.node.code, "accepted")
                for said_of_one in found if isinstance(found, list) else [found]:
                    one = said_of_one if isinstance(said_of_one, dict) else {"status": said_of_one}
                    if one["status"] != "none":
                        verified = tuple(one.get("verified", self.criteria.need_of(leaf.node).verify))
                        item = one.get("item", f"{leaf.node.code} của {unit}")
                        yield Evidence(unit, leaf.node.code, item, one["status"], verified=verified)

    def result(self) -> Result:
        """Score the case."""
        policy = self.given.get("policy", {})
        frame = pd.DataFrame(list(self.rows()), columns=list(COLUMNS), dtype=object)
        places = {
            name: {key: str(stated.get(key, "")) for key in ("kind", "category", "cluster")}
            for name, stated in self.units.items()
        }
        return score(
            self.criteria,
            frame,
            Policy(policy.get("closed") != "false", policy.get("evidence", "apply"), policy.get("stage")),
            units=[Unit(name, **place) for name, place in places.items()],
            judges=self.judges,
            evidence=list(self.evidence()),
            recused=[(unit, judge) for judge, away in self.given.get("recused", {}).items() for unit in away],
        )


@cache
def shipped(name: str) -> CriteriaSet:
    """A shipped set."""
    return library.load(name)


@cache
def inline(file: Path) -> CriteriaSet:
    """The set inside a file of cases; what it does not say of its head is filled in."""
    said = read_tree(file.read_bytes(), str(file)).plain()["set"]
    return library.read(yaml.safe_dump({**HEAD, **said}, allow_unicode=True, sort_keys=False), str(file))


@cache
def files() -> tuple[Path, ...]:
    """Every file of cases."""
    return tuple(sorted(CASES.rglob("*.yaml")))


@cache
def cases() -> tuple[Case, ...]:
    """Every case of every file."""
    read = [(file, read_tree(file.read_bytes(), str(file)).plain()) for file in files()]
    return tuple(Case(file, given, whole) for file, whole in read for given in whole["cases"])
