"""Published results as files: written when something is published, given to everybody without asking the database."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from chamdiem.clock import in_vietnam
from chamdiem.contest.contests import KEY, contests_for
from chamdiem.contest.law import law_of
from chamdiem.contest.permissions import ANYBODY
from chamdiem.contest.publication import said_of
from chamdiem.contest.standings import published_for, recognitions_for
from chamdiem.criteria.model import CriteriaSet
from chamdiem.errors import Refusal
from chamdiem.exchange.criteria_words import band_name, band_shown, condition_shown
from chamdiem.exchange.results_verdicts import quota_asked
from chamdiem.exchange.results_words import STAR, STARS_DRAWN, label
from chamdiem.pages import desk
from chamdiem.server.forms import drawn, style_source
from chamdiem.server.public_picture import draw
from chamdiem.server.public_proof import bands_proven, proven
from chamdiem.store.database import FOLDER, Store
from chamdiem.store.journal import canonical
from chamdiem.words import language, say, shown, shown_number, use_language

EVERY = 5  # seconds
ADDRESS = "CHAMDIEM_URL"  # under which people reach the app; stands in links that are passed on
FILES = {"": "index.html", "anh.png": "anh.png", "so-lieu.json": "so-lieu.json"}
KINDS = {".html": "text/html; charset=utf-8", ".png": "image/png", ".json": "application/json"}
UNITS = "don-vi"
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z@._-]{0,79}")  # of a unit; also what a file may be called


# what is written ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One unit as it is read."""

    code: str
    rank: str
    name: str
    points: str
    drawn: str
    said: str
    remarks: tuple[str, ...]
    proof: bool


def folder(store: Store) -> Path:
    """Where the pages are: beside the database."""
    return (store.file.parent if store.file is not None else Path(FOLDER)) / "public"


def refresh(store: Store, known: dict[str, str]) -> None:
    """Write what is new since last time; `known` remembers what each page was made of. What is no longer published goes."""
    use_language(os.environ.get("CHAMDIEM_LANG", "vi"))
    place, listed = folder(store), list[dict[str, str]]()
    for contest in contests_for(store, ANYBODY):
        try:
            made = published_for(store, ANYBODY, contest["id"])
            recognised = recognitions_for(store, ANYBODY, contest["id"])
        except Refusal:
            continue
        at = in_vietnam(datetime.fromisoformat(made["published_at"]))
        listed.append(
            {"id": contest["id"], "title": made["snapshot"]["title"], "at": shown(at.date()), "on": at.isoformat()}
        )
        of = {"made": made, "recognised": recognised, "base": base(), "language": language()}
        key = hashlib.sha256(canonical(of).encode()).hexdigest()
        if known.get(contest["id"]) != key or not (place / contest["id"] / "index.html").exists():
            _write_contest(store, place / contest["id"], made, recognised, at)
            known[contest["id"]] = key
    listed.sort(key=lambda one: one["on"], reverse=True)
    _write(place / "index.html", drawn("public_list", contests=listed).encode())
    for gone in {path.name for path in place.iterdir() if path.is_dir()} - {one["id"] for one in listed}:
        shutil.rmtree(place / gone, ignore_errors=True)


def base() -> str:
    """The address of the app without a slash at its end."""
    return os.environ.get(ADDRESS, "").rstrip("/") or f"http://127.0.0.1:{os.environ.get('CHAMDIEM_PORT', '8501')}"


def _write_contest(
    store: Store, place: Path, made: dict[str, Any], recognised: list[dict[str, Any]], at: datetime
) -> None:
    snapshot = made["snapshot"]
    with store.read() as connection:
        law = law_of(connection, snapshot["criteria"]["hash"])
    valid = {row["unit"]: row for row in recognised if row["status"] == "valid"}
    lines = list(_lines(snapshot, law, valid))
    labels = [label(law), *([say("cli.sample")] if snapshot["sample"] else [])]
    address = f"{base()}/cong-bo/{snapshot['contest']}"
    about = say("public.description", n=len(lines), number=made["number"], day=at.date())
    picture = draw(snapshot["title"], [f"{one.rank}. {one.name} — {one.points}" for one in lines[:3]], labels[-1])
    page = drawn(
        "public", title=snapshot["title"], description=" ".join([about, *labels]), address=address, lines=lines,
        labels=labels, number=made["number"], published_at=at, conditions=list(_conditions(law)), hash=made["hash"],
        criteria_hash=snapshot["criteria"]["hash"], marks_hash=snapshot["marks"], result_hash=snapshot["result"],
        engine=f"chamdiem {snapshot['engine']['chamdiem']} ({snapshot['engine']['arithmetic']})",
        here=f"/cong-bo/{snapshot['contest']}",
        qr=Markup(segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2, light="#fff")),
    )  # fmt: skip
    _write_units(place / UNITS, made, law, lines, {"labels": labels, "published_at": at})
    _write(place / "so-lieu.json", canonical(snapshot).encode())
    _write(place / "anh.png", picture)
    _write(place / "index.html", page.encode())


def _write_units(place: Path, made: dict[str, Any], law: CriteriaSet, lines: list[Line], whole: dict[str, Any]) -> None:
    """A page for every unit with the proof of its stars; those of units that are there no more go."""
    snapshot, proven_ones = made["snapshot"], [line for line in lines if line.proof]
    about = {"contest": snapshot["title"], "here": f"/cong-bo/{snapshot['contest']}", "number": made["number"]}
    for line in proven_ones:
        proof = list(bands_proven(snapshot, law, line.code))
        page = drawn("public_unit", line=line, proof=proof, hash=made["hash"], **about, **whole)
        _write(place / f"{line.code}.html", page.encode())
    for gone in {*place.glob("*.html")} - {place / f"{line.code}.html" for line in proven_ones}:
        gone.unlink()


def _lines(snapshot: dict[str, Any], law: CriteriaSet, valid: dict[str, dict[str, Any]]) -> Iterator[Line]:
    """Every unit by rank, those without one last, by code."""
    units = snapshot["units"].items()
    names = {band.stars: band_name(band) for band in (law.stars.bands if law.stars else ())}
    titled = {band.stars for band in (law.stars.bands if law.stars else ()) if band.title}
    for code, unit in sorted(units, key=lambda item: (item[1]["rank"] or len(snapshot["units"]) + 1, item[0])):
        said = said_of(unit)
        assert said is not None
        remarks = []
        if said.revoked:
            remarks.append(say("public.revoked", day=_day(said.revoked.on), reason=said.revoked.reason))
        elif code in valid:
            since, until = valid[code]["valid_from"], valid[code]["valid_to"]
            sentence = "public.valid" if until else "public.valid_open"
            remarks.append(say(sentence, since=_day(since), until=_day(until)))
        stars = STAR * said.stars if said.stars <= STARS_DRAWN and said.stars not in titled else ""
        word = names.get(said.stars) or say("public.recognised" if said.recognised else "public.not_recognised")
        points = shown_number(Decimal(said.total), law.points.places)
        rank, proof = str(said.rank) if said.rank else "–", bool(proven(snapshot, code)) and bool(CODE.fullmatch(code))
        yield Line(code, rank, unit["name"] or code, points, stars, word, tuple(remarks), proof)


def _day(text: str) -> str:
    return shown(datetime.fromisoformat(text).date()) if text else ""


def _conditions(law: CriteriaSet) -> Iterator[tuple[str, list[str]]]:
    """What each band asks, from the highest."""
    for band in sorted(law.stars.bands if law.stars else (), key=lambda band: -band.stars):
        asked = [condition_shown(law, condition) for condition in band.conditions]
        limited = law.quota is not None and law.quota.stars == band.stars
        yield band_shown(band), [*asked, *([quota_asked(law)] if limited else [])]
    if gates := [gate.title for gate in law.gates if gate.enabled]:
        yield say("show.gates"), gates


def _write(path: Path, content: bytes) -> None:
    """A file that is there whole or not at all; one that says the same already is left alone."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(content)
    part.replace(path)


async def keep_fresh() -> None:
    """Look every few seconds whether something was published."""
    known: dict[str, str] = {}
    while True:
        with suppress(Refusal):  # the store is busy; the pages stand as they are
            await run_in_threadpool(refresh, desk.store(), known)
        await asyncio.sleep(EVERY)


# what is given --------------------------------------------------------------------------------------------------


async def listed(_: Request) -> Response:
    """All published contests."""
    return _file(folder(desk.store()) / "index.html")


async def contest(request: Request) -> Response:
    """A published contest: its page, its picture, its figures."""
    id, file = request.path_params["contest"], FILES.get(request.path_params.get("file", ""))  # noqa: A001
    if not KEY.fullmatch(id) or file is None:
        raise HTTPException(404)
    return _file(folder(desk.store()) / id / file)


async def unit(request: Request) -> Response:
    """One unit of a published contest: the proof of its stars."""
    id, code = request.path_params["contest"], request.path_params["unit"]  # noqa: A001
    if not KEY.fullmatch(id) or not CODE.fullmatch(code):
        raise HTTPException(404)
    return _file(folder(desk.store()) / id / UNITS / f"{code}.html")


def _file(path: Path) -> Response:
    if not path.is_file():
        raise HTTPException(404)
    policy = (
        f"default-src 'none'; style-src {style_source()}; img-src 'self' data:; base-uri 'none'; form-action 'none'"
    )
    headers = {"Content-Security-Policy": f"{policy}; frame-ancestors 'none'", "Cache-Control": "public, max-age=30"}
    return FileResponse(path, media_type=KINDS[path.suffix], headers=headers)


ROUTES = [
    Route("/cong-bo/", listed),
    Route("/cong-bo/{contest}", contest),
    Route("/cong-bo/{contest}/{file}", contest),
    Route("/cong-bo/{contest}/don-vi/{unit}", unit),
]
