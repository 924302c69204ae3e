"""The verbs of field work in a programme: difficulty and visit, and with them support, sponsor and commune.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from typing import Annotated

import typer

from chamdiem.cli.field_options import Options, day_or_today, done
from chamdiem.cli.forms import day, group, option, said, show, there
from chamdiem.cli.programme_support_commands import (
    add_commune_command,
    assigning,
    assignments,
    correcting,
    giving,
    importing,
    ledger,
)
from chamdiem.cli.speaking import Command
from chamdiem.clock import today
from chamdiem.words import say


def add_field_commands(programme: typer.Typer) -> None:
    """Put the verbs of field work under the word for programmes."""
    asked = Options()
    for name, verbs in (
        ("difficulty", (_raising, _answering, _difficulties)),
        ("visit", (_announcing, _holding, _visits)),
        ("support", (giving, correcting, importing, ledger)),
        ("sponsor", (assigning, assignments)),
    ):
        under = group(f"field.cli_{name}")
        for put in verbs:
            put(under, asked)
        programme.add_typer(under, name=name)
    add_commune_command(programme, asked)


# difficulties -------------------------------------------------------------------------------------------------------


def _raising(app: typer.Typer, asked: Options) -> None:
    @app.command("raise", cls=Command, help=say("field.cli_raise"))
    def begin(
        programme: Annotated[str, asked.programme],
        unit: Annotated[str, asked.unit],
        words: Annotated[str, asked.text("--words")],
        proposal: Annotated[str, asked.text("--proposal")],
        on: Annotated[str, asked.day("--on")] = "",
        member: Annotated[str, asked.member] = "",
        working_days: Annotated[int, asked.working_days] = 0,
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.difficulties import Raised, raise_difficulty

        wanted = Raised(
            unit=unit, words=words, proposal=proposal, on=day_or_today(on), member=member, working_days=working_days
        )
        with there(who) as (store, actor):
            key = raise_difficulty(store, actor, programme, wanted, today=today())
        done(as_json, key, "field.entered")


def _answering(app: typer.Typer, asked: Options) -> None:
    @app.command("escalate", cls=Command, help=say("field.cli_escalate"))
    def pass_on(
        key: Annotated[str, asked.key],
        why: Annotated[str, asked.text("--answer")],
        by: Annotated[str, option("--by", about="field.answered_by", metavar=say("cli.name"))],
        on: Annotated[str, asked.day("--on")] = "",
        working_days: Annotated[int, asked.working_days] = 0,
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.errors import message
        from chamdiem.office.difficulties import escalate

        with there(who) as (store, actor):
            level = escalate(
                store, actor, key, why, by=by, on=day_or_today(on), today=today(), working_days=working_days
            )
        line = say("field.escalated", key=key, level=message(f"level.{level}"))
        show(as_json, lambda: {"key": key, "level": level}, said(line))

    @app.command("answer", cls=Command, help=say("field.cli_answer"))
    def reply(
        key: Annotated[str, asked.key],
        words: Annotated[str, asked.text("--answer")],
        by: Annotated[str, option("--by", about="field.answered_by", metavar=say("cli.name"))],
        on: Annotated[str, asked.day("--on")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.difficulties import answer

        with there(who) as (store, actor):
            answer(store, actor, key, words, by=by, on=day_or_today(on), today=today())
        done(as_json, key, "field.answered")


def _difficulties(app: typer.Typer, asked: Options) -> None:
    @app.command("list", cls=Command, help=say("field.cli_difficulties"))
    def listed(
        programme: Annotated[str, asked.programme],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.difficulties import difficulties_for

        with there(who) as (store, actor):
            found = difficulties_for(store, actor, programme)
        show(as_json, lambda: [views.difficulty_record(row) for row in found], lambda: views.show_difficulties(found))

    @app.command("waiting", cls=Command, help=say("field.cli_waiting"))
    def waiting(
        programme: Annotated[str, asked.programme],
        level: Annotated[
            str, option("--level", about="field.level", metavar="commune|district|province", show_default=False)
        ] = "",
        unit: Annotated[str, asked.unit] = "",
        on: Annotated[str, asked.day("--on", about="field.cli_as_of")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.difficulties import waiting_for

        with there(who) as (store, actor):
            found = waiting_for(store, actor, programme, today=day_or_today(on), level=level, unit=unit)
        show(as_json, lambda: [views.waiting_record(one) for one in found], lambda: views.show_waiting(found))


# visits -------------------------------------------------------------------------------------------------------------


def _announcing(app: typer.Typer, asked: Options) -> None:
    @app.command("announce", cls=Command, help=say("field.cli_announce"))
    def announce(
        programme: Annotated[str, asked.programme],
        unit: Annotated[str, asked.unit],
        planned: Annotated[str, asked.day("--planned", about="field.planned_on")],
        content: Annotated[str, asked.text("--content")],
        announced: Annotated[str, asked.day("--announced", about="field.announced_on")] = "",
        member: Annotated[str, asked.member] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.visits import Announcement, announce_visit

        told = Announcement(
            unit=unit, planned_on=day(planned), content=content, announced_on=day_or_today(announced), member=member
        )
        with there(who) as (store, actor):
            key = announce_visit(store, actor, programme, told, today=today())
        done(as_json, key, "field.entered")

    @app.command("cancel", cls=Command, help=say("field.cli_cancel"))
    def cancel(
        key: Annotated[str, asked.key],
        reason: Annotated[str, asked.reason],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.visits import cancel_visit

        with there(who) as (store, actor):
            cancel_visit(store, actor, key, reason)
        done(as_json, key, "field.cancelled")


def _holding(app: typer.Typer, asked: Options) -> None:
    findings, linked = (
        asked.text("--findings"),
        option("--difficulty", about="field.difficulties", metavar=say("cli.code")),
    )

    @app.command("hold", cls=Command, help=say("field.cli_hold"))
    def hold(
        key: Annotated[str, asked.key],
        result: Annotated[str, asked.text("--result")],
        found: Annotated[str, findings] = "",
        difficulties: Annotated[list[str] | None, linked] = None,
        on: Annotated[str, asked.day("--on")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.visits import Report, hold_visit

        report = Report(held_on=day_or_today(on), result=result, findings=found, difficulties=difficulties or ())
        with there(who) as (store, actor):
            hold_visit(store, actor, key, report, today=today())
        done(as_json, key, "field.held")

    @app.command("unannounced", cls=Command, help=say("field.cli_unannounced"))
    def unannounced(
        programme: Annotated[str, asked.programme],
        unit: Annotated[str, asked.unit],
        content: Annotated[str, asked.text("--content")],
        result: Annotated[str, asked.text("--result")],
        found: Annotated[str, findings] = "",
        difficulties: Annotated[list[str] | None, linked] = None,
        on: Annotated[str, asked.day("--on")] = "",
        member: Annotated[str, asked.member] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.visits import Report, record_unannounced

        report = Report(held_on=day_or_today(on), result=result, findings=found, difficulties=difficulties or ())
        with there(who) as (store, actor):
            key = record_unannounced(store, actor, programme, unit, content, report, today=today(), member=member)
        done(as_json, key, "field.entered")


def _visits(app: typer.Typer, asked: Options) -> None:
    @app.command("list", cls=Command, help=say("field.cli_visits"))
    def listed(
        programme: Annotated[str, asked.programme],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.visits import visits_for

        with there(who) as (store, actor):
            found = visits_for(store, actor, programme)
        show(as_json, lambda: [views.visit_record(row) for row in found], lambda: views.show_visits(found))
