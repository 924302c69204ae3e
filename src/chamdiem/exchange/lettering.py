"""How much room a text takes in Times New Roman: spreadsheets do not make rows high enough for what they wrap."""

from __future__ import annotations

import math
from functools import cache
from unicodedata import normalize

FONT, SIZE = "Times New Roman", 11
LINE_POINTS, ROW_POINTS_AT_MOST = 14.2, 409.0
LINES_AT_MOST = 28
SPACE = 250
# Breadths in thousandths of the size of the type; the letters not listed are as broad as most, 500.
BREADTHS = {
    260: "ijlt/\\|'.,:; ",
    340: "fr()[]-I",
    410: 's"“”J*',
    450: "aceztvy",
    570: "FPSLZ",
    680: "BCERTƯ",
    730: "ADGHKNOQUVXYwm&Đ",
    900: "MW%@—…→",
}
LETTERS = {letter: breadth for breadth, letters in BREADTHS.items() for letter in letters}


@cache
def breadth(letter: str) -> int:
    """How broad a letter is, in thousandths of its size; marks above and below take no room."""
    base = normalize("NFD", letter)[0]
    return LETTERS.get(base, 500) + (60 if letter in "ơưƠƯ" else 0)


@cache
def wrapped(text: str, digits: float, *, bold: bool = False) -> tuple[str, ...]:
    """The lines a text takes in a column so many digits wide; rather one more than one too few."""
    room = digits * 477 - 330
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in paragraph.split(" "):
            long = sum(map(breadth, word)) * (1.07 if bold else 1.01)
            if line and used + SPACE + long > room:
                lines.append(line)
                line, used = "", 0.0
            line, used = (f"{line} {word}", used + SPACE + long) if line else (word, long)
        lines += [line, *[""] * max(0, math.ceil(used / room) - 1)]
    return tuple(lines)


def height(lines: int, size: int = SIZE) -> float:
    """The height of a row with so many lines, in points."""
    return min(ROW_POINTS_AT_MOST, math.ceil(lines * LINE_POINTS * size / SIZE) + 2)


def pieces(text: str, digits: float) -> list[str]:
    """A text cut so that each piece fits a row, for no row of a spreadsheet is higher than 409 points."""
    lines = wrapped(text, digits)
    if len(lines) <= LINES_AT_MOST:
        return [text]
    return ["\n".join(lines[at : at + LINES_AT_MOST]) for at in range(0, len(lines), LINES_AT_MOST)]
