"""The verbs of accounts: create, grant, close, keys, check with the authority of the owner; password, telephone by oneself.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from chamdiem.cli.forms import argument, asked, option, said, show
from chamdiem.cli.speaking import Command, complain
from chamdiem.errors import refuse
from chamdiem.words import say

ISSUER = "chamdiem"


def add_account_commands(app: typer.Typer, machine: Any) -> None:
    """Put these verbs into their group."""
    _by_the_owner(app, machine)
    _keys(app, machine)
    _by_oneself(app, machine)


def _by_the_owner(app: typer.Typer, machine: Any) -> None:
    contest_option = option("--contest", about="cli.contest_id", metavar=say("cli.code"))
    unit_option = option("--unit", about="cli.unit_codes", metavar=say("cli.code"))

    @app.command(cls=Command, help=say("cli.account_create_about"))
    def create(
        login: Annotated[str, argument("cli.login", "cli.name")],
        name: Annotated[str, option("--name", about="cli.person_name", metavar=say("cli.name"))],
        role: Annotated[str, option("--role", about="cli.role", metavar=say("cli.role_name"))] = "",
        contest: Annotated[str, contest_option] = "",
        unit: Annotated[str, unit_option] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import create_account
        from chamdiem.contest.permissions import SYSTEM, Grant
        from chamdiem.store.database import open_store

        if not role and (contest or unit):
            raise refuse("cli.place_without_role")
        grants = [Grant(role, contest or None, unit or None)] if role else []
        with open_store() as store:
            word = create_account(store, SYSTEM, login, name, now=datetime.now(UTC), grants=grants)
        done = say("cli.account_created", login=login, word=word)
        show(as_json, lambda: {"login": login, "first_password": word}, said(done))

    @app.command("grant", cls=Command, help=say("cli.account_grant_about"))
    def grant(
        login: Annotated[str, argument("cli.login", "cli.name")],
        role: Annotated[str, argument("cli.role", "cli.role_name")],
        contest: Annotated[str, contest_option] = "",
        unit: Annotated[str, unit_option] = "",
        take: Annotated[bool, option("--take-back", about="cli.take_back")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import give_role, take_role
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            (take_role if take else give_role)(store, SYSTEM, login, role, contest=contest, unit=unit)
        show(as_json, lambda: {"login": login, "role": role, "given": not take}, said(say("cli.granted", login=login)))

    @app.command("close", cls=Command, help=say("cli.account_close_about"))
    def close(
        login: Annotated[str, argument("cli.login", "cli.name")],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))],
        forget: Annotated[bool, option("--forget", about="cli.account_forget")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import close_account, forget_person
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            close_account(store, SYSTEM, login, reason)
            if forget:
                forget_person(store, SYSTEM, login, reason)
        done = say("cli.account_forgotten" if forget else "cli.account_closed", login=login)
        show(as_json, lambda: {"closed": login, "forgotten": forget}, said(done))


def _keys(app: typer.Typer, machine: Any) -> None:
    @app.command("keys", cls=Command, help=say("cli.account_keys_about"))
    def keys(
        login: Annotated[str, argument("cli.login", "cli.name")],
        lost_telephone: Annotated[bool, option("--lost-telephone", about="cli.lost_telephone")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import new_keys
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            word = new_keys(store, SYSTEM, login, now=datetime.now(UTC), lost_telephone=lost_telephone)
        done = say("cli.account_renewed", login=login, word=word)
        show(as_json, lambda: {"login": login, "first_password": word}, said(done))

    @app.command("check", cls=Command, help=say("cli.account_check_about"))
    def check(
        login: Annotated[str, argument("cli.login", "cli.name")], as_json: Annotated[bool, machine] = False
    ) -> None:
        from chamdiem.contest.accounts import sign_in, sign_out
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            word, code = asked("cli.password", secret=True), asked("cli.code_of_telephone")
            found = sign_in(store, login, word, code, now=datetime.now(UTC))
            sign_out(store, found.token)
        still = [
            say(f"cli.{what}_first", login=login)
            for what, needed in (("change", found.must_change_password), ("enrol", found.must_enrol_telephone))
            if needed
        ]
        show(as_json, lambda: {"right": True, "first": still}, said("\n".join([say("cli.sign_in_right"), *still])))


def _by_oneself(app: typer.Typer, machine: Any) -> None:
    @app.command("password", cls=Command, help=say("cli.account_password_about"))
    def password(
        login: Annotated[str, argument("cli.login", "cli.name")], as_json: Annotated[bool, machine] = False
    ) -> None:
        from chamdiem.contest.accounts import change_password, session_of, sign_in, sign_out
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            word, code = asked("cli.password", secret=True), asked("cli.code_of_telephone")
            signed_in = sign_in(store, login, word, code, now=datetime.now(UTC))
            try:
                _, actor = session_of(store, signed_in.token, now=datetime.now(UTC))
                wished = asked("cli.new_password", secret=True)
                if asked("cli.new_password_again", secret=True) != wished:
                    raise refuse("cli.passwords_differ")
                change_password(store, actor, word, wished, now=datetime.now(UTC))
            finally:
                sign_out(store, signed_in.token)
        show(as_json, lambda: {"changed": True}, said(say("cli.password_changed")))

    @app.command("telephone", cls=Command, help=say("cli.account_telephone_about"))
    def telephone(
        login: Annotated[str, argument("cli.login", "cli.name")], as_json: Annotated[bool, machine] = False
    ) -> None:
        from chamdiem.contest.accounts import enrol_telephone, session_of, sign_in, sign_out
        from chamdiem.contest.totp import new_secret, otpauth_uri
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            signed_in = sign_in(store, login, asked("cli.password", secret=True), now=datetime.now(UTC))
            try:
                _, actor = session_of(store, signed_in.token, now=datetime.now(UTC))
                secret = new_secret()
                complain(say("cli.telephone_secret", secret=secret, uri=otpauth_uri(secret, login, ISSUER)))
                codes = enrol_telephone(store, actor, secret, asked("cli.code_shown"), now=datetime.now(UTC))
            finally:
                sign_out(store, signed_in.token)
        page = "\n".join([say("cli.telephone_enrolled"), *(f"  {code}" for code in codes)])
        show(as_json, lambda: {"recovery_codes": list(codes)}, said(page))
