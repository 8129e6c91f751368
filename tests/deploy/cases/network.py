"""VPCs and what is in them."""

from __future__ import annotations

from deploy.cases.case import Case

_VPC = """
vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
pulumi.export("vpc", vpc.id)
"""
_SUBNET = (
    _VPC
    + """
subnet = aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
pulumi.export("subnet", subnet.id)
"""
)
_GROUP = (
    _VPC
    + """
group = aws.ec2.SecurityGroup("g", name="NAME", vpc_id=vpc.id)
pulumi.export("group", group.id)
"""
)

CASES = [
    Case(
        "aws:ec2/vpc:Vpc",
        """
vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", enable_dns_hostnames=VALUE, tags={"Name": "NAME"})
pulumi.export("vpc", vpc.id)
""",
        True,
        False,
        lambda cloud, out: cloud.client("ec2").describe_vpc_attribute(
            VpcId=out["vpc"], Attribute="enableDnsHostnames"
        )["EnableDnsHostnames"]["Value"],
    ),
    Case(
        "aws:ec2/subnet:Subnet",
        _VPC
        + """
subnet = aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=VALUE,
    availability_zone="us-east-1b", tags={"Name": "NAME"})
pulumi.export("subnet", subnet.id)
""",
        True,
        False,
        lambda cloud, out: cloud.client("ec2").describe_subnets(SubnetIds=[out["subnet"]])["Subnets"][0][
            "MapPublicIpOnLaunch"
        ],
    ),
    Case(
        "aws:ec2/internetGateway:InternetGateway",
        _VPC
        + """
gateway = aws.ec2.InternetGateway("i", vpc_id=vpc.id, tags={"Name": VALUE})
pulumi.export("gateway", gateway.id)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("ec2").describe_internet_gateways(
            InternetGatewayIds=[out["gateway"]],
            Filters=[{"Name": "attachment.vpc-id", "Values": [out["vpc"]]}],
        )["InternetGateways"][0]["Tags"][0]["Value"],
    ),
    Case(
        "aws:ec2/eip:Eip",
        """
address = aws.ec2.Eip("e", domain="vpc", tags={"Name": VALUE})
pulumi.export("address", address.allocation_id)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("ec2").describe_addresses(AllocationIds=[out["address"]])[
            "Addresses"
        ][0]["Tags"][0]["Value"],
    ),
    Case(
        "aws:ec2/natGateway:NatGateway",
        _SUBNET
        + """
address = aws.ec2.Eip("e", domain="vpc")
gateway = aws.ec2.NatGateway("n", allocation_id=address.allocation_id, subnet_id=subnet.id,
    tags={"Name": VALUE})
pulumi.export("gateway", gateway.id)
""",
        "one",
        "two",
        lambda cloud, out: next(
            tag["Value"]
            for gateway in cloud.client("ec2").describe_nat_gateways(
                NatGatewayIds=[out["gateway"]], Filters=[{"Name": "state", "Values": ["available"]}]
            )["NatGateways"]
            for tag in gateway["Tags"]
        ),
    ),
    Case(
        "aws:ec2/routeTable:RouteTable",
        _VPC
        + """
gateway = aws.ec2.InternetGateway("i", vpc_id=vpc.id)
table = aws.ec2.RouteTable("t", vpc_id=vpc.id, routes=[{"cidr_block": VALUE, "gateway_id": gateway.id}])
pulumi.export("table", table.id)
""",
        "0.0.0.0/0",
        "192.0.2.0/24",
        lambda cloud, out: next(
            route["DestinationCidrBlock"]
            for route in cloud.client("ec2").describe_route_tables(RouteTableIds=[out["table"]])[
                "RouteTables"
            ][0]["Routes"]
            if route["GatewayId"] != "local"
        ),
    ),
    Case(
        "aws:ec2/route:Route",
        _VPC
        + """
gateway = aws.ec2.InternetGateway("i", vpc_id=vpc.id)
table = aws.ec2.RouteTable("t", vpc_id=vpc.id)
aws.ec2.Route("r", route_table_id=table.id, destination_cidr_block=VALUE, gateway_id=gateway.id)
pulumi.export("table", table.id)
""",
        "0.0.0.0/0",
        "192.0.2.0/24",
        lambda cloud, out: next(
            route["DestinationCidrBlock"]
            for route in cloud.client("ec2").describe_route_tables(RouteTableIds=[out["table"]])[
                "RouteTables"
            ][0]["Routes"]
            if route["GatewayId"] != "local"
        ),
        replaces=True,
    ),
    Case(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        _SUBNET
        + """
tables = {name: aws.ec2.RouteTable(name, vpc_id=vpc.id, tags={"Name": name}) for name in ("one", "two")}
aws.ec2.RouteTableAssociation("a", subnet_id=subnet.id, route_table_id=tables[VALUE].id)
""",
        "one",
        "two",
        lambda cloud, out: cloud.client("ec2").describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [out["subnet"]]}]
        )["RouteTables"][0]["Tags"][0]["Value"],
    ),
    Case(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        _VPC
        + """
table = aws.ec2.RouteTable("t", vpc_id=vpc.id)
endpoint = aws.ec2.VpcEndpoint("e", vpc_id=vpc.id, service_name="com.amazonaws.us-east-1.s3",
    route_table_ids=[table.id], tags={"Name": VALUE})
pulumi.export("endpoint", endpoint.id)
""",
        "one",
        "two",
        lambda cloud, out: next(
            endpoint["Tags"][0]["Value"]
            for endpoint in cloud.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[out["endpoint"]])[
                "VpcEndpoints"
            ]
            if endpoint["State"] == "available"
        ),
    ),
    Case(
        "aws:ec2/securityGroup:SecurityGroup",
        _VPC
        + """
group = aws.ec2.SecurityGroup("g", name="NAME", vpc_id=vpc.id, description="Airflow",
    ingress=[{"protocol": "tcp", "from_port": VALUE, "to_port": VALUE, "self": True}],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}])
pulumi.export("group", group.id)
""",
        443,
        8443,
        lambda cloud, out: cloud.client("ec2").describe_security_groups(GroupIds=[out["group"]])[
            "SecurityGroups"
        ][0]["IpPermissions"][0]["FromPort"],
    ),
    Case(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        _GROUP
        + """
aws.ec2.SecurityGroupRule("r", security_group_id=group.id, type="ingress", protocol="tcp",
    from_port=VALUE, to_port=VALUE, cidr_blocks=["10.0.0.0/16"])
""",
        443,
        8443,
        lambda cloud, out: cloud.client("ec2").describe_security_groups(GroupIds=[out["group"]])[
            "SecurityGroups"
        ][0]["IpPermissions"][0]["FromPort"],
        replaces=True,
    ),
    *(
        Case(
            f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
            _GROUP
            + f"""
rule = aws.vpc.SecurityGroup{direction}Rule("r", security_group_id=group.id, ip_protocol="tcp",
    from_port=VALUE, to_port=VALUE, cidr_ipv4="10.0.0.0/16")
pulumi.export("rule", rule.id)
""",
            443,
            8443,
            lambda cloud, out: cloud.client("ec2").describe_security_group_rules(
                SecurityGroupRuleIds=[out["rule"]]
            )["SecurityGroupRules"][0]["FromPort"],
        )
        for direction in ("Ingress", "Egress")
    ),
]
