"""The process's job bookmark: which objects a source has still to read, and what the commit leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class SourceObject:
    """An object that could be read.

    Attributes:
        uri: Its S3 address.
        modified: When it was written, as ISO text.
        size: Its bytes.
        storage_class: Where S3 keeps it.
    """

    uri: str
    modified: str
    size: int = 0
    storage_class: str = "STANDARD"


class Bound:
    """How much a source reads at most in one run.

    Args:
        files: How many objects; None for all.
        size: How many bytes; None for all.
    """

    def __init__(self, files: int | None = None, size: int | None = None) -> None:
        self._files, self._size = files, size

    def take(self, objects: Iterable[SourceObject]) -> list[SourceObject]:
        """The first objects that are within the bound, of which they take their share."""
        taken = []
        for item in objects:
            if self._files == 0 or (self._size is not None and item.size > self._size):
                break
            self._files = None if self._files is None else self._files - 1
            self._size = None if self._size is None else self._size - item.size
            taken.append(item)
        return taken


class Bookmark:
    """What earlier runs have read, and what this one reads.

    Args:
        window: `enabled`, `after` (what is not read again), `until` (what is read at most; None: all).
        committed: The file that `commit` writes.
    """

    def __init__(self, window: Mapping[str, Any], committed: Path) -> None:
        self._window = window
        self._committed = committed
        self._read: dict[str, dict[str, str]] = {}

    def follows(self, transformation_ctx: str) -> bool:
        """Whether a source is bookmarked: it has a name, and bookmarks are on."""
        return bool(transformation_ctx) and bool(self._window["enabled"])

    def new(
        self, transformation_ctx: str, objects: Iterable[SourceObject], bound: Bound
    ) -> list[SourceObject]:
        """The objects that are to be read now; an object that was written again is new."""
        if not self.follows(transformation_ctx):
            return bound.take(objects)
        seen = self._window["after"].get(transformation_ctx, {})
        until = self._window["until"]
        chosen = [item for item in objects if item.modified > seen.get(item.uri, "")]
        if until is not None:
            most = until.get(transformation_ctx, {})
            chosen = [item for item in chosen if item.modified <= most.get(item.uri, "")]
        chosen = bound.take(chosen)
        self._read.setdefault(transformation_ctx, {}).update({item.uri: item.modified for item in chosen})
        return chosen

    def commit(self) -> None:
        """Leave what has been read, for the next run."""
        after = self._window["after"]
        names = {*after, *self._read}
        kept = {name: {**after.get(name, {}), **self._read.get(name, {})} for name in sorted(names)}
        unfinished = self._committed.with_suffix(".part")
        unfinished.write_text(json.dumps(kept))
        os.replace(unfinished, self._committed)  # noqa: PTH105 - atomically


_used: list[Bookmark] = []


def use(bookmark: Bookmark) -> None:
    """Make this the process's."""
    _used[:] = [bookmark]


def current() -> Bookmark:
    """The process's; one that remembers nothing outside of a job."""
    if not _used:
        use(Bookmark({"enabled": False, "after": {}, "until": None}, Path(os.devnull)))
    return _used[0]
