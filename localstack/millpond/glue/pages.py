"""Pages of a list: `MaxResults` and `NextToken`, opaque to clients."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from millpond.glue.exceptions import InvalidInput, ValidationFailed

_Item = TypeVar("_Item")


def page(
    items: Sequence[_Item], max_results: int | None, token: str | None, largest: int
) -> tuple[list[_Item], dict[str, str]]:
    """The items of a page, and the answer's `NextToken` if there are more.

    Raises:
        ValidationFailed: `max_results` is not between 1 and `largest`.
        InvalidInput: The token is not one of ours.
    """
    size = largest if max_results is None else max_results
    if not 1 <= size <= largest:
        raise ValidationFailed(
            f"1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: "
            f"Member must have value between 1 and {largest}"
        )
    start = _position(token) if token else 0
    stop = start + size
    following = base64.urlsafe_b64encode(f"item:{stop}".encode()).decode()
    return list(items[start:stop]), {"NextToken": following} if stop < len(items) else {}


def _position(token: str) -> int:
    try:
        kind, position = base64.urlsafe_b64decode(token).decode().split(":")
        if kind == "item":
            return int(position)
    except ValueError:
        pass
    raise InvalidInput("Invalid NextToken")
