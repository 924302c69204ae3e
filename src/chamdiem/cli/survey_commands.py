"""The verbs of surveys: list, check, sample-size, new, codes, open, close, results, export.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from chamdiem.cli.forms import argument, day, group, option, said, show, there
from chamdiem.cli.speaking import Command
from chamdiem.cli.survey_paper_commands import add_paper_commands
from chamdiem.clock import now, today
from chamdiem.errors import refuse
from chamdiem.words import say


def add_survey_commands(app: typer.Typer) -> None:
    """Put the group of surveys beside the other verbs."""
    machine, surveys = option("--json", about="cli.json"), group("survey.cli_about")
    who = option("--as", about="cli.as_whom", metavar=say("cli.name"))
    _questionnaires(surveys, machine, who)
    _rounds(surveys, machine, who)
    _opening(surveys, machine, who)
    add_paper_commands(surveys, machine)
    _findings(surveys, machine, who)
    app.add_typer(surveys, name="survey")


def _new_file(path: Path) -> Path:
    if path.exists():
        raise refuse("cli.file_exists", name=str(path))
    return path


def _questionnaires(app: typer.Typer, machine: Any, who: Any) -> None:
    @app.command("list", cls=Command, help=say("survey.cli_list"))
    def listed(
        contest: Annotated[str, option("--contest", about="survey.cli_contest", metavar=say("cli.code"))] = "",
        programme: Annotated[str, option("--programme", about="survey.cli_programme", metavar=say("cli.code"))] = "",
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli import survey_views
        from chamdiem.office.survey_rounds import standings_for

        with there(login, create=True) as (store, actor):
            found = standings_for(store, actor, contest=contest, programme=programme)
        show(as_json, lambda: survey_views.list_record(found), lambda: survey_views.show_list(found))

    @app.command("check", cls=Command, help=say("survey.cli_check"))
    def check(
        files: Annotated[list[str], typer.Argument(help=say("survey.cli_files"), metavar=say("cli.files"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.errors import Problem, Refusal
        from chamdiem.surveys import library

        sound, problems = [], list[Problem]()
        for file in files:
            try:
                sound.append((file, library.load(file)))
            except Refusal as refusal:
                problems += refusal.problems
        if problems:
            raise Refusal(problems)
        record = [{"file": file, "id": one.id, "hash": library.content_hash(one)} for file, one in sound]
        lines = [
            say(
                "survey.sound",
                id=one.id,
                n=len(one.questions),
                classes=len(one.respondents),
                status=say(f"survey.form_{one.status}"),
            )
            for _, one in sound
        ]
        show(as_json, lambda: record, said("\n".join(lines)))

    @app.command("sample-size", cls=Command, help=say("survey.cli_sample_size"))
    def size(
        population: Annotated[int, argument("survey.cli_population", "cli.number")],
        error: Annotated[str, option("--error", about="survey.cli_error", metavar=say("survey.cli_share"))] = "5%",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.points import read_share
        from chamdiem.surveys.sampling import sample_size

        try:
            e = read_share(error)
            n = sample_size(population, e)
        except (ValueError, ZeroDivisionError):
            raise refuse("survey.bad_sample", population=population, error=error) from None
        record = {"population": population, "error": str(e), "sample": n}
        show(as_json, lambda: record, said(say("survey.sample_size", population=population, error=error, n=n)))


def _rounds(app: typer.Typer, machine: Any, who: Any) -> None:
    @app.command("new", cls=Command, help=say("survey.cli_new"))
    def new(
        campaign: Annotated[str, argument("survey.cli_campaign", "cli.code")],
        questionnaire: Annotated[
            str, option("--questionnaire", "-q", about="survey.cli_questionnaire", metavar=say("cli.code"))
        ],
        units: Annotated[list[str], option("--unit", about="survey.cli_unit", metavar=say("survey.cli_unit_n"))],
        start: Annotated[str, option("--from", about="survey.cli_from", metavar=say("cli.day"))],
        end: Annotated[str, option("--to", about="survey.cli_to", metavar=say("cli.day"))],
        contest: Annotated[str, option("--contest", about="survey.cli_contest", metavar=say("cli.code"))] = "",
        programme: Annotated[str, option("--programme", about="survey.cli_programme", metavar=say("cli.code"))] = "",
        mode: Annotated[str, option("--mode", about="survey.cli_mode", metavar="codes|link")] = "codes",
        respondents: Annotated[str, option("--class", about="survey.cli_class", metavar=say("cli.code"))] = "",
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.surveying import Plan, create_rounds

        population = dict(map(_unit, units))
        if len(population) < len(units):
            raise refuse("survey.unit_twice")
        plan = Plan(campaign, questionnaire, population, day(start), day(end), contest, programme, mode, respondents)
        with there(login) as (store, actor):
            made = create_rounds(store, actor, plan)
        show(as_json, lambda: {"rounds": made}, said(say("survey.created", n=len(made), rounds=made)))

    @app.command("codes", cls=Command, help=say("survey.cli_codes"))
    def codes(
        round_: Annotated[str, argument("survey.cli_round", "cli.code")],
        count: Annotated[int, option("--count", "-n", about="survey.cli_count", metavar=say("cli.number"))],
        out: Annotated[Path, option("--out", "-o", about="survey.cli_slips", metavar=say("cli.file"))],
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli.store_commands import for_the_owner_alone
        from chamdiem.office.survey_answering import survey_of
        from chamdiem.office.surveying import issue_codes
        from chamdiem.server.survey_papers import slips

        _new_file(out)
        with there(login) as (store, actor), for_the_owner_alone():
            survey, link = survey_of(store, round_, today=today())
            out.write_text(slips(survey, link, issue_codes(store, actor, round_, count)), encoding="utf-8")
        record = {"round": round_, "codes": count, "slips": str(out)}
        show(as_json, lambda: record, said(say("survey.codes_made", n=count, path=str(out))))


def _unit(text: str) -> tuple[str, int]:
    """A unit and how many could be asked in it: 07288=4500."""
    code, sign, number = text.partition("=")
    if not sign or not number.strip().isdecimal() or len(number) > 9:
        raise refuse("survey.bad_unit", value=text)
    return code.strip(), int(number)


def _opening(app: typer.Typer, machine: Any, who: Any) -> None:
    @app.command("poster", cls=Command, help=say("survey.cli_poster"))
    def poster(
        round_: Annotated[str, argument("survey.cli_round", "cli.code")],
        out: Annotated[Path, option("--out", "-o", about="cli.out", metavar=say("cli.file"))],
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.survey_answering import survey_of
        from chamdiem.server.survey_papers import address
        from chamdiem.server.survey_papers import poster as drawn

        _new_file(out)
        with there() as (store, _):
            survey, link = survey_of(store, round_, today=today())
        out.write_text(drawn(survey, link), encoding="utf-8")
        record = {"round": round_, "address": address(link), "poster": str(out)}
        show(as_json, lambda: record, said(f"{address(link)}\n{out}"))

    @app.command("open", cls=Command, help=say("survey.cli_open"))
    def begin(
        name: Annotated[str, argument("survey.cli_name", "cli.code")],
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.survey_rounds import named, standings_for
        from chamdiem.office.surveying import open_rounds
        from chamdiem.server.survey_papers import address

        with there(login) as (store, actor):
            with store.read() as connection:
                rounds = named(connection, name)
            open_rounds(store, actor, rounds, today=today())
            links = {one.row["id"]: one.row["link"] for one in standings_for(store, actor) if one.row["id"] in rounds}
        record = {round_: address(link) for round_, link in links.items()}
        lines = [f"{round_}  {address(link)}" for round_, link in links.items()]
        show(as_json, lambda: record, said("\n".join([say("survey.opened", n=len(links)), *lines])))

    @app.command("close", cls=Command, help=say("survey.cli_close"))
    def close(
        name: Annotated[str, argument("survey.cli_name", "cli.code")],
        discard: Annotated[bool, option("--discard", about="survey.cli_discard")] = False,
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from dataclasses import asdict

        from chamdiem.errors import Problem, Refusal, Where, message
        from chamdiem.office.survey_rounds import named
        from chamdiem.office.surveying import close_rounds

        with there(login) as (store, actor):
            with store.read() as connection:
                rounds = named(connection, name)
            try:
                found = close_rounds(store, actor, rounds, discard=discard)
            except Refusal as refusal:
                few = any(one.message.id == "survey.too_few_to_close" for one in refusal.problems)
                hint = [Problem(Where(), message("survey.cli_use_discard"))] if few else []
                raise Refusal([*refusal.problems, *hint]) from None
        lines = [
            say("survey.closed_with", id=round_, online=one.online, paper=one.paper, kept=one.kept, hash=one.hash)
            for round_, one in found.items()
        ]
        show(as_json, lambda: {round_: asdict(one) for round_, one in found.items()}, said("\n".join(lines)))


def _findings(app: typer.Typer, machine: Any, who: Any) -> None:
    @app.command("results", cls=Command, help=say("survey.cli_results"))
    def results(
        name: Annotated[str, argument("survey.cli_name", "cli.code")],
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.cli import survey_views
        from chamdiem.office.survey_results import campaign_for, results_for

        with there(login) as (store, actor):
            if "/" in name:
                found = results_for(store, actor, name)
                show(as_json, lambda: survey_views.outcome_record(found), lambda: survey_views.show_outcome(found))
            else:
                whole = campaign_for(store, actor, name)
                show(as_json, lambda: survey_views.campaign_record(whole), lambda: survey_views.show_campaign(whole))

    @app.command("export", cls=Command, help=say("survey.cli_export"))
    def export(
        round_: Annotated[str, argument("survey.cli_round", "cli.code")],
        out: Annotated[Path, option("--out", "-o", about="cli.out", metavar=say("cli.file"))],
        login: Annotated[str, who] = "",
        as_json: Annotated[bool, machine] = False,
    ) -> None:
        from chamdiem.office.survey_workbook import export_round

        if out.suffix.lower() != ".xlsx":
            raise refuse("cli.out_not_xlsx", name=str(out))
        with there(login) as (store, actor):
            found = export_round(store, actor, round_, out, made_on=now())
        record = {"round": round_, "forms": found.results.forms, "workbook": str(out)}
        show(as_json, lambda: record, said(say("survey.exported", n=found.results.forms, path=str(out))))
