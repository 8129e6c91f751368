"""NextToken: where the following page begins, opaque to clients."""

from __future__ import annotations

import base64

from millpond.athena.exceptions import InvalidRequest


def make_token(position: int) -> str:
    """The token of a page that begins at a position."""
    return base64.urlsafe_b64encode(f"row:{position}".encode()).decode()


def read_token(token: str | None) -> int:
    """The position of a token; the start if there is none.

    Raises:
        InvalidRequest: It is not one of ours.
    """
    if token is None:
        return 0
    try:
        kind, position = base64.urlsafe_b64decode(token).decode().split(":")
        if kind == "row":
            return int(position)
    except ValueError:
        pass
    raise InvalidRequest(f"Malformed nextPageToken {token}")
