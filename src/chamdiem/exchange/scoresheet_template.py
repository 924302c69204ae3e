"""Blank score sheets as workbooks: printed on A4 they are the paper form, filled in and sent back they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, product
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.evidence_cells import STATUSES
from chamdiem.exchange.lettering import FONT, SIZE, height, pieces, wrapped
from chamdiem.exchange.scoresheet_lines import LIST_AT_MOST, PROMPT_AT_MOST, Line, lines
from chamdiem.exchange.scoresheet_style import BOLD, LOOKS, clean, list_of, put, short, signature, styled_workbook
from chamdiem.scoring.marks import STAGES, Judge, Unit
from chamdiem.words import say

# The columns in order, in widths of a digit; together they fit the width of A4 landscape at four fifths of their size.
WIDTHS = {
    "code": 8.7,
    "title": 34.0,
    "max": 7.0,
    "how": 39.0,
    "answer": 13.0,
    "item": 17.0,
    "date": 10.7,
    "page": 6.7,
    "status": 11.7,
    "verified": 13.5,
    "note": 15.0,
}
AT = {name: index for index, name in enumerate(WIDTHS, 1)}
FIXED, PROOFS = ("code", "title", "max", "how"), ("item", "date", "page", "status", "verified")
SHEET_NAME_AT_MOST = 31
CHECKS = ("field_check", "document_check", "qcdc_record")
SIGNED_BY = {
    "self": ("prepared", "head"),
    "appraisal": ("", "appraiser"),
    "judge": ("", "judge"),
    "council": ("secretary", "chair"),
}


def write_sheets(
    criteria: CriteriaSet,
    path: Path,
    *,
    units: Sequence[Unit],
    judge: Judge | None,
    stage: str,
    said: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Write a workbook with a blank score sheet for each unit, to be filled in by one judge or office at one stage.

    `said` are answers and notes by criterion that stand on it already. `stage` is self, appraisal, judge or council. Only
    the cells to be filled in can be changed. They are cells of text: what is typed is kept as typed, "8,5" and "9/10"
    alike. No text of the criteria set or of a name becomes a formula.
    """
    if stage not in STAGES:
        raise ValueError(stage)
    book = styled_workbook()
    asked = {category: list(_in_rows(lines(criteria, category))) for category in {unit.category for unit in units}}
    for unit, name in zip(units, _sheet_names(units), strict=True):
        _Writer(book.create_sheet(name), criteria, unit, judge, stage, said or {}).write(asked[unit.category])
    book.save(path)


def _in_rows(asked: Iterable[Line]) -> Iterator[Line]:
    """The lines, those too high for a row of a spreadsheet continued in rows without a code."""
    for line in asked:
        titles, hows = pieces(line.title, WIDTHS["title"]), pieces(line.how, WIDTHS["how"])
        yield replace(line, title=titles.pop(0), how=hows.pop(0))
        for at in range(max(len(titles), len(hows))):
            title, how = (found[at] if at < len(found) else "" for found in (titles, hows))
            yield Line("rest", title, how=how)


def _sheet_names(units: Sequence[Unit]) -> Iterator[str]:
    """A name for each sheet, as Excel allows it: code and name, at most 31 characters, no two alike."""
    taken: set[str] = set()
    for unit in units:
        whole = "".join(" " if sign in "[]:*?/\\" else sign for sign in clean(f"{unit.code} {unit.name}"))
        whole = " ".join(whole.split()).strip("'")[:SHEET_NAME_AT_MOST].strip() or "-"
        others = (f"{whole[: SHEET_NAME_AT_MOST - 7].strip()} ({number})" for number in count(2))
        name = whole if whole.casefold() not in taken else next(one for one in others if one.casefold() not in taken)
        taken.add(name.casefold())
        yield name


class _Writer:
    """Writes one worksheet from top to bottom."""

    def __init__(
        self,
        sheet: Worksheet,
        criteria: CriteriaSet,
        unit: Unit,
        judge: Judge | None,
        stage: str,
        said: Mapping[str, tuple[str, str]],
    ) -> None:
        self.sheet, self.criteria, self.unit, self.judge, self.stage, self.said = (
            sheet, criteria, unit, judge, stage, said,
        )  # fmt: skip
        self.row = 0
        self.statuses = list_of([say(f"sheet.status_{status}") for status in self.allowed_statuses()], strict=False)
        self.checks: dict[tuple[str, ...], DataValidation] = {}

    def write(self, asked: Sequence[Line]) -> None:
        """Everything: what stands above the table, the table, the signatures, and how it is printed."""
        self.above()
        self.next_row(WIDTHS, {name: (say(f"sheet.col_{name}"), "head") for name in WIDTHS})
        header = self.row
        for line in asked:
            self.line(line)
        self.signatures()
        self.page(header)

    def above(self) -> None:
        """The title, where the figures come from, and whom the sheet is about."""
        self.banner(say(f"sheet.title_{self.stage}"), "title", 14)
        if self.criteria.status != "official":
            self.banner(say(f"sheet.status_label_{self.criteria.status}"), "status")
        self.labelled(say("sheet.label_criteria_title"), self.criteria.title)
        self.pair("criteria", f"{self.criteria.id}@{self.criteria.version}", "stage", say(f"sheet.stage_{self.stage}"))
        self.pair("unit", self.unit.code, "unit_name", self.unit.name)
        if self.stage != "self" or self.judge:
            judge = self.judge or Judge("")
            self.pair("judge", judge.code, "judge_name", judge.name)
        self.banner(say("sheet.guide"), "guide")

    def banner(self, text: str, style: str, size: int = SIZE) -> None:
        """One text across the sheet."""
        self.next_row({"code": sum(WIDTHS.values())}, {"code": (text, style)}, size)
        self.merge("code", "note")

    def labelled(self, label: str, text: str) -> None:
        """A label, and a text that may need the rest of the row."""
        width = sum(WIDTHS.values()) - WIDTHS["code"] - WIDTHS["title"]
        self.next_row({"code": 40.0, "max": width}, {"code": (label, "label"), "max": (text, "value")})
        self.merge("code", "title")
        self.merge("max", "note")

    def pair(self, left: str, value: str, right: str, other: str) -> None:
        """Two labels with their values; a judge whom nobody knows yet is written in by hand."""
        style = "open" if left == "judge" and not value else "value"
        labels = [say(f"sheet.label_{name}") for name in (left, right)]
        texts = {
            "code": (labels[0], "label"),
            "max": (value, style),
            "answer": (labels[1], "label"),
            "date": (other, style),
        }
        self.next_row({"code": 40.0, "max": 47.0, "answer": 30.0, "date": 57.0}, texts)
        for first, last in (("code", "title"), ("max", "how"), ("answer", "item"), ("date", "note")):
            self.merge(first, last)

    def next_row(self, widths: Mapping[str, float], texts: Mapping[str, tuple[object, str]], size: int = SIZE) -> None:
        """One more row with these texts and looks, as high as the one that needs most lines."""
        self.row += 1
        most = 1
        for name, (text, style) in texts.items():
            cell = self.sheet.cell(self.row, AT[name])
            assert isinstance(cell, Cell)
            put(cell, text, style)
            if isinstance(text, str) and text:
                most = max(most, len(wrapped(text, widths[name], bold=style in BOLD)))
        self.sheet.row_dimensions[self.row].height = height(most, size)

    def merge(self, first: str, last: str) -> None:
        """Let the cell of this row under `first` reach to `last`."""
        for column in range(AT[first] + 1, AT[last] + 1):
            self.sheet.cell(self.row, column).style = self.sheet.cell(self.row, AT[first]).style
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=AT[first], end_column=AT[last])

    def line(self, line: Line) -> None:
        """One line of the table."""
        look = LOOKS.get(line.kind, "leaf")
        texts: dict[str, tuple[object, str]] = {name: ("", self.look(name, line, look)) for name in WIDTHS}
        texts["code"] = (line.code, f"{look}_middle" if look != "leaf" else "leaf_middle")
        texts["title"], texts["how"] = (line.title, look), (line.how, look)
        texts["max"] = (line.top, f"{look}_middle")
        for name, text in zip(("answer", "note"), self.said.get(line.code, ("", "")), strict=True):
            texts[name] = (text, texts[name][1])
        self.next_row(WIDTHS, texts)
        if line.kind in ("leaf", "fact"):
            self.validate(line)

    def look(self, name: str, line: Line, otherwise: str) -> str:
        """The look of a cell to be filled in; what this line or this stage has no use for stays locked."""
        of_no_use = (line.kind == "fact" and name in PROOFS) or (self.stage == "self" and name == "verified")
        if line.kind not in ("leaf", "fact") or name in FIXED or of_no_use:
            return otherwise
        return "write_middle" if name in ("answer", "date", "page") else "write"

    def validate(self, line: Line) -> None:
        """What may be typed in the answer and beside it, and what to say about it."""
        allowed, cell = line.allowed, self.address("answer")
        check = list_of(allowed.listed) if allowed.listed else DataValidation(allow_blank=True)
        if allowed.formula:
            check = DataValidation(type="custom", formula1=allowed.formula.format(cell=cell), allow_blank=True)
        check.promptTitle = check.errorTitle = short(say("sheet.col_answer"), 32)
        check.prompt, check.error = short(line.ask, PROMPT_AT_MOST), short(line.ask, 220)
        check.showInputMessage, check.showErrorMessage = True, bool(allowed.listed or allowed.formula)
        self.check(check, cell)
        if line.kind == "leaf":
            self.check(self.statuses, self.address("status"))
            if self.stage != "self" and line.verify:
                self.check(self.checks_of(line.verify), self.address("verified"))

    def address(self, name: str) -> str:
        """The cell of a column in this row."""
        return f"{get_column_letter(AT[name])}{self.row}"

    def check(self, check: DataValidation, cell: str) -> None:
        """Have a cell checked."""
        if not check.sqref:
            self.sheet.add_data_validation(check)
        check.add(cell)

    def allowed_statuses(self) -> list[str]:
        """What may be said of evidence: a unit cannot accept its own."""
        every: list[str] = [*dict.fromkeys(STATUSES.values())]
        return every[:2] if self.stage == "self" else every

    def checks_of(self, verify: tuple[str, ...]) -> DataValidation:
        """The ways to check that a criterion asks for, all together, then fewer, then alone."""
        if verify not in self.checks:
            words = [say(f"sheet.verified_{check}") for check in CHECKS if check in verify]
            picks = sorted(product((True, False), repeat=len(words)), key=lambda pick: -sum(pick))[:-1]
            listed = ["; ".join(word for word, on in zip(words, pick, strict=True) if on) for pick in picks]
            check = list_of(listed if len(",".join(listed)) <= LIST_AT_MOST - 2 else words, strict=False)
            check.promptTitle = short(say("sheet.col_verified"), 32)
            check.prompt = short(say("sheet.ask_verified", checks=words), PROMPT_AT_MOST)
            check.showInputMessage = True
            self.checks[verify] = check
        return self.checks[verify]

    def signatures(self) -> None:
        """Place, day and names below the table, in one row, which no page break can cut."""
        self.row += 2
        left, right = (say(f"sheet.signed_{who}") if who else "" for who in SIGNED_BY[self.stage])
        name = self.judge.name if self.judge and self.stage != "self" else ""
        places = (("title", "how", "", left, ""), ("item", "note", say("sheet.sign_day"), right, name))
        for first, last, day, who, below in places:
            cell = self.sheet.cell(self.row, AT[first])
            if who:
                cell.value = signature(day, who, say("sheet.sign_here"), below)
            cell.style = "phieu_sign"
            self.merge(first, last)
        self.sheet.row_dimensions[self.row].height = height(8)

    def page(self, header: int) -> None:
        """Widths, protection, and A4 landscape with the headings on every page."""
        sheet = self.sheet
        for name, width in WIDTHS.items():
            sheet.column_dimensions[get_column_letter(AT[name])].width = width
        sheet.freeze_panes = f"{get_column_letter(AT['max'])}{header + 1}"
        sheet.sheet_view.showGridLines = False
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False  # that is: allowed
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left, sheet.page_margins.right = 0.55, 0.4
        sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.5, 0.65, 0.3
        sheet.page_setup.firstPageNumber, sheet.page_setup.useFirstPageNumber = 1, True
        sheet.print_title_rows = f"{header}:{header}"
        sheet.print_options.horizontalCentered = True
        footer = sheet.oddFooter
        assert isinstance(footer, HeaderFooterItem)
        footer.left.text, footer.center.text = self.unit.code.replace("&", "&&"), say("sheet.page_number")
        footer.left.size = footer.center.size = 9
        footer.left.font = footer.center.font = f"{FONT},Regular"


def blank_long_table(
    criteria: CriteriaSet, path: Path, *, units: Sequence[Unit], judges: Sequence[Judge], stage: str = "judge"
) -> None:
    """Write one plain table with a row for each unit, judge and criterion, to mark in one long list."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("sheet.long_table"))
    names = ("unit", "unit_name", "criterion", "title", "max", "judge", "stage", "answer", "note")
    for name, width in zip("ABCDEFGHI", (11, 24, 12, 60, 9, 12, 12, 16, 30), strict=True):
        sheet.column_dimensions[name].width = width
    sheet.freeze_panes = "A2"
    rows: list[tuple[object, ...]] = [tuple(say(f"sheet.col_{name}") for name in names)]
    asked = [line for line in lines(criteria) if line.code and line.kind in ("leaf", "fact")]
    for unit, judge, line in product(units, judges or [Judge("")], asked):
        title = line.title.partition("\n")[0]
        rows.append((unit.code, unit.name, line.code, title, line.top, judge.code, say(f"sheet.stage_{stage}"), "", ""))
    for row in rows:
        sheet.append([_cell(sheet, content) for content in row])
    book.save(path)


def _cell(sheet: Worksheet, content: object) -> Cell:
    cell = WriteOnlyCell(sheet)
    cell.number_format = "@"
    put(cell, content)
    return cell
