"""The commands that open the app: what they say, whom they let in, how they end; and sign-ins by another service."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from chamdiem.cli import DONE, REFUSED, run
from chamdiem.contest import signing_in
from chamdiem.pages.desk import COOKIE
from chamdiem.server import vouching
from contest_world import World, demo_store, world
from server_world import Browser, code_of, give_keys, served


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def started(folder: Path, *arguments: str, seconds: str = "60") -> subprocess.Popen[str]:
    """The command in a process of its own."""
    environment = {
        **os.environ, "CHAMDIEM_DATABASE_URL": demo_store(folder), "CHAMDIEM_SERVE_SECONDS": seconds, "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "chamdiem", *arguments], cwd=folder, env=environment, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def answered(port: int, path: str) -> httpx.Response:
    """What the app says as soon as it does."""
    end = time.monotonic() + 120
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10)
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def test_the_demo_goes_on_to_the_app_with_a_sign_in_for_each_role_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    process = started(tmp_path, "demo", "--serve", "--port", str(port))
    page = answered(port, "/dang-nhap")
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert all(name in page.text for name in ("mau-quantri", "mau-thuky", "mau-gk1", "mau-xa-07243"))
    assert f"http://127.0.0.1:{port}" in out
    assert "Phần mềm đã dừng" in out
    assert process.returncode == DONE
    assert "Traceback" not in errors


def test_the_app_ends_by_itself_where_a_time_is_set_and_lets_nobody_in_by_a_click(tmp_path: Path) -> None:
    port = free_port()
    process = started(tmp_path, "serve", "--port", str(port), "--no-open", seconds="3")
    assert "/dang-nhap/mau/" not in answered(port, "/dang-nhap").text
    out, errors = process.communicate(timeout=60)
    assert process.returncode == DONE
    assert "Mở trong trình duyệt" in out
    assert "Traceback" not in errors


def test_an_address_that_is_taken_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAMDIEM_DATABASE_URL", demo_store(tmp_path))
    monkeypatch.setenv("CHAMDIEM_DEMO", "0")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert run(["serve", "--port", port, "--no-open"]) == REFUSED
    assert port in capsys.readouterr().err


def test_the_demo_is_not_opened_to_other_machines_nor_beside_a_real_contest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHAMDIEM_DATABASE_URL", demo_store(tmp_path))
    assert run(["demo", "--serve", "--host", "0.0.0.0"]) == REFUSED
    assert "chamdiem serve" in capsys.readouterr().err
    with world("draft", tmp_path) as w:
        monkeypatch.setenv("CHAMDIEM_DATABASE_URL", str(w.store.url))
        assert run(["demo", "--serve"]) == REFUSED
    assert "cuộc khảo sát thật" in capsys.readouterr().err


# another service vouches -------------------------------------------------------------------------------------------

ISSUER = "https://id.example.vn"


class Service:
    """A sign-in service that answers as one does, and can be made to lie."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, str] = {}

    async def answer(self, method: str, address: str, **what: Any) -> dict[str, Any]:
        if address.endswith("openid-configuration"):
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return {"issuer": ISSUER, **{name: f"{ISSUER}/{name}" for name in names}}
        if address.endswith("jwks_uri"):
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [{**public, "kid": "1", "use": "sig"}]}
        self.asked = what["data"]
        return {"id_token": jwt.encode(self.claims, self.key, "RS256", {"kid": "1"})}

    def vouch(self, login: str, nonce: str) -> None:
        now = int(datetime.now(UTC).timestamp())
        self.claims = {
            "iss": ISSUER, "aud": "chamdiem", "sub": "1", "iat": now, "exp": now + 300, "nonce": nonce,
            "preferred_username": login,
        }  # fmt: skip


def sent_away(browser: Browser) -> dict[str, str]:
    """What the browser is told to ask the service."""
    away = browser.get("/oidc/di?ve=/cham-diem").headers["location"]
    assert away.startswith(f"{ISSUER}/authorization_endpoint?")
    return {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}


def test_another_service_may_vouch_for_people_known_here_and_nothing_of_its_answer_is_taken_unseen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service = Service()
    monkeypatch.setattr(vouching, "_asked", service.answer)
    with served(monkeypatch, "judging", tmp_path) as (w, app):
        give_keys(w.store, "giam_khao_1")
        assert Browser(app).get("/oidc/di").status_code == 404
        monkeypatch.setenv("CHAMDIEM_OIDC_ISSUER", ISSUER)
        monkeypatch.setenv("CHAMDIEM_OIDC_CLIENT_ID", "chamdiem")
        assert "/oidc/di" in Browser(app).get("/dang-nhap").text
        browser = Browser(app)
        asked = sent_away(browser)
        assert (asked["redirect_uri"], asked["code_challenge_method"]) == ("http://localhost/oidc/ve", "S256")
        service.vouch("giam_khao_1", asked["nonce"])
        answer = browser.get(f"/oidc/ve?code=x&state={asked['state']}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/cham-diem")
        assert living(w, answer.cookies[COOKIE])
        assert service.asked["code_verifier"]
        for wrong in ({"nonce": "khác"}, {"aud": "khác"}, {"preferred_username": "khong_ai"}, {"exp": 0}):
            browser = Browser(app)
            asked = sent_away(browser)
            service.vouch("giam_khao_1", asked["nonce"])
            service.claims |= wrong
            assert browser.get(f"/oidc/ve?code=x&state={asked['state']}").status_code == 400
        assert browser.get(f"/oidc/ve?code=x&state={asked['state']}").status_code == 400, "once"
        browser = Browser(app)
        assert sent_away(browser)
        assert browser.get("/oidc/ve?code=x&state=khac").status_code == 400


def test_who_has_a_telephone_is_asked_for_its_code_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    service = Service()
    monkeypatch.setattr(vouching, "_asked", service.answer)
    monkeypatch.setenv("CHAMDIEM_OIDC_ISSUER", ISSUER)
    monkeypatch.setenv("CHAMDIEM_OIDC_CLIENT_ID", "chamdiem")
    with served(monkeypatch, "judging", tmp_path) as (w, app):
        secret, browser = give_keys(w.store, "thu_ky", telephone=True), Browser(app)
        asked = sent_away(browser)
        service.vouch("thu_ky", asked["nonce"])
        page = browser.get(f"/oidc/ve?code=x&state={asked['state']}")
        assert (page.status_code, COOKIE in page.cookies) == (200, False)
        assert browser.post("/oidc/ma", data={"ma": "000000"}).status_code == 422
        answer = browser.post("/oidc/ma", data={"ma": code_of(secret)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/cham-diem")
        assert living(w, answer.cookies[COOKIE])
        assert browser.post("/oidc/ma", data={"ma": code_of(secret)}).status_code == 401


def living(w: World, token: str) -> bool:
    return signing_in.living_among(w.store, [token], now=datetime.now(UTC)) == {token}


def test_a_service_that_says_nothing_is_said_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with served(monkeypatch, "draft", tmp_path) as (_, app):
        monkeypatch.setenv("CHAMDIEM_OIDC_ISSUER", f"http://127.0.0.1:{free_port()}")
        monkeypatch.setenv("CHAMDIEM_OIDC_CLIENT_ID", "chamdiem")
        assert Browser(app).get("/oidc/di").status_code == 400
