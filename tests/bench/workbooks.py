"""From judges' workbooks to a results workbook, beside LibreOffice recalculating the same as formulas."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import peers
import yaml
from contest import Contest, contest, law
from engine import POLICY, size
from python_calamine import CalamineWorkbook
from rounds import Table, installed, paired
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from chamdiem.criteria.rubric import Node
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
        right = expected(made)
        found = read_columns(ours, 4, 1, {"total": 5})
        assert found["total"].tolist() == right["total"].tolist(), "the results workbook holds other totals"
        if not soffice:
            print("LibreOffice is not installed")
            return
        found = read_columns(theirs / formulas.name, 0, 0, {"total": 1, "stars": 2, "rank": 3}, sheet="verdict")
        for name in found:
            other = found.index[found[name] != right[name]]
            assert other.empty, f"LibreOffice has another {name} for {len(other)} units, such as {other[:3].tolist()}"
    table.faster(f"workbooks to workbook, {size(shape)}", times, "LibreOffice", at_least, unit="s")


def expected(made: Contest) -> pd.DataFrame:
    """Totals in hundredths, stars and ranks by unit, as the engine finds them in a frame."""
    units = score(made.criteria, made.frame("category"), POLICY).units.set_index("unit")
    return units[["total", "stars", "rank"]].assign(total=[int(total * 100) for total in units["total"]]).sort_index()


def read_columns(path: Path, header: int, unit: int, columns: dict[str, int], sheet: str | None = None) -> pd.DataFrame:
    """Columns of figures in a workbook by unit; totals in hundredths, to the last digit that a person would see."""
    book = CalamineWorkbook.from_path(str(path))
    rows = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python()[header + 1 :]
    rows = [row for row in rows if row[unit] and all(isinstance(row[at], float) for at in columns.values())]
    figures = {name: [round(row[at] * (100 if name == "total" else 1)) for row in rows] for name, at in columns.items()}
    return pd.DataFrame(figures, index=[str(row[unit]) for row in rows]).sort_index()


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


def points_formula(leaf: Node, cell: str) -> str:
    """What a mark is worth, as a clerk writes it who checks it as the engine does: within its range, on its step; blank
    where there is no mark, #N/A where it is none."""
    rule, checks = leaf.rule, [f"{cell}<0"]
    match rule.kind:  # type: ignore[union-attr]
        case "manual":
            checks += [f"{cell}>{leaf.max}", f"MOD(ROUND({cell}*100,6),{int(rule.step * 100)})<>0"]  # type: ignore[union-attr]
            worth = cell
        case "levels":  # a level is called by its points; another figure is no level
            points = ",".join(str(level.points) for level in rule.levels)  # type: ignore[union-attr]
            checks, worth = [f"ISNA(MATCH({cell},{{{points}}},0))"], cell
        case "bands":
            edges = ",".join(f"{band.from_.number * 100}" for band in rule.bands)  # type: ignore[union-attr]
            worth = f"LOOKUP({cell},{{{edges}}},{{{','.join(str(band.points) for band in rule.bands)}}})"  # type: ignore[union-attr]
            checks += [f"{cell}>100", f"INT({cell})<>{cell}"]
        case "count":
            worth = f"MIN({cell}*{rule.each},{leaf.max})"  # type: ignore[union-attr]
            checks.append(f"INT({cell})<>{cell}")
        case _:
            worth = f"MAX({leaf.max}-{cell}*{rule.each},0)"  # type: ignore[union-attr]
            checks.append(f"INT({cell})<>{cell}")
    return f'=IF({cell}="","",IF(OR({",".join(checks)}),NA(),{worth}))'


def write_formulas(made: Contest, path: Path) -> None:
    """The same contest as a workbook: for each judge a sheet of marks and one of points; means; verdicts."""
    judges, units = made.answers.shape[1:]
    leaves = made.criteria.leaves
    names = [xl_col_to_name(column) for column in range(1, len(leaves) + 1)]
    book = Workbook(str(path), {"constant_memory": True})
    for judge in range(judges):
        marks, points = book.add_worksheet(f"m{judge}"), book.add_worksheet(f"p{judge}")
        for unit in range(units):
            marks.write_string(unit + 1, 0, f"{unit:05}")
            write_numbers(marks, unit + 1, 1, made.answers[:, judge, unit])
            for at, leaf in enumerate(leaves):
                points.write_formula(unit + 1, at + 1, points_formula(leaf, f"m{judge}!{names[at]}{unit + 2}"))
    means, verdict = book.add_worksheet("means"), book.add_worksheet("verdict")
    verdict.write_row(0, 0, ["unit", "total", "stars", "rank"])
    for unit in range(units):
        row = unit + 2
        for at, name in enumerate(names):
            marks_of_all = ",".join(f"p{judge}!{name}{row}" for judge in range(judges))
            means.write_formula(unit + 1, at + 1, f"=ROUND(AVERAGE({marks_of_all}),2)")
        verdict.write_string(unit + 1, 0, f"{unit:05}")
        verdict.write_number(unit + 1, 4, made.facts[unit])
        for column, formula in verdict_formulas(made, names, row, units + 1).items():
            verdict.write_formula(f"{column}{row}", formula)
    book.close()


def verdict_formulas(made: Contest, leaves: list[str], row: int, last: int) -> dict[str, str]:
    """The cells of one unit by column: total, stars and rank in B to D (E is the fact of the gate), then what they need:
    how many leaves are full, base, bonus, the six groups, for each star whether its line and its minima are reached, and
    what decides among equals."""
    rules = peers.rubric(made)
    groups, tops = rules.rules["grp"].to_numpy(), rules.groups["top"].tolist()
    spans = [np.flatnonzero(groups == group) for group in (*range(1, len(tops) + 1), peers.BONUS)]
    sums = [f"ROUND(SUM(means!{leaves[span[0]]}{row}:{leaves[span[-1]]}{row}),2)" for span in spans]
    of = [xl_col_to_name(8 + at) for at in range(len(tops))]  # I to N
    cells = {column: f"={added}" for column, added in zip(of, sums[:-1], strict=True)}
    inside = f"means!{leaves[0]}{row}:{leaves[spans[-2][-1]]}{row}"
    cells |= {
        "B": f"=ROUND(G{row}+H{row},2)",
        "F": f"=COUNTIF({inside},2)",
        "G": f"=ROUND(SUM({of[0]}{row}:{of[-1]}{row}),2)",
        "H": f"=MIN({sums[-1]},{rules.bonus_top / 100})",
    }
    stars = {}
    for band in rules.bands.itertuples():
        minima = (
            f"ROUND({column}{row}*100,0)>={top * band.share / 100:g}" for column, top in zip(of, tops, strict=True)
        )
        stars[xl_col_to_name(13 + band.stars)] = (
            f"=IF(AND(ROUND(B{row}*100,0)>={band.line},{','.join(minima)}),{band.stars},0)"  # O to S
        )
    cells |= stars | {"C": f"=IF(E{row}=1,MAX({min(stars)}{row}:{max(stars)}{row}),0)"}
    key = "+".join(f"ROUND({column}{row}*100,0)*{weight}" for column, weight in
                   (("B", 10**9), (of[peers.TIE - 1], 10**5), ("G", 1)))  # fmt: skip
    cells["T"] = f"={key}"
    cells["D"] = f"=RANK(T{row},T$2:T${last})"
    return cells
