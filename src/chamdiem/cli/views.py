"""What the terminal shows of a result: the ranking, and why one unit has what it has."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date as date_type
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from chamdiem.errors import refuse
from chamdiem.scoring.figures import CEILING, FLOOR, HEADLINE, Awarded, Why
from chamdiem.scoring.plan import Branch
from chamdiem.scoring.result import ConditionRow, Result
from chamdiem.scoring.trace import NodeLine, Trace
from chamdiem.words import plain, say, shown, shown_number

if TYPE_CHECKING:
    from chamdiem.contest.publication import Revocation
    from chamdiem.office.demo.years import Seen

WIDTH_WITHOUT_TERMINAL = 120
NOBODY: Mapping[str, Revocation] = MappingProxyType({})


def console() -> Console:
    """Where pages for people go; wide enough for a table when it is not a terminal."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False, markup=False)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[..., None] | None]:
    """A progress bar on the error stream while something long goes on; nothing where there is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, of=total: bar.update(task, completed=done, total=of)


def stars_shown(result: Result, unit: int, layer: int = HEADLINE) -> str:
    """The stars of one unit, or what stands in their place."""
    verdict = result.verdict
    if not verdict.totals.scored[unit]:
        return "—"
    if not result.has_stars:
        return (
            say("word.recognised" if verdict.recognised[layer, unit] else "word.not_recognised")
            if verdict.gates
            else "—"
        )
    stars = int(verdict.stars[layer, unit])
    title = next((band.title for band, _, _ in verdict.bands if band.stars == stars), None)
    return title or "★" * stars if stars else say("word.not_recognised")


def label(result: Result) -> str:
    """What kind of figures these are: official, transcribed, illustrative."""
    return say(f"status.{result.criteria.status}")


def in_order(result: Result) -> list[int]:
    """Rows of units by rank, unranked ones last."""
    return sorted(
        range(result.sheet.units), key=lambda at: (result.ranks[at] == 0, result.ranks[at], result.marks.units[at].code)
    )


def show_ranking(
    result: Result, path: Path | None, *, demo: bool = False, revoked: Mapping[str, Revocation] = NOBODY
) -> None:
    """The ranking with stars, what blocks recognition, whose recognition was revoked, and what is still open."""
    out, table = console(), Table(title=result.criteria.title, caption=label(result), caption_style="bold yellow")
    for name, justify in (
        ("rank", "right"),
        ("unit", "left"),
        ("base", "right"),
        ("bonus", "right"),
        ("penalties", "right"),
        ("total", "right"),
        ("stars", "left"),
        ("range", "left"),
        ("remarks", "left"),
    ):
        if name != "penalties" or result.criteria.penalties is not None:
            table.add_column(say(f"column.{name}"), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for at in in_order(result):
        table.add_row(*_ranking_row(result, at, revoked.get(result.marks.units[at].code)))
    if demo:
        out.print(Text(say("cli.demo_data"), style="bold yellow"))
    out.print(table)
    for award in result.verdict.awards:
        out.print(Text(say(award.outcome)))
    if not result.settled.all():
        out.print(say("cli.provisional"))
    out.print(f"{say('cli.hash')} {result.hash}")
    if path is not None:
        out.print(f"{say('cli.written')} {path}")


def _ranking_row(result: Result, at: int, revoked: Revocation | None) -> list[Text]:
    totals, unit = result.verdict.totals, result.marks.units[at]
    scored = bool(totals.scored[at])
    names = ["base", "bonus", *(["penalties"] if result.criteria.penalties is not None else []), "total"]
    points = [_points(result, getattr(totals, name)[HEADLINE, at]) if scored else "—" for name in names]
    rank = str(result.ranks[at]) + ("=" if result.shared[at] else "") if result.ranks[at] else "—"
    row = [
        rank,
        f"{unit.name or unit.code}",
        *points,
        stars_shown(result, at) if revoked is None else say("word.revoked"),
        _range(result, at),
        "; ".join(_remarks(result, at, revoked)),
    ]
    return [Text(cell) for cell in row]


def _points(result: Result, ticks: object) -> str:
    """Points with all the decimals that the set keeps, so that columns line up."""
    value = result.points(ticks)
    return shown_number(Decimal(value.numerator) / Decimal(value.denominator), result.places)


def _range(result: Result, at: int) -> str:
    """Floor and ceiling where they differ from the headline."""
    low, high = result.layer(FLOOR), result.layer(CEILING)
    total = result.verdict.totals.total
    if total[low, at] == total[HEADLINE, at] == total[high, at]:
        return ""
    return f"{_points(result, total[low, at])} – {_points(result, total[high, at])}"


def _remarks(result: Result, at: int, revoked: Revocation | None) -> Iterator[str]:
    if revoked is not None:
        yield say("remark.revoked", day=date_type.fromisoformat(revoked.on), reason=revoked.reason)
    if result.verdict.totals.scored[at]:
        for gate, check in result.verdict.gates:
            if not check.met[HEADLINE, at]:
                yield say("remark.gate", id=gate.id)
        for award in result.verdict.awards:
            said = award.said_of(at)
            if said is not None and award.state(at) != "beyond":
                yield say(said)
    still_open = sum(1 for matter, _ in result.matters_of(at) if matter.open)
    if still_open:
        yield say("remark.open", n=still_open)


def ranking_record(
    result: Result, path: Path | None = None, revoked: Mapping[str, Revocation] = NOBODY
) -> dict[str, object]:
    """The whole result for machines: exact figures as text."""
    criteria = result.criteria
    return {
        "criteria": {"id": criteria.id, "version": criteria.version, "status": criteria.status},
        "policy": {"closed": result.policy.closed, "evidence": result.policy.evidence, "stage": result.policy.stage},
        "hash": result.hash,
        "workbook": str(path) if path else None,
        "awards": [_award_record(result, award) for award in result.verdict.awards],
        "units": [_unit_record(result, at, revoked) for at in in_order(result)],
    }


def _award_record(result: Result, found: Awarded) -> dict[str, object]:
    codes = [unit.code for unit in result.marks.units]
    award = found.award
    return {
        "id": award.id,
        "at_least": award.at_least,
        "at_most": award.at_most,
        "candidates": found.count,
        "too_few": found.too_few,
        "chosen": [code for at, code in enumerate(codes) if found.chosen[at]],
        "tied": [code for at, code in enumerate(codes) if found.tied[at]],
    }


def _unit_record(result: Result, at: int, revoked: Mapping[str, Revocation] = NOBODY) -> dict[str, object]:
    totals, verdict, unit = result.verdict.totals, result.verdict, result.marks.units[at]
    stars, ended = int(verdict.stars[HEADLINE, at]), revoked.get(unit.code)
    scored = bool(totals.scored[at])
    figures = {
        name: decimal(result.points(getattr(totals, name)[HEADLINE, at])) if scored else None
        for name in ("base", "bonus", "penalties", "total")
    }
    bounds = {
        name: decimal(result.points(totals.total[result.layer(layer), at])) if scored else None
        for name, layer in (("total_floor", FLOOR), ("total_ceiling", CEILING))
    }
    return {
        "unit": unit.code,
        "name": unit.name,
        "rank": int(result.ranks[at]) or None,
        "tied": bool(result.shared[at]),
        **figures,
        **bounds,
        "stars": (stars if ended is None else 0) if result.has_stars and scored else None,
        "recognised": bool(verdict.recognised[HEADLINE, at]) and ended is None,
        "revoked": None if ended is None else asdict(ended),
        "blocked_by": [gate.id for gate, check in verdict.gates if scored and not check.met[HEADLINE, at]],
        "settled": bool(result.settled[at]),
        "matters": [
            {
                "id": matter.id,
                "node": matter.code,
                "open": matter.open,
                "text": say(matter.id, code=matter.code, **values),
            }
            for matter, values in result.matters_of(at)
        ],
    }


def decimal(value: Fraction) -> str:
    """An exact figure as plain text with a dot: 89.5, or 1/3."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return format(exact.normalize(), "f") if Fraction(exact) == value else str(value)


def find_unit(result: Result, wanted: str) -> str:
    """The code of the unit of this code or name (diacritics do not matter); refuses an unknown or a shared name."""
    units = result.marks.units
    if wanted in {unit.code for unit in units}:
        return wanted
    found = [unit for unit in units if plain(wanted) == plain(unit.name)]
    found = found or [unit for unit in units if plain(wanted) in plain(unit.name)]
    if len(found) == 1:
        return found[0].code
    listed = [f"{unit.code} {unit.name}" for unit in found or units[:30]]
    raise refuse("cli.several_units" if found else "cli.unknown_unit", value=wanted, known=listed)


def find_node(result: Result, code: str) -> Branch:
    """The node of this code."""
    try:
        return result.plan.branch(code)
    except KeyError:
        known = [branch.code for branch in result.plan.branches]
        raise refuse("cli.unknown_code", value=code, known=known) from None


def show_explanation(result: Result, unit: str, branch: Branch | None, *, demo: bool = False) -> None:
    """One unit's result as a tree of figures with reasons, or one figure down to each mark and document."""
    out, trace = console(), Trace(result, unit)
    at = trace.unit
    name = result.marks.units[at].name
    if demo:
        out.print(Text(say("cli.demo_data"), style="bold yellow"))
    out.print(Text(f"{result.criteria.title} — {label(result)}", style="bold"))
    if branch is not None:
        _show_node(out, trace, branch)
        return
    awards = [said for award in result.verdict.awards if (said := award.said_of(at)) is not None]
    head = say(
        "explain.head", unit=f"{unit} {name}".strip(), stars=stars_shown(result, at), rank=str(result.ranks[at] or "—")
    )
    out.print(Panel("\n".join([head, *(say(step) for step in (*trace.verdict(), *awards))]), expand=False))
    out.print(_tree(trace))
    if result.has_stars or result.verdict.gates:
        out.print(_proof(result, at))
    matters = list(trace.matters())
    if matters:
        out.print(Text(say("explain.matters"), style="bold"))
        for matter, is_open in matters:
            out.print(Text(f"  {'●' if is_open else '○'} {say(matter)}"))


def _tree(trace: Trace) -> Tree:
    """The rubric with what each node earned; leaves that count less than marked say why."""
    roots = Tree(Text(say("explain.tree"), style="bold"))
    open_at: list[Tree] = [roots]
    for line in trace.lines:
        del open_at[line.depth + 1 :]
        open_at.append(open_at[line.depth].add(_line(line)))
    return roots


def _line(line: NodeLine) -> Text:
    code = "" if line.branch.node is None else f"{line.branch.code}. "
    text = Text(f"{code}{say(line.title)}: ")
    text.append(say("explain.points", points=line.points, maximum=line.maximum), style="bold")
    if line.why is not Why.COUNTED:
        text.append(f" — {say(f'why.{line.why.name.lower()}')}", style="yellow")
    return text


def _proof(result: Result, at: int) -> Table:
    """Every condition of recognition and of each star level, met or not, with its numbers and clause."""
    table = Table(title=say("explain.proof"), title_justify="left")
    for name in ("for", "condition", "observed", "needed", "met", "clause"):
        table.add_column(
            say(f"column.{name}"), overflow="fold", justify="right" if name in ("observed", "needed") else "left"
        )
    for row in result.conditions_of(at):
        table.add_row(*(Text(cell) for cell in condition_cells(result, row)))
    return table


def band_called(result: Result, stars: int) -> str:
    """A class by the title that the set gives it, else "4 sao"."""
    title = next((band.title for band, _, _ in result.verdict.bands if band.stars == stars), None)
    return title or say("explain.stars", stars=stars)


def condition_cells(result: Result, row: ConditionRow) -> tuple[str, ...]:
    """One condition as texts: for what, condition, observed, needed, met, clause."""
    what = say("explain.recognition") if row.stars == 0 else band_called(result, row.stars)
    needed = "" if row.needed is None else say(f"side.{row.side}", value=row.needed)
    observed = (say("word.unknown") if row.unit == "fact" else "") if row.observed is None else shown(row.observed)
    return what, say(row.subject), observed, needed, say("word.met" if row.met else "word.not_met"), row.clause


def _show_node(out: Console, trace: Trace, branch: Branch) -> None:
    line, result = trace.line(branch), trace.result
    out.print(Panel(_line(line), expand=False))
    node = branch.node
    if node is not None and node.clause:
        out.print(Text(say("explain.clause", clause=node.clause)))
    if node is not None and node.wording:
        out.print(Text(f"“{node.wording}”", style="italic"))
    for step in trace.steps(branch):
        out.print(Text(f"  {say(step)}"))
    if branch.leaf < 0:
        return
    leaf = result.plan.leaves[branch.leaf]
    table = Table(title=say("explain.marks"), title_justify="left")
    for name in ("stage", "judge", "answer", "points", "counted", "note"):
        table.add_column(say(f"column.{name}"), overflow="fold")
    for mark in trace.marks(leaf):
        points = "" if mark.points is None else shown(mark.points)
        row = (say(f"stage.{mark.source.stage}"), mark.source.judge, say(mark.answer), points)
        table.add_row(*(Text(cell) for cell in (*row, say("word.yes" if mark.counted else "word.no"), mark.note)))
    out.print(table)
    for item, counts in trace.evidence(leaf):
        out.print(Text(f"  {evidence_shown(item.number or item.item, item.date, item.page, item.status, counts)}"))
    for matter, _ in trace.matters(branch.code):
        out.print(Text(f"  ● {say(matter)}"))


def evidence_shown(number: str, date: str, page: str, status: str, counts: bool) -> str:
    """One document on one line."""
    parts = [say("explain.document", number=number)]
    parts += [say("explain.dated", date=_day(date))] if date else []
    parts += [say("explain.page", page=page) if page[0].isdigit() else page] if page else []
    parts.append(say(f"evidence.{status}"))
    if not counts:
        parts.append(say("why.evidence_repeated"))
    return ", ".join(parts)


def _day(text: str) -> object:
    """A day that was kept as 2024-08-09 as the reader's language writes it; any other text as it is."""
    try:
        return date_type.fromisoformat(text)
    except ValueError:
        return text


def explanation_record(result: Result, unit: str, branch: Branch | None) -> dict[str, object]:
    """The explanation for machines."""
    trace = Trace(result, unit)
    lines = trace.lines if branch is None else (trace.line(branch),)
    return {
        **_unit_record(result, trace.unit),
        "steps": [say(step) for step in trace.verdict()],
        "nodes": [_node_record(trace, line) for line in lines],
        "conditions": [
            dict(
                zip(
                    ("for", "condition", "observed", "needed", "met", "clause"),
                    condition_cells(result, row),
                    strict=True,
                )
            )
            for row in result.conditions_of(trace.unit)
        ],
        "hash": result.hash,
    }


def _node_record(trace: Trace, line: NodeLine) -> dict[str, object]:
    branch = line.branch
    record: dict[str, object] = {
        "code": branch.code,
        "title": say(line.title),
        "clause": line.clause,
        "points": decimal(line.points),
        "maximum": decimal(line.maximum),
        "floor": decimal(line.floor),
        "ceiling": decimal(line.ceiling),
        "why": line.why.name.lower(),
        "steps": [say(step) for step in trace.steps(branch)],
    }
    if branch.leaf >= 0:
        leaf = trace.result.plan.leaves[branch.leaf]
        record["marks"] = [
            {
                "stage": mark.source.stage,
                "judge": mark.source.judge,
                "answer": say(mark.answer),
                "points": None if mark.points is None else decimal(mark.points),
                "counted": mark.counted,
                "note": mark.note,
            }
            for mark in trace.marks(leaf)
        ]
        record["evidence"] = [{**vars(item), "counts": counts} for item, counts in trace.evidence(leaf)]
    return record


def show_people(first_passwords: dict[str, str]) -> None:
    """Who can sign in to the demo contest, with the first passwords; nothing once they were handed over."""
    if not first_passwords:
        return
    out, table = console(), Table()
    out.print(say("cli.demo_people"))
    for name in ("login", "first_password"):
        table.add_column(say(f"cli.column_{name}"))
    for login, word in first_passwords.items():
        table.add_row(login, word)
    out.print(table)


def show_years(found: Sequence[Seen]) -> None:
    """The made-up years, one line each: what there is, and the command that shows it."""
    if found:
        console().print(Text(say("cli.demo_years", n=len(found)), style="bold"))
    for one in found:
        console().print(Text(f"  {one.title}: {say('cli.demo_year', **one.counts)}"))
        console().print(Text(f"    chamdiem programme status {one.id}", style="cyan"))
