"""The door through which criteria sets come in: shipped ones by id, others by file, each checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from chamdiem.criteria.checks import calendar_faults, faults
from chamdiem.criteria.checks.places import Found, unknown
from chamdiem.criteria.model import Calendar, CriteriaSet, Node
from chamdiem.criteria.rules.dated import Deadline
from chamdiem.criteria.strict_yaml import MOST_BYTES, MOST_PROBLEMS
from chamdiem.criteria.typed_yaml import read_model
from chamdiem.criteria.yaml_tree import Tree
from chamdiem.errors import Problem, Refusal, Where, message, refuse

PACKAGE = Path(__file__).parents[1]
SHIPPED = PACKAGE / "shipped" / "criteria"  # in an installed wheel
IN_REPOSITORY = PACKAGE.parents[1] / "criteria"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")


def folder() -> Path:
    """Where the shipped criteria sets are."""
    return SHIPPED if SHIPPED.is_dir() else IN_REPOSITORY


def shipped() -> list[Path]:
    """The files of the shipped criteria sets, by name."""
    return sorted(folder().glob("*.yaml"))


def load(source: Path | str) -> CriteriaSet:
    """Read the shipped set of this id, or the set in this file; raises Refusal with every problem found."""
    path = file_of(source)
    criteria = read(content_of(path), str(path))
    if path.resolve().parent == folder().resolve() and path.stem != criteria.id:
        raise refuse("criteria.file_name", Where(str(path)), id=criteria.id, name=path.name)
    return criteria


def read(text: str | bytes, file: str, calendars: Mapping[str, str] | None = None) -> CriteriaSet:
    """Read a criteria set from text, its working calendars included; `file` names the text in problems.

    `calendars` are the texts of the calendars to use, by name; without them the shipped ones are taken.
    """
    criteria, tree = read_model(CriteriaSet, text, file)
    criteria = _with_calendars(criteria, calendar_texts(criteria) if calendars is None else calendars)
    refuse_all(tree, faults(criteria))
    return criteria


def text_of(source: Path | str) -> str:
    """The text of the shipped set of this id, or of this file."""
    return content_of(file_of(source)).decode("utf-8-sig")


def file_of(source: Path | str) -> Path:
    """The file of the shipped set of this id, or this file itself."""
    path = Path(source)
    if isinstance(source, str) and ID.fullmatch(source) and not path.is_file():
        return _shipped_file(source)
    return path


def _shipped_file(id: str) -> Path:  # noqa: A002 - what people call it
    known = {file.stem: file for file in shipped()}
    if id not in known:
        raise Refusal(Problem(Where(), unknown("criteria.unknown_set", id, known)))
    return known[id]


def content_of(path: Path) -> bytes:
    """The bytes of a file, one more than may be read when it is too long."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(MOST_BYTES + 1)
        known = "criteria.not_a_file" if path.exists() else "criteria.file_missing"
    except OSError:
        known = "criteria.file_unreadable"
    raise refuse(known, Where(str(path)))


def calendar_texts(criteria: CriteriaSet) -> dict[str, str]:
    """The shipped calendars that the deadlines of a set name and that it does not define itself, as texts by name."""
    named = {name for node in criteria.leaves for name in _calendars_of(node)} - criteria.calendars.keys()
    files = {name: _calendar_file(name) for name in sorted(named)}
    return {name: content_of(file).decode("utf-8-sig") for name, file in files.items() if file.is_file()}


def _calendar_file(name: str) -> Path:
    return folder() / "calendars" / f"{name}.yaml"


def _with_calendars(criteria: CriteriaSet, texts: Mapping[str, str]) -> CriteriaSet:
    """The set with these calendars beside those that it defines itself."""
    found = {name: _calendar(text, str(_calendar_file(name))) for name, text in texts.items()}
    return criteria.model_copy(update={"calendars": {**criteria.calendars, **found}}) if found else criteria


def _calendars_of(node: Node) -> Iterator[str]:
    for rule in (node.rule, *(variant.rule for variant in node.variants)):
        if isinstance(rule, Deadline) and rule.after is not None:
            yield rule.after.calendar


def read_calendar(path: Path) -> Calendar:
    """Read one working calendar; raises Refusal with every problem found."""
    return _calendar(content_of(path), str(path))


def _calendar(text: str | bytes, file: str) -> Calendar:
    calendar, tree = read_model(Calendar, text, file)
    refuse_all(tree, calendar_faults(calendar))
    return calendar


def refuse_all(tree: Tree, found: Iterable[Found]) -> None:
    """Raise one refusal with what was found, each at its line, in the order of the file; a wild file is cut short."""
    some = list(islice(found, MOST_PROBLEMS + 1))
    problems = [Problem(tree.where(loc), why) for loc, why in some[:MOST_PROBLEMS]]
    problems.sort(key=lambda problem: (problem.where.line, problem.where.column))
    if len(some) > MOST_PROBLEMS:
        problems.append(Problem(Where(tree.file), message("yaml.too_many_problems", limit=MOST_PROBLEMS)))
    if problems:
        raise Refusal(dict.fromkeys(problems))
