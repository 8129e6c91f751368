"""The beginning of a file, as classifiers look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from millpond.glue.crawlers.compression import compression_of, read_start

SAMPLE_BYTES = 2**20
"""AWS reads the first megabyte of a text file: https://repost.aws/knowledge-center/glue-crawler-detect-schema."""


@dataclass(frozen=True)
class Sample:
    """A file to be classified.

    Attributes:
        name: The object's key.
        path: Where the file lies.
        size: Its bytes.
    """

    name: str
    path: Path
    size: int

    @cached_property
    def compression(self) -> str:
        """Glue's name of the file's compression."""
        return compression_of(self.path, self.name)

    @cached_property
    def start(self) -> bytes:
        """The first bytes of its content.

        Raises:
            UnreadableFile: It is not compressed as it says.
        """
        return read_start(self.path, self.compression, SAMPLE_BYTES)

    @property
    def is_whole(self) -> bool:
        """Whether `start` is all of the content."""
        return len(self.start) < SAMPLE_BYTES

    @cached_property
    def text(self) -> str | None:
        """The first lines, without one that is cut off; None if it is no text in UTF-8."""
        content = self.start
        if b"\0" in content:
            return None
        if not self.is_whole:
            content = content[: content.rfind(b"\n") + 1] or content
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # The end of a sample may cut a character in two.
            if not self.is_whole and error.start >= len(content) - 3:
                return content[: error.start].decode("utf-8-sig")
            return None

    def estimated_records(self, seen: int) -> int:
        """How many records the whole file has, if `seen` of them are in the sample."""
        if self.is_whole or not seen:
            return seen
        sampled = len(self.start)
        if self.compression == "none":
            return max(seen, round(seen * self.size / sampled))
        return seen
