"""What a test needs of the machine: it is skipped where that is missing, unless the house allows no skips."""

from __future__ import annotations

import os
import shutil

import pytest


def needs(program: str) -> str:
    """The path of a program. Without it the test is skipped, or fails where CHAMDIEM_NO_SKIPS is set."""
    found = shutil.which(program)
    if found:
        return found
    if os.environ.get("CHAMDIEM_NO_SKIPS"):
        pytest.fail(f"{program} is not installed, and CHAMDIEM_NO_SKIPS forbids to skip what needs it")
    pytest.skip(f"{program} is not installed")
