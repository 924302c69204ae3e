"""What the verbs of field work have in common: their options, and how they answer."""

from datetime import date
from typing import Any

from chamdiem.cli.forms import argument, day, option, said, show
from chamdiem.clock import today
from chamdiem.words import say


class Options:
    """The options and arguments that many of these verbs have."""

    def __init__(self) -> None:
        self.machine = option("--json", about="cli.json")
        self.programme = argument("field.cli_programme", "cli.programme")
        self.key = argument("field.cli_key", "cli.code")
        self.who = option("--as", about="cli.as_whom", metavar=say("cli.name"))
        self.unit = option("--unit", "-u", about="field.cli_unit", metavar=say("cli.code"))
        self.member = option("--member", about="field.cli_member", metavar=say("cli.code"))
        self.reason = option("--reason", about="cli.reason", metavar=say("cli.text"))
        self.working_days = option("--working-days", about="field.cli_working_days", metavar=say("cli.number"))

    def day(self, *names: str, about: str = "field.cli_on") -> Any:
        """A day."""
        return option(*names, about=about, metavar=say("cli.day"))

    def text(self, *names: str) -> Any:
        """Words: what they are about is what the field is called."""
        return option(*names, about=f"field.{names[0].removeprefix('--')}", metavar=say("cli.text"))


def done(as_json: bool, key: str, about: str, **values: object) -> None:
    show(as_json, lambda: {"key": key, **values}, said(say(about, key=key, **values)))


def day_or_today(text: str) -> date:
    """A day as it is typed; today when nothing is."""
    return day(text) if text else today()
