"""From an HTTP request to the call that it is: whose credentials, which service, operation and parameters.

The signature itself is not verified: a local cloud's secrets are no secrets, and `test`/`test` is its
administrator. Who a request comes from is what its access key says, and a session's key counts with its token
only.

How an operation is named depends on the service's protocol: by a target in a header, by an action in a form,
or by the path (`rest_requests`).
"""

from __future__ import annotations

import datetime
import functools
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model

from millpond import DEFAULT_REGION
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.request_body import Environ, body_of, browsers_form, json_of, query_of
from millpond.iam.enforcement.rest_requests import RestRequests
from millpond.iam.evaluation import Principal

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

# A service's first requests come together; one of them loads its model, which takes long.
_LOADING = threading.Lock()

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
    query = {name.lower(): value for name, value in query_of(environ).items()}
    return _signature_in(query, QUERY, token) or _signature_in(browsers_form(environ), FORM, token)


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
        return target.rpartition(".")[2], json_of(body_of(environ))
    model = _model(service)
    content_type: str = environ.get("CONTENT_TYPE") or ""
    is_form = content_type.startswith("application/x-www-form-urlencoded")
    if is_form and (model is None or not _is_rest(model)):
        form = dict(parse_qsl(body_of(environ).decode(), keep_blank_values=True))
        return _of_form(model, form)
    if model is None:
        return UNKNOWN_OPERATION, {}
    if _is_rest(model):
        return _rest_requests(service).read(environ) or (UNKNOWN_OPERATION, {})
    if "query" in _protocols(model) or "ec2" in _protocols(model):
        return _of_form(model, query_of(environ))
    return UNKNOWN_OPERATION, {}


@functools.cache
def _model(service: str) -> Any:
    try:
        with _LOADING:
            return get_service_model(_MODELS.get(service, service))
    except UnknownServiceError:
        return None


@functools.cache
def _rest_requests(service: str) -> RestRequests:
    model = _model(service)
    return RestRequests(model, _protocols(model))


def _is_rest(model: Any) -> bool:
    return any(protocol.startswith("rest-") for protocol in _protocols(model))


@functools.cache
def _protocols(model: Any) -> tuple[str, ...]:
    return (str(model.metadata.get("protocol")), *model.metadata.get("protocols", ()))


def _of_form(model: Any, form: dict[str, str]) -> tuple[str, Mapping[str, Any]]:
    """An operation of the query protocol, its parameters by their names in the model."""
    operation = form.get("Action", UNKNOWN_OPERATION)
    if model is None or operation not in model.operation_names:
        return operation, form
    parser: Any = PROTOCOL_PARSERS["ec2" if "ec2" in _protocols(model) else "query"]
    return operation, parser(model.operation_model(operation)).parse({"values": form})
