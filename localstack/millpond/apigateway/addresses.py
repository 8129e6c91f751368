"""At which addresses APIs answer.

AWS gives every API a host. An IP has no hosts below it, so the API's id may also stand in the path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.", re.IGNORECASE)
_PREFIX = "/_aws/execute-api/"


def address_of(environ: Mapping[str, Any]) -> tuple[str, str] | None:
    """The API's id and the path from the stage on, still quoted; None if a request is for no API."""
    path = str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]
    if path.startswith(_PREFIX):
        api_id, slash, rest = path.removeprefix(_PREFIX).partition("/")
        return api_id, slash + rest or "/"
    if match := _HOST.match(environ.get("HTTP_HOST", "")):
        return match[1].lower(), path
    return None


def base_url(endpoint_url: str, api_id: str) -> str:
    """Where an API's stages are found, without a slash at the end."""
    return f"{endpoint_url}{_PREFIX}{api_id}"
