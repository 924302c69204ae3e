"""Run every experiment, one after the other: `PYTHONPATH=tests python -m experiments [--quick] [e01_kill …]`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """One line for each experiment; the figures go to the standard output of each script alone."""
    quick = [word for word in sys.argv[1:] if word == "--quick"]
    names = [word for word in sys.argv[1:] if word != "--quick"] or [
        path.stem for path in sorted(HERE.glob("e[0-9]*.py"))
    ]
    failed = 0
    for name in names:
        command = [sys.executable, "-m", f"experiments.{name}", *quick]
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True)
        try:
            found = json.loads(done.stdout)
        except ValueError:
            found = {"experiment": name, "passed": False, "figures": done.stderr[-2000:]}
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        failed += found["passed"] is False
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
