"""The same verbs from a terminal: read, check, score, explain. Exit codes: 0 done, 2 refused, 1 a fault of ours."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from chamdiem.words import LANGUAGES, say, use_language

DONE, FAULT, REFUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; nothing a user does ends in a traceback."""
    code = run(list(sys.argv[1:] if arguments is None else arguments))
    gc.freeze()  # the end is near: what a nation's marks leave in memory need not be searched for garbage once more
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    arguments = _choose_language(arguments)
    _use_utf8()
    from chamdiem.cli import speaking
    from chamdiem.cli.commands import build_app

    try:
        code = build_app()(arguments, standalone_mode=False, prog_name="chamdiem")
    except KeyboardInterrupt:
        speaking.complain(say("cli.interrupted"))
        return FAULT
    except Exception as error:  # the last door: whatever comes here is told, never thrown at the user
        return speaking.tell(error, "--json" in arguments)
    return code if isinstance(code, int) else DONE


def _choose_language(arguments: list[str]) -> list[str]:
    """Take `--lang` out of the arguments, wherever it stands, before any sentence is made."""
    wanted, rest = os.environ.get("CHAMDIEM_LANG", "vi"), []
    given = iter(arguments)
    for argument in given:
        if argument == "--lang":
            wanted = next(given, "")
        elif argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
        else:
            rest.append(argument)
    use_language(wanted if wanted in LANGUAGES else "vi")
    return rest if wanted in LANGUAGES else ["--lang-unknown", wanted, *rest]


def _use_utf8() -> None:
    """Vietnamese must print everywhere, also where Windows still speaks an old code page."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
