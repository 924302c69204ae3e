"""The programme that is worked on: chosen at the top of its pages, with its members and what this person may do there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from chamdiem.contest.record import Row
from chamdiem.contest.registry import RegisteredUnit
from chamdiem.contest.units import registry_now
from chamdiem.office.footing import Footing
from chamdiem.office.lineage import place_on
from chamdiem.office.programme_reading import programmes_for
from chamdiem.office.programmes_begun import Law, law_for
from chamdiem.office.sponsoring import standing_on
from chamdiem.pages.desk import Desk, escaped
from chamdiem.pages.unit_search import chosen_unit
from chamdiem.words import say

PROGRAMME = "chuong-trinh"  # the query parameter that names the programme: links can be passed on
DAY = "DD/MM/YYYY"
OTHER = "?"


@dataclass(frozen=True)
class Chosen:
    """A programme at work, and how the person before the screen stands to it."""

    desk: Desk
    footing: Footing

    @property
    def id(self) -> str:
        """Its key."""
        return self.footing.programme

    @property
    def row(self) -> Row:
        """The programme as it is kept."""
        return self.footing.row

    @property
    def law(self) -> Law:
        """What it goes by; raises Refusal when its words were changed."""
        return law_for(self.row)

    @property
    def members(self) -> dict[str, Row]:
        """Who takes part, by code."""
        return self.footing.members

    @property
    def whole(self) -> bool:
        """Whether he sees all of it, not his own members' part alone."""
        return self.footing.may("programme.read")

    def mine(self, verb: str) -> list[str]:
        """The members for which he may do this, by code."""
        return [code for code in self.members if self.footing.may(verb, code)]

    def may(self, verb: str) -> bool:
        """Whether he may do this at all: for the whole of it, or for a member."""
        return self.footing.may(verb) or bool(self.mine(verb))

    def name(self, member: str) -> str:
        """What a member is called, "" where none is meant."""
        return str(self.members[member]["name"]) if member in self.members else member

    def nothing(self, in_all: str, in_his: str) -> str:
        """That there is nothing of a kind: in the whole of it, or, to who sees only his members' part, in that."""
        return say(in_all if self.whole else in_his)


def chosen_programme(desk: Desk) -> Chosen | None:
    """The programme that is worked on; None after saying why there is none. Several are chosen among."""
    if not desk.signed_in:
        st.info(escaped(say("programme_chosen.sign_in")))
        return None
    known = {str(row["id"]): row for row in programmes_for(desk.store, desk.actor)}
    if not known:
        st.info(escaped(say("programme_chosen.none")))
        return None
    wanted = st.query_params.get(PROGRAMME) or st.session_state.get(PROGRAMME, "")
    at = wanted if wanted in known else next(iter(known))
    if len(known) > 1:
        codes = list(known)
        at = st.selectbox(
            say("programme_chosen.programme"), codes, codes.index(at), format_func=lambda one: str(known[one]["title"]),
            key=f"programme:{at}",
        )  # fmt: skip
    else:
        st.caption(escaped(str(known[at]["title"])))
    st.session_state[PROGRAMME] = st.query_params[PROGRAMME] = at
    sample_badge(desk, [known[at]])
    with desk.store.read() as connection:
        footing = Footing(connection, desk.actor, at)
        _ = footing.members, footing.own  # looked up while the connection is there
    return Chosen(desk, footing)


def sample_badge(desk: Desk, found: Iterable[Row | None]) -> None:
    """That a programme is a sample, unless the page says so already of the contest that is open beside it."""
    said = desk.contest is not None and bool(desk.contest["sample"])
    if not said and any(row and row["sample"] for row in found):
        st.badge(escaped(say("cli.sample")), color="orange")


def member_asked(programme: Chosen, codes: Sequence[str], key: str, *, nobody: str = "") -> str:
    """One of these members; with `nobody` also none of them, which is then called so. The only one is not asked for."""
    if len(codes) == 1 and not nobody:
        return codes[0]
    return st.selectbox(
        say("programme_chosen.member"), [*([""] if nobody else []), *codes],
        format_func=lambda code: programme.name(code) or nobody, key=key,
    )  # fmt: skip


def commune_asked(programme: Chosen, day: date, key: str, *, member: str = "") -> str:
    """A commune as it is on a day, by code: one of the programme, or any other that is searched for; "" until there is one.

    A member that is a commune itself speaks of itself alone.
    """
    desk = programme.desk
    registry = registry_now(desk.store)
    home = programme.members[member]["unit"] if member else ""
    if home and registry.get(home, day):
        return str(home)
    known = {held.unit.code: held.unit for held in standing_on(desk.store, desk.actor, programme.id, day)}
    place = f"{key}:{day.isoformat()}"
    code: str | None = OTHER
    if known:
        code = st.selectbox(
            say("programme_chosen.commune"), [*known, OTHER], None, key=place,
            placeholder=say("programme_chosen.choose_commune"),
            format_func=lambda one: say("programme_chosen.other_commune") if one == OTHER else label(desk, known[one], day),
        )  # fmt: skip
    if code != OTHER:
        return code or ""
    unit = chosen_unit(desk, key=f"{place}:any", on=day)
    return unit.code if unit else ""


def label(desk: Desk, unit: RegisteredUnit, day: date) -> str:
    """A commune with what stood above it on a day."""
    place = place_on(registry_now(desk.store), unit.code, day)
    return place.label if place else unit.name


def commune_name(desk: Desk, code: str, day: date) -> str:
    """What the commune with this code was called on a day, with what stood above it; the code where nobody knows."""
    place = place_on(registry_now(desk.store), code, day)
    return place.label if place else code


def day_asked(name: str, value: date | None, key: str, *, most: date | None = None) -> date | None:
    """A day, picked or typed as 21/11/2026; `most` is the last that makes sense."""
    found = st.date_input(name, value, format=DAY, key=key, max_value=most, min_value=date(2000, 1, 1))
    return found if isinstance(found, date) else None
