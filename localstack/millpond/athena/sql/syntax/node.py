"""What all nodes of a tree have: their place in the statement's text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Position:
    """A place in a statement's text, both numbers from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Node:
    """What all nodes have."""

    position: Position = field(compare=False, repr=False)
