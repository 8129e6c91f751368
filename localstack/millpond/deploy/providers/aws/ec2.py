"""Networks: VPCs, subnets, gateways and endpoints. Routes and security groups are in modules of their own."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import ID, OWN_CALLS, Operations, Settling
from millpond.deploy.providers.aws.declaration import Inputs, Outputs
from millpond.deploy.providers.aws.ec2_resource import Ec2Resource
from millpond.deploy.providers.aws.ec2_routes import Route, RouteTable, RouteTableAssociation
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
        "ipv6CidrBlock": "Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock || ''",
        "ipv6CidrBlockNetworkBorderGroup": "Ipv6CidrBlockAssociationSet[0].NetworkBorderGroup || ''",
        "ipv6AssociationId": "Ipv6CidrBlockAssociationSet[0].AssociationId || ''",
        "enableNetworkAddressUsageMetrics": "`false`",
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
        "ipv6CidrBlock": "Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock || ''",
        "ipv6CidrBlockAssociationId": "Ipv6CidrBlockAssociationSet[0].AssociationId || ''",
        "ownerId": "OwnerId",
        "privateDnsHostnameTypeOnLaunch": "PrivateDnsNameOptionsOnLaunch.HostnameType || 'ip-name'",
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
    operations = Operations(
        "CreateInternetGateway", "DescribeInternetGateways", "DeleteInternetGateway", OWN_CALLS
    )
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
        "associationId": "AssociationId || ''",
        "carrierIp": "CarrierIp || ''",
        "customerOwnedIp": "CustomerOwnedIp || ''",
        "instance": "InstanceId || ''",
        "networkInterface": "NetworkInterfaceId || ''",
        "privateIp": "PrivateIpAddress || ''",
        "publicIp": "PublicIp",
        "publicIpv4Pool": "PublicIpv4Pool || 'amazon'",
    }
    unset: ClassVar = {"ipamPoolId": "", "ptrRecord": ""}
    echoes = frozenset({"associationId", "instance", "networkInterface", "privateDns", "privateIp"})
    defaults: ClassVar = {"domain": "vpc"}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = super().read(api, id_, inputs)
        if found is None:
            return None
        # As AWS names hosts by their addresses; the first region is called otherwise than the rest.
        first = api.region == "us-east-1"
        domain = "compute-1" if first else f"{api.region}.compute"
        dashed = found["publicIp"].replace(".", "-")
        inside = "ec2" if first else f"{api.region}.compute"
        private = f"ip-{found['privateIp'].replace('.', '-')}.{inside}.internal" if found["privateIp"] else ""
        return {
            **found,
            "networkBorderGroup": inputs.get("networkBorderGroup", api.region),
            "privateDns": private,
            "publicDns": f"ec2-{dashed}.{domain}.amazonaws.com",
        }


class NatGateway(Ec2Resource):
    """The way of private subnets out."""

    type = "aws:ec2/natGateway:NatGateway"
    kind = "natgateway"
    tells_arn = False
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
        "associationId": "NatGatewayAddresses[0].AssociationId || ''",
        "vpcId": "VpcId",
    }
    # A gateway of one zone with one address: what is regional, or secondary, it does not have.
    unset: ClassVar = {
        "autoProvisionZones": "",
        "autoScalingIps": "",
        "availabilityMode": "zonal",
        "regionalNatGatewayAddresses": [],
        "regionalNatGatewayAutoMode": "",
        "routeTableId": "",
        "secondaryAllocationIds": [],
        "secondaryPrivateIpAddressCount": 0,
        "secondaryPrivateIpAddresses": [],
    }
    settling = Settling("State", frozenset({"available"}), frozenset({"deleted"}), frozenset({"failed"}))
    defaults: ClassVar = {"connectivityType": "public"}


class VpcEndpoint(Ec2Resource):
    """A way to a service that does not leave the network."""

    type = "aws:ec2/vpcEndpoint:VpcEndpoint"
    kind = "vpc-endpoint"
    operations = Operations("CreateVpcEndpoint", "DescribeVpcEndpoints", "DeleteVpcEndpoints", OWN_CALLS)
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
    unset: ClassVar = {"cidrBlocks": [], "dnsOptions": None, "prefixListId": "", "subnetConfigurations": []}
    outputs: ClassVar = {
        "ownerId": "OwnerId",
        "state": "State",
        "networkInterfaceIds": "NetworkInterfaceIds",
        "privateDnsEnabled": "PrivateDnsEnabled",
        "dnsEntries": "DnsEntries || `[]`",
        "dnsOptions": "DnsOptions",
        "ipAddressType": "IpAddressType || 'ipv4'",
        "policy": "PolicyDocument",
        "requesterManaged": "RequesterManaged || `false`",
        "routeTableIds": "RouteTableIds",
        "securityGroupIds": "Groups[].GroupId",
        "serviceRegion": "ServiceRegion || ''",
        "subnetIds": "SubnetIds",
    }
    echoes = frozenset({"routeTableIds"})
    settling = Settling(
        "State",
        frozenset({"available", "pendingAcceptance"}),
        frozenset({"deleted"}),
        frozenset({"failed", "rejected"}),
    )
    defaults: ClassVar = {"vpcEndpointType": "Gateway"}

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        """A gateway's service has a list of addresses."""
        if inputs["vpcEndpointType"] != "Gateway":
            return {}
        ec2, named = api.client("ec2"), [{"Name": "prefix-list-name", "Values": [inputs["serviceName"]]}]
        lists = ec2.describe_managed_prefix_lists(Filters=named)["PrefixLists"]
        if not lists:
            return {}
        entries = ec2.get_managed_prefix_list_entries(PrefixListId=lists[0]["PrefixListId"])["Entries"]
        return {
            "prefixListId": lists[0]["PrefixListId"],
            "cidrBlocks": [entry["Cidr"] for entry in entries],
        }

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
