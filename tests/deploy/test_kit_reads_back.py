"""After `up` of the kit's own program, boto3 reads of every resource what the program declares."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from deploy.boto3_reads import READS, declared, differences, found, tags
from millpond.deploy import Deployment
from millpond.deploy.resource import ResourceState
from millpond.testing import RunningCloud

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def resources(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ResourceState]]:
    state, console = tmp_path_factory.mktemp("state"), Console(file=io.StringIO())
    deployment = Deployment.open(PROJECT, "local", state, endpoint_url=cloud.endpoint_url)
    deployment.up(console)
    yield [resource for resource in deployment.state.resources() if resource.custom]
    deployment.destroy(console)


def test_every_setting_is_read_as_it_was_declared(
    resources: list[ResourceState], cloud: RunningCloud
) -> None:
    assert len(resources) > 100
    different = {}
    for resource in resources:
        read = READS[resource.type]
        if lines := differences(declared(resource, read), found(cloud, resource, read)):
            different[f"{resource.type} {resource.name}"] = lines
    assert different == {}


def test_every_tag_is_read_as_it_was_declared(resources: list[ResourceState], cloud: RunningCloud) -> None:
    tagged = [resource for resource in resources if resource.inputs.get("tags")]
    assert len(tagged) > 30
    read = {resource.id: tags(cloud, resource, READS[resource.type]) for resource in tagged}
    assert read == {resource.id: resource.inputs["tags"] for resource in tagged}
