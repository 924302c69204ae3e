"""Who sits before the screen, and what everybody needs there: the store, the person, the contest, words for a refusal."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property, partial
from html import escape
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode, urlsplit

import streamlit as st

from chamdiem import clock
from chamdiem.contest.access import Footing
from chamdiem.contest.contests import contests_for
from chamdiem.contest.permissions import ANYBODY, Actor, rules_for
from chamdiem.contest.phases import Phase
from chamdiem.contest.record import Row, rows
from chamdiem.contest.signing_in import actor_for, session_of
from chamdiem.errors import Refusal
from chamdiem.store import tables
from chamdiem.store.database import Store, open_store
from chamdiem.words import LANGUAGES, say, shown_problem, use_language

COOKIE = "chamdiem_session"
LANGUAGE_COOKIE = "chamdiem_lang"
CONTEST = "dot"  # the query parameter that names the contest: links can be passed on
SIGN_IN = "/dang-nhap"
BACK = "/quay-lai"  # the page that ends signing in again in a new tab: it leads back to the tab before

P = ParamSpec("P")
T = TypeVar("T")


@cache
def store() -> Store:
    """The store of this process; the server and all its sessions share one writer."""
    return open_store()


def token() -> str:
    """The token of the browser's session, "" when nobody has signed in."""
    return st.context.cookies.get(COOKIE, "")


def speak() -> str:
    """Speak the language this browser has chosen; Vietnamese unless it chose another."""
    wanted = st.query_params.get("lang") or st.context.cookies.get(LANGUAGE_COOKIE, "")
    chosen = wanted if wanted in LANGUAGES else os.environ.get("CHAMDIEM_LANG", "vi")
    use_language(chosen)
    return chosen


@dataclass(frozen=True)
class Desk:
    """One run of one page: the store, the person as he stands now, and the contest he has chosen (None: none yet)."""

    store: Store
    token: str
    actor: Actor
    contest: Row | None

    @property
    def signed_in(self) -> bool:
        """Whether anybody has signed in."""
        return self.actor != ANYBODY

    @cached_property
    def name(self) -> str:
        """What the person is called."""
        with self.store.read() as connection:
            found = rows(connection, tables.person, id=self.actor.account)
        return str(found[0]["name"] or found[0]["login"]) if found else ""

    @property
    def today(self) -> date:
        """The day it is in Vietnam."""
        return clock.today()

    @property
    def contest_id(self) -> str:
        """The contest, "" when none is chosen."""
        return "" if self.contest is None else str(self.contest["id"])

    @property
    def phase(self) -> Phase | None:
        """Where the contest stands."""
        return None if self.contest is None else Phase(self.contest["phase"])

    def has(self, *verbs: str) -> bool:
        """Whether any role of this person ever opens one of these verbs: what belongs in his menu. No access control:
        services ask again."""
        roles = {grant.role for grant in self.actor.grants} | {"public"}
        return any(rule.role in roles for verb in verbs for rule in rules_for(verb))

    @contextmanager
    def footing(self) -> Iterator[Footing]:
        """How the person stands to the contest just now, to ask `may(verb, unit=…)`."""
        with self.store.read() as connection:
            yield Footing(connection, self.actor, self.contest_id)

    def acting(self, verb: str) -> Actor:
        """The person for one act; a grave one needs a sign-in of a moment ago. Raises Refusal."""
        return actor_for(self.store, self.token, verb, now=datetime.now(UTC))

    @cached_property
    def contests(self) -> list[Row]:
        """The contests this person may know of."""
        return [dict(row) for row in contests_for(self.store, self.actor)]


def arrive() -> Desk:
    """The desk of this run: a session that was revoked is signed out here, at once."""
    speak()
    here, mark = store(), token()
    actor = ANYBODY
    if mark:
        try:
            _, actor = session_of(here, mark, now=datetime.now(UTC))
        except Refusal:
            mark = ""
    desk = Desk(here, mark, actor, None)
    known = {str(row["id"]): row for row in desk.contests}
    wanted = st.query_params.get(CONTEST) or st.session_state.get(CONTEST, "")
    chosen = known.get(wanted) or max(known.values(), key=partial(_worth_opening, actor), default=None)
    if chosen is not None:
        st.session_state[CONTEST] = chosen["id"]
    return Desk(here, mark, actor, chosen)


OVER = (Phase.PUBLISHED, Phase.ARCHIVED)


def _worth_opening(actor: Actor, row: Row) -> tuple[bool, str]:
    """Of several contests the one that goes on and in which this very person has a part comes last, then the latest."""
    takes_part = any(grant.contest == row["id"] for grant in actor.grants)
    return takes_part and row["phase"] not in OVER, str(row["period_to"])


def told(refusal: Refusal) -> None:
    """Show why something was refused: every problem with its place and remedy, as text and nothing else."""
    for problem in refusal.problems:
        st.error(escaped(shown_problem(problem)))
    if any(problem.message.id.startswith("signin.") for problem in refusal.problems):
        offer_to_sign_in_again()


def offer_to_sign_in_again() -> None:
    """The way to sign in in a new tab: what is typed on this page stays where it is."""
    st.link_button(say("page.sign_in_again"), sign_in_again(), icon=":material/open_in_new:")
    st.caption(escaped(say("page.sign_in_again_about")))


def mark_visitor() -> None:
    """Say to the browser that nobody is signed in here: it looks whether that has changed (server/templates/again.js)."""
    st.html('<span class="chamdiem-visitor"></span>')


def mark_person(desk: Desk) -> None:
    """Say to the browser who is signed in here, and in which words it offers back what he typed and never sent
    (server/templates/drafts.js)."""
    words = {"draft": say("draft.draft", at="{at}"), "restore": say("draft.restore"), "drop": say("draft.drop")}
    told = " ".join(f'data-{name}="{escape(text)}"' for name, text in {"person": desk.actor.account, **words}.items())
    st.html(f'<span class="chamdiem-person" {told}></span>')


def sign_in_again() -> str:
    """The form for whoever has to confirm that he is himself, in a new tab: what he typed here stays, and this tab goes on
    by itself."""
    back = f"{BACK}?{urlencode({'ve': here()})}"
    return f"{SIGN_IN}?{urlencode({'lai': 1, 've': back})}"


def sign_in() -> str:
    """The form that leads back to the page one is at."""
    return f"{SIGN_IN}?{urlencode({'ve': here()})}"


def here() -> str:
    """The page one is at."""
    return f"{urlsplit(st.context.url or '').path or '/'}?{urlencode(st.query_params.to_dict())}"


def attempt(done: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Carry out a service and say so; None after showing why it was refused. Nothing that was typed is lost."""
    try:
        found = work(*args, **kwargs)
    except Refusal as refusal:
        told(refusal)
        return None
    st.toast(say(done))
    return found


SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]()<>#+-.!|~$:&"})


ADDRESS = re.compile(r"(?i)(https?\\:|www)(?=\\?[/.])")  # becomes a link after its escapes are taken away
JOINED = "\\1\u2060"  # a sign without breadth keeps its parts apart


def escaped(text: str) -> str:
    """A text as itself where Streamlit reads Markdown: names and notes are never markup, links or pictures."""
    return "  \n".join(ADDRESS.sub(JOINED, line.translate(SPECIAL)) for line in text.splitlines())


def title(id: str, **values: object) -> None:  # noqa: A002 - the catalogue calls it an id
    """The heading of a page."""
    st.title(escaped(say(id, **values)))
