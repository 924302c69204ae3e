"""Paired rounds: every contestant runs once in each round, in random order, so that whatever else the machine does
falls on all alike; and the table they are printed in."""

from __future__ import annotations

import gc
import os
import platform
import random
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import psutil

Runs = dict[str, list[float]]


def installed() -> dict[str, str]:
    """The environment for a process as people have it: Python keeps what it has compiled, whatever this machine does."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def paired(contestants: Mapping[str, Callable[[], object]], rounds: int, *, warm: bool = True) -> Runs:
    """Seconds of each contestant by round; one round before them is not counted, unless the runs are whole processes.

    What was there before is frozen: collecting between runs then looks at what runs left behind, not at every module,
    which would empty the processor's caches and cost whoever is quick the most.
    """
    luck, runs = random.Random(1), {name: [] for name in contestants}
    gc.collect()
    gc.freeze()
    for number in range(-int(warm), rounds):
        for name in luck.sample(list(contestants), len(contestants)):
            gc.collect()  # nobody pays for what another left behind
            start = perf_counter()
            contestants[name]()
            if number >= 0:
                runs[name].append(perf_counter() - start)
    gc.unfreeze()
    return runs


@dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, in what unit, beside what, and which ratio was promised."""

    what: str
    ours: tuple[float, float]  # median and least
    beside: str = ""
    theirs: tuple[float, float] | None = None
    ratio: tuple[float, float] | None = None
    bound: tuple[str, float] | None = None  # ("≤" or "≥", ratio)
    unit: str = "ms"

    @property
    def met(self) -> str:
        """Whether the promise holds, by the median of the paired rounds and by the least times."""
        if self.bound is None or self.ratio is None:
            return ""
        side, promised = self.bound
        held = [ratio <= promised if side == "≤" else ratio >= promised for ratio in self.ratio]
        return {(True, True): "yes", (True, False): "median only", (False, True): "least only"}.get(tuple(held), "NO")

    def cells(self) -> list[str]:
        """The cells of the line as they are printed."""
        bound = f"{self.bound[0]} {self.bound[1]:g}" if self.bound else ""
        ratio = f"{self.ratio[0]:.3g} ({self.ratio[1]:.3g})" if self.ratio else ""
        return [
            self.what,
            shown(self.ours, self.unit),
            self.beside,
            shown(self.theirs, self.unit),
            ratio,
            bound,
            self.met,
        ]


def shown(figures: tuple[float, float] | None, unit: str) -> str:
    """Median (least), with three digits."""
    return "" if figures is None else f"{figures[0]:.3g} ({figures[1]:.3g}) {unit}".rstrip()


def summary(seconds: list[float], unit: str) -> tuple[float, float]:
    """Median and least."""
    scale = 1000 if unit == "ms" else 1
    return statistics.median(seconds) * scale, min(seconds) * scale


@dataclass
class Table:
    """All lines so far; each is printed as soon as it is known."""

    lines: list[Line] = field(default_factory=list)

    HEAD = (
        "what",
        "chamdiem: median (least)",
        "beside",
        "median (least)",
        "ratio by rounds (least)",
        "promised",
        "met",
    )
    WIDTHS = (51, 24, 34, 24, 23, 8, 11)

    def start(self) -> None:
        """Print the machine and the head of the table."""
        print(machine(), flush=True)
        self.row(self.HEAD)
        self.row("-" * width for width in self.WIDTHS)

    def row(self, cells: Iterable[str]) -> None:
        """Print one row."""
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, self.WIDTHS, strict=True)).rstrip(), flush=True)

    def add(self, line: Line) -> None:
        """Keep and print a line."""
        self.lines.append(line)
        self.row(line.cells())

    def slower(self, what: str, runs: Runs, beside: str, at_most: float | None = None, unit: str = "ms") -> None:
        """How many times what the first contestant takes is what the yardstick takes."""
        self._ratio(what, runs, beside, ("≤", at_most) if at_most else None, unit, faster=False)

    def faster(self, what: str, runs: Runs, beside: str, at_least: float | None = None, unit: str = "ms") -> None:
        """How many times faster the first contestant is than a peer."""
        self._ratio(what, runs, beside, ("≥", at_least) if at_least else None, unit, faster=True)

    def _ratio(
        self, what: str, runs: Runs, beside: str, bound: tuple[str, float] | None, unit: str, *, faster: bool
    ) -> None:
        ours, theirs = runs["chamdiem"], runs[beside]
        over, under = (theirs, ours) if faster else (ours, theirs)
        by_round = statistics.median(one / other for one, other in zip(over, under, strict=True))
        ratio = by_round, min(over) / min(under)
        self.add(Line(what, summary(ours, unit), beside, summary(theirs, unit), ratio, bound, unit))

    def broken(self) -> list[str]:
        """What was promised and does not hold."""
        return [line.what for line in self.lines if line.met == "NO"]


def machine() -> str:
    """The machine and the versions, and what else it was doing."""
    model = platform.processor() or platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        names = [
            line.partition(":")[2].strip() for line in about.read_text().splitlines() if line.startswith("model name")
        ]
        model = next(iter(names), model)
    memory = psutil.virtual_memory().total / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "pyarrow", "duckdb", "chamdiem"))
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{model}, {psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.platform(terse=True)}, {load}\n"
        f"Python {platform.python_version()}, {packages}\n"
    )
