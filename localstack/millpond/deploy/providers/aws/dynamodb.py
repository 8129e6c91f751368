"""Tables of DynamoDB."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations, Settling
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs

_PROVISIONED: Final = "PROVISIONED"


class Table(CrudResource):
    """A table. An update makes one change at a time, as the API asks for."""

    type = "aws:dynamodb/table:Table"
    service = "dynamodb"
    operations = Operations("CreateTable", "DescribeTable", "DeleteTable", "UpdateTable")
    properties = frozenset(
        {
            "attributes",
            "billingMode",
            "deletionProtectionEnabled",
            "globalSecondaryIndexes",
            "hashKey",
            "localSecondaryIndexes",
            "name",
            "pointInTimeRecovery",
            "rangeKey",
            "readCapacity",
            "serverSideEncryption",
            "streamEnabled",
            "streamViewType",
            "tableClass",
            "ttl",
            "writeCapacity",
        }
    )
    replaces = frozenset({"hashKey", "localSecondaryIndexes", "name", "rangeKey"})
    naming = Naming("name", longest=255)
    tagged = True
    key: ClassVar = {"TableName": "name"}
    outputs: ClassVar = {
        "arn": "Table.TableArn",
        "globalSecondaryIndexes": "Table.GlobalSecondaryIndexes || `[]`",
        "readCapacity": "Table.ProvisionedThroughput.ReadCapacityUnits || `0`",
        "streamArn": "Table.LatestStreamArn || ''",
        "streamLabel": "Table.LatestStreamLabel || ''",
        "streamViewType": "Table.StreamSpecification.StreamViewType || ''",
        "warmThroughput": "Table.WarmThroughput.{"
        "readUnitsPerSecond: ReadUnitsPerSecond, writeUnitsPerSecond: WriteUnitsPerSecond}",
        "writeCapacity": "Table.ProvisionedThroughput.WriteCapacityUnits || `0`",
    }
    unset: ClassVar = {"globalTableWitness": None, "serverSideEncryption": None, "warmThroughput": None}
    settling = Settling("Table.TableStatus")
    defaults: ClassVar = {"billingMode": _PROVISIONED, "deletionProtectionEnabled": False}

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        given: dict[str, Any] = {
            "tableName": inputs["name"],
            "attributeDefinitions": _attributes(inputs),
            "keySchema": _keys(inputs),
            "billingMode": inputs["billingMode"],
            "deletionProtectionEnabled": inputs["deletionProtectionEnabled"],
            "streamSpecification": _stream(inputs),
            "sSESpecification": _encryption(inputs),
            "tableClass": inputs.get("tableClass"),
            "provisionedThroughput": _throughput(inputs, inputs),
            "globalSecondaryIndexes": [_index(inputs, index) for index in _indexes(inputs)],
            "localSecondaryIndexes": [
                _index(inputs, {**index, "hashKey": inputs["hashKey"]}, local=True)
                for index in inputs.get("localSecondaryIndexes", ())
            ],
        }
        return {name: value for name, value in given.items() if value not in (None, [], {})}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        super().complete(api, id_, inputs)
        self._extras(api, id_, {}, inputs)

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        dynamodb = api.client("dynamodb")
        told: Outputs = {}
        if "ttl" not in inputs:
            found = dynamodb.describe_time_to_live(TableName=id_)["TimeToLiveDescription"]
            enabled = found["TimeToLiveStatus"] in ("ENABLED", "ENABLING")
            told["ttl"] = {"attributeName": found.get("AttributeName", ""), "enabled": enabled}
        if "pointInTimeRecovery" not in inputs:
            backups = dynamodb.describe_continuous_backups(TableName=id_)["ContinuousBackupsDescription"]
            recovery = backups.get("PointInTimeRecoveryDescription", {})
            days = recovery.get("RecoveryPeriodInDays", 0)
            enabled = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
            told["pointInTimeRecovery"] = {"enabled": enabled, "recoveryPeriodInDays": days}
        return told

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        dynamodb = api.client("dynamodb")
        for request in self._changes(old, new):
            dynamodb.update_table(TableName=id_, **request)
            self.await_settled(api, id_, new)
        self._extras(api, id_, old, new)

    def _changes(self, old: Inputs, new: Inputs) -> list[dict[str, Any]]:
        """One request for each thing that is different."""
        requests: list[dict[str, Any]] = []
        capacity = ("billingMode", "readCapacity", "writeCapacity")
        if any(old.get(name) != new.get(name) for name in capacity):
            throughput = _throughput(new, new)
            provisioned = {"ProvisionedThroughput": _upper(throughput)} if throughput else {}
            requests.append({"BillingMode": new["billingMode"], **provisioned})
        if (before := _stream(old)) != (after := _stream(new)):
            if before:
                requests.append({"StreamSpecification": {"StreamEnabled": False}})
            if after:
                requests.append({"StreamSpecification": _upper(after)})
        if old.get("serverSideEncryption") != new.get("serverSideEncryption"):
            requests.append({"SSESpecification": _encryption(new) or {"Enabled": False}})
        for name in ("tableClass", "deletionProtectionEnabled"):
            if name in new and old.get(name) != new[name]:
                requests.append({name[:1].upper() + name[1:]: new[name]})
        before_indexes = {index["name"]: index for index in _indexes(old)}
        after_indexes = {index["name"]: index for index in _indexes(new)}
        for name, index in before_indexes.items():
            if after_indexes.get(name) != index:
                requests.append({"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]})
        for name, index in after_indexes.items():
            if before_indexes.get(name) != index:
                requests.append(
                    {
                        "AttributeDefinitions": [_upper(item) for item in _attributes(new)],
                        "GlobalSecondaryIndexUpdates": [{"Create": _upper(_index(new, index))}],
                    }
                )
        return requests

    def _extras(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        """What DynamoDB has operations of its own for."""
        dynamodb = api.client("dynamodb")
        before, after = old.get("ttl") or {}, new.get("ttl") or {}
        if before != after and (after.get("enabled") or before.get("enabled")):
            specification = {
                "Enabled": bool(after.get("enabled")),
                "AttributeName": after.get("attributeName") or before["attributeName"],
            }
            dynamodb.update_time_to_live(TableName=id_, TimeToLiveSpecification=specification)
        recovery = bool((new.get("pointInTimeRecovery") or {}).get("enabled"))
        if recovery != bool((old.get("pointInTimeRecovery") or {}).get("enabled")):
            dynamodb.update_continuous_backups(
                TableName=id_,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery},
            )


class TableItem(AwsResource):
    """One item of a table, in DynamoDB's own JSON."""

    type = "aws:dynamodb/tableItem:TableItem"
    properties = frozenset({"hashKey", "item", "rangeKey", "tableName"})
    replaces = frozenset({"hashKey", "rangeKey", "tableName"})

    def create(self, api: Api, inputs: Inputs) -> str:
        item = json.loads(inputs["item"])
        api.client("dynamodb").put_item(TableName=inputs["tableName"], Item=item)
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("dynamodb").get_item(
            TableName=inputs["tableName"], Key=self._key(inputs), ConsistentRead=True
        )
        if "Item" not in found:
            return None
        values = {name: next(iter(value.values())) for name, value in self._key(inputs).items()}
        hash_value, *range_values = values.values()
        return {"hashKeyValue": hash_value, "rangeKeyValue": range_values[0] if range_values else ""}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        if old and self._key(old) != self._key(new):
            self.delete(api, id_, old)
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("dynamodb").delete_item(TableName=inputs["tableName"], Key=self._key(inputs))

    def id_of(self, api: Api, inputs: Inputs) -> str:
        key = json.dumps(self._key(inputs), sort_keys=True)
        return f"{inputs['tableName']}|{hashlib.sha256(key.encode()).hexdigest()[:16]}"

    def _key(self, inputs: Inputs) -> dict[str, Any]:
        item = json.loads(inputs["item"])
        return {inputs[name]: item[inputs[name]] for name in ("hashKey", "rangeKey") if inputs.get(name)}


def _attributes(inputs: Inputs) -> list[dict[str, str]]:
    return [
        {"attributeName": attribute["name"], "attributeType": attribute["type"]}
        for attribute in inputs.get("attributes", ())
    ]


def _keys(inputs: Inputs) -> list[dict[str, str]]:
    kinds = {"hashKey": "HASH", "rangeKey": "RANGE"}
    return [
        {"attributeName": inputs[name], "keyType": kind} for name, kind in kinds.items() if inputs.get(name)
    ]


def _indexes(inputs: Inputs) -> list[Mapping[str, Any]]:
    return list(inputs.get("globalSecondaryIndexes", ()))


def _index(table: Inputs, index: Mapping[str, Any], *, local: bool = False) -> dict[str, Any]:
    projection: dict[str, Any] = {"projectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["nonKeyAttributes"] = index["nonKeyAttributes"]
    throughput = {} if local else _throughput(table, index)
    return {
        "indexName": index["name"],
        "keySchema": index.get("keySchemas") or _keys(index),
        "projection": projection,
        **({"provisionedThroughput": throughput} if throughput else {}),
    }


def _throughput(table: Inputs, given: Mapping[str, Any]) -> dict[str, int]:
    """Nothing for a table that is paid for by request."""
    if table.get("billingMode", _PROVISIONED) != _PROVISIONED:
        return {}
    return {
        "readCapacityUnits": int(given.get("readCapacity", 1)),
        "writeCapacityUnits": int(given.get("writeCapacity", 1)),
    }


def _stream(inputs: Inputs) -> dict[str, Any]:
    if not inputs.get("streamEnabled"):
        return {}
    return {"streamEnabled": True, "streamViewType": inputs["streamViewType"]}


def _encryption(inputs: Inputs) -> dict[str, Any]:
    given = inputs.get("serverSideEncryption") or {}
    if not given.get("enabled"):
        return {}
    key = {"KMSMasterKeyId": given["kmsKeyArn"]} if "kmsKeyArn" in given else {}
    return {"Enabled": True, "SSEType": "KMS", **key}


def _upper(value: Any) -> Any:
    """The API's spelling of what is in Pulumi's."""
    if isinstance(value, Mapping):
        return {name[:1].upper() + name[1:]: _upper(item) for name, item in value.items()}
    return [_upper(item) for item in value] if isinstance(value, list) else value


RESOURCES: Final = (Table, TableItem)
