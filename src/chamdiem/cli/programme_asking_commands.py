"""The verbs of reports asked for out of turn ("đột xuất"): ask, and take-back of what nobody has answered yet.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from typing import Annotated

import typer

from chamdiem.cli.forms import argument, day, option, said, show, there
from chamdiem.cli.speaking import Command
from chamdiem.clock import today
from chamdiem.words import say


def add_asking_commands(app: typer.Typer) -> None:
    """Put the verbs of what is asked for under the word for programmes."""
    machine, programme = option("--json", about="cli.json"), argument("work.cli_programme", "cli.programme")
    who, text = option("--as", about="cli.as_whom", metavar=say("cli.name")), say("cli.text")

    @app.command("ask", cls=Command, help=say("work.cli_ask"))
    def ask(
        code: Annotated[str, programme],
        subject: Annotated[str, option("--subject", about="asking.subject", metavar=text)],
        until: Annotated[str, option("--until", about="asking.until", metavar=say("cli.day"))],
        content: Annotated[str, option("--content", about="asking.content", metavar=text)] = "",
        by: Annotated[list[str] | None, option("--by", about="work.cli_ask_by", metavar=say("cli.code"))] = None,
        duty: Annotated[str, option("--duty", about="work.cli_ask_duty", metavar=say("cli.code"))] = "",
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.asking import Wish, ask_report

        named, _, stage = duty.partition("/")
        wish = Wish(until=day(until), subject=subject, content=content, duty=named, stage=stage, by=by or ())
        with there(login) as (store, actor):
            key = ask_report(store, actor, code, wish, today=today())
        show(as_json, lambda: {"key": key}, said(say("work.asked", key=key)))

    @app.command("take-back", cls=Command, help=say("work.cli_take_back"))
    def take_it_back(
        code: Annotated[str, programme],
        key: Annotated[str, argument("work.cli_asked_key", "cli.code")],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=text)],
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.asking import take_back

        with there(login) as (store, actor):
            take_back(store, actor, code, key, reason)
        show(as_json, lambda: {"key": key, "taken_back": True}, said(say("asking.taken_back")))
