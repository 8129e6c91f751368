"""Requests of the REST protocols: the operation by path, method, query and headers, and its parameters.

Operations are found by moto's router, over the models of AWS's services, that dispatches them afterwards, so
that what is decided is what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from xml.parsers.expat import ExpatError

import xmltodict  # type: ignore[import-untyped]  # it has no stubs
from moto.core.model import OperationModel, ServiceModel
from moto.core.request import Request
from moto.core.routing import ProtocolRouter, get_router_class
from werkzeug.exceptions import NotFound

from millpond.iam.enforcement.object_routes import ObjectRoutes
from millpond.iam.enforcement.request_body import Environ, body_of, browsers_form, json_of

Operation = tuple[str, Mapping[str, Any]]
"""The name of an operation, and its parameters by their names in the model."""


class RestRequests:
    """How the requests of one service are read.

    Args:
        model: AWS's model of the service.
        protocols: Those that it speaks, one of which is a REST protocol.
    """

    def __init__(self, model: ServiceModel, protocols: tuple[str, ...]) -> None:
        self._model = model
        self._router = _router(model, protocols)
        self._is_json = "rest-json" in protocols
        self._bindings: dict[str, _Bindings] = {}
        self._routes = ObjectRoutes(model) if model.service_name == "s3" else None

    def read(self, environ: Environ) -> Operation | None:
        """The operation that a request is, with its parameters; `None` if the service has no such."""
        text: str = environ.get("QUERY_STRING", "")
        query = parse_qs(text, keep_blank_values=True) if text else {}
        try:
            name, uri_parameters = self._operation(environ, query)
        except NotFound:
            return None
        if name == "PostObject":
            return name, {**self._form_fields(browsers_form(environ)), **uri_parameters}
        bindings = self._bindings_of(name)
        parameters: dict[str, Any] = {}
        if bindings.reads_body:
            parameters.update(_body_parameters(bindings, body_of(environ)))
        if query:
            for spelled, member in bindings.query.items():
                if spelled in query:
                    parameters[member] = query[spelled] if len(query[spelled]) > 1 else query[spelled][0]
        for key, member in bindings.headers.items():
            if key in environ:
                parameters[member] = environ[key]
        parameters.update(uri_parameters)
        return name, parameters

    def _operation(self, environ: Environ, query: Mapping[str, list[str]]) -> tuple[str, Mapping[str, Any]]:
        read = self._routes.read(environ, query) if self._routes is not None else None
        if self._routes is None or read is None:
            operation, uri_parameters = self._router.match(Request(environ))
            return operation.name, uri_parameters
        shape, named = read
        known = self._routes.operation(shape)
        if known is None:
            known = self._router.match(Request(environ))[0].name
            self._routes.learn(shape, known)
        return known, named

    def _bindings_of(self, name: str) -> _Bindings:
        known = self._bindings.get(name)
        if known is None:
            known = self._bindings[name] = _bindings(self._model.operation_model(name), self._is_json)
        return known

    def _form_fields(self, fields: Mapping[str, str]) -> Mapping[str, Any]:
        """The fields of a browser's form as PutObject's parameters: they are called as its headers are."""
        headers = self._bindings_of("PutObject").headers
        keys = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
        parameters = {headers[key]: value for key, value in keys.items() if key in headers}
        if "acl" in fields:
            parameters["ACL"] = fields["acl"]
        return {**parameters, "Key": fields.get("key", "*")}


def _router(model: ServiceModel, protocols: tuple[str, ...]) -> ProtocolRouter:
    for protocol in protocols:
        router = get_router_class(model.service_name, protocol)
        if router is not None and protocol.startswith("rest-"):
            return router(model)
    raise ValueError(f"{model.service_name} has no REST protocol")


@dataclass(frozen=True)
class _Bindings:
    """Where a REST operation has its parameters.

    Attributes:
        operation: Its name.
        query: Names in the query, and the parameters that they hold.
        headers: The same for the keys of headers in the environment.
        payload: The parameter that is the whole body, if there is one.
        reads_body: Whether the body holds parameters at all.
    """

    operation: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    payload: str | None
    reads_body: bool


def _bindings(operation: OperationModel, is_json: bool) -> _Bindings:
    shape = operation.input_shape
    members: Mapping[str, Any] = getattr(shape, "members", {})
    query, headers, in_body = {}, {}, []
    for name, member in members.items():
        location = member.serialization.get("location")
        spelled = member.serialization.get("name", name)
        if location == "querystring":
            query[spelled] = name
        elif location == "header":
            key = spelled.upper().replace("-", "_")
            headers[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = name
        elif location is None:
            in_body.append(name)
    payload = shape.serialization.get("payload") if shape is not None else None
    has_structure = members[payload].type_name == "structure" if payload else bool(in_body)
    reads_body = (is_json and has_structure) or operation.name in _XML_BODIES
    return _Bindings(operation.name, query, headers, payload, reads_body)


def _body_parameters(bindings: _Bindings, body: bytes) -> Mapping[str, Any]:
    if (read := _XML_BODIES.get(bindings.operation)) is not None:
        # Whoever works the request off leaves blanks in texts, too: they may be part of a key.
        try:
            return read(xmltodict.parse(body, strip_whitespace=False))
        except ExpatError:
            return {}  # the service will say that it is no XML
    content = json_of(body)
    return {bindings.payload: content} if bindings.payload else content


def _delete_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    deletion = _element(document, "Delete")
    return {"Delete": {"Objects": _listed(deletion.get("Object")), "Quiet": deletion.get("Quiet")}}


def _tags_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Tags": _listed(_element(_element(document, "Tagging"), "TagSet").get("Tag"))}


def _location_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"LocationConstraint": _element(document, "CreateBucketConfiguration").get("LocationConstraint")}


def _element(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An element with elements in it; an empty one where there is none."""
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


_XML_BODIES: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "CreateBucket": _location_of,
    "DeleteObjects": _delete_of,
    "PutBucketTagging": _tags_of,
    "PutObjectTagging": _tags_of,
}
"""The bodies in S3's XML that tell what is needed; the others are left alone, as they may be large."""
