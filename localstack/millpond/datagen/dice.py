"""Chance that falls the same way on every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

_Item = TypeVar("_Item")


class Dice:
    """A stream of chance of its own per topic.

    Python promises the same sequence in every version for `random()` alone, not for `choice`, `shuffle`
    or `gauss`: everything here is made from it, and without functions whose last digit depends on the C
    library.
    """

    def __init__(self, seed: int, *topic: object) -> None:
        self._random = random.Random("/".join(map(str, (seed, *topic)))).random  # noqa: S311  no secret

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def low_between(self, low: int, high: int) -> int:
        """Like `between`, but small numbers come far more often."""
        return low + int(self._random() * self._random() * self._random() * (high - low + 1))

    def pick(self, items: Sequence[_Item]) -> _Item:
        """One of the items, each as likely as the others."""
        return items[int(self._random() * len(items))]

    def pick_early(self, items: Sequence[_Item]) -> _Item:
        """One of the items, the first ones more often: best-sellers and regulars."""
        return items[int(self._random() * self._random() * len(items))]
