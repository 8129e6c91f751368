"""Lambda in one account and region: moto keeps the functions, the runtime runs them."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, cast

from moto.awslambda.exceptions import GenericResourcNotFound, UnknownFunctionException
from moto.awslambda.models import (
    EventSourceMapping,
    LambdaAlias,
    LambdaBackend,
    LayerVersion,
)

from millpond.functions import urls
from millpond.functions.aliases import check_routing, weights_in, weights_of
from millpond.functions.archives import ZipArchive
from millpond.functions.configuration import check_changes, check_new_function
from millpond.functions.credentials import check_role
from millpond.functions.definition import Invocation, Outcome
from millpond.functions.event_sources.description import already_mapped, described
from millpond.functions.event_sources.validation import check_mapping, mapping_of
from millpond.functions.exceptions import (
    InvalidParameterValue,
    InvalidRequestContent,
    NotFound,
    RequestTooLarge,
    ResourceConflict,
    RevisionOutdated,
)
from millpond.functions.function import Function, checked_payload
from millpond.functions.invoke_configs import LATEST, EventInvokeConfig
from millpond.functions.responses import REQUEST_ID_HEADER
from millpond.functions.runtime import FunctionRuntime
from millpond.functions.target import InvocationTarget
from millpond.s3 import ObjectStorage, S3Location
from millpond.s3.exceptions import BucketNotFound, ObjectNotFound, StorageError

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_SYNCHRONOUS_PAYLOAD = 6_291_456
MAX_ASYNCHRONOUS_PAYLOAD = 1_048_576


class FunctionService(LambdaBackend):
    """Lambda, with functions that really run; the attributes are set when the service is installed.

    Attributes:
        runtime: Runs them.
        storage: Where their code may come from.
    """

    runtime: ClassVar[FunctionRuntime]
    storage: ClassVar[ObjectStorage]

    @property
    def _url_module(self) -> Any:
        return urls

    def reset(self) -> None:
        """Start anew, as moto's tests do between each other."""
        self.runtime.reset(self.account_id, self.region_name)
        super().reset()

    # Functions

    def create_function(self, spec: dict[str, Any]) -> Function:
        """Make a function from a zip file.

        Raises:
            UnsupportedFeature: It is a container image, or not written in Python.
            InvalidParameterValue: A parameter is wrong.
        """
        spec["FunctionName"] = spec["FunctionName"].rpartition(":")[2]  # it may come as an ARN
        check_new_function(spec)
        arn = f"arn:aws:lambda:{self.region_name}:{self.account_id}:function:{spec['FunctionName']}"
        check_role(spec["Role"], arn)
        spec["Code"] = self._checked_code(spec["Code"])
        function = Function(  # type: ignore[abstract]  # as moto's own, which it makes all the same
            self, self.account_id, spec, self.region_name, "$LATEST"
        )
        self._lambdas.put_function(function)
        if spec.get("Publish"):
            version = self._publish(function)
            function = function.__deepcopy__({})
            function.version = version.version
        return function

    def update_function_code(
        self, function_name: str, qualifier: str | None, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Give a function new code, and publish it if asked to."""
        function = self._function(function_name, qualifier)
        function.check_revision(body.get("RevisionId"))
        check_changes(body)
        code = self._checked_code(body)
        if body.get("DryRun"):
            return function.get_configuration()
        function.update_function_code(code)
        function.revise()
        configuration: dict[str, Any] = function.get_configuration()
        if body.get("Publish"):
            configuration = self._publish(function).get_configuration()
        return configuration

    def delete_function(self, function_name: str, qualifier: str | None = None) -> None:
        """Delete a function or a version; its warm environments end."""
        function = self._function(function_name, qualifier)
        definition = function.definition()
        super().delete_function(function_name, qualifier)
        self.runtime.forget(definition.arn)

    def publish_layer_version(self, spec: dict[str, Any]) -> LayerVersion:
        """Keep a layer's zip file."""
        if spec.get("Content"):
            spec["Content"] = self._checked_code(spec["Content"])
        return super().publish_layer_version(spec)

    def publish_checked_version(
        self, function_name: str, description: str, code_sha256: str | None, revision_id: str | None
    ) -> Function:
        """PublishVersion.

        Raises:
            RevisionOutdated: The function has changed since the caller has seen it.
            InvalidParameterValue: Its code has.
        """
        function = self._function(function_name)
        function.check_revision(revision_id)
        if code_sha256 and code_sha256 != function.code_sha_256:
            raise InvalidParameterValue(
                f"CodeSHA256 ({code_sha256}) is different from current CodeSHA256 in $LATEST "
                f"({function.code_sha_256}). Please try again with the CodeSHA256 in $LATEST."
            )
        return self._publish(function, description)

    def _publish(self, function: Function, description: str = "") -> Function:
        """A new version of a function that is there, for which moto never answers None."""
        known = {version.version for version in self.list_versions_by_function(function.function_name)}
        published = cast(Function, self.publish_version(function.function_name, description))
        if published.version not in known:
            published.revise()
        return published

    def _function(self, name: str, qualifier: str | None = None) -> Function:
        return cast(Function, self.get_function(name, qualifier))

    # Aliases

    def create_alias(
        self, name: str, function_name: str, function_version: str, description: str, routing_config: Any
    ) -> LambdaAlias:
        """CreateAlias.

        Raises:
            ResourceConflict: There is such an alias.
            InvalidParameterValue: Its calls cannot be shared like this.
        """
        function = self._function(function_name, function_version)
        check_routing(function_version, routing_config)
        for version in weights_in(routing_config):
            self._function(function.function_name, version)
        if name in self._lambdas._get_function_aliases(function.function_name):
            raise ResourceConflict(f"Alias already exists: {function.definition().arn}:{name}")
        return super().create_alias(name, function_name, function_version, description, routing_config)

    def change_alias(self, function_name: str, name: str, request: Mapping[str, Any]) -> LambdaAlias:
        """UpdateAlias: what the request does not name stays.

        Raises:
            RevisionOutdated: The alias has changed since the caller has seen it.
            InvalidParameterValue: Its calls cannot be shared like this.
        """
        alias = self.get_alias(name, function_name)
        if request.get("RevisionId") not in (None, alias.revision_id):
            raise RevisionOutdated
        version = request.get("FunctionVersion") or alias.function_version
        routing: Any = request.get("RoutingConfig", alias.routing_config)
        check_routing(version, routing)
        for additional in weights_in(routing):
            self._function(function_name, additional)
        self.update_alias(
            name, function_name, version, request.get("Description") or alias.description, routing
        )
        alias.revision_id = str(uuid.uuid4())
        return alias

    # Invocation

    def invoke(
        self,
        function_name: str,
        qualifier: str | None,
        body: Any,
        headers: Any,
        response_headers: Any,
    ) -> bytes:
        """Invoke a function as the headers say; what moto's other services call."""
        kind = headers.get("X-Amz-Invocation-Type") or "RequestResponse"
        target = self._target(function_name, qualifier)
        try:
            payload = checked_payload(body)
        except ValueError as error:
            raise InvalidRequestContent(str(error)) from None
        limit = MAX_ASYNCHRONOUS_PAYLOAD if kind == "Event" else MAX_SYNCHRONOUS_PAYLOAD
        if len(payload) > limit:
            raise RequestTooLarge(limit)
        invocation = Invocation(payload, target.invoked_arn, _client_context(headers))
        response_headers[REQUEST_ID_HEADER] = invocation.request_id
        if kind == "DryRun":
            return b""
        if kind == "Event":
            self._submit(function_name, qualifier, target, invocation)
            return b""
        outcome = self.runtime.invoke(target, invocation)
        response_headers.update(_outcome_headers(outcome, headers))
        return outcome.payload

    def _submit(
        self, function_name: str, qualifier: str | None, target: InvocationTarget, invocation: Invocation
    ) -> None:
        self.runtime.submit(
            target.definition.arn, lambda: self._target_or_none(function_name, qualifier), invocation
        )

    def _target(self, function_name: str, qualifier: str | None) -> InvocationTarget:
        qualifier = _qualifier_in(function_name) or qualifier
        version = self._version(function_name, qualifier)
        definition = version.definition()
        latest = self._function(definition.name, "$LATEST")
        reserved = latest.reserved_concurrency
        return InvocationTarget(
            definition=definition,
            invoked_arn=f"{definition.arn}:{qualifier}" if qualifier else definition.arn,
            reserved_concurrency=None if reserved is None else int(reserved),
            policy=version.async_policy(qualifier),
        )

    def _version(self, function_name: str, qualifier: str | None) -> Function:
        """The version that a name and qualifier stand for; an alias may share its calls between two."""
        function = self._function(function_name, qualifier)
        alias = self._lambdas._get_function_aliases(function.function_name).get(qualifier or "")
        for version, weight in weights_of(alias).items():
            if random.random() < weight:  # noqa: S311  # shares calls, protects nothing
                return self._function(function.function_name, version)
        return function

    def _target_or_none(self, function_name: str, qualifier: str | None) -> InvocationTarget | None:
        try:
            return self._target(function_name, qualifier)
        except UnknownFunctionException:
            return None

    # Asynchronous invocations

    def put_invoke_config(
        self, function_name: str, qualifier: str | None, request: Mapping[str, Any], *, merged: bool = False
    ) -> dict[str, Any]:
        """Say what becomes of asynchronous invocations; `merged` keeps what the request does not name.

        Raises:
            NotFound: There is no such function, or nothing that could be kept.
            InvalidParameterValue: The request is not valid.
        """
        function = self._of_invoke_config(function_name, qualifier)
        qualifier = _qualifier_in(function_name) or qualifier or LATEST
        if merged:
            request = {**self._invoke_config(function, qualifier).settings, **request}
        config = EventInvokeConfig.of_request(request, function.definition().arn)
        function.invoke_configs[qualifier] = config
        return config.described(function.definition().arn, qualifier)

    def invoke_config(self, function_name: str, qualifier: str | None) -> dict[str, Any]:
        """What has been said; raises NotFound."""
        function = self._of_invoke_config(function_name, qualifier)
        qualifier = _qualifier_in(function_name) or qualifier or LATEST
        return self._invoke_config(function, qualifier).described(function.definition().arn, qualifier)

    def forget_invoke_config(self, function_name: str, qualifier: str | None) -> None:
        """Forget what has been said; raises NotFound."""
        function = self._of_invoke_config(function_name, qualifier)
        qualifier = _qualifier_in(function_name) or qualifier or LATEST
        self._invoke_config(function, qualifier)
        del function.invoke_configs[qualifier]

    def invoke_configs(self, function_name: str) -> list[dict[str, Any]]:
        """All that has been said about a function, its versions and aliases."""
        function = self._of_invoke_config(function_name, None)
        arn = function.definition().arn
        return [config.described(arn, qualifier) for qualifier, config in function.invoke_configs.items()]

    def _of_invoke_config(self, function_name: str, qualifier: str | None) -> Function:
        try:
            return self._function(function_name, qualifier)
        except UnknownFunctionException:
            raise NotFound("The function doesn't exist.") from None

    def _invoke_config(self, function: Function, qualifier: str) -> EventInvokeConfig:
        if qualifier not in function.invoke_configs:
            arn = f"{function.definition().arn}:{qualifier}"
            raise NotFound(f"The function {arn} doesn't have an EventInvokeConfig")
        return function.invoke_configs[qualifier]

    # Event sources

    def create_event_source_mapping(self, spec: dict[str, Any]) -> EventSourceMapping:
        """Invoke a function with what comes from a source, beginning now."""
        try:
            target = self._target(spec.get("FunctionName", ""), None)
        except UnknownFunctionException:
            raise InvalidParameterValue("Function does not exist") from None
        check_mapping(spec, target, self.account_id, self.region_name)
        for existing in self._event_source_mappings.values():
            if (existing.event_source_arn, existing.function_arn) == (
                spec["EventSourceArn"],
                target.invoked_arn,
            ):
                raise ResourceConflict(already_mapped(existing, target.definition.name))
        mapping = super().create_event_source_mapping(spec)
        mapping.function_name = target.definition.name
        mapping.function_arn = target.invoked_arn
        self._poll(mapping)
        return mapping

    def get_event_source_mapping(self, uuid: str) -> EventSourceMapping:
        """A mapping; raises ResourceNotFoundException."""
        mapping = super().get_event_source_mapping(uuid)
        if mapping is None:
            raise GenericResourcNotFound
        return mapping

    def update_event_source_mapping(self, uuid: str, spec: dict[str, Any]) -> EventSourceMapping:
        """Change a mapping; its poller goes on with the new settings."""
        known = self.get_event_source_mapping(uuid)
        target = self._target(spec.get("FunctionName") or known.function_arn, None)
        check_mapping(known.get_configuration() | spec, target, self.account_id, self.region_name)
        super().update_event_source_mapping(uuid, spec)
        known.function_name = target.definition.name
        known.function_arn = target.invoked_arn
        self._poll(known)
        return known

    def delete_event_source_mapping(self, uuid: str) -> EventSourceMapping:
        """Delete a mapping; a batch that runs comes to its end."""
        mapping = self.get_event_source_mapping(uuid)
        self.runtime.event_sources.stop(uuid)
        super().delete_event_source_mapping(uuid)
        return mapping

    def list_event_source_mappings(
        self, event_source_arn: str | None, function_name: str | None
    ) -> list[EventSourceMapping]:
        """The mappings of a source, of a function (by name or ARN), or all."""
        mappings = super().list_event_source_mappings(event_source_arn or "", "")
        if function_name:
            target = self._target_or_none(function_name, None)
            arn = target.invoked_arn if target else None
            mappings = [mapping for mapping in mappings if mapping.function_arn == arn]
        return list(mappings)

    def described_mapping(self, mapping: EventSourceMapping) -> dict[str, Any]:
        """A mapping as the API shows it."""
        return described(mapping, self.runtime.event_sources.last_result(mapping.uuid))

    def _poll(self, mapping: EventSourceMapping) -> None:
        if not mapping.enabled:
            self.runtime.event_sources.stop(mapping.uuid)
            return
        arn = mapping.function_arn
        self.runtime.event_sources.start(mapping_of(mapping, lambda: self._target_or_none(arn, None)))

    # Code

    def _checked_code(self, code: dict[str, Any]) -> dict[str, bytes]:
        """The code as moto takes it, read from where the request says; refused if it cannot be unpacked."""
        if "ZipFile" in code:
            content = base64.b64decode(code["ZipFile"])
        elif "S3Bucket" in code and "S3Key" in code:
            content = self._read_object(code["S3Bucket"], code["S3Key"], code.get("S3ObjectVersion"))
        else:
            raise InvalidParameterValue("Please provide a source for function code.")
        ZipArchive("", content).check()
        return {"ZipFile": base64.b64encode(content)}

    def _read_object(self, bucket: str, key: str, version_id: str | None) -> bytes:
        prefix = "Error occurred while GetObject. S3 Error Code:"
        try:
            return self.storage.get(S3Location(bucket, key), version_id).path.read_bytes()
        except BucketNotFound:
            raise InvalidParameterValue(
                f"{prefix} NoSuchBucket. S3 Error Message: The specified bucket does not exist"
            ) from None
        except ObjectNotFound:
            raise InvalidParameterValue(
                f"{prefix} NoSuchKey. S3 Error Message: The specified key does not exist."
            ) from None
        except StorageError as error:
            raise InvalidParameterValue(f"Error occurred while GetObject. {error}") from None


def _outcome_headers(outcome: Outcome, request_headers: Any) -> dict[str, str]:
    headers = {"X-Amz-Executed-Version": outcome.executed_version}
    if outcome.failed:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if request_headers.get("X-Amz-Log-Type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(outcome.log_tail).decode()
    return headers


def _client_context(headers: Any) -> str | None:
    encoded = headers.get("X-Amz-Client-Context")
    return base64.b64decode(encoded).decode() if encoded else None


def _qualifier_in(name: str) -> str | None:
    """The version or alias in `name:alias` or in an ARN."""
    _, _, local = name.rpartition(":function:")
    _, separator, qualifier = local.partition(":")
    return qualifier if separator else None
