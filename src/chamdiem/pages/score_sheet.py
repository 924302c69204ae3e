"""The score sheet in the browser: its lines, values and figures as plain data.

The part in the browser is score_sheet.js: a table of plain inputs that never changes what is typed. Everything it shows
comes from here as text; what it sends is taken in by chamdiem.server.saving, without running the page again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from chamdiem.contest.record import Stage
from chamdiem.contest.sheets import OpenSheet
from chamdiem.criteria.rules import Input
from chamdiem.errors import Message
from chamdiem.exchange.scoresheet_lines import BQ, KAD, Line, lines
from chamdiem.points import read_number
from chamdiem.scoring.answers import NOT_APPLICABLE, PARTS, State, part, read_answer
from chamdiem.scoring.plan import lay_out
from chamdiem.scoring.trace import shown_answer
from chamdiem.words import language, say, shown

HERE = Path(__file__).parent
COMPONENT = st.components.v2.component(
    "chamdiem.score_sheet",
    js=(HERE / "score_sheet.js").read_text("utf-8"),
    css=(HERE / "score_sheet.css").read_text("utf-8"),
)
WORDS = (
    "code", "criterion", "maximum", "answer", "points", "note", "reason", "saved", "saved_at", "saving", "unsaved",
    "unsaved_n", "offline", "nothing_yet", "conflict_title", "conflict_says", "mine", "theirs", "keep_mine", "take_theirs",
    "empty", "special", "answered", "how", "evidence", "no_evidence", "pasted", "pasted_too_much", "saved_is", "print", "keys",
    "sheet", "closed_sheet", "floor", "ceiling", "choose", "wrong_n",
)  # fmt: skip
Cell = dict[str, Any]
Sources = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""What the note of a mark on a criterion refers to, where it is a reference: the words, and an address or ""."""


def sheet_key(sheet: OpenSheet) -> str:
    """What a sheet is kept under in the browser: all that tells it from any other one."""
    parts = (sheet.contest["id"], sheet.unit.code, sheet.stage, sheet.author, sheet.contest["criteria"][:16])
    return "sheet/" + "/".join(parts)


# what is shown --------------------------------------------------------------------------------------------------


def asked_by(sheet: OpenSheet) -> dict[str, tuple[Input, ...]]:
    """What each criterion, and each fact, of a sheet asks for."""
    plan = lay_out(sheet.criteria)
    found = {leaf.node.code: leaf.rule_for(sheet.unit.category).inputs(leaf.scale) for leaf in plan.leaves}
    return found | {fact.id: (slot.input,) for fact, slot in plan.facts}


def layout(
    sheet: OpenSheet, columns: Sequence[tuple[str, str]], asked: Mapping[str, tuple[Input, ...]]
) -> dict[str, Any]:
    """What of a sheet stays the same while it is filled in: its lines, the columns beside, the words."""
    place = (sheet.contest["criteria"], sheet.unit.category, sheet.stage, language(), tuple(columns))
    found = _layouts.get(place) or _laid_out(sheet, columns, asked)
    if len(_layouts) >= LAYOUTS:
        _layouts.clear()
    _layouts[place] = found
    return found


LAYOUTS = 64
_layouts: dict[tuple[object, ...], dict[str, Any]] = {}  # of no person: the law in words, for everybody the same


def _laid_out(
    sheet: OpenSheet, columns: Sequence[tuple[str, str]], asked: Mapping[str, tuple[Input, ...]]
) -> dict[str, Any]:
    pools = iter([*(name for name, _ in sheet.criteria.pools), ""])
    found = [
        _line(sheet, line, asked)
        | ({"code": "", "figures": next(pools)} if line.kind == "pool" else {"figures": line.code})
        for line in lines(sheet.criteria, sheet.unit.category)
        if line.kind != "total"
    ]
    words = {name: say(f"entry.{name}") for name in WORDS}
    if sheet.stage in ("appraisal", "council"):
        words["note"] = words["reason"]
    if sheet.stage == "council":
        words |= {"answer": say("entry.column_council"), "answered": say("entry.decided")}
    whole = {
        "language": language(),
        "rows": found,
        "words": words,
        "columns": [{"key": key, "label": label} for key, label in columns],
    }
    return {**whole, "hash": hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]}


def _line(sheet: OpenSheet, line: Line, asked: Mapping[str, tuple[Input, ...]]) -> Cell:
    title, _, needs = line.title.partition("\n")
    top = "" if line.top is None else shown(line.top)
    row: Cell = {"kind": line.kind, "code": line.code, "title": title, "needs": needs, "top": top, "depth": line.depth}
    if line.kind not in ("leaf", "fact"):
        return row | {"how": line.how}
    inputs = asked[line.code]
    control = control_of(inputs, fact=line.kind == "fact")
    plain = control["kind"] != "text"
    said = [text for text in line.how.split("\n") if text and not (plain and text == line.ask)]
    if sheet.stage != "self" and needs:
        said, needs = [*said, needs], ""
    row["needs"] = needs
    hint = "" if plain else line.ask
    return row | {"how": "\n".join(said), "hint": hint, "control": control, "states": states_of(sheet, line.code)}


def states_of(sheet: OpenSheet, code: str) -> list[list[str]]:
    """What may stand in the place of an answer: that a criterion does not apply; of a judge, that he does not mark it."""
    leaf = next((leaf for leaf in sheet.criteria.leaves if leaf.code == code), None)
    if leaf is None:
        return []
    found = [[KAD, say("entry.not_applicable")]] if leaf.not_applicable else []
    return found + ([[BQ, say("entry.abstained")]] if sheet.stage == "judge" else [])


def control_of(asked: Sequence[Input], *, fact: bool) -> Cell:
    """How one answer is typed or picked."""
    if len(asked) > 1:
        named = len(asked) > 2 or asked[0].type == "date" or any(one.name not in PARTS for one in asked)
        parts = [{"name": one.name, "label": _called(one), "mode": _mode(one)} for one in asked]
        return {"kind": "parts", "parts": parts, "named": named}
    one = asked[0]
    if one.type == "flag":
        words = ("word.yes", "word.no") if fact else ("sheet.met", "sheet.not_met")
        return {
            "kind": "select",
            "options": [[_yes_no(yes, fact), say(word)] for yes, word in zip((1, 0), words, strict=True)],
        }
    if one.type == "choice":
        return {"kind": "select", "options": [[key, _worth(one, at)] for at, (key, _) in enumerate(one.choices)]}
    if one.type == "choices":
        return {"kind": "ticks", "options": [list(choice) for choice in one.choices], "none": say("entry.none_of_them")}
    return {"kind": "text", "mode": _mode(one), "suffix": "%" if one.name == "percent" else ""}


def _called(one: Input) -> str:
    name = part(one.name, one.title)
    return say(name) if isinstance(name, Message) else name


def _mode(one: Input) -> str:
    return {"date": "text", "whole": "numeric"}.get(one.type, "decimal")


def _worth(one: Input, at: int) -> str:
    title = one.choices[at][1]
    return say("entry.level", title=title, points=one.worth[at]) if at < len(one.worth) else title


def _yes_no(yes: int, fact: bool) -> str:
    """Yes or no as it is stored: the same whatever language is spoken."""
    return (("không", "có") if fact else ("không đạt", "đạt"))[yes]


def canonical(asked: Sequence[Input], answer: str, *, fact: bool = False) -> str:
    """An answer as its control writes it: the key of a level however it was called, else as it was typed."""
    read = read_answer(asked, answer) if answer.strip() else ()
    if isinstance(read, State):
        return KAD if read is NOT_APPLICABLE else BQ
    if isinstance(read, Message) or len(asked) > 1 or not read:
        return answer
    one, value = asked[0], read[0][1]
    match one.type:
        case "flag":
            return _yes_no(value, fact)
        case "choice":
            return one.choices[value][0]
        case "choices":
            return "; ".join(key for at, (key, _) in enumerate(one.choices) if value >> at & 1) or "không có"
    return answer


def in_words(asked: Sequence[Input], answer: str, *, fact: bool = False) -> str:
    """An answer as it is read: levels and lists by their titles, numbers as the language writes them."""
    said = canonical(asked, answer, fact=fact)
    if said in (KAD, BQ):
        return say("entry.not_applicable" if said == KAD else "entry.abstained")
    if len(asked) == 1:
        titles = dict(asked[0].choices)
        match asked[0].type:
            case "choice":
                return titles.get(said, said)
            case "choices":
                return "; ".join(titles.get(key, key) for key in said.split("; "))
            case "points" | "number" | "whole":
                return _number(said) + "%" * (asked[0].name == "percent" and "%" not in said)
    return _in_parts(asked, said) if len(asked) > 1 and said else said


def _in_parts(asked: Sequence[Input], said: str) -> str:
    """Two parts as 95/100, more of them by name; as it stands where it cannot be read."""
    read = read_answer(asked, said)
    if not isinstance(read, tuple) or len(read) != len(asked):
        return said
    values = [value for _, value in sorted(read)]
    if len(asked) > 2:
        return say(shown_answer(asked, values))
    return "/".join(say(shown_answer([one], [value])) for one, value in zip(asked, values, strict=True))


def in_short(asked: Sequence[Input], answer: str) -> str:
    """An answer as it is read in a narrow column: of a list how many, else in words."""
    said = canonical(asked, answer)
    if len(asked) == 1 and asked[0].type == "choices" and said not in (KAD, BQ):
        keys = [key for key, _ in asked[0].choices]
        return say("entry.so_many", n=sum(key in keys for key in said.split("; ")), of=len(keys))
    return in_words(asked, answer)


def _number(text: str) -> str:
    percent = text.strip().endswith("%")
    try:
        return shown(read_number(text.strip().removesuffix("%"), 9)) + "%" * percent
    except ValueError:
        return text


def values(
    sheet: OpenSheet, beside: Mapping[tuple[str, str], tuple[str, str]], asked: Mapping[str, tuple[Input, ...]],
    evidence: Mapping[str, int], sources: Sources | None = None,
) -> dict[str, Cell]:  # fmt: skip
    """What stands in the cells: own answers with their versions, locks, what others said, how many documents there are;
    beside a note that is a reference to a record what that is, in words."""
    found: dict[str, Cell] = {}
    facts = {fact.id for fact in sheet.criteria.facts}
    needed = {leaf.code for leaf in sheet.criteria.leaves if sheet.criteria.need_of(leaf).required}
    lock = say(
        "entry.locked_submitted"
        if sheet.handed_in
        else "entry.locked_closed"
        if not sheet.enterable
        else "entry.locked_other"
    )
    for code, inputs in asked.items():
        own = sheet.own.get(code, {})
        found[code] = {
            "answer": canonical(inputs, own.get("answer", ""), fact=code in facts),
            "note": own.get("note", ""),
            "source": [list(one) for one in (sources or {}).get((code, own.get("note", "")), ())],
            "version": own.get("version", 0),
            "locked": "" if code in sheet.enterable else lock,
            "evidence": evidence.get(code, 0 if code in needed else -1),
            "beside": {key: list(said) for (key, what), said in beside.items() if what == code},
        }
    return found


# on the page --------------------------------------------------------------------------------------------------------


def mount(sheet: OpenSheet, data: Mapping[str, Any], looked: Callable[[str], None]) -> None:
    """Put the sheet on the page; what is typed in it goes to the server (chamdiem.server.saving) past this page. `looked`
    is told for which criterion somebody wants to see the evidence."""
    key = sheet_key(sheet)

    def heard(event: str) -> Any:
        """What the browser tells, and which lines it has already; None when Streamlit has forgotten the sheet."""
        sent = (st.session_state.get(key) or {}).get(event) or {}
        st.session_state[f"{key}/has"] = sent.get("has")
        return sent.get("value")

    def in_need() -> None:
        st.session_state.pop(f"{key}/has", None)

    place = [quote(part, safe="") for part in (sheet.contest["id"], sheet.unit.code, sheet.stage)]
    whole = {**data, "key": key, "address": "/phieu/" + "/".join(place), "answered": len(sheet.own)}
    if st.session_state.get(f"{key}/has") == data["layout"]["hash"]:  # the browser has it already
        whole["layout"] = {"hash": data["layout"]["hash"]}
    COMPONENT(
        key=key, data=whole, on_look_change=lambda: looked(str(heard("look") or "")), on_anew_change=lambda: heard("anew"),
        on_need_change=in_need, on_wrong_change=lambda: None,
    )  # fmt: skip


def wrong_in(sheet: OpenSheet) -> set[str]:
    """The criteria whose last entry was refused: what is typed there is not saved."""
    return {str(code) for code in (st.session_state.get(sheet_key(sheet)) or {}).get("wrong") or ()}


def beside_of(
    sheet: OpenSheet, asked: Mapping[str, tuple[Input, ...]], sources: Sources | None = None
) -> tuple[list[tuple[str, str]], dict[tuple[str, str], tuple[str, str]]]:
    """The columns of the stages this person may see, and what they say, by column and criterion."""
    columns: dict[str, str] = {}
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for row in sorted(sheet.beside, key=lambda row: (_ORDER.index(row["stage"]), sheet.judges.get(row["author"], ""))):
        judge = sheet.judges.get(row["author"], "") if row["stage"] == "judge" else ""
        column = f"{row['stage']}/{judge}"
        gone = row["stage"] == "judge" and row["author"] in sheet.removed
        columns[column] = (
            say("entry.judge_removed", code=judge) if gone else judge or say(f"entry.column_{row['stage']}")
        )
        told = [words for words, _ in (sources or {}).get((row["criterion"], row["note"]), ())]
        note = " · ".join(text for text in (*(told or [row["note"]]), row["reason"]) if text)
        cells[column, row["criterion"]] = in_short(asked.get(row["criterion"], ()), row["answer"]), note
    return list(columns.items()), cells


_ORDER: tuple[Stage, ...] = ("self", "appraisal", "judge", "council")


def number_of_documents(links: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many documents stand behind each criterion."""
    found: dict[str, int] = {}
    for link in links:
        if link["status"] != "withdrawn":
            found[link["criterion"]] = found.get(link["criterion"], 0) + 1
    return found
