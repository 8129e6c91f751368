"""Grants that grow, shrink and go; places whose role changes."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def grant(cloud: Any) -> dict[str, Any]:
    user = f"arn:aws:iam::000000000000:user/{cloud.unique_name('user')}"
    return {
        "Principal": {"DataLakePrincipalIdentifier": user},
        "Resource": {"Database": {"Name": cloud.unique_name("db")}},
    }


def _held(cloud: Any, grant: dict[str, Any]) -> list[str]:
    found = cloud.client("lakeformation").list_permissions(**grant)["PrincipalResourcePermissions"]
    return sorted(permission for item in found for permission in item["Permissions"])


def test_grant_that_grew_can_be_revoked(cloud: Any, grant: dict[str, Any]) -> None:
    client = cloud.client("lakeformation")
    client.grant_permissions(**grant, Permissions=["DESCRIBE"])
    client.grant_permissions(**grant, Permissions=["ALTER"])
    client.revoke_permissions(**grant, Permissions=["DESCRIBE"])
    assert _held(cloud, grant) == ["ALTER"]
    client.revoke_permissions(**grant, Permissions=["ALTER"])
    assert _held(cloud, grant) == []


def test_registered_place_gets_another_role(cloud: Any) -> None:
    client, arn = cloud.client("lakeformation"), f"arn:aws:s3:::{cloud.unique_name('place')}"
    client.register_resource(ResourceArn=arn, RoleArn="arn:aws:iam::000000000000:role/before")
    client.update_resource(ResourceArn=arn, RoleArn="arn:aws:iam::000000000000:role/after")
    found = client.describe_resource(ResourceArn=arn)["ResourceInfo"]
    assert found["RoleArn"].endswith("role/after")


def test_place_keeps_what_was_said_of_it(cloud: Any) -> None:
    client, arn = cloud.client("lakeformation"), f"arn:aws:s3:::{cloud.unique_name('place')}"
    role = "arn:aws:iam::000000000000:role/lake"
    client.register_resource(ResourceArn=arn, RoleArn=role, HybridAccessEnabled=True)
    registered = client.describe_resource(ResourceArn=arn)["ResourceInfo"]
    assert (registered["HybridAccessEnabled"], registered["WithFederation"]) == (True, False)
    client.update_resource(ResourceArn=arn, RoleArn=role, WithFederation=True)
    changed = client.describe_resource(ResourceArn=arn)["ResourceInfo"]
    assert (changed["HybridAccessEnabled"], changed["WithFederation"]) == (True, True)
    assert changed["LastModified"] >= registered["LastModified"]
    client.deregister_resource(ResourceArn=arn)
