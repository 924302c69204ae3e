"""How a workbook for paper looks: calm formats, rows as high as their text, A4 pages with the label on each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chamdiem.exchange.lettering import FONT, LINE_POINTS, SIZE, wrapped

LONGEST_TEXT = 32_767
HIGHEST_ROW = 408.75
PIXEL = 0.75  # points
ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

EDGE = {"border": 1, "border_color": "#7F868F"}
LOOKS: dict[str, dict[str, object]] = {
    "plain": {},
    "title": {"bold": True, "font_size": 14, "align": "center"},
    "subtitle": {"bold": True, "font_size": 12, "align": "center"},
    "center": {"align": "center"},
    "wrap": {"text_wrap": True},
    "top": {"valign": "top"},
    "note": {"italic": True, "font_size": 10, "text_wrap": True, "valign": "top"},
    "banner": {"bold": True, "font_size": 12, "align": "center", "bg_color": "#FFF3D1", "border": 1, "text_wrap": True},
    "section": {"bold": True, "font_size": 12},
    "cell": EDGE,
    "number": EDGE | {"align": "right", "indent": 1},
    "head": EDGE | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#E6EBF1"},
    "small": {"font_size": 9},
    "aside": {"font_size": 9, "align": "left", "indent": 1, "text_wrap": True},
    "light": {"font_color": "#6B7280"},
    "bold": {"bold": True},
    "italic": {"italic": True},
    "sum": {"bold": True, "bg_color": "#F1F4F8"},
    "part": {"italic": True, "bg_color": "#F7F9FB"},
    "less": {"italic": True, "bg_color": "#EEEEEE"},
    "right": {"align": "right"},
    "failed": {"bold": True, "bg_color": "#EEEEEE"},
}


def legible(text: str) -> str:
    """A text as a cell may hold it: what XML forbids and what turns writing around becomes \ufffd; too long is cut."""
    text = text if text.isprintable() else ILLEGAL.sub("\ufffd", text)
    if len(text) <= LONGEST_TEXT // 2 or len(text.encode("utf-16-le")) <= 2 * LONGEST_TEXT:
        return text
    return text[: LONGEST_TEXT // 2] + "…"


def one_line(text: str) -> str:
    """A text somebody else wrote, on one line and legible."""
    return " ".join(legible(text).split())


def shortened(text: str, most: int) -> str:
    """A text cut between words to at most so many characters, with … where it was cut."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


@lru_cache(maxsize=10_000)
def lines_of(text: str, width: float, size: float = SIZE, *, bold: bool = False) -> int:
    """How many lines a wrapped text takes in a column of so many characters; rather one too many than one too few."""
    digits = width * SIZE / size
    if len(text) < digits / 1.8 and "\n" not in text:
        return 1
    return len(wrapped(text, digits, bold=bold))


@lru_cache(maxsize=1000)
def row_height(lines: int, size: float = SIZE) -> float:
    """The height in points of a row with so many lines, with a little air; a whole number of pixels."""
    return min(round((max(lines, 1) * LINE_POINTS * size / SIZE + 2) / PIXEL) * PIXEL, HIGHEST_ROW)


@dataclass(frozen=True)
class Margins:
    """Page margins in millimetres."""

    left: float = 12
    right: float = 10
    top: float = 18
    bottom: float = 15


def page_setup(sheet: Any, *, header: str, footer: str, portrait: bool = False, margins: Margins = Margins()) -> None:
    """A4 with the label of the figures above every printed page and the page number below."""
    if portrait:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_margins(*(side / 25.4 for side in (margins.left, margins.right, margins.top, margins.bottom)))
    font = f'&"{FONT},Bold"&10 '
    sheet.set_header(f"&C{font}{_in_margin(header, 200)}", {"margin": 8 / 25.4})
    sheet.set_footer(f'&L&"{FONT},Italic"&9 {_in_margin(footer, 120)}&R&"{FONT}"&10 &P/&N', {"margin": 7 / 25.4})
    sheet.center_horizontally()


def _in_margin(text: str, most: int) -> str:
    """A text for the margin of a page, where & begins a command."""
    return shortened(one_line(text), most).replace("&", "&&")[: most + 20]


def printable_pixels(portrait: bool, margins: Margins = Margins()) -> float:
    """The width between the margins of an A4 page at full size, in the pixels in which columns are measured."""
    return ((210 if portrait else 297) - margins.left - margins.right) / 25.4 * 96


def printable_points(portrait: bool, margins: Margins = Margins()) -> float:
    """The height between the margins of an A4 page at full size, in the points in which rows are measured."""
    return ((297 if portrait else 210) - margins.top - margins.bottom) / 25.4 * 72


def scale_for(widths: Sequence[float], portrait: bool) -> int:
    """The print scale in % at which columns of these widths fit the width of a page; never more than 100.

    Programs differ by some hundredths in how wide a column is: there is room for that.
    """
    return max(10, min(100, int(94 * printable_pixels(portrait) / sum(width * 7 + 5 for width in widths))))
