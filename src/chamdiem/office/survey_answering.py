"""Answering a survey: nobody signs in, nothing is kept of whoever does it but that a ticket was used."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection

from chamdiem.contest.record import Row, rows
from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.office.survey_rounds import CODES, DRAFT, OPEN, questionnaire_of, round_row, secret_for
from chamdiem.store import ballot_box, tables
from chamdiem.store.ballot_box import Ticket
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.surveys.filling import Form, enveloped, read_form
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.words import plain

TICKET = "ticket"
"""The path of a problem with the code."""
LINK = re.compile("[a-z0-9]{10}")
State = Literal["early", "open", "over"]


@dataclass(frozen=True)
class Survey:
    """A round as everybody may see it who has its link."""

    round: str
    questionnaire: Questionnaire
    unit: str
    respondents: str
    with_codes: bool
    opens_on: date
    closes_on: date
    sample: bool
    state: State


def survey_at(store: Store, link: str, *, today: date) -> Survey:
    """The survey behind a link; a link that leads nowhere is not found."""
    with store.read() as connection:
        return _survey(connection, _row(connection, link), today)


def survey_of(store: Store, round_: str, *, today: date) -> tuple[Survey, str]:
    """A round as those see it who have its link, and the link; for its papers."""
    with store.read() as connection:
        row = round_row(connection, round_)
        return _survey(connection, row, today), str(row["link"])


def _row(connection: Connection, link: str) -> Row:
    found = rows(connection, tables.survey_round, link=link) if LINK.fullmatch(link) else []
    if not found:
        raise refuse("permission.not_found")
    return found[0]


def _survey(connection: Connection, row: Row, today: date) -> Survey:
    opens, closes = (date.fromisoformat(row[name]) for name in ("opens_on", "closes_on"))
    state: State = "early" if row["status"] == DRAFT or today < opens else "open"
    if row["status"] not in (DRAFT, OPEN) or today > closes:
        state = "over"
    return Survey(
        row["id"], questionnaire_of(connection, row["questionnaire"]), row["unit_name"], row["respondents"],
        row["mode"] == CODES, opens, closes, bool(row["sample"]), state,
    )  # fmt: skip


def new_token() -> str:
    """What a browser is given so that it answers once: it says nothing of the browser."""
    return secrets.token_urlsafe(24)


def tidy_code(typed: str) -> str:
    """A code as it is compared: "k7mp 3qxa" is K7MP3QXA."""
    return re.sub("[^A-Z0-9]", "", plain(typed[:40]).upper())


def has_answered(store: Store, survey: Survey, token: str) -> bool:
    """Whether this browser has answered already."""
    if survey.with_codes or survey.state != "open" or not token:
        return False
    with store.read() as connection:
        ticket = ballot_box.ticket_id(secret_for(store, connection, survey.round), token)
        return ballot_box.state_of(connection, survey.round, ticket) is Ticket.USED


def answer(
    store: Store,
    link: str,
    shown: str,
    respondents: str,
    choices: Mapping[str, str],
    notes: Mapping[str, str],
    *,
    today: date,
) -> None:
    """Drop one form into the box. `shown` is the code of a slip, or the token of a browser.

    All or nothing, in one transaction; the journal learns nothing. Raises Refusal: everything that is wrong, the path of
    each problem being the code of its question or `TICKET`; a ticket that was used already; a survey that is not open.
    """
    with store.read() as connection:
        survey = _survey(connection, _row(connection, link), today)
        _need_open(survey)
        secret = secret_for(store, connection, survey.round)
        ticket = ballot_box.ticket_id(secret, tidy_code(shown) if survey.with_codes else shown)
        state = ballot_box.state_of(connection, survey.round, ticket)
    if state is Ticket.USED:
        raise refuse("survey.already_answered")
    sealed = enveloped(survey.questionnaire, _form(survey, shown, state, respondents, choices, notes))

    def drop(transaction: Transaction) -> None:
        now = transaction.row(tables.survey_round, survey.round)
        if now is None or now["status"] != OPEN:
            raise refuse("survey.is_over")
        if ballot_box.state_of(transaction.connection, survey.round, ticket) is Ticket.USED:
            raise refuse("survey.already_answered")
        ballot_box.drop(transaction, survey.round, ticket, sealed, secret)

    store.write(Order("", "survey.answer"), drop)


def _need_open(survey: Survey) -> None:
    if survey.state == "early":
        raise refuse("survey.is_early", day=survey.opens_on)
    if survey.state == "over":
        raise refuse("survey.is_over")


def _form(
    survey: Survey, shown: str, state: Ticket, respondents: str, choices: Mapping[str, str], notes: Mapping[str, str]
) -> Form:
    """The form, refused with all that is wrong with it and with the code."""
    problems: list[Problem] = []
    if survey.with_codes and state is Ticket.UNKNOWN:
        why = message("survey.unknown_code" if shown.strip() else "survey.type_code")
        problems.append(Problem(Where(path=(TICKET,)), why))
    online = {note.code for note in survey.questionnaire.online_notes}
    asked_for = {code: words for code, words in notes.items() if code in online}
    try:
        form = read_form(survey.questionnaire, survey.respondents or respondents, choices, asked_for)
    except Refusal as refusal:
        raise Refusal((*problems, *refusal.problems)) from None
    if problems:
        raise Refusal(problems)
    return form
