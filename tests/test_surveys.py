"""Questionnaires: the shipped ones are what they say, bad ones are refused where they are wrong, forms are read strictly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chamdiem.errors import Problem, Refusal
from chamdiem.surveys import library
from chamdiem.surveys.filling import LONGEST_NOTE, WHO, Form, enveloped, opened, read_form, read_written, written
from chamdiem.surveys.questionnaire import Questionnaire
from chamdiem.words import say, shown_problem, use_language

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad_surveys").glob("*.yaml"))
MINIMAL = HERE / "sample_criteria" / "minimal_survey.yaml"
SHIPPED = {path.stem: library.load(path) for path in library.shipped()}
SEVEN = {"PKS01", "PKS02", "PKS03", "PKS04", "PKS05", "PKS06", "PKS07"}


def changed(asked: Questionnaire, **parts: object) -> Questionnaire:
    """Another questionnaire that differs in these parts."""
    return Questionnaire(**{**{name: getattr(asked, name) for name in Questionnaire.model_fields}, **parts})


def problems_of(file: Path) -> tuple[Problem, ...]:
    with pytest.raises(Refusal) as refused:
        library.load(file)
    return refused.value.problems


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_is_refused_where_it_is_wrong(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = [(name, int(line)) for name, line in re.findall(r"^# expect: (\S+) @ (\d+)$", text, re.M)]
    seen = re.findall(r"^# thấy: (.+)$", text, re.M)
    problems = problems_of(file)
    assert [(problem.message.id, problem.where.line) for problem in problems] == expected
    assert seen
    for words in seen:
        assert any(words in say(problem.message) for problem in problems)


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_file_is_explained_in_both_languages(file: Path) -> None:
    for problem in problems_of(file):
        vietnamese = shown_problem(problem)
        assert vietnamese.startswith(f"{file}:{problem.where.line}:{problem.where.column}")
        use_language("en")
        assert shown_problem(problem) != vietnamese
        use_language("vi")


def test_every_fault_of_a_questionnaire_has_a_bad_file() -> None:
    source = (HERE.parent / "src" / "chamdiem" / "surveys" / "checks.py").read_text(encoding="utf-8")
    named = set(re.findall(r'"(survey\.\w+)"', source))
    shown = {name for file in BAD for name in re.findall(r"^# expect: (\S+)", file.read_text("utf-8"), re.M)}
    assert named - shown == set()


def test_the_seven_questionnaires_say_that_they_are_ours() -> None:
    assert {one.kind for one in SHIPPED.values()} == SEVEN
    for name, asked in SHIPPED.items():
        assert asked.id == name
        assert asked.status == "illustrative"
        assert "tự soạn để minh họa" in asked.source
        assert asked.kind in asked.source
        assert [option.weight for option in asked.options_of(asked.by_code[asked.headline])][-1] is None
        assert all(one.en for one in (*asked.questions, *asked.respondents, *asked.notes)), "English for ?lang=en"
        assert not asked.online_notes, "words are not asked for on a telephone unless the questionnaire says so"


def test_a_wrong_name_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(Refusal) as refused:
        library.load("pks02-chu-tich-ubnd")
    assert "pks02-chu-tich-ubnd-xa" in shown_problem(refused.value.problems[0])
    with pytest.raises(Refusal, match=r"survey\.file_unreadable"):
        library.load(HERE / "nothing.yaml")


def test_the_hash_sees_every_word_and_no_layout(tmp_path: Path) -> None:
    text = MINIMAL.read_text(encoding="utf-8")
    same, other = tmp_path / "same.yaml", tmp_path / "other.yaml"
    same.write_text("# another remark\n" + text, encoding="utf-8")
    other.write_text(text.replace("Câu hai", "Câu thứ hai"), encoding="utf-8")
    first = library.content_hash(library.load(MINIMAL))
    assert library.content_hash(library.load(same)) == first
    assert library.content_hash(library.load(other)) != first


# forms ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked() -> Questionnaire:
    return library.load(MINIMAL)


def wrong(
    asked: Questionnaire, who: str, given: dict[str, str], notes: dict[str, str] | None = None
) -> set[tuple[str, ...]]:
    """Each problem: its place, and the name of its sentence."""
    with pytest.raises(Refusal) as refused:
        read_form(asked, who, given, notes)
    return {(*problem.where.path, problem.message.id) for problem in refused.value.problems}


def test_everything_wrong_with_a_form_is_named_at_once(asked: Questionnaire) -> None:
    found = wrong(asked, "", {"1": "maybe", "9": "co"}, {"y1": "x" * (LONGEST_NOTE + 1), "y7": "a"})
    assert found == {
        (WHO, "survey.choose_class"), ("1", "survey.unknown_option"), ("2", "survey.choose_one"),
        ("9", "survey.unknown_question"), ("y1", "survey.note_too_long"), ("y7", "survey.unknown_question"),
    }  # fmt: skip


def test_who_answers_must_be_of_a_class_that_is_asked(asked: Questionnaire) -> None:
    assert wrong(asked, "can_bo", {"1": "co", "2": "a"}) == {(WHO, "survey.unknown_class")}
    only = changed(asked, respondents=asked.respondents[:1])
    assert read_form(only, "", {"1": "co", "2": "a"}).respondents == "nguoi_dan"


def test_an_optional_question_may_be_left_blank(asked: Questionnaire) -> None:
    free = asked.questions[1].model_copy(update={"required": False})
    loose = changed(asked, questions=(asked.questions[0], free))
    assert read_form(loose, "nguoi_dan", {"1": "co", "2": " "}).choices == {"1": "co"}


@given(words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=LONGEST_NOTE), data=st.data())
def test_all_envelopes_of_a_questionnaire_are_equally_long(words: str, data: st.DataObject) -> None:
    base = library.load(MINIMAL)
    online = changed(base, notes=(base.notes[0].model_copy(update={"online": True}),))
    who = data.draw(st.sampled_from(["", *online.classes]))
    choices = {
        one.code: data.draw(st.sampled_from(online.options_of(one))).key
        for one in online.questions
        if data.draw(st.booleans())
    }
    form = Form(who, choices, {"y1": words} if words else {})
    empty = enveloped(online, Form("", {}))
    assert len(enveloped(online, form)) == len(empty)
    assert opened(enveloped(online, form)) == form
    assert read_written(written(form)) == Form(who, choices)
