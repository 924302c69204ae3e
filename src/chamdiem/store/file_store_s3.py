"""Evidence files in a storage that speaks S3, by the same hashes as in a folder; needs the extra `chamdiem[s3]`.

Address and keys of the storage come from the usual AWS variables (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID …), never from
the setting, so that they stand in no log. Such a storage shows an object only when all of it has arrived.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from fsspec.core import url_to_fs  # type: ignore[import-not-found,import-untyped,unused-ignore] # ships no types

from chamdiem.errors import Problem, Refusal, Where, refuse
from chamdiem.store.file_kinds import ALLOWED
from chamdiem.store.file_receiving import Kept, part_in, received, swept
from chamdiem.store.files import HASH, LIMIT, compared


class StoredFiles:
    """Evidence files under `s3://bucket/prefix`, or any other address that fsspec knows. The bucket must exist."""

    def __init__(self, address: str, *, limit: int = LIMIT, allowed: Collection[str] = ALLOWED) -> None:
        self.storage, root = url_to_fs(address, use_listings_cache=False)
        self.root, self.limit, self.allowed = root.rstrip("/"), limit, allowed

    def keep(self, stream: BinaryIO, name: str) -> Kept:
        """See `Files.keep`. The file passes through the folder for temporary files of this machine."""
        with part_in(Path(tempfile.gettempdir())) as part:
            kept = received(stream, name, part, self.limit, self.allowed)
            with troubles_of_the_storage():
                place = self._place(kept.sha256)
                if self._size(place) != kept.size:
                    self.storage.put_file(str(part), place)
                    if self._size(place) != kept.size:
                        raise OSError(place)
        return kept

    def _size(self, place: str) -> int | None:
        """The size of an object, None if there is none. (`exists` of fsspec calls a storage out of reach empty.)"""
        try:
            return int(self.storage.info(place)["size"])
        except FileNotFoundError:
            return None

    def _place(self, sha256: str) -> str:
        if not HASH.fullmatch(sha256):
            raise refuse("files.missing")
        return f"{self.root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def open(self, sha256: str) -> BinaryIO:
        """See `Files.open`."""
        with troubles_of_the_storage(sha256):
            return cast(BinaryIO, self.storage.open(self._place(sha256), "rb"))

    def has(self, sha256: str) -> bool:
        """See `Files.has`."""
        with troubles_of_the_storage(sha256):
            return bool(HASH.fullmatch(sha256)) and self._size(self._place(sha256)) is not None

    def size(self, sha256: str) -> int:
        """See `Files.size`."""
        with troubles_of_the_storage(sha256):
            return int(self.storage.info(self._place(sha256))["size"])

    def all(self) -> Iterator[str]:
        """See `Files.all`."""
        with troubles_of_the_storage():
            paths = self.storage.find(self.root)
        for path in paths:
            sha256 = str(path).rpartition("/")[2]
            if HASH.fullmatch(sha256) and path == self._place(sha256):
                yield sha256

    def verify(self, progress: Callable[[int], None] | None = None) -> list[Problem]:
        """See `Files.verify`. Every file is fetched."""
        return compared(self, progress)

    def forget(self, sha256: str) -> None:
        """See `Files.forget`."""
        if self.has(sha256):
            with troubles_of_the_storage(sha256):
                self.storage.rm_file(self._place(sha256))

    def sweep(self) -> int:
        """See `Files.sweep`. Parts of uploads inside the storage are swept by a rule of the bucket (lifecycle)."""
        return swept(Path(tempfile.gettempdir()))


@contextmanager
def troubles_of_the_storage(sha256: str = "") -> Iterator[None]:
    """Say in words what the storage refuses; its own words may hold keys, only the kind of the error is passed on."""
    try:
        yield
    except Refusal:
        raise
    except FileNotFoundError as error:
        raise refuse("files.missing" if sha256 else "files.folder_missing", Where(sha256)) from error
    except Exception as error:  # botocore's errors have no common ancestor with anything
        raise refuse("files.storage_failed", Where(sha256), detail=type(error).__name__) from error
