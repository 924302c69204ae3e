"""Paper forms typed into a table: one row for each form, one column for each question, answers by their place, key or words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.exchange.cells import typed
from chamdiem.exchange.tables import Cell, Table, read_tables
from chamdiem.office.survey_paper import INVALID, Said
from chamdiem.surveys.filling import WHO
from chamdiem.surveys.questionnaire import Option, Questionnaire, Respondent
from chamdiem.words import in_every_language, plain

NUMBER = "number"
NOT_VALID = {"x", "invalid", "khong hop le", "phieu khong hop le", "not valid"}


def read_forms(path: Path, asked: Questionnaire) -> dict[int, Said]:
    """The forms in a workbook or text table: a column with the number of the form, one with the class where there are
    several, one for each question (its number, or its number and words).

    An answer is the place of the option (1 for the first), its key or its words; "x" in the column of the class or of the
    first question says that the form is not valid. Raises Refusal with every cell that is wrong.
    """
    tables, problems = read_tables([path])
    if problems:
        raise Refusal(problems)
    for table in tables:
        if (columns := _columns(table, asked)) is not None:
            return _forms(table, asked, columns)
    raise refuse("survey.no_headings", Where(str(path)), wanted=_headings(asked))


def _headings(asked: Questionnaire) -> list[str]:
    return [in_every_language("survey.head_number")[0], in_every_language("survey.head_class")[0], *asked.by_code]


def _columns(table: Table, asked: Questionnaire) -> dict[str, int] | None:
    """Which column is which, from the first row; None where it has no column of numbers or lacks a question."""
    names = {NUMBER: set(map(plain, in_every_language("survey.head_number")))}
    names[WHO] = set(map(plain, in_every_language("survey.head_class")))
    names |= {one.code: {plain(one.code), plain(f"{one.code}. {one.title}")} for one in asked.questions}
    found: dict[str, int] = {}
    for at, cell in enumerate(table.first(1)[0] if len(table.numbers) else ()):
        word = plain(typed(cell)).removesuffix(".")
        what = next((name for name, words in names.items() if word in words), None)
        if what is not None:
            found.setdefault(what, at)
    needed = {NUMBER, *asked.by_code} | ({WHO} if len(asked.classes) > 1 else set())
    return found if needed <= found.keys() else None


def _forms(table: Table, asked: Questionnaire, columns: Mapping[str, int]) -> dict[int, Said]:
    problems: list[Problem] = []
    forms: dict[int, Said] = {}
    for at, row in enumerate(table.rows[1:], 1):
        if all(cell is None for cell in row):
            continue
        number = _number(row[columns[NUMBER]])
        if number is None or number in forms:
            why = "survey.number_unreadable" if number is None else "survey.number_twice"
            problems.append(Problem(table.where(at, columns[NUMBER]), message(why, value=typed(row[columns[NUMBER]]))))
            continue
        said, wrong = _said(asked, row, columns)
        problems += [Problem(table.where(at, columns[what]), why) for what, why in wrong]
        forms[number] = said
    if problems:
        raise Refusal(problems)
    return forms


def _number(cell: Cell) -> int | None:
    text = typed(cell)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None


def _said(
    asked: Questionnaire, row: Sequence[Cell], columns: Mapping[str, int]
) -> tuple[Said, list[tuple[str, Message]]]:
    first = [WHO] if WHO in columns else []
    if any(plain(typed(row[columns[what]])) in NOT_VALID for what in (*first, asked.questions[0].code)):
        return INVALID, []
    said: dict[str, str] = {}
    wrong: list[tuple[str, Message]] = []
    for what, known in _asked(asked, columns):
        text = typed(row[columns[what]])
        key = _meant(text, known)
        if key is None:
            keys = [one.key for one in known]
            wrong.append((what, message("survey.unknown_answer", value=text[:60], known=keys)))
        else:
            said[what] = key
    return said, wrong


def _asked(
    asked: Questionnaire, columns: Mapping[str, int]
) -> Iterator[tuple[str, Sequence[Option] | Sequence[Respondent]]]:
    if WHO in columns:
        yield WHO, asked.respondents
    for question in asked.questions:
        yield question.code, asked.options_of(question)


def _meant(text: str, known: Sequence[Option] | Sequence[Respondent]) -> str | None:
    """The key of what was typed, "" for nothing; None for what is none of them."""
    word = plain(text)
    if not word:
        return ""
    if word.isascii() and word.isdecimal() and 1 <= int(word[:6]) <= len(known):
        return known[int(word[:6]) - 1].key
    return next((one.key for one in known if word in (one.key, plain(one.title))), None)
