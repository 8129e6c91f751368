"""Roles with a few statements, and clients that act as them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from function_factory import functions, queues

__all__ = ["functions", "queues"]

ACCOUNT = "000000000000"


@dataclass(frozen=True)
class ActingRole:
    """A role, and its session."""

    name: str
    arn: str
    session: boto3.Session
    iam: Any

    def client(self, service: str, **settings: Any) -> Any:
        """A client with the role's rights, and settings of its own."""
        return self.session.client(service, config=Config(**settings))  # type: ignore[call-overload]  # the name is a test's

    def grant(self, *statements: dict[str, Any]) -> None:
        """Allow this, in place of what was allowed before."""
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        self.iam.put_role_policy(RoleName=self.name, PolicyName="rights", PolicyDocument=json.dumps(document))


def allow(actions: str | list[str], resources: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


@pytest.fixture
def act_as(cloud: Any) -> Callable[..., ActingRole]:
    """Makes a role that allows these statements, and a session of it."""
    iam = cloud.client("iam")

    def make(*statements: dict[str, Any]) -> ActingRole:
        name = cloud.unique_name("role")
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
        document = {"Version": "2012-10-17", "Statement": {**trust, "Action": "sts:AssumeRole"}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
        role = ActingRole(name, arn, cloud.session_for_role(arn), iam)
        if statements:
            role.grant(*statements)
        return role

    return make
