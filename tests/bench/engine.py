"""What the engine is timed on: from ready codes, from a frame, one trace; how it grows; how much memory it takes."""

from __future__ import annotations

import math
import statistics
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd
import peers
import pyarrow as pa
from contest import Contest, contest
from rounds import Line, Table, paired, summary

from chamdiem.scoring.marks import Marks
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.reading import build
from chamdiem.scoring.result import Result
from chamdiem.scoring.run import score
from chamdiem.scoring.sheet import Policy
from chamdiem.scoring.table import from_frame
from chamdiem.scoring.trace import Trace

POLICY = Policy(evidence="ignore")
SMALL, NATION = (200, 40, 5), (3321, 60, 7)


def size(shape: tuple[int, int, int], periods: int = 1) -> str:
    """3,321 × 60 × 7, as it stands in the table."""
    return f"{shape[0]:,} × {shape[1]} × {shape[2]}" + (f", {periods} periods" if periods > 1 else "")


def coded(made: Contest) -> Marks:
    """The contest as a dense cube of codes."""
    return build(lay_out(made.criteria), from_frame(made.frame("category")))


def points_of(marks: Marks) -> np.ndarray:
    """What every mark is worth: leaves × judges × units, as floats, 0 where there is none."""
    cells = (marks.cells[leaf.slots[0].index] for leaf in marks.plan.leaves)
    worth = [leaf.table.take(cell, mode="clip") for leaf, cell in zip(marks.plan.leaves, cells, strict=True)]
    return np.stack(worth).astype(float)


def each(runs: list[Callable[[], object]]) -> Callable[[], object]:
    """All of them, one after the other."""
    return lambda: [run() for run in runs]


def from_codes(table: Table, shape: tuple[int, int, int], periods: int, rounds: int, bounds: dict[str, float]) -> None:
    """Points, groups, gates, stars and ranks of marks that are coded, beside a plain float reduction."""
    contests = [contest(*shape, seed=2026 + period) for period in range(periods)]
    cubes = [coded(made) for made in contests]
    bare = [
        peers.with_numpy(made, points_of(cube), peers.rubric(made)) for made, cube in zip(contests, cubes, strict=True)
    ]
    for reduce, cube in zip(bare, cubes, strict=True):
        found = Result(cube.plan, cube, POLICY).verdict.totals.total[0]
        assert np.allclose(reduce()[2], found, atol=0.5 * shape[1])  # the floats round nothing
    contestants = {"chamdiem": each([lambda cube=cube: Result(cube.plan, cube, POLICY) for cube in cubes])}
    contestants["numpy, floats"] = each(bare)
    table.slower(
        f"codes, mean, {size(shape, periods)}", paired(contestants, rounds), "numpy, floats", bounds.get("mean")
    )
    for combine in ("median", "trimmed_mean") if periods == 1 else ():
        cube = coded(contest(*shape, combine))
        runs = {"chamdiem": lambda cube=cube: Result(cube.plan, cube, POLICY), "numpy, floats": each(bare)}
        what = f"codes, {combine.partition('_')[0]}, {size(shape)}"
        table.slower(what, paired(runs, rounds), "numpy, floats", bounds.get(combine))


def same(found: pd.DataFrame, peer: pd.DataFrame) -> None:
    """Every figure of a peer is the engine's, for every unit, exactly."""
    ours = found.assign(**{name: [int(points * 100) for points in found[name]] for name in ("base", "bonus", "total")})
    names = ["base", "bonus", "total", "met", "stars", "stars_by_points", "recognised", "blocked_by", "rank", "tied"]
    assert ours["unit"].tolist() == peer["unit"].tolist()
    for name in names:
        assert ours[name].tolist() == peer[name].tolist(), name


def from_frames(
    table: Table, shape: tuple[int, int, int], keys: str, periods: int, rounds: int, bounds: dict[str, float]
) -> None:
    """From a long frame to the frame of units, beside pandas and DuckDB. Everybody has laid out the rubric before."""
    contests = [contest(*shape, seed=2026 + period) for period in range(periods)]
    frames = [made.frame(keys) for made in contests]
    rubric, criteria = peers.rubric(contests[0]), contests[0].criteria
    queries = [peers.with_duckdb(frame, rubric) for frame in frames]
    for frame, query in zip(frames, queries, strict=True):
        found = score(criteria, frame, POLICY).units
        same(found, peers.with_pandas(frame, rubric))
        same(found, peers.with_pandas_by_kind(frame, rubric))
        same(found, query())
    runs = paired(
        {
            "chamdiem": each([lambda frame=frame: score(criteria, frame, POLICY).units for frame in frames]),
            "pandas": each([lambda frame=frame: peers.with_pandas(frame, rubric) for frame in frames]),
            "pandas, kind by kind": each(
                [lambda frame=frame: peers.with_pandas_by_kind(frame, rubric) for frame in frames]
            ),
            "DuckDB": each(list(queries)),
        },
        rounds,
    )
    for peer in ("pandas", "pandas, kind by kind", "DuckDB"):
        table.faster(f"frame, {keys} keys, {size(shape, periods)}", runs, peer, bounds.get(peer))


def layout(table: Table, rounds: int) -> None:
    """What laying out a criteria set of sixty takes, once before all runs with it."""
    made = contest(*SMALL), contest(*NATION)
    sets = [one.criteria.model_copy() for one in made for _ in range(rounds + 1)]
    runs = paired({"chamdiem": lambda: lay_out(sets.pop())}, rounds)
    table.add(Line("laying out a set of 60 criteria, once", summary(runs["chamdiem"], "ms")))


def trace(table: Table, rounds: int) -> None:
    """Every line of one unit with every mark behind it and what each is worth, as a share of scoring all units."""
    made = contest(*NATION)
    frame = made.frame("category")
    result = score(made.criteria, frame, POLICY)
    result.unit_at("00000")

    def explain(unit: str = "01234") -> object:
        trace = Trace(result, unit)
        marks = [mark for leaf in result.plan.leaves for mark in trace.marks(leaf)]
        return [line.points for line in trace.lines], [mark.points for mark in marks]

    runs = paired({"chamdiem": explain, "its full score": lambda: score(made.criteria, frame, POLICY).units}, rounds)
    table.slower("trace of one unit, all lines and marks", runs, "its full score", 0.05)


def growth(table: Table, rounds: int, sizes: tuple[int, int, int]) -> None:
    """The exponent of growth over two doublings of the units: 1 is proportional."""
    runs = {}
    for units in sizes:
        made = contest(units, *NATION[1:])
        frame, cube = made.frame("category"), coded(made)
        runs[f"frame {units}"] = lambda made=made, frame=frame: score(made.criteria, frame, POLICY).units
        runs[f"codes {units}"] = lambda cube=cube: Result(cube.plan, cube, POLICY)
    times = paired(runs, rounds)
    for what in ("codes", "frame"):
        small, middle, large = (times[f"{what} {units}"] for units in sizes)
        exponents = [
            (
                statistics.median(math.log2(two / one) for one, two in zip(low, high, strict=True)),
                math.log2(min(high) / min(low)),
            )
            for low, high in ((small, middle), (middle, large))
        ]
        worst = max(exponent[0] for exponent in exponents), max(exponent[1] for exponent in exponents)
        name = f"{what}, growth, {sizes[0]:,} → {sizes[2]:,} units"
        table.add(Line(name, summary(large, "ms"), "a quarter of the units", summary(small, "ms"), worst, ("≤", 1.15)))


def memory(table: Table, shape: tuple[int, int, int]) -> None:
    """The most memory that a score holds beyond what was there, beside the marks themselves; numpy's, Python's, arrow's."""
    made = contest(*shape)
    strings = made.frame("string")
    at_rest = strings.memory_usage(deep=True, index=False).sum() / 1e6
    for keys in ("category", "string"):
        frame = made.frame(keys)
        taken = [peak(lambda frame=frame: score(made.criteria, frame, POLICY).units) for _ in range(3)]
        figures = statistics.median(taken), min(taken)
        ratio = figures[0] / at_rest, max(taken) / at_rest
        table.add(
            Line(
                f"memory at most, {keys} keys", figures, "marks, string keys", (at_rest, at_rest), ratio, ("≤", 1), "MB"
            )
        )
    pandas = peak(lambda: peers.with_pandas(strings, peers.rubric(made)))
    table.add(
        Line("memory at most, string keys", figures, "pandas", (pandas, pandas), (figures[0] / pandas,) * 2, None, "MB")
    )


def peak(run: Callable[[], object]) -> float:
    """Megabytes held at most during a run, beyond those held before."""
    pool = pa.default_memory_pool()
    before = pool.bytes_allocated()
    tracemalloc.start()
    kept = run()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    arrow = pool.bytes_allocated() - before
    del kept
    return (most + max(arrow, 0)) / 1e6
