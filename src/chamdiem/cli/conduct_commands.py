"""The verbs by which a contest is conducted: target, approve, panel, assign, conflict, step, submit.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

import re
from contextlib import nullcontext
from typing import Annotated, Any, cast

import typer

from chamdiem.cli.forms import account_of, argument, option, person, said, show
from chamdiem.cli.speaking import Command
from chamdiem.clock import today
from chamdiem.errors import refuse
from chamdiem.words import say

BLOCKED = 2
TARGET = re.compile(r"(\d)(?:\s*[-–]\s*(\d))?")


def add_conduct_commands(app: typer.Typer, machine: Any) -> None:
    """Put these verbs into the group of contests."""
    _targets(app, machine)
    _panel(app, machine)
    _conflicts(app, machine)
    _steps(app, machine)
    _sheets(app, machine)


def _targets(app: typer.Typer, machine: Any) -> None:
    @app.command("target", cls=Command, help=say("cli.contest_target_about"))
    def target(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002 - what it is called
        unit: Annotated[str, argument("cli.unit_codes", "cli.unit")],
        stars: Annotated[str, argument("cli.target_stars", "cli.stars")],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.registration import register_target
        from chamdiem.store.database import open_store

        found = TARGET.fullmatch(stars.strip())
        if found is None:
            raise refuse("cli.bad_target", value=stars)
        low, high = int(found[1]), int(found[2] or found[1])
        with open_store(create=False) as store:
            register_target(store, SYSTEM, id, unit, (low, high))
        show(
            as_json,
            lambda: {"unit": unit, "low": low, "high": high},
            said(say("cli.target_registered", unit=unit, low=low, high=high)),
        )

    @app.command("approve", cls=Command, help=say("cli.contest_approve_about"))
    def approve(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        unit: Annotated[str, argument("cli.unit_codes", "cli.unit")],
        send_back: Annotated[bool, option("--send-back", about="cli.send_back")] = False,
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.registration import approve_target
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            approve_target(store, SYSTEM, id, unit, approved=not send_back, reason=reason)
        done = say("cli.target_sent_back" if send_back else "cli.target_approved", unit=unit)
        show(as_json, lambda: {"unit": unit, "approved": not send_back}, said(done))


def _panel(app: typer.Typer, machine: Any) -> None:
    @app.command("panel", cls=Command, help=say("cli.contest_panel_about"))
    def panel(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        login: Annotated[str, argument("cli.login", "cli.name")],
        role: Annotated[str, option("--role", about="cli.panel_role", metavar=say("cli.role_name"))] = "member",
        code: Annotated[str, option("--code", about="cli.panel_code", metavar=say("cli.code"))] = "",
        off: Annotated[bool, option("--take-off", about="cli.panel_off")] = False,
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.panel import seat, unseat
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            account = account_of(store, login)
            if off:
                unseat(store, SYSTEM, id, account, reason)
            else:
                seat(store, SYSTEM, id, account, role, code=code or login)
        done = say("cli.panel_left" if off else "cli.panel_seated", login=login, code=code or login)
        show(as_json, lambda: {"login": login, "code": code or login, "on_panel": not off}, said(done))

    @app.command("assign", cls=Command, help=say("cli.contest_assign_about"))
    def assign_to(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        login: Annotated[str, argument("cli.login", "cli.name")],
        units: Annotated[list[str] | None, option("--unit", about="cli.assign_unit", metavar=say("cli.unit"))] = None,
        criteria: Annotated[
            list[str] | None, option("--criterion", about="cli.assign_criterion", metavar=say("cli.code"))
        ] = None,
        take: Annotated[bool, option("--take-back", about="cli.assign_back")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.panel import assign, unassign
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            act = unassign if take else assign
            changed = act(store, SYSTEM, id, account_of(store, login), units or ("",), criteria or ("",))
        show(as_json, lambda: {"login": login, "changed": changed}, said(say("cli.assigned", login=login, n=changed)))


def _conflicts(app: typer.Typer, machine: Any) -> None:
    @app.command("conflict", cls=Command, help=say("cli.contest_conflict_about"))
    def conflict(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        login: Annotated[str, argument("cli.login", "cli.name")],
        unit: Annotated[str, argument("cli.unit_codes", "cli.unit")],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.panel import declare_conflict
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.store.database import open_store

        with open_store(create=False) as store:
            declare_conflict(store, SYSTEM, id, unit, reason, account=account_of(store, login))
        done = say("cli.conflict_recorded", login=login, unit=unit)
        show(as_json, lambda: {"login": login, "unit": unit}, said(done))


def _steps(app: typer.Typer, machine: Any) -> None:
    @app.command("step", cls=Command, help=say("cli.contest_step_about"))
    def step(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        phase: Annotated[str, argument("cli.step_phase", "cli.phase")],
        dry: Annotated[bool, option("--preview", about="cli.step_preview")] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.contests import Step, advance, step_to, without_of
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.phases import ORDER, Phase, may_move, step_verb
        from chamdiem.contest.record import contest_row
        from chamdiem.errors import message
        from chamdiem.store.database import open_store

        if phase not in ORDER:
            raise refuse("cli.unknown_phase", value=[phase], known=list(ORDER))
        there = Phase(phase)
        with open_store(create=False) as store:
            with store.read() as connection:
                row = contest_row(connection, id)
                here = Phase(row["phase"])
                if not may_move(here, there, without_of(row)):
                    raise refuse("contest.no_such_step", here=message(f"phase.{here}"), there=message(f"phase.{there}"))
                verb = step_verb(here, there)
                back = verb == "contest.reopen"
                found = Step(there, (), ()) if back else step_to(connection, id, there, today())
            if not dry:
                if verb != "contest.advance":
                    raise refuse("cli.ask_instead", verb=message(verb))
                advance(store, SYSTEM, id, there, today=today())
        blockers, told = [say(one) for one in found.blockers], [say(one) for one in found.warnings]
        lines = [*(f"✗ {one}" for one in blockers), *(f"! {one}" for one in told)]
        outcome = "cli.stepped" if not dry else "cli.step_blocked" if blockers else "cli.step_free"
        record = {"phase": phase, "taken": not dry, "blockers": blockers, "warnings": told}
        show(as_json, lambda: record, said("\n".join([*lines, say(outcome, phase=say(f"phase.{phase}"))])))
        if blockers:
            raise typer.Exit(BLOCKED)


def _sheets(app: typer.Typer, machine: Any) -> None:
    @app.command("submit", cls=Command, help=say("cli.contest_submit_about"))
    def submit(
        id: Annotated[str, argument("cli.contest_id", "cli.code")],  # noqa: A002
        stage: Annotated[str, option("--stage", about="cli.sheet_stage", metavar=say("cli.stage_name"))],
        login: Annotated[str, option("--as", about="cli.submit_as", metavar=say("cli.name"))] = "",
        units: Annotated[list[str] | None, option("--unit", about="cli.submit_unit", metavar=say("cli.unit"))] = None,
        reason: Annotated[str, option("--reason", about="cli.submit_reason", metavar=say("cli.text"))] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.contest.access import need
        from chamdiem.contest.handing_in import hand_in, need_whole
        from chamdiem.contest.permissions import SYSTEM
        from chamdiem.contest.record import Stage, rows
        from chamdiem.contest.sheets import open_sheet
        from chamdiem.scoring.marks import STAGES
        from chamdiem.store import tables
        from chamdiem.store.database import open_store

        if stage not in STAGES:
            raise refuse("cli.unknown_stage", value=stage, known=list(STAGES))
        if stage == "judge" and not login:
            raise refuse("cli.judge_signs_in")
        with open_store(create=False) as store, person(store, login) if login else nullcontext(SYSTEM) as actor:
            author = actor.account if stage == "judge" else ""
            with store.read() as connection:
                begun = rows(connection, tables.sheet, contest=id, stage=stage, author=author, status="draft")
                wanted = units or [row["unit"] for row in begun]
                for unit in wanted:  # all of them may be handed in, or none is
                    need(connection, actor, "sheet.submit", id, unit=unit, stage=stage, judge=author or None)
                if not wanted or not {*wanted} <= {row["unit"] for row in begun}:
                    raise refuse("judging.empty_sheet")
            for unit in wanted:
                need_whole(store, open_sheet(store, actor, id, unit, cast("Stage", stage)), reason)
            receipts = [(unit, hand_in(store, actor, id, unit, cast("Stage", stage), reason)) for unit in wanted]
        lines = [say("cli.sheet_submitted", unit=unit, seal=receipt.spelled()) for unit, receipt in receipts]
        show(as_json, lambda: [{"unit": unit, "seal": one.seal} for unit, one in receipts], said("\n".join(lines)))
