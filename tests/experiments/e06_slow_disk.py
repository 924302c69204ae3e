"""E6: every fsync takes 20 ms longer, as on a worn-out disk; a hundred judges go on marking."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from chamdiem.store.database import open_store
from chamdiem.store.proof import verify
from experiments.common import Figures, folder, main, outcome, paced, run_child, skipped

SLOW = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slow(const char *name, int fd) {
  usleep(20000);
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}
int fsync(int fd) { return slow("fsync", fd); }
int fdatasync(int fd) { return slow("fdatasync", fd); }
"""


def slow_library(place: Path) -> str:
    """A library that makes fsync and fdatasync slow for the process that loads it first."""
    source, library = place / "slow.c", place / "slow.so"
    source.write_text(SLOW)
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return str(library)


def child(url: str, judges: str, seconds: str) -> None:
    """Mark at a steady pace on this store, and print the figures."""
    with open_store(url) as store:
        found = paced(store, int(judges), float(seconds))
        found["verify_faults"] = len(list(verify(store)))
    sys.stdout.write(json.dumps(found) + "\n")


def run(quick: bool, *, judges: int = 100, seconds: float = 0) -> Figures:
    """The same load on the slow disk and, beside it, on the disk as it is."""
    if not shutil.which("gcc"):
        return skipped("E6 slow disk", "there is no gcc to compile the slow library with")
    seconds = seconds or (8 if quick else 60)
    figures: Figures = {}
    with folder() as place:
        for name, preload in (("slow", slow_library(place)), ("as_it_is", "")):
            url = f"sqlite:///{place / name}.db"
            process = run_child("e06_slow_disk", "child", url, str(judges), str(seconds), preload=preload)
            figures[name] = json.loads(process.communicate()[0])
    return outcome("E6 slow disk", figures, {
        "p99 < 500 ms": figures["slow"]["p99_ms"] < 500,
        "no errors": figures["slow"]["refused"] == 0,
        "every mark saved": figures["slow"]["saved"] >= judges * (seconds - 1),
        "verify clean": figures["slow"]["verify_faults"] == 0,
    })  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(*sys.argv[2:5])
    else:
        main(run)
