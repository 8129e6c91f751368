"""Fixtures that every suite shares: a local cloud on a free port, and clients for it."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from millpond import DEFAULT_REGION
from millpond.server.cloud import LocalCloud
from millpond.server.settings import ServerSettings


@dataclass(frozen=True)
class RunningCloud:
    """A local cloud that answers on `endpoint_url`; tests share it, so they name their own resources."""

    cloud: LocalCloud

    @property
    def endpoint_url(self) -> str:
        return self.cloud.endpoint_url

    @property
    def session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=DEFAULT_REGION
        )

    def client(self, service: str) -> Any:
        """A client; making one takes 0.2 s, so that all tests share those that are there."""
        return _client(self.endpoint_url, service)

    def unique_name(self, prefix: str) -> str:
        return f"{prefix}-{uuid.uuid4().hex[:12]}"


@functools.cache
def _client(endpoint_url: str, service: str) -> Any:
    session = boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name=DEFAULT_REGION
    )
    return session.client(service, endpoint_url=endpoint_url)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """One local cloud for the whole session; it ends with the session."""
    settings = ServerSettings(data_dir=tmp_path_factory.mktemp("cloud"), port=0)
    with LocalCloud(settings) as running:
        yield RunningCloud(running)


@pytest.fixture
def bucket(cloud: RunningCloud) -> str:
    """A new, empty bucket."""
    name = cloud.unique_name("bucket")
    cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a test finds the developer's own AWS account."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", DEFAULT_REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
