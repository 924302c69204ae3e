"""The verbs of field work in a programme: difficulty, visit, support, sponsor; and all that is on record about a commune.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chamdiem.cli.forms import argument, day, group, option, person, said, show
from chamdiem.cli.speaking import Command
from chamdiem.clock import today
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.contest.permissions import Actor
    from chamdiem.store.database import Store


def add_field_commands(programme: typer.Typer) -> None:
    """Put the verbs of field work under the word for programmes."""
    asked = _Options()
    for name, verbs in (
        ("difficulty", (_raising, _answering, _difficulties)),
        ("visit", (_announcing, _holding, _visits)),
        ("support", (_giving, _correcting, _ledger)),
        ("sponsor", (_assigning, _assignments)),
    ):
        under = group(f"field.cli_{name}")
        for put in verbs:
            put(under, asked)
        programme.add_typer(under, name=name)
    _commune(programme, asked)


class _Options:
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


@contextmanager
def _there(login: str = "") -> "Iterator[tuple[Store, Actor]]":
    """The store that is there, and who acts: somebody who signs in, else the owner of the machine."""
    from chamdiem.contest.permissions import SYSTEM
    from chamdiem.store.database import open_store

    with open_store(create=False) as store, person(store, login) if login else nullcontext(SYSTEM) as actor:
        yield store, actor


def _done(as_json: bool, key: str, about: str, **values: object) -> None:
    show(as_json, lambda: {"key": key, **values}, said(say(about, key=key, **values)))


# difficulties -------------------------------------------------------------------------------------------------------


def _raising(app: typer.Typer, asked: _Options) -> None:
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
            unit=unit, words=words, proposal=proposal, on=_day(on), member=member, working_days=working_days
        )
        with _there(who) as (store, actor):
            key = raise_difficulty(store, actor, programme, wanted, today=today())
        _done(as_json, key, "field.entered")


def _answering(app: typer.Typer, asked: _Options) -> None:
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

        with _there(who) as (store, actor):
            level = escalate(store, actor, key, why, by=by, on=_day(on), today=today(), working_days=working_days)
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

        with _there(who) as (store, actor):
            answer(store, actor, key, words, by=by, on=_day(on), today=today())
        _done(as_json, key, "field.answered")


def _difficulties(app: typer.Typer, asked: _Options) -> None:
    @app.command("list", cls=Command, help=say("field.cli_difficulties"))
    def listed(
        programme: Annotated[str, asked.programme],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.difficulties import difficulties_for

        with _there(who) as (store, actor):
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

        with _there(who) as (store, actor):
            found = waiting_for(store, actor, programme, today=_day(on), level=level, unit=unit)
        show(as_json, lambda: [views.waiting_record(one) for one in found], lambda: views.show_waiting(found))


# visits -------------------------------------------------------------------------------------------------------------


def _announcing(app: typer.Typer, asked: _Options) -> None:
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
            unit=unit, planned_on=day(planned), content=content, announced_on=_day(announced), member=member
        )
        with _there(who) as (store, actor):
            key = announce_visit(store, actor, programme, told, today=today())
        _done(as_json, key, "field.entered")

    @app.command("cancel", cls=Command, help=say("field.cli_cancel"))
    def cancel(
        key: Annotated[str, asked.key],
        reason: Annotated[str, asked.reason],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.visits import cancel_visit

        with _there(who) as (store, actor):
            cancel_visit(store, actor, key, reason)
        _done(as_json, key, "field.cancelled")


def _holding(app: typer.Typer, asked: _Options) -> None:
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

        report = Report(held_on=_day(on), result=result, findings=found, difficulties=difficulties or ())
        with _there(who) as (store, actor):
            hold_visit(store, actor, key, report, today=today())
        _done(as_json, key, "field.held")

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

        report = Report(held_on=_day(on), result=result, findings=found, difficulties=difficulties or ())
        with _there(who) as (store, actor):
            key = record_unannounced(store, actor, programme, unit, content, report, today=today(), member=member)
        _done(as_json, key, "field.entered")


def _visits(app: typer.Typer, asked: _Options) -> None:
    @app.command("list", cls=Command, help=say("field.cli_visits"))
    def listed(
        programme: Annotated[str, asked.programme],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.visits import visits_for

        with _there(who) as (store, actor):
            found = visits_for(store, actor, programme)
        show(as_json, lambda: [views.visit_record(row) for row in found], lambda: views.show_visits(found))


# support ------------------------------------------------------------------------------------------------------------


def _giving(app: typer.Typer, asked: _Options) -> None:
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
            unit=unit, kind=kind, amount=amount, source=source, purpose=purpose, given_on=_day(on), name=name,
            measure=measure, worth=worth, member=member, note=note,
        )  # fmt: skip
        with _there(who) as (store, actor):
            key = record_support(store, actor, programme, gift, today=today())
        _done(as_json, key, "field.entered")


def _correcting(app: typer.Typer, asked: _Options) -> None:
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
        with _there(who) as (store, actor):
            gift = replace(gift_of(store, actor, key), **changed)
            correct_support(store, actor, key, gift, reason, today=today())
        _done(as_json, key, "field.corrected")

    @app.command("withdraw", cls=Command, help=say("field.cli_withdraw"))
    def withdraw(
        key: Annotated[str, asked.key],
        reason: Annotated[str, asked.reason],
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.support import withdraw_support

        with _there(who) as (store, actor):
            withdraw_support(store, actor, key, reason)
        _done(as_json, key, "field.withdrawn")


def _ledger(app: typer.Typer, asked: _Options) -> None:
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
        with _there(who) as (store, actor):
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

        with _there(who) as (store, actor):
            found = history_of(store, actor, key)
        show(as_json, lambda: [views.version_record(one) for one in found], lambda: views.show_history(found))


# sponsors -----------------------------------------------------------------------------------------------------------


def _assigning(app: typer.Typer, asked: _Options) -> None:
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
        with _there(who) as (store, actor):
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

        with _there(who) as (store, actor):
            end_assignment(store, actor, key, decision, last=day(last))
        _done(as_json, key, "field.ended")


def _assignments(app: typer.Typer, asked: _Options) -> None:
    @app.command("list", cls=Command, help=say("field.cli_standing"))
    def standing(
        programme: Annotated[str, asked.programme],
        on: Annotated[str, asked.day("--on", about="field.cli_as_of")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.sponsoring import standing_on

        at = _day(on)
        with _there(who) as (store, actor):
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

        with _there(who) as (store, actor):
            found = gaps_for(store, actor, programme, day(start), _day(end))
        show(as_json, lambda: [views.gap_record(one) for one in found], lambda: views.show_gaps(found))


# a commune ----------------------------------------------------------------------------------------------------------


def _commune(app: typer.Typer, asked: _Options) -> None:
    @app.command("commune", cls=Command, help=say("field.cli_commune"))
    def record(
        unit: Annotated[str, argument("field.cli_unit", "cli.code")],
        on: Annotated[str, asked.day("--on", about="field.cli_as_of")] = "",
        who: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_field_views as views
        from chamdiem.office.commune_record import descent_of, results_of, works_of

        at = _day(on)
        with _there(who) as (store, actor):
            descent = descent_of(store, unit, on=at, today=today())
            works, results = works_of(store, actor, unit, on=at), results_of(store, actor, unit, on=at)
        show(
            as_json,
            lambda: views.commune_record(descent, works, results),
            lambda: views.show_commune(descent, works, results),
        )


def _day(text: str) -> Any:
    """A day as it is typed; today when nothing is."""
    return day(text) if text else today()
