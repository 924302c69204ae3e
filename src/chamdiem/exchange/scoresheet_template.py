"""Blank score sheets as workbooks: printed on A4 they are the paper form, filled in and sent back they are read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from unicodedata import normalize

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from chamdiem.criteria.model import CriteriaSet
from chamdiem.exchange.evidence_cells import STATUSES
from chamdiem.exchange.scoresheet_lines import LIST_AT_MOST, PROMPT_AT_MOST, Line, lines
from chamdiem.scoring.marks import STAGES, Judge, Unit
from chamdiem.words import say

FONT, SIZE = "Times New Roman", 11
# The columns in order, in widths of a digit; together they fit the width of A4 landscape at about nine tenths.
WIDTHS = {
    "code": 6.7,
    "title": 30.0,
    "max": 7.3,
    "how": 37.0,
    "answer": 12.5,
    "item": 16.5,
    "date": 10.7,
    "page": 6.7,
    "status": 11.7,
    "verified": 13.5,
    "note": 15.0,
}
AT = {name: index for index, name in enumerate(WIDTHS, 1)}
LAST = len(WIDTHS)
PROOFS = ("item", "date", "page", "status", "verified")
LINE_POINTS, MOST_LINES = 14.6, 27  # a row of a spreadsheet is at most 409 points high
SHEET_NAME_AT_MOST = 31
CHECKS = ("field_check", "document_check", "qcdc_record")
SIGNED_BY = {"self": ("prepared", "head"), "appraisal": ("", "appraiser"), "judge": ("", "judge"), "council": ("secretary", "chair")}

THIN = Side(style="thin", color="808080")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
GREY, PALE, WRITE = (PatternFill("solid", start_color=color) for color in ("D9E2EC", "F1F4F7", "FFF9DB"))


def _style(
    name: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: int = SIZE,
    across: str = "left",
    down: str = "top",
    fill: PatternFill | None = None,
    box: bool = True,
    locked: bool = True,
    color: str = "000000",
) -> NamedStyle:
    return NamedStyle(
        f"phieu_{name}",
        font=Font(name=FONT, size=size, bold=bold, italic=italic, color=color),
        alignment=Alignment(horizontal=across, vertical=down, wrap_text=True),
        border=BOX if box else Border(),
        fill=fill or PatternFill(),
        protection=Protection(locked=locked),
        number_format="@",
    )


STYLES = {
    "title": {"bold": True, "size": 14, "across": "center", "down": "center", "box": False},
    "status": {"bold": True, "across": "center", "down": "center", "box": False, "color": "B00020"},
    "label": {"box": False},
    "value": {"bold": True, "box": False},
    "open": {"bold": True, "fill": WRITE, "locked": False},
    "guide": {"italic": True, "box": False},
    "head": {"bold": True, "across": "center", "down": "center", "fill": GREY},
    "text": {},
    "middle": {"across": "center"},
    "bold": {"bold": True, "fill": PALE},
    "bold_middle": {"bold": True, "across": "center", "fill": PALE},
    "pool": {"bold": True, "fill": GREY},
    "pool_middle": {"bold": True, "across": "center", "fill": GREY},
    "write": {"fill": WRITE, "locked": False},
    "write_middle": {"across": "center", "fill": WRITE, "locked": False},
    "sign": {"bold": True, "across": "center", "box": False},
    "sign_hint": {"italic": True, "across": "center", "box": False},
}


def write_sheets(
    criteria: CriteriaSet, path: Path, *, units: Sequence[Unit], judge: Judge | None, stage: str
) -> None:
    """Write a workbook with a blank score sheet for each unit, to be filled in by one judge or office at one stage.

    Only the cells to be filled in can be changed. `stage` is self, appraisal, judge or council. Text of the criteria
    set or of a name is never a formula.
    """
    if stage not in STAGES:
        raise ValueError(stage)
    book = _workbook()
    names = _sheet_names(units)
    asked = {category: list(_whole(lines(criteria, category))) for category in {unit.category for unit in units}}
    for unit, name in zip(units, names, strict=True):
        _Writer(book.create_sheet(name), criteria, unit, judge, stage).write(asked[unit.category])
    book.save(path)


def _workbook() -> Workbook:
    """An empty workbook in which everything is in one typeface."""
    book = Workbook()
    book.remove(book.worksheets[0])
    normal = next(style for style in book._named_styles if style.name == "Normal")
    normal.font = Font(name=FONT, size=SIZE)
    for name, look in STYLES.items():
        book.add_named_style(_style(name, **look))  # type: ignore[arg-type]
    return book


def _sheet_names(units: Sequence[Unit]) -> Iterator[str]:
    """A name for each sheet, as Excel allows it: code and name, at most 31 characters, no two alike."""
    taken: set[str] = set()
    for unit in units:
        whole = "".join(" " if sign in "[]:*?/\\" else sign for sign in _clean(f"{unit.code} {unit.name}"))
        name = " ".join(whole.split()).strip("'")[:SHEET_NAME_AT_MOST].strip() or "?"
        for number in count(2):
            if name.casefold() not in taken:
                break
            name = f"{name[: SHEET_NAME_AT_MOST - 6].strip()} ({number})"
        taken.add(name.casefold())
        yield name


def _clean(text: str) -> str:
    """A text without the characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def put(cell: Cell, text: object, style: str = "") -> None:
    """Fill a cell with a text, which stays text whatever it begins with, or with a number, which stays one."""
    if style:
        cell.style = f"phieu_{style}"
    if isinstance(text, str):
        cell.value = _clean(text) or None
        if text:
            cell.data_type = "s"
    else:
        cell.value = text  # type: ignore[assignment]
        cell.number_format = "General"


class _Writer:
    """Writes one worksheet from top to bottom."""

    def __init__(self, sheet: Worksheet, criteria: CriteriaSet, unit: Unit, judge: Judge | None, stage: str) -> None:
        self.sheet, self.criteria, self.unit, self.judge, self.stage = sheet, criteria, unit, judge, stage
        self.row = 0
        self.statuses = self.list_of([say(f"sheet.status_{status}") for status in self.allowed_statuses()])
        self.checks: dict[tuple[str, ...], DataValidation] = {}

    def write(self, asked: Sequence[Line]) -> None:
        """Everything: what stands above the table, the table, the signatures, and how it is printed."""
        self.above()
        self.next_row(WIDTHS, [(name, say(f"sheet.col_{name}"), "head") for name in WIDTHS])
        header = self.row
        for line in asked:
            self.line(line)
        self.signatures()
        self.page(header)

    def above(self) -> None:
        """The title, where the figures come from, and whom the sheet is about."""
        judged = self.judge or Judge("")
        self.banner(say(f"sheet.title_{self.stage}"), "title")
        if self.criteria.status != "official":
            self.banner(say(f"sheet.status_label_{self.criteria.status}"), "status")
        self.wide(say("sheet.label_criteria_title"), self.criteria.title)
        self.pair("criteria", f"{self.criteria.id}@{self.criteria.version}", "stage", say(f"sheet.stage_{self.stage}"))
        self.pair("unit", self.unit.code, "unit_name", self.unit.name)
        if self.stage != "self" or self.judge:
            self.pair("judge", judged.code, "judge_name", judged.name)
        self.banner(say("sheet.guide"), "guide")

    def banner(self, text: str, style: str) -> None:
        """One text across the sheet."""
        size = 1.3 if style == "title" else 1.0
        self.next_row({"code": sum(WIDTHS.values())}, [("code", text, style)], size)
        self.merge("code", "note")

    def wide(self, label: str, text: str) -> None:
        """A label and a text that may need the rest of the row."""
        width = sum(WIDTHS.values()) - WIDTHS["code"] - WIDTHS["title"]
        self.next_row({"code": 40, "max": width}, [("code", label, "label"), ("max", text, "value")])
        self.merge("code", "title")
        self.merge("max", "note")

    def pair(self, left: str, value: str, right: str, other: str) -> None:
        """Two labels with their values; a judge nobody knows yet is written in by hand."""
        blank = left == "judge" and not value
        style = "open" if blank else "value"
        widths = {"code": 40.0, "max": 43.0, "answer": 29.0, "date": 56.0}
        texts = [(say(f"sheet.label_{left}"), "label"), (value, style), (say(f"sheet.label_{right}"), "label"), (other, style)]
        self.next_row(widths, [(name, *text) for name, text in zip(widths, texts, strict=True)])
        for first, last in (("code", "title"), ("max", "how"), ("answer", "item"), ("date", "note")):
            self.merge(first, last)

    def next_row(self, widths: dict[str, float], cells: Sequence[tuple[str, object, str]], size: float = 1.0) -> None:
        """One more row with these texts, as high as the one that needs most lines."""
        self.row += 1
        for name, text, style in cells:
            put(self.sheet.cell(self.row, AT[name]), text, style)
        most = max((len(_wrapped(text, widths[name])) for name, text, _ in cells if isinstance(text, str)), default=1)
        self.sheet.row_dimensions[self.row].height = round(min(409.0, most * LINE_POINTS * size + 3), 1)

    def merge(self, first: str, last: str) -> None:
        """Let the cell of this row under `first` reach to `last`."""
        at = self.sheet.cell(self.row, AT[first])
        for column in range(AT[first] + 1, AT[last] + 1):
            self.sheet.cell(self.row, column).style = at.style
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=AT[first], end_column=AT[last])

    def line(self, line: Line) -> None:
        """One line of the table."""
        text, middle = {"group": ("bold", "bold_middle")}.get(line.kind, ("text", "middle"))
        if line.kind in ("pool", "total"):
            text, middle = "pool", "pool_middle"
        fixed = [("code", line.code, middle), ("title", line.title, text), ("max", line.top, middle), ("how", line.how, text)]
        answered = line.kind in ("leaf", "fact")
        rest = [(name, "", self.look(name, line, text)) for name in WIDTHS if name not in ("code", "title", "max", "how")]
        self.next_row(WIDTHS, [cell if cell[1] is not None else (cell[0], "", cell[2]) for cell in [*fixed, *rest]])
        if answered:
            self.validate(line)

    def look(self, name: str, line: Line, otherwise: str) -> str:
        """The style of a cell to be filled in; what this line or this stage has no use for stays locked."""
        fact, own_check = line.kind == "fact" and name in PROOFS, self.stage == "self" and name == "verified"
        if line.kind not in ("leaf", "fact") or fact or own_check:
            return otherwise
        return "write_middle" if name in ("answer", "date", "page") else "write"

    def validate(self, line: Line) -> None:
        """What may be typed in the answer and beside it, and what to say about it."""
        cell = f"{get_column_letter(AT['answer'])}{self.row}"
        allowed = line.allowed
        check = self.list_of(allowed.listed) if allowed.listed else DataValidation(allow_blank=True)
        if allowed.formula:
            check = DataValidation(type="custom", formula1=allowed.formula.format(cell=cell), allow_blank=True)
        check.promptTitle, check.prompt = _short(say("sheet.col_answer"), 32), _short(line.ask, PROMPT_AT_MOST)
        check.errorTitle, check.error = check.promptTitle, _short(line.ask, 220)
        check.showInputMessage = True
        check.showErrorMessage = bool(allowed.listed or allowed.formula)
        self.add(check, cell)
        if line.kind == "leaf":
            self.add(self.statuses, f"{get_column_letter(AT['status'])}{self.row}")
            if self.stage != "self" and line.verify:
                self.add(self.check_of(line.verify), f"{get_column_letter(AT['verified'])}{self.row}")

    def add(self, check: DataValidation, cell: str) -> None:
        """Have a cell checked."""
        if check not in self.sheet.data_validations.dataValidation:
            self.sheet.add_data_validation(check)
        check.add(cell)

    @staticmethod
    def list_of(words: Sequence[str], *, strict: bool = True) -> DataValidation:
        """A list to choose from; when it is not strict, something else may be typed after a question."""
        style = "stop" if strict else "warning"
        return DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, errorStyle=style)

    def allowed_statuses(self) -> list[str]:
        """What may be said of evidence: a unit cannot accept its own."""
        every = list(dict.fromkeys(STATUSES.values()))
        return every[:2] if self.stage == "self" else every

    def check_of(self, verify: tuple[str, ...]) -> DataValidation:
        """The ways to check that a criterion asks for, alone and together."""
        if verify not in self.checks:
            words = [say(f"sheet.verified_{check}") for check in CHECKS if check in verify]
            sets = [[word for at, word in enumerate(words) if pick >> at & 1] for pick in range(2 ** len(words) - 1, 0, -1)]
            listed = ["; ".join(chosen) for chosen in sets]
            fits = len(",".join(listed)) <= LIST_AT_MOST - 2
            check = self.list_of(listed if fits else words, strict=False)
            check.promptTitle = _short(say("sheet.col_verified"), 32)
            check.prompt = _short(say("sheet.ask_verified", checks=words), PROMPT_AT_MOST)
            self.checks[verify] = check
        return self.checks[verify]

    def signatures(self) -> None:
        """Place, day and names below the table."""
        self.row += 1
        left, right = (say(f"sheet.signed_{who}") if who else "" for who in SIGNED_BY[self.stage])
        hint = say("sheet.sign_here")
        name = self.judge.name if self.judge and self.stage != "self" else ""
        for texts, style in (
            (("", say("sheet.sign_day")), "sign_hint"),
            ((left, right), "sign"),
            ((hint if left else "", hint), "sign_hint"),
        ):
            self.below(texts, style)
        self.row += 4
        self.below(("", name), "sign")

    def below(self, texts: tuple[str, str], style: str) -> None:
        """One row below the table, a text at the left and one at the right."""
        self.next_row({"code": 200, "item": 200}, [("code", texts[0], style), ("item", texts[1], style)])
        self.merge("code", "max")
        self.merge("item", "note")

    def page(self, header: int) -> None:
        """Widths, protection, and A4 landscape with the headings on every page."""
        sheet = self.sheet
        for name, width in WIDTHS.items():
            sheet.column_dimensions[get_column_letter(AT[name])].width = width
        sheet.freeze_panes = sheet.cell(header + 1, AT["max"])
        sheet.sheet_view.showGridLines = False
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False  # these may be changed
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left, sheet.page_margins.right = 0.55, 0.4
        sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
        sheet.print_title_rows = f"{header}:{header}"
        sheet.print_options.horizontalCentered = True
        for part, text in ((sheet.oddFooter.left, self.unit.code), (sheet.oddFooter.center, say("sheet.page_number"))):
            part.text, part.font, part.size = text.replace("&", "&&") if part is sheet.oddFooter.left else text, f"{FONT},Regular", 9


def _short(text: str, most: int) -> str:
    """A text that fits where Excel allows only so many characters."""
    text = _clean(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def _whole(asked: Sequence[Line]) -> Iterator[Line]:
    """The lines, those too high for a row of a spreadsheet continued in rows without a code."""
    for line in asked:
        titles, hows = (_pieces(text, WIDTHS[name]) for name, text in (("title", line.title), ("how", line.how)))
        for at in range(max(len(titles), len(hows))):
            title, how = (found[at] if at < len(found) else "" for found in (titles, hows))
            if at == 0:
                yield Line(line.kind, title, line.code, line.top, how, line.depth, line.ask, line.allowed, line.verify)
            else:
                yield Line("rest", title, how=how)


def _pieces(text: str, width: float) -> list[str]:
    """A text cut so that each piece fits a row."""
    wrapped = _wrapped(text, width)
    if len(wrapped) <= MOST_LINES:
        return [text]
    return ["\n".join(wrapped[at : at + MOST_LINES]) for at in range(0, len(wrapped), MOST_LINES)]


@cache
def _wrapped(text: str, width: float) -> list[str]:
    """The lines a text takes in a column so many digits wide; a little more than it takes, rather than less."""
    room = width * 500 - 250
    wrapped: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0
        for word in paragraph.split(" "):
            long = sum(map(_breadth, word))
            if line and used + 250 + long > room:
                wrapped.append(line)
                line, used = "", 0
            line, used = f"{line} {word}" if line else word, used + long + (250 if line else 0)
            wrapped += [""] * max(0, math.ceil(used / room) - 1) if used > room else []
        wrapped.append(line)
    return wrapped


@cache
def _breadth(letter: str) -> int:
    """How broad a letter of Times New Roman is, in thousandths of its size; bold ones are as broad as the broadest."""
    base = normalize("NFD", letter)[0]
    if base in "iljtf.,;:'()|![] -":
        return 320
    if base in "mwMW%@—…“”":
        return 830
    return 720 if base.isupper() or base in "Đ" else 500
