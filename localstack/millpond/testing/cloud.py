"""A local cloud that runs, as tests use it."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millpond import DEFAULT_REGION
from millpond.server.settings import ServerSettings
from millpond.testing.stacks import DeployedStack, deployed
from millpond.testing.waiting import WaitFor

if TYPE_CHECKING:
    import boto3

    from millpond.client import Endpoint, QueryAnswer
    from millpond.server.cloud import LocalCloud


@dataclass(frozen=True)
class RunningCloud:
    """A local cloud that answers on `endpoint_url`; tests share it, so they name their own resources."""

    endpoint_url: str

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint and the administrator's keys."""
        from millpond.client import Endpoint

        return Endpoint(self.endpoint_url)

    @property
    def session(self) -> boto3.Session:
        """The administrator's session; its clients go to this cloud."""
        return _session(self.endpoint_url)

    def session_for_role(self, role_arn: str, session_name: str = "test") -> boto3.Session:
        """A session with the rights of a role, as AssumeRole gives them."""
        from millpond.testing.sessions import EndpointSession

        return EndpointSession(self.endpoint.assume(role_arn, session_name))

    def client(self, service: str) -> Any:
        """A client; making one takes 0.2 s, so that all tests share those that are there."""
        return _client(self.endpoint_url, service)

    def unique_name(self, prefix: str) -> str:
        """A name that no other test uses."""
        return f"{prefix}-{uuid.uuid4().hex[:12]}"

    def query(self, sql: str, database: str | None = None, workgroup: str | None = None) -> QueryAnswer:
        """Run a query through the Athena API and fetch its whole result."""
        from millpond.client import run_query

        return run_query(self.endpoint, sql, database, workgroup)

    @property
    def wait_for(self) -> WaitFor:
        """Waits for what happens in the cloud, each with a timeout."""
        return WaitFor(self.client)

    def deployed(
        self,
        project: str | Path,
        state_dir: Path,
        stack: str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        destroy: bool = True,
    ) -> contextlib.AbstractContextManager[DeployedStack]:
        """A Pulumi program, deployed until the context ends; the fixture `deploy` does this for one test."""
        return deployed(self.endpoint_url, Path(project), state_dir, stack, config or {}, destroy=destroy)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which every AWS SDK finds this cloud, and no account of the developer's."""
        return {
            **self.endpoint.environment,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }


@dataclass(frozen=True)
class InProcessCloud(RunningCloud):
    """A local cloud in the tests' own process, whose insides a test can look at."""

    cloud: LocalCloud


@contextlib.contextmanager
def in_process(data_dir: Path, *, enforce_iam: bool = True) -> Iterator[InProcessCloud]:
    """A local cloud in this process, on a free port."""
    from millpond.server.cloud import LocalCloud

    with LocalCloud(ServerSettings(data_dir, port=0, enforce_iam=enforce_iam)) as running:
        yield InProcessCloud(running.endpoint_url, running)


@contextlib.contextmanager
def in_own_process(data_dir: Path, *, enforce_iam: bool = True) -> Iterator[RunningCloud]:
    """A local cloud in a process of its own, on a free port; it ends with this one, however that ends."""
    from millpond.server import process

    settings = ServerSettings(data_dir, port=0, enforce_iam=enforce_iam)
    command = process.serve_command(settings, "--end-with-stdin")
    data_dir.mkdir(parents=True, exist_ok=True)
    with process.log_file(data_dir).open("w") as log:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield RunningCloud(process.wait_until_ready(server, settings).endpoint_url)
    finally:
        server.terminate()
        server.communicate()


@functools.cache
def _session(endpoint_url: str) -> boto3.Session:
    from millpond.client import Endpoint
    from millpond.testing.sessions import EndpointSession

    return EndpointSession(Endpoint(endpoint_url, DEFAULT_REGION))


@functools.cache
def _client(endpoint_url: str, service: str) -> Any:
    session: Any = _session(endpoint_url)
    return session.client(service)
