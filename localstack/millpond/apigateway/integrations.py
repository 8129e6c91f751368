"""What stands behind a route: a function, or an operation of another service.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError, ServiceException

from millpond.apigateway.exceptions import RequestRefused, Unsupported
from millpond.apigateway.payloads import Routed
from millpond.apigateway.requests import ApiAnswer
from millpond.functions.exceptions import RuntimeStopped
from millpond.iam.enforcement import AccessDeniedError, installed
from millpond.iam.principals import service_principal
from millpond.role_clients import RoleClients, ServiceRole

PRINCIPAL = "apigateway.amazonaws.com"

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_JSON = (("Content-Type", "application/json"),)
_FUNCTION_ARN = re.compile(r"(arn:aws[\w-]*:lambda:[^:]+:\d+:function:[^:/]+(?::[^:/]+)?)")


class Integrations:
    """Calls what routes lead to."""

    def __init__(self, clients: RoleClients) -> None:
        self._clients = clients
        self._threads = ThreadPoolExecutor(32, thread_name_prefix="api")

    def invoke_function(
        self, uri: str, event: Mapping[str, Any], routed: Routed, credentials_arn: str | None, seconds: float
    ) -> bytes:
        """Invoke a function with an event; returns what it has returned.

        Args:
            uri: The integration's: the function's ARN or API Gateway's path to it.
            event: The event.
            routed: The request.
            credentials_arn: The role to invoke it with; without one, the function's policy lets the API in.
            seconds: How long to wait.

        Raises:
            RequestRefused: The function failed, took too long, may not be invoked or is not there.
        """
        found = _FUNCTION_ARN.search(_with_stage_variables(uri, routed))
        if found is None:
            raise Unsupported(f"the integration {uri}")
        payload = json.dumps(event).encode()
        source = source_arn(routed)
        call = (
            (lambda: self._invoke_with_role(found[1], payload, credentials_arn, source))
            if credentials_arn
            else (lambda: _invoke(found[1], payload, source))
        )
        try:
            answer, error = self._threads.submit(call).result(seconds)
        except TookTooLong:
            raise RequestRefused(503, "Service Unavailable", "InternalServerErrorException") from None
        except (JsonRESTError, ServiceException, ClientError, AccessDeniedError, RuntimeStopped):
            raise _failed() from None
        if error:
            raise _failed()
        return answer

    def call_service(
        self, subtype: str, parameters: Mapping[str, str], role_arn: str, routed: Routed
    ) -> ApiAnswer:
        """Call an operation of another service with what the request says.

        Args:
            subtype: As `Kinesis-PutRecord`.
            parameters: The integration's request parameters, whose values may name parts of the request.
            role_arn: The role to call it with.
            routed: The request.

        Raises:
            RequestRefused: The service refused, or the local cloud knows no such subtype.
        """
        if subtype not in _SUBTYPES:
            raise Unsupported(f"the integration subtype {subtype} (it does {', '.join(sorted(_SUBTYPES))})")
        service, call = _SUBTYPES[subtype]
        values = {name: request_value(text, routed) for name, text in parameters.items()}
        role = ServiceRole(role_arn, PRINCIPAL, "BackplaneAssumeRoleSession", source_arn(routed))
        try:
            answer = call(self._clients.client(service, routed.region, role), values)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            body = json.dumps({"message": error.response["Error"]["Message"]})
            return ApiAnswer(status, (("Content-Type", "application/json"),), body.encode())
        answer.pop("ResponseMetadata", None)
        return ApiAnswer(
            200, (("Content-Type", "application/json"),), json.dumps(answer, default=str).encode()
        )

    def shutdown(self) -> None:
        """Start nothing any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _invoke_with_role(self, arn: str, payload: bytes, role_arn: str, source: str) -> tuple[bytes, bool]:
        role = ServiceRole(role_arn, PRINCIPAL, "BackplaneAssumeRoleSession", source)
        answer = self._clients.client("lambda", arn.split(":")[3], role).invoke(
            FunctionName=arn, Payload=payload
        )
        return answer["Payload"].read(), "FunctionError" in answer


def _invoke(arn: str, payload: bytes, source: str) -> tuple[bytes, bool]:
    """What a function returns, and whether it is an error."""
    installed().check(
        service_principal(PRINCIPAL),
        "lambda:InvokeFunction",
        arn,
        {"aws:SourceArn": (source,), "aws:SourceAccount": (arn.split(":")[4],)},
    )
    _, _, _, region, account_id, *_ = arn.split(":")
    headers: dict[str, Any] = {}
    answer: Any = lambda_backends[account_id][region].invoke(arn, None, payload, {}, headers)
    return answer, any(name.lower() == "x-amz-function-error" for name in headers)


def source_arn(routed: Routed) -> str:
    """The request as policies of functions name it: `arn:aws:execute-api:…:api/stage/METHOD/path`."""
    path = routed.route_key.rpartition(" ")[2].lstrip("/")
    method = routed.route_key.partition(" ")[0] if " " in routed.route_key else routed.request.method
    prefix = f"arn:aws:execute-api:{routed.region}:{routed.account_id}:{routed.request.api_id}"
    return f"{prefix}/{routed.stage}/{method}/{path}"


def request_value(text: str, routed: Routed) -> str:
    """A parameter's value: a part of the request, a text with such parts, or the text itself.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
    """
    if text.startswith("$request."):
        return _part(text, routed)
    return re.sub(r"\$\{(request\.[^}]+)\}", lambda match: _part("$" + match[1], routed), text)


def _part(name: str, routed: Routed) -> str:
    request = routed.request
    if name == "$request.body":
        return request.body.decode(errors="replace")
    if name.startswith("$request.body."):
        value: Any = json.loads(request.body or b"{}")
        for part in name.removeprefix("$request.body.").split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value if isinstance(value, str) else json.dumps(value)
    kind, _, key = name.removeprefix("$request.").partition(".")
    values: dict[str, Callable[[], str]] = {
        "header": lambda: request.header(key.lower()),
        "querystring": lambda: dict(request.parameters).get(key, ""),
        "path": lambda: routed.variables.get(key, "") if key else routed.path,
    }
    if kind not in values:
        raise Unsupported(f"the parameter mapping {name}")
    return values[kind]()


def _with_stage_variables(text: str, routed: Routed) -> str:
    return re.sub(
        r"\$\{stageVariables\.(\w+)\}", lambda match: routed.stage_variables.get(match[1], ""), text
    )


def _failed() -> RequestRefused:
    return RequestRefused(500, "Internal Server Error", "InternalServerErrorException")


def _put_record(client: Any, given: Mapping[str, str]) -> Any:
    return client.put_record(
        StreamName=given["StreamName"], Data=given["Data"].encode(), PartitionKey=given["PartitionKey"]
    )


def _send_message(client: Any, given: Mapping[str, str]) -> Any:
    return client.send_message(**{name: given[name] for name in given if name in _SQS_PARAMETERS})


def _put_events(client: Any, given: Mapping[str, str]) -> Any:
    entry: dict[str, Any] = {name: given[name] for name in given if name in _EVENT_PARAMETERS}
    return client.put_events(Entries=[entry])


def _start_execution(client: Any, given: Mapping[str, str]) -> Any:
    names = {"StateMachineArn": "stateMachineArn", "Name": "name", "Input": "input"}
    return client.start_execution(**{names[name]: value for name, value in given.items() if name in names})


_SQS_PARAMETERS = {"QueueUrl", "MessageBody", "MessageGroupId", "MessageDeduplicationId"}
_EVENT_PARAMETERS = {"Source", "DetailType", "Detail", "EventBusName"}
_SUBTYPES: dict[str, tuple[str, Callable[[Any, Mapping[str, str]], Any]]] = {
    "EventBridge-PutEvents": ("events", _put_events),
    "Kinesis-PutRecord": ("kinesis", _put_record),
    "SQS-SendMessage": ("sqs", _send_message),
    "StepFunctions-StartExecution": ("stepfunctions", _start_execution),
}
