"""What needs two persons: one asks with the reason, another one who may confirms, and only then it is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy import Connection

from chamdiem.clock import in_vietnam
from chamdiem.contest.access import Footing, subject_of
from chamdiem.contest.contests import step_seen, without_of
from chamdiem.contest.judging import open_sheets
from chamdiem.contest.people import actor_of
from chamdiem.contest.permissions import SECOND_PERSON, SYSTEM, WITH_REASON, Actor, allowed, confirmed, require
from chamdiem.contest.phases import ORDER, Phase, may_move, step_verb
from chamdiem.contest.progress import facts_of
from chamdiem.contest.publication import hash_of, publish, revoke, snapshot
from chamdiem.contest.record import Row, rows
from chamdiem.errors import Problem, Refusal, Where, message, refuse
from chamdiem.store import tables
from chamdiem.store.database import Store
from chamdiem.store.door import Order, Transaction

About = Mapping[str, str]


def ask(store: Store, actor: Actor, contest: str, verb: str, reason: str = "", **about: str) -> str:
    """Begin what needs a second person; returns the key of the decision that waits. What could not be done is refused
    now already. `about` says the phase to reopen, or the unit whose recognition shall end."""
    if verb not in DO:
        raise KeyError(verb)
    if verb in WITH_REASON and not reason.strip():
        raise refuse("contest.needs_reason")

    def begin(transaction: Transaction) -> str:
        connection = transaction.connection
        require(actor, verb, subject_of(connection, actor, contest, unit=about.get("unit")))
        footing = Footing(connection, actor, contest)
        CHECK[verb](footing, {**about, "today": in_vietnam(transaction.now).date().isoformat()})
        made = rows(connection, tables.decision, contest=contest, verb=verb)
        if any(row["status"] == "asked" and _unit_of(row) == about.get("unit") for row in made):
            raise refuse("decision.waiting", verb=message(verb))
        id = f"{contest}/{verb}/{len(made) + 1}"  # noqa: A001 - the column is called so
        wish = {"contest": contest, "verb": verb, "status": "asked", "asked_by": actor.account, "reason": reason}
        seen = {**about, **SEEN[verb](connection, contest)} if verb in SEEN else about
        transaction.put(tables.decision, id, {**wish, "about": json.dumps(seen, sort_keys=True)}, expected=0)
        return id

    return store.write(Order(actor.account, f"{verb}.ask", contest, reason), begin)


def confirm(store: Store, actor: Actor, decision: str, *, asked_by: Actor | None = None, today: date) -> None:
    """Confirm what another person asked for, and do it. `asked_by` is that person with the roles he has now, looked up
    when not given: what he may no longer do is not done, nor what would now have another outcome than he saw."""

    def carry_out(transaction: Transaction) -> None:
        connection = transaction.connection
        found = _asked(connection, decision)
        contest, verb, about = found["contest"], found["verb"], json.loads(found["about"])
        first = asked_by or (SYSTEM if found["asked_by"] == SYSTEM.account else actor_of(connection, found["asked_by"]))
        subject = subject_of(connection, actor, contest, unit=about.get("unit"))
        if not allowed(actor, "decision.confirm", subject) or found["asked_by"] != first.account:
            raise refuse("permission.not_found")
        if not confirmed(first, actor, verb, subject):
            raise refuse("decision.second_person")
        require(first, verb, subject_of(connection, first, contest, unit=about.get("unit")))
        CHECK[verb](Footing(connection, actor, contest), {**about, "today": today.isoformat()})
        if verb in SEEN and not SEEN[verb](connection, contest).items() <= about.items():
            raise refuse("decision.changed_since", verb=message(verb))
        DO[verb](transaction, contest, {**about, "today": today.isoformat(), "reason": found["reason"]})
        transaction.put(tables.decision, decision, {"status": "confirmed", "confirmed_by": actor.account})

    with store.read() as connection:
        waiting = _asked(connection, decision)
    store.write(Order(actor.account, waiting["verb"], waiting["contest"], waiting["reason"]), carry_out)


def withdraw(store: Store, actor: Actor, decision: str) -> None:
    """Take back what one asked for, or say no to what another person asked for."""

    def drop(transaction: Transaction) -> None:
        found = _asked(transaction.connection, decision)
        subject = subject_of(transaction.connection, actor, found["contest"], unit=_unit_of(found))
        if found["asked_by"] != actor.account:
            require(actor, "decision.confirm", subject)
        transaction.put(tables.decision, decision, {"status": "withdrawn", "confirmed_by": actor.account})

    with store.read() as connection:
        contest = _asked(connection, decision)["contest"]
    store.write(Order(actor.account, "decision.withdraw", contest), drop)


def waiting_for(store: Store, actor: Actor, contest: str) -> list[Row]:
    """What waits for a second person, of that which this person asked for or may confirm; `who` is what the first person
    is called."""
    with store.read() as connection:
        footing = Footing(connection, actor, contest)
        footing.need("contest.read")
        names = {row["id"]: row["name"] or row["login"] for row in rows(connection, tables.person)}
        return [
            row | {"who": names.get(row["asked_by"], row["asked_by"])}
            for row in rows(connection, tables.decision, contest=contest, status="asked")
            if row["asked_by"] == actor.account or footing.may("decision.confirm", unit=_unit_of(row))
        ]


def _asked(connection: Connection, decision: str) -> Row:
    """A decision that still waits; any other is not found."""
    found = rows(connection, tables.decision, id=decision, status="asked")
    if not found:
        raise refuse("permission.not_found")
    return found[0]


def _unit_of(decision: Row) -> str | None:
    unit = json.loads(decision["about"]).get("unit")
    return None if unit is None else str(unit)


def _may_reveal(footing: Footing, about: About) -> None:
    if not footing.sealed:
        raise refuse("judging.revealed_already")
    today = date.fromisoformat(about["today"])
    if facts_of(footing.connection, footing.contest, today).sheets_unsubmitted:
        # or somebody could go on marking with the marks of the others before him
        seen = step_seen(footing, Phase.COUNCIL, today).blockers
        late = [Problem(Where(), why) for why in seen if why.id == "blocker.sheets_unsubmitted"]
        raise Refusal(late) if late else refuse("judging.sheets_missing")


def _reveal(transaction: Transaction, contest: str, about: About) -> None:
    open_sheets(transaction, contest)


def _may_reopen(footing: Footing, about: About) -> None:
    row = footing.row
    if about.get("phase") not in ORDER:
        raise refuse("permission.not_found")
    here, there = Phase(row["phase"]), Phase(about["phase"])
    if not may_move(here, there, without_of(row)) or step_verb(here, there) != "contest.reopen":
        raise refuse("contest.no_such_step", here=message(f"phase.{here}"), there=message(f"phase.{there}"))


def _reopen(transaction: Transaction, contest: str, about: About) -> None:
    transaction.put(tables.contest, contest, {"phase": about["phase"]})


def _may_publish(footing: Footing, about: About) -> None:
    found = step_seen(footing, Phase.PUBLISHED, date.fromisoformat(about["today"])).blockers
    if found:
        raise Refusal(Problem(Where(), why) for why in found)


def _result_seen(connection: Connection, contest: str) -> dict[str, str]:
    return {"snapshot": hash_of(snapshot(connection, contest))}


def _publish(transaction: Transaction, contest: str, about: About) -> None:
    publish(transaction, contest, reason=about["reason"], today=date.fromisoformat(about["today"]))
    transaction.put(tables.contest, contest, {"phase": Phase.PUBLISHED.value})


def _may_revoke(footing: Footing, about: About) -> None:
    if not rows(
        footing.connection, tables.recognition, contest=footing.contest, unit=about.get("unit", ""), status="valid"
    ):
        raise refuse("permission.not_found")


def _revoke(transaction: Transaction, contest: str, about: About) -> None:
    revoke(transaction, contest, about["unit"], reason=about["reason"], today=date.fromisoformat(about["today"]))


CHECK: dict[str, Callable[[Footing, About], None]] = {
    "sheet.reveal": _may_reveal,
    "contest.reopen": _may_reopen,
    "publication.publish": _may_publish,
    "recognition.revoke": _may_revoke,
}
SEEN: dict[str, Callable[[Connection, str], dict[str, str]]] = {"publication.publish": _result_seen}
"""What the first person has before him; the second one confirms that and nothing else."""

DO: dict[str, Callable[[Transaction, str, About], None]] = {
    "sheet.reveal": _reveal,
    "contest.reopen": _reopen,
    "publication.publish": _publish,
    "recognition.revoke": _revoke,
}
assert DO.keys() == SECOND_PERSON - {"store.rollback"}  # the machine is rolled back by its owner, not by a contest
