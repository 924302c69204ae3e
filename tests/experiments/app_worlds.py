"""Stores for experiments with the running app: worlds of the tests, whose people have keys and can be signed in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chamdiem.store.database import open_store
from contest_world import World, template
from experiments.common import folder
from server_world import session


@dataclass
class Place:
    """A database with the tokens of its people."""

    path: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """As the app is told."""
        return f"sqlite:///{self.path}"

    @contextmanager
    def opened(self) -> Iterator[World]:
        """The world in it, for preparing and looking after."""
        with open_store(self.url) as store:
            yield World(store)

    def copy(self, name: str) -> Place:
        """The same again, beside it."""
        other = self.path.with_name(f"{name}.db")
        for file in self.path.parent.glob(f"{self.path.stem}.*"):
            shutil.copy(file, other.with_name(other.stem + file.name[len(self.path.stem) :]))
        return Place(other, dict(self.tokens))


@contextmanager
def place(kind: str, *people: str) -> Iterator[Place]:
    """A copy of a world, with these people signed in."""
    with folder() as where:
        made = Place(where / "world.db")
        shutil.copy(template(kind)[0], made.path)
        with made.opened() as w:
            made.tokens = {name: session(w.store, name) for name in people}
        yield made
