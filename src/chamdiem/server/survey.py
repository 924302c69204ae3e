"""The public form of a survey: plain HTML on a telephone, no sign-in, no script, and nothing kept of who answers."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from chamdiem import clock
from chamdiem.errors import Message, Problem, Refusal, Where, message, refuse
from chamdiem.office import survey_answering
from chamdiem.office.survey_answering import TICKET, Survey
from chamdiem.office.survey_words import label
from chamdiem.pages import desk
from chamdiem.server import survey_papers
from chamdiem.server.forms import address_of, drawn, fields, is_secure
from chamdiem.server.survey_gate import ANSWERS, WRONG_CODES
from chamdiem.surveys.filling import LONGEST_NOTE, WHO
from chamdiem.words import LANGUAGES, language, say, use_language

COOKIE = "chamdiem_phieu"
PLACE = "/khao-sat"
CHOICE, NOTE, CLASS, CODE = "c.", "y.", "nhom", "ma"
MOST_OF_A_FORM = 20_000  # bytes, and for each open question as many as its letters can take
BYTES_OF_A_LETTER = 12  # a letter outside of the plane that most are in, as a form sends it
BUSY = ("store.busy", "store.locked", "store.unreachable")


@cache
def _policy() -> str:
    source = base64.b64encode(hashlib.sha256(survey_papers.sheet().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{source}'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of a survey: runs nothing, loads nothing, is kept by nobody."""
    return whole_page(drawn(name, **{"style": survey_papers.sheet(), **values}), status)


def whole_page(text: str, status: int = 200) -> HTMLResponse:
    """A page of a survey that was drawn already."""
    return HTMLResponse(text, status, {"Content-Security-Policy": _policy(), "Cache-Control": "no-store"})


def _speak(request: Request) -> None:
    wanted = request.query_params.get("lang", "")
    if wanted in LANGUAGES:
        use_language(wanted)


async def _survey(request: Request) -> Survey:
    """The survey that is asked for; a link that leads nowhere is not found."""
    _speak(request)
    link = request.path_params["link"]
    return await run_in_threadpool(survey_answering.survey_at, desk.store(), link, today=clock.today())


# the form -------------------------------------------------------------------------------------------------------


async def form(request: Request) -> Response:
    """The empty form, or why there is none."""
    survey = await _survey(request)
    if survey.state != "open":
        return _told(survey, _why_not(survey))
    token = request.cookies.get(COOKIE, "")
    if await run_in_threadpool(survey_answering.has_answered, desk.store(), survey, token):
        return _told(survey, message("survey.already_answered"))
    answer = _form(request, survey, {}, ())
    if not survey.with_codes and not token:
        _give_token(request, answer, survey)
    return answer


def _why_not(survey: Survey) -> Message:
    return message("survey.is_early", day=survey.opens_on) if survey.state == "early" else message("survey.is_over")


def _give_token(request: Request, response: Response, survey: Survey) -> None:
    """What lets a browser answer once: random, for this survey alone, gone when it is over."""
    ends = datetime.combine(survey.closes_on + timedelta(days=1), time(), clock.VIETNAM)
    seconds = int((ends - clock.now()).total_seconds())
    response.set_cookie(
        COOKIE, survey_answering.new_token(), max_age=max(seconds, 60), path=request.url.path, httponly=True,
        samesite="lax", secure=is_secure(request),
    )  # fmt: skip


async def send(request: Request) -> Response:
    """Take one form; what is wrong with it is told beside each question, and what was chosen stays."""
    survey = await _survey(request)
    notes = survey.questionnaire.online_notes
    size = MOST_OF_A_FORM + len(notes) * LONGEST_NOTE * BYTES_OF_A_LETTER
    given = await fields(request, most=len(survey.questionnaire.questions) + len(notes) + 4, size=size)
    if seconds := ANSWERS.wait(address_of(request)):
        why = message("survey.wait", seconds=math.ceil(seconds))
        return _form(request, survey, given, (Problem(Where(), why),), 429)
    shown = given.get(CODE, "") if survey.with_codes else request.cookies.get(COOKIE, "")
    try:
        if not survey.with_codes and not shown:
            raise refuse("survey.no_cookie")
        await run_in_threadpool(_answer, request.path_params["link"], shown, given)
    except Refusal as refusal:
        return _refused(request, survey, given, refusal)
    there = f"{PLACE}/{request.path_params['link']}/cam-on?lang={language()}"
    return RedirectResponse(there, 303, {"Cache-Control": "no-store"})


def _answer(link: str, shown: str, given: Mapping[str, str]) -> None:
    said = {code: _parts(given, sign) for code, sign in (("choices", CHOICE), ("notes", NOTE))}
    survey_answering.answer(
        desk.store(), link, shown[:80], given.get(CLASS, ""), said["choices"], said["notes"], today=clock.today()
    )


def _parts(given: Mapping[str, str], sign: str) -> dict[str, str]:
    return {name.removeprefix(sign): value for name, value in given.items() if name.startswith(sign)}


def _refused(request: Request, survey: Survey, given: Mapping[str, str], refusal: Refusal) -> Response:
    ids = {problem.message.id for problem in refusal.problems}
    if ids & {"survey.already_answered", "survey.is_over", "survey.is_early"}:
        return _told(survey, refusal.problems[0].message, 409)
    if "permission.not_found" in ids:
        raise refusal
    if "survey.unknown_code" in ids and (seconds := WRONG_CODES.wait(address_of(request))):
        why = message("survey.wait", seconds=math.ceil(seconds))
        return _form(request, survey, given, (Problem(Where(), why),), 429)
    answer = _form(request, survey, given, refusal.problems, 503 if ids & {*BUSY} else 422)
    if "survey.no_cookie" in ids:
        _give_token(request, answer, survey)
    return answer


def _form(
    request: Request, survey: Survey, given: Mapping[str, str], problems: Sequence[Problem], status: int = 200
) -> Response:
    beside = {problem.where.path[0]: say(problem.message) for problem in reversed(problems) if problem.where.path}
    ours = {TICKET, WHO, *survey.questionnaire.by_code, *(note.code for note in survey.questionnaire.online_notes)}
    above = [say(problem.message) for problem in problems if not {*problem.where.path[:1]} & ours]
    return page(
        "survey_form", status, survey=survey, asked=survey.questionnaire, given=given, beside=beside, above=above,
        english=language() == "en", here=request.url.path, names=(CHOICE, NOTE, CLASS, CODE), who=WHO, ticket=TICKET,
        label=label(survey.questionnaire), longest=LONGEST_NOTE,
        asks_class=not survey.respondents and len(survey.questionnaire.classes) > 1,
    )  # fmt: skip


# what is said afterwards ----------------------------------------------------------------------------------------


async def thanks(request: Request) -> Response:
    """The form lies in the box."""
    return _told(await _survey(request), message("survey.thanks"))


def _told(survey: Survey, what: Message, status: int = 200) -> Response:
    return page(
        "survey_said", status, survey=survey, asked=survey.questionnaire, english=language() == "en", line=say(what)
    )


async def poster(request: Request) -> Response:
    """One sheet of A4 to hang up: the picture that leads a telephone to the form."""
    survey = await _survey(request)
    return whole_page(survey_papers.poster(survey, request.path_params["link"]))


def _or_nowhere(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The same answer; whoever typed an address that leads nowhere reads what to do, and nothing of who may do what."""

    async def found(request: Request) -> Response:
        try:
            return await answer(request)
        except Refusal as refusal:
            if {problem.message.id for problem in refusal.problems} != {"permission.not_found"}:
                raise
            return page("survey_nowhere", 404)

    return found


ROUTES = [
    Route(f"{PLACE}/{{link}}", _or_nowhere(form), methods=["GET"]),
    Route(f"{PLACE}/{{link}}", _or_nowhere(send), methods=["POST"]),
    Route(f"{PLACE}/{{link}}/cam-on", _or_nowhere(thanks), methods=["GET"]),
    Route(f"{PLACE}/{{link}}/to-in", _or_nowhere(poster), methods=["GET"]),
]
