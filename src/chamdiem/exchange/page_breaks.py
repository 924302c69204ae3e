"""Where printed pages end: no heading stands last on a page, no few lines stand all alone on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chamdiem.exchange.workbook_style import printable_points

KEPT = 3  # rows of a table that go to the next page with what stands below it
LAST_TOGETHER = 8  # lines: with fewer on its last page, a unit has the whole section there


@dataclass(frozen=True)
class PrintedLine:
    """A row of a page: its height in points; whether it leads to the next, so that it must not be the last of a page;
    whether it opens a section."""

    row: int
    height: float
    leads: bool = False
    opens: bool = False


def breaks_in(lines: Sequence[PrintedLine], room: float) -> list[int]:
    """The rows before which a page of this room must end: no heading stands last on a page, nor a few lines alone."""
    turns, used = [0], 0.0
    for at, line in enumerate(lines):
        used += line.height
        if used > room and at > turns[-1]:
            turns.append(_led(lines, at, turns[-1]))
            used = sum(one.height for one in lines[turns[-1] : at + 1])
    if len(turns) > 1 and len(lines) - turns[-1] < LAST_TOGETHER:
        opening = [at for at in range(turns[-2] + 1, turns[-1]) if lines[at].opens]
        turn = opening[0] if opening else _led(lines, max(len(lines) - LAST_TOGETHER, 0), turns[-2])
        if sum(line.height for line in lines[turn:]) <= room:
            turns[-1] = turn
    return [lines[turn].row for turn in turns[1:]]


def _led(lines: Sequence[PrintedLine], at: int, first: int) -> int:
    """The line where the headings right above a line begin, on the page that begins at `first`."""
    turn = max(at, first + 1)
    while turn > first + 1 and lines[turn - 1].leads:
        turn -= 1
    return turn


def tail_break(heights: Sequence[float], *, above: float, below: float, again: float, scale: int) -> int | None:
    """The row of a landscape table before which to break so that what stands below it does not stand all alone.

    Heights in points: `above` the table on its first page, of its rows, `below` it, and of the heads printed `again`.
    None where there is nothing to do.
    """
    for slack in (0.92, 1.02):  # programs differ in how much goes on a page
        page, used, beside = printable_points(portrait=False) * 100 / scale * slack, above, 0
        for height in heights:
            turns = used + height > page
            used, beside = (again + height, 1) if turns else (used + height, beside + 1)
        if len(heights) > KEPT and (used + below > page or beside < KEPT):
            return len(heights) - KEPT
    return None
