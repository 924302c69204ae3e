"""The pages of results with all 3,321 units of the country: bytes to the browser and milliseconds for a rerun, each beside
its goal. Run alone: `python tests/bench/ranking_page.py [units]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import contest as made_up
import numpy as np
import streamlit.testing.v1.local_script_runner as runner
import yaml
from rounds import Line, Table, summary
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from chamdiem.contest import contests
from chamdiem.contest.permissions import SYSTEM, Actor, Grant
from chamdiem.contest.units import import_registry, registry_of
from chamdiem.pages import desk
from chamdiem.store import tables
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order

CONTEST, LEAVES = "k", 50
GOAL_BYTES, GOAL_RERUN = 1_500_000, 300.0  # of issue 4
REVIEWER = Actor("giam_sat", (Grant("committee_reviewer", CONTEST),))
SCRIPT = """
from chamdiem.pages.desk import arrive
from chamdiem.pages.menu import PAGES
next(entry for entry in PAGES if entry.path == {path!r}).show(arrive())
"""
PAGES = {
    "ranking, table": ("xep-hang", {}),
    "ranking, page of a search": ("xep-hang", {"tim": "an"}),
    "ranking, proof and way": ("xep-hang", {"xem": "can-cu"}),
    "ranking, comparison": ("xep-hang", {"xem": "so-sanh"}),
    "ranking, heat map": ("xep-hang", {"xem": "bieu-do"}),
    "ranking, distribution": ("xep-hang", {"xem": "bieu-do", "bieu-do": "phan-bo"}),
    "unit": ("phieu-don-vi", {}),
}


@contextmanager
def nation(units: int) -> Iterator[Store]:
    """A store with a contest of the first so many units of the country, marked by the council and open to reviewers."""
    with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{Path(folder) / 'bench.db'}") as store:
        law = Path(folder) / "bench.yaml"
        said = made_up.law(LEAVES) | {"unit_kinds": ["xa", "phuong", "dac_khu"]}
        law.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
        import_registry(store, SYSTEM)
        plan = contests.Plan(CONTEST, "Cuộc thi cả nước", law, date(2026, 1, 1), date(2026, 12, 31))
        contests.create_contest(store, SYSTEM, plan)
        kinds = ("xa", "phuong", "dac_khu")
        codes = sorted(one.code for one in registry_of(store).units if one.valid_to is None and one.kind in kinds)
        _mark(store, codes[:units])
        store.write(
            Order("system", "contest.advance", CONTEST),
            lambda t: t.put(tables.contest, CONTEST, {"phase": "review", "revealed": 1}),
        )
        yield store


def _mark(store: Store, codes: list[str]) -> None:
    """Units and marks past the door: the journal of a hundred thousand marks is not what is measured here."""
    given = made_up.contest(len(codes), LEAVES, 1)
    leaves = [leaf.code for leaf in given.criteria.leaves]
    blank = {"version": 1, "contest": CONTEST, "part": "", "note": "", "reason": "", "author": "", "stage": "council"}
    marks = [
        {**blank, "id": f"{unit}/{leaf}", "unit": unit, "criterion": leaf, "answer": f"{answer:g}"}
        for row, leaf in zip(given.answers[:, 0], leaves, strict=True)
        for unit, answer in zip(codes, row.tolist(), strict=True)
        if not np.isnan(answer)
    ]
    facts = [
        {**blank, "id": f"{unit}/ky_luat", "unit": unit, "criterion": "ky_luat", "answer": "có" if yes else "không"}
        for unit, yes in zip(codes, given.facts.tolist(), strict=True)
    ]
    part = [{"id": f"{CONTEST}/{code}", "version": 1, "contest": CONTEST, "unit": code, "code": code} for code in codes]
    with store.writer.begin() as connection:
        connection.execute(insert(tables.contest_unit), part)
        connection.execute(insert(tables.mark), [*marks, *facts])


@dataclass
class Sent:
    """How many bytes the runs of a page have sent."""

    bytes: int = 0


@contextmanager
def watched(store: Store) -> Iterator[Sent]:
    """Pages of this store, opened by a reviewer; what they send is counted."""
    sent, parse = Sent(), runner.parse_tree_from_messages

    def counted(messages: list[Any]) -> Any:
        sent.bytes = sum(message.ByteSize() for message in messages)
        return parse(messages)

    before = {name: getattr(desk, name) for name in ("store", "token", "session_of")}
    runner.parse_tree_from_messages = counted  # type: ignore[assignment]
    desk.store, desk.token = lambda: store, lambda: "x"  # type: ignore[assignment]
    desk.session_of = lambda store, token, now: (None, REVIEWER)  # type: ignore[assignment]
    try:
        yield sent
    finally:
        runner.parse_tree_from_messages = parse
        for name, value in before.items():
            setattr(desk, name, value)


def ranking_page(table: Table, rounds: int, units: int = 3321) -> None:
    """Every page of results: what it sends, what a rerun takes; and once, what the first look after a change takes."""
    with nation(units) as store, watched(store) as sent:
        for at, (name, (path, query)) in enumerate(PAGES.items()):
            page = AppTest.from_string(SCRIPT.format(path=path), default_timeout=120)
            for key, value in {desk.CONTEST: CONTEST, **query}.items():
                page.query_params[key] = value
            start = perf_counter()
            page.run()
            assert not page.exception, page.exception[0].value
            if not at:
                first = perf_counter() - start
                table.add(Line(f"first look of all after a change, {units} units", (first, first), unit="s"))
            _beside_goals(table, name, page, sent, rounds)


def _beside_goals(table: Table, name: str, page: AppTest, sent: Sent, rounds: int) -> None:
    seconds = []
    for _ in range(rounds):
        start = perf_counter()
        page.run()
        seconds.append(perf_counter() - start)
    middle, least = summary(seconds, "ms")
    ratio = middle / GOAL_RERUN, least / GOAL_RERUN
    table.add(Line(f"{name}: rerun", (middle, least), "goal", (GOAL_RERUN, GOAL_RERUN), ratio, ("≤", 1)))
    kilo = sent.bytes / 1000
    share = sent.bytes / GOAL_BYTES
    goal = GOAL_BYTES / 1000
    table.add(Line(f"{name}: sent", (kilo, kilo), "goal", (goal, goal), (share, share), ("≤", 1), "kB"))


if __name__ == "__main__":
    found = Table()
    found.start()
    ranking_page(found, 15, int(sys.argv[1]) if len(sys.argv) > 1 else 3321)
    sys.exit(bool(found.broken()))
