"""The load of a survey in small: the real server, 50 clients at once, on both databases."""

from __future__ import annotations

import pytest

import postgres
from experiments import e22_survey

postgres_server = postgres.postgres_server


@pytest.mark.slow
@pytest.mark.usefixtures("postgres_server")
def test_fifty_clients_at_once_lose_and_double_nothing() -> None:
    found = e22_survey.run(True, only=120)
    assert [name for name, holds in found["targets"].items() if not holds] == [], found["figures"]
