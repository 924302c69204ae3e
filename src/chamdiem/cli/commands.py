"""The verbs: demo, score, explain, sheet new, criteria check | show | diff | schema.

Annotations are evaluated here, not kept as text: typer reads them, and they name options made on the spot.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chamdiem.cli.contest_commands import add_contest_commands
from chamdiem.cli.forms import group, option, show
from chamdiem.cli.programme_commands import add_programme_commands
from chamdiem.cli.serve_command import HOST, PORT, add_serve_command, refuse_unless_sample
from chamdiem.cli.speaking import Command, translate_help
from chamdiem.cli.store_commands import add_store_commands
from chamdiem.cli.survey_commands import add_survey_commands
from chamdiem.errors import refuse
from chamdiem.words import say

if TYPE_CHECKING:
    from chamdiem.scoring.result import Result

RESULTS = "ket-qua"


def build_app() -> typer.Typer:
    """All commands, with their help in the language spoken now."""
    if not sys.argv[1:] or "--help" in sys.argv:
        translate_help()
    app = group("cli.about")
    _top(app)
    criteria, sheet = group("cli.criteria_about"), group("cli.sheet_about")
    _criteria(criteria)
    _sheet(sheet)
    app.add_typer(criteria, name="criteria")
    app.add_typer(sheet, name="sheet")
    add_store_commands(app)
    add_contest_commands(app)
    add_survey_commands(app)
    add_programme_commands(app)
    add_serve_command(app)
    return app


def _top(app: typer.Typer) -> None:
    """Demo, score and explain."""
    as_json = option("--json", about="cli.json")
    criteria = option("--criteria", "-c", about="cli.criteria", metavar=say("cli.set"))
    marks = option("--marks", "-m", about="cli.marks", metavar=say("cli.files"))
    stage = option("--stage", about="cli.stage", metavar=say("cli.stage_name"))
    unproven = option("--without-evidence", about="cli.without_evidence")
    still_open = option("--still-open", about="cli.still_open")

    @app.callback()
    def _language(
        lang: Annotated[str, option("--lang", about="cli.lang", metavar="vi|en")] = "vi",
        unknown: Annotated[str, typer.Option("--lang-unknown", hidden=True)] = "",
    ) -> None:
        if unknown:
            raise refuse("cli.unknown_language", value=unknown)

    @app.command(cls=Command, help=say("cli.demo_about"))
    def demo(
        out: Annotated[Path, option("--out", "-o", about="cli.demo_out", metavar=say("cli.folder"))] = Path(RESULTS),
        machine: Annotated[bool, as_json] = False,
        serves: Annotated[bool, option("--serve", about="serve.demo")] = False,
        host: Annotated[str, option("--host", about="serve.host", metavar=say("serve.address"))] = HOST,
        port: Annotated[int, option("--port", about="serve.port", metavar=say("serve.number"))] = PORT,
        opens: Annotated[bool, option("--open/--no-open", about="serve.open")] = True,
    ) -> None:
        from chamdiem.cli import views
        from chamdiem.clock import today
        from chamdiem.contest.demo import built
        from chamdiem.exchange import sample
        from chamdiem.office.demo import years
        from chamdiem.store.database import open_store

        if serves:
            refuse_unless_sample(host)
        result, files = _scored(sample.CRITERIA, [sample.folder()])
        path = out / f"{sample.CRITERIA}.xlsx"
        _write(result, path, files, notice=say("cli.sample"))
        with open_store() as store, built(store) as people:
            years.make(store, today=today())
            seen = list(years.seen(store, today=today()))
            record = {**views.ranking_record(result, path), "sample": True, "first_passwords": people}
            record["programmes"] = [vars(one) for one in seen]
            show(machine, lambda: record, lambda: views.show_ranking(result, path, demo=True))
            if not machine:
                views.show_people(people)
                views.show_years(seen)
            sys.stdout.flush()
        if serves:
            from chamdiem.server import running

            running.serve(host, port, opens=opens, demo=True)

    @app.command(cls=Command, help=say("cli.score_about"))
    def score(
        criteria_set: Annotated[str, criteria],
        files: Annotated[list[Path], marks],
        out: Annotated[Path, option("--out", "-o", about="cli.out", metavar=say("cli.file"))],
        at_stage: Annotated[str | None, stage] = None,
        without_evidence: Annotated[bool, unproven] = False,
        is_open: Annotated[bool, still_open] = False,
        pages: Annotated[bool | None, option("--pages/--no-pages", about="cli.pages")] = None,
        machine: Annotated[bool, as_json] = False,
    ) -> None:
        from chamdiem.cli import views

        if out.suffix.lower() != ".xlsx":
            raise refuse("cli.out_not_xlsx", name=str(out))
        result, read = _scored(criteria_set, files, at_stage, without_evidence=without_evidence, closed=not is_open)
        _write(result, out, read, pages)
        show(machine, lambda: views.ranking_record(result, out), lambda: views.show_ranking(result, out))

    @app.command(cls=Command, help=say("cli.explain_about"))
    def explain(
        unit: Annotated[str, typer.Argument(help=say("cli.explain_unit"), metavar=say("cli.unit"))],
        code: Annotated[str | None, typer.Argument(help=say("cli.explain_code"), metavar=say("cli.code"))] = None,
        criteria_set: Annotated[str | None, criteria] = None,
        files: Annotated[list[Path] | None, marks] = None,
        at_stage: Annotated[str | None, stage] = None,
        without_evidence: Annotated[bool, unproven] = False,
        is_open: Annotated[bool, still_open] = False,
        machine: Annotated[bool, as_json] = False,
    ) -> None:
        from chamdiem.cli import views
        from chamdiem.exchange import sample

        if (criteria_set is None) != (files is None):
            raise refuse("cli.explain_both")
        result, _ = _scored(
            criteria_set or sample.CRITERIA,
            files or [sample.folder()],
            at_stage,
            without_evidence=without_evidence,
            closed=not is_open,
        )
        found = views.find_unit(result, unit)
        branch = views.find_node(result, code) if code else None
        show(
            machine,
            lambda: views.explanation_record(result, found, branch),
            lambda: views.show_explanation(result, found, branch, demo=files is None),
        )


def _input_files(given: Sequence[Path]) -> list[Path]:
    """The files themselves; a folder stands for the workbooks and tables in it."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(
                file for file in path.iterdir() if file.suffix.lower() in (".xlsx", ".xlsm", ".csv", ".parquet")
            )
            inside = [file for file in inside if not file.name.startswith(("~$", "."))]
            if not inside:
                raise refuse("cli.folder_empty", name=str(path))
            found.extend(inside)
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _scored(
    criteria: str,
    given: Sequence[Path],
    stage: str | None = None,
    *,
    without_evidence: bool = False,
    closed: bool = True,
) -> tuple["Result", list[Path]]:
    """Read everything, score, or refuse as a whole."""
    from chamdiem.exchange.tables import Reading

    files = _input_files(given)
    with Reading(files) as reading:  # in other processes, while this one gets ready
        from chamdiem.cli.views import progress
        from chamdiem.criteria.library import load
        from chamdiem.exchange.scoresheets import read_marks
        from chamdiem.scoring.figures import Policy
        from chamdiem.scoring.marks import STAGES
        from chamdiem.scoring.plan import lay_out
        from chamdiem.scoring.result import Result

        if stage is not None and stage not in STAGES:
            raise refuse("cli.unknown_stage", value=stage, known=list(STAGES))
        rubric = load(criteria)
        plan = lay_out(rubric, closed=closed)
        with progress(say("cli.reading"), len(files)) as advance:
            entry = read_marks(rubric, plan, reading, advance)
    needs = any(rubric.need_of(leaf).required for leaf in rubric.leaves)
    if needs and entry.evidence is None and not without_evidence:
        raise refuse("cli.no_evidence")
    policy = Policy(closed=closed, evidence="ignore" if without_evidence else "apply", stage=stage)  # type: ignore[arg-type]
    return Result(plan, entry.marks(plan), policy), files


def _write(result: "Result", path: Path, files: Sequence[Path], pages: bool | None = None, notice: str = "") -> None:
    """The results workbook, with the sha256 of every file it came from."""
    import hashlib

    from chamdiem.cli.views import progress
    from chamdiem.clock import now
    from chamdiem.exchange.results import write_results

    path.parent.mkdir(parents=True, exist_ok=True)
    inputs = [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    with progress(say("cli.writing"), None) as advance:
        write_results(result, path, pages=pages, made_on=now(), inputs=inputs, notice=notice, progress=advance)


def _criteria(app: typer.Typer) -> None:
    """Check, show, diff, schema."""
    as_json = option("--json", about="cli.json")
    one = typer.Argument(help=say("cli.criteria"), metavar=say("cli.set"))

    @app.command(cls=Command, help=say("cli.check_about"))
    def check(
        files: Annotated[list[str], typer.Argument(help=say("cli.criteria_files"), metavar=say("cli.sets"))],
        machine: Annotated[bool, as_json] = False,
    ) -> None:
        from chamdiem.cli import criteria_views as views
        from chamdiem.criteria.library import load
        from chamdiem.errors import Problem, Refusal

        sound, problems = [], list[Problem]()
        for file in files:
            try:
                sound.append((file, load(file)))
            except Refusal as refusal:
                problems.extend(refusal.problems)
        if problems:
            raise Refusal(problems)
        show(machine, lambda: views.checked_record(sound), lambda: views.show_checked(sound))

    @app.command("show", cls=Command, help=say("cli.show_about"))
    def show_set(criteria_set: Annotated[str, one], machine: Annotated[bool, as_json] = False) -> None:
        from chamdiem.cli import criteria_views as views
        from chamdiem.criteria.library import load

        rubric = load(criteria_set)
        show(machine, lambda: rubric.model_dump(mode="json", by_alias=True), lambda: views.show_rubric(rubric))

    @app.command(cls=Command, help=say("cli.diff_about"))
    def diff(
        old: Annotated[str, typer.Argument(help=say("cli.old_edition"), metavar=say("cli.old"))],
        new: Annotated[str, typer.Argument(help=say("cli.new_edition"), metavar=say("cli.new"))],
        machine: Annotated[bool, as_json] = False,
    ) -> None:
        from chamdiem.cli import criteria_views as views
        from chamdiem.criteria.editions import diff as changes_between
        from chamdiem.criteria.library import load

        changes = changes_between(load(old), load(new))
        show(machine, lambda: views.changes_record(changes), lambda: views.show_changes(changes))

    @app.command(cls=Command, help=say("cli.schema_about"))
    def schema(
        out: Annotated[Path | None, option("--out", "-o", about="cli.schema_out", metavar=say("cli.file"))] = None,
    ) -> None:
        from chamdiem.criteria.schema import schema_text

        if out is None:
            sys.stdout.write(schema_text())
        else:
            try:
                out.write_text(schema_text(), encoding="utf-8", newline="\n")
            except OSError:
                raise refuse("cli.cannot_write", name=str(out)) from None


def _sheet(app: typer.Typer) -> None:
    """New score sheets."""

    @app.command("new", cls=Command, help=say("cli.sheet_new_about"))
    def new(
        criteria_set: Annotated[str, option("--criteria", "-c", about="cli.criteria", metavar=say("cli.set"))],
        units: Annotated[Path, option("--units", "-u", about="cli.units", metavar=say("cli.file"))],
        out: Annotated[Path, option("--out", "-o", about="cli.out", metavar=say("cli.file"))],
        judge: Annotated[str | None, option("--judge", about="cli.judge", metavar=say("cli.code"))] = None,
        name: Annotated[str, option("--judge-name", about="cli.judge_name", metavar=say("cli.name"))] = "",
        stage: Annotated[str, option("--stage", about="cli.sheet_stage", metavar=say("cli.stage_name"))] = "judge",
        long: Annotated[bool, option("--long", about="cli.sheet_long")] = False,
        machine: Annotated[bool, option("--json", about="cli.json")] = False,
    ) -> None:
        from chamdiem.criteria.library import load
        from chamdiem.exchange.scoresheet_template import blank_long_table, write_sheets
        from chamdiem.exchange.scoresheets import read_unit_list
        from chamdiem.scoring.marks import STAGES, Judge

        if stage not in STAGES:
            raise refuse("cli.unknown_stage", value=stage, known=list(STAGES))
        rubric = load(criteria_set)
        listed = read_unit_list(rubric, [units])
        out.parent.mkdir(parents=True, exist_ok=True)
        members = [Judge(judge, name)] if judge else []
        if long:
            blank_long_table(rubric, out, units=listed, judges=members, stage=stage)
        else:
            write_sheets(rubric, out, units=listed, judge=members[0] if members else None, stage=stage)
        written = say("cli.sheets_written", path=str(out), n=len(listed))
        show(machine, lambda: {"workbook": str(out), "units": len(listed)}, lambda: sys.stdout.write(f"{written}\n"))
