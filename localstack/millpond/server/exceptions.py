"""What can keep the local cloud from starting or stopping."""

from __future__ import annotations

from pathlib import Path

from millpond.exceptions import MillpondError


class ServerError(MillpondError):
    """The local cloud cannot do what was asked of its process."""


class PortTaken(ServerError):
    """Another program listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"{host}:{port} is taken by another program. "
            "Stop that program, or choose another port with --port."
        )


class AlreadyRunning(ServerError):
    """A local cloud listens on the port already."""

    def __init__(self, host: str, port: int, pid: int, data_dir: str) -> None:
        super().__init__(
            f"A local cloud is already running on {host}:{port} (process {pid}, data in {data_dir}). "
            "Stop it with `millpond stop`, or choose another port and data directory "
            "with --port and --data-dir."
        )


class DataDirectoryInUse(ServerError):
    """Another local cloud works in the data directory."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"Another local cloud uses the data directory {data_dir}. "
            "Stop it with `millpond stop`, or choose another one with --data-dir."
        )


class NotRunning(ServerError):
    """No local cloud works in the data directory."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(
            f"No local cloud is running with the data directory {data_dir}. Start one with `millpond start`."
        )


class StartFailed(ServerError):
    """The local cloud was started in the background and did not become ready."""

    def __init__(self, log: Path, tail: str) -> None:
        super().__init__(f"The local cloud did not start. The end of its log, {log}:\n{tail}")


class StopFailed(ServerError):
    """The local cloud's process did not end."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"The local cloud (process {pid}) did not end within 10 s; end it with `kill -9 {pid}`."
        )
