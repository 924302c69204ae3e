"""Measure chamdiem beside its peers and print one table: `python tests/bench/run.py [--quick] [--without NAME …]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import engine
from commands import commands
from ranking_page import ranking_page
from rounds import Table
from workbooks import workbooks

NATION, SMALL = engine.NATION, engine.SMALL


def codes(table: Table, rounds: int, quick: bool) -> None:
    """From the cube of codes."""
    if not quick:
        engine.from_codes(table, NATION, 1, rounds * 3, {"mean": 3, "median": 11, "trimmed_mean": 8})
        engine.from_codes(table, NATION, 10, rounds, {"mean": 3})
    engine.from_codes(table, SMALL, 1, rounds * 5, {})


def frames(table: Table, rounds: int, quick: bool) -> None:
    """From frames."""
    engine.layout(table, rounds)
    if not quick:
        engine.from_frames(table, NATION, "category", 1, rounds, {"pandas": 15, "DuckDB": 4})
        engine.from_frames(table, NATION, "string", 1, rounds, {"pandas": 4})
        engine.from_frames(table, NATION, "category", 10, 3, {"pandas": 15, "DuckDB": 4})
    engine.from_frames(table, SMALL, "category", 1, rounds * 3, {"pandas": 10})
    engine.from_frames(table, SMALL, "string", 1, rounds * 3, {})


def trace(table: Table, rounds: int, quick: bool) -> None:
    """The trace of one unit."""
    engine.trace(table, rounds * 3)


def growth(table: Table, rounds: int, quick: bool) -> None:
    """The exponent of growth."""
    engine.growth(table, rounds, (830, 1660, 3321) if quick else (6642, 13284, 26568))


def memory(table: Table, rounds: int, quick: bool) -> None:
    """The memory taken."""
    engine.memory(table, SMALL if quick else NATION)


def terminal(table: Table, rounds: int, quick: bool) -> None:
    """The command line."""
    commands(table, rounds, Path(__file__).parents[2] / "data" / "demo")


def paper(table: Table, rounds: int, quick: bool) -> None:
    """Workbooks; the large ones take LibreOffice about a minute."""
    workbooks(table, SMALL, 3, None)
    if not quick:
        workbooks(table, NATION, 3, 15)


def screens(table: Table, rounds: int, quick: bool) -> None:
    """The pages of results, with all units of the country."""
    ranking_page(table, rounds, 332 if quick else 3321)


PARTS = {part.__name__: part for part in (codes, frames, trace, growth, memory, terminal, paper, screens)}


def main() -> int:
    """Run the parts that are asked for; 1 when a promise is broken."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "--quick", action="store_true", help="a minute: the small contest, without ratios that need the large one"
    )
    asked.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    asked.add_argument("--rounds", type=int, default=9, help="paired rounds (9)")
    wanted = asked.parse_args()
    table = Table()
    table.start()
    for name in wanted.only:
        PARTS[name](table, wanted.rounds, wanted.quick)
    broken = table.broken()
    print(f"\nnot met: {'; '.join(broken)}" if broken else "\nevery promise is met", flush=True)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
