"""What needs two persons: one asks with the reason, another one who may confirms, and only then it is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import Connection

from chamdiem.contest.access import subject_of
from chamdiem.contest.contests import step_to, without_of
from chamdiem.contest.judging import open_sheets
from chamdiem.contest.permissions import SECOND_PERSON, WITH_REASON, Actor, confirmed, require
from chamdiem.contest.phases import Phase, may_move, step_verb
from chamdiem.contest.publication import publish, revoke
from chamdiem.contest.record import contest_row, rows
from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

About = Mapping[str, str]


def ask(store: Store, actor: Actor, contest: str, verb: str, reason: str = "", **about: str) -> str:
    """Begin what needs a second person; returns the key of the decision that waits. What could not be done is refused
    now already."""
    if verb not in DO:
        raise KeyError(verb)
    if verb in WITH_REASON and not reason.strip():
        raise refuse("contest.needs_reason")

    def begin(transaction: Transaction) -> str:
        require(actor, verb, subject_of(transaction.connection, actor, contest, unit=about.get("unit")))
        CHECK[verb](transaction.connection, contest, about)
        waiting = rows(transaction.connection, tables.decision, contest=contest, verb=verb, status="asked")
        if waiting:
            raise refuse("decision.waiting", verb=message(verb))
        id = f"{contest}/{verb}/{transaction.head.seq + 1}"  # noqa: A001 - the column is called so
        wish = {"contest": contest, "verb": verb, "about": json.dumps(about, sort_keys=True), "status": "asked"}
        transaction.put(tables.decision, id, {**wish, "asked_by": actor.account, "reason": reason})
        return id

    return store.write(Order(actor.account, f"{verb}.ask", contest, reason), begin)


def confirm(store: Store, actor: Actor, decision: str, *, asked_by: Actor, today: date) -> None:
    """Confirm what another person asked for, and do it. `asked_by` is that person with the roles he has now: what he may
    no longer do is not done."""

    def carry_out(transaction: Transaction) -> None:
        found = transaction.row(tables.decision, decision)
        if found is None or found["status"] != "asked" or found["asked_by"] != asked_by.account:
            raise refuse("permission.not_found")
        contest, verb, about = found["contest"], found["verb"], json.loads(found["about"])
        require(asked_by, verb, subject_of(transaction.connection, asked_by, contest, unit=about.get("unit")))
        if not confirmed(
            asked_by, actor, verb, subject_of(transaction.connection, actor, contest, unit=about.get("unit"))
        ):
            raise refuse("decision.second_person")
        CHECK[verb](transaction.connection, contest, {**about, "today": today.isoformat()})
        DO[verb](transaction, contest, {**about, "today": today.isoformat(), "reason": found["reason"]})
        transaction.put(tables.decision, decision, {"status": "confirmed", "confirmed_by": actor.account})

    with store.read() as connection:
        waiting = rows(connection, tables.decision, id=decision)
    if not waiting:
        raise refuse("permission.not_found")
    order = Order(actor.account, waiting[0]["verb"], waiting[0]["contest"], waiting[0]["reason"])
    store.write(order, carry_out)


def withdraw(store: Store, actor: Actor, decision: str) -> None:
    """Take back what one asked for, or say no to what another person asked for."""

    def drop(transaction: Transaction) -> None:
        found = transaction.row(tables.decision, decision)
        if found is None or found["status"] != "asked":
            raise refuse("permission.not_found")
        if found["asked_by"] != actor.account:
            require(actor, "decision.confirm", subject_of(transaction.connection, actor, found["contest"]))
        transaction.put(tables.decision, decision, {"status": "withdrawn", "confirmed_by": actor.account})

    store.write(Order(actor.account, "decision.withdraw"), drop)


def _may_reveal(connection: Connection, contest: str, about: About) -> None:
    if contest_row(connection, contest)["revealed"]:
        raise refuse("judging.revealed_already")


def _reveal(transaction: Transaction, contest: str, about: About) -> None:
    open_sheets(transaction, contest)


def _may_reopen(connection: Connection, contest: str, about: About) -> None:
    row = contest_row(connection, contest)
    here, there = Phase(row["phase"]), Phase(about["phase"])
    if not may_move(here, there, without_of(row)) or step_verb(here, there) != "contest.reopen":
        raise refuse("contest.no_such_step", here=message(f"phase.{here}"), there=message(f"phase.{there}"))


def _reopen(transaction: Transaction, contest: str, about: About) -> None:
    transaction.put(tables.contest, contest, {"phase": about["phase"]})


def _may_publish(connection: Connection, contest: str, about: About) -> None:
    if "today" in about:
        found = step_to(connection, contest, Phase.PUBLISHED, date.fromisoformat(about["today"])).blockers
        if found:
            raise Refusal(Problem(Where(), why) for why in found)


def _publish(transaction: Transaction, contest: str, about: About) -> None:
    publish(transaction, contest, reason=about["reason"], today=date.fromisoformat(about["today"]))
    transaction.put(tables.contest, contest, {"phase": Phase.PUBLISHED.value})


def _may_revoke(connection: Connection, contest: str, about: About) -> None:
    if not rows(connection, tables.recognition, contest=contest, unit=about["unit"], status="valid"):
        raise refuse("permission.not_found")


def _revoke(transaction: Transaction, contest: str, about: About) -> None:
    revoke(transaction, contest, about["unit"], reason=about["reason"], today=date.fromisoformat(about["today"]))


CHECK: dict[str, Callable[[Connection, str, About], None]] = {
    "sheet.reveal": _may_reveal,
    "contest.reopen": _may_reopen,
    "publication.publish": _may_publish,
    "recognition.revoke": _may_revoke,
}
DO: dict[str, Callable[[Transaction, str, About], None]] = {
    "sheet.reveal": _reveal,
    "contest.reopen": _reopen,
    "publication.publish": _publish,
    "recognition.revoke": _revoke,
}
assert DO.keys() == SECOND_PERSON - {"store.rollback"}  # the machine is rolled back by its owner, not by a contest
