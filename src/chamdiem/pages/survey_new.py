"""A survey is set up: which form, for which units, how many people could be asked in each, and so how many must be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import streamlit as st

from chamdiem.contest.contests import proposed_id
from chamdiem.contest.record import units_of
from chamdiem.office.footing import Footing
from chamdiem.office.members import takes_part
from chamdiem.office.programme_reading import programmes_for
from chamdiem.office.survey_rounds import MODES
from chamdiem.office.survey_words import label, percent, spoken
from chamdiem.office.surveying import Plan, create_rounds
from chamdiem.pages.confirming import ask_in_dialog, carry_out
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.programme_chosen import day_asked
from chamdiem.pages.survey_known import CAMPAIGN
from chamdiem.pages.unit_search import chosen_unit
from chamdiem.surveys import library
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.surveys.sampling import sample_size
from chamdiem.words import say

HERE = ""  # the contest one is in
WEEKS = timedelta(weeks=4)


def new_button(desk: Desk, taken: Collection[str]) -> bool:
    """The button that opens the form, for whoever may set up a survey; whether he may."""
    places = _places(desk)
    if places:
        ask_in_dialog(say("surveys.new"), lambda: _form(desk, places, taken), key="surveys:new", icon=":material/add:")
    return bool(places)


def _places(desk: Desk) -> dict[str, str]:
    """Where he may set one up: this contest, programmes."""
    found = {}
    if desk.contest is not None and _units(desk):
        found[HERE] = str(desk.contest["title"])
    programmes = programmes_for(desk.store, desk.actor)
    with desk.store.read() as connection:
        mine = [row for row in programmes if Footing(connection, desk.actor, row["id"]).may("survey.manage")]
    return found | {str(row["id"]): str(row["title"]) for row in mine}


def _units(desk: Desk) -> dict[str, str]:
    with desk.store.read() as connection:
        units = units_of(connection, desk.contest_id)
    with desk.footing() as footing:
        return {unit.code: unit.name or unit.code for unit in units if footing.may("survey.manage", unit=unit.code)}


def _members(desk: Desk, programme: str) -> dict[str, str]:
    """The members of a programme that take part in it now, or will."""
    with desk.store.read() as connection:
        members = Footing(connection, desk.actor, programme).members
    return {code: str(row["name"]) for code, row in members.items() if takes_part(row, desk.today)}


def _form(desk: Desk, places: dict[str, str], taken: Collection[str]) -> None:
    place = next(iter(places))
    if len(places) > 1:
        place = st.selectbox(
            say("surveys.place"), list(places), format_func=places.__getitem__, key="surveys:new:place"
        )
    forms = {one.id: one for one in map(library.load, library.shipped())}
    form = st.selectbox(
        say("surveys.questionnaire"), list(forms), None, key="surveys:new:form", placeholder=say("surveys.choose_form"),
        format_func=lambda one: say("surveys.form", kind=forms[one].kind, title=spoken(forms[one])),
    )  # fmt: skip
    if form is None:
        return
    asked = forms[form]
    st.caption(escaped(say("surveys.form_about", n=len(asked.questions), label=label(asked))))
    names = {"": say("surveys.all_classes")} | {one.key: spoken(one) for one in asked.respondents}
    respondents = ""
    if len(asked.respondents) > 1:
        respondents = st.selectbox(
            say("surveys.class"), list(names), format_func=names.__getitem__, key="surveys:new:class"
        )
    mode = st.radio(
        say("surveys.mode"), MODES, format_func=lambda one: say(f"surveys.mode.{one}"), key="surveys:new:mode"
    )
    left, right = st.columns(2)
    with left:
        opens = day_asked(say("surveys.opens"), desk.today, "surveys:new:from")
    with right:
        closes = day_asked(say("surveys.closes"), desk.today + WEEKS, "surveys:new:to")
    population = _population(desk, place, asked)
    free = _free(f"{asked.kind} {desk.today.year}", taken)
    campaign = st.text_input(
        say("surveys.id"), free, key=f"surveys:new:id:{free}", help=say("programmes.id_help"), max_chars=60
    )
    if st.button(
        say("surveys.new"), type="primary", key="surveys:new:do", disabled=not (opens and closes and population)
    ):
        if opens is None or closes is None:
            return
        plan = Plan(
            campaign.strip(), form, population, opens, closes, contest="" if place else desk.contest_id, programme=place,
            mode=mode, respondents=respondents,
        )  # fmt: skip
        carry_out("surveys.made", _make, desk, plan)


def _make(desk: Desk, plan: Plan) -> None:
    create_rounds(desk.store, desk.actor, plan)
    st.query_params[CAMPAIGN] = plan.campaign


def _free(words: str, taken: Collection[str]) -> str:
    base = proposed_id(words)[:56]
    return next(id for n in range(1, len(taken) + 2) if (id := base if n == 1 else f"{base}-{n}") not in taken)  # noqa: A001


def _population(desk: Desk, place: str, asked: Questionnaire) -> dict[str, int]:
    """The units with how many people could be asked in each; the sample that follows stands beside the number."""
    known = _members(desk, place) if place else _units(desk)
    chosen = st.multiselect(
        say("surveys.units"), list(known), format_func=known.__getitem__, key=f"surveys:new:units/{place}",
        placeholder=say("surveys.choose_units"),
    )  # fmt: skip
    names = {code: known[code] for code in chosen}
    if place and (unit := chosen_unit(desk, key="surveys:new:unit", on=desk.today)):  # beside its members any other
        names |= {unit.code: unit.name}
    if names:
        st.caption(escaped(say("surveys.sample_about", error=percent(asked.sample.error))))
    numbers = {code: _number(code, name, asked) for code, name in names.items()}
    known_numbers = {code: n for code, n in numbers.items() if n is not None}
    return known_numbers if len(known_numbers) == len(numbers) else {}


def _number(code: str, name: str, asked: Questionnaire) -> int | None:
    left, right = st.columns(2, vertical_alignment="bottom")
    typed = left.text_input(say("surveys.population", unit=name), key=f"surveys:new:n:{code}", max_chars=12)
    n = whole(typed)
    if n is not None:
        right.markdown(escaped(say("surveys.sample", n=n, wanted=sample_size(n, asked.sample.error))))
    elif typed.strip():
        right.markdown(escaped(say("surveys.not_a_number", value=typed)))
    return n


def whole(typed: str) -> int | None:
    """A number of people as it is typed: 4500 or 4.500; None for nothing and for what is none."""
    bare = typed.replace(".", "").replace(" ", "")
    return int(bare) if bare.isascii() and bare.isdecimal() and len(bare) <= 9 and int(bare) else None
