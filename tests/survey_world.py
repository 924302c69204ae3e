"""A survey in a store, on either database: two communes, an organiser, a secretary, a second secretary; people who answer."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from chamdiem.contest.permissions import Actor, Grant
from chamdiem.office import survey_answering, surveying
from chamdiem.office.survey_rounds import CODES
from chamdiem.office.survey_rounds import LINK as LINK
from chamdiem.office.surveying import Plan
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.tables import programme, survey_round, unit
from chamdiem.surveys import library
from chamdiem.surveys.filling import read_written
from chamdiem.surveys.questionnaire import Questionnaire
from stores import by_hand

PKS = "pks04-giai-quyet-thu-tuc-hanh-chinh"
FIRST, LAST, TODAY = date(2026, 10, 1), date(2026, 11, 30), date(2026, 11, 22)
ORGANISER = Actor("to_chuc", (Grant("organiser"),))
SECRETARY = Actor("thu_ky", (Grant("secretary"),))
SECOND = Actor("thu_ky_2", (Grant("secretary"),))
STRANGER = Actor("nguoi_la")
COMMUNES = {"07288": "Xã Yên Thế", "07294": "Xã Bố Hạ"}
POPULATION = 10_000


def questionnaire(source: str | Path = PKS) -> Questionnaire:
    """What is asked."""
    return library.load(source)


def units(store: Store) -> None:
    """The communes, and a programme of which nothing else is known."""

    def put(transaction: Transaction) -> None:
        transaction.put(programme, "de-an-02", {"title": "Đề án 02"})
        for code, name in COMMUNES.items():
            transaction.put(unit, code, {"code": code, "name": name, "kind": "xa", "valid_from": "2025-07-01"})

    store.write(Order("system", "unit.import"), put)


def plan(campaign: str = "hai-long-2026", *, mode: str = CODES, source: str | Path = PKS, **more: object) -> Plan:
    """A survey of both communes in a programme."""
    about: dict[str, object] = {"population": dict.fromkeys(COMMUNES, POPULATION), "programme": "de-an-02", **more}
    return Plan(campaign, source, opens_on=FIRST, closes_on=LAST, mode=mode, **about)  # type: ignore[arg-type]


def begun(store: Store, *, mode: str = CODES, codes: int = 0, source: str | Path = PKS, **more: object) -> list[str]:
    """Rounds that are open; returns the codes of the first one."""
    units(store)
    rounds = surveying.create_rounds(store, ORGANISER, plan(mode=mode, source=source, **more))
    made = [surveying.issue_codes(store, ORGANISER, round_, codes or 1) for round_ in rounds if mode == CODES]
    surveying.open_rounds(store, ORGANISER, rounds, today=TODAY)
    return made[0] if made else []


ROUND = "hai-long-2026/07288"
OTHER = "hai-long-2026/07294"


def link_of(store: Store, round_: str = ROUND) -> str:
    """The address at which a round is answered."""
    with store.read() as connection:
        return str(
            connection.execute(survey_round.select().where(survey_round.c.id == round_)).mappings().one()["link"]
        )


def row_of(store: Store, round_: str = ROUND) -> Mapping[str, object]:
    """A round as it is kept."""
    with store.read() as connection:
        return dict(connection.execute(survey_round.select().where(survey_round.c.id == round_)).mappings().one())


def choices(asked: Questionnaire, dice: random.Random) -> dict[str, str]:
    """Somebody's answers."""
    return {one.code: dice.choice(asked.options_of(one)).key for one in asked.questions}


def all_same(asked: Questionnaire, at: int = 0) -> dict[str, str]:
    """The option at this place to every question."""
    return {one.code: asked.options_of(one)[at].key for one in asked.questions}


def answer(
    store: Store, ticket: str, said: Mapping[str, str], who: str = "nguoi_dan", round_: str = ROUND, **notes: str
) -> None:
    """One person answers."""
    survey_answering.answer(store, link_of(store, round_), ticket, who, said, notes, today=TODAY)


def numbered(asked: Questionnaire, numbers: Iterable[int]) -> list[dict[str, str]]:
    """Answers that are all different: a number written in the options of the questions, as in digits."""
    found = []
    for number in numbers:
        said, rest = {}, number
        for question in asked.questions:
            options = asked.options_of(question)
            rest, at = divmod(rest, len(options))
            said[question.code] = options[at].key
        found.append(said)
    return found


def order_told(store: Store, url: str, said: Sequence[Mapping[str, str]]) -> list[str]:
    """What in the database, read as its owner can, runs with (or against) the order in which these people answered: any
    column, the place of the rows, and in PostgreSQL the transaction that wrote them. Nothing is as it should be.

    A rank correlation beyond five standard deviations counts: of dice that is one case in a million.
    """
    when = {tuple(sorted(one.items())): at for at, one in enumerate(said)}
    hidden = [] if store.is_sqlite else ["xmin::text::bigint", "(ctid::text::point)[0] * 1000 + (ctid::text::point)[1]"]
    found = by_hand(url, f"SELECT {', '.join(['answer', 'id', *hidden])} FROM survey_answer WHERE round = '{ROUND}'")
    times = [when[tuple(sorted(read_written(str(row[0])).choices.items()))] for row in found]
    assert sorted(times) == list(range(len(said)))
    told = []
    for at, name in enumerate(["rows as they come", "key", *hidden]):
        ranks = list(range(len(found))) if not at else [row[at] for row in found]
        if len(set(ranks)) > 1 and abs(correlation(times, ranks)) * math.sqrt(len(found)) > 5:
            told.append(name)
    if hidden and len({row[2] for row in found}) > 1:
        told.append("more than one transaction")
    return told


def correlation(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Spearman's rank correlation; equal values in the order they come."""
    ranks = [_ranks(one), _ranks(other)]
    n = len(one)
    return 1 - 6 * sum((a - b) ** 2 for a, b in zip(*ranks, strict=True)) / (n * (n * n - 1))


def _ranks(values: Sequence[Any]) -> list[int]:
    found = [0] * len(values)
    for rank, at in enumerate(sorted(range(len(values)), key=lambda at: values[at])):
        found[at] = rank
    return found
