"""The record of decisions, read where it is: at the cloud that runs, or in what one left when it ended."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

from millpond.access.exceptions import NoRecord, NotEnforced
from millpond.client.endpoint import Endpoint
from millpond.server import process
from millpond.server.data_directory import access_record

PAGE = "/_millpond/access"


def read_description(data_dir: Path) -> dict[str, Any]:
    """The record of the cloud that `AWS_ENDPOINT_URL` names, or else of the one in a data directory.

    Raises:
        NoRecord: There is none.
        NotEnforced: The cloud decided nothing.
    """
    running = None if os.environ.get("AWS_ENDPOINT_URL") else process.find(data_dir)
    if os.environ.get("AWS_ENDPOINT_URL") or running:
        url = running.endpoint_url if running else Endpoint.from_environment().url
        description = read_page(url)
    else:
        try:
            description = json.loads(access_record(data_dir).read_text())
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
