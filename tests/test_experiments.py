"""The experiments in small: each is imported and run with little, so that none of them rots."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import pytest

import postgres
from experiments import (
    e01_kill,
    e01b_wal,
    e02_edits,
    e03_disk_full,
    e06_slow_disk,
    e07_replay,
    e08_tamper,
    e08b_backup,
    e11_two_worlds,
    e12_side_by_side,
    e13_hostile,
    e14_strangers,
    e17_signing_in,
    e20_migration,
    e21_load,
)
from experiments.common import Figures
from needs import needs

postgres_server = postgres.postgres_server

TIME = re.compile(r"\d m?s$|about 5 s$")
SMALL: dict[str, Callable[[], Figures]] = {
    "E1": lambda: e01_kill.run(True, only=1),
    "E1b": lambda: e01b_wal.run(True, only=12),
    "E2": lambda: e02_edits.run(True, only=300),
    "E3": lambda: e03_disk_full.run(True),
    "E7": lambda: e07_replay.run(True, only=4),
    "E8": lambda: e08_tamper.run(True, only=1000),
    "E8b": lambda: e08b_backup.run(True, only=500),
    "E11": lambda: e11_two_worlds.run(
        True, people=("giam_khao_1", "xa_07243"), pages=("tong-quan", "cham-diem", "xep-hang")
    ),
    "E12": lambda: e12_side_by_side.run(True, runs=45),
    "E13": lambda: e13_hostile.run(
        True, people=("thu_ky",), pages=("tong-quan", "phieu-don-vi", "kien-nghi", "xep-hang")
    ),
    "E14": lambda: e14_strangers.run(True, sessions=4, size=30, idle=40),
    "E17": lambda: e17_signing_in.run(True, tries=30, times=2),
    "E20": lambda: e20_migration.run(True, only=500),
    "E21": lambda: e21_load.run(True, only=20),
}


def missed(found: Figures) -> list[str]:
    """The targets that do not hold, but for those that speak of time: the machine is shared."""
    if "skipped" in found:
        needs(found["skipped"])
    return [
        f"{name}: {found['figures']}" for name, holds in found["targets"].items() if not holds and not TIME.search(name)
    ]


@pytest.mark.usefixtures("postgres_server")
@pytest.mark.parametrize("experiment", SMALL.values(), ids=SMALL.keys())
def test_experiment_in_small_meets_its_targets(experiment: Callable[[], Figures]) -> None:
    assert missed(experiment()) == []


def test_marks_on_a_slow_disk_are_all_saved() -> None:
    if not shutil.which("gcc"):
        needs("gcc")
    found = e06_slow_disk.run(True, judges=10, seconds=1)
    assert found["figures"]["slow"]["refused"] == 0
    assert found["figures"]["slow"]["verify_faults"] == 0
