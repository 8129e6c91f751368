"""The stack files, against the provider SDK's own types and against what the program uses."""

from __future__ import annotations

import dataclasses
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from infra.settings import Settings

# The SDK has no public way to ask for the names that its classes have outside Python.
from pulumi import _types as sdk_types

from .conftest import PROJECT, Program

with warnings.catch_warnings():
    # pulumi_aws warns of its own old names when it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pulumi_aws import ProviderArgs, ProviderEndpointArgs

STACKS = [path.name.split(".")[1] for path in sorted(PROJECT.glob("Pulumi.*.yaml"))]
LOCAL_STACKS = ["local", "localstack"]
AWS_STACKS = [stack for stack in STACKS if stack not in LOCAL_STACKS]

PROVIDER_SETTINGS = sdk_types.input_type_types(ProviderArgs)
ENDPOINTS = frozenset(sdk_types.input_type_types(ProviderEndpointArgs))

# The API behind a resource type, where it is not the type's module: a pattern of `module/Type` and the API.
APIS = (
    (r"cloudwatch/Log\w+", "logs"),
    (r"cloudwatch/Event\w+", "events"),
    (r"kinesis/FirehoseDeliveryStream", "firehose"),
)

# Each API's endpoint may have one of several names.
ALIASES = (
    {"logs", "cloudwatchlog", "cloudwatchlogs"},
    {"events", "eventbridge", "cloudwatchevents"},
    {"sfn", "stepfunctions"},
    {"s3", "s3api"},
)

# Read by the provider for every account, and for the tags of every bucket.
ALWAYS = {"sts", "s3control"}


def config(stack: str) -> dict[str, Any]:
    document = yaml.safe_load(Path(PROJECT / f"Pulumi.{stack}.yaml").read_text())
    return dict(document["config"])


def provider_settings(stack: str) -> dict[str, Any]:
    return {key.removeprefix("aws:"): value for key, value in config(stack).items() if key.startswith("aws:")}


def endpoints(stack: str) -> dict[str, str]:
    (found,) = provider_settings(stack)["endpoints"]
    return dict(found)


def names_of(api: str) -> set[str]:
    return next((names for names in ALIASES if api in names), {api})


def apis_of(program: Program) -> set[str]:
    """The APIs that the provider calls for what a program declares."""
    found = set(ALWAYS)
    for registration in program.registrations:
        match = re.fullmatch(r"aws:(\w+)/\w+:(\w+)", registration.type)
        if match:
            path = f"{match[1]}/{match[2]}"
            found.add(next((api for pattern, api in APIS if re.fullmatch(pattern, path)), match[1]))
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_every_provider_setting_is_one_of_the_sdks(stack: str) -> None:
    assert provider_settings(stack).keys() - PROVIDER_SETTINGS.keys() == set()


@pytest.mark.parametrize("stack", STACKS)
def test_every_switch_is_true_or_false(stack: str) -> None:
    switches = {name for name, kind in PROVIDER_SETTINGS.items() if kind is bool}
    assert "s3UsePathStyle" in switches
    given = {name: value for name, value in provider_settings(stack).items() if name in switches}
    assert {name: value for name, value in given.items() if value not in ("true", "false")} == {}


@pytest.mark.parametrize("stack", STACKS)
def test_every_own_setting_is_one_that_the_program_reads(stack: str) -> None:
    known = {
        re.sub(r"_(\w)", lambda match: match[1].upper(), field.name) for field in dataclasses.fields(Settings)
    }
    own = {key.removeprefix("millpond:") for key in config(stack) if key.startswith("millpond:")}
    assert own - known == set()
    assert {key for key in config(stack) if not key.startswith(("aws:", "millpond:"))} == set()


@pytest.mark.parametrize("stack", LOCAL_STACKS)
def test_every_endpoint_name_is_one_of_the_sdks(stack: str) -> None:
    assert endpoints(stack).keys() - ENDPOINTS == set()


@pytest.mark.parametrize("stack", LOCAL_STACKS)
def test_every_endpoint_is_on_this_machine(stack: str) -> None:
    urls = endpoints(stack).values()
    assert [url for url in urls if not re.fullmatch(r"http://127\.0\.0\.1:\d+", url)] == []


@pytest.mark.parametrize("stack", LOCAL_STACKS)
def test_no_service_has_two_endpoints(stack: str) -> None:
    given = endpoints(stack).keys()
    assert [names & given for names in ALIASES if len(names & given) > 1] == []


@pytest.mark.parametrize("stack", LOCAL_STACKS)
def test_every_service_that_the_program_uses_has_its_endpoint(stack: str, local: Program) -> None:
    used = apis_of(local)
    assert {"s3", "glue", "athena", "iam", "lambda", "sqs", "logs"} <= used
    assert {api for api in used if not names_of(api) & endpoints(stack).keys()} == set()


@pytest.mark.parametrize("stack", LOCAL_STACKS)
def test_local_stacks_ask_for_nothing_that_only_aws_has(stack: str) -> None:
    settings = provider_settings(stack)
    assert settings["skipCredentialsValidation"] == settings["skipMetadataApiCheck"] == "true"
    # Without it, the provider looks for a bucket at bucket.127.0.0.1.
    assert settings["s3UsePathStyle"] == "true"
    assert {"accessKey", "secretKey", "region"} <= settings.keys()


@pytest.mark.parametrize("stack", AWS_STACKS)
def test_stacks_on_aws_have_neither_endpoints_nor_keys(stack: str) -> None:
    assert provider_settings(stack).keys() & {"endpoints", "accessKey", "secretKey", "token"} == set()
