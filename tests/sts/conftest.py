"""A local cloud that enforces IAM, and who calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from millpond.client import Endpoint
from millpond.server import process
from millpond.server.settings import ServerSettings
from sts.callers import Callers


@pytest.fixture(scope="session")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """Roles and users in a local cloud that enforces IAM, in a process of its own."""
    data_dir = tmp_path_factory.mktemp("enforcing")
    running = process.start(ServerSettings(data_dir, port=0, enforce_iam=True))
    try:
        yield Callers(Endpoint(running.endpoint_url))
    finally:
        process.stop(data_dir)
