"""The verbs of paper forms: batch, enter, draw, recheck; what one person enters another one re-checks.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from chamdiem.cli.forms import argument, option, said, show, there
from chamdiem.cli.speaking import Command
from chamdiem.words import say

FAILED = 2


def add_paper_commands(app: typer.Typer, machine: Any) -> None:
    """Put these verbs into the group of surveys."""
    who = option("--as", about="cli.as_whom", metavar=say("cli.name"))

    @app.command("batch", cls=Command, help=say("survey.cli_batch"))
    def batch(
        round_: Annotated[str, argument("survey.cli_round", "cli.code")],
        label: Annotated[str, option("--label", about="survey.cli_label", metavar=say("cli.text"))],
        sent: Annotated[int, option("--sent", about="survey.cli_sent", metavar=say("cli.number"))],
        returned: Annotated[int, option("--returned", about="survey.cli_returned", metavar=say("cli.number"))],
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.survey_paper import begin_batch

        with there(login) as (store, actor):
            made = begin_batch(store, actor, round_, label, sent=sent, returned=returned)
        show(as_json, lambda: {"batch": made}, said(say("survey.batch_made", id=made)))

    @app.command("enter", cls=Command, help=say("survey.cli_enter"))
    def enter(
        batch: Annotated[str, argument("survey.cli_batch_id", "cli.code")],
        file: Annotated[Path, typer.Argument(help=say("survey.cli_forms"), metavar=say("cli.file"))],
        finish: Annotated[bool, option("--finish/--not-yet", about="survey.cli_finish")] = True,
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office import survey_paper
        from chamdiem.office.survey_paper_files import read_forms

        with there(login) as (store, actor):
            entered = survey_paper.enter_forms(
                store, actor, batch, read_forms(file, survey_paper.asked_in(store, batch))
            )
            valid = survey_paper.finish_batch(store, actor, batch) if finish else None
        record = {"entered": entered, "valid": valid}
        done = say("survey.entered", n=entered) if valid is None else say("survey.entered_all", n=entered, valid=valid)
        show(as_json, lambda: record, said(done))

    @app.command("draw", cls=Command, help=say("survey.cli_draw"))
    def draw(
        batch: Annotated[str, argument("survey.cli_batch_id", "cli.code")],
        login: Annotated[str, who],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.survey_paper import draw_sample

        with there(login) as (store, actor):
            drawn = draw_sample(store, actor, batch)
        show(as_json, lambda: {"drawn": drawn}, said(say("survey.drawn", n=len(drawn), numbers=drawn)))

    @app.command("recheck", cls=Command, help=say("survey.cli_recheck"))
    def recheck(
        batch: Annotated[str, argument("survey.cli_batch_id", "cli.code")],
        file: Annotated[Path, typer.Argument(help=say("survey.cli_forms"), metavar=say("cli.file"))],
        login: Annotated[str, who],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office import survey_paper
        from chamdiem.office.survey_paper_files import read_forms
        from chamdiem.office.survey_words import percent

        with there(login) as (store, actor):
            found = survey_paper.recheck(store, actor, batch, read_forms(file, survey_paper.asked_in(store, batch)))
        record = {"compared": found.compared, "differences": found.differences, "stands": found.stands}
        figures = {"compared": found.compared, "n": len(found.differences), "rate": percent(found.rate)}
        done = say("survey.recheck_stands" if found.stands else "survey.recheck_fails", **figures)
        show(as_json, lambda: record, said(done))
        if not found.stands:
            raise typer.Exit(FAILED)
