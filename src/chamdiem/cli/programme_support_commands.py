"""The verbs of what is given to communes: support, sponsor; and all that is on record about one of them.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from chamdiem.cli.field_options import Options, day_or_today, done
from chamdiem.cli.forms import argument, day, option, said, show, there
from chamdiem.cli.speaking import Command
from chamdiem.clock import now, today
from chamdiem.errors import refuse
from chamdiem.words import say

# support ------------------------------------------------------------------------------------------------------------


def giving(app: typer.Typer, asked: Options) -> None:
    """What was given."""

    @app.command("add", cls=Command, help=say("field.cli_give"))
    def give(
        programme: Annotated[str, asked.programme],
        unit: Annotated[str, asked.unit],
        kind: Annotated[str, option("--kind", about="field.cli_kind", metavar="money|labour|goods")],
        amount: Annotated[str, option("--amount", about="field.cli_amount", metavar=say("cli.number"))],
        source: Annotated[str, asked.text("--source")],
        purpose: Annotated[str, asked.text("--purpose")],
        on: Annotated[str, asked.day("--on")] = "",
        name: Annotated[str, asked.text("--name")] = "",
        measure: Annotated[str, asked.text("--measure")] = "",
        worth: Annotated[str, option("--worth", about="field.cli_worth", metavar=say("cli.number"))] = "",
        member: Annotated[str, asked.member] = "",
        note: Annotated[str, asked.text("--note")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.support import Gift, record_support

        gift = Gift(
            unit=unit, kind=kind, amount=amount, source=source, purpose=purpose, given_on=day_or_today(on), name=name,
            measure=measure, worth=worth, member=member, note=note,
        )  # fmt: skip
        with there(who) as (store, actor):
            key = record_support(store, actor, programme, gift, today=today())
        done(as_json, key, "field.entered")


def correcting(app: typer.Typer, asked: Options) -> None:
    """Corrected or withdrawn, with a reason."""

    @app.command("correct", cls=Command, help=say("field.cli_correct"))
    def correct(
        key: Annotated[str, asked.key],
        reason: Annotated[str, asked.reason],
        unit: Annotated[str | None, asked.unit] = None,
        kind: Annotated[str | None, option("--kind", about="field.cli_kind", metavar="money|labour|goods")] = None,
        amount: Annotated[str | None, option("--amount", about="field.cli_amount", metavar=say("cli.number"))] = None,
        source: Annotated[str | None, asked.text("--source")] = None,
        purpose: Annotated[str | None, asked.text("--purpose")] = None,
        on: Annotated[str, asked.day("--on")] = "",
        name: Annotated[str | None, asked.text("--name")] = None,
        measure: Annotated[str | None, asked.text("--measure")] = None,
        worth: Annotated[str | None, option("--worth", about="field.cli_worth", metavar=say("cli.number"))] = None,
        note: Annotated[str | None, asked.text("--note")] = None,
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from dataclasses import replace

        from chamdiem.office.support import correct_support, gift_of

        said_anew: dict[str, Any] = {
            "unit": unit, "kind": kind, "amount": amount, "source": source, "purpose": purpose, "name": name,
            "measure": measure, "worth": worth, "note": note, "given_on": day(on) if on else None,
        }  # fmt: skip
        changed = {field: said for field, said in said_anew.items() if said is not None}
        with there(who) as (store, actor):
            gift = replace(gift_of(store, actor, key), **changed)
            correct_support(store, actor, key, gift, reason, today=today())
        done(as_json, key, "field.corrected")

    @app.command("withdraw", cls=Command, help=say("field.cli_withdraw"))
    def withdraw(
        key: Annotated[str, asked.key],
        reason: Annotated[str, asked.reason],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.support import withdraw_support

        with there(who) as (store, actor):
            withdraw_support(store, actor, key, reason)
        done(as_json, key, "field.withdrawn")


def ledger(app: typer.Typer, asked: Options) -> None:
    """The ledger with its sums, and how an entry was changed."""

    @app.command("list", cls=Command, help=say("field.cli_ledger"))
    def listed(
        programme: Annotated[str, asked.programme],
        by: Annotated[str, option("--by", about="field.cli_by", metavar="unit|source|quarter|year")] = "unit",
        start: Annotated[str, asked.day("--from", about="cli.due_from")] = "",
        end: Annotated[str, asked.day("--to", about="cli.due_to")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from datetime import date

        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.support import GROUPINGS, between, ledger_for

        if by not in GROUPINGS:
            raise refuse("field.unknown", value=by, known=list(GROUPINGS))
        span = (day(start) if start else date.min, day(end) if end else date.max)
        with there(who) as (store, actor):
            found = between(ledger_for(store, actor, programme), *span)
        show(as_json, lambda: views.ledger_record(found, by), lambda: views.show_ledger(found, by))

    @app.command("history", cls=Command, help=say("field.cli_history"))
    def history(
        key: Annotated[str, asked.key],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.support import history_of

        with there(who) as (store, actor):
            found = history_of(store, actor, key)
        show(as_json, lambda: [views.version_record(one) for one in found], lambda: views.show_history(found))


def importing(app: typer.Typer, asked: Options) -> None:
    """Many entries from workbooks, and a blank one to fill in."""

    @app.command("import", cls=Command, help=say("field.cli_support_import"))
    def enter(
        programme: Annotated[str, asked.programme],
        files: Annotated[list[Path], argument("ledger.files", "cli.files")],
        dry: Annotated[bool, option("--dry-run", "--preview", about="cli.import_preview")] = False,
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.support_importing import enter_ledger, preview_ledger

        with there(who) as (store, actor):
            lines = preview_ledger(store, actor, programme, files, today=today())
            new = 0 if dry else sum(not line.known for line in lines)
            entered = enter_ledger(store, actor, programme, lines, files) if new else 0
        done = said(say("field.imported", n=entered, known=len(lines) - entered))
        show(as_json, lambda: views.import_record(lines, entered), (lambda: views.show_preview(lines)) if dry else done)

    @app.command("template", cls=Command, help=say("field.cli_support_template"))
    def blank(
        programme: Annotated[str, asked.programme],
        out: Annotated[Path, argument("cli.out", "cli.file")],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.support_importing import blank_ledger

        if out.suffix.lower() != ".xlsx":
            raise refuse("cli.out_not_xlsx", name=str(out))
        if out.exists():
            raise refuse("cli.file_exists", name=str(out))
        with there(who) as (store, actor):
            try:
                blank_ledger(store, actor, programme, out, today=today(), now=now())
            except OSError:
                raise refuse("cli.cannot_write", name=str(out)) from None
        show(as_json, lambda: {"file": str(out)}, said(str(out)))


# sponsors -----------------------------------------------------------------------------------------------------------


def assigning(app: typer.Typer, asked: Options) -> None:
    """Assignments by decision."""

    @app.command("assign", cls=Command, help=say("field.cli_assign"))
    def give(
        programme: Annotated[str, asked.programme],
        units: Annotated[list[str], asked.unit],
        leader: Annotated[str, asked.text("--leader")],
        decision: Annotated[str, asked.text("--decision")],
        start: Annotated[str, asked.day("--from", about="field.valid_from")],
        until: Annotated[str, asked.day("--until", about="field.valid_to")] = "",
        member: Annotated[str, asked.member] = "",
        joint: Annotated[bool, option("--joint", about="field.cli_joint")] = False,
        replaces: Annotated[bool, option("--replaces", about="field.cli_replaces")] = False,
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.sponsoring import Assignment, assign

        first, last = day(start), day(until) if until else None
        wanted = [
            Assignment(
                unit=unit, leader=leader, decision=decision, start=first, until=last, member=member, joint=joint,
                replaces=replaces,
            )
            for unit in units
        ]  # fmt: skip
        with there(who) as (store, actor):
            keys = assign(store, actor, programme, wanted)
        show(as_json, lambda: {"keys": keys}, said("\n".join(say("field.entered", key=key) for key in keys)))

    @app.command("end", cls=Command, help=say("field.cli_end"))
    def end(
        key: Annotated[str, asked.key],
        decision: Annotated[str, asked.text("--decision")],
        last: Annotated[str, asked.day("--last", about="field.valid_to")],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.sponsoring import end_assignment

        with there(who) as (store, actor):
            end_assignment(store, actor, key, decision, last=day(last))
        done(as_json, key, "field.ended")


def assignments(app: typer.Typer, asked: Options) -> None:
    """Who is in charge, and the gaps."""

    @app.command("list", cls=Command, help=say("field.cli_standing"))
    def standing(
        programme: Annotated[str, asked.programme],
        on: Annotated[str, asked.day("--on", about="field.cli_as_of")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.sponsoring import standing_on

        at = day_or_today(on)
        with there(who) as (store, actor):
            found = standing_on(store, actor, programme, at)
        show(as_json, lambda: [views.held_record(one) for one in found], lambda: views.show_standing(found, at))

    @app.command("gaps", cls=Command, help=say("field.cli_gaps"))
    def empty(
        programme: Annotated[str, asked.programme],
        start: Annotated[str, asked.day("--from", about="cli.due_from")],
        end: Annotated[str, asked.day("--to", about="cli.due_to")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.sponsoring import gaps_for

        with there(who) as (store, actor):
            found = gaps_for(store, actor, programme, day(start), day_or_today(end))
        show(as_json, lambda: [views.gap_record(one) for one in found], lambda: views.show_gaps(found))


# a commune ----------------------------------------------------------------------------------------------------------


def add_commune_command(app: typer.Typer, asked: Options) -> None:
    """A commune with all that is on record of it and of what it was before."""

    @app.command("commune", cls=Command, help=say("field.cli_commune"))
    def record(
        unit: Annotated[str, argument("field.cli_unit", "cli.code")],
        on: Annotated[str, asked.day("--on", about="field.cli_as_of")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.commune_record import descent_of, results_of, works_of

        at = day_or_today(on)
        with there(who) as (store, actor):
            descent = descent_of(store, unit, on=at, today=today())
            works, results = works_of(store, actor, unit, on=at), results_of(store, actor, unit, on=at)
        show(
            as_json,
            lambda: views.commune_record(descent, works, results),
            lambda: views.show_commune(descent, works, results),
        )
