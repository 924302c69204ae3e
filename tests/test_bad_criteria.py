"""Each file of bad_criteria/ has one mistake: it is refused with the expected sentence, at the expected line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chamdiem.criteria import library
from chamdiem.errors import Problem, Refusal
from chamdiem.words import say, shown_problem, use_language

HERE = Path(__file__).parent
FILES = sorted((HERE / "bad_criteria").glob("*.yaml"))
CATALOGUE = HERE.parent / "src/chamdiem/locale/vi/LC_MESSAGES/chamdiem.po"
PART_OF_ANOTHER = {"criteria.did_you_mean", "criteria.parts_sum", "criteria.parts_choose_one", "criteria.parts_best"}
ABOUT_FILES = {
    f"criteria.{name}" for name in ("file_missing", "file_name", "file_unreadable", "not_a_file", "unknown_set")
}


@pytest.fixture(autouse=True)
def _vietnamese_again() -> Iterator[None]:
    yield
    use_language("vi")


def problems_of(file: Path) -> tuple[Problem, ...]:
    with pytest.raises(Refusal) as refused:
        library.load(file)
    return refused.value.problems


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_bad_file_is_refused_where_it_is_wrong(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = [(name, int(line)) for name, line in re.findall(r"^# expect: (\S+) @ (\d+)$", text, re.M)]
    seen = re.findall(r"^# thấy: (.+)$", text, re.M)
    problems = problems_of(file)
    assert [(problem.message.id, problem.where.line) for problem in problems] == expected
    assert seen
    for words in seen:
        assert any(words in say(problem.message) for problem in problems)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_bad_file_is_explained_in_both_languages(file: Path) -> None:
    for problem in problems_of(file):
        vietnamese = shown_problem(problem)
        assert vietnamese.startswith(f"{file}:{problem.where.line}:{problem.where.column}")
        assert problem.where.column > 0
        use_language("en")
        assert shown_problem(problem) != vietnamese
        use_language("vi")


def test_every_sentence_about_a_criteria_file_has_a_bad_file() -> None:
    sentences = set(re.findall(r'^msgid "((?:criteria|scalar)\..+)"$', CATALOGUE.read_text(encoding="utf-8"), re.M))
    expected = {name for file in FILES for name in re.findall(r"^# expect: (\S+)", file.read_text("utf-8"), re.M)}
    assert sentences - expected - PART_OF_ANOTHER - ABOUT_FILES == set()


def test_the_minimal_set_that_the_bad_files_spoil_is_good() -> None:
    criteria = library.load(HERE / "sample_criteria" / "minimal.yaml")
    assert [leaf.code for leaf in criteria.leaves] == ["1.1", "1.10", "2"]
