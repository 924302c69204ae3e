"""How a score sheet looks: typeface, colours, borders, what is locked; and how a cell is filled: text stays text."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.datavalidation import DataValidation

from chamdiem.exchange.lettering import FONT, SIZE

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
    fill: PatternFill | None = None,
    box: bool = True,
    locked: bool = True,
    color: str = "000000",
) -> NamedStyle:
    return NamedStyle(
        f"phieu_{name}",
        font=Font(name=FONT, size=size, bold=bold, italic=italic, color=color),
        alignment=Alignment(horizontal=across, vertical="center" if across == "center" else "top", wrap_text=True),
        border=BOX if box else Border(),
        fill=fill or PatternFill(),
        protection=Protection(locked=locked),
        number_format="@",
    )


def _styles() -> list[NamedStyle]:
    """The looks of the cells, by name; every one is for text unless a number is put in."""
    return [
        _style("title", bold=True, size=14, across="center", box=False),
        _style("status", bold=True, across="center", box=False, color="B00020"),
        _style("label", box=False),
        _style("value", bold=True, box=False),
        _style("open", bold=True, fill=WRITE, locked=False),
        _style("guide", italic=True, box=False),
        _style("head", bold=True, across="center", fill=GREY),
        _style("pool", bold=True, fill=GREY),
        _style("pool_middle", bold=True, across="center", fill=GREY),
        _style("group", bold=True, fill=PALE),
        _style("group_middle", bold=True, across="center", fill=PALE),
        _style("leaf"),
        _style("leaf_middle", across="center"),
        _style("write", fill=WRITE, locked=False),
        _style("write_middle", across="center", fill=WRITE, locked=False),
        _style("sign", across="center", box=False),
    ]


BOLD = {"title", "status", "value", "open", "head", "pool", "pool_middle", "group", "group_middle"}
LOOKS = {"pool": "pool", "total": "pool", "group": "group"}


def styled_workbook() -> Workbook:
    """A workbook without sheets, everything in one typeface, the looks known by their names."""
    book = Workbook()
    book.remove(book.worksheets[0])
    plain = Font(name=FONT, size=SIZE)
    book._fonts = IndexedList([plain])  # type: ignore[attr-defined]  # of cells without a look; widths are measured by it
    book._named_styles["Normal"].font = plain  # type: ignore[attr-defined]
    for style in _styles():
        book.add_named_style(style)
    return book


def clean(text: str) -> str:
    """A text without the characters that a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)


def put(cell: Cell, content: object, style: str = "") -> None:
    """Fill a cell: a text stays text whatever it begins with, a number is one."""
    if style:
        cell.style = f"phieu_{style}"
    if isinstance(content, str):
        cell.value = clean(content) or None
        if cell.value:
            cell.data_type = "s"
    elif content is not None:
        cell.value = content  # type: ignore[assignment]
        cell.number_format = "General"


def short(text: str, most: int) -> str:
    """A text that fits where Excel allows only so many characters."""
    text = clean(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def signature(day: str, who: str, hint: str, name: str) -> CellRichText:
    """Day, office, room for the signature, name."""
    bold = InlineFont(rFont=FONT, sz=SIZE, b=True)
    italic = InlineFont(rFont=FONT, sz=SIZE, i=True)
    parts = ((italic, f"{day}\n"), (bold, f"{who}\n"), (italic, f"{hint}\n\n\n\n\n"), (bold, clean(name) or " "))
    return CellRichText(*(TextBlock(font, text) for font, text in parts))


def list_of(words: Sequence[str], *, strict: bool = True) -> DataValidation:
    """A list to choose from; when it is not strict, something else may be typed after a question."""
    listed = f'"{",".join(words)}"'
    return DataValidation(type="list", formula1=listed, allow_blank=True, errorStyle="stop" if strict else "warning")
