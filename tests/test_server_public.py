"""Published results as files: what they say, that they need no database, and that everybody can check them."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from markupsafe import escape
from PIL import Image
from starlette.applications import Starlette

from builders import criteria, frame, leaf, run
from chamdiem.contest import decisions, proof, publication
from chamdiem.contest.permissions import ANYBODY
from chamdiem.contest.phases import Phase
from chamdiem.contest.publication_proof import proof_of
from chamdiem.contest.record import score_of
from chamdiem.contest.standings import published_for, result_for
from chamdiem.exchange.results_verdicts import quota_said
from chamdiem.pages import desk
from chamdiem.server import public
from chamdiem.server.public_proof import bands_proven, proven
from chamdiem.store.door import Order
from chamdiem.store.journal import canonical
from chamdiem.store.tables import unit
from chamdiem.words import say
from contest_world import World
from server_world import Browser, served

HOSTILE = 'Xã <img src=x onerror=alert(1)> [a](javascript:1) =HYPERLINK("x")'
Served = tuple[World, Starlette]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Served]:
    monkeypatch.setenv("CHAMDIEM_URL", "https://chamdiem.example.vn")
    with served(monkeypatch, "review", tmp_path) as (w, app):
        w.store.write(Order("system", "unit.import"), lambda t: t.put(unit, unit_id(w), {"name": HOSTILE}))
        yield w, app


def unit_id(w: World) -> str:
    return str(next(row["id"] for row in w.all_rows("unit") if row["code"] == "07243"))


def published(w: World) -> None:
    """The contest is published, and the pages are written."""
    w.two("publication.publish", "Quyết định công bố")
    public.refresh(w.store, {})


def test_nothing_is_public_before_it_is_published(here: Served) -> None:
    w, app = here
    public.refresh(w.store, {})
    assert say("public.none") in Browser(app).get("/cong-bo/").text
    assert Browser(app).get("/cong-bo/k").status_code == 404
    assert Browser(app).get("/cong-bo").headers["location"] == "/cong-bo/"


def test_a_published_contest_is_a_page_without_a_script_that_everybody_can_check(here: Served) -> None:
    w, app = here
    published(w)
    made = published_for(w.store, ANYBODY, "k")
    page = Browser(app).get("/cong-bo/k")
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;img src=x onerror" in page.text
    assert '<html lang="vi">' in page.text
    for name in ("title", "description", "image", "url"):
        assert re.search(rf'<meta property="og:{name}" content="[^"]+">', page.text)
    assert 'content="https://chamdiem.example.vn/cong-bo/k/anh.png"' in page.text
    assert made["hash"] in page.text
    for row in made["snapshot"]["units"].values():
        assert row["total"].replace(".", ",") in page.text
    assert "★" in page.text
    assert say("results.status.illustrative") in page.text
    asked = [page.text.index(f"<dt>{heading}") for heading in ("5 sao", "4 sao", "3 sao", say("show.gates"))]
    assert asked == sorted(asked)
    assert "<svg" in page.text
    assert "/cong-bo/k" in Browser(app).get("/cong-bo/").text
    figures = Browser(app).get("/cong-bo/k/so-lieu.json")
    assert hashlib.sha256(figures.content).hexdigest() == made["hash"]
    picture = Image.open(io.BytesIO(Browser(app).get("/cong-bo/k/anh.png").content))
    assert picture.size == (1200, 630)


def test_every_unit_has_a_page_with_the_proof_of_its_stars(here: Served) -> None:
    w, app = here
    published(w)
    made = published_for(w.store, ANYBODY, "k")["snapshot"]
    result = result_for(w.store, w.actor("to_chuc"), "k")
    at = result.unit_at("07246")
    conditions = sorted(result.conditions_of(at), key=lambda row: (row.stars != 0, -row.stars))
    assert [(one.subject, one.clause, one.observed, one.needed, one.met) for one in proven(made, "07246")] == [
        (row.subject, row.clause, row.observed, row.needed, row.met) for row in conditions
    ]
    assert {row.met for row in conditions} == {True, False}
    page = Browser(app).get("/cong-bo/k/don-vi/07246").text
    assert (page.count("✓"), page.count("✗")) == tuple(
        sum(row.met is met for row in conditions) for met in (True, False)
    )
    bands, reached = list(bands_proven(made, result.criteria, "07246")), made["units"]["07246"]["stars"]
    assert [one.have for one in bands] == [stars <= reached for stars in dict.fromkeys(row.stars for row in conditions)]
    assert all(escape(one.said) in page for one in bands)
    for row in conditions:
        assert escape(say(row.subject)) in page
        assert escape(row.clause) in page
    assert "/cong-bo/k/don-vi/07246" in Browser(app).get("/cong-bo/k").text
    assert "&lt;img src=x onerror" in Browser(app).get("/cong-bo/k/don-vi/07243").text
    assert Browser(app).get("/cong-bo/k/don-vi/99999").status_code == 404


def test_what_the_proof_of_each_class_comes_to_is_said() -> None:
    """The second of three units meets all of the class that lets one in, and stands beyond its quota."""
    stars = {"on": "total", "when_condition_fails": "next_lower", "bands": [
        {"stars": 3, "from": 8}, {"stars": 2, "from": 6, "conditions": [{"fact": "sach"}]}, {"stars": 1, "from": 4},
    ]}  # fmt: skip
    gate = {"id": "chung", "title": "Chung", "when": {"any": [{"fact": "sach"}, {"total": {"at_least": 1}}]}}
    facts = [{"id": "sach", "title": "Sạch"}]
    quota = {"stars": 3, "share": "50%", "ties": "all_in"}
    law = criteria(leaf("x", 10), stars=stars, gates=[gate], facts=facts, quota=quota)
    result = run(law, frame([("a", "x", 9), ("b", "x", 8), ("c", "x", 5)]))
    units = {code: asdict(said) for code, said in publication.standings(result, {}).items()}
    snapshot = json.loads(canonical({"units": units, "proof": proof_of(result)}))
    found = {unit: [(one.have, one.said) for one in bands_proven(snapshot, law, unit)] for unit in "abc"}
    reached, instead = (True, say("proof.reached", n=1)), (True, say("proof.instead"))
    assert found == {
        "a": [instead, reached, (True, say("proof.passed")), reached],
        "b": [instead, (False, say("proof.but_quota", n=1)), (False, say("proof.not_reached", n=2, failed=1)), reached],
        "c": [instead, (False, say("proof.not_reached", n=1, failed=1)), (False, say("proof.not_reached", n=2, failed=2)),
              reached],
    }  # fmt: skip
    limited = [one.quota for one in bands_proven(snapshot, law, "b")]
    assert limited == ["", quota_said(law, limit=1, of=3, inside=2, out=1), "", ""]
    assert "50% của 3 đơn vị" in limited[1]
    del snapshot["proof"]["held"], snapshot["proof"]["quota"]  # as published before this was said
    assert [one.have for one in bands_proven(snapshot, law, "a")] == [True] * 4


def test_a_snapshot_from_before_there_was_a_proof_is_still_a_page(
    here: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    w, app = here
    with monkeypatch.context() as then:
        then.setattr(publication, "snapshot", lambda c, k: publication._figures(c, k, score_of(c, k, closed=True)))
        then.setattr(decisions, "snapshot", publication.snapshot)
        published(w)
    assert "proof" not in published_for(w.store, ANYBODY, "k")["snapshot"]
    assert list(proof.everything(w.store)) == []
    assert "/don-vi/" not in Browser(app).get("/cong-bo/k").text
    assert Browser(app).get("/cong-bo/k/don-vi/07246").status_code == 404
    w.put_in(Phase.REVIEW)
    assert publication.preview(w.store, w.actor("to_chuc"), "k") == []


def test_public_pages_ask_no_database(here: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    w, app = here
    published(w)
    place = public.folder(w.store)
    monkeypatch.setattr(public, "folder", lambda _: place)
    monkeypatch.setattr(desk, "store", lambda: None)
    assert [Browser(app).get(path).status_code for path in ("/cong-bo/", "/cong-bo/k", "/cong-bo/k/anh.png")] == [
        200
    ] * 3


def test_a_page_is_written_again_only_when_something_changed(here: Served) -> None:
    w, _ = here
    w.two("publication.publish", "Quyết định công bố")
    known: dict[str, str] = {}
    public.refresh(w.store, known)
    page = public.folder(w.store) / "k" / "index.html"
    before = page.stat().st_mtime_ns
    public.refresh(w.store, known)
    assert page.stat().st_mtime_ns == before
    page.unlink()
    public.refresh(w.store, known)
    assert page.exists()


@pytest.mark.parametrize("file", ["../chamdiem", "k/.x", "k%2F..%2Fx", "K", "k/index", "k/don-vi/..%2Findex"])
def test_no_other_file_is_public(here: Served, file: str) -> None:
    w, app = here
    published(w)
    assert Browser(app).get(f"/cong-bo/{file}").status_code == 404
