"""A bucket's keys, which many threads read and change at once.

moto lists a copy of the keys and then looks up each of them anew: one that was deleted in between breaks
the whole listing, and one that was deleted by two at once breaks the second deletion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import moto.s3.models
from moto.s3.utils import _VersionedKeyStore

from millpond.moto_models import stand_in


class KeyStore(_VersionedKeyStore):
    """Keys and their versions, the current one last; what is listed is what was there at one moment."""

    def pop(self, key: str) -> None:  # type: ignore[override]  # as moto's
        """Forget a key and its versions, if it is still there."""
        for version in dict.pop(self, key, []):
            version.dispose()

    def iterlists(self) -> Iterator[tuple[str, list[Any]]]:
        """Keys and all their versions."""
        for key, versions in dict(self).items():
            if versions:
                yield key, list(versions)

    def items(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]  # as moto's
        """Keys and their current versions."""
        for key, versions in dict(self).items():
            if versions:
                yield key, versions[-1]

    def values(self) -> Iterator[Any]:  # type: ignore[override]  # as moto's
        """The current versions."""
        for _, current in self.items():
            yield current

    lists = iterlists
    iteritems = items
    itervalues = values


def install() -> None:
    """Put this in the place of moto's; before the first bucket is made."""
    stand_in(moto.s3.models, "_VersionedKeyStore", KeyStore)
