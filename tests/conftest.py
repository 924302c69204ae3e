"""What every test starts from: Vietnamese is spoken, and no test leaves another language behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from chamdiem.criteria import library
from chamdiem.criteria.model import CriteriaSet
from chamdiem.words import use_language

settings.register_profile("house", deadline=None)  # how long a machine takes proves nothing
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _speak_vietnamese() -> Iterator[None]:
    use_language("vi")
    yield
    use_language("vi")


@pytest.fixture(scope="session")
def yen_the() -> CriteriaSet:
    """The shipped set of the sample contest."""
    return library.load("yenthe-dan-van-kheo-2024")
