"""Looking through a tree."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from millpond.athena.sql.syntax.node import Position
from millpond.athena.sql.types import SqlType

_Kind = TypeVar("_Kind")


def nodes(tree: Any, kinds: tuple[type[_Kind], ...]) -> Iterator[_Kind]:
    """All nodes of some kinds in a tree, itself included."""
    if isinstance(tree, kinds):
        yield tree
    if isinstance(tree, tuple):
        for item in tree:
            yield from nodes(item, kinds)
    elif dataclasses.is_dataclass(tree) and not isinstance(tree, (type, Position, SqlType)):
        for item in dataclasses.fields(tree):
            yield from nodes(getattr(tree, item.name), kinds)


def contains(tree: Any, kinds: tuple[type[Any], ...]) -> bool:
    """Whether a tree has a node of one of some kinds."""
    return any(True for _ in nodes(tree, kinds))
