"""What a score sheet asks, line by line, in the language spoken now: texts, hints, and what may be typed in a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from chamdiem.criteria.model import CriteriaSet, Fact, Node, Status
from chamdiem.criteria.rules import Input, Rule
from chamdiem.errors import Message, message
from chamdiem.exchange.cells import PARTS, part
from chamdiem.points import from_ticks
from chamdiem.scoring.answers import STATE_WORDS
from chamdiem.words import plain, say

LineKind = Literal["pool", "group", "leaf", "fact", "total", "rest"]
LIST_AT_MOST, PROMPT_AT_MOST, FORMULA_AT_MOST = 255, 255, 255
KAD, BQ = "KAD", "BQ"
NUMBER = 'VALUE(SUBSTITUTE(SUBSTITUTE({cell},",","."),".",MID(1/2,2,1)))'
"""The number in a text cell, whichever decimal sign was typed and whichever the computer uses."""


@dataclass(frozen=True)
class Allowed:
    """What may be typed in an answer cell: one of a list, what a formula (about {cell}) finds true, or anything."""

    listed: tuple[str, ...] = ()
    formula: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a score sheet; only leaves and facts are answered."""

    kind: LineKind
    title: str
    code: str = ""
    top: Decimal | None = None
    how: str = ""
    depth: int = 0
    ask: str = ""
    allowed: Allowed = Allowed()
    verify: tuple[str, ...] = ()


def lines(criteria: CriteriaSet, category: str = "") -> list[Line]:
    """The lines of a score sheet for a unit of this category: pools, groups and criteria, the total, then facts."""
    found: list[Line] = []
    for name, pool in criteria.pools:
        found.append(Line("pool", say(f"pool.{name}").upper(), top=pool.max))
        for node in pool.nodes:
            found += _branch(criteria, node, category, 0)
    if criteria.result == "points":
        found.append(Line("total", say("sheet.total").upper(), top=criteria.scale))
    if criteria.facts:
        found.append(Line("pool", say("sheet.facts").upper()))
    return found + [_fact(fact) for fact in criteria.facts]


def _branch(criteria: CriteriaSet, node: Node, category: str, depth: int) -> Iterator[Line]:
    title = node.title + _source(criteria, node.status)
    if not node.nodes:
        need = criteria.need_of(node)
        if need.required and need.documents:
            title += "\n" + say("sheet.needs", documents=need.documents)
        yield replace(_leaf(criteria, node, category), title=title, depth=depth)
        return
    yield Line("group", title, node.code, node.max, _how_group(node), depth)
    for child in node.nodes:
        yield from _branch(criteria, child, category, depth + 1)


def _source(criteria: CriteriaSet, status: Status | None) -> str:
    """Where the figures of a line come from, when that is not where the others do."""
    return "" if status is None or status == criteria.status else f" [{say(f'sheet.source_{status}')}]"


def _how_group(node: Node) -> str:
    said = [message("sheet.choose_one")] if node.combine == "choose_one" else []
    said += [message("sheet.best", n=node.best)] if node.combine == "best" else []
    said += [message("sheet.capped", top=node.max)] if node.capped else []
    return "\n".join(say(sentence) for sentence in said)


def _leaf(criteria: CriteriaSet, node: Node, category: str) -> Line:
    """The line of a criterion: how it is scored, what to write, when it does not apply."""
    assert node.rule is not None
    rule = next((variant.rule for variant in node.variants if variant.category == category), node.rule)
    asked = rule.inputs(criteria.scale_of(node))
    states = (KAD, BQ) if node.not_applicable else (BQ,)
    ask = say(_ask(asked, fact=False))
    said = [*_how(rule, node, criteria), *([] if asked and asked[0].type == "points" else [ask])]
    if node.not_applicable:
        when = node.not_applicable.when
        said.append(say("sheet.not_applicable_when", when=when) if when else say("sheet.not_applicable"))
    allowed, verify = _allowed(asked, states, fact=False), criteria.need_of(node).verify
    return Line("leaf", "", node.code, node.max, "\n".join(said), ask=ask, allowed=allowed, verify=verify)


def _how(rule: Rule, node: Node, criteria: CriteriaSet) -> Iterator[str]:
    """How a criterion is scored; where an answer is given by keys, each sentence starts with its key."""
    scale = criteria.scale_of(node)
    keyed = not _titles(rule.inputs(scale))
    for sentence in rule.how(scale):
        key = sentence.values.get("key")
        yield say("sheet.keyed", key=key, text=sentence) if key and keyed else say(sentence)


def _fact(fact: Fact) -> Line:
    asked = (Input(fact.id, fact.kind),)
    ask = say(_ask(asked, fact=True))
    return Line("fact", fact.title, fact.id, how=ask, ask=ask, allowed=_allowed(asked, (), fact=True))


def _ask(asked: Sequence[Input], *, fact: bool) -> Message:
    """What to write in the answer cell, with an example."""
    if len(asked) == 1:
        return _ask_one(asked[0], fact=fact)
    if len(asked) > 2 or any(one.name not in PARTS for one in asked):
        example = "; ".join(f"{one.name}: {at}" for at, one in enumerate(asked))
        return message("sheet.ask_named", example=example)
    kind = asked[0].type if asked[0].type in ("whole", "date") else "number"
    first, second = (part(one.name) for one in asked)
    examples: dict[str, tuple[object, object]] = {
        "whole": (95, 100),
        "number": (Decimal("97.5"), Decimal("98.25")),
        "date": (date(2026, 3, 2), date(2026, 3, 5)),
    }
    values = {"first": first, "second": second, "one": examples[kind][0], "other": examples[kind][1]}
    return message("sheet.ask_two_dates" if kind == "date" else "sheet.ask_two", **values)


def _ask_one(asked: Input, *, fact: bool) -> Message:
    low, high, step = (from_ticks(number, asked.places) for number in (asked.low, asked.high, asked.step))
    match asked.type:
        case "points":
            return message("sheet.ask_points", low=low, high=high, step=step)
        case "whole":
            return message("sheet.ask_count", unit=asked.title) if asked.title else message("sheet.ask_whole")
        case "number" if asked.name == "percent":
            return message("sheet.ask_percent", example=message("word.percent", value=Decimal("98.5")))
        case "number":
            return message("sheet.ask_number", places=asked.places)
        case "date":
            return message("sheet.ask_date", example=date(2026, 11, 21))
        case "flag":
            return message("sheet.ask_yes_no" if fact else "sheet.ask_met")
        case "choice":
            return message("sheet.ask_level", example=(_titles((asked,)) or [asked.choices[0][0]])[0])
        case "choices":
            return message("sheet.ask_list", example="; ".join(key for key, _ in asked.choices[:2]))


def _allowed(asked: Sequence[Input], states: tuple[str, ...], *, fact: bool) -> Allowed:
    """What may be typed: a number within its bounds, one of a list; several parts are left to the reader to check."""
    if len(asked) > 1:
        return Allowed()
    one = asked[0]
    if one.type == "flag":
        words = ("word.yes", "word.no") if fact else ("sheet.met", "sheet.not_met")
        return Allowed((*(say(word) for word in words), *states))
    if one.type == "choice":
        listed = (*(_titles(asked) or [key for key, _ in one.choices]), *states)
        return Allowed(listed if len(",".join(listed)) <= LIST_AT_MOST - 2 else ())
    return Allowed(formula=_formula(one, states)) if one.type in ("points", "whole") else Allowed()


def _titles(asked: Sequence[Input]) -> list[str]:
    """The titles of the levels, when they can stand in a list to choose from and be told apart; else nothing."""
    if len(asked) != 1 or asked[0].type != "choice":
        return []
    keys, titles = [key for key, _ in asked[0].choices], [title for _, title in asked[0].choices]
    looks = [plain(title) for title in titles]
    taken = {*STATE_WORDS, *keys}
    clear = len(set(looks)) == len(looks) and not any(
        look in taken and look != key for look, key in zip(looks, keys, strict=True)
    )
    fits = all(title[:1].isalnum() and not set(title) & set(',"\n') for title in titles)
    return titles if clear and fits and len(",".join(titles)) <= LIST_AT_MOST - 10 else []


def _formula(asked: Input, states: tuple[str, ...]) -> str:
    """True of a number (or a state's word) that the cell may hold; points are counted in ticks, exactly."""
    ticks = f"ROUND({NUMBER}*{10**asked.places},0)"
    middle, half = Decimal(asked.low + asked.high) / 2, Decimal(asked.high - asked.low) / 2
    tests = [f"ABS({ticks}-{middle})<={half}", f"MOD({ticks},{asked.step})=0"]
    if asked.type == "whole":
        tests = [f"{NUMBER}>={asked.low}", f"MOD({NUMBER},1)=0"]
    words = ",".join(f'{{cell}}="{state}"' for state in states)
    formula = f"IF(OR({words}),TRUE,IFERROR(AND({','.join(tests)}),FALSE))"
    return formula if len(formula.format(cell="E1000")) <= FORMULA_AT_MOST else ""
