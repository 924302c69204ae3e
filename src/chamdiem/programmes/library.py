"""The door through which programmes come in: shipped ones by id, others by file, each checked as a whole."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from chamdiem.criteria import library as criteria_library
from chamdiem.criteria.checks import calendar_faults
from chamdiem.criteria.checks.places import unknown
from chamdiem.criteria.library import ID, content_of, read_calendar, refuse_all
from chamdiem.criteria.typed_yaml import read_model
from chamdiem.errors import Problem, Refusal, Where, refuse
from chamdiem.programmes.checks import faults, undecided_faults
from chamdiem.programmes.model import Programme
from chamdiem.programmes.working_days import ExpectedCalendar, WorkingDays


def folder() -> Path:
    """Where the shipped programmes are: beside the criteria sets."""
    return criteria_library.folder() / "programmes"


def shipped() -> list[Path]:
    """The files of the shipped programmes, by name."""
    return sorted(folder().glob("*.yaml"))


def load(source: Path | str) -> Programme:
    """Read the shipped programme of this id, or the one in this file; raises Refusal with every problem found."""
    path = file_of(source)
    programme = read(content_of(path), str(path))
    if path.resolve().parent == folder().resolve() and path.stem != programme.id:
        raise refuse("programme.file_name", Where(str(path)), id=programme.id, name=path.name)
    return programme


def read(text: str | bytes, file: str) -> Programme:
    """Read a programme from text; `file` names the text in problems."""
    programme, tree = read_model(Programme, text, file)
    refuse_all(tree, faults(programme, _calendars()))
    return programme


def text_of(source: Path | str) -> str:
    """The text of the shipped programme of this id, or of this file."""
    return content_of(file_of(source)).decode("utf-8-sig")


def file_of(source: Path | str) -> Path:
    """The file of the shipped programme of this id, or this file itself."""
    path = Path(source)
    if not isinstance(source, str) or not ID.fullmatch(source) or path.is_file():
        return path
    known = {file.stem: file for file in shipped()}
    if source not in known:
        raise Refusal(Problem(Where(), unknown("programme.unknown", source, known)))
    return known[source]


def content_hash(programme: Programme) -> str:
    """The fingerprint (sha256) of everything a programme says."""
    content = programme.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def working_days(name: str = "vn") -> WorkingDays:
    """The working days by the shipped calendar of this name, and by what is expected where no notice has come yet."""
    announced = criteria_library.folder() / "calendars" / f"{name}.yaml"
    expected = announced.parent / "expected" / f"{name}.yaml"
    return WorkingDays([read_calendar(announced)], [read_expected(expected)] if expected.is_file() else [])


def read_expected(path: Path) -> ExpectedCalendar:
    """Read one expected calendar; raises Refusal with every problem found."""
    calendar, tree = read_model(ExpectedCalendar, content_of(path), str(path))
    refuse_all(tree, (*calendar_faults(calendar), *undecided_faults(calendar)))
    return calendar


def _calendars() -> frozenset[str]:
    return frozenset(file.stem for file in (criteria_library.folder() / "calendars").glob("*.yaml"))
