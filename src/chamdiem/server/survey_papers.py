"""What a survey puts on paper: a sheet of A4 with the picture for a telephone, and slips with codes to be drawn from a pile."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import segno
from markupsafe import Markup

from chamdiem.office.survey_answering import Survey
from chamdiem.office.survey_words import label
from chamdiem.server.forms import drawn, style
from chamdiem.server.public import base
from chamdiem.words import language

PLACE = "/khao-sat"
HALF = 4  # letters of a code, then a space


@cache
def sheet() -> Markup:
    """The style sheet of all pages of surveys."""
    return style() + Markup(files("chamdiem.server").joinpath("templates/survey.css").read_text("utf-8"))


def address(link: str) -> str:
    """Where a survey is answered."""
    return f"{base()}{PLACE}/{link}"


def _about(survey: Survey, link: str) -> dict[str, object]:
    """What a sheet says. The picture holds the address alone: a code in it would stand in the logs on its way."""
    there = address(link)
    picture = segno.make(there, error="m", micro=False).svg_inline(border=2, light="#fff", omitsize=True)
    return {
        "survey": survey, "asked": survey.questionnaire, "address": there, "qr": Markup(picture),
        "english": language() == "en", "label": label(survey.questionnaire),
    }  # fmt: skip


def poster(survey: Survey, link: str) -> str:
    """The sheet as a file that prints by itself."""
    return drawn("survey_poster", **{"style": sheet(), **_about(survey, link)})


def slips(survey: Survey, link: str, codes: Sequence[str]) -> str:
    """Slips with one code each, to be cut apart, mixed and drawn."""
    spaced = [f"{code[:HALF]} {code[HALF:]}" for code in codes]
    return drawn("survey_slips", **{"style": sheet(), **_about(survey, link), "codes": spaced})
