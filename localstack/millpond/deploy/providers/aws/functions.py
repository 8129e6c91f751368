"""Lambda functions, and who may call them."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from botocore.exceptions import ClientError

from millpond.deploy.providers.aws.api import Api, is_missing
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs, removed_tags
from millpond.deploy.providers.aws.event_sources import EventSourceMapping, FunctionEventInvokeConfig
from millpond.deploy.providers.aws.mapping import Renames, parameters, properties_of

_CODE: Final = frozenset({"code", "s3Bucket", "s3Key", "s3ObjectVersion", "imageUri", "sourceCodeHash"})

_ALWAYS_THERE: Final[Mapping[str, str]] = {
    "architectures": "Architectures",
    "ephemeralStorage": "EphemeralStorage",
    "loggingConfig": "LoggingConfig",
    "sourceCodeHash": "CodeSha256",
    "tracingConfig": "TracingConfig",
}
"""Settings that a function has whether the program gives them or not."""


class Function(AwsResource):
    """A function. Its configuration, code, concurrency and tags are changed by calls of their own."""

    type = "aws:lambda/function:Function"
    configuration = frozenset(
        {
            "deadLetterConfig",
            "description",
            "environment",
            "ephemeralStorage",
            "fileSystemConfig",
            "handler",
            "imageConfig",
            "kmsKeyArn",
            "layers",
            "loggingConfig",
            "memorySize",
            "role",
            "runtime",
            "snapStart",
            "timeout",
            "tracingConfig",
            "vpcConfig",
        }
    )
    _other = frozenset({"name", "architectures", "packageType", "publish", "reservedConcurrentExecutions"})
    properties = configuration | _CODE | _other | {"skipDestroy"}
    replaces = frozenset({"name", "packageType"})
    naming = Naming("name")
    tagged = True
    volatile = frozenset(
        {"codeSha256", "lastModified", "qualifiedArn", "sourceCodeHash", "sourceCodeSize", "version"}
    )
    defaults: ClassVar[Inputs] = {
        "deadLetterConfig": {"targetArn": ""},
        "description": "",
        "environment": {"variables": {}},
        "layers": [],
        "memorySize": 128,
        "packageType": "Zip",
        "publish": False,
        "reservedConcurrentExecutions": -1,
        "timeout": 3,
    }
    renames: ClassVar[Renames] = {
        "FunctionName": "name",
        "FileSystemConfigs": "fileSystemConfig",
        "ApplicationLogLevel": "applicationLogLevel",
    }

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client("lambda")
        given = {
            name: value
            for name, value in self._configured(inputs).items()
            if name != "deadLetterConfig" or value["targetArn"]
        }
        for name in ("name", "architectures", "packageType", "publish"):
            if name in inputs:
                given[name] = inputs[name]
        request = parameters(client, "CreateFunction", given, self.renames)
        client.create_function(**request, Code=_code(inputs, "ImageUri"), Tags=inputs["tagsAll"])
        return str(inputs["name"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        client = api.client("lambda")
        self._await(client, id_)
        self._reserve(client, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("lambda").get_function_configuration(FunctionName=id_)
        arn = found["FunctionArn"]
        invoke = f"arn:{api.partition}:apigateway:{api.region}:lambda:path/2015-03-31/functions"
        streaming = f"arn:{api.partition}:apigateway:{api.region}:lambda:path/2021-11-15/functions"
        qualified = f"{arn}:{found['Version']}"
        return {
            "arn": arn,
            "qualifiedArn": qualified,
            "invokeArn": f"{invoke}/{arn}/invocations",
            "qualifiedInvokeArn": f"{invoke}/{qualified}/invocations",
            "codeSha256": found["CodeSha256"],
            "lastModified": found["LastModified"],
            "sourceCodeSize": found["CodeSize"],
            "version": found["Version"],
            "responseStreamingInvokeArn": f"{streaming}/{arn}/response-streaming-invocations",
            "signingJobArn": found.get("SigningJobArn", ""),
            "signingProfileVersionArn": found.get("SigningProfileVersionArn", ""),
            **{
                name: properties_of(found[member])
                for name, member in _ALWAYS_THERE.items()
                if name not in inputs and member in found
            },
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client = api.client("lambda")
        if any(old.get(name) != new.get(name) for name in _CODE | {"architectures"}):
            architectures = {"Architectures": new["architectures"]} if "architectures" in new else {}
            publish = bool(new["publish"])
            client.update_function_code(
                FunctionName=id_, Publish=publish, **_code(new, "ImageUri"), **architectures
            )
            self._await(client, id_)
        configuration = self._configured(new)
        if configuration != self._configured(old):
            request = parameters(client, "UpdateFunctionConfiguration", configuration, self.renames)
            client.update_function_configuration(FunctionName=id_, **request)
            self._await(client, id_)
        self._reserve(client, old, new)
        arn = client.get_function_configuration(FunctionName=id_)["FunctionArn"]
        if removed := removed_tags(old, new):
            client.untag_resource(Resource=arn, TagKeys=removed)
        if new["tagsAll"]:
            client.tag_resource(Resource=arn, Tags=new["tagsAll"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if not inputs.get("skipDestroy"):
            api.client("lambda").delete_function(FunctionName=id_)

    def _configured(self, inputs: Inputs) -> dict[str, Any]:
        return {name: value for name, value in inputs.items() if name in self.configuration}

    def _reserve(self, client: Any, old: Inputs, new: Inputs) -> None:
        """Less than zero is how Pulumi says that nothing is reserved."""
        before = old.get("reservedConcurrentExecutions", -1)
        wanted = int(new["reservedConcurrentExecutions"])
        if wanted >= 0:
            client.put_function_concurrency(FunctionName=new["name"], ReservedConcurrentExecutions=wanted)
        elif before >= 0:
            client.delete_function_concurrency(FunctionName=new["name"])

    def _await(self, client: Any, name: str) -> None:
        """Wait until a function that is being made or changed can be changed again."""
        found = client.get_function_configuration(FunctionName=name)
        if found.get("State") == "Pending":
            client.get_waiter("function_active_v2").wait(FunctionName=name)
        if found.get("LastUpdateStatus") == "InProgress":
            client.get_waiter("function_updated_v2").wait(FunctionName=name)


class Permission(AwsResource):
    """A statement in a function's own policy."""

    type = "aws:lambda/permission:Permission"
    properties = frozenset(
        {
            "action",
            "eventSourceToken",
            "function",
            "functionUrlAuthType",
            "principal",
            "principalOrgId",
            "qualifier",
            "sourceAccount",
            "sourceArn",
            "statementId",
            "statementIdPrefix",
        }
    )
    replaces = properties
    naming = Naming("statementId", "statementIdPrefix", longest=100)
    _renames: ClassVar[Renames] = {"FunctionName": "function", "PrincipalOrgID": "principalOrgId"}

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client("lambda")
        given = {name: value for name, value in inputs.items() if name in self.properties}
        given.pop("statementIdPrefix", None)
        client.add_permission(**parameters(client, "AddPermission", given, self._renames))
        return str(inputs["statementId"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        policy = api.client("lambda").get_policy(**self._target(inputs))["Policy"]
        statements = json.loads(policy)["Statement"]
        return {} if any(statement["Sid"] == id_ for statement in statements) else None

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("lambda").remove_permission(**self._target(inputs), StatementId=id_)

    def _target(self, inputs: Inputs) -> dict[str, str]:
        qualifier = {"Qualifier": inputs["qualifier"]} if "qualifier" in inputs else {}
        return {"FunctionName": inputs["function"], **qualifier}


class LayerVersion(AwsResource):
    """A version of a layer; it never changes, and its id is its ARN."""

    type = "aws:lambda/layerVersion:LayerVersion"
    properties = _CODE - {"imageUri"} | {
        "compatibleArchitectures",
        "compatibleRuntimes",
        "description",
        "layerName",
        "licenseInfo",
        "skipDestroy",
    }
    replaces = properties - {"skipDestroy"}

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client("lambda")
        given = {name: value for name, value in inputs.items() if name in self.replaces - _CODE}
        request = parameters(client, "PublishLayerVersion", given)
        return str(client.publish_layer_version(**request, Content=_code(inputs))["LayerVersionArn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        layer, _, version = id_.rpartition(":")
        found = api.client("lambda").get_layer_version(LayerName=layer, VersionNumber=int(version))
        content = found["Content"]
        return {
            "arn": id_,
            "layerArn": layer,
            "version": version,
            "createdDate": found["CreatedDate"],
            "codeSha256": content.get("CodeSha256", ""),
            "sourceCodeSize": content.get("CodeSize", 0),
            "signingJobArn": content.get("SigningJobArn", ""),
            "signingProfileVersionArn": content.get("SigningProfileVersionArn", ""),
            **({} if "sourceCodeHash" in inputs else {"sourceCodeHash": content.get("CodeSha256", "")}),
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        """Only what happens on deletion can change."""

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        layer, _, version = id_.rpartition(":")
        if not inputs.get("skipDestroy"):
            api.client("lambda").delete_layer_version(LayerName=layer, VersionNumber=int(version))

    def find_all(self, api: Api, inputs: Inputs, since: float) -> Iterator[str]:
        """The versions that were published meanwhile."""
        pages = api.client("lambda").get_paginator("list_layer_versions")
        for found in pages.paginate(LayerName=inputs["layerName"]).search("LayerVersions[]"):
            if datetime.datetime.fromisoformat(found["CreatedDate"]).timestamp() >= int(since):
                yield str(found["LayerVersionArn"])


class Alias(AwsResource):
    """A name for a version of a function."""

    type = "aws:lambda/alias:Alias"
    properties = frozenset({"name", "functionName", "functionVersion", "description"})
    replaces = frozenset({"name", "functionName"})
    naming = Naming("name", longest=128)
    defaults: ClassVar[Inputs] = {"description": ""}

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client("lambda")
        return str(client.create_alias(**self._request(inputs))["AliasArn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        client = api.client("lambda")
        found = client.get_alias(FunctionName=inputs["functionName"], Name=inputs["name"])
        invoke = f"arn:{api.partition}:apigateway:{api.region}:lambda:path/2015-03-31/functions"
        return {"arn": found["AliasArn"], "invokeArn": f"{invoke}/{found['AliasArn']}/invocations"}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        api.client("lambda").update_alias(**self._request(new))

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("lambda").delete_alias(FunctionName=inputs["functionName"], Name=inputs["name"])

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        try:
            found = self.read(api, "", inputs)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return found["arn"] if found else None

    def _request(self, inputs: Inputs) -> dict[str, Any]:
        return {
            "FunctionName": inputs["functionName"],
            "Name": inputs["name"],
            "FunctionVersion": str(inputs["functionVersion"]),
            "Description": inputs["description"],
        }


def _code(inputs: Inputs, image: str = "") -> dict[str, Any]:
    """Where the code is: packed with the program, in a bucket, or in an image."""
    if "code" in inputs:
        return {"ZipFile": inputs["code"].data}
    if image and "imageUri" in inputs:
        return {image: inputs["imageUri"]}
    names = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion"}
    return {parameter: inputs[name] for name, parameter in names.items() if name in inputs}


RESOURCES: Final = (
    Function,
    Permission,
    LayerVersion,
    Alias,
    EventSourceMapping,
    FunctionEventInvokeConfig,
)
