"""The verbs of programmes: list, show, check, calendar, ics, schema.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

import sys
from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chamdiem.cli.forms import day, group, option, said, show
from chamdiem.cli.programme_asking_commands import add_asking_commands
from chamdiem.cli.programme_field_commands import add_field_commands
from chamdiem.cli.programme_work_commands import add_work_commands
from chamdiem.cli.speaking import Command
from chamdiem.clock import now, today
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.programmes.due import Due
    from chamdiem.programmes.model import Programme


def add_programme_commands(app: typer.Typer) -> None:
    """Put the verbs of programmes under one word."""
    programme, machine = group("cli.programme_about"), option("--json", about="cli.json")
    _reading(programme, machine)
    _dates(programme, machine)
    add_work_commands(programme)
    add_asking_commands(programme)
    add_field_commands(programme)
    app.add_typer(programme, name="programme")


def _reading(app: typer.Typer, machine: Any) -> None:
    """List, show, check, schema."""
    one = typer.Argument(help=say("cli.programmes"), metavar=say("cli.programme"))

    @app.command("list", cls=Command, help=say("cli.programme_list_about"))
    def list_them(as_json: Annotated[bool, machine] = False) -> None:
        from chamdiem.cli import programme_views as views

        found = _loaded(None)
        show(as_json, lambda: [views.head_record(one) for one in found], lambda: views.show_list(found))

    @app.command("show", cls=Command, help=say("cli.programme_show_about"))
    def show_one(
        programme: Annotated[str, one],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli import programme_views as views

        (found,) = _loaded([programme])
        show(as_json, lambda: found.model_dump(mode="json", by_alias=True), lambda: views.show_programme(found))

    @app.command(cls=Command, help=say("cli.programme_check_about"))
    def check(programmes: Annotated[list[str] | None, one] = None, as_json: Annotated[bool, machine] = False) -> None:
        from chamdiem.cli import programme_views as views

        found = _loaded(programmes)
        lines = [say("check.programme_sound", **views.head_record(one)) for one in found]
        show(as_json, lambda: [views.head_record(one) for one in found], said("\n".join(f"✓ {line}" for line in lines)))

    @app.command(cls=Command, help=say("cli.programme_schema_about"))
    def schema(
        out: Annotated[Path | None, option("--out", "-o", about="cli.schema_out", metavar=say("cli.file"))] = None,
    ) -> None:
        from chamdiem.programmes.schema import schema_text

        if out is None:
            sys.stdout.write(schema_text())
        else:
            _write(out, schema_text().encode())


def _dates(app: typer.Typer, machine: Any) -> None:
    """Calendar and ics."""
    some = typer.Argument(help=say("cli.programmes"), metavar=say("cli.programme"))
    year = option("--year", about="cli.due_year", metavar=say("cli.number"))
    first = option("--from", about="cli.due_from", metavar=say("cli.day"))
    last = option("--to", about="cli.due_to", metavar=say("cli.day"))
    office = option("--office", about="cli.due_office", metavar=say("cli.name"))
    given = option("--day", about="cli.due_day", metavar=say("cli.key_and_day"))
    beyond = option("--beyond", about="cli.due_beyond")

    @app.command(cls=Command, help=say("cli.programme_calendar_about"))
    def calendar(
        programmes: Annotated[list[str] | None, some] = None,
        in_year: Annotated[int | None, year] = None,
        start: Annotated[str, first] = "",
        end: Annotated[str, last] = "",
        by: Annotated[str, office] = "",
        days: Annotated[list[str] | None, given] = None,
        also_beyond: Annotated[bool, beyond] = False,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli import programme_views as views

        found = _loaded(programmes)
        dues = _due(found, _span(in_year, start, end), by, days or (), also_beyond)
        show(as_json, lambda: [views.due_record(one) for one in dues], lambda: views.show_calendar(dues, found))

    @app.command(cls=Command, help=say("cli.programme_ics_about"))
    def ics(
        out: Annotated[Path, option("--out", "-o", about="cli.ics_out", metavar=say("cli.file"))],
        programmes: Annotated[list[str] | None, some] = None,
        in_year: Annotated[int | None, year] = None,
        start: Annotated[str, first] = "",
        end: Annotated[str, last] = "",
        by: Annotated[str, office] = "",
        days: Annotated[list[str] | None, given] = None,
        also_beyond: Annotated[bool, beyond] = False,
        alarm: Annotated[int | None, option("--alarm", about="cli.ics_alarm", metavar=say("cli.number"))] = None,
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.programmes.ical import icalendar

        found = _loaded(programmes)
        dues = _due(found, _span(in_year, start, end), by, days or (), also_beyond)
        _write(out, icalendar(dues, {one.id: one for one in found}, made_at=now(), alarm_days=alarm))
        without = [one.key for one in dues if one.last is None]
        record = {"file": str(out), "events": len(dues) - len(without), "not_set": without}
        line = say("cli.ics_written", path=str(out), n=len(dues) - len(without), without=len(without))
        show(as_json, lambda: record, said(line))


def _loaded(named: Sequence[str] | None) -> list["Programme"]:
    """These programmes, or all that are shipped; refused with everything that is wrong with any of them."""
    from chamdiem.errors import Problem, Refusal
    from chamdiem.programmes.library import load, shipped

    found, problems = list["Programme"](), list[Problem]()
    for one in named or [path.stem for path in shipped()]:
        try:
            found.append(load(one))
        except Refusal as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise Refusal(problems)
    return found


def _span(year: int | None, start: str, end: str) -> tuple[date, date]:
    """The days asked for: a year, or from one day to another; this year when nothing is said."""
    if year is not None and (start or end):
        raise refuse("cli.year_or_days")
    asked = today().year if year is None else year
    if not MINYEAR <= asked <= MAXYEAR:
        raise refuse("cli.not_a_day", value=str(asked))
    return day(start) if start else date(asked, 1, 1), day(end) if end else date(asked, 12, 31)


def _due(
    programmes: Sequence["Programme"], span: tuple[date, date], office: str, given: Sequence[str], beyond: bool
) -> list["Due"]:
    """What is due, the earliest first, with the days given, for one office if one is named."""
    from chamdiem.cli.programme_views import is_owed_by
    from chamdiem.programmes.due import due_dates
    from chamdiem.programmes.library import working_days

    days = _days(programmes, given)
    found = [
        (one, due)
        for one in programmes
        for due in due_dates(one, *span, given=days, working=working_days(one.days_off.calendar), beyond=beyond)
        if is_owed_by(one, due, office)
    ]
    return [due for _, due in sorted(found, key=lambda pair: pair[1].last or pair[1].period.last or date.max)]


def _days(programmes: Sequence["Programme"], given: Sequence[str]) -> dict[str, date]:
    """Days as they are typed: programme/duty/period/stage=2024-03-20."""
    pairs = [text.rpartition("=") for text in given]
    for (key, sign, _), text in zip(pairs, given, strict=True):
        if not sign:
            raise refuse("cli.key_without_day", value=text)
        if key.split("/")[0] not in {one.id for one in programmes}:
            raise refuse("programme.no_such_due", key=key)
    return {key: day(value) for key, _, value in pairs}


def _write(out: Path, content: bytes) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(content)
    except OSError:
        raise refuse("cli.cannot_write", name=str(out)) from None
