"""The deployer's rights over Airflow: its network and its environment.

EC2 gives its resources ids for names: whose they are is in their tags. What is made must carry the tag of
this environment, and what is changed, removed or built upon must have it already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from infra.naming import Naming
from infra.policies.document import Statement

_KINDS: Final = (
    "elastic-ip",
    "internet-gateway",
    "natgateway",
    "route-table",
    "security-group",
    "subnet",
    "vpc",
    "vpc-endpoint",
)
_NEW_PARTS: Final[Mapping[str, str]] = {
    "ec2:AllocateAddress": "elastic-ip",
    "ec2:CreateInternetGateway": "internet-gateway",
    "ec2:CreateRouteTable": "route-table",
    "ec2:CreateSecurityGroup": "security-group",
    "ec2:CreateSubnet": "subnet",
}
"""What makes a part of a network, and of which kind: no other action of the table makes that kind."""
_CHANGE: Final = (
    "ec2:AssociateRouteTable",
    "ec2:AttachInternetGateway",
    "ec2:AuthorizeSecurityGroupEgress",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateRoute",
    "ec2:CreateTags",
    "ec2:DeleteInternetGateway",
    "ec2:DeleteNatGateway",
    "ec2:DeleteRoute",
    "ec2:DeleteRouteTable",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteSubnet",
    "ec2:DeleteTags",
    "ec2:DeleteVpc",
    "ec2:DeleteVpcEndpoints",
    "ec2:DescribeVpcAttribute",
    "ec2:DetachInternetGateway",
    "ec2:DisassociateAddress",
    "ec2:DisassociateRouteTable",
    "ec2:ModifySubnetAttribute",
    "ec2:ModifyVpcAttribute",
    "ec2:ModifyVpcEndpoint",
    "ec2:ReleaseAddress",
    "ec2:ReplaceRoute",
    "ec2:ReplaceRouteTableAssociation",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
)
_SEE: Final = (
    "ec2:DescribeAddresses",
    "ec2:DescribeAddressesAttribute",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeTags",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
)
_ENVIRONMENTS: Final = (
    "airflow:CreateEnvironment",
    "airflow:DeleteEnvironment",
    "airflow:GetEnvironment",
    "airflow:ListTagsForResource",
    "airflow:TagResource",
    "airflow:UntagResource",
    "airflow:UpdateEnvironment",
)
_SERVICE: Final = "airflow.amazonaws.com"


def orchestration_statements(naming: Naming) -> tuple[Statement, ...]:
    """Make and change a network of its own, and the environment in it; touch no other network.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    https://docs.aws.amazon.com/mwaa/latest/userguide/access-policies.html
    """
    new = {"StringEquals": {"aws:RequestTag/environment": naming.stack}}
    own = {"StringEquals": {"aws:ResourceTag/environment": naming.stack}}
    creating = ["AllocateAddress", "CreateNatGateway", "CreateVpc", "CreateVpcEndpoint"]
    creating += [action.partition(":")[2] for action in _NEW_PARTS]

    def every(*kinds: str) -> tuple[str, ...]:
        return tuple(naming.arn("ec2", f"{kind}/*") for kind in kinds)

    return (
        Statement("NewNetworks", ("ec2:CreateVpc",), every("vpc"), condition=new),
        Statement("NewNetworkParts", tuple(_NEW_PARTS), every(*_NEW_PARTS.values()), condition=new),
        Statement("NewGateways", ("ec2:CreateNatGateway",), every("natgateway"), condition=new),
        # On these they are built: somebody else's network gets no new part.
        Statement(
            "BuildOnNetworks",
            ("ec2:CreateRouteTable", "ec2:CreateSecurityGroup", "ec2:CreateSubnet"),
            every("vpc"),
            condition=own,
        ),
        Statement("BuildGateways", ("ec2:CreateNatGateway",), every("elastic-ip", "subnet"), condition=own),
        Statement(
            "BuildEndpoints",
            ("ec2:CreateNetworkInterface", "ec2:CreateVpcEndpoint"),
            every("route-table", "security-group", "subnet", "vpc"),
            condition=own,
        ),
        # MWAA makes some too, in the caller's name and with tags of its own.
        Statement(
            "NewEndpoints",
            ("ec2:CreateNetworkInterface", "ec2:CreateVpcEndpoint"),
            every("network-interface", "vpc-endpoint"),
        ),
        Statement(
            "TagNewNetworks",
            ("ec2:CreateTags",),
            every(*_KINDS),
            condition={"StringEquals": {**new["StringEquals"], "ec2:CreateAction": sorted(set(creating))}},
        ),
        Statement("Networks", _CHANGE, every(*_KINDS), condition=own),
        # AWS knows no resources for these.
        Statement("SeeNetworks", _SEE, ("*",)),
        # The addresses of S3, which an endpoint routes; the list of them is AWS's.
        Statement(
            "SeeAddresses",
            ("ec2:GetManagedPrefixListEntries",),
            (f"arn:{naming.partition}:ec2:{naming.region}:*:prefix-list/*",),
        ),
        Statement(
            "Environments",
            _ENVIRONMENTS,
            (naming.arn("airflow", f"environment/{naming.name('*')}"),),
        ),
    )


def link_airflow(naming: Naming) -> tuple[Statement, ...]:
    """Let MWAA make the role in which it works in an account, once, with its first environment there.

    https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-slr.html
    """
    role = naming.role_arn(f"aws-service-role/{_SERVICE}/AWSServiceRoleForAmazonMWAA")
    return (
        Statement(
            "LinkAirflow",
            ("iam:CreateServiceLinkedRole",),
            (role,),
            condition={"StringEquals": {"iam:AWSServiceName": _SERVICE}},
        ),
    )
