"""The verbs of contests, units and accounts, with the authority of the machine's owner.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

import getpass
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from chamdiem.cli.forms import group, option, show
from chamdiem.cli.speaking import Command
from chamdiem.errors import refuse
from chamdiem.words import say


def add_contest_commands(app: typer.Typer) -> None:
    """Put these groups beside the other verbs."""
    machine = option("--json", about="cli.json")
    contests, accounts, units = group("cli.contest_about"), group("cli.account_about"), group("cli.unit_about")
    _contests(contests, machine)
    _steps(contests, machine)
    _accounts(accounts, machine)
    _units(units, machine)
    app.add_typer(contests, name="contest")
    app.add_typer(accounts, name="account")
    app.add_typer(units, name="unit")


def _argument(about: str, metavar: str) -> Any:
    return typer.Argument(help=say(about), metavar=say(metavar))


def _day(text: str) -> date:
    from chamdiem.scoring.answers import read_day

    try:
        return read_day(text)
    except ValueError:
        raise refuse("cli.not_a_day", value=text) from None


def _said(line: str) -> Any:
    return lambda: sys.stdout.write(f"{line}\n")


def _contests(app: typer.Typer, machine: Any) -> None:
    @app.command(cls=Command, help=say("cli.contest_create_about"))
    def create(
        id: Annotated[str, _argument("cli.contest_id", "cli.code")],  # noqa: A002 - what it is called
        criteria_set: Annotated[str, option("--criteria", "-c", about="cli.criteria", metavar=say("cli.set"))],
        title: Annotated[str, option("--title", about="cli.contest_title", metavar=say("cli.text"))],
        start: Annotated[str, option("--from", about="cli.period_from", metavar=say("cli.day"))],
        end: Annotated[str, option("--to", about="cli.period_to", metavar=say("cli.day"))],
        parent: Annotated[str, option("--parent", about="cli.contest_parent", metavar=say("cli.code"))] = "",
        without: Annotated[list[str] | None, option("--without", about="cli.without", metavar=say("cli.phase"))] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.contests import Plan, create_contest
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.phases import ORDER, Phase
        from chamdiem.store.database import open_store

        if wrong := sorted(set(without or ()) - set(ORDER)):
            raise refuse("cli.unknown_phase", value=wrong, known=list(ORDER))
        left_out = tuple(Phase(name) for name in without or ())
        plan = Plan(id, title, criteria_set, _day(start), _day(end), parent, left_out)
        with open_store() as store:
            create_contest(store, SYSTEM, plan)
        show(as_json, lambda: {"contest": id}, _said(say("cli.contest_created", id=id)))

    @app.command("list", cls=Command, help=say("cli.contest_list_about"))
    def listed(as_json: Annotated[bool, machine] = False) -> None:
        from chamdiem.contest.contests import contests_for
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            found = contests_for(store, SYSTEM)
        names = ("id", "title", "phase", "period_from", "period_to")
        lines = [f"{row['id']}  {say('phase.' + row['phase'])}  {row['title']}" for row in found]
        page = "\n".join(lines) or say("cli.no_contests")
        show(as_json, lambda: [{name: row[name] for name in names} for row in found], _said(page))

    @app.command("units", cls=Command, help=say("cli.contest_units_about"))
    def units(
        id: Annotated[str, _argument("cli.contest_id", "cli.code")],  # noqa: A002
        codes: Annotated[list[str] | None, option("--unit", about="cli.unit_codes", metavar=say("cli.code"))] = None,
        under: Annotated[str, option("--under", about="cli.units_under", metavar=say("cli.code"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.contests import add_units
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.units import under_parent
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            wanted = [*(codes or ()), *(under_parent(store, id, under) if under else ())]
            if not wanted:
                raise refuse("cli.no_units_named")
            added = add_units(store, SYSTEM, id, wanted)
        show(as_json, lambda: {"added": added}, _said(say("cli.units_added", n=added)))

    @app.command("import", cls=Command, help=say("cli.contest_import_about"))
    def import_marks(
        id: Annotated[str, _argument("cli.contest_id", "cli.code")],  # noqa: A002
        files: Annotated[list[Path], option("--marks", "-m", about="cli.marks", metavar=say("cli.files"))],
        dry: Annotated[bool, option("--preview", about="cli.import_preview")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.importing import enter_import, preview_import
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            lines = preview_import(store, SYSTEM, id, files)
            counts = {kind: sum(line.kind == kind for line in lines) for kind in ("new", "changed", "same")}
            if not dry:
                enter_import(store, SYSTEM, id, lines, files)
        said = say("cli.import_previewed" if dry else "cli.imported", **counts)
        show(as_json, lambda: {"entered": not dry, **counts}, _said(said))

    @app.command("score", cls=Command, help=say("cli.contest_score_about"))
    def score(
        id: Annotated[str, _argument("cli.contest_id", "cli.code")],  # noqa: A002
        out: Annotated[Path | None, option("--out", "-o", about="cli.out", metavar=say("cli.file"))] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli import views
        from chamdiem.contest.record import score_of
        from chamdiem.exchange.results import write_results
        from chamdiem.store.database import open_store

        with open_store(create=False) as store, store.read() as connection:
            result = score_of(connection, id)
        if out is not None:
            write_results(result, out)
        show(as_json, lambda: views.ranking_record(result, out), lambda: views.show_ranking(result, out))


def _steps(app: typer.Typer, machine: Any) -> None:
    @app.command("step", cls=Command, help=say("cli.contest_step_about"))
    def step(
        id: Annotated[str, _argument("cli.contest_id", "cli.code")],  # noqa: A002
        phase: Annotated[str, _argument("cli.step_phase", "cli.phase")],
        dry: Annotated[bool, option("--preview", about="cli.step_preview")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.contests import advance, step_to
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.phases import ORDER, Phase
        from chamdiem.store.database import open_store

        if phase not in ORDER:
            raise refuse("cli.unknown_phase", value=[phase], known=list(ORDER))
        today = datetime.now(UTC).astimezone().date()
        with open_store(create=False) as store:
            with store.read() as connection:
                found = step_to(connection, id, Phase(phase), today)
            if not dry:
                advance(store, SYSTEM, id, Phase(phase), today=today)
        blockers, told = [say(one) for one in found.blockers], [say(one) for one in found.warnings]
        lines = [*(f"✗ {one}" for one in blockers), *(f"! {one}" for one in told)]
        done = say(
            "cli.step_free" if dry and not blockers else "cli.step_blocked" if blockers else "cli.stepped",
            phase=say(f"phase.{phase}"),
        )
        record = {"phase": phase, "taken": not dry, "blockers": blockers, "warnings": told}
        show(as_json, lambda: record, _said("\n".join([*lines, done])))


def _accounts(app: typer.Typer, machine: Any) -> None:
    @app.command(cls=Command, help=say("cli.account_create_about"))
    def create(
        login: Annotated[str, _argument("cli.login", "cli.name")],
        name: Annotated[str, option("--name", about="cli.person_name", metavar=say("cli.name"))],
        role: Annotated[str, option("--role", about="cli.role", metavar=say("cli.role_name"))] = "",
        contest: Annotated[str, option("--contest", about="cli.contest_id", metavar=say("cli.code"))] = "",
        unit: Annotated[str, option("--unit", about="cli.unit_codes", metavar=say("cli.code"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import create_account, give_role
        from chamdiem.contest.permissions import GRANTABLE, SYSTEM
        from chamdiem.store.database import open_store

        if role and role not in GRANTABLE:
            raise refuse("account.unknown_role", role=role, known=list(GRANTABLE))
        with open_store() as store:
            word = create_account(store, SYSTEM, login, name, now=datetime.now(UTC))
            if role:
                give_role(store, SYSTEM, login, role, contest=contest, unit=unit)
        said = say("cli.account_created", login=login, word=word)
        show(as_json, lambda: {"login": login, "first_password": word}, _said(said))

    @app.command("grant", cls=Command, help=say("cli.account_grant_about"))
    def grant(
        login: Annotated[str, _argument("cli.login", "cli.name")],
        role: Annotated[str, _argument("cli.role", "cli.role_name")],
        contest: Annotated[str, option("--contest", about="cli.contest_id", metavar=say("cli.code"))] = "",
        unit: Annotated[str, option("--unit", about="cli.unit_codes", metavar=say("cli.code"))] = "",
        take: Annotated[bool, option("--take-back", about="cli.take_back")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import give_role, take_role
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            (take_role if take else give_role)(store, SYSTEM, login, role, contest=contest, unit=unit)
        show(as_json, lambda: {"login": login, "role": role}, _said(say("cli.granted", login=login)))

    @app.command("close", cls=Command, help=say("cli.account_close_about"))
    def close(
        login: Annotated[str, _argument("cli.login", "cli.name")],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.accounts import close_account
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            close_account(store, SYSTEM, login, reason)
        show(as_json, lambda: {"closed": login}, _said(say("cli.account_closed", login=login)))

    @app.command("check", cls=Command, help=say("cli.account_check_about"))
    def check(
        login: Annotated[str, _argument("cli.login", "cli.name")], as_json: Annotated[bool, machine] = False
    ) -> None:
        from chamdiem.contest.accounts import sign_in, sign_out
        from chamdiem.store.database import open_store

        word, code = getpass.getpass(say("cli.password") + ": "), input(say("cli.code_of_telephone") + ": ")
        with open_store(create=False) as store:
            sign_out(store, sign_in(store, login, word, code, now=datetime.now(UTC)).token)
        show(as_json, lambda: {"right": True}, _said(say("cli.sign_in_right")))


def _units(app: typer.Typer, machine: Any) -> None:
    @app.command("import", cls=Command, help=say("cli.unit_import_about"))
    def import_units(
        files: Annotated[
            list[Path] | None, typer.Argument(help=say("cli.unit_files"), metavar=say("cli.files"))
        ] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.units import import_registry
        from chamdiem.store.database import open_store

        with open_store() as store:
            changed = import_registry(store, SYSTEM, files or ())
        show(as_json, lambda: {"changed": changed}, _said(say("cli.units_imported", n=changed)))

    @app.command("find", cls=Command, help=say("cli.unit_find_about"))
    def find(
        text: Annotated[str, _argument("cli.unit_text", "cli.text")],
        on: Annotated[str, option("--on", about="cli.unit_on", metavar=say("cli.day"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.units import registry_of
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            found = registry_of(store).search(text, _day(on) if on else None)
        record = [{"code": one.unit.code, "name": one.label} for one in found]
        show(
            as_json,
            lambda: record,
            _said("\n".join(f"{one['code']}  {one['name']}" for one in record) or say("cli.nothing_found")),
        )
