"""A small real contest in a store: units of Yên Thế, people of every role with grants, a panel of five, marks as the demo's.

Nobody signs in here: people are accounts with grants, and act as the store says they may.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import demo_contest
from chamdiem.contest import contests, decisions, demo, evidence, judging, marking, panel, registration
from chamdiem.contest.marking import Entry
from chamdiem.contest.people import actor_of
from chamdiem.contest.permissions import ANYBODY, Actor
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import rows
from chamdiem.contest.units import import_registry
from chamdiem.errors import Refusal
from chamdiem.store import tables
from chamdiem.store.database import Store, open_store
from chamdiem.store.door import Order, Transaction

CRITERIA = "yenthe-dan-van-kheo-2024"
YEN_THE = Path(__file__).parents[1] / "data" / "units" / "yen-the-2024.csv"
UNITS = ("07243", "07246", "07249")
JUDGES = ("chu_tich", "giam_khao_1", "giam_khao_2", "giam_khao_3", "giam_khao_4")
SHEET_OF = dict(zip(JUDGES, ("GK1", "GK2", "GK3", "GK4", "GK1"), strict=True))
"""Whose sheet of the demo each judge fills in."""
TODAY = date(2024, 11, 4)
ONCE = ("B.1", "B.2")  # what needs a document of its own
PEOPLE = {
    "quan_tri": ("administrator", "", ""),
    "to_chuc": ("organiser", "", ""),
    "to_chuc_2": ("organiser", "k", ""),
    "thu_ky": ("secretary", "k", ""),
    "tham_dinh": ("appraiser", "k", ""),
    "giam_sat": ("committee_reviewer", "k", ""),
    **{f"xa_{unit}": ("commune_assessor", "k", unit) for unit in UNITS},
}


def answers(judge: str, unit: str) -> dict[str, str]:
    """What a judge of this world, or "self", says of a unit."""
    whose = SHEET_OF.get(judge, "GK1")
    return {code: answer for code, answer, _ in demo_contest.answers(whose, unit) if answer}


@dataclass
class World:
    """A contest "k" with its people; the steps of the work as one line each."""

    store: Store
    contest: str = "k"
    criteria: str | Path = CRITERIA
    units: tuple[str, ...] = UNITS
    judges: tuple[str, ...] = JUDGES
    receipts: dict[tuple[str, str], judging.Receipt] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Somebody with the roles of this moment."""
        if not name:
            return ANYBODY
        with self.store.read() as connection:
            return actor_of(connection, name)

    def people(self) -> World:
        """People and the register of units, and no contest yet."""
        self.store.write(Order("system", "account.create"), self._people)
        import_registry(self.store, self.actor("quan_tri"), [YEN_THE])
        return self

    def begin(self, without: Iterable[Phase] = (), deadlines: tuple[tuple[Phase, date], ...] = ()) -> World:
        """Units, people and a contest in draft, with its units."""
        self.people()
        plan = contests.Plan(
            self.contest, "Cuộc thi thử", self.criteria, date(2024, 3, 1), date(2024, 10, 30),
            without=tuple(without), deadlines=deadlines,
        )  # fmt: skip
        contests.create_contest(self.store, self.actor("to_chuc"), plan)
        contests.add_units(self.store, self.actor("thu_ky"), self.contest, self.units)
        return self

    def _people(self, transaction: Transaction) -> None:
        for name in (*PEOPLE, *self.judges, "nguoi_thu_ba", "nguoi_la"):
            transaction.put(tables.account, name, {"status": "active"})
            transaction.put(tables.person, name, {"login": name, "name": name.replace("_", " ").title()})
        for name, (role, contest, unit) in PEOPLE.items():
            about = {"account": name, "role": role, "contest": contest and self.contest, "unit": unit}
            transaction.put(tables.grant, f"{name}/{role}/{about['contest']}/{unit}", about)

    def seats(self) -> World:
        """The panel, its chair first, everybody to mark everything; the appraiser to appraise everything."""
        office = self.actor("thu_ky")
        for at, judge in enumerate(self.judges):
            panel.seat(self.store, office, self.contest, judge, "member" if at else "chair", code=f"GK{at + 1}")
            panel.assign(self.store, office, self.contest, judge)
        panel.assign(self.store, office, self.contest, "tham_dinh")
        return self

    def put_in(self, phase: Phase, *, revealed: bool | None = None) -> World:
        """Put the contest into a phase past the table of steps: only to look at what the phase opens."""
        about = {"phase": phase.value} | ({} if revealed is None else {"revealed": int(revealed)})
        self.store.write(Order("system", "contest.advance", self.contest), lambda t: t.put(tables.contest, "k", about))
        return self

    def advance(self, phase: Phase, today: date = TODAY) -> None:
        """The next step, by the organiser."""
        contests.advance(self.store, self.actor("to_chuc"), self.contest, phase, today=today)

    def register(self) -> None:
        """Every commune registers, the organiser approves."""
        for unit in self.units:
            registration.register_target(self.store, self.actor(f"xa_{unit}"), self.contest, unit, (3, 4))
            registration.approve_target(self.store, self.actor("to_chuc"), self.contest, unit, approved=True)

    def mark(
        self,
        name: str,
        unit: str,
        said: dict[str, str],
        stage: str = "judge",
        reason: str = "",
        seen: int | None = None,
    ) -> dict[str, int]:
        """Enter answers as somebody."""
        entries = [Entry(code, answer, seen=seen) for code, answer in said.items()]
        return marking.enter_marks(self.store, self.actor(name), self.contest, unit, stage, entries, reason=reason)

    def submit(self, name: str, unit: str, stage: str = "judge") -> judging.Receipt:
        """Hand a sheet in."""
        receipt = judging.submit_sheet(self.store, self.actor(name), self.contest, unit, stage)
        self.receipts[name, unit] = receipt
        return receipt

    def documents(self, unit: str, name: str = "") -> list[str]:
        """Evidence for every criterion of a unit, by the commune; returns the documents."""
        who = self.actor(name or f"xa_{unit}")
        codes = [code for code in answers("", unit) if code[0].isalnum() and "." in code and code not in ONCE]
        made = [(evidence.Document("Hồ sơ tự chấm", "1/BC-UBND", date="2024-09-30"), dict.fromkeys(codes, "tr. 1"))]
        made += [(evidence.Document(f"Quyết định {code}", f"{code}/QĐ"), {code: "tr. 2"}) for code in ONCE]
        return [evidence.add_evidence(self.store, who, self.contest, unit, *one) for one in made]

    def accept_all(self, name: str = "tham_dinh") -> None:
        """Accept every document for everything, with all checks made."""
        with self.store.read() as connection:
            links = [row["id"] for row in rows(connection, tables.evidence_link, contest=self.contest)]
        for link in links:
            evidence.verify_evidence(self.store, self.actor(name), link, accepted=True, checks=evidence.CHECKS)

    def judge_all(self, judges: Iterable[str] = (), units: Iterable[str] = ()) -> None:
        """Judges mark and hand in."""
        for judge in judges or self.judges:
            for unit in units or self.units:
                self.mark(judge, unit, answers(judge, unit))
                self.submit(judge, unit)

    def two(self, verb: str, reason: str = "", first: str = "to_chuc", second: str = "thu_ky", **about: str) -> None:
        """What two persons do: one asks, another one confirms."""
        asked = decisions.ask(self.store, self.actor(first), self.contest, verb, reason, **about)
        decisions.confirm(self.store, self.actor(second), asked, today=TODAY)

    def judging(self, *, marked: bool = True, but: tuple[str, str] = ("", ""), revealed: bool = False) -> World:
        """As far as the panel: in the phase of judging, with all sheets handed in but one, or opened as well."""
        self.begin().seats().put_in(Phase.JUDGING)
        for judge in self.judges if marked else ():
            self.judge_all([judge], [unit for unit in self.units if (judge, unit) != but])
        if revealed:
            self.two("sheet.reveal")
        return self

    def to_review(self) -> World:
        """As far as the review, step by step, without appraisal and explanation; every document accepted."""
        self.begin(without=(Phase.APPRAISAL, Phase.EXPLANATION)).seats()
        self.register()
        self.advance(Phase.SELF_ASSESSMENT)
        for unit in self.units:
            self.documents(unit)
            self.mark(f"xa_{unit}", unit, {"1.5": "3"}, "self")
            self.submit(f"xa_{unit}", unit, "self")
        self.advance(Phase.JUDGING)
        self.accept_all("chu_tich")
        self.judge_all()
        self.two("sheet.reveal")
        self.advance(Phase.COUNCIL)
        self.advance(Phase.REVIEW)
        return self

    def published(self) -> World:
        """Published, and open for petitions."""
        self.two("publication.publish", "Công bố lần 1")
        return self.put_in(Phase.PETITIONS)

    def all_rows(self, table: str) -> list[dict[str, object]]:
        """Every row of a table, by id."""
        with self.store.read() as connection:
            return rows(connection, tables.THINGS[table])


@cache
def template(kind: str) -> tuple[Path, dict[tuple[str, str], judging.Receipt]]:
    """A file with a world of this kind, made once in each process, and its receipts."""
    folder = Path(tempfile.mkdtemp(prefix="chamdiem-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_store(f"sqlite:///{folder / 'world.db'}") as store:
        receipts = KINDS[kind](World(store)).receipts
    return folder / "world.db", receipts


@cache
def demo_template() -> Path:
    """A file with the demo contest, made once in each process."""
    folder = Path(tempfile.mkdtemp(prefix="chamdiem-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_store(f"sqlite:///{folder / 'demo.db'}") as store, demo.built(store):
        pass
    return folder / "demo.db"


def demo_store(folder: Path) -> str:
    """The URL of a store with the demo contest, for one test alone."""
    shutil.copy(demo_template(), folder / "demo.db")
    return f"sqlite:///{folder / 'demo.db'}"


@contextmanager
def world(kind: str, folder: Path, name: str = "world") -> Iterator[World]:
    """A copy of such a world, for one test alone."""
    made, receipts = template(kind)
    shutil.copy(made, folder / f"{name}.db")
    with open_store(f"sqlite:///{folder / f'{name}.db'}") as store:
        yield World(store, receipts=dict(receipts))


KINDS: dict[str, Callable[[World], World]] = {
    "people": lambda one: one.people(),
    "draft": lambda one: one.begin().seats(),
    "self": lambda one: one.begin().seats().put_in(Phase.SELF_ASSESSMENT),
    "judging": lambda one: one.judging(marked=False),
    "sealed": lambda one: one.judging(),
    "almost": lambda one: one.judging(but=("giam_khao_2", "07246")),
    "review": lambda one: one.to_review(),
    "published": lambda one: one.to_review().published(),
    "revealed": lambda one: one.judging(revealed=True),
}


def refusal(work: Callable[[], object]) -> list[str]:
    """The names of the sentences with which something is refused."""
    with pytest.raises(Refusal) as refused:
        work()
    return [problem.message.id for problem in refused.value.problems]


NOT_FOUND = ["permission.not_found"]
