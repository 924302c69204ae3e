"""The verbs that need two persons who both sign in: ask, confirm, withdraw; and the journal of who did what.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from chamdiem.cli.forms import argument, option, person, said, show
from chamdiem.cli.speaking import Command
from chamdiem.clock import in_vietnam, today
from chamdiem.errors import message, refuse
from chamdiem.words import say, shown

if TYPE_CHECKING:
    from chamdiem.contest.chronicle import Deed

VERBS = {
    "reveal": "sheet.reveal",
    "publish": "publication.publish",
    "reopen": "contest.reopen",
    "revoke": "recognition.revoke",
}


def add_decision_commands(app: typer.Typer, machine: Any) -> None:
    """Put these verbs into the group of contests."""
    _asking(app, machine)
    _answering(app, machine)
    _journal(app, machine)


def _about(verb: str, phase: str, unit: str) -> dict[str, str]:
    """What a decision is about: the phase to go back to, or the unit."""
    from chamdiem.contest.phases import ORDER

    if verb not in VERBS:
        raise refuse("cli.unknown_decision", value=verb, known=list(VERBS))
    if (verb == "reopen") != bool(phase) or (verb == "revoke") != bool(unit):
        raise refuse("cli.decision_about")
    if phase and phase not in ORDER:
        raise refuse("cli.unknown_phase", value=[phase], known=list(ORDER))
    return {name: value for name, value in (("phase", phase), ("unit", unit)) if value}


def _asking(app: typer.Typer, machine: Any) -> None:
    @app.command("ask", cls=Command, help=say("cli.contest_ask_about"))
    def ask_for(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002 - what it is called
        verb: Annotated[str, argument("cli.decision_verb", "cli.verb")],
        login: Annotated[str, option("--as", about="cli.as_whom", metavar=say("cli.name"))],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))] = "",
        phase: Annotated[str, option("--phase", about="cli.reopen_phase", metavar=say("cli.phase"))] = "",
        unit: Annotated[str, option("--unit", about="cli.revoke_unit", metavar=say("cli.unit"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.decisions import ask
        from chamdiem.store.database import open_store

        about = _about(verb, phase, unit)
        with open_store(create=False) as store, person(store, login) as actor:
            key = ask(store, actor, id, VERBS[verb], reason, **about)
        done = say("cli.asked", verb=message(VERBS[verb]), key=key)
        show(as_json, lambda: {"decision": key}, said(done))


def _answering(app: typer.Typer, machine: Any) -> None:
    @app.command("confirm", cls=Command, help=say("cli.contest_confirm_about"))
    def confirm_it(
        decision: Annotated[str, argument("cli.decision_key", "cli.decision")],
        login: Annotated[str, option("--as", about="cli.as_whom", metavar=say("cli.name"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.decisions import confirm
        from chamdiem.store.database import open_store

        with open_store(create=False) as store, person(store, login) as actor:
            confirm(store, actor, decision, today=today())
        show(as_json, lambda: {"confirmed": decision}, said(say("cli.confirmed", key=decision)))

    @app.command("withdraw", cls=Command, help=say("cli.contest_withdraw_about"))
    def withdraw_it(
        decision: Annotated[str, argument("cli.decision_key", "cli.decision")],
        login: Annotated[str, option("--as", about="cli.as_whom", metavar=say("cli.name"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.decisions import withdraw
        from chamdiem.store.database import open_store

        with open_store(create=False) as store, person(store, login) as actor:
            withdraw(store, actor, decision)
        show(as_json, lambda: {"withdrawn": decision}, said(say("cli.withdrawn", key=decision)))


def _journal(app: typer.Typer, machine: Any) -> None:
    @app.command("journal", cls=Command, help=say("cli.contest_journal_about"))
    def journal(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.chronicle import deeds
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            found = deeds(store, SYSTEM, id)
        show(as_json, lambda: [_record(deed) for deed in found], said("\n".join(map(_line, found))))


def _line(deed: "Deed") -> str:
    local = in_vietnam(deed.at)
    moment = f"{local:%H:%M:%S} {shown(local.date())}"
    things = "; ".join(say(thing.told) for thing in deed.things)
    reason = f" — {deed.reason}" if deed.reason else ""
    return f"{deed.first:>6}  {moment}  {say(deed.who)}: {say(deed.what)}{f' ({things})' if things else ''}{reason}"


def _record(deed: "Deed") -> dict[str, object]:
    return {
        "first": deed.first, "last": deed.last, "at": deed.at.isoformat(), "account": deed.account, "who": say(deed.who),
        "action": deed.what.id, "what": say(deed.what), "reason": deed.reason,
        "things": {thing.kind.id.removeprefix("thing."): thing.n for thing in deed.things},
    }  # fmt: skip
