"""How commands are declared: groups, options and answers that look alike everywhere; how somebody signs in to one."""

import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import typer

from chamdiem.cli.speaking import Group
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.contest.permissions import Actor
    from chamdiem.store.database import Store


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


def argument(about: str, metavar: str) -> Any:
    """One argument, explained in the language spoken now."""
    return typer.Argument(help=say(about), metavar=say(metavar))


def show(machine: bool, record: Callable[[], object], show: Callable[[], object]) -> None:
    """One document for machines, or the page for people."""
    if machine:
        sys.stdout.write(json.dumps(record(), ensure_ascii=False, indent=1) + "\n")
    else:
        show()


def said(line: str) -> Callable[[], object]:
    """A page that is one line, or several."""
    return lambda: sys.stdout.write(f"{line}\n")


def day(text: str) -> date:
    """A day as it is typed: 2024-10-30 or 30/10/2024."""
    from chamdiem.scoring.answers import read_day

    try:
        return read_day(text)
    except ValueError:
        raise refuse("cli.not_a_day", value=text) from None


def asked(about: str, *, secret: bool = False) -> str:
    """What somebody types when asked, a secret unseen; from a pipe the next line, and nothing is asked."""
    prompt = say(about) + ": "
    if sys.stdin is not None and sys.stdin.isatty():
        if secret:
            return getpass.getpass(prompt, sys.stderr)
        sys.stderr.write(prompt)  # the answer of the command may be read by a machine
        sys.stderr.flush()
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line:
        raise refuse("cli.nothing_typed", what=say(about))
    return line.rstrip("\r\n")


@contextmanager
def person(store: "Store", login: str) -> Iterator["Actor"]:
    """Somebody who signs in for one command, and out after it."""
    from chamdiem.contest.accounts import session_of, sign_in, sign_out

    word, code = asked("cli.password", secret=True), asked("cli.code_of_telephone")
    signed_in = sign_in(store, login, word, code, now=datetime.now(UTC))
    try:
        if signed_in.must_change_password:
            raise refuse("cli.change_first", login=login)
        if signed_in.must_enrol_telephone:
            raise refuse("cli.enrol_first", login=login)
        yield session_of(store, signed_in.token, now=datetime.now(UTC))[1]
    finally:
        sign_out(store, signed_in.token)


@contextmanager
def there(login: str = "", *, create: bool = False) -> Iterator[tuple["Store", "Actor"]]:
    """The store that is there (or, to `create`, a new one), and who acts: somebody who signs in, else the owner of the
    machine."""
    from chamdiem.contest.permissions import SYSTEM
    from chamdiem.store.database import open_store

    with open_store(create=create) as store, person(store, login) if login else nullcontext(SYSTEM) as actor:
        yield store, actor


def account_of(store: "Store", login: str) -> str:
    """The account of a login; refused when nobody has it."""
    from chamdiem.contest.accounts import account_id

    with store.read() as connection:
        found = account_id(connection, login)
    if found is None:
        raise refuse("cli.unknown_login", login=login)
    return found
