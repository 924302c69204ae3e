"""The door through which questionnaires come in: shipped ones by id, others by file, each checked as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from chamdiem.criteria import library as criteria_library
from chamdiem.criteria.checks.places import Found, unknown
from chamdiem.criteria.strict_yaml import MOST_BYTES, MOST_PROBLEMS
from chamdiem.criteria.typed_yaml import read_model
from chamdiem.criteria.yaml_tree import Tree
from chamdiem.errors import Problem, Refusal, Where, refuse
from chamdiem.surveys.checks import faults
from chamdiem.surveys.questionnaire import Questionnaire


def folder() -> Path:
    """Where the shipped questionnaires are."""
    return criteria_library.folder() / "surveys"


def shipped() -> list[Path]:
    """The files of the shipped questionnaires, by name."""
    return sorted(folder().glob("*.yaml"))


def load(source: Path | str) -> Questionnaire:
    """Read the shipped questionnaire of this id, or the one in this file; raises Refusal with every problem found."""
    path = file_of(source)
    asked = read(_content(path), str(path))
    if path.resolve().parent == folder().resolve() and path.stem != asked.id:
        raise refuse("survey.file_name", Where(str(path)), id=asked.id, name=path.name)
    return asked


def read(text: str | bytes, file: str) -> Questionnaire:
    """Read a questionnaire from text; `file` names the text in problems."""
    asked, tree = read_model(Questionnaire, text, file)
    _refuse_all(tree, faults(asked))
    return asked


def text_of(source: Path | str) -> str:
    """The text of the shipped questionnaire of this id, or of this file."""
    return _content(file_of(source)).decode("utf-8-sig")


def content_hash(asked: Questionnaire) -> str:
    """The fingerprint (sha256) of everything a questionnaire says."""
    content = asked.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_of(source: Path | str) -> Path:
    """The file of the shipped questionnaire of this id, or this file itself."""
    path = Path(source)
    if not isinstance(source, str) or not criteria_library.ID.fullmatch(source) or path.is_file():
        return path
    known = {file.stem: file for file in shipped()}
    if source not in known:
        raise Refusal(Problem(Where(), unknown("survey.unknown_questionnaire", source, known)))
    return known[source]


def _content(path: Path) -> bytes:
    """The bytes of a file, one more than may be read when it is too long."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        raise refuse("survey.file_unreadable", Where(str(path))) from None


def _refuse_all(tree: Tree, found: Iterable[Found]) -> None:
    """Raise one refusal with what was found, each at its line, in the order of the file."""
    problems = [Problem(tree.where(loc), why) for loc, why in islice(found, MOST_PROBLEMS)]
    problems.sort(key=lambda problem: (problem.where.line, problem.where.column))
    if problems:
        raise Refusal(dict.fromkeys(problems))
