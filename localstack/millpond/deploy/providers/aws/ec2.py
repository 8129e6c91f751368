"""Networks: VPCs, subnets, gateways, routes and endpoints. Security groups are in a module of their own."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import ID, Operations, Settling
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.ec2_resource import Ec2Resource
from millpond.deploy.providers.aws.mapping import parameters
from millpond.deploy.providers.aws.security_groups import SecurityGroup, SecurityGroupRule


class Vpc(Ec2Resource):
    """A network."""

    type = "aws:ec2/vpc:Vpc"
    kind = "vpc"
    operations = Operations("CreateVpc", "DescribeVpcs", "DeleteVpc", "ModifyVpcAttribute")
    _switches = frozenset({"enableDnsHostnames", "enableDnsSupport", "enableNetworkAddressUsageMetrics"})
    properties = _switches | {"assignGeneratedIpv6CidrBlock", "cidrBlock", "instanceTenancy"}
    replaces = frozenset({"assignGeneratedIpv6CidrBlock", "cidrBlock", "instanceTenancy"})
    unsent = _switches
    describe_by = "VpcIds"
    items = "Vpcs"
    key: ClassVar = {"VpcId": ID}
    id_path = "Vpc.VpcId"
    renames: ClassVar = {"AmazonProvidedIpv6CidrBlock": "assignGeneratedIpv6CidrBlock"}
    outputs: ClassVar = {
        "ownerId": "OwnerId",
        "dhcpOptionsId": "DhcpOptionsId",
        "ipv6CidrBlock": "Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock",
        "ipv6AssociationId": "Ipv6CidrBlockAssociationSet[0].AssociationId",
    }
    defaults: ClassVar = {
        "enableDnsHostnames": False,
        "enableDnsSupport": True,
        "instanceTenancy": "default",
    }

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        self.change(api, id_, {}, inputs)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        # The API takes one at a time.
        for name in sorted(self._switches & new.keys()):
            parameter = {f"{name[:1].upper()}{name[1:]}": {"Value": bool(new[name])}}
            api.client("ec2").modify_vpc_attribute(VpcId=id_, **parameter)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = super().read(api, id_, inputs)
        if found is None:
            return None
        ec2, of_vpc = api.client("ec2"), {"Name": "vpc-id", "Values": [id_]}
        main = {"Name": "association.main", "Values": ["true"]}
        tables = ec2.describe_route_tables(Filters=[of_vpc, main])["RouteTables"]
        default = {"Name": "group-name", "Values": ["default"]}
        groups = ec2.describe_security_groups(Filters=[of_vpc, default])["SecurityGroups"]
        lists = ec2.describe_network_acls(Filters=[of_vpc])["NetworkAcls"]
        return {
            **found,
            **({"mainRouteTableId": tables[0]["RouteTableId"]} if tables else {}),
            **({"defaultRouteTableId": tables[0]["RouteTableId"]} if tables else {}),
            **({"defaultSecurityGroupId": groups[0]["GroupId"]} if groups else {}),
            **({"defaultNetworkAclId": lists[0]["NetworkAclId"]} if lists else {}),
        }


class Subnet(Ec2Resource):
    """A part of a network in one zone."""

    type = "aws:ec2/subnet:Subnet"
    kind = "subnet"
    operations = Operations("CreateSubnet", "DescribeSubnets", "DeleteSubnet", "ModifySubnetAttribute")
    _switches = frozenset({"assignIpv6AddressOnCreation", "mapPublicIpOnLaunch"})
    _place = frozenset({"availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6CidrBlock", "vpcId"})
    properties = _switches | _place
    replaces = _place
    unsent = _switches
    describe_by = "SubnetIds"
    items = "Subnets"
    key: ClassVar = {"SubnetId": ID}
    id_path = "Subnet.SubnetId"
    outputs: ClassVar = {
        "availabilityZone": "AvailabilityZone",
        "availabilityZoneId": "AvailabilityZoneId",
        "ownerId": "OwnerId",
    }
    defaults: ClassVar = {"mapPublicIpOnLaunch": False}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        self.change(api, id_, {}, inputs)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        for name in sorted(self._switches & new.keys()):
            parameter = {f"{name[:1].upper()}{name[1:]}": {"Value": bool(new[name])}}
            api.client("ec2").modify_subnet_attribute(SubnetId=id_, **parameter)


class InternetGateway(Ec2Resource):
    """The way of a network to the internet."""

    type = "aws:ec2/internetGateway:InternetGateway"
    kind = "internet-gateway"
    operations = Operations("CreateInternetGateway", "DescribeInternetGateways", "DeleteInternetGateway", "-")
    properties = frozenset({"vpcId"})
    unsent = properties
    describe_by = "InternetGatewayIds"
    items = "InternetGateways"
    key: ClassVar = {"InternetGatewayId": ID}
    id_path = "InternetGateway.InternetGatewayId"
    outputs: ClassVar = {"ownerId": "OwnerId"}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        self.change(api, id_, {}, inputs)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        ec2, attached = api.client("ec2"), self._networks(api, id_, new)
        for network in attached - {new.get("vpcId")}:
            ec2.detach_internet_gateway(InternetGatewayId=id_, VpcId=network)
        if "vpcId" in new and new["vpcId"] not in attached:
            ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=new["vpcId"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self.change(api, id_, inputs, {})
        super().delete(api, id_, inputs)

    def _networks(self, api: Api, id_: str, inputs: Inputs) -> set[str]:
        found = self.answer(api, id_, inputs).get("Attachments", ())
        return {attachment["VpcId"] for attachment in found}


class Eip(Ec2Resource):
    """A public address."""

    type = "aws:ec2/eip:Eip"
    kind = "elastic-ip"
    operations = Operations("AllocateAddress", "DescribeAddresses", "ReleaseAddress")
    properties = frozenset({"domain", "networkBorderGroup", "publicIpv4Pool"})
    replaces = properties
    describe_by = "AllocationIds"
    items = "Addresses"
    key: ClassVar = {"AllocationId": ID}
    id_path = "AllocationId"
    outputs: ClassVar = {
        "allocationId": "AllocationId",
        "publicIp": "PublicIp",
        "associationId": "AssociationId",
    }
    defaults: ClassVar = {"domain": "vpc"}


class NatGateway(Ec2Resource):
    """The way of private subnets out."""

    type = "aws:ec2/natGateway:NatGateway"
    kind = "natgateway"
    operations = Operations("CreateNatGateway", "DescribeNatGateways", "DeleteNatGateway")
    properties = frozenset({"allocationId", "connectivityType", "privateIp", "subnetId"})
    replaces = properties
    renames: ClassVar = {"PrivateIpAddress": "privateIp"}
    describe_by = "NatGatewayIds"
    items = "NatGateways"
    key: ClassVar = {"NatGatewayId": ID}
    id_path = "NatGateway.NatGatewayId"
    outputs: ClassVar = {
        "networkInterfaceId": "NatGatewayAddresses[0].NetworkInterfaceId",
        "privateIp": "NatGatewayAddresses[0].PrivateIp",
        "publicIp": "NatGatewayAddresses[0].PublicIp",
    }
    settling = Settling("State", frozenset({"available"}), frozenset({"deleted"}), frozenset({"failed"}))
    defaults: ClassVar = {"connectivityType": "public"}


class RouteTable(Ec2Resource):
    """A table of routes, those that it lists itself or those that are resources of their own."""

    type = "aws:ec2/routeTable:RouteTable"
    kind = "route-table"
    operations = Operations("CreateRouteTable", "DescribeRouteTables", "DeleteRouteTable", "-")
    properties = frozenset({"routes", "vpcId"})
    replaces = frozenset({"vpcId"})
    unsent = frozenset({"routes"})
    describe_by = "RouteTableIds"
    items = "RouteTables"
    key: ClassVar = {"RouteTableId": ID}
    id_path = "RouteTable.RouteTableId"
    outputs: ClassVar = {"ownerId": "OwnerId"}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        self.change(api, id_, {}, inputs)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        ec2 = api.client("ec2")
        before, after = _by_destination(old), _by_destination(new)
        for destination in before.keys() - after.keys():
            ec2.delete_route(RouteTableId=id_, **dict(destination))
        for destination, route in after.items():
            if before.get(destination) != route:
                _put_route(ec2, id_, route, exists=destination in before)


class Route(AwsResource):
    """One route of a table; its id is made of both."""

    type = "aws:ec2/route:Route"
    _destinations = frozenset({"destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"})
    _targets = frozenset(
        {
            "egressOnlyGatewayId",
            "gatewayId",
            "natGatewayId",
            "networkInterfaceId",
            "transitGatewayId",
            "vpcEndpointId",
            "vpcPeeringConnectionId",
        }
    )
    properties = _destinations | _targets | {"routeTableId"}
    replaces = _destinations | {"routeTableId"}
    unique = "routeTableId"

    def create(self, api: Api, inputs: Inputs) -> str:
        _put_route(api.client("ec2"), inputs["routeTableId"], self._route(inputs), exists=False)
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        wanted = _destination(self._route(inputs))
        tables = api.client("ec2").describe_route_tables(RouteTableIds=[inputs["routeTableId"]])
        for route in tables["RouteTables"][0]["Routes"]:
            if wanted.items() <= route.items():
                return {"state": route.get("State", ""), "origin": route.get("Origin", "")}
        return None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        _put_route(api.client("ec2"), new["routeTableId"], self._route(new), exists=True)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        where = _destination(self._route(inputs))
        api.client("ec2").delete_route(RouteTableId=inputs["routeTableId"], **where)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        (destination,) = _destination(self._route(inputs)).values()
        return f"{inputs['routeTableId']}_{destination}"

    def _route(self, inputs: Inputs) -> dict[str, Any]:
        return {name: inputs[name] for name in (self._destinations | self._targets) & inputs.keys()}


class RouteTableAssociation(AwsResource):
    """Which routes hold in a subnet."""

    type = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    properties = frozenset({"gatewayId", "routeTableId", "subnetId"})
    replaces = frozenset({"gatewayId", "subnetId"})
    volatile = frozenset({"id"})

    def create(self, api: Api, inputs: Inputs) -> str:
        ec2 = api.client("ec2")
        given = {name: inputs[name] for name in self.properties & inputs.keys()}
        return str(
            ec2.associate_route_table(**parameters(ec2, "AssociateRouteTable", given))["AssociationId"]
        )

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {} if self._found(api, inputs) else None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        current = self._found(api, new)
        if current is not None and current["RouteTableId"] != new["routeTableId"]:
            api.client("ec2").replace_route_table_association(
                AssociationId=current["RouteTableAssociationId"], RouteTableId=new["routeTableId"]
            )

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if current := self._found(api, inputs):
            association = current["RouteTableAssociationId"]
            api.client("ec2").disassociate_route_table(AssociationId=association)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        found = self._found(api, inputs)
        return found["RouteTableAssociationId"] if found else None

    def _found(self, api: Api, inputs: Inputs) -> dict[str, Any] | None:
        """The association of the subnet: replacing its table gives it a new id, but there is only one."""
        ec2, subnet, gateway = api.client("ec2"), inputs.get("subnetId"), inputs.get("gatewayId")
        named = {"Name": "association.subnet-id", "Values": [subnet]} if subnet else None
        pages = ec2.get_paginator("describe_route_tables").paginate(Filters=[named] if named else [])
        for association in pages.search("RouteTables[].Associations[]"):
            if (association.get("SubnetId"), association.get("GatewayId")) == (subnet, gateway):
                return dict(association)
        return None


class VpcEndpoint(Ec2Resource):
    """A way to a service that does not leave the network."""

    type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    kind = "vpc-endpoint"
    operations = Operations("CreateVpcEndpoint", "DescribeVpcEndpoints", "DeleteVpcEndpoints", "-")
    _lists = frozenset({"routeTableIds", "securityGroupIds", "subnetIds"})
    properties = _lists | {
        "autoAccept",
        "ipAddressType",
        "policy",
        "privateDnsEnabled",
        "serviceName",
        "vpcEndpointType",
        "vpcId",
    }
    replaces = frozenset({"serviceName", "vpcEndpointType", "vpcId"})
    unsent = frozenset({"autoAccept"})
    documents = frozenset({"policy"})
    describe_by = "VpcEndpointIds"
    items = "VpcEndpoints"
    key: ClassVar = {"VpcEndpointIds": ID}
    id_path = "VpcEndpoint.VpcEndpointId"
    renames: ClassVar = {"PolicyDocument": "policy"}
    outputs: ClassVar = {
        "ownerId": "OwnerId",
        "state": "State",
        "networkInterfaceIds": "NetworkInterfaceIds",
    }
    settling = Settling(
        "State",
        frozenset({"available", "pendingAcceptance"}),
        frozenset({"deleted"}),
        frozenset({"failed", "rejected"}),
    )
    defaults: ClassVar = {"vpcEndpointType": "Gateway"}

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        request: dict[str, Any] = {}
        for name in self._lists:
            parameter = name[:1].upper() + name[1:]
            before, after = set(old.get(name, ())), set(new.get(name, ()))
            if added := sorted(after - before):
                request[f"Add{parameter}"] = added
            if removed := sorted(before - after):
                request[f"Remove{parameter}"] = removed
        if "policy" in new:
            request["PolicyDocument"] = new["policy"]
        elif "policy" in old:
            request["ResetPolicy"] = True
        if old.get("privateDnsEnabled") != new.get("privateDnsEnabled"):
            request["PrivateDnsEnabled"] = bool(new.get("privateDnsEnabled"))
        if request:
            api.client("ec2").modify_vpc_endpoint(VpcEndpointId=id_, **request)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_])
        self.await_gone(api, id_, inputs)


# The spellings of a route inside a table, and of one on its own.
_DESTINATIONS: Final[Mapping[str, str]] = {
    "cidrBlock": "DestinationCidrBlock",
    "destinationCidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_TARGETS: Final[Mapping[str, str]] = {"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"}


def _destination(route: Mapping[str, Any]) -> dict[str, str]:
    return {parameter: str(route[name]) for name, parameter in _DESTINATIONS.items() if route.get(name)}


def _by_destination(inputs: Inputs) -> dict[frozenset[tuple[str, str]], Mapping[str, Any]]:
    return {frozenset(_destination(route).items()): route for route in inputs.get("routes", ())}


def _put_route(ec2: Any, table: str, route: Mapping[str, Any], *, exists: bool) -> None:
    target = {
        _TARGETS.get(name, name[:1].upper() + name[1:]): value
        for name, value in route.items()
        if name not in _DESTINATIONS and value
    }
    put = ec2.replace_route if exists else ec2.create_route
    put(RouteTableId=table, **_destination(route), **target)


RESOURCES: Final = (
    Vpc,
    Subnet,
    InternetGateway,
    Eip,
    NatGateway,
    RouteTable,
    Route,
    RouteTableAssociation,
    VpcEndpoint,
    SecurityGroup,
    SecurityGroupRule,
)
