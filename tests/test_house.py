"""The house rules: linting, types, the direction of imports, the README's promises, what a newcomer may not forget."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from chamdiem.criteria.rules import KINDS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of this virtual environment at the top of the project."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300)


def tool(name: str) -> str:
    """The path of a tool that was installed with the tests."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is part of the test extra"
    return found


@pytest.mark.parametrize(
    "command",
    [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports",)],
    ids=["lint", "format", "types", "imports"],
)
def test_tools_find_nothing(command: tuple[str, ...]) -> None:
    found = run(tool(command[0]), *command[1:])
    assert found.returncode == 0, found.stdout + found.stderr


def commands() -> list[str]:
    """The shell commands of README, in order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.+?)\n```$", readme, re.MULTILINE | re.DOTALL)


def test_readme_has_exactly_two_commands() -> None:
    assert len(commands()) == 2
    assert all("\n" not in command for command in commands())
    assert commands()[0].endswith("chamdiem demo --serve")
    assert commands()[1].endswith("pytest")


def test_ci_runs_the_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script
    assert "CHAMDIEM_NO_SKIPS=1" in script
    for command in commands():
        assert command not in script, "the script reads the commands, it does not repeat them"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_rule_kind_has_a_case_and_a_row(kind: type) -> None:
    name = kind.model_fields["kind"].annotation.__args__[0]  # type: ignore[attr-defined]
    cases = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "cases").rglob("*.yaml"))
    shipped = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "criteria").glob("*.yaml"))
    written = re.compile(rf"\bkind: {name}\b")
    assert written.search(cases) or written.search(shipped), f"no golden case uses the rule kind {name}"
    readme = (ROOT / "criteria" / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\|.*`{name}`.*\|", readme, re.MULTILINE), f"criteria/README.md has no row for {name}"


def test_every_module_opens_with_one_sentence() -> None:
    for path in SOURCES:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        assert re.match(r'"""\S', first), path


def test_no_file_names_a_machine() -> None:
    tracked = [*SOURCES, *(ROOT / "tests").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "README.md"]
    for path in tracked:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(?:work|root|home/[a-z]+)/", text), path


def test_no_float_in_the_engine() -> None:
    for path in [*(ROOT / "src/chamdiem/criteria").rglob("*.py"), *(ROOT / "src/chamdiem/scoring").glob("*.py")]:
        calls = re.findall(r"\bfloat\((?!\))", path.read_text(encoding="utf-8"))
        assert not calls or path.name in ("table.py", "quick.py", "reading.py"), (
            f"{path}: only the reader of marks sees a float, to show or refuse it"
        )


def test_what_day_it_is_is_asked_of_one_clock() -> None:
    local = re.compile(r"astimezone\(\)|date\.today|now\([^)]*\)\.date\(\)|\bnow\.date\(\)")
    asking = {path.relative_to(ROOT).as_posix() for path in SOURCES if local.search(path.read_text(encoding="utf-8"))}
    # results.py: a workbook for which nobody says when it was made; the command line always does
    assert asking == {"src/chamdiem/clock.py", "src/chamdiem/exchange/results.py"}


def test_dependencies_have_a_range_and_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for wanted in tomllib.loads(text)["project"]["dependencies"]:
        assert re.search(r">=\d.*,<\d", wanted), f"{wanted} has no range"
        assert re.search(rf'"{re.escape(wanted)}",\s+# \S', text), f"{wanted} has no reason"


def test_help_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys; from chamdiem.cli import run; run(['--help']);"
        "print([m for m in ('pandas', 'numpy', 'pydantic', 'streamlit', 'plotly', 'pyarrow', 'sqlalchemy', 'alembic',"
        " 'argon2', 'cryptography', 'jwt', 'pyotp') if m in sys.modules])"
    )
    found = run(sys.executable, "-X", "utf8", "-c", code)
    assert found.stdout.strip().endswith("[]"), found.stdout + found.stderr
