"""What the answers add up to: for each question how many chose what, the share of the satisfied, the weighted result.

Shares are exact fractions. What a small group answered is not there (None), see suppression.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from chamdiem.surveys.filling import Form
from chamdiem.surveys.questionnaire import Question, Questionnaire
from chamdiem.surveys.sampling import Interval, wilson
from chamdiem.surveys.suppression import shown


@dataclass(frozen=True)
class Count:
    """The answers to one question, or to several added up: by option, how many are valid (have a weight), how many of
    those are satisfied, and the sum of the weights (1 for 100 %)."""

    options: Mapping[str, int]
    answered: int
    valid: int
    satisfied: int
    weight: Fraction

    @property
    def share(self) -> Fraction | None:
        """The satisfied among the valid answers; None without any."""
        return Fraction(self.satisfied, self.valid) if self.valid else None

    @property
    def weighted(self) -> Fraction | None:
        """The mean weight of the valid answers, 1 at best; None without any."""
        return self.weight / self.valid if self.valid else None

    @property
    def interval(self) -> Interval | None:
        """Where the true share lies in 95 of 100 samples, for showing only."""
        return wilson(self.satisfied, self.valid)


@dataclass(frozen=True)
class Group:
    """The answers of one class of respondents, or of all: how many forms, and each question that may be shown."""

    forms: int
    questions: Mapping[str, Count | None]
    overall: Count | None
    """All questions that count together, as SIPAS counts; None when one of them is hidden."""


@dataclass(frozen=True)
class Results:
    """What may be shown of a survey: everybody together, and by class; None where there are too few."""

    least: int
    forms: int
    everybody: Group | None
    classes: Mapping[str, Group | None]


def count(asked: Questionnaire, question: Question, chosen: Iterable[str]) -> Count:
    """The answers to one question, by the keys of options."""
    found = Counter(chosen)
    options = asked.options_of(question)
    weighed = [(found[one.key], one) for one in options if one.weight is not None]
    return Count(
        {one.key: found[one.key] for one in options},
        found.total(),
        sum(n for n, _ in weighed),
        sum(n for n, one in weighed if one.satisfied),
        sum((n * one.weight for n, one in weighed if one.weight is not None), Fraction(0)),
    )


def results(asked: Questionnaire, forms: Collection[Form]) -> Results:
    """What may be shown of these forms."""
    least = asked.shown_from
    by_class = {key: [form for form in forms if form.respondents == key] for key in asked.classes}
    sizes = _sizes(forms, asked.classes)
    visible = {key for key in shown(sizes, least) if sizes[key] or not sizes[""]}  # nobody of it, or its name not kept
    at = {question.code: _visible(asked, question, forms) for question in asked.questions}
    classes = {
        key: _group(asked, by_class[key], {code for code, there in at.items() if key in there})
        if key in visible
        else None
        for key in asked.classes
    }
    whole = {one.code for one in asked.questions if not 0 < sum(one.code in form.choices for form in forms) < least}
    everybody = _group(asked, forms, whole) if len(forms) >= least else None
    return Results(least, len(forms), everybody, classes)


def _sizes(forms: Iterable[Form], classes: Iterable[str]) -> dict[str, int]:
    """How many forms each class has; "" those whose class was too small to be kept."""
    return {**dict.fromkeys((*classes, ""), 0), **Counter(form.respondents for form in forms)}


def _visible(asked: Questionnaire, question: Question, forms: Iterable[Form]) -> frozenset[str]:
    """The classes whose answers to a question may be shown beside those of all."""
    answered = (form for form in forms if question.code in form.choices)
    return shown(_sizes(answered, asked.classes), asked.shown_from)


def _group(asked: Questionnaire, forms: Collection[Form], visible: Collection[str]) -> Group:
    questions = {
        one.code: count(asked, one, (form.choices[one.code] for form in forms if one.code in form.choices))
        if one.code in visible
        else None
        for one in asked.questions
    }
    counted = [questions[one.code] for one in asked.counted]
    return Group(len(forms), questions, added([one for one in counted if one is not None]) if all(counted) else None)


def added(counts: Collection[Count]) -> Count:
    """Several counts as one; options of the same key are added up."""
    options: Counter[str] = Counter()
    for one in counts:
        options.update(one.options)
    return Count(
        dict(options),
        sum(one.answered for one in counts),
        sum(one.valid for one in counts),
        sum(one.satisfied for one in counts),
        sum((one.weight for one in counts), Fraction(0)),
    )


def kept_classes(asked: Questionnaire, forms: Collection[Form]) -> list[Form]:
    """The forms as they are kept when a survey is closed: of a class that may not be shown the class is left out, so that
    not even the database tells what so few have answered."""
    visible = shown(_sizes(forms, asked.classes), asked.shown_from)
    return [form if form.respondents in visible else Form("", form.choices, form.notes) for form in forms]
