"""Speaks Pulumi's protocol: turns the program's requests into calls of an engine, and back.

The program's side of the protocol is Pulumi's unmodified SDK; this is the side that Pulumi's command
line has otherwise. What is not listed in `_FEATURES` the SDK knows not to use.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol
from urllib.parse import unquote, urlparse

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    provider_pb2,
    resource_pb2,
    resource_pb2_grpc,
)

from millpond.deploy.archives import AssetError
from millpond.deploy.exceptions import DeployError, ResourceError, UnsupportedHook, UnsupportedType
from millpond.deploy.resource import Options, Registration, Urn
from millpond.deploy.transforms import Transforms
from millpond.deploy.values import Properties, to_wire
from millpond.deploy.wire import decode

_FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    # Said to be there, so that the refusal is in this engine's words and not the SDK's.
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
_FEATURE_NAMES: Final = frozenset(
    {
        "secrets",
        "aliasSpecs",
        "deletedWith",
        "transforms",
        "invokeTransforms",
        "resourceHooks",
        "errorHooks",
    }
)
_UNLIMITED: Final = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
]


@dataclass(frozen=True)
class Registered:
    """The engine's answer to a registration; None in its place says that the resource failed."""

    id: str
    outputs: Properties
    secrets: frozenset[str] = frozenset()
    unfilled: frozenset[str] = frozenset()
    """Outputs that are always there under Pulumi, and of which nothing is known here."""


class Registrar(Protocol):
    """What the monitor needs of an engine."""

    def register(self, registration: Registration) -> Registered | None:
        """Make a resource what the program declares."""

    def complete(self, urn: str, outputs: Properties, secrets: frozenset[str]) -> None:
        """Take the outputs of a component or of the stack."""

    def read(self, registration: Registration, id_: str) -> Registered:
        """Look up a resource that something else manages."""

    def invoke(self, token: str, arguments: Properties, provider: str) -> Properties:
        """Answer a provider's function."""

    def log(self, severity: int, message: str) -> None:
        """Take a message of the program for the user."""


@contextmanager
def serving(registrar: Registrar, stack: str, project: str, directory: Path, workers: int) -> Iterator[str]:
    """Serve a program's requests on a free port of the loopback interface; gives the address."""
    transforms = Transforms()
    server = grpc.server(ThreadPoolExecutor(workers, thread_name_prefix="monitor"), options=_UNLIMITED)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(
        _Monitor(registrar, transforms, stack, project, directory), server
    )
    engine_pb2_grpc.add_EngineServicer_to_server(_Log(registrar), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        transforms.close()


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The resource monitor; method names are the protocol's."""

    def __init__(
        self, registrar: Registrar, transforms: Transforms, stack: str, project: str, directory: Path
    ) -> None:
        self._registrar = registrar
        self._transforms = transforms
        self._stack = stack
        self._project = project
        self._directory = directory

    def GetDeploymentInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def SupportsFeature(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURE_NAMES)

    def RegisterResource(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with _answering(context):
            if request.remote:
                raise UnsupportedType(request.type)
            request = self._transforms.apply(request, self._urn(request))
            registration = self._registration(request)
            registered = self._registrar.register(registration)
        if registered is None:
            return resource_pb2.RegisterResourceResponse(urn=registration.urn, result=resource_pb2.FAIL)
        secrets = registered.secrets | frozenset(request.additionalSecretOutputs)
        return resource_pb2.RegisterResourceResponse(
            urn=registration.urn,
            id=registered.id,
            object=to_wire(registered.outputs, secrets),
        )

    def RegisterResourceOutputs(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with _answering(context):
            decoded = decode(request.outputs, self._directory)
            self._registrar.complete(request.urn, decoded.properties, decoded.secrets)
        return empty_pb2.Empty()

    def ReadResource(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with _answering(context):
            registration = self._read_registration(request)
            registered = self._registrar.read(registration, request.id)
        return resource_pb2.ReadResourceResponse(
            urn=registration.urn,
            id=registered.id,
            properties=to_wire(registered.outputs, registered.secrets),
            unknown=bool(registered.unfilled),
        )

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with _answering(context):
            request = self._transforms.apply_to_call(request)
            arguments = decode(request.args, self._directory).properties
            try:
                result = self._registrar.invoke(request.tok, arguments, request.provider)
            except DeployError as error:
                failure = provider_pb2.CheckFailure(reason=str(error))
                return resource_pb2.ResourceInvokeResponse(failures=[failure])
            return resource_pb2.ResourceInvokeResponse(**{"return": to_wire(result)})

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self._transforms.register(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self._transforms.register_of_calls(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        _refuse(context, UnsupportedHook(request.name))

    def RegisterErrorHook(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        _refuse(context, UnsupportedHook(request.name))

    def SignalAndWaitForShutdown(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def _urn(self, request: Any) -> str:
        return str(Urn.of(self._stack, self._project, request.type, request.name, request.parent))

    def _registration(self, request: Any) -> Registration:
        urn = str(Urn.of(self._stack, self._project, request.type, request.name, request.parent))
        try:
            decoded = decode(request.object, self._directory)
        except AssetError as error:
            raise ResourceError(urn, str(error), _place(request)) from error
        own = request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None
        return Registration(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=request.custom,
            inputs=decoded.properties,
            secrets=decoded.secrets | frozenset(request.additionalSecretOutputs),
            dependencies=frozenset(request.dependencies),
            property_dependencies={
                name: frozenset(dependencies.urns)
                for name, dependencies in request.propertyDependencies.items()
                if dependencies.urns
            },
            provider=request.provider or request.providers.get(request.type.partition(":")[0], ""),
            aliases=tuple(request.aliasURNs) + tuple(map(self._alias(request), request.aliases)),
            options=Options(
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                delete_before_replace=own,
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                import_id=request.importId,
                deleted_with=request.deletedWith,
            ),
            declared_at=_place(request),
        )

    def _read_registration(self, request: Any) -> Registration:
        return Registration(
            urn=self._urn(request),
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=True,
            inputs=decode(request.properties, self._directory).properties,
            provider=request.provider,
            declared_at=_place(request),
        )

    def _alias(self, request: Any) -> Any:
        def resolve(alias: Any) -> str:
            if alias.WhichOneof("alias") == "urn":
                return str(alias.urn)
            spec = alias.spec
            parent = request.parent if spec.WhichOneof("parent") is None else spec.parentUrn
            stack, project = spec.stack or self._stack, spec.project or self._project
            return str(Urn.of(stack, project, spec.type or request.type, spec.name or request.name, parent))

        return resolve


class _Log(engine_pb2_grpc.EngineServicer):
    """The other service that the SDK expects: messages for the user."""

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar

    def Log(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        self._registrar.log(request.severity, request.message)
        return empty_pb2.Empty()


@contextmanager
def _answering(context: grpc.ServicerContext) -> Iterator[None]:
    """Send an error of the engine to the program as the protocol does."""
    try:
        yield
    except DeployError as error:
        _refuse(context, error)


def _refuse(context: grpc.ServicerContext, error: DeployError) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    raise AssertionError("abort raises")


def _place(request: Any) -> str | None:
    if not request.HasField("sourcePosition"):
        return None
    position = request.sourcePosition
    return f"{unquote(urlparse(position.uri).path)}:{position.line}"
