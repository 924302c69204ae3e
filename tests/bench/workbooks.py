"""From judges' workbooks to a results workbook, beside LibreOffice recalculating the same as formulas."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import peers
import yaml
from contest import Contest, contest, law
from engine import POLICY, size
from python_calamine import CalamineWorkbook
from rounds import Table, installed, paired
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from chamdiem.scoring.run import score

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>"""
"""LibreOffice recalculates every workbook it opens: xlsxwriter leaves 0 for the value of each formula."""


def workbooks(table: Table, shape: tuple[int, int, int], rounds: int, at_least: float | None) -> None:
    """One workbook for each judge in, one workbook of results out: a whole process each."""
    soffice = shutil.which("soffice")
    made = contest(*shape)
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        rules, sheets = folder / "bench.yaml", folder / "judges"
        rules.write_text(yaml.safe_dump(law(shape[1]), allow_unicode=True, sort_keys=False), encoding="utf-8")
        sheets.mkdir()
        write_judges(made, sheets)
        ours, theirs, formulas = folder / "results.xlsx", folder / "recalculated", folder / "formulas.xlsx"
        runs: dict[str, Callable[[], object]] = {"chamdiem": lambda: score_files(rules, sheets, ours)}
        if soffice:
            write_formulas(made, formulas)
            profile(folder / "profile")
            runs["LibreOffice"] = lambda: recalculate(soffice, formulas, theirs, folder / "profile")
        times = paired(runs, rounds, warm=False)
        totals = expected(made)
        assert read_totals(ours, 4, 1, 5) == totals, "the results workbook holds other totals"
        if not soffice:
            print("LibreOffice is not installed")
            return
        found = read_totals(theirs / formulas.name, 0, 0, 8, sheet="totals")
        other = [unit for unit, total in totals.items() if found[unit] != total]
        assert not other, f"LibreOffice has other totals for {len(other)} units, such as {other[:3]}"
    table.faster(f"workbooks to workbook, {size(shape)}", times, "LibreOffice", at_least, unit="s")


def expected(made: Contest) -> dict[str, int]:
    """The totals of all units in hundredths, as the engine finds them in a frame."""
    units = score(made.criteria, made.frame("category"), POLICY).units
    return {unit: int(total * 100) for unit, total in zip(units["unit"], units["total"], strict=True)}


def read_totals(path: Path, header: int, unit: int, total: int, sheet: str | None = None) -> dict[str, int]:
    """The totals in a workbook, in hundredths, to the last digit that a person would see."""
    book = CalamineWorkbook.from_path(str(path))
    rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python()[header + 1 :]
    return {
        str(row[unit]): round(float(row[total]) * 100) for row in rows if isinstance(row[total], float) and row[unit]
    }


SCORE = """
import gc
import sys
from pathlib import Path
from chamdiem.exchange.tables import Reading
rules, sheets, out = map(Path, sys.argv[1:])
with Reading(sorted(sheets.iterdir())) as reading:
    from chamdiem.criteria import library
    from chamdiem.exchange.results import write_results
    from chamdiem.exchange.scoresheets import read_marks
    from chamdiem.scoring.figures import Policy
    from chamdiem.scoring.plan import lay_out
    from chamdiem.scoring.result import Result
    plan = lay_out(library.load(rules))
    marks = read_marks(plan.criteria, plan, reading).marks(plan)
write_results(Result(plan, marks, Policy(evidence="ignore")), out, pages=False)
gc.freeze()
"""
"""What `chamdiem score` does, of a file that is no shipped set; its last line is how every command ends."""


def score_files(rules: Path, sheets: Path, out: Path) -> None:
    """Read the judges' workbooks, score, write the results: from the start of the process to the last byte."""
    subprocess.run([sys.executable, "-c", SCORE, *map(str, (rules, sheets, out))], check=True, env=installed())


def profile(folder: Path) -> None:
    """A profile of LibreOffice that recalculates always."""
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")


def recalculate(soffice: str, path: Path, folder: Path, profile: Path) -> None:
    """LibreOffice opens, recalculates and saves a workbook."""
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx"]
    subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, stdout=subprocess.DEVNULL)


def write_judges(made: Contest, folder: Path) -> None:
    """One workbook for each judge, units downwards and criteria across; and the facts, of the first judge, as text."""
    codes = [leaf.code for leaf in made.criteria.leaves]
    for judge in range(made.answers.shape[1]):
        book = Workbook(str(folder / f"gk{judge:02}.xlsx"), {"constant_memory": True})
        sheet = book.add_worksheet("Bảng điểm")
        sheet.write_row(0, 0, ["Mã giám khảo", f"gk{judge:02}"])
        sheet.write_row(2, 0, ["STT", "Mã đơn vị", *codes])
        for unit, answers in enumerate(made.answers[:, judge].T):
            sheet.write_row(unit + 3, 0, [unit + 1, f"{unit:05}"])
            write_numbers(sheet, unit + 3, 2, answers)
        book.close()
    facts = (f"{unit:05},ky_luat,gk00,{int(fact)}\n" for unit, fact in enumerate(made.facts))
    (folder / "facts.csv").write_text("unit,criterion,judge,answer\n" + "".join(facts), encoding="utf-8")


def write_numbers(sheet: object, row: int, column: int, numbers: Iterable[float]) -> None:
    """A row of numbers; NaN is an empty cell."""
    for at, number in enumerate(numbers, column):
        if not np.isnan(number):
            sheet.write_number(row, at, number)  # type: ignore[attr-defined]


def points_formula(rule: object, cell: str) -> str:
    """What a mark is worth, as a clerk writes it; blank where there is no mark."""
    match rule.kind:  # type: ignore[attr-defined]
        case "levels" | "manual":  # a level is called by its points
            worth = cell
        case "bands":
            edges = ",".join(f"{band.from_.number * 100}" for band in rule.bands)  # type: ignore[attr-defined]
            worth = f"LOOKUP({cell},{{{edges}}},{{{','.join(str(band.points) for band in rule.bands)}}})"  # type: ignore[attr-defined]
        case "count":
            worth = f"MIN({cell}*{rule.each},2)"  # type: ignore[attr-defined]
        case _:
            worth = f"MAX(2-{cell}*{rule.each},0)"  # type: ignore[attr-defined]
    return f'=IF({cell}="","",{worth})'


def write_formulas(made: Contest, path: Path) -> None:
    """The same contest as a workbook: for each judge a sheet of marks and one of points; means; totals with ranks."""
    leaves, judges, units = made.answers.shape
    names = [xl_col_to_name(column) for column in range(1, leaves + 1)]
    rules = [leaf.rule for leaf in made.criteria.leaves]
    book = Workbook(str(path), {"constant_memory": True})
    for judge in range(judges):
        marks, points = book.add_worksheet(f"m{judge}"), book.add_worksheet(f"p{judge}")
        for unit in range(units):
            marks.write_string(unit + 1, 0, f"{unit:05}")
            write_numbers(marks, unit + 1, 1, made.answers[:, judge, unit])
            for at, rule in enumerate(rules):
                points.write_formula(unit + 1, at + 1, points_formula(rule, f"m{judge}!{names[at]}{unit + 2}"))
    means, totals = book.add_worksheet("means"), book.add_worksheet("totals")
    groups = peers.rubric(made).rules["grp"].to_numpy()
    spans = [np.flatnonzero(groups == group) for group in (*range(1, groups.max() + 1), peers.BONUS)]
    totals.write_string(0, 0, "Mã đơn vị")
    for unit in range(units):
        for at, name in enumerate(names):
            marks_of_all = ",".join(f"p{judge}!{name}{unit + 2}" for judge in range(judges))
            means.write_formula(unit + 1, at + 1, f"=ROUND(AVERAGE({marks_of_all}),2)")
        totals.write_string(unit + 1, 0, f"{unit:05}")
        row = unit + 2
        for at, span in enumerate(spans, 1):
            totals.write_formula(unit + 1, at, f"=SUM(means!{names[span[0]]}{row}:{names[span[-1]]}{row})")
        last = xl_col_to_name(len(spans) - 1)
        bonus = f"MIN({xl_col_to_name(len(spans))}{row},{made.criteria.bonus.max})"  # type: ignore[union-attr]
        totals.write_formula(unit + 1, len(spans) + 1, f"=SUM(B{row}:{last}{row})+{bonus}")
        total = xl_col_to_name(len(spans) + 1)
        totals.write_formula(unit + 1, len(spans) + 2, f"=RANK({total}{row},{total}$2:{total}${units + 1})")
    book.close()
