"""Lake Formation: who rules the lake, which places belong to it, and who was granted what."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.exceptions import CloudError
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.mapping import Renames, member


class DataLakeSettings(AwsResource):
    """The settings of the account's lake; deleting the resource empties them."""

    type = "aws:lakeformation/dataLakeSettings:DataLakeSettings"
    _people: ClassVar[Mapping[str, str]] = {
        "admins": "dataLakeAdmins",
        "readOnlyAdmins": "readOnlyAdmins",
        "externalDataFilteringAllowLists": "externalDataFilteringAllowList",
    }
    _defaults = frozenset({"createDatabaseDefaultPermissions", "createTableDefaultPermissions"})
    _plain = frozenset(
        {
            "allowExternalDataFiltering",
            "allowFullTableExternalDataAccess",
            "authorizedSessionTagValueLists",
            "parameters",
            "trustedResourceOwners",
        }
    )
    properties = _plain | _defaults | {*_people, "catalogId"}
    replaces = frozenset({"catalogId"})
    _renames: ClassVar[Renames] = {"AuthorizedSessionTagValueList": "authorizedSessionTagValueLists"}

    def create(self, api: Api, inputs: Inputs) -> str:
        client, settings = api.client("lakeformation"), "DataLakeSettings"
        value = member(client, "PutDataLakeSettings", settings, self._settings(inputs), self._renames)
        client.put_data_lake_settings(CatalogId=self.id_of(api, inputs), DataLakeSettings=value)
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("lakeformation").get_data_lake_settings(CatalogId=id_)["DataLakeSettings"]
        people = {
            name: [person["DataLakePrincipalIdentifier"] for person in found.get(_upper(member), ())]
            for name, member in self._people.items()
        }
        granted = {
            name: [
                {
                    "permissions": item["Permissions"],
                    "principal": item["Principal"]["DataLakePrincipalIdentifier"],
                }
                for item in found.get(_upper(name), ())
            ]
            for name in self._defaults
        }
        plain = {
            "authorizedSessionTagValueLists": found.get("AuthorizedSessionTagValueList", []),
            "parameters": found.get("Parameters", {}),
            "trustedResourceOwners": found.get("TrustedResourceOwners", []),
        }
        told = {**people, **granted, **plain}
        return {name: value for name, value in told.items() if name not in inputs}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("lakeformation").put_data_lake_settings(
            CatalogId=id_,
            DataLakeSettings={
                "DataLakeAdmins": [],
                "CreateDatabaseDefaultPermissions": [],
                "CreateTableDefaultPermissions": [],
            },
        )

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return str(inputs.get("catalogId", api.account))

    def _settings(self, inputs: Inputs) -> dict[str, Any]:
        given = {name: inputs[name] for name in self._plain & inputs.keys()}
        for name, parameter in self._people.items():
            given[parameter] = [_principal(person) for person in inputs.get(name, ())]
        for name in self._defaults:
            given[name] = [
                {
                    "principal": _principal(default["principal"]),
                    "permissions": default.get("permissions", []),
                }
                for default in inputs.get(name, ())
                if default.get("principal")
            ]
        return given


class Resource(CrudResource):
    """A place in S3 that belongs to the lake; the id is the place's ARN."""

    type = "aws:lakeformation/resource:Resource"
    service = "lakeformation"
    operations = Operations("RegisterResource", "DescribeResource", "DeregisterResource", "UpdateResource")
    properties = frozenset(
        {
            "arn",
            "hybridAccessEnabled",
            "roleArn",
            "useServiceLinkedRole",
            "withFederation",
            "withPrivilegedAccess",
        }
    )
    replaces = frozenset({"arn", "useServiceLinkedRole", "withPrivilegedAccess"})
    key: ClassVar = {"ResourceArn": "arn"}
    renames: ClassVar = {"ResourceArn": "arn"}
    id_format = "{arn}"
    outputs: ClassVar = {
        "hybridAccessEnabled": "ResourceInfo.HybridAccessEnabled || `false`",
        "lastModified": "ResourceInfo.LastModified",
        "withFederation": "ResourceInfo.WithFederation || `false`",
        "withPrivilegedAccess": "ResourceInfo.WithPrivilegedAccess || `false`",
    }
    volatile = frozenset({"lastModified"})


class Permissions(AwsResource):
    """What a principal may do with one thing; the id is a digest of what is granted on what to whom."""

    type = "aws:lakeformation/permissions:Permissions"
    _resources = frozenset(
        {
            "catalogResource",
            "dataCellsFilter",
            "dataLocation",
            "database",
            "lfTag",
            "lfTagPolicy",
            "table",
            "tableWithColumns",
        }
    )
    properties = _resources | {"catalogId", "permissions", "permissionsWithGrantOptions", "principal"}
    replaces = properties
    unique = "principal"
    # It is about one thing, so that the others are none.
    unset: ClassVar[Outputs] = dict.fromkeys(sorted(_resources - {"catalogResource"}))
    _renames: ClassVar[Renames] = {
        "LFTag": "lfTag",
        "LFTagPolicy": "lfTagPolicy",
        "TagKey": "key",
        "TagValues": "values",
        "TableCatalogId": "tableCatalogId",
        "Expression": "expressions",
        "ResourceArn": "arn",
    }

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("lakeformation").grant_permissions(**self._grant(api, inputs))
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        grant = self._grant(api, inputs)
        held: set[str] = set()
        passed: set[str] = set()
        pages: dict[str, Any] = {}
        while True:
            answer = api.client("lakeformation").list_permissions(
                Principal=grant["Principal"], Resource=grant["Resource"], **pages
            )
            for found in answer["PrincipalResourcePermissions"]:
                if found["Principal"] == grant["Principal"]:
                    held.update(found["Permissions"])
                    passed.update(found.get("PermissionsWithGrantOption", ()))
            if not answer.get("NextToken"):
                break
            pages = {"NextToken": answer["NextToken"]}
        if not held >= set(inputs["permissions"]):
            return None
        grantable = "permissionsWithGrantOptions"
        return {} if grantable in inputs else {grantable: sorted(passed)}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("lakeformation").revoke_permissions(**self._grant(api, inputs))

    def id_of(self, api: Api, inputs: Inputs) -> str:
        grant = json.dumps(self._grant(api, inputs), sort_keys=True)
        return hashlib.sha256(grant.encode()).hexdigest()[:32]

    def _grant(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        catalog = {"CatalogId": inputs["catalogId"]} if "catalogId" in inputs else {}
        return {
            **catalog,
            "Principal": {"DataLakePrincipalIdentifier": inputs["principal"]},
            "Resource": self._resource(api, inputs),
            "Permissions": inputs["permissions"],
            "PermissionsWithGrantOption": inputs.get("permissionsWithGrantOptions", []),
        }

    def _resource(self, api: Api, inputs: Inputs) -> Any:
        named = sorted(name for name in self._resources & inputs.keys() if inputs[name])
        if len(named) != 1:
            raise CloudError(f"exactly one resource has to be named, not {', '.join(named) or 'none'}")
        if "catalogResource" in named:
            return {"Catalog": {}}
        content = dict(inputs[named[0]])
        if content.pop("wildcard", False):
            content["columnWildcard" if "tableWithColumns" in named else "tableWildcard"] = {}
        if excluded := content.pop("excludedColumnNames", None):
            content["columnWildcard"] = {"excludedColumnNames": excluded}
        client = api.client("lakeformation")
        return member(client, "GrantPermissions", "Resource", {named[0]: content}, self._renames)


def _upper(name: str) -> str:
    """The API's spelling of a member."""
    return f"{name[:1].upper()}{name[1:]}"


def _principal(identifier: str) -> dict[str, str]:
    return {"dataLakePrincipalIdentifier": identifier}


RESOURCES: Final = (DataLakeSettings, Permissions, Resource)
