"""What has no name to be found by is made once, though the engine is killed right after making it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_failures import run_killed

Found = Callable[[RunningCloud, str], list[Any]]

NETWORK = """
    vpc = aws.ec2.Vpc("v", cidr_block="10.9.0.0/16", tags={{"Name": "{name}"}})
    pulumi.export("id", vpc.id)
"""
TWIN_ADDRESSES = """
    one = aws.ec2.Eip("one", tags={{"Name": "{name}"}})
    two = aws.ec2.Eip("two", tags={{"Name": "{name}"}}, opts=pulumi.ResourceOptions(depends_on=[one]))
    pulumi.export("id", two.id)
"""
GROUP_RULE = """
    vpc = aws.ec2.Vpc("v", cidr_block="10.9.0.0/16")
    group = aws.ec2.SecurityGroup("g", name="{name}", vpc_id=vpc.id)
    rule = aws.vpc.SecurityGroupIngressRule("r", security_group_id=group.id, ip_protocol="tcp", from_port=443,
        to_port=443, cidr_ipv4="10.0.0.0/8", tags={{"Name": "{name}"}})
    pulumi.export("id", rule.id)
"""
TWIN_KEYS = """
    one = aws.kms.Key("one", description="{name}")
    two = aws.kms.Key("two", description="{name}", opts=pulumi.ResourceOptions(depends_on=[one]))
    pulumi.export("id", two.id)
"""
LAYER = """
    code = pulumi.AssetArchive({{"python/shared.py": pulumi.StringAsset("A = 1")}})
    pulumi.export("id", aws.lambda_.LayerVersion("l", layer_name="{name}", code=code).arn)
"""
ACCESS_KEY = """
    user = aws.iam.User("u", name="{name}")
    pulumi.export("id", aws.iam.AccessKey("k", user=user.name).id)
"""


def vpcs(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])["Vpcs"]
    return [vpc["VpcId"] for vpc in found if tags_of(vpc) in ({"Name": name}, {})]


def addresses(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("ec2").describe_addresses()["Addresses"]
    return [item["AllocationId"] for item in found if tags_of(item) == {"Name": name}]


def rules(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("ec2").describe_security_group_rules()["SecurityGroupRules"]
    return [item["SecurityGroupRuleId"] for item in found if tags_of(item) == {"Name": name}]


def keys(cloud: RunningCloud, name: str) -> list[Any]:
    kms = cloud.client("kms")
    found = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    mine = [key["KeyId"] for key in found if key["Description"] == name]
    return [key for key in mine if not kms.list_resource_tags(KeyId=key)["Tags"]]


def layers(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("lambda").list_layer_versions(LayerName=name)["LayerVersions"]
    return [item["LayerVersionArn"] for item in found]


def access_keys(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"]
    return [item["AccessKeyId"] for item in found]


def tags_of(item: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


# The state is written before each call that makes something, after it, and after it was read back.
@pytest.mark.parametrize(
    ("program", "found", "count", "at"),
    [
        pytest.param(NETWORK, vpcs, 1, 3, id="vpc"),
        pytest.param(TWIN_ADDRESSES, addresses, 2, 6, id="twin-addresses"),
        pytest.param(GROUP_RULE, rules, 1, 9, id="security-group-rule"),
        pytest.param(TWIN_KEYS, keys, 2, 6, id="twin-keys"),
        pytest.param(LAYER, layers, 1, 3, id="layer"),
        pytest.param(ACCESS_KEY, access_keys, 1, 6, id="access-key"),
    ],
)
def test_nothing_is_made_twice(
    stack: Stack, cloud: RunningCloud, program: str, found: Found, count: int, at: int
) -> None:
    name = cloud.unique_name("once")
    stack.write(program.format(name=name))
    run_killed(stack, "up", "before", at)
    made = stack.state()["pending"]
    assert [item["operation"] for item in made] == ["creating"]
    outputs = stack.up().outputs
    there = found(cloud, name)
    assert len(there) == count
    assert outputs["id"] in there
    assert stack.up().changes == 0
