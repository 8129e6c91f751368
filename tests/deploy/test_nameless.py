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
    vpc = aws.ec2.Vpc("v", cidr_block="10.99.0.0/16", tags={{"Name": "{name}"}})
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

# A deployment has no name, and here not even a description; integrations and queries may be alike.
_API = """
    api = aws.apigatewayv2.Api("a", name="{name}", protocol_type="HTTP")
    to = dict(api_id=api.id, integration_type="HTTP_PROXY", integration_method="GET",
        integration_uri="https://example.com/")
    one = aws.apigatewayv2.Integration("one", **to)
"""
TWIN_INTEGRATIONS = (
    _API
    + """
    two = aws.apigatewayv2.Integration("two", **to, opts=pulumi.ResourceOptions(depends_on=[one]))
    pulumi.export("id", two.id)
"""
)
TWIN_DEPLOYMENTS = (
    _API
    + """
    route = aws.apigatewayv2.Route("r", api_id=api.id, route_key="$default",
        target=one.id.apply(lambda id: f"integrations/{{id}}"))
    first = aws.apigatewayv2.Deployment("first", api_id=api.id,
        opts=pulumi.ResourceOptions(depends_on=[route]))
    second = aws.apigatewayv2.Deployment("second", api_id=api.id,
        opts=pulumi.ResourceOptions(depends_on=[first]))
    pulumi.export("id", second.id)
"""
)
TWIN_QUERIES = """
    group = aws.athena.Workgroup("w", name="{name}", force_destroy=True)
    saved = dict(name="daily", database="shop", query="SELECT 1", workgroup=group.name)
    one = aws.athena.NamedQuery("one", **saved)
    two = aws.athena.NamedQuery("two", **saved, opts=pulumi.ResourceOptions(depends_on=[one]))
    pulumi.export("id", two.id)
"""
TWIN_LAYERS = """
    code = pulumi.AssetArchive({{"python/shared.py": pulumi.StringAsset("A = 1")}})
    one = aws.lambda_.LayerVersion("one", layer_name="{name}", code=code)
    two = aws.lambda_.LayerVersion("two", layer_name="{name}", code=code,
        opts=pulumi.ResourceOptions(depends_on=[one]))
    pulumi.export("id", two.arn)
"""
SUBSCRIPTION = """
    topic, queue = aws.sns.Topic("t", name="{name}"), aws.sqs.Queue("q", name="{name}")
    subscription = aws.sns.TopicSubscription("s", topic=topic.arn, protocol="sqs", endpoint=queue.arn,
        opts=pulumi.ResourceOptions(depends_on=[queue]))
    pulumi.export("id", subscription.arn)
"""
ASSOCIATION = """
    vpc = aws.ec2.Vpc("v", cidr_block="10.9.0.0/16")
    subnet = aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.9.1.0/24", tags={{"Name": "{name}"}})
    table = aws.ec2.RouteTable("t", vpc_id=vpc.id, opts=pulumi.ResourceOptions(depends_on=[subnet]))
    pulumi.export("id", aws.ec2.RouteTableAssociation("a", subnet_id=subnet.id, route_table_id=table.id).id)
"""
MAPPING = """
    role = aws.iam.Role("r", name="{name}", assume_role_policy=TRUST)
    rights = aws.iam.RolePolicy("p", role=role.name, policy={{"Version": "2012-10-17", "Statement": [
        {{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}]}})
    code = pulumi.AssetArchive({{"app.py": pulumi.StringAsset("def handler(event, context): return 1")}})
    function = aws.lambda_.Function("f", name="{name}", role=role.arn, runtime="python3.12",
        handler="app.handler", code=code, opts=pulumi.ResourceOptions(depends_on=[rights]))
    queue = aws.sqs.Queue("q", name="{name}", opts=pulumi.ResourceOptions(depends_on=[function]))
    mapping = aws.lambda_.EventSourceMapping("m", event_source_arn=queue.arn, function_name=function.arn)
    pulumi.export("id", mapping.uuid)
"""


def vpcs(cloud: RunningCloud, name: str) -> list[Any]:
    of_no_other_test = {"Name": "cidr", "Values": ["10.99.0.0/16"]}
    found = cloud.client("ec2").describe_vpcs(Filters=[of_no_other_test])["Vpcs"]
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


def _api_id(cloud: RunningCloud, name: str) -> str:
    apis = cloud.client("apigatewayv2").get_apis()["Items"]
    [id_] = [api["ApiId"] for api in apis if api["Name"] == name]
    return id_


def integrations(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("apigatewayv2").get_integrations(ApiId=_api_id(cloud, name))["Items"]
    return [item["IntegrationId"] for item in found]


def deployments(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("apigatewayv2").get_deployments(ApiId=_api_id(cloud, name))["Items"]
    return [item["DeploymentId"] for item in found]


def queries(cloud: RunningCloud, name: str) -> list[Any]:
    return cloud.client("athena").list_named_queries(WorkGroup=name)["NamedQueryIds"]


def subscriptions(cloud: RunningCloud, name: str) -> list[Any]:
    arn = f"arn:aws:sns:us-east-1:000000000000:{name}"
    found = cloud.client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    return [item["SubscriptionArn"] for item in found]


def associations(cloud: RunningCloud, name: str) -> list[Any]:
    ec2 = cloud.client("ec2")
    [subnet] = ec2.describe_subnets(Filters=[{"Name": "tag:Name", "Values": [name]}])["Subnets"]
    of_subnet = {"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}
    return [
        item["RouteTableAssociationId"]
        for table in ec2.describe_route_tables(Filters=[of_subnet])["RouteTables"]
        for item in table["Associations"]
        if item.get("SubnetId") == subnet["SubnetId"]
    ]


def mappings(cloud: RunningCloud, name: str) -> list[Any]:
    found = cloud.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    return [item["UUID"] for item in found]


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
        pytest.param(TWIN_LAYERS, layers, 2, 6, id="twin-layers"),
        pytest.param(ACCESS_KEY, access_keys, 1, 6, id="access-key"),
        pytest.param(TWIN_INTEGRATIONS, integrations, 2, 9, id="twin-integrations"),
        pytest.param(TWIN_DEPLOYMENTS, deployments, 2, 15, id="twin-deployments"),
        pytest.param(TWIN_QUERIES, queries, 2, 9, id="twin-queries"),
        pytest.param(SUBSCRIPTION, subscriptions, 1, 9, id="subscription"),
        pytest.param(ASSOCIATION, associations, 1, 12, id="route-table-association"),
        pytest.param(MAPPING, mappings, 1, 15, id="event-source-mapping"),
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
