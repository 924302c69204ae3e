"""Paper forms: entered by one person, a sample of them entered again by another one, with the differences on record.

What is entered lies beside the box until the survey is closed; then it goes into it with everything else, and nothing
leads from a number on paper to an answer any more.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, insert, update

from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office.survey_rounds import OPEN, about_of, need, questionnaire_of, round_for, round_row
from chamdiem.scoring.marks import tidy
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction
from chamdiem.surveys.filling import WHO, Form, read_form, read_written, written
from chamdiem.surveys.questionnaire import Questionnaire, Recheck

ENTERING, ENTERED, DRAWN, CHECKED = "entering", "entered", "drawn", "checked"
INVALID = "invalid"
"""What is said of a form that does not count: torn, left blank, two answers to one question."""
Said = Mapping[str, str] | str
"""The answers on a form by the code of the question, the class under WHO; or INVALID."""


def begin_batch(store: Store, actor: Actor, round_: str, label: str, *, sent: int, returned: int) -> str:
    """Begin a pile of paper forms: how many were handed out, how many came back. Returns its id."""

    def begin(transaction: Transaction) -> str:
        connection = transaction.connection
        row = round_for(connection, actor, "survey.enter", round_)
        others = rows(connection, tables.survey_batch, round=round_)
        name = tidy(label)
        if found := [Problem(Where(path=(name,)), why) for why in _impossible(row, others, name, sent, returned)]:
            raise Refusal(found)
        batch = f"{round_}/{len(others) + 1}"
        about = {"round": round_, "label": name, "sent": sent, "returned": returned, "status": ENTERING}
        transaction.put(tables.survey_batch, batch, {**about, "entered_by": actor.account}, expected=0)
        return batch

    return store.write(Order(actor.account, "survey.batch", about_of(store, round_)), begin)


def _impossible(row: Row, others: Iterable[Row], label: str, sent: int, returned: int) -> Iterator[Message]:
    """Numbers that cannot be, and a pile that cannot be told from another one."""
    others = list(others)
    if row["status"] != OPEN:
        yield message("survey.not_open")
    if not label or label in {other["label"] for other in others}:
        yield message("survey.batch_label", label=label)
    if sent < 1:
        yield message("survey.sent_none", value=sent)
    if not 0 <= returned <= sent:
        yield message("survey.returned_above_sent", returned=returned, sent=sent)
    together = sent + sum(other["sent"] for other in others)
    if together > row["population"]:
        yield message("survey.sent_above_population", sent=together, population=row["population"])


def enter_forms(store: Store, actor: Actor, batch: str, forms: Mapping[int, Said]) -> int:
    """Enter forms by the number written on each; what was entered before under a number is replaced. Returns how many.

    All of them, or none: raises Refusal with every number and question that is wrong.
    """

    def enter(transaction: Transaction) -> int:
        connection = transaction.connection
        about, asked, respondents = _batch(connection, batch)
        need(connection, actor, "survey.enter", round_row(connection, about["round"]))
        if about["status"] != ENTERING or actor.account != about["entered_by"]:
            raise refuse("survey.batch_not_entering", batch=about["label"])
        read = _read_all(asked, about, respondents, forms)
        for number, form in read.items():
            _put(connection, batch, number, "" if form is None else written(form))
        return len(read)

    return store.write(Order(actor.account, "survey.enter", _about_batch(store, batch)), enter)


def finish_batch(store: Store, actor: Actor, batch: str) -> int:
    """All forms that came back are entered; returns how many are valid."""

    def finish(transaction: Transaction) -> int:
        connection = transaction.connection
        about, _, _ = _batch(connection, batch)
        need(connection, actor, "survey.enter", round_row(connection, about["round"]))
        if about["status"] != ENTERING or actor.account != about["entered_by"]:
            raise refuse("survey.batch_not_entering", batch=about["label"])
        there = rows(connection, tables.survey_paper, batch=batch)
        if missing := sorted(set(range(1, about["returned"] + 1)) - {form["number"] for form in there}):
            raise refuse("survey.forms_missing", n=len(missing), first=missing[:10], batch=about["label"])
        valid = sum(bool(form["answer"]) for form in there)
        transaction.put(tables.survey_batch, batch, {"status": ENTERED, "valid": valid})
        return valid

    return store.write(Order(actor.account, "survey.batch_entered", _about_batch(store, batch)), finish)


def draw_sample(store: Store, actor: Actor, batch: str) -> list[int]:
    """Draw forms to be entered once more, by dice, and only once: the draw is on record. Returns their numbers.

    Whoever entered the batch may not re-check it.
    """

    def draw(transaction: Transaction) -> list[int]:
        connection = transaction.connection
        about, asked, _ = _batch(connection, batch)
        if actor.account == about["entered_by"]:
            raise refuse("survey.same_person")
        need(connection, actor, "survey.recheck", round_row(connection, about["round"]), about["entered_by"])
        if about["status"] != ENTERED:
            raise refuse("survey.batch_not_entered", batch=about["label"])
        numbers = range(1, about["returned"] + 1)
        drawn = sorted(secrets.SystemRandom().sample(numbers, sample_of(asked.recheck, about["returned"])))
        said = {"status": DRAWN, "drawn": json.dumps(drawn), "checked_by": actor.account}
        transaction.put(tables.survey_batch, batch, said)
        return drawn

    return store.write(Order(actor.account, "survey.draw", _about_batch(store, batch)), draw)


def sample_of(how: Recheck, returned: int) -> int:
    """How many forms of a pile are re-checked: the share, rounded up, not less than the least, never more than there are."""
    wanted = how.share * returned
    return min(returned, max(how.least, -(-wanted.numerator // wanted.denominator)))


@dataclass(frozen=True)
class Rechecked:
    """What a re-check found: how many answers were compared, those that differ as (number of the form, question), and
    whether the batch stands; one that does not is entered again."""

    compared: int
    differences: tuple[tuple[int, str], ...]
    stands: bool

    @property
    def rate(self) -> Fraction:
        """The share of answers that differ."""
        return Fraction(len(self.differences), self.compared) if self.compared else Fraction(0)


def recheck(store: Store, actor: Actor, batch: str, forms: Mapping[int, Said]) -> Rechecked:
    """Compare the forms that were drawn, entered again without a look at the first entry. Where both differ the second
    one stands, for it was read from paper to check.

    Raises Refusal: not all that were drawn or others, an answer that cannot be, another person than who drew.
    """

    def compare(transaction: Transaction) -> Rechecked:
        connection = transaction.connection
        about, asked, respondents = _batch(connection, batch)
        if actor.account == about["entered_by"]:
            raise refuse("survey.same_person")
        need(connection, actor, "survey.recheck", round_row(connection, about["round"]), about["entered_by"])
        if about["status"] != DRAWN or about["checked_by"] != actor.account:
            raise refuse("survey.batch_not_drawn", batch=about["label"])
        drawn = json.loads(about["drawn"])
        if sorted(forms) != drawn:
            raise refuse("survey.other_forms_drawn", batch=about["label"], drawn=drawn)
        again = _read_all(asked, about, respondents, forms)
        first = {form["number"]: form["answer"] for form in rows(connection, tables.survey_paper, batch=batch)}
        found = [_compared(asked, number, first[number], form) for number, form in sorted(again.items())]
        for number, form in again.items():
            _put(connection, batch, number, "" if form is None else written(form))
        differences = tuple(place for _, places in found for place in places)
        compared = sum(n for n, _ in found)
        stands = Fraction(len(differences), compared or 1) <= asked.recheck.most_errors
        transaction.put(tables.survey_batch, batch, _outcome(connection, batch, compared, differences, stands=stands))
        return Rechecked(compared, differences, stands)

    return store.write(Order(actor.account, "survey.recheck", _about_batch(store, batch)), compare)


def _outcome(
    connection: Connection, batch: str, compared: int, differences: tuple[tuple[int, str], ...], *, stands: bool
) -> dict[str, object]:
    """What is put on record: where entries differ, never what they say."""
    valid = sum(bool(form["answer"]) for form in rows(connection, tables.survey_paper, batch=batch))
    places = json.dumps(differences)
    status = CHECKED if stands else ENTERING
    about = {"status": status, "compared": compared, "differing": len(differences), "differences": places}
    return {**about, "valid": valid}


def _compared(asked: Questionnaire, number: int, first: str, again: Form | None) -> tuple[int, list[tuple[int, str]]]:
    """How many answers of a form were compared, and which differ. A form that is valid to one and not to the other
    differs in all of them."""
    places = [*([WHO] if len(asked.classes) > 1 else []), *asked.by_code]
    if not first or again is None:
        return len(places), [] if not first and again is None else [(number, place) for place in places]
    said = [{**form.choices, WHO: form.respondents} for form in (read_written(first), again)]
    return len(places), [(number, place) for place in places if said[0].get(place, "") != said[1].get(place, "")]


def _batch(connection: Connection, batch: str) -> tuple[Row, Questionnaire, str]:
    """A batch, its questionnaire, and the one class that its round asks; an unknown batch is not found."""
    found = rows(connection, tables.survey_batch, id=batch)
    if not found:
        raise refuse("permission.not_found")
    row = round_row(connection, found[0]["round"])
    return found[0], questionnaire_of(connection, row["questionnaire"]), row["respondents"]


def asked_in(store: Store, batch: str) -> Questionnaire:
    """The questionnaire that the forms of a batch are of."""
    with store.read() as connection:
        return _batch(connection, batch)[1]


def _read_all(asked: Questionnaire, about: Row, respondents: str, forms: Mapping[int, Said]) -> dict[int, Form | None]:
    """Every form as it counts, None for one that does not; refused with all that is wrong."""
    problems: list[Problem] = []
    read: dict[int, Form | None] = {}
    for number, said in sorted(forms.items()):
        place = (about["label"], f"{number}")
        if not 1 <= number <= about["returned"]:
            why = message("survey.number_above_returned", number=number, returned=about["returned"])
            problems.append(Problem(Where(path=place), why))
            continue
        try:
            read[number] = _read(asked, respondents, said)
        except Refusal as refusal:
            problems += [Problem(Where(path=(*place, *one.where.path)), one.message) for one in refusal.problems]
    if problems:
        raise Refusal(problems)
    return read


def _read(asked: Questionnaire, respondents: str, said: Said) -> Form | None:
    if isinstance(said, str):
        if said != INVALID:
            raise refuse("survey.not_a_form", value=said[:60])
        return None
    choices = {code: answer for code, answer in said.items() if code != WHO}
    return read_form(asked, respondents or said.get(WHO, ""), choices)


def _put(connection: Connection, batch: str, number: int, answer: str) -> None:
    paper, place = tables.survey_paper, f"{batch}/{number}"
    if connection.execute(update(paper).where(paper.c.id == place).values(answer=answer)).rowcount != 1:
        connection.execute(insert(paper), {"id": place, "batch": batch, "number": number, "answer": answer})


def _about_batch(store: Store, batch: str) -> str:
    return about_of(store, batch.rpartition("/")[0])
