"""Security groups, with rules of their own or rules that are resources, in the old way and the new."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import ID, OWN_CALLS, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.ec2_resource import Ec2Resource
from millpond.deploy.providers.aws.tagging import Tagging

_DIRECTIONS: Final = ("ingress", "egress")
_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}
"""From and to where a rule leads, as Pulumi has it and as the API does."""
_ANYTHING_OUT: Final = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


class SecurityGroup(Ec2Resource):
    """A group; AWS lets everything out of a new one, which this takes away, as Pulumi's provider does."""

    type = "aws:ec2/securityGroup:SecurityGroup"
    kind = "security-group"
    operations = Operations("CreateSecurityGroup", "DescribeSecurityGroups", "DeleteSecurityGroup", OWN_CALLS)
    properties = frozenset(
        {"description", "egress", "ingress", "name", "namePrefix", "revokeRulesOnDelete", "vpcId"}
    )
    replaces = frozenset({"description", "name", "namePrefix", "vpcId"})
    unsent = frozenset({"egress", "ingress", "namePrefix", "revokeRulesOnDelete"})
    naming = Naming("name", "namePrefix", longest=255)
    describe_by = "GroupIds"
    items = "SecurityGroups"
    key: ClassVar = {"GroupId": ID}
    id_path = "GroupId"
    renames: ClassVar = {"GroupName": "name"}
    outputs: ClassVar = {"ownerId": "OwnerId", "vpcId": "VpcId"}
    echoes = frozenset(_DIRECTIONS)
    defaults: ClassVar = {"description": "Managed by Pulumi"}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = super().read(api, id_, inputs)
        if found is None:
            return None
        group = self.answer(api, id_, inputs)
        held = {"ingress": group["IpPermissions"], "egress": group["IpPermissionsEgress"]}
        rules = {name: _rules(held[name], id_) for name in _DIRECTIONS if name not in inputs}
        return {**found, **rules}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        group = self.answer(api, id_, inputs)
        if any(rule["IpProtocol"] == "-1" for rule in group["IpPermissionsEgress"]):
            api.client("ec2").revoke_security_group_egress(GroupId=id_, IpPermissions=[_ANYTHING_OUT])
        self.change(api, id_, {}, inputs)

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        for direction in _DIRECTIONS:
            before = [_permission(rule, id_) for rule in old.get(direction, ())]
            after = [_permission(rule, id_) for rule in new.get(direction, ())]
            if removed := [rule for rule in before if rule not in after]:
                _call(api, "revoke", direction, id_, removed)
            if added := [rule for rule in after if rule not in before]:
                _call(api, "authorize", direction, id_, added)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if inputs.get("revokeRulesOnDelete"):
            self.change(api, id_, inputs, {})
        super().delete(api, id_, inputs)


class SecurityGroupRule(AwsResource):
    """Rules of a group, one for each place that is named; the id is a digest of them."""

    type = "aws:ec2/securityGroupRule:SecurityGroupRule"
    properties = frozenset(
        {
            "cidrBlocks",
            "description",
            "fromPort",
            "ipv6CidrBlocks",
            "prefixListIds",
            "protocol",
            "securityGroupId",
            "self",
            "sourceSecurityGroupId",
            "toPort",
            "type",
        }
    )
    replaces = properties
    unique = "securityGroupId"

    def create(self, api: Api, inputs: Inputs) -> str:
        group = inputs["securityGroupId"]
        _call(api, "authorize", inputs["type"], group, [_permission(inputs, group)])
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        (group,) = api.client("ec2").describe_security_groups(GroupIds=[inputs["securityGroupId"]])[
            "SecurityGroups"
        ]
        held = group["IpPermissions" if inputs["type"] == "ingress" else "IpPermissionsEgress"]
        wanted = _places(_permission(inputs, inputs["securityGroupId"]))
        ports = (str(inputs["protocol"]), int(inputs["fromPort"]), int(inputs["toPort"]))
        found: set[tuple[str, str]] = set()
        for rule in held:
            if _ports(rule) == ports or rule["IpProtocol"] == "-1" == ports[0]:
                found |= _places(rule)
        if not found >= wanted:
            return None
        source = {} if "sourceSecurityGroupId" in inputs else {"sourceSecurityGroupId": ""}
        return {**source, "securityGroupRuleId": self._rule_id(api, inputs) if len(wanted) == 1 else ""}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        group = inputs["securityGroupId"]
        _call(api, "revoke", inputs["type"], group, [_permission(inputs, group)])

    def id_of(self, api: Api, inputs: Inputs) -> str:
        content = json.dumps([inputs["type"], _permission(inputs, inputs["securityGroupId"])], sort_keys=True)
        return f"sgrule-{hashlib.sha256(content.encode()).hexdigest()[:10]}"

    def _rule_id(self, api: Api, inputs: Inputs) -> str:
        """The id of the one rule that it consists of."""
        group = inputs["securityGroupId"]
        [(kind, place)] = _places(_permission(inputs, group))
        pages = (
            api.client("ec2")
            .get_paginator("describe_security_group_rules")
            .paginate(Filters=[{"Name": "group-id", "Values": [group]}])
        )
        ports = _ports(_permission(inputs, group))
        for rule in pages.search("SecurityGroupRules[]"):
            placed = {
                "IpRanges": rule.get("CidrIpv4"),
                "Ipv6Ranges": rule.get("CidrIpv6"),
                "PrefixListIds": rule.get("PrefixListId"),
                "UserIdGroupPairs": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
            }
            same = rule["IsEgress"] == (inputs["type"] == "egress") and _ports(rule) == ports
            if same and placed[kind] == place:
                return str(rule["SecurityGroupRuleId"])
        return ""


class _SingleRule(Ec2Resource):
    """One rule with an id of its own."""

    kind = "security-group-rule"
    direction: ClassVar[str]
    properties = frozenset(
        {
            "cidrIpv4",
            "cidrIpv6",
            "description",
            "fromPort",
            "ipProtocol",
            "prefixListId",
            "referencedSecurityGroupId",
            "securityGroupId",
            "toPort",
        }
    )
    replaces = frozenset({"securityGroupId"})
    describe_by = "SecurityGroupRuleIds"
    items = "SecurityGroupRules"
    key: ClassVar = {"SecurityGroupRuleIds": ID}
    id_path = "SecurityGroupRules[0].SecurityGroupRuleId"
    outputs: ClassVar = {"securityGroupRuleId": "SecurityGroupRuleId"}
    tagging = Tagging("CreateTags", "DeleteTags", "Resources", "id")

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        return {"groupId": inputs["securityGroupId"], "ipPermissions": [self._permission(inputs)]}

    def create(self, api: Api, inputs: Inputs) -> str:
        group = inputs["securityGroupId"]
        answer = _call(
            api, "authorize", self.direction, group, [self._permission(inputs)], **self.marks(api, inputs)
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        names = self.properties - {"securityGroupId"}
        rule = {f"{name[:1].upper()}{name[1:]}": new[name] for name in names & new.keys()}
        rule["ReferencedGroupId"] = rule.pop("ReferencedSecurityGroupId", None)
        rule = {name: value for name, value in rule.items() if value is not None}
        api.client("ec2").modify_security_group_rules(
            GroupId=new["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}],
        )

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        ec2, group = api.client("ec2"), inputs["securityGroupId"]
        getattr(ec2, f"revoke_security_group_{self.direction}")(GroupId=group, SecurityGroupRuleIds=[id_])

    def _permission(self, inputs: Inputs) -> dict[str, Any]:
        lists = {"cidrIpv4": "cidrBlocks", "cidrIpv6": "ipv6CidrBlocks", "prefixListId": "prefixListIds"}
        many = {name: [inputs[single]] for single, name in lists.items() if single in inputs}
        groups = [inputs["referencedSecurityGroupId"]] if "referencedSecurityGroupId" in inputs else []
        rule = {**inputs, **many, "protocol": inputs["ipProtocol"], "securityGroups": groups}
        return _permission(rule, inputs["securityGroupId"])


class SecurityGroupIngressRule(_SingleRule):
    """Who may come in."""

    type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    direction = "ingress"
    operations = Operations(
        "AuthorizeSecurityGroupIngress",
        "DescribeSecurityGroupRules",
        "RevokeSecurityGroupIngress",
        "ModifySecurityGroupRules",
    )


class SecurityGroupEgressRule(_SingleRule):
    """Who may be called."""

    type = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    direction = "egress"
    operations = Operations(
        "AuthorizeSecurityGroupEgress",
        "DescribeSecurityGroupRules",
        "RevokeSecurityGroupEgress",
        "ModifySecurityGroupRules",
    )


def _call(
    api: Api, verb: str, direction: str, group: str, permissions: list[dict[str, Any]], **others: Any
) -> Any:
    operation = getattr(api.client("ec2"), f"{verb}_security_group_{direction}")
    return operation(GroupId=group, IpPermissions=permissions, **others)


def _permission(rule: Mapping[str, Any], group: str) -> dict[str, Any]:
    """A rule as the API has it; `self` means the group itself."""
    described = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*rule.get("securityGroups", ())]
    if rule.get("sourceSecurityGroupId"):
        groups.append(rule["sourceSecurityGroupId"])
    if rule.get("self"):
        groups.append(group)
    permission: dict[str, Any] = {"IpProtocol": str(rule["protocol"])}
    for name, parameter in (("fromPort", "FromPort"), ("toPort", "ToPort")):
        if rule.get(name) is not None and permission["IpProtocol"] != "-1":
            permission[parameter] = int(rule[name])
    places = {
        "IpRanges": [{"CidrIp": block, **described} for block in rule.get("cidrBlocks", ())],
        "Ipv6Ranges": [{"CidrIpv6": block, **described} for block in rule.get("ipv6CidrBlocks", ())],
        "PrefixListIds": [{"PrefixListId": item, **described} for item in rule.get("prefixListIds", ())],
        "UserIdGroupPairs": [{"GroupId": item, **described} for item in groups],
    }
    return permission | {name: items for name, items in places.items() if items}


def _rules(permissions: list[Mapping[str, Any]], group: str) -> list[dict[str, Any]]:
    """A group's rules as the provider tells them: places with the same ports and description together."""
    gathered: dict[tuple[str, int, int, str], dict[str, Any]] = {}
    for permission in permissions:
        protocol, first, last = _ports(permission)
        if protocol == "-1":
            first = last = 0
        for name, (member, key) in _PLACES.items():
            for item in permission.get(member, ()):
                described = item.get("Description", "")
                rule = gathered.setdefault(
                    (protocol, first, last, described),
                    {
                        "description": described,
                        "fromPort": first,
                        "toPort": last,
                        "protocol": protocol,
                        "self": False,
                        **{listed: [] for listed in _PLACES},
                    },
                )
                if item[key] == group:
                    rule["self"] = True
                else:
                    rule[name].append(item[key])
    return list(gathered.values())


def _ports(rule: Mapping[str, Any]) -> tuple[str, int, int]:
    return rule["IpProtocol"], int(rule.get("FromPort", -1)), int(rule.get("ToPort", -1))


def _places(rule: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(member, item[key]) for member, key in _PLACES.values() for item in rule.get(member, ())}


RESOURCES: Final = (SecurityGroupIngressRule, SecurityGroupEgressRule)
