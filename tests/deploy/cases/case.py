"""What a case of the suite over all resource types consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conftest import RunningCloud

Read = Callable[[RunningCloud, dict[str, Any]], Any]


@dataclass(frozen=True)
class Case:
    """A program with `NAME` and `VALUE` in it, and what the cloud says of it.

    Attributes:
        type: The type that the case is about.
        program: Exports `id`, and what else `read` needs.
        first: The value of the first deployment, as the program and as the API has it.
        second: The value of the second.
        read: Asks the API for the value; raises or gives nothing when the resource is not there.
        replaces: Whether the change makes it anew.
        outlives: Whether something is left on purpose when the resource is deleted.
    """

    type: str
    program: str
    first: Any
    second: Any
    read: Read
    replaces: bool = False
    outlives: bool = False

    def written(self, name: str, value: Any) -> str:
        """The program with a name of its own and a value."""
        return self.program.replace("NAME", name).replace("VALUE", repr(value))
