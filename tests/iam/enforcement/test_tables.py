"""The tables of what operations need, held against AWS's Service Authorization Reference."""

from __future__ import annotations

import functools

import pytest

from iam.enforcement import service_authorization as reference
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.rules import Requirement
from millpond.iam.enforcement.tables.registry import TABLES, requirements
from millpond.iam.principals import account_root

SERVICES = sorted(set(TABLES) - {"apigateway", "s3control"})

# Services of which only the operations that lakes use are in a table; the others need their action on `*`.
PARTIAL = {"ec2", "ecr", "ssm"}

# Operations whose action the reference puts down as about several types, of which a call names one only, or
# tells only what stands between it and another (an API destination its connection).
NAMING_ONE = {
    "DeleteAlias",
    "DeleteResourcePolicy",
    "DescribeApiDestination",
    "DescribeExecution",
    "GenerateServiceLastAccessedDetails",
    "GetResourcePolicy",
    "ListExecutions",
    "ListPoliciesGrantingServiceAccess",
    "PutCapacityAssignmentConfiguration",
    "PutResourcePolicy",
    "StartStreamEncryption",
    "StopStreamEncryption",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
}

# What the ARN is of where the operation's action has another name.
OTHERS = {
    "GetLayerVersionByArn": "arn:aws:lambda:us-east-1:000000000000:layer:example:1",
    "PublishBatch": "arn:aws:sns:us-east-1:000000000000:example",
}


@functools.cache
def needed(service: str, operation: str) -> tuple[Requirement, ...]:
    """What a call with all parameters needs, its ARN of a type that the operation's action is about."""
    own = reference.action(f"{TABLES[service].prefix}:{operation}")
    types = (own.required or own.types) if own else ()
    arn = reference.example_arn(TABLES[service].prefix, types[0]) if types else OTHERS.get(operation, "")
    parameters = reference.parameters(service, operation, arn)
    return requirements(ServiceCall(service, operation, account_root("000000000000"), parameters))


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_of_a_table_exists_on_aws(cloud, service: str) -> None:
    named = {need.action for operation in TABLES[service].needs for need in needed(service, operation)}
    assert not [action for action in named if reference.action(action) is None]


@pytest.mark.parametrize("service", SERVICES)
def test_every_resource_is_of_a_type_that_the_action_knows(cloud, service: str) -> None:
    wrong = []
    for requirement in (need for operation in TABLES[service].needs for need in needed(service, operation)):
        action = reference.action(requirement.action)
        prefix = requirement.action.partition(":")[0]
        patterns = [each for type_ in action.types for each in reference.arn_patterns(prefix, type_)]
        if requirement.resource == "*":
            wrong += [requirement] if action.required else []
        elif not any(each.fullmatch(requirement.resource) for each in patterns):
            wrong.append(requirement)
    assert not wrong


@pytest.mark.parametrize("service", SERVICES)
def test_every_type_that_an_action_requires_is_given(cloud, service: str) -> None:
    missing = []
    prefix = TABLES[service].prefix
    for operation in sorted(set(TABLES[service].needs) - NAMING_ONE):
        own = reference.action(f"{prefix}:{operation}")
        needs = needed(service, operation)
        named = [need.resource for need in needs if need.action.lower() == f"{prefix}:{operation}".lower()]
        for type_ in own.required if own else ():
            patterns = reference.arn_patterns(prefix, type_)
            if not any(each.fullmatch(arn) for each in patterns for arn in named):
                missing.append((operation, type_, named))
    assert not missing


@pytest.mark.parametrize("service", sorted(set(SERVICES) - PARTIAL))
def test_no_operation_with_resources_is_left_to_the_rule_for_those_without(service: str) -> None:
    left = []
    for operation in set(reference.operations(service)) - set(TABLES[service].needs) - TABLES[service].free:
        action = reference.action(f"{TABLES[service].prefix}:{operation}")
        if (action is None or action.required) and reference.is_implemented(service, operation):
            left.append(operation)
    assert not left
