"""Roles, users and whoever has their credentials."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from millpond.client import Endpoint

ACCOUNT = "000000000000"
TRUSTS_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
}


def document(*statements: dict[str, Any]) -> str:
    """A document of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    """The code and message with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


class Callers:
    """Makes roles and users in a local cloud, and clients with their credentials."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.iam = endpoint.client("iam")
        self.sts = endpoint.client("sts")

    def role(
        self, trust: dict[str, Any] = TRUSTS_ACCOUNT, *rights: dict[str, Any], **settings: Any
    ) -> dict[str, Any]:
        """A new role."""
        name = f"role-{uuid.uuid4().hex[:12]}"
        made: dict[str, Any] = self.iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=document(trust), **settings
        )["Role"]
        if rights:
            self.iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=document(*rights))
        return made

    def user(self, *rights: dict[str, Any], **settings: Any) -> dict[str, Any]:
        """A new user with an access key, as `Arn`, `UserId`, `UserName` and `key`."""
        name = f"user-{uuid.uuid4().hex[:12]}"
        made = self.iam.create_user(UserName=name, **settings)["User"]
        if rights:
            self.iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=document(*rights))
        return {**made, "key": self.iam.create_access_key(UserName=name)["AccessKey"]}

    def assume(self, role_arn: str, **settings: Any) -> dict[str, Any]:
        """A session of a role for the administrator."""
        answer: dict[str, Any] = self.sts.assume_role(
            RoleArn=role_arn, RoleSessionName="a-session", **settings
        )
        return answer

    def client(self, service: str, credentials: dict[str, Any]) -> Any:
        """A client of whoever has the credentials."""
        return boto3.client(
            service,
            endpoint_url=self._endpoint.url,
            region_name="us-east-1",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
        )
