"""Workbooks on their way out: results and reports for whoever may read them, score sheets for whoever may fill them in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import anyio
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from chamdiem.clock import now
from chamdiem.contest.papers import notice_for, sheet_to_fill
from chamdiem.contest.permissions import Actor
from chamdiem.contest.standings import result_for
from chamdiem.contest.uploads import file_place
from chamdiem.errors import refuse
from chamdiem.exchange.results import write_results
from chamdiem.exchange.scoresheet_template import write_sheets
from chamdiem.office.programme_files import take_document
from chamdiem.office.report_workbook import export_report
from chamdiem.pages import desk
from chamdiem.server.forms import signed_in
from chamdiem.server.proofs import GUARDED, attachment, pieces
from chamdiem.store.files import shown_name

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = anyio.CapacityLimiter(2)  # workbooks that are being written; whoever comes later waits


async def results(request: Request) -> Response:
    """The results workbook of the units that are open to the person."""
    actor, contest = await signed_in(request), request.path_params["contest"]
    return await written(f"ket-qua-{contest}.xlsx", lambda path: _results(actor, contest, path))


def _results(actor: Actor, contest: str, path: Path) -> None:
    result = result_for(desk.store(), actor, contest)
    write_results(result, path, made_on=now(), notice=notice_for(desk.store(), actor, contest, result))


async def sheet(request: Request) -> Response:
    """The score sheet of one unit, for the stage at which the person may enter marks."""
    actor, wanted = await signed_in(request), request.query_params.get("giai-doan", "")
    contest, unit = request.path_params["contest"], request.path_params["unit"]
    return await written(f"phieu-{unit}.xlsx", lambda path: _sheet(actor, contest, unit, wanted, path))


def _sheet(actor: Actor, contest: str, unit: str, wanted: str, path: Path) -> None:
    sheet = sheet_to_fill(desk.store(), actor, contest, unit, wanted)
    write_sheets(sheet.criteria, path, units=[sheet.unit], judge=sheet.judge, stage=sheet.stage, said=sheet.said)


async def report(request: Request) -> Response:
    """A periodic report of a member of a programme, as it is handed in or as the record says it now."""
    actor, at = await signed_in(request), request.path_params
    key = f"{at['duty']}/{at['period']}/{at['stage']}"
    name = f"bao-cao-{at['member']}-{at['duty']}-{at['period']}.xlsx".replace("_", "-")
    return await written(name, lambda path: _report(actor, at["programme"], at["member"], key, path))


def _report(actor: Actor, programme: str, member: str, key: str, path: Path) -> None:
    export_report(desk.store(), actor, programme, member, key, path, made_on=now())


async def document(request: Request) -> Response:
    """The file behind a document that a member of a programme handed in."""
    actor, at = await signed_in(request), request.path_params
    place = f"{at['programme']}/{at['member']}/{at['number']}"
    name, stream = await run_in_threadpool(take_document, desk.store(), file_place(), actor, place)
    headers = {**GUARDED, "Content-Disposition": attachment(shown_name(name))}
    return StreamingResponse(pieces(stream), media_type="application/octet-stream", headers=headers)


async def written(name: str, write: Callable[[Path], None]) -> Response:
    """A workbook that is written to a place of its own, sent, and gone."""
    folder = tempfile.TemporaryDirectory(prefix="chamdiem-")
    path = Path(folder.name) / "so.xlsx"
    try:
        await anyio.to_thread.run_sync(write, path, limiter=AT_ONCE)
        if not path.exists():
            raise refuse("permission.not_found")
    except BaseException:
        folder.cleanup()
        raise
    headers = {**GUARDED, "Content-Disposition": attachment(name)}
    return FileResponse(path, media_type=XLSX, headers=headers, background=BackgroundTask(folder.cleanup))


ROUTES = [
    Route("/ket-qua/{contest}.xlsx", results),
    Route("/phieu-cham/{contest}/{unit}.xlsx", sheet),
    Route("/so-bao-cao/{programme}/{member}/{duty}/{period}/{stage}.xlsx", report),
    Route("/tai-lieu/{programme}/{member}/{number:int}", document),
]
