"""What the office of a survey takes from the server: slips with codes, made once and shown once; the workbook of results."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chamdiem.clock import now, today
from chamdiem.contest.permissions import Actor
from chamdiem.contest.record import Row
from chamdiem.errors import Refusal, refuse
from chamdiem.office.survey_answering import survey_of
from chamdiem.office.survey_batches import verbs_for
from chamdiem.office.survey_rounds import standings_for
from chamdiem.office.survey_workbook import export_round
from chamdiem.office.surveying import issue_codes
from chamdiem.pages import desk
from chamdiem.server import survey, survey_papers
from chamdiem.server.forms import fields, page, signed_in, told
from chamdiem.server.papers import written

COUNT = "so"


def _round(request: Request) -> str:
    return f"{request.path_params['campaign']}/{request.path_params['unit']}"


def _row(actor: Actor, round_: str) -> Row:
    """The round, for whoever may hand its codes out; not found for everybody else."""
    found = [one.row for one in standings_for(desk.store(), actor) if one.row["id"] == round_]
    if not found or "survey.manage" not in verbs_for(desk.store(), actor, round_):
        raise refuse("permission.not_found")
    return found[0]


async def ask(request: Request) -> Response:
    """How many slips: as many as are wanted still, unless another number is typed."""
    actor = await signed_in(request)
    row = await run_in_threadpool(_row, actor, _round(request))
    return _asked(request, row, str(max(1, row["target"] - row["codes"])), [])


def _asked(request: Request, row: Row, count: str, errors: list[str], status: int = 200) -> Response:
    about = {"row": row, "count": count, "errors": errors, "here": request.url.path, "field": COUNT}
    return page("survey_codes", status, **about)


async def make(request: Request) -> Response:
    """Codes are made, and their slips shown this once."""
    actor, round_ = await signed_in(request), _round(request)
    given = await fields(request)
    row = await run_in_threadpool(_row, actor, round_)
    typed = given.get(COUNT, "").strip()
    try:
        text = await run_in_threadpool(_slips, actor, round_, typed)
    except Refusal as refusal:
        return _asked(request, row, typed, told(refusal), 422)
    return survey.whole_page(text)


def _slips(actor: Actor, round_: str, typed: str) -> str:
    count = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 6 else 0
    found, link = survey_of(desk.store(), round_, today=today())
    return survey_papers.slips(found, link, issue_codes(desk.store(), actor, round_, count))


async def workbook(request: Request) -> Response:
    """The results of a closed round, with all forms mixed."""
    actor, round_ = await signed_in(request), _round(request)
    return await written(f"khao-sat-{round_.replace('/', '-')}.xlsx", lambda path: _export(actor, round_, path))


def _export(actor: Actor, round_: str, path: Path) -> None:
    export_round(desk.store(), actor, round_, path, made_on=now())


ROUTES = [
    Route("/khao-sat-ma/{campaign}/{unit}", ask, methods=["GET"]),
    Route("/khao-sat-ma/{campaign}/{unit}", make, methods=["POST"]),
    Route("/khao-sat-so-lieu/{campaign}/{unit}.xlsx", workbook),
]
