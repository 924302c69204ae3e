"""The verbs of a programme at work: begin, members, day, close, reopen, status, task, figure, report, submit, consolidate,
export, feed, mark.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chamdiem.cli.forms import argument, day, option, said, show, there
from chamdiem.cli.speaking import Command
from chamdiem.clock import now, today
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.office.programmes_begun import Member


def add_work_commands(programme: typer.Typer) -> None:
    """Put the verbs of work and reports under the word for programmes."""
    asked = _Options()
    for put in (_beginning, _standing, _recording, _writing, _submitting, _answering, _giving_out):
        put(programme, asked)


class _Options:
    """The options and arguments that many of these verbs have."""

    def __init__(self) -> None:
        self.machine = option("--json", about="cli.json")
        self.programme = argument("work.cli_programme", "cli.programme")
        self.member = argument("work.cli_member", "cli.code")
        self.key = argument("work.cli_key", "cli.code")
        self.keys = argument("work.cli_keys", "cli.code")
        self.report = argument("work.cli_report_id", "cli.code")
        self.who = option("--as", about="cli.as_whom", metavar=say("cli.name"))
        self.why = option("--why", about="work.cli_why", metavar=say("cli.text"))
        self.on = option("--on", about="work.cli_on", metavar=say("cli.day"))
        self.parts = option("--part", about="work.cli_part", metavar=say("work.cli_part_and_words"))
        self.without = option("--without", about="work.cli_without", metavar=say("cli.code"))


def _beginning(app: typer.Typer, asked: _Options) -> None:
    @app.command("begin", cls=Command, help=say("work.cli_begin"))
    def begin(
        programme: Annotated[str, asked.programme],
        source: Annotated[str, argument("work.cli_source", "cli.code")],
        title: Annotated[str, option("--title", about="work.cli_title", metavar=say("cli.text"))] = "",
        start: Annotated[str, option("--from", about="work.cli_from", metavar=say("cli.day"))] = "",
        end: Annotated[str, option("--to", about="work.cli_to", metavar=say("cli.day"))] = "",
        sample: Annotated[str, option("--sample", about="work.cli_sample", metavar=say("cli.text"))] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.programmes_begun import Beginning, begin_programme

        first, last = (day(text) if text else None for text in (start, end))
        wish = Beginning(id=programme, source=source, title=title, period_from=first, period_to=last, sample=sample)
        with there(login, create=True) as (store, actor):
            begin_programme(store, actor, wish)
        show(as_json, lambda: {"programme": programme}, said(say("work.begun", id=programme)))

    @app.command("members", cls=Command, help=say("work.cli_members"))
    def members(
        programme: Annotated[str, asked.programme],
        add: Annotated[
            list[str] | None, option("--add", about="work.cli_add", metavar=say("work.cli_member_as"))
        ] = None,
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_work_views as views
        from chamdiem.office.programmes_begun import members_for, set_members

        with there(login) as (store, actor):
            if add:
                set_members(store, actor, programme, list(map(_member, add)))
            found = members_for(store, actor, programme)
        show(as_json, lambda: found, lambda: views.show_members(found))

    @app.command("day", cls=Command, help=say("work.cli_day"))
    def set_one(
        programme: Annotated[str, asked.programme],
        key: Annotated[str, asked.key],
        when: Annotated[str, argument("work.cli_when", "cli.day")] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.programmes_begun import set_day

        with there(login) as (store, actor):
            set_day(store, actor, programme, key, day(when) if when else None)
        show(as_json, lambda: {"key": key, "day": when}, said(say("work.day_set", key=key, day=when or "–")))

    @app.command("close", cls=Command, help=say("work.cli_close"))
    def close(
        programme: Annotated[str, asked.programme],
        why: Annotated[str, option("--why", about="closing.cli_why", metavar=say("cli.text"))] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.closing import close_programme

        with there(login) as (store, actor):
            missing = [say(one) for one in close_programme(store, actor, programme, why, today=today())]
        told = [say("closing.missing"), *(f"- {one}" for one in missing)] if missing else []
        record = {"programme": programme, "missing": missing}
        show(as_json, lambda: record, said("\n".join([say("closing.closed"), *told])))

    @app.command("reopen", cls=Command, help=say("work.cli_reopen"))
    def reopen(
        programme: Annotated[str, asked.programme],
        why: Annotated[str, option("--why", about="closing.cli_why", metavar=say("cli.text"))] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.closing import reopen_programme

        with there(login) as (store, actor):
            reopen_programme(store, actor, programme, why)
        show(as_json, lambda: {"programme": programme}, said(say("closing.reopened")))


def _member(text: str) -> "Member":
    """A member as it is typed: code;office;name;above;unit."""
    from chamdiem.office.programmes_begun import Member

    parts = [part.strip() for part in text.split(";")]
    if not 3 <= len(parts) <= 5:
        raise refuse("work.bad_member", value=text)
    code, office, name, above, unit = (*parts, "", "")[:5]
    return Member(code=code, office=office, name=name, above=above, unit=unit)


def _standing(app: typer.Typer, asked: _Options) -> None:
    @app.command("status", cls=Command, help=say("work.cli_status"))
    def status(
        programme: Annotated[str, asked.programme],
        on: Annotated[str, asked.on] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_work_views as views
        from chamdiem.office.report_rows import owed_for

        when = day(on) if on else today()
        with there(login) as (store, actor):
            found = owed_for(store, actor, programme)
        show(as_json, lambda: [views.owed_record(one, when) for one in found], lambda: views.show_owed(found, when))


def _recording(app: typer.Typer, asked: _Options) -> None:
    @app.command("task", cls=Command, help=say("work.cli_task"))
    def task(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        code: Annotated[str, argument("work.cli_task_code", "cli.code")],
        state: Annotated[str, option("--state", about="work.cli_state", metavar=say("cli.code"))],
        percent: Annotated[int, option("--percent", about="work.cli_percent", metavar=say("cli.number"))] = 0,
        note: Annotated[str, option("--note", about="work.cli_note", metavar=say("cli.text"))] = "",
        done_on: Annotated[str, option("--done-on", about="work.cli_done_on", metavar=say("cli.day"))] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.tasks import Progress, report_task

        done = day(done_on) if done_on else None
        told = Progress(task=code, state=state, percent=percent, note=note, done_on=done)
        with there(login) as (store, actor):
            version = report_task(store, actor, programme, member, told, today=today())
        show(
            as_json, lambda: {"task": code, "version": version}, said(say("work.task_told", task=code, percent=percent))
        )

    @app.command("figure", cls=Command, help=say("work.cli_figure"))
    def figure(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        cell: Annotated[str, argument("work.cli_cell", "cli.code")],
        values: Annotated[list[str], argument("work.cli_values", "work.cli_name_value")],
        note: Annotated[str, option("--note", about="work.cli_note", metavar=say("cli.text"))] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.figures import enter_figures

        with there(login) as (store, actor):
            n = enter_figures(store, actor, programme, member, cell, _pairs(values), today=today(), note=note)
        show(as_json, lambda: {"changed": n}, said(say("work.figures_entered", n=n)))


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """What is typed as name=value; each name once."""
    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name.strip() in found:
            raise refuse("work.bad_pair", value=text)
        found[name.strip()] = value.strip()
    return found


def _writing(app: typer.Typer, asked: _Options) -> None:
    @app.command("report", cls=Command, help=say("work.cli_report"))
    def report(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        key: Annotated[str, asked.key],
        parts: Annotated[list[str] | None, asked.parts] = None,
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_work_views as views
        from chamdiem.office.report_workbook import paper_for
        from chamdiem.office.reporting import write_words

        with there(login) as (store, actor):
            if parts:
                write_words(store, actor, programme, member, key, _pairs(parts))
            found = paper_for(store, actor, programme, member, key)
        show(as_json, lambda: views.report_record(found), lambda: views.show_report(found))


def _submitting(app: typer.Typer, asked: _Options) -> None:
    @app.command("submit", cls=Command, help=say("work.cli_submit"))
    def submit(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        keys: Annotated[list[str], asked.keys],
        on: Annotated[str, asked.on] = "",
        why: Annotated[str, asked.why] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        _hand_in(programme, member, keys, {}, on, (), why, login, as_json)

    @app.command("consolidate", cls=Command, help=say("work.cli_consolidate"))
    def consolidate(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        key: Annotated[str, asked.key],
        parts: Annotated[list[str] | None, asked.parts] = None,
        without: Annotated[list[str] | None, asked.without] = None,
        on: Annotated[str, asked.on] = "",
        why: Annotated[str, asked.why] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        _hand_in(programme, member, [key], _pairs(parts or ()), on, without or (), why, login, as_json)


def _hand_in(
    programme: str, member: str, keys: Sequence[str], words: dict[str, str], on: str, without: Sequence[str], why: str,
    login: str, as_json: bool,
) -> None:  # fmt: skip
    from chamdiem.cli import programme_work_views as views
    from chamdiem.office.reporting import write_words
    from chamdiem.office.submitting import submit_report

    with there(login) as (store, actor):
        if words:
            write_words(store, actor, programme, member, keys[0], words)
        when = day(on) if on else today()
        done = submit_report(store, actor, programme, member, keys, on=when, today=today(), without=without, why=why)
    show(as_json, lambda: views.receipt_record(done), lambda: views.show_receipt(done))


def _answering(app: typer.Typer, asked: _Options) -> None:
    @app.command("accept", cls=Command, help=say("work.cli_accept"))
    def accept(
        report: Annotated[str, asked.report],
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.submitting import accept_report

        with there(login) as (store, actor):
            accept_report(store, actor, report)
        show(as_json, lambda: {"report": report, "status": "accepted"}, said(say("work.accepted", id=report)))

    @app.command("return", cls=Command, help=say("work.cli_return"))
    def give_back(
        report: Annotated[str, asked.report],
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))],
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.submitting import return_report

        with there(login) as (store, actor):
            return_report(store, actor, report, reason)
        show(as_json, lambda: {"report": report, "status": "returned"}, said(say("work.returned", id=report)))


def _giving_out(app: typer.Typer, asked: _Options) -> None:
    @app.command("export", cls=Command, help=say("work.cli_export"))
    def export(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        key: Annotated[str, asked.key],
        out: Annotated[Path, option("--out", "-o", about="cli.out", metavar=say("cli.file"))],
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.office.report_workbook import export_report

        if out.exists():
            raise refuse("cli.file_exists", name=str(out))
        with there(login) as (store, actor):
            found = export_report(store, actor, programme, member, key, out, made_on=now())
        record = {"file": str(out), "submitted": found.report.locked, "banner": found.banner}
        show(as_json, lambda: record, said(f"{out}\n{found.banner}"))

    @app.command("feed", cls=Command, help=say("work.cli_feed"))
    def feed(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        criteria: Annotated[str, argument("work.cli_criteria", "cli.code")],
        year: Annotated[int, option("--year", about="work.cli_year", metavar=say("cli.number"))],
        on: Annotated[str, asked.on] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_work_views as views
        from chamdiem.criteria import library
        from chamdiem.office.programme_marks import answers_for

        leaves = library.load(criteria).leaves
        with there(login) as (store, actor):
            as_of = day(on) if on else today()
            found = answers_for(store, actor, programme, member, leaves, year, as_of=as_of)
        show(as_json, lambda: views.feed_record(found), lambda: views.show_feed(found))

    @app.command("mark", cls=Command, help=say("work.cli_mark"))
    def mark(
        programme: Annotated[str, asked.programme],
        member: Annotated[str, asked.member],
        contest: Annotated[str, argument("work.cli_contest", "cli.code")],
        unit: Annotated[str, argument("work.cli_unit", "cli.code")],
        year: Annotated[int, option("--year", about="work.cli_year", metavar=say("cli.number"))],
        stage: Annotated[str, option("--stage", about="cli.sheet_stage", metavar=say("cli.stage_name"))] = "self",
        criteria: Annotated[
            list[str] | None, option("--criterion", about="work.cli_criterion", metavar=say("cli.code"))
        ] = None,
        on: Annotated[str, asked.on] = "",
        reason: Annotated[str, option("--reason", about="cli.reason", metavar=say("cli.text"))] = "",
        login: Annotated[str, asked.who] = "",
        as_json: Annotated[bool, asked.machine] = False,
    ) -> None:
        from chamdiem.cli import programme_work_views as views
        from chamdiem.office.programme_marks import enter_from_programme

        with there(login) as (store, actor):
            found = enter_from_programme(
                store, actor, contest, unit, stage, programme, member, year, as_of=day(on) if on else today(),
                criteria=criteria or (), reason=reason,
            )  # fmt: skip
        show(as_json, lambda: views.feed_record(found), lambda: views.show_marked(found))
