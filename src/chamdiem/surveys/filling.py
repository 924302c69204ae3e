"""One filled form: what somebody chose, held against the questionnaire; every question that is wrong is named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chamdiem.errors import Message, Problem, Refusal, Where, message
from chamdiem.surveys.questionnaire import Question, Questionnaire

LONGEST_NOTE = 1000  # letters
WHO = "respondents"
"""The path of a problem with the class of the respondent."""


@dataclass(frozen=True)
class Form:
    """What one form says: the class of whoever filled it in, an answer for each question, words for open ones."""

    respondents: str
    choices: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)


def read_form(
    asked: Questionnaire, respondents: str, given: Mapping[str, str], notes: Mapping[str, str] | None = None
) -> Form:
    """A form as it counts; `given` and `notes` are by the code of the question, "" or missing where left blank.

    Where there is but one class of respondents nobody needs to name it. Raises Refusal; the path of each problem is the
    code of its question, of the class `WHO`.
    """
    who = respondents.strip() or (asked.classes[0] if len(asked.classes) == 1 else "")
    words = {code: said.strip() for code, said in (notes or {}).items() if said.strip()}
    problems = [
        *_who_faults(asked, who),
        *(Problem(Where(path=(code,)), why) for code, why in _choice_faults(asked, given)),
        *(Problem(Where(path=(code,)), why) for code, why in _note_faults(asked, words)),
    ]
    if problems:
        raise Refusal(problems)
    choices = {one.code: given[one.code].strip() for one in asked.questions if given.get(one.code, "").strip()}
    return Form(who, choices, words)


def _who_faults(asked: Questionnaire, who: str) -> Iterator[Problem]:
    if not who:
        yield Problem(Where(path=(WHO,)), message("survey.choose_class"))
    elif who not in asked.classes:
        yield Problem(Where(path=(WHO,)), message("survey.unknown_class", value=who[:60], known=list(asked.classes)))


def _choice_faults(asked: Questionnaire, given: Mapping[str, str]) -> Iterator[tuple[str, Message]]:
    for question in asked.questions:
        said = given.get(question.code, "").strip()
        if not said and question.required:
            yield question.code, message("survey.choose_one", code=question.code)
        elif said and asked.option(question, said) is None:
            yield question.code, _no_such_option(asked, question, said)
    for code in given.keys() - asked.by_code.keys():
        yield code[:40], message("survey.unknown_question", code=code[:40], known=list(asked.by_code))


def _no_such_option(asked: Questionnaire, question: Question, said: str) -> Message:
    known = [option.key for option in asked.options_of(question)]
    return message("survey.unknown_option", code=question.code, value=said[:60], known=known)


def _note_faults(asked: Questionnaire, words: Mapping[str, str]) -> Iterator[tuple[str, Message]]:
    open_questions = {note.code for note in asked.notes}
    for code, said in words.items():
        if code not in open_questions:
            yield code[:40], message("survey.unknown_question", code=code[:40], known=sorted(open_questions))
        elif len(said) > LONGEST_NOTE:
            yield code, message("survey.note_too_long", length=len(said), limit=LONGEST_NOTE)


def written(form: Form) -> str:
    """A form without its words as it lies in the box: the same text for the same answers."""
    said = {"choices": dict(form.choices), "respondents": form.respondents}
    return json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def read_written(text: str) -> Form:
    """A form from the box."""
    said = json.loads(text)
    return Form(said["respondents"], said["choices"])


def enveloped(asked: Questionnaire, form: Form) -> str:
    """A form with its words as it is put into an envelope: all forms of a questionnaire are equally long, so that the
    length of an envelope says nothing of what is in it."""
    said = json.dumps([written(form), sorted(form.notes.items())], ensure_ascii=True, separators=(",", ":"))
    return said.ljust(_longest(asked))


def opened(text: str) -> Form:
    """The form in an envelope."""
    choices, notes = json.loads(text)
    form = read_written(choices)
    return Form(form.respondents, form.choices, dict(notes))


def _longest(asked: Questionnaire) -> int:
    """No envelope is longer than this many letters; twelve for a letter outside of the plane that most are in."""
    fullest = Form(
        max(asked.classes, key=len),
        {one.code: max((option.key for option in asked.options_of(one)), key=len) for one in asked.questions},
    )
    notes = sum(12 * (LONGEST_NOTE + len(note.code)) + 20 for note in asked.online_notes)
    return 2 * len(written(fullest)) + 20 + notes  # a sign of the inner text takes at most two in the outer one
