"""What a person waits for at a terminal: the help page, and the demo contest from its score sheets."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rounds import Table, installed, paired

from chamdiem.exchange.sample import CRITERIA

TYPER_AND_RICH = """
import typer, rich
app = typer.Typer(rich_markup_mode="rich")
@app.callback()
def main() -> None: "Help."
@app.command()
def one() -> None: "One."
app(["--help"])
"""


def process(*arguments: str) -> Callable[[], object]:
    """A whole Python process."""
    return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=installed())


def commands(table: Table, rounds: int, data: Path) -> None:
    """The help page beside typer and rich alone; the demo contest beside what pandas takes to be imported."""
    runs = {"chamdiem": process("-m", "chamdiem", "--help"), "typer and rich": process("-c", TYPER_AND_RICH)}
    table.slower("chamdiem --help", paired(runs, rounds), "typer and rich", 3)
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "results.xlsx")
        score = process("-m", "chamdiem", "score", "-c", CRITERIA, "-m", str(data), "-o", out)
        runs = {"chamdiem": score, "import pandas": process("-c", "import pandas")}
        table.slower("chamdiem score, demo score sheets", paired(runs, rounds), "import pandas")
