"""REST APIs: stage, resource, method, integration.

A stage answers with the API's resources as they are now, where AWS keeps what was deployed to it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-rest-api.html
"""

from __future__ import annotations

import re
from typing import Any

from moto.apigateway.models import APIGatewayBackend, Method, RestAPI
from moto.apigateway.models import Integration as StoredIntegration
from moto.apigateway.models import Stage as StoredStage

from millpond.apigateway.authorization import by_signature
from millpond.apigateway.exceptions import RequestRefused, Unsupported
from millpond.apigateway.integrations import Integrations
from millpond.apigateway.payloads import Routed, answer_of_rest, event_1_0, is_binary
from millpond.apigateway.requests import ApiAnswer, ApiRequest, refusal
from millpond.apigateway.routes import Route, best_match

_MISSING = "MissingAuthenticationTokenException"


class RestApi:
    """One REST API.

    Args:
        api: As moto keeps it.
        backend: Whose API keys count.
        integrations: Call what methods lead to.
    """

    def __init__(self, api: RestAPI, backend: APIGatewayBackend, integrations: Integrations) -> None:
        self._api = api
        self._backend = backend
        self._integrations = integrations

    def answer(self, request: ApiRequest) -> ApiAnswer:
        """Answer a request."""
        try:
            routed, method = self._route(request)
            self._authorize(routed, method)
            self._validate(routed, method)
            answer = self._integrate(routed, method)
        except RequestRefused as error:
            answer = refusal(error)
        return answer.with_headers([("x-amzn-RequestId", request.id)])

    def _route(self, request: ApiRequest) -> tuple[Routed, Method]:
        name, _, rest = request.path.lstrip("/").partition("/")
        stage: StoredStage | None = self._api.stages.get(name)
        if stage is None:
            raise RequestRefused(403, "Forbidden", "ForbiddenException")
        routes = [
            Route(kind, resource.get_path(), (resource.id, method))
            for resource in self._api.resources.values()
            for kind, method in resource.resource_methods.items()
        ]
        match = best_match(routes, request.method, "/" + rest)
        if match is None:
            raise RequestRefused(403, "Missing Authentication Token", _MISSING)
        routed = Routed(
            request,
            self._api.account_id,
            self._api.region_name,
            name,
            f"{request.method} {match.route.path}",
            "/" + rest,
            match.variables,
            stage.variables,
            resource_id=match.route.target[0],
            deployment_id=stage.deployment_id,
        )
        return routed, match.route.target[1]

    def _authorize(self, routed: Routed, method: Method) -> None:
        if method.authorization_type == "AWS_IAM":
            by_signature(routed)
        elif method.authorization_type not in (None, "NONE"):
            raise Unsupported(f"the authorization type {method.authorization_type} of REST APIs")
        if method.api_key_required:
            given = routed.request.header("x-api-key")
            if not any(key.enabled and key.value == given for key in self._backend.keys.values()):
                raise RequestRefused(403, "Forbidden", "ForbiddenException")

    def _validate(self, routed: Routed, method: Method) -> None:
        """Hold a request against what the method's validator asks for.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
        """
        validator = self._api.request_validators.get(method.request_validator_id or "")
        if validator is None:
            return
        if validator.validate_request_body and method.request_models:
            raise Unsupported("request validators that look at bodies")
        if not validator.validate_request_parameters:
            return
        request = routed.request
        given = {"header": request.headers, "querystring": dict(request.parameters), "path": routed.variables}
        missing = []
        for parameter, required in (method.request_parameters or {}).items():
            _, _, kind, name = parameter.split(".", 3)
            if (
                str(required).lower() == "true"
                and (name.lower() if kind == "header" else name) not in given[kind]
            ):
                missing.append(name)
        if missing:
            raise RequestRefused(
                400, f"Missing required request parameters: [{', '.join(missing)}]", "BadRequestException"
            )

    def _integrate(self, routed: Routed, method: Method) -> ApiAnswer:
        integration = method.method_integration
        if integration is None:
            raise RequestRefused(500, "Internal server error", "InternalServerErrorException")
        if integration.integration_type == "AWS_PROXY":
            return self._proxy(integration, routed)
        if integration.integration_type == "MOCK":
            return _mocked(integration, routed)
        raise Unsupported(f"the integration type {integration.integration_type} of REST APIs")

    def _proxy(self, integration: StoredIntegration, routed: Routed) -> ApiAnswer:
        if integration.http_method not in (None, "POST"):
            # Functions are invoked by POST, whatever the method of the request is.
            raise RequestRefused(500, "Internal server error", "InternalServerErrorException")
        binary_types = [name.replace("~1", "/") for name in self._api.binaryMediaTypes or ()]
        event: dict[str, Any] = event_1_0(routed, http_api=False, binary_types=binary_types)
        seconds = int(integration.timeout_in_millis or 29_000) / 1000
        try:
            payload = self._integrations.invoke_function(
                integration.uri, event, routed, integration.credentials, seconds
            )
        except RequestRefused as error:
            # REST APIs spell and number the same failures otherwise than HTTP APIs.
            status, message = (504, "Endpoint request timed out") if error.status == 503 else (502, None)
            raise RequestRefused(
                status, message or "Internal server error", "InternalServerErrorException"
            ) from None
        return answer_of_rest(payload, is_binary(routed.request.header("accept"), binary_types))


def _mocked(integration: StoredIntegration, routed: Routed) -> ApiAnswer:
    """What a MOCK integration answers: the response of the status that its request template names.

    Raises:
        Unsupported: A template computes something; only fixed ones are answered.
    """
    templates = integration.request_templates or {}
    template = templates.get("application/json") or '{"statusCode": 200}'
    status = re.search(r'"statusCode"\s*:\s*"?(\d{3})', template)
    responses = integration.integration_responses or {}
    response = responses.get(status[1] if status else "200")
    if response is None:
        raise RequestRefused(500, "Internal server error", "InternalServerErrorException")
    body = (response.response_templates or {}).get("application/json") or ""
    if "#" in template + body or "$" in body:
        raise Unsupported("mapping templates that compute something")
    headers = [("Content-Type", "application/json")]
    for name, value in (response.response_parameters or {}).items():
        if name.startswith("method.response.header.") and value.startswith("'"):
            headers.append((name.removeprefix("method.response.header."), value.strip("'")))
    return ApiAnswer(int(response.status_code), tuple(headers), body.encode())
