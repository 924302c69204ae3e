"""What can be wrong with a questionnaire that reads well: every name that means nothing, every figure that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chamdiem.criteria.checks.places import Found, Loc, repeats, unknown
from chamdiem.errors import message
from chamdiem.surveys.questionnaire import Option, Question, Questionnaire


def faults(asked: Questionnaire) -> Iterator[Found]:
    """Everything that is wrong, with its place in the file."""
    codes: list[tuple[Loc, object]] = [(("questions", at, "code"), one.code) for at, one in enumerate(asked.questions)]
    codes += [(("notes", at, "code"), one.code) for at, one in enumerate(asked.notes)]
    yield from repeats(codes, "survey.repeated_code")
    yield from _repeated_keys(("respondents",), (one.key for one in asked.respondents))
    for name, options in asked.scales.items():
        yield from _option_faults(("scales", name), options)
    for at, question in enumerate(asked.questions):
        yield from _question_faults(asked, ("questions", at), question)
    yield from _headline_faults(asked)
    yield from _figure_faults(asked)


def _question_faults(asked: Questionnaire, loc: Loc, question: Question) -> Iterator[Found]:
    if (question.scale is None) == (question.options is None):
        yield loc, message("survey.scale_or_options", code=question.code)
        return
    if question.scale is not None and question.scale not in asked.scales:
        yield (*loc, "scale"), unknown("survey.unknown_scale", question.scale, asked.scales)
        return
    if question.options is not None:
        yield from _option_faults((*loc, "options"), question.options)
    if question.counts:
        yield from _counting_faults(loc, question, asked.options_of(question))


def _counting_faults(loc: Loc, question: Question, options: tuple[Option, ...]) -> Iterator[Found]:
    """A question that counts can be answered with satisfaction and without it."""
    weighed = [option for option in options if option.weight is not None]
    if not any(option.satisfied for option in weighed) or all(option.satisfied for option in weighed):
        yield loc, message("survey.nothing_to_count", code=question.code)


def _option_faults(loc: Loc, options: tuple[Option, ...]) -> Iterator[Found]:
    yield from _repeated_keys(loc, (option.key for option in options))
    for at, option in enumerate(options):
        if option.weight is not None and not 0 <= option.weight <= 1:
            yield (*loc, at, "weight"), message("survey.weight_out_of_range")
        if option.weight is None and option.satisfied:
            yield (*loc, at), message("survey.satisfied_without_weight", key=option.key)


def _repeated_keys(loc: Loc, keys: Iterable[str]) -> Iterator[Found]:
    yield from repeats((((*loc, at, "key"), key) for at, key in enumerate(keys)), "survey.repeated_key")


def _headline_faults(asked: Questionnaire) -> Iterator[Found]:
    headline = next((one for one in asked.questions if one.code == asked.headline), None)
    if headline is None:
        yield ("headline",), unknown("survey.unknown_headline", asked.headline, asked.by_code)
    elif not headline.counts:
        yield ("headline",), message("survey.headline_not_counted", code=asked.headline)


def _figure_faults(asked: Questionnaire) -> Iterator[Found]:
    if not 0 < asked.sample.error < 1:
        yield ("sample", "error"), message("survey.error_out_of_range")
    if not 0 < asked.recheck.share <= 1:
        yield ("recheck", "share"), message("survey.recheck_share_out_of_range")
    if not 0 <= asked.recheck.most_errors < 1:
        yield ("recheck", "most_errors"), message("survey.most_errors_out_of_range")
