"""The fixtures. pytest loads this module in every run, so it imports nothing but pytest and light modules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from millpond.testing.cloud import RunningCloud, in_own_process, in_process
from millpond.testing.exceptions import MotoInUse
from millpond.testing.stacks import NEW_STACK, DeployedStack

_PLACES = ("process", "in-process")
# Named, for mypy takes the text itself for the name of a type.
_BOOLEAN: Final = "bool"
_in_process_cloud = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the cloud of the session runs."""
    where = "where the session's local cloud runs: `process` (of its own) or `in-process`"
    parser.addini("millpond_cloud", where, default="process")
    rights = "whether the session's local cloud lets IAM policies decide every call"
    parser.addini("millpond_enforce_iam", rights, type=_BOOLEAN, default=True)
    group = parser.getgroup("millpond", "a local AWS cloud")
    group.addoption(
        "--no-enforce-iam", action="store_true", help="let every call pass, whatever IAM policies say"
    )
    group.addoption("--millpond-cloud", choices=_PLACES, help=f"{where}; goes before the ini file")
    group.addoption(
        "--millpond-endpoint", metavar="URL", help="use the cloud that answers there, and start none"
    )


class Deploy(Protocol):
    """What the fixture `deploy` gives."""

    def __call__(
        self,
        project: str | Path,
        stack: str | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        destroy: bool = True,
    ) -> DeployedStack:
        """Deploy a project's program; see `millpond.testing.stacks.deployed`."""


@pytest.fixture(scope="session")
def cloud(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """One local cloud for the whole session; it ends with the session."""
    endpoint_url = pytestconfig.getoption("millpond_endpoint")
    if endpoint_url:
        yield RunningCloud(endpoint_url.rstrip("/"))
        return
    data_dir = tmp_path_factory.mktemp("cloud")
    enforce_iam = _enforces(pytestconfig)
    if _place(pytestconfig) == "process":
        with in_own_process(data_dir, enforce_iam=enforce_iam) as running:
            yield running
        return
    if _in_process_cloud in pytestconfig.stash:
        raise MotoInUse
    pytestconfig.stash[_in_process_cloud] = True
    with in_process(data_dir, enforce_iam=enforce_iam) as running:
        yield running


@pytest.fixture
def fresh_cloud(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningCloud]:
    """A local cloud for one test alone, in a process of its own; takes about two seconds to start."""
    data_dir = tmp_path_factory.mktemp("fresh-cloud")
    with in_own_process(data_dir, enforce_iam=_enforces(pytestconfig)) as running:
        yield running


@pytest.fixture
def bucket(cloud: RunningCloud) -> str:
    """A new, empty bucket."""
    name = cloud.unique_name("bucket")
    cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def deploy(
    cloud: RunningCloud, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deploy]:
    """Deploys Pulumi programs for one test, with the embedded engine; relative paths begin at the rootdir.

    Stacks of different names lie together, so that one can refer to another.
    """
    together, names = tmp_path_factory.mktemp("stacks"), set[str]()
    with contextlib.ExitStack() as stacks:

        def deploy(
            project: str | Path,
            stack: str | None = None,
            config: Mapping[str, Any] | None = None,
            *,
            destroy: bool = True,
        ) -> DeployedStack:
            name = stack or NEW_STACK
            state_dir = tmp_path_factory.mktemp("stack") if name in names else together
            names.add(name)
            folder = pytestconfig.rootpath / project
            return stacks.enter_context(cloud.deployed(folder, state_dir, stack, config, destroy=destroy))

        yield deploy


@pytest.fixture
def cloud_environment(cloud: RunningCloud, monkeypatch: pytest.MonkeyPatch) -> RunningCloud:
    """The AWS variables for code under test that makes its own clients: it finds the cloud, and only that."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return cloud


@pytest.fixture(scope="session")
def moto_services(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Makes moto's `mock_aws` run Millpond's services, without HTTP: Athena executes, S3 keeps files."""
    from millpond.testing.moto_services import moto_services

    if _in_process_cloud in pytestconfig.stash:
        raise MotoInUse
    pytestconfig.stash[_in_process_cloud] = True
    with moto_services(tmp_path_factory.mktemp("moto")):
        yield


def _enforces(config: pytest.Config) -> bool:
    return not config.getoption("no_enforce_iam") and bool(config.getini("millpond_enforce_iam"))


def _place(config: pytest.Config) -> str:
    place = config.getoption("millpond_cloud") or config.getini("millpond_cloud")
    if place not in _PLACES:
        raise pytest.UsageError(f"millpond_cloud is {place!r}; use one of {', '.join(_PLACES)}")
    return str(place)
