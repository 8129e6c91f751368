"""The provider's functions that the engine can answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from millpond.deploy.exceptions import CloudError
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.values import Properties

Invoke = Callable[[Api, Properties], dict[str, Any]]


def _caller_identity(api: Api, arguments: Properties) -> dict[str, Any]:
    identity = api.identity
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "userId": identity["UserId"],
        "id": identity["Account"],
    }


def _region(api: Api, arguments: Properties) -> dict[str, Any]:
    return {
        "name": api.region,
        "region": api.region,
        "id": api.region,
        "description": api.region,
        "endpoint": f"ec2.{api.region}.amazonaws.com",
    }


def _partition(api: Api, arguments: Properties) -> dict[str, Any]:
    return {
        "partition": api.partition,
        "id": api.partition,
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _availability_zones(api: Api, arguments: Properties) -> dict[str, Any]:
    if unsupported := arguments.keys() - {"state", "region"}:
        raise CloudError(f"get_availability_zones: {', '.join(sorted(unsupported))} is not supported")
    zones = api.client("ec2").describe_availability_zones()["AvailabilityZones"]
    wanted = arguments.get("state")
    chosen = [zone for zone in zones if wanted in (None, zone["State"])]
    return {
        "names": [zone["ZoneName"] for zone in chosen],
        "zoneIds": [zone["ZoneId"] for zone in chosen],
        "groupNames": sorted({zone.get("GroupName", api.region) for zone in chosen}),
        "id": api.region,
        "region": api.region,
        "state": wanted,
    }


def _policy_document(api: Api, arguments: Properties) -> dict[str, Any]:
    """Compose a policy document exactly as the provider does: single values stay single."""
    statements = [_statement(statement) for statement in arguments.get("statements", ())]
    sources = arguments.get("sourcePolicyDocuments", ())
    overrides = arguments.get("overridePolicyDocuments", ())
    for source in reversed(sources):
        statements = json.loads(source).get("Statement", []) + statements
    for override in overrides:
        for statement in json.loads(override).get("Statement", []):
            sid = statement.get("Sid")
            statements = [kept for kept in statements if sid is None or kept.get("Sid") != sid] + [statement]
    document: dict[str, Any] = {"Version": arguments.get("version", "2012-10-17")}
    if "policyId" in arguments:
        document["Id"] = arguments["policyId"]
    document["Statement"] = statements
    return {
        "json": json.dumps(document, indent=2),
        "minifiedJson": json.dumps(document, separators=(",", ":")),
        "id": hashlib.sha256(json.dumps(document).encode()).hexdigest(),
    }


def _statement(raw: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if raw.get("sid"):
        statement["Sid"] = raw["sid"]
    statement["Effect"] = raw.get("effect", "Allow")
    for name in ("actions", "notActions", "resources", "notResources"):
        if raw.get(name):
            statement[f"{name[:1].upper()}{name[1:-1]}"] = _single(raw[name])
    for name in ("principals", "notPrincipals"):
        if raw.get(name):
            statement[f"{name[:1].upper()}{name[1:-1]}"] = _principals(raw[name])
    if raw.get("conditions"):
        statement["Condition"] = _conditions(raw["conditions"])
    return statement


def _principals(raw: list[Mapping[str, Any]]) -> Any:
    if any(principal["type"] == "*" for principal in raw):
        return "*"
    found: dict[str, list[str]] = {}
    for principal in raw:
        found.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _single(identifiers) for kind, identifiers in found.items()}


def _conditions(raw: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, list[str]]] = {}
    for condition in raw:
        tests = found.setdefault(condition["test"], {})
        tests.setdefault(condition["variable"], []).extend(condition["values"])
    return {
        test: {variable: _single(values) for variable, values in variables.items()}
        for test, variables in found.items()
    }


def _single(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


INVOKES: Final[Mapping[str, Invoke]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
}
