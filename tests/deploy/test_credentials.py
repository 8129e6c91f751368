"""With whose keys the engine calls the cloud, and which the program sees."""

from __future__ import annotations

import pytest

from deploy.conftest import Stack
from millpond.deploy.exceptions import DeployError

SEEN = """
import os
pulumi.export("key", os.environ.get("AWS_ACCESS_KEY_ID"))
pulumi.export("account", aws.get_caller_identity().account_id)
"""


def test_without_keys_the_local_administrator_deploys(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert stack.up(SEEN).outputs == {"key": "test", "account": "000000000000"}


@pytest.fixture
def key(cloud) -> str:
    """The access key of a user."""
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    iam.create_user(UserName=name)
    return iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]


def test_keys_of_the_environment_go_before_the_administrators(
    stack: Stack, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    assert stack.up(SEEN).outputs["key"] == key


def test_keys_of_the_stack_go_before_those_of_the_environment(stack: Stack, key: str) -> None:
    settings = f"config:\n  aws:region: us-east-1\n  aws:accessKey: {key}\n  aws:secretKey: x\n"
    (stack.directory / "Pulumi.test.yaml").write_text(settings)
    assert stack.up(SEEN).outputs["key"] == key


def test_provider_works_as_the_role_that_it_assumes(stack: Stack) -> None:
    outputs = stack.up(
        """
        role = aws.iam.Role("deployer", assume_role_policy=TRUST)
        as_role = aws.Provider("as-role", assume_roles=[{"role_arn": role.arn, "session_name": "deploying"}])
        options = pulumi.InvokeOptions(provider=as_role)
        pulumi.export("role", role.name)
        pulumi.export("caller", aws.get_caller_identity_output(opts=options).arn)
        """
    ).outputs
    assert outputs["caller"].endswith(f":assumed-role/{outputs['role']}/deploying")


def test_part_of_an_assumed_role_that_would_be_ignored_is_refused(stack: Stack) -> None:
    with pytest.raises(DeployError, match="duration is not supported"):
        stack.up('aws.Provider("p", assume_roles=[{"role_arn": "arn:aws:iam::0:role/r", "duration": "1h"}])')
