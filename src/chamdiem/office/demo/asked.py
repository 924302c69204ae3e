"""Surveys of a made-up year: people answer by telephone and on paper, as dice with a fixed seed say, and it is counted."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chamdiem.contest.demo import WHOLE
from chamdiem.contest.permissions import Actor
from chamdiem.office import survey_answering, survey_paper, surveying
from chamdiem.office.demo.story import Asked, Pile, Survey
from chamdiem.office.survey_paper import INVALID, Said
from chamdiem.office.survey_rounds import CODES
from chamdiem.store.database import Store
from chamdiem.surveys import library
from chamdiem.surveys.filling import WHO
from chamdiem.surveys.questionnaire import Questionnaire

STAYS_OPEN = timedelta(days=365)


@dataclass(frozen=True)
class Askers:
    """The leading office, which runs surveys and enters paper forms, and who re-checks what it has entered."""

    office: Actor
    second: Actor


def ask(store: Store, askers: Askers, programme: str, survey: Survey, *, today: date) -> None:
    """Set a survey up, let people answer, and count what was answered if its days are over."""
    first = survey.opens_on or today
    plan = surveying.Plan(
        survey.campaign, survey.questionnaire, {one.unit: one.population for one in survey.rounds}, first,
        survey.closes_on or today + STAYS_OPEN, programme=programme, mode=survey.mode, sample=WHOLE,
    )  # fmt: skip
    surveying.create_rounds(store, askers.office, plan)
    rounds = {one.unit: f"{survey.campaign}/{one.unit}" for one in survey.rounds}
    codes = {
        one.unit: surveying.issue_codes(store, askers.office, rounds[one.unit], one.codes)
        for one in survey.rounds
        if survey.mode == CODES
    }
    surveying.open_rounds(store, askers.office, rounds.values(), today=first)
    for one in survey.rounds:
        _answered(store, askers, library.load(survey.questionnaire), rounds[one.unit], one, codes.get(one.unit), first)
    if survey.closes_on is not None:
        surveying.close_rounds(store, askers.office, rounds.values())


def _answered(
    store: Store, askers: Askers, asked: Questionnaire, round_: str, one: Asked, codes: list[str] | None, on: date
) -> None:
    dice = random.Random(round_)  # the same people at every making
    link = survey_answering.survey_of(store, round_, today=on)[1]
    for at in range(one.online):
        said = dict(_form(asked, one, dice))
        ticket = codes[at] if codes else survey_answering.new_token()
        survey_answering.answer(store, link, ticket, said.pop(WHO), said, {}, today=on)
    for pile in one.paper:
        _on_paper(store, askers, round_, pile, [_form(asked, one, dice) for _ in range(pile.returned)])


def _form(asked: Questionnaire, one: Asked, dice: random.Random) -> Mapping[str, str]:
    """What somebody answers: most people come first among the classes of respondents."""
    who = dice.choices(asked.classes, [9, *[1] * (len(asked.classes) - 1)])[0]
    said = {each.code: dice.choices(asked.options_of(each), one.mood)[0].key for each in asked.questions}
    return {**said, WHO: who}


def _on_paper(store: Store, askers: Askers, round_: str, pile: Pile, said: list[Mapping[str, str]]) -> None:
    """A pile of forms entered by the one, and the drawn ones once more by the other, if it was re-checked already."""
    valid = pile.returned - pile.invalid
    forms: dict[int, Said] = {at + 1: form if at < valid else INVALID for at, form in enumerate(said)}
    batch = survey_paper.begin_batch(store, askers.office, round_, pile.label, sent=pile.sent, returned=pile.returned)
    survey_paper.enter_forms(store, askers.office, batch, forms)
    survey_paper.finish_batch(store, askers.office, batch)
    if pile.checked:
        drawn = survey_paper.draw_sample(store, askers.second, batch)
        survey_paper.recheck(store, askers.second, batch, {number: forms[number] for number in drawn})
