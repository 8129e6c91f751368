"""Millpond's services inside moto's own `mock_aws`: no HTTP, no process, and SQL is executed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from millpond.server.settings import ServerSettings


@contextlib.contextmanager
def moto_services(data_dir: Path) -> Iterator[None]:
    """As long as it lasts, `mock_aws` runs Millpond's services in the places of moto's.

    Functions run in processes of their own, which no mock reaches: what they ask of AWS needs a cloud
    that listens on a port.
    """
    from millpond.server.install import install

    services = install(ServerSettings(data_dir, port=_NO_PORT, enforce_iam=False))
    try:
        yield
    finally:
        services.shutdown()


_NO_PORT = 9
"""Discard: nothing listens there, so that a function's call of AWS fails at once, on this machine."""
