"""Where the demo contest is: real communes and towns, filled score sheets with made-up marks, open on day one."""

from __future__ import annotations

from pathlib import Path

from chamdiem.errors import Where, refuse

CRITERIA = "yenthe-dan-van-kheo-2024"
"""The id of the criteria set that the demo contest is marked by."""
PACKAGE = Path(__file__).parents[1]
SHIPPED = PACKAGE / "shipped" / "data" / "demo"  # in an installed wheel
IN_REPOSITORY = PACKAGE.parents[1] / "data" / "demo"


def folder() -> Path:
    """The folder of the demo contest; raises Refusal when this copy of the program came without it."""
    found = SHIPPED if SHIPPED.is_dir() else IN_REPOSITORY
    if not found.is_dir():
        raise refuse("table.missing", Where(str(found)))
    return found


def files() -> list[Path]:
    """Its score sheets and lists, by name."""
    return sorted(folder().glob("*.xlsx"))
