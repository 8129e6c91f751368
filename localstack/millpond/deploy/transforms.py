"""Runs the transforms that a program registers: functions of its own that change resources and calls.

The functions live in the program's process and are called back there. A resource passes through its own
transforms, then through those of its parents from the inside out, then through the stack's. A call of a
provider's function has the stack's only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any, Final

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from millpond.deploy.exceptions import TransformFailed

# The field of a registration, and of the options that a transform sees.
_FIELDS: Final = {
    "protect": "protect",
    "version": "version",
    "provider": "provider",
    "pluginDownloadURL": "plugin_download_url",
    "retainOnDelete": "retain_on_delete",
    "deletedWith": "deleted_with",
    "importId": "import",
}
_LISTS: Final = {
    "dependencies": "depends_on",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "aliases": "aliases",
    "additionalSecretOutputs": "additional_secret_outputs",
    "replace_with": "replace_with",
}


class Transforms:
    """The transforms of one run of a program. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_stack: list[Any] = []
        self._of_calls: list[Any] = []
        self._of_resource: dict[str, tuple[Any, ...]] = {}
        self._parents: dict[str, str] = {}
        self._channels: dict[str, grpc.Channel] = {}

    def register(self, callback: Any) -> None:
        """Take a transform of every resource that is declared from now on."""
        with self._lock:
            self._of_stack.append(callback)

    def register_of_calls(self, callback: Any) -> None:
        """Take a transform of every call of a provider's function from now on."""
        with self._lock:
            self._of_calls.append(callback)

    def apply_to_call(self, request: Any) -> Any:
        """The call after all transforms of calls."""
        with self._lock:
            callbacks = list(self._of_calls)
        for callback in callbacks:
            request = self._call_about_call(callback, request)
        return request

    def apply(self, request: Any, urn: str) -> Any:
        """The registration after all transforms that concern it."""
        with self._lock:
            self._of_resource[urn] = tuple(request.transforms)
            self._parents[urn] = request.parent
            callbacks = list(self._concerning(urn))
        for callback in callbacks:
            request = self._call(callback, request)
        return request

    def close(self) -> None:
        """Hang up."""
        for channel in self._channels.values():
            channel.close()

    def _concerning(self, urn: str) -> Iterable[Any]:
        above = urn
        while above:
            yield from self._of_resource.get(above, ())
            above = self._parents.get(above, "")
        yield from self._of_stack

    def _call(self, callback: Any, request: Any) -> Any:
        question = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=request.object,
            options=_options(request),
        )
        try:
            answer = self._ask(callback, question)
        except grpc.RpcError as error:
            raise TransformFailed(f"{request.type} '{request.name}'", error.details()) from error
        return _changed(request, resource_pb2.TransformResponse.FromString(answer))

    def _call_about_call(self, callback: Any, request: Any) -> Any:
        options = resource_pb2.TransformInvokeOptions(provider=request.provider, version=request.version)
        question = resource_pb2.TransformInvokeRequest(token=request.tok, args=request.args, options=options)
        try:
            raw = self._ask(callback, question)
        except grpc.RpcError as error:
            raise TransformFailed(f"the call of {request.tok}", error.details()) from error
        answer = resource_pb2.TransformInvokeResponse.FromString(raw)
        result = resource_pb2.ResourceInvokeRequest()
        result.CopyFrom(request)
        result.args.CopyFrom(answer.args)
        if answer.HasField("options"):
            result.provider, result.version = answer.options.provider, answer.options.version
        return result

    def _ask(self, callback: Any, question: Any) -> bytes:
        message = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=question.SerializeToString()
        )
        answer = callback_pb2_grpc.CallbacksStub(self._channel(callback.target)).Invoke(message)
        return bytes(answer.response)

    def _channel(self, target: str) -> grpc.Channel:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target)
            return self._channels[target]


def _options(request: Any) -> Any:
    options = resource_pb2.TransformResourceOptions()
    for field, option in (_FIELDS | _LISTS).items():
        if field in _LISTS:
            getattr(options, option).extend(getattr(request, field))
        else:
            setattr(options, option, getattr(request, field))
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    if request.HasField("customTimeouts"):
        options.custom_timeouts.CopyFrom(request.customTimeouts)
    options.providers.update(request.providers)
    return options


def _changed(request: Any, answer: Any) -> Any:
    result = resource_pb2.RegisterResourceRequest()
    result.CopyFrom(request)
    result.object.CopyFrom(answer.properties)
    if not answer.HasField("options"):
        return result
    options = answer.options
    for field, option in _FIELDS.items():
        setattr(result, field, getattr(options, option))
    for field, option in _LISTS.items():
        del getattr(result, field)[:]
        getattr(result, field).extend(getattr(options, option))
    result.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    result.deleteBeforeReplace = options.delete_before_replace
    result.providers.clear()
    result.providers.update(options.providers)
    return result
