"""One resource of every type, with no more settings than it needs: all that a program may read is there."""

from __future__ import annotations

import collections.abc
import io
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pulumi
import pytest
from botocore.exceptions import ClientError
from pulumi import _types as sdk_types
from rich.console import Console

from conftest import RunningCloud
from deploy.boto3_reads import READS, tags
from millpond.deploy import Deployment
from millpond.deploy.exceptions import DeployError
from millpond.deploy.providers import Provider
from millpond.deploy.providers.aws import schema
from millpond.deploy.providers.aws.provider import declarations
from millpond.deploy.resource import ResourceState

PROGRAM = Path(__file__).parent / "programs" / "every_type"
# The SDK warns of its own older resources while it is imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DECLARATIONS = {declaration.type: declaration for declaration in declarations()}


@dataclass(frozen=True)
class Deployed:
    """What the state has of a resource of each type, and what became of them.

    Attributes:
        as_made: After the program ran.
        as_read: After a refresh.
        drift: What was shown of a refresh that found changes.
        found: The ids that a run would find that was killed before it recorded what it made.
        failed: What went wrong where it was done again, as by the run after one that was killed half-way.
    """

    as_made: dict[str, ResourceState]
    as_read: dict[str, ResourceState]
    drift: str
    found: dict[str, tuple[str, ...]]
    failed: dict[str, str]


@pytest.fixture(scope="module")
def deployed(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    state, console = tmp_path_factory.mktemp("state"), Console(file=io.StringIO(), width=200)
    deployment = Deployment.open(PROGRAM, "test", state, endpoint_url=cloud.endpoint_url)
    try:
        deployment.up(console)
        as_made, shown = _resources(deployment), Console(file=io.StringIO(), width=200)
        drift = shown.file.getvalue() if deployment.refresh(shown).changes else ""  # type: ignore[attr-defined]
        aws = deployment._providers().of("aws:", "")
        found = {type_: aws.find(type_, item.inputs, 0, mark="") for type_, item in as_made.items()}
        failed = {type_: error for type_, item in as_made.items() if (error := _done_again(aws, item))}
        yield Deployed(as_made, _resources(deployment), drift, found, failed)
    finally:
        deployment.destroy(console)


def _resources(deployment: Deployment) -> dict[str, ResourceState]:
    return {item.type: item for item in deployment.state.resources() if item.type.startswith("aws:")}


def _done_again(aws: Provider, item: ResourceState) -> str:
    try:
        aws.update(item.type, item.id, {}, item.inputs)
    except DeployError as error:
        return str(error)
    return "" if aws.exists(item.type, item.id, item.inputs) else "it is gone"


def test_program_has_every_type(deployed: Deployed) -> None:
    assert deployed.as_made.keys() == DECLARATIONS.keys()


def test_every_output_is_filled_but_those_that_say_why_not(deployed: Deployed) -> None:
    refused = {}
    for type_, resource in deployed.as_made.items():
        known = resource.inputs.keys() | resource.outputs.keys() | {"id", "urn"}
        if missing := schema.outputs(type_) - known:
            refused[type_] = missing
    reasons = {type_: set(declaration.unfilled) for type_, declaration in DECLARATIONS.items()}
    assert refused == {type_: outputs for type_, outputs in reasons.items() if outputs}


@pytest.mark.parametrize("when", ["as_made", "as_read"])
def test_every_output_is_of_the_type_that_the_sdk_says(deployed: Deployed, when: str) -> None:
    different = {
        f"{type_} {name}": value
        for type_, resource in getattr(deployed, when).items()
        for name, value in resource.outputs.items()
        if name not in resource.inputs and name != "id" and not _is_output(type_, name, value)
    }
    assert different == {}


def test_what_a_killed_run_made_is_found_again(deployed: Deployed) -> None:
    # Marked ones are found by their marks, and a secret's version that was put in vain is superseded.
    others = {type_ for type_, declaration in DECLARATIONS.items() if declaration.marked}
    others.add("aws:secretsmanager/secretVersion:SecretVersion")
    lost = {
        type_
        for type_, resource in deployed.as_made.items()
        if type_ not in others and resource.id not in deployed.found[type_]
    }
    assert lost == set()


def test_what_a_killed_run_began_is_completed(deployed: Deployed) -> None:
    assert deployed.failed == {}


def test_tags_of_what_has_none_are_read_as_none(deployed: Deployed, cloud: RunningCloud) -> None:
    tagged = [type_ for type_, read in READS.items() if read.tags is not None]
    read = {type_: _tags(cloud, deployed.as_made[type_]) for type_ in tagged}
    assert len(read) > 20
    assert read == {type_: {} for type_ in tagged}


def _tags(cloud: RunningCloud, resource: ResourceState) -> dict[str, str]:
    try:
        return tags(cloud, resource, READS[resource.type])
    except ClientError as error:
        # S3 has an error for it, on AWS too.
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return {}


def test_outputs_are_read_as_they_were_told(deployed: Deployed) -> None:
    different = {}
    for type_, resource in deployed.as_made.items():
        told = deployed.as_read[type_].outputs
        changed = {name for name, value in resource.outputs.items() if told.get(name) != value}
        if changed - DECLARATIONS[type_].echoes:
            different[type_] = changed
    assert (deployed.drift, different) == ("", {})


def _is_output(token: str, output: str, value: Any) -> bool:
    module, name = schema._module(token)
    types_of = _members(getattr(module, name))
    return output in types_of and _fits(types_of[output], value)


def _members(class_: type) -> dict[str, Any]:
    """The types of an SDK class's members, by their wire names."""
    return {
        wire_name: get_type_hints(getter.fget)["return"]
        for _, wire_name, getter in sdk_types._py_properties(class_)
    }


def _fits(hint: Any, value: Any) -> bool:
    """Whether a value can be what the SDK says; none, and whole numbers for others, always can."""
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if value is None or origin is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(_fits(argument, value) for argument in arguments)
    if origin is pulumi.Output:
        return _fits(arguments[0], value)
    if origin is collections.abc.Sequence:
        return isinstance(value, list) and all(_fits(arguments[0], item) for item in value)
    if origin is collections.abc.Mapping:
        return isinstance(value, dict) and all(_fits(arguments[1], item) for item in value.values())
    if sdk_types.is_output_type(origin):
        members = _members(origin)
        return isinstance(value, dict) and all(
            name in members and _fits(members[name], item) for name, item in value.items()
        )
    return type(value) is origin or (origin is float and type(value) is int)
