"""An Airflow outside of the cloud gets the execution role's credentials as MWAA's containers do."""

from __future__ import annotations

import json

import botocore.session
import pytest
from botocore.exceptions import CredentialRetrievalError

from conftest import RunningCloud
from millpond.mwaa.worker_credentials import PAGE


def test_an_aws_sdk_with_the_containers_address_acts_as_the_role(
    cloud: RunningCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = _role(cloud, "airflow-env.amazonaws.com")
    identity = _session(cloud, monkeypatch, role).create_client("sts", endpoint_url=cloud.endpoint_url)
    assert f"assumed-role/{role.rpartition('/')[2]}/" in identity.get_caller_identity()["Arn"]


def test_a_role_that_does_not_trust_mwaa_gives_no_credentials(
    cloud: RunningCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = _role(cloud, "glue.amazonaws.com")
    with pytest.raises(CredentialRetrievalError, match="403"):
        _session(cloud, monkeypatch, role).get_credentials()


def _role(cloud: RunningCloud, service: str) -> str:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    name = cloud.unique_name("airflow")
    made = cloud.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    arn: str = made["Role"]["Arn"]
    return arn


def _session(cloud: RunningCloud, monkeypatch: pytest.MonkeyPatch, role_arn: str) -> botocore.session.Session:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{cloud.endpoint_url}{PAGE}{role_arn}")
    return botocore.session.Session()
