"""A function as the service keeps it: moto's, with what moto forgets, and run by us."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaFunction
from moto.core.utils import iso_8601_datetime_with_nanoseconds

from millpond.functions.archives import ZipArchive
from millpond.functions.configuration import check_changes
from millpond.functions.credentials import check_role
from millpond.functions.definition import FunctionDefinition
from millpond.functions.exceptions import RevisionOutdated
from millpond.functions.invoke_configs import LATEST, NOTHING_SAID, EventInvokeConfig
from millpond.functions.layers import LAYER_ARN, Layer, check_layers, public_layer, unknown_layer
from millpond.functions.target import AsyncPolicy

if TYPE_CHECKING:
    from millpond.functions.service import FunctionService


class Function(LambdaFunction):
    """One version of a function.

    Versions are copies of the latest one: reserved concurrency belongs to the function, so it is read from
    the latest.
    """

    def __init__(
        self, service: FunctionService, account_id: str, spec: dict[str, Any], region: str, version: str
    ) -> None:
        self._service = service
        self.dead_letter_config: dict[str, Any] = spec.get("DeadLetterConfig") or {}
        self.logging_config: dict[str, Any] = spec.get("LoggingConfig") or {}
        self.has_environment = "Environment" in spec
        # Versions are copies of the latest one, so that all of them have this same dictionary.
        self.invoke_configs: dict[str, EventInvokeConfig] = {}
        self.revision_id = _new_revision()
        # A function goes on with the layers that it was given, also when they are deleted.
        self._layer_contents: tuple[Layer, ...] = ()
        super().__init__(account_id, spec, region, version)

    def __deepcopy__(self, memo: dict[int, Any]) -> Function:
        """moto copies functions to show them with another version; the service stays the same."""
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        return copied

    def definition(self) -> FunctionDefinition:
        """How this version runs."""
        return FunctionDefinition(
            account_id=self.account_id,
            region=self.region,
            name=self.function_name,
            version=str(self.version),
            role=self.role,
            handler=str(self.handler),
            runtime=str(self.run_time),
            memory_mb=int(self.memory_size),
            timeout_seconds=int(self.timeout),
            variables=tuple(sorted(self.environment_vars.items())),
            code=ZipArchive(self.code_digest, self.code_bytes),
            layers=self._layer_contents,
            ephemeral_storage_mb=int(self.ephemeral_storage),
            log_group=self.logging_config.get("LogGroup") or self.logs_group_name,
            log_format=self.logging_config.get("LogFormat") or "Text",
            log_level=self.logging_config.get("ApplicationLogLevel"),
        )

    def async_policy(self, qualifier: str | None) -> AsyncPolicy:
        """What becomes of asynchronous invocations of this version by a qualifier."""
        said = self.invoke_configs.get(qualifier or LATEST, NOTHING_SAID)
        return said.policy(self.dead_letter_config.get("TargetArn"))

    def check_revision(self, revision_id: str | None) -> None:
        """Make sure that a change is made to what its author has seen; None is any.

        Raises:
            RevisionOutdated: It is not.
        """
        if revision_id is not None and revision_id != self.revision_id:
            raise RevisionOutdated

    def revise(self) -> None:
        """It has changed."""
        self.revision_id = _new_revision()

    def invoke(self, body: str, request_headers: Any, response_headers: Any) -> str | bytes:
        """What other services of moto call when something happens: an asynchronous invocation."""
        headers = {"X-Amz-Invocation-Type": "Event"}
        self._service.invoke(self.function_arn, None, body, headers, response_headers)
        return b""

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        """Change what the request names, also what moto leaves as it was."""
        updates = dict(config_updates)
        if "Environment" in updates:
            self.has_environment = True
            updates["Environment"] = {"Variables": (updates["Environment"] or {}).get("Variables") or {}}
        self.check_revision(updates.get("RevisionId"))
        check_changes(updates)
        if updates.get("Role"):
            check_role(updates["Role"], self.function_arn)
        if "DeadLetterConfig" in updates:
            self.dead_letter_config = updates["DeadLetterConfig"] or {}
        if "LoggingConfig" in updates:
            self.logging_config = updates["LoggingConfig"] or {}
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        if "TracingConfig" in updates:
            self.tracing_config = updates["TracingConfig"]
        if "KMSKeyArn" in updates:
            self.kms_key_arn = updates["KMSKeyArn"]
        super().update_configuration(updates)
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        self.revise()
        return self.get_configuration()

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        """The configuration as the API shows it."""
        config: dict[str, Any] = super().get_configuration(on_create)
        config["RevisionId"] = self.revision_id
        if not config["Layers"]:
            del config["Layers"]
        if self.has_environment:
            config["Environment"] = {"Variables": self.environment_vars}
        if self.dead_letter_config.get("TargetArn"):
            config["DeadLetterConfig"] = self.dead_letter_config
        config["LoggingConfig"] = {
            "LogFormat": "Text",
            "LogGroup": self.logs_group_name,
            **{name: value for name, value in self.logging_config.items() if value},
        }
        return config

    def _get_layers_data(self, layers_versions_arns: list[str]) -> list[Any]:
        """The layers as the API shows them; raises for those that are nowhere to be found."""
        check_layers(layers_versions_arns)
        self._layer_contents = tuple(self._layer(arn) for arn in layers_versions_arns)
        # For a public layer AWS gives the size of its zip; ours is links to what is installed.
        sizes = [len(layer.content) if isinstance(layer, ZipArchive) else 0 for layer in self._layer_contents]
        return [{"Arn": arn, "CodeSize": size} for arn, size in zip(layers_versions_arns, sizes, strict=True)]

    def _layer(self, arn: str) -> Layer:
        public = public_layer(arn)
        if public is not None:
            return public.packages
        version = self._service.layers_versions_by_arn(arn) if LAYER_ARN.fullmatch(arn) else None
        if version is None:
            raise unknown_layer(arn)
        return ZipArchive(version.code_digest, version.code_bytes)


def _new_revision() -> str:
    return str(uuid.uuid4())


def checked_payload(body: Any) -> bytes:
    """The event of a request as JSON text; an empty body means an empty object.

    Raises:
        ValueError: It is no JSON.
    """
    payload = body if isinstance(body, bytes) else str(body or "").encode()
    if not payload:
        return b"{}"
    json.loads(payload)
    return payload
