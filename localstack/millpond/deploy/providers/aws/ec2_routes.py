"""Route tables: what is in them, and where they hold."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import ID, OWN_CALLS, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.ec2_resource import Ec2Resource
from millpond.deploy.providers.aws.mapping import parameters

# The spellings of a route inside a table, and of one on its own.
_DESTINATIONS: Final[Mapping[str, str]] = {
    "cidrBlock": "DestinationCidrBlock",
    "destinationCidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_TARGETS: Final[Mapping[str, str]] = {"egressOnlyGatewayId": "EgressOnlyInternetGatewayId"}

_TOLD: Final[Mapping[str, str]] = {
    "carrierGatewayId": "CarrierGatewayId",
    "cidrBlock": "DestinationCidrBlock",
    "coreNetworkArn": "CoreNetworkArn",
    "destinationPrefixListId": "DestinationPrefixListId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


class RouteTable(Ec2Resource):
    """A table of routes, those that it lists itself or those that are resources of their own."""

    type = "aws:ec2/routeTable:RouteTable"
    kind = "route-table"
    operations = Operations("CreateRouteTable", "DescribeRouteTables", "DeleteRouteTable", OWN_CALLS)
    properties = frozenset({"routes", "vpcId"})
    replaces = frozenset({"vpcId"})
    unsent = frozenset({"routes"})
    describe_by = "RouteTableIds"
    items = "RouteTables"
    key: ClassVar = {"RouteTableId": ID}
    id_path = "RouteTable.RouteTableId"
    outputs: ClassVar = {"ownerId": "OwnerId", "propagatingVgws": "PropagatingVgws[].GatewayId || `[]`"}
    echoes = frozenset({"routes"})

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = super().read(api, id_, inputs)
        if found is None or "routes" in inputs:
            return found
        routes = self.answer(api, id_, inputs)["Routes"]
        return {**found, "routes": [_told(route) for route in routes if route["Origin"] == "CreateRoute"]}

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
                told = {
                    "instanceId": route.get("InstanceId", ""),
                    "instanceOwnerId": route.get("InstanceOwnerId", ""),
                    "networkInterfaceId": route.get("NetworkInterfaceId", ""),
                    "origin": route.get("Origin", ""),
                    "state": route.get("State", ""),
                }
                return {name: value for name, value in told.items() if name not in inputs}
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


def _told(route: Mapping[str, Any]) -> dict[str, str]:
    """A route of a table as the provider tells it; one that was made by a call has no local target."""
    return {name: route.get(member, "") for name, member in _TOLD.items()}


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
