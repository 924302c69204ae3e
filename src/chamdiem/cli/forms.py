"""How commands are declared: groups, options and answers that look alike everywhere."""

import json
import sys
from collections.abc import Callable
from typing import Any

import typer

from chamdiem.cli.speaking import Group
from chamdiem.words import say


def group(about: str) -> typer.Typer:
    """Several verbs under one word."""
    return typer.Typer(
        cls=Group,
        help=say(about),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )


def option(*names: str, about: str, metavar: str = "", **more: Any) -> Any:
    """One option, explained in the language spoken now."""
    return typer.Option(*names, help=say(about), metavar=metavar, **more)


def show(machine: bool, record: Callable[[], object], show: Callable[[], object]) -> None:
    """One document for machines, or the page for people."""
    if machine:
        sys.stdout.write(json.dumps(record(), ensure_ascii=False, indent=1) + "\n")
    else:
        show()
