"""A local cloud in this process: the services, the HTTP endpoint, and the order of their lives."""

from __future__ import annotations

import datetime
import json
import os
import threading
import uuid
from dataclasses import replace
from typing import IO, Any

from millpond import __version__
from millpond.access import describe_access
from millpond.server import data_directory
from millpond.server.app import Application
from millpond.server.http import HttpServer
from millpond.server.install import Services, install
from millpond.server.settings import ServerSettings

_OWN_PATHS = "/_millpond/"


class LocalCloud:
    """Every service on one endpoint.

    moto's backends are global to the process, so a process has at most one local cloud.
    `start` binds the port (0 takes a free one) and returns once requests are answered;
    `stop` ends the endpoint first and then everything that runs behind it.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._requested = settings
        self._settings: ServerSettings | None = None
        self._services: Services | None = None
        self._http: HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._lock: IO[str] | None = None
        self._started_at = datetime.datetime.now(datetime.UTC)
        self._instance_id = uuid.uuid4().hex

    @property
    def settings(self) -> ServerSettings:
        """The settings in force, with the port that was taken."""
        return self._settings or self._requested

    @property
    def endpoint_url(self) -> str:
        """Where AWS clients find the cloud."""
        return self.settings.endpoint_url

    @property
    def services(self) -> Services:
        """The running services."""
        if self._services is None:
            raise RuntimeError("The local cloud has not been started")
        return self._services

    def start(self) -> None:
        """Take the port and the data directory, install the services, answer requests.

        Raises:
            PortTaken: Somebody else listens on the port.
            DataDirectoryInUse: Another local cloud works in the data directory.
        """
        http = HttpServer(self._requested.host, self._requested.port, self._answer)
        port = http.bind()
        try:
            self._lock = data_directory.lock(self._requested.data_dir)
            self._settings = replace(self._requested, port=port)
            self._services = install(self._settings)
            self._application = Application(
                self.health,
                self._settings.other_endpoints,
                self._services.authorizer,
                self._services.apis,
            )
        except BaseException:
            http.stop()
            raise
        self._http = http
        self._thread = threading.Thread(target=http.serve, name="http", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the endpoint, the services and their children. Stopping twice does nothing more."""
        if self._http and self._thread:
            self._http.stop()
            self._thread.join(timeout=2)
            self._http = None
        if self._services:
            self._services.shutdown()
            self._leave_access_record(self._services)
        if self._lock:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> LocalCloud:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _leave_access_record(self, services: Services) -> None:
        """What was decided stays to be read after the cloud has ended."""
        file = data_directory.access_record(self.settings.data_dir)
        if file.parent.is_dir():  # who has removed the directory wants nothing left
            file.write_text(json.dumps(describe_access(services.authorizer)))

    def health(self) -> dict[str, Any]:
        """What `GET /_millpond/health` answers."""
        return {
            "status": "running",
            "version": __version__,
            "instance_id": self._instance_id,
            "pid": os.getpid(),
            "started_at": self._started_at.isoformat(timespec="seconds"),
            "data_dir": str(self.settings.data_dir),
            "services": self.services.status(),
        }

    def _answer(self, environ: Any, start_response: Any) -> Any:
        if not environ.get("PATH_INFO", "").startswith(_OWN_PATHS):
            # Not at the start: a server that nobody uses stays small.
            self.services.athena.warm_up()
        return self._application(environ, start_response)
