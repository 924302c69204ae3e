"""The verbs of contests up to their marks: create, list, units, import, score; with the authority of the machine's owner.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chamdiem.cli.account_commands import add_account_commands
from chamdiem.cli.conduct_commands import add_conduct_commands
from chamdiem.cli.decision_commands import add_decision_commands
from chamdiem.cli.forms import argument, day, group, option, said, show
from chamdiem.cli.speaking import Command
from chamdiem.cli.unit_commands import add_unit_commands
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.contest.publication import Revocation
    from chamdiem.scoring.result import Result


def add_contest_commands(app: typer.Typer) -> None:
    """Put the groups of contests, accounts and units beside the other verbs."""
    machine = option("--json", about="cli.json")
    contests, accounts, units = group("cli.contest_about"), group("cli.account_about"), group("cli.unit_about")
    _contests(contests, machine)
    _marks(contests, machine)
    add_conduct_commands(contests, machine)
    add_decision_commands(contests, machine)
    add_account_commands(accounts, machine)
    add_unit_commands(units, machine)
    app.add_typer(contests, name="contest")
    app.add_typer(accounts, name="account")
    app.add_typer(units, name="unit")


def _contests(app: typer.Typer, machine: Any) -> None:
    @app.command(cls=Command, help=say("cli.contest_create_about"))
    def create(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002 - what it is called
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
        plan = Plan(id, title, criteria_set, day(start), day(end), parent, left_out)
        with open_store() as store:
            create_contest(store, SYSTEM, plan)
        show(as_json, lambda: {"contest": id}, said(say("cli.contest_created", id=id)))

    @app.command("list", cls=Command, help=say("cli.contest_list_about"))
    def listed(as_json: Annotated[bool, machine] = False) -> None:
        from chamdiem.contest.contests import contests_for
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            found = contests_for(store, SYSTEM)
        names = ("id", "title", "phase", "period_from", "period_to")
        record = [{**{name: row[name] for name in names}, "sample": bool(row["sample"])} for row in found]
        made_up = {True: f"  [{say('cli.sample')}]", False: ""}
        lines = [
            f"{row['id']}  {say('phase.' + row['phase'])}  {row['title']}{made_up[bool(row['sample'])]}"
            for row in found
        ]
        show(as_json, lambda: record, said("\n".join(lines) or say("cli.no_contests")))

    @app.command("units", cls=Command, help=say("cli.contest_units_about"))
    def units(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
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
        show(as_json, lambda: {"added": added}, said(say("cli.units_added", n=added)))


def _marks(app: typer.Typer, machine: Any) -> None:
    @app.command("import", cls=Command, help=say("cli.contest_import_about"))
    def import_marks(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
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
        done = say("cli.import_previewed" if dry else "cli.imported", **counts)
        show(as_json, lambda: {"entered": not dry, **counts}, said(done))

    @app.command("score", cls=Command, help=say("cli.contest_score_about"))
    def score(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        out: Annotated[Path | None, option("--out", "-o", about="cli.out", metavar=say("cli.file"))] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli import views
        from chamdiem.clock import now
        from chamdiem.contest.publication import revocations
        from chamdiem.contest.record import contest_row, score_of
        from chamdiem.exchange.results import write_results
        from chamdiem.store.database import open_store

        if out is not None and out.suffix.lower() != ".xlsx":
            raise refuse("cli.out_not_xlsx", name=str(out))
        with open_store(create=False) as store, store.read() as connection:
            result, revoked = score_of(connection, id), revocations(connection, id)
            sample = bool(contest_row(connection, id)["sample"])
        if out is not None:
            write_results(result, out, made_on=now(), notice=_notice(result, revoked, sample=sample))
        show(
            as_json,
            lambda: {**views.ranking_record(result, out, revoked), "sample": sample},
            lambda: views.show_ranking(result, out, demo=sample, revoked=revoked),
        )


def _notice(result: "Result", revoked: "Mapping[str, Revocation]", *, sample: bool) -> str:
    """What must stand beside the figures on paper: that they are made up, whose recognition was revoked."""
    ended = [
        say("cli.revoked_on", unit=unit.name or unit.code, day=day(revoked[unit.code].on))
        for unit in result.marks.units
        if unit.code in revoked
    ]
    told = [say("cli.sample")] if sample else []
    return " · ".join([*told, say("cli.revoked", units=ended)] if ended else told)
