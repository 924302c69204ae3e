"""Surveys are set up for units, opened, and closed: then the box is opened once, counted, and takes no more."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, delete

from chamdiem.contest.access import Footing
from chamdiem.contest.permissions import Actor, Subject, require
from chamdiem.contest.record import Row, rows, units_of
from chamdiem.contest.units import registry_of
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.footing import Footing as ProgrammeFooting
from chamdiem.office.survey_rounds import (
    CAMPAIGN,
    CLOSED,
    CODES,
    DRAFT,
    MODES,
    OPEN,
    Asked,
    about_of,
    asked_from,
    called,
    keep,
    questionnaire_of,
    round_for,
    round_row,
    secret_for,
)
from chamdiem.store import ballot_box, tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.store.sealing import key_for_sealing
from chamdiem.surveys.filling import Form, opened, read_written, written
from chamdiem.surveys.results import kept_classes
from chamdiem.surveys.sampling import sample_size

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read for another
LINK_LETTERS, CODE_LETTERS = 10, 8
MOST_CODES = 20_000


@dataclass(frozen=True)
class Plan:
    """A survey as it is wished for: one round for each unit, under the key of a campaign, in a contest or a programme.

    `population` is N: how many could be asked in each unit, by its code. `respondents` is the one class that is asked, ""
    for all of the questionnaire. Both days are included. `sample` says of one that is made up how far it is built.
    """

    campaign: str
    questionnaire: str | Path
    population: Mapping[str, int]
    opens_on: date
    closes_on: date
    contest: str = ""
    programme: str = ""
    mode: str = CODES
    respondents: str = ""
    sample: str = ""


def create_rounds(store: Store, actor: Actor, plan: Plan) -> list[str]:
    """Set up a round for each unit; returns their ids. Raises Refusal with everything that is wrong with the plan."""
    asked, key = asked_from(plan.questionnaire), key_for_sealing(store)

    def begin(transaction: Transaction) -> list[str]:
        names = _unit_names(store, transaction.connection, actor, plan)
        taken = {row["id"] for row in rows(transaction.connection, tables.survey_round, campaign=plan.campaign)}
        if problems := [Problem(Where(path=path), why) for path, why in _wrong(plan, asked, names, taken)]:
            raise Refusal(problems)
        keep(transaction, asked)
        return [_begin(transaction, plan, asked, unit, names[unit], key) for unit in sorted(plan.population)]

    return store.write(
        Order(actor.account, "survey.create", plan.contest or plan.programme, criteria=asked.hash), begin
    )


def _begin(transaction: Transaction, plan: Plan, asked: Asked, unit: str, name: str, key: bytes) -> str:
    round_, population = f"{plan.campaign}/{unit}", plan.population[unit]
    about = {
        "contest": plan.contest,
        "programme": plan.programme,
        "campaign": plan.campaign,
        "unit": unit,
        "unit_name": name,
        "questionnaire": asked.hash,
        "respondents": plan.respondents,
        "mode": plan.mode,
        "link": "".join(secrets.choice(LETTERS) for _ in range(LINK_LETTERS)).lower(),
        "status": DRAFT,
        "opens_on": plan.opens_on.isoformat(),
        "closes_on": plan.closes_on.isoformat(),
        "population": population,
        "target": sample_size(population, asked.questionnaire.sample.error),
        "sample": plan.sample,
    }
    transaction.put(tables.survey_round, round_, about, expected=0)
    ballot_box.begin(transaction, round_, key)
    return round_


def _unit_names(store: Store, connection: Connection, actor: Actor, plan: Plan) -> dict[str, str]:
    """The units that may be asked about, those of the plan that a person may manage surveys for, with their names: those
    of the contest, or the members of the programme and the units of the register."""
    if plan.contest:
        footing = Footing(connection, actor, plan.contest)
        for unit in plan.population:
            footing.need("survey.manage", unit=unit)
        return {unit.code: unit.name for unit in units_of(connection, plan.contest)}
    members = _members(connection, actor, plan.programme)
    others = plan.population.keys() - members
    registry = registry_of(store) if others else None
    found = {code: registry.get(code, plan.opens_on) for code in others} if registry else {}
    return members | {code: unit.name for code, unit in found.items() if unit is not None}


def _members(connection: Connection, actor: Actor, programme: str) -> dict[str, str]:
    """The members of a programme in which a person may manage surveys, by code; an unknown programme is not found."""
    if not programme:
        require(actor, "survey.manage", Subject())
        return {}
    footing = ProgrammeFooting(connection, actor, programme)
    footing.need("survey.manage")
    return {code: str(row["name"]) for code, row in footing.members.items()}


def _wrong(
    plan: Plan, asked: Asked, names: Mapping[str, str], taken: Iterable[str]
) -> Iterator[tuple[tuple[str, ...], Message]]:
    if not CAMPAIGN.fullmatch(plan.campaign):
        yield (), message("survey.bad_campaign", id=plan.campaign)
    if bool(plan.contest) == bool(plan.programme):
        yield (), message("survey.contest_or_programme")
    if plan.mode not in MODES:
        yield (), message("survey.unknown_mode", value=plan.mode, known=list(MODES))
    if plan.respondents and plan.respondents not in asked.questionnaire.classes:
        known = list(asked.questionnaire.classes)
        yield (), message("survey.unknown_class", value=plan.respondents, known=known)
    if plan.closes_on < plan.opens_on:
        yield (), message("survey.period", start=plan.opens_on, end=plan.closes_on)
    if not plan.population:
        yield (), message("survey.no_units")
    for unit, population in sorted(plan.population.items()):
        if unit not in names:
            yield (unit,), message("survey.unknown_unit", unit=unit)
        if f"{plan.campaign}/{unit}" in taken:
            yield (unit,), message("survey.exists", id=f"{plan.campaign}/{unit}")
        if population < 1:
            yield (unit,), message("survey.no_population", value=population)


def issue_codes(store: Store, actor: Actor, round_: str, count: int) -> list[str]:
    """Make codes for slips of paper; returns them this once. The store keeps a keyed hash of each, and to whom one was
    given nobody writes down: slips are drawn from a pile."""

    def issue(transaction: Transaction) -> list[str]:
        row = round_for(transaction.connection, actor, "survey.manage", round_)
        if row["mode"] != CODES or row["status"] == CLOSED:
            raise refuse("survey.no_codes_here", round=called(transaction.connection, row))
        if not 1 <= count <= MOST_CODES:
            raise refuse("survey.codes_count", value=count, most=MOST_CODES)
        secret = secret_for(store, transaction.connection, round_)
        codes: set[str] = set()
        while len(codes) < count:
            codes.add("".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS)))
        ballot_box.issue(transaction, round_, (ballot_box.ticket_id(secret, code) for code in codes))
        transaction.put(tables.survey_round, round_, {"codes": row["codes"] + count})
        return list(codes)

    return store.write(Order(actor.account, "survey.codes", about_of(store, round_)), issue)


def open_rounds(store: Store, actor: Actor, rounds: Iterable[str], *, today: date) -> None:
    """Let people answer, from the first day on; all of these rounds, or none."""

    def begin(transaction: Transaction) -> None:
        problems: list[Problem] = []
        for round_ in rounds:
            row = round_for(transaction.connection, actor, "survey.manage", round_)
            problems += [Problem(Where(path=(row["unit_name"],)), why) for why in _not_to_open(row, today)]
            if not problems:
                transaction.put(tables.survey_round, round_, {"status": OPEN})
        if problems:
            raise Refusal(problems)

    rounds = list(rounds)
    store.write(Order(actor.account, "survey.open", about_of(store, *rounds[:1])), begin)


def _not_to_open(row: Row, today: date) -> Iterator[Message]:
    if row["status"] != DRAFT:
        yield message("survey.not_draft")
    if row["mode"] == CODES and not row["codes"]:
        yield message("survey.codes_first")
    if today.isoformat() > row["closes_on"]:
        yield message("survey.over_already", end=date.fromisoformat(row["closes_on"]))


@dataclass(frozen=True)
class Closed:
    """What closing a round found: forms from telephones and from paper, how many are kept, and the hash over them."""

    online: int
    paper: int
    kept: int
    hash: str


def close_round(store: Store, actor: Actor, round_: str, *, discard: bool = False) -> Closed:
    """Close one round; see close_rounds."""
    return close_rounds(store, actor, [round_], discard=discard)[round_]


def close_rounds(store: Store, actor: Actor, rounds: Iterable[str], *, discard: bool = False) -> dict[str, Closed]:
    """Open the boxes: all forms of a round are counted at once, mixed, kept without any way back, and no more is taken.

    Where fewer have answered than may be shown (`shown_from`), nothing can be shown and nothing is kept: that must be said
    with `discard`. Classes that are too small to be shown are not kept either. All rounds are closed, or none. Raises
    Refusal: not open, paper forms that were not re-checked, a key that is missing.
    """
    wanted = list(rounds)

    def close(transaction: Transaction) -> dict[str, Closed]:
        found: dict[str, Closed] = {}
        problems: list[Problem] = []
        for round_ in wanted:
            row = round_for(transaction.connection, actor, "survey.manage", round_)
            try:
                found[round_] = _close(store, transaction, row, discard=discard)
            except Refusal as refusal:
                problems += [Problem(Where(path=(row["unit_name"],)), one.message) for one in refusal.problems]
        if problems:
            raise Refusal(problems)
        return found

    done = store.write(Order(actor.account, "survey.close", about_of(store, *wanted[:1])), close)
    ballot_box.sweep(store)
    return done


def _close(store: Store, transaction: Transaction, row: Row, *, discard: bool) -> Closed:
    connection, round_ = transaction.connection, str(row["id"])
    batches = rows(connection, tables.survey_batch, round=round_)
    _need_complete(row, batches)
    asked = questionnaire_of(connection, row["questionnaire"])
    online, paper = _online(store, connection, round_), _on_paper(connection, batches)
    forms = online + paper
    if len(forms) < asked.shown_from:
        if not discard:
            raise refuse("survey.too_few_to_close", n=len(forms), least=asked.shown_from)
        forms = []
    answers = [written(form) for form in kept_classes(asked, forms)]
    notes = [note for form in forms for note in form.notes.items()]
    found = Closed(len(online), len(paper), len(answers), ballot_box.digest(answers, notes))
    ballot_box.pour(transaction, round_, answers, notes)
    figures = {"online": found.online, "paper": found.paper, "kept": found.kept, "answers_hash": found.hash}
    transaction.put(tables.survey_round, round_, {**figures, "status": CLOSED})
    for batch in batches:
        connection.execute(delete(tables.survey_paper).where(tables.survey_paper.c.batch == batch["id"]))
    ballot_box.destroy(transaction, round_)
    return found


def _need_complete(row: Row, batches: Iterable[Row]) -> None:
    """Refuse to close what is not open, or while paper forms wait to be re-checked."""
    if row["status"] != OPEN:
        raise refuse("survey.not_open")
    if unchecked := [batch["label"] for batch in batches if batch["status"] != "checked"]:
        raise refuse("survey.batches_unchecked", batches=unchecked)


def _online(store: Store, connection: Connection, round_: str) -> list[Form]:
    forms = ballot_box.forms_in(connection, round_, secret_for(store, connection, round_))
    if forms is None:
        raise refuse("survey.envelope_broken", round=called(connection, round_row(connection, round_)))
    return [opened(form) for form in forms]


def _on_paper(connection: Connection, batches: Iterable[Row]) -> list[Form]:
    found = [form for batch in batches for form in rows(connection, tables.survey_paper, batch=batch["id"])]
    return [read_written(form["answer"]) for form in found if form["answer"]]
