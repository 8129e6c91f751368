"""LocalStack 4.14.0 without Docker, a local cloud that works over its S3, and the kit deployed to both.

`make test-localstack` makes LocalStack's environment and says here, by `LOCALSTACK_PYTHON`, where it is.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from millpond.client import Endpoint
from millpond.datagen import DatagenResult, DatagenSettings, generate
from millpond.demo.dbt import dbt_build
from millpond.demo.deliveries import Delivery
from millpond.demo.lake import Lake, StackOutputs
from millpond.deploy import Deployment
from millpond.server import process
from millpond.server.settings import ServerSettings

PROJECT = Path(__file__).resolve().parents[2]
LOADED = ("customers", "products", "sales")

# As Pulumi.localstack.yaml has them.
_LOCALSTACK_URL, _MILLPOND_URL = "http://127.0.0.1:4566", "http://127.0.0.1:4567"
_START_SECONDS = 90
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Clouds:
    """The two processes, each on a port of its own."""

    localstack_url: str
    millpond_url: str
    localstack_python: Path

    @property
    def endpoint(self) -> Endpoint:
        """Both, as a user of the lake has them in the environment."""
        elsewhere = {"athena": self.millpond_url, "glue": self.millpond_url}
        return Endpoint(self.localstack_url, service_urls=elsewhere)

    @property
    def stack_endpoints(self) -> str:
        """The endpoints of the stack's settings, with the ports of these two."""
        settings = yaml.safe_load((PROJECT / "Pulumi.localstack.yaml").read_text())
        [endpoints] = settings["config"]["aws:endpoints"]
        moved = {_LOCALSTACK_URL: self.localstack_url, _MILLPOND_URL: self.millpond_url}
        return json.dumps([{service: moved[url] for service, url in endpoints.items()}])

    def client(self, service: str) -> Any:
        return self.endpoint.client(service)

    @staticmethod
    def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, f"it was not so within {seconds} s"
            time.sleep(0.5)


@dataclass(frozen=True)
class Lakehouse:
    """What the tests look at: the lake, and what was put into it."""

    lake: Lake
    generated: DatagenResult
    deployment: Deployment


@pytest.fixture(scope="session")
def localstack_python() -> Path:
    python = os.environ.get("LOCALSTACK_PYTHON")
    if not python:
        pytest.skip("needs LocalStack in an environment of its own: run `make test-localstack`")
    return Path(python)


@pytest.fixture(scope="session")
def clouds(localstack_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    folder = tmp_path_factory.mktemp("localstack")
    ports = _free_ports(2)
    clouds = Clouds(*(f"http://127.0.0.1:{port}" for port in ports), localstack_python)
    data_dir = folder / "millpond"
    with (folder / "localstack.log").open("w+") as log:
        localstack = subprocess.Popen(
            [localstack_python, "-m", "localstack.runtime.main"],
            env=_localstack_environment(folder, ports[0], clouds.millpond_url),
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            # The identities are LocalStack's, which enforces nothing.
            settings = ServerSettings(
                data_dir, port=ports[1], s3_endpoint_url=clouds.localstack_url, enforce_iam=False
            )
            process.start(settings)
            _wait_for_localstack(localstack, clouds.localstack_url, Path(log.name))
            yield clouds
        finally:
            _end(localstack)
            if process.find(data_dir):
                process.stop(data_dir)


@pytest.fixture(scope="session")
def lakehouse(clouds: Clouds, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    folder = tmp_path_factory.mktemp("lakehouse")
    deployment = Deployment.open(
        PROJECT, "localstack", folder / "stacks", config={"aws:endpoints": clouds.stack_endpoints}
    )
    outputs = deployment.up(Console(quiet=True)).outputs
    lake = Lake(clouds.endpoint, StackOutputs.of(outputs))
    generated = generate(DatagenSettings(folder / "shop", days=3, orders_per_day=20))
    files = [(name, file) for name in LOADED for file in generated.source(name).files]
    lake.drop([Delivery(name, file) for name, file in files], lambda: None)
    clouds.wait_until(lambda: sum(source.files for source in lake.ingested()) == len(files))
    dbt_build(PROJECT / "dbt_athena", folder / "dbt", clouds.endpoint, lake.outputs, lambda _: None)
    return Lakehouse(lake, generated, deployment)


def _localstack_environment(folder: Path, port: int, millpond_url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        # Without Docker: no paths of its image, and a server that listens on loopback alone.
        "OVERRIDE_IN_DOCKER": "0",
        "FILESYSTEM_ROOT": str(folder / "localstack"),
        "GATEWAY_SERVER": "hypercorn",
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "LOCALSTACK_HOST": f"127.0.0.1:{port}",
        "SQS_ENDPOINT_STRATEGY": "path",
        # Nothing leaves the machine.
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        # Functions run in Millpond.
        "PYTHONPATH": str(PROJECT / "localstack" / "plugin"),
        "LAMBDA_RUNTIME_EXECUTOR": "millpond",
        "MILLPOND_ENDPOINT_URL": millpond_url,
    }


def _wait_for_localstack(localstack: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and localstack.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_localstack/health", timeout=5) as answer:  # noqa: S310 - http only
                assert json.load(answer)["version"] == "4.14.0"
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"LocalStack did not start:\n{log.read_text()[-4000:]}")


def _end(localstack: subprocess.Popen[bytes]) -> None:
    localstack.terminate()
    try:
        localstack.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(localstack.pid, signal.SIGKILL)
        localstack.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [free.getsockname()[1] for free in sockets]
    for free in sockets:
        free.close()
    return ports
