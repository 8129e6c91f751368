"""Where the record is: at the local cloud that runs, or in the file that one left when it ended."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from millpond.access.exceptions import NoRecord, NotEnforced

PAGE = "/_millpond/access"


def read_description(data_dir: Path) -> dict[str, Any]:
    """The record of the cloud that `AWS_ENDPOINT_URL` names, or else of the one in a data directory.

    Raises:
        NoRecord: There is none.
        NotEnforced: The cloud decided nothing.
    """
    from millpond.client import Endpoint
    from millpond.server import process

    running = None if os.environ.get("AWS_ENDPOINT_URL") else process.find(data_dir)
    if os.environ.get("AWS_ENDPOINT_URL") or running:
        url = running.endpoint_url if running else Endpoint.from_environment().url
        description = read_page(url)
    else:
        try:
            description = json.loads(record_file(data_dir).read_text())
        except FileNotFoundError:
            raise NoRecord(data_dir) from None
    if not description["enforced"]:
        raise NotEnforced
    return description


def read_page(endpoint_url: str) -> dict[str, Any]:
    """The record of the cloud at an endpoint; its `enforced` says whether it decides anything."""
    with urllib.request.urlopen(endpoint_url + PAGE, timeout=30) as answer:  # noqa: S310 - the user's own endpoint
        description: dict[str, Any] = json.load(answer)
    return description


def record_file(data_dir: Path) -> Path:
    """Where a local cloud leaves its record when it ends."""
    return data_dir / "access.json"
