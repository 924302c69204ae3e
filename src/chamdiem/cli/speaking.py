"""How the terminal speaks: help pages and refusals in the user's language, incidents instead of tracebacks."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from chamdiem.errors import Problem, Refusal
from chamdiem.words import say, shown_problem

MOST_SHOWN = 50


class _Speaking:
    """A command whose help page has no word of another language."""

    def get_usage(self, ctx: Any) -> str:
        """The usage line."""
        usage: str = super().get_usage(ctx)  # type: ignore[misc]
        for word in ("OPTIONS", "COMMAND [ARGS]..."):
            usage = usage.replace(word, say(f"cli.usage_{word.split()[0].lower()}"))
        return usage.replace("Usage:", say("cli.usage"), 1)

    def get_help_option(self, ctx: Any) -> Any:
        """The --help option."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help, option.metavar = say("cli.help"), ""
        return option


class Command(_Speaking, TyperCommand):
    """A single verb."""


class Group(_Speaking, TyperGroup):
    """Several verbs."""


def translate_help() -> None:
    """Give the help pages' headings in the user's language; only needed when a help page is shown."""
    from typer import rich_utils

    for name in ("ARGUMENTS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "ERRORS_PANEL_TITLE"):
        setattr(rich_utils, name, say(f"cli.{name.lower()}"))
    rich_utils.REQUIRED_LONG_STRING = say("cli.required")
    rich_utils.DEFAULT_STRING = say("cli.default", value="{}")


def complain(text: str) -> None:
    """One line on the error stream."""
    sys.stderr.write(text + "\n")


def tell(error: Exception, as_json: bool) -> int:
    """Say what went wrong; gives the exit code."""
    if isinstance(error, typer.Exit):
        return int(error.exit_code)
    if isinstance(error, Refusal):
        return _tell_refusal(error, as_json)
    if hasattr(error, "format_message"):
        complain(usage_sentence(error))
        return 2
    if isinstance(error, typer.Abort):
        complain(say("cli.interrupted"))
        return 1
    return _tell_fault(error)


def _tell_refusal(refusal: Refusal, as_json: bool) -> int:
    problems = list(dict.fromkeys(refusal.problems))
    if as_json:
        sys.stdout.write(
            json.dumps({"problems": [problem_record(problem) for problem in problems]}, ensure_ascii=False) + "\n"
        )
        return 2
    complain(say("cli.refused", n=len(problems)))
    for problem in problems[:MOST_SHOWN]:
        complain("  • " + shown_problem(problem))
    if len(problems) > MOST_SHOWN:
        complain(say("cli.more_problems", n=len(problems) - MOST_SHOWN))
    return 2


def problem_record(problem: Problem) -> dict[str, object]:
    """A problem for machines: its place in parts, the sentence's name and the sentence."""
    where = {name: value for name, value in vars(problem.where).items() if value}
    return {"where": where, "id": problem.message.id, "text": say(problem.message)}


def usage_sentence(error: Any) -> str:
    """What is wrong with the command line, in the user's language, by the kind of mistake."""
    kind = type(error).__name__
    name = str(getattr(error, "option_name", "") or getattr(error, "param_hint", "") or "")
    param = getattr(error, "param", None)
    if not name and param is not None:
        name = max([*getattr(param, "opts", []), ""], key=len) or str(getattr(param, "name", ""))
    known = {"MissingParameter", "NoSuchOption", "BadParameter", "NoSuchCommand", "BadOptionUsage"}
    if getattr(error, "message", "").startswith("No such command"):
        kind, name = "NoSuchCommand", error.message.split("'")[1] if "'" in error.message else ""
    sentence = say(f"cli.usage_{kind.lower()}" if kind in known else "cli.usage_other", name=name.strip("'\""))
    path = getattr(getattr(error, "ctx", None), "command_path", "chamdiem") or "chamdiem"
    return f"{sentence} {say('cli.try_help', command=path)}"


def _tell_fault(error: Exception) -> int:
    """Keep the traceback in a file that can be sent to us, and name it."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = Path(tempfile.gettempdir()) / f"chamdiem-{stamp}-{os.getpid()}.log"
    try:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        path = Path("-")
    complain(say("cli.fault", path=str(path)))
    return 1
