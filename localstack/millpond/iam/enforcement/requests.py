"""From an HTTP request to the call that it is: whose credentials, which service, operation and parameters.

The signature itself is not verified: a local cloud's secrets are no secrets, and `test`/`test` is its
administrator. Who a request comes from is what its access key says, and a session's key counts with its token
only.

Operations are found by moto's router, over the models of AWS's services, that dispatches them afterwards, so
that what is decided is what is done.
"""

from __future__ import annotations

import datetime
import functools
import gzip
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import xmltodict  # type: ignore[import-untyped]  # it has no stubs
from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import ProtocolRouter, get_router_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from millpond import DEFAULT_REGION
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.evaluation import Principal

Environ = dict[str, Any]

UNKNOWN_OPERATION = "UnknownOperation"
"""The operation of a request that AWS's model of the service does not have; no policy can name it."""

HEADER, QUERY, FORM = "REST-HEADER", "REST-QUERY-STRING", "POST"
VERSION_2, VERSION_4 = "AWS", "AWS4-HMAC-SHA256"

_SCOPE = re.compile(
    r"Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request", re.IGNORECASE
)
# The content types of protocols that name the operation outside of the path.
_NAMING = ("application/x-www-form-urlencoded", "application/x-amz-json")
_VERSION_2 = re.compile(r"AWS (?P<key>[^:]+):")

# Where botocore's name of a service is not the one that requests to it are signed with.
_MODELS = {
    "airflow": "mwaa",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


@dataclass(frozen=True)
class Signature:
    """What a request says about who sent it and to which service.

    Attributes:
        access_key_id: Whose it is.
        session_token: Of temporary credentials.
        service: The service that it is signed for.
        region: The region that it is signed for.
        place: Where it is, as S3's `s3:authType` calls it; empty where there is none.
        version: How it was made, as S3's `s3:signatureversion` calls it.
        signed_at: When a presigned URL was made.
    """

    access_key_id: str
    session_token: str | None
    service: str
    region: str
    place: str = HEADER
    version: str = VERSION_4
    signed_at: datetime.datetime | None = None

    @property
    def header(self) -> str:
        """The `Authorization` header that says this and nothing else."""
        scope = f"{self.access_key_id}/20000101/{self.region}/{self.service}/aws4_request"
        return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def signature_of(environ: Environ) -> Signature | None:
    """The signature of a request, or `None`.

    It is in a header or, as S3's presigned URLs and browsers' forms have it, in the query or in the form.
    """
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    token: str | None = environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
    if found := _SCOPE.search(header):
        return Signature(found["key"], token, found["service"].lower(), found["region"] or DEFAULT_REGION)
    if found := _VERSION_2.match(header):
        return Signature(found["key"], token, "s3", DEFAULT_REGION, version=VERSION_2)
    query = {name.lower(): value for name, value in _query(environ).items()}
    return _signature_in(query, QUERY, token) or _signature_in(_browsers_form(environ), FORM, token)


def _signature_in(fields: Mapping[str, str], place: str, token: str | None) -> Signature | None:
    token = fields.get("x-amz-security-token") or token
    found = _SCOPE.fullmatch(f"Credential={fields.get('x-amz-credential', '')}")
    if found is not None:
        signed_at = _time(fields.get("x-amz-date", ""))
        return Signature(
            found["key"], token, "s3", found["region"] or DEFAULT_REGION, place, signed_at=signed_at
        )
    if "awsaccesskeyid" in fields:
        return Signature(fields["awsaccesskeyid"], token, "s3", DEFAULT_REGION, place, VERSION_2)
    return None


def _time(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
    except ValueError:
        return None


def call_of(environ: Environ, signature: Signature, caller: Principal, account: str) -> ServiceCall:
    """The call that a request is; its body stays readable for whoever answers it."""
    service = _service(environ, signature.service)
    operation, parameters = _operation(environ, service)
    return ServiceCall(
        service=service,
        operation=operation,
        caller=caller,
        parameters=parameters,
        region=signature.region,
        account=account,
        method=environ["REQUEST_METHOD"],
        path=unquote(str(environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0]),
        authentication=signature.place,
        signature_version=signature.version,
        signed_at=signature.signed_at,
    )


def body_of(environ: Environ) -> bytes:
    """A request's body, put back for whoever reads it next."""
    length: str = environ.get("CONTENT_LENGTH") or ""
    if length and not length.isdigit():
        environ["CONTENT_LENGTH"] = "0"  # whoever reads it would wait for a body without an end
        return b""
    if not length and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length)) if length else environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else body


def is_unknown(call: ServiceCall, environ: Environ) -> bool:
    """Whether a request names, by its target or form, an operation that its service's model does not have."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    content_type: str = environ.get("CONTENT_TYPE") or ""
    model = _model(call.service)
    if model is None or target.startswith("DynamoDBStreams"):  # which is signed for DynamoDB
        return False
    if not target and (_is_rest(model) or not content_type.startswith(_NAMING)):
        return False
    return call.operation not in model.operation_names


def _service(environ: Environ, service: str) -> str:
    if service == "s3" and (
        environ["PATH_INFO"].startswith("/v20180820/") or "s3-control" in environ.get("HTTP_HOST", "")
    ):
        return "s3control"
    return service


def _operation(environ: Environ, service: str) -> tuple[str, Mapping[str, Any]]:
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rpartition(".")[2], _json(body_of(environ))
    model = _model(service)
    content_type: str = environ.get("CONTENT_TYPE") or ""
    is_form = content_type.startswith("application/x-www-form-urlencoded")
    if is_form and (model is None or not _is_rest(model)):
        form = dict(parse_qsl(body_of(environ).decode(), keep_blank_values=True))
        return _of_form(model, form)
    if model is None:
        return UNKNOWN_OPERATION, {}
    if "query" in _protocols(model) or "ec2" in _protocols(model):
        return _of_form(model, _query(environ))
    return _of_rest(environ, service, model)


@functools.cache
def _model(service: str) -> Any:
    try:
        return get_service_model(_MODELS.get(service, service))
    except UnknownServiceError:
        return None


def _is_rest(model: Any) -> bool:
    return any(protocol.startswith("rest-") for protocol in _protocols(model))


def _protocols(model: Any) -> tuple[str, ...]:
    return (str(model.metadata.get("protocol")), *model.metadata.get("protocols", ()))


def _of_form(model: Any, form: dict[str, str]) -> tuple[str, Mapping[str, Any]]:
    """An operation of the query protocol, its parameters by their names in the model."""
    operation = form.get("Action", UNKNOWN_OPERATION)
    if model is None or operation not in model.operation_names:
        return operation, form
    parser: Any = PROTOCOL_PARSERS["ec2" if "ec2" in _protocols(model) else "query"]
    return operation, parser(model.operation_model(operation)).parse({"values": form})


def _of_rest(environ: Environ, service: str, model: Any) -> tuple[str, Mapping[str, Any]]:
    router = _router(service)
    if router is None:
        return UNKNOWN_OPERATION, {}
    request = Request(environ)
    try:
        operation, uri_parameters = router.match(request)
    except NotFound:
        return UNKNOWN_OPERATION, {}
    if operation.name == "PostObject":
        return operation.name, {**_of_form_fields(_browsers_form(environ)), **uri_parameters}
    bindings = _bindings(service, operation.name)
    parameters: dict[str, Any] = {}
    if bindings.reads_body:
        parameters.update(_body_parameters(bindings, body_of(environ)))
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    for name, member in bindings.query.items():
        if name in query:
            parameters[member] = query[name] if len(query[name]) > 1 else query[name][0]
    for key, member in bindings.headers.items():
        if key in environ:
            parameters[member] = environ[key]
    parameters.update(uri_parameters)
    return operation.name, parameters


@functools.cache
def _router(service: str) -> ProtocolRouter | None:
    model = _model(service)
    for protocol in _protocols(model):
        router = get_router_class(model.service_name, protocol)
        if router is not None and protocol.startswith("rest-"):
            return router(model)
    return None


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


@functools.cache
def _bindings(service: str, operation_name: str) -> _Bindings:
    model = _model(service)
    operation: OperationModel = model.operation_model(operation_name)
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
    is_json = "rest-json" in _protocols(model)
    has_structure = members[payload].type_name == "structure" if payload else bool(in_body)
    return _Bindings(
        operation_name, query, headers, payload, (is_json and has_structure) or operation_name in _XML_BODIES
    )


def _body_parameters(bindings: _Bindings, body: bytes) -> Mapping[str, Any]:
    if (read := _XML_BODIES.get(bindings.operation)) is not None:
        return read(xmltodict.parse(body)) if body else {}
    content = _json(body)
    return {bindings.payload: content} if bindings.payload else content


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}  # the service will say what is wrong with it
    return content if isinstance(content, Mapping) else {}


def _delete_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Delete": {"Objects": _listed((document.get("Delete") or {}).get("Object"))}}


def _tags_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Tags": _listed(((document.get("Tagging") or {}).get("TagSet") or {}).get("Tag"))}


def _location_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"LocationConstraint": (document.get("CreateBucketConfiguration") or {}).get("LocationConstraint")}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


_XML_BODIES: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "CreateBucket": _location_of,
    "DeleteObjects": _delete_of,
    "PutBucketTagging": _tags_of,
    "PutObjectTagging": _tags_of,
}
"""The bodies in S3's XML that tell what is needed; the others are left alone, as they may be large."""


def _of_form_fields(fields: Mapping[str, str]) -> Mapping[str, Any]:
    """The fields of a browser's form as PutObject's parameters: they are called as its headers are."""
    headers = _bindings("s3", "PutObject").headers
    keys = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
    parameters = {headers[key]: value for key, value in keys.items() if key in headers}
    if "acl" in fields:
        parameters["ACL"] = fields["acl"]
    return {**parameters, "Key": fields.get("key", "*")}


def _browsers_form(environ: Environ) -> dict[str, str]:
    """The fields of a browser's upload by a form, in lower case, without its file."""
    content_type: str = environ.get("CONTENT_TYPE") or ""
    if environ["REQUEST_METHOD"] != "POST" or not content_type.startswith("multipart/form-data"):
        return {}
    body_of(environ)
    fields = {name.lower(): value for name, value in Request(environ).form.items()}
    environ["wsgi.input"].seek(0)
    return fields


def _query(environ: Environ) -> dict[str, str]:
    text: str = environ.get("QUERY_STRING", "")
    return dict(parse_qsl(text, keep_blank_values=True)) if text else {}
