"""HTTP APIs: stage, route, cross-origin rules, authorization, integration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moto.apigatewayv2.models import Api
from moto.apigatewayv2.models import Integration as StoredIntegration
from moto.apigatewayv2.models import Route as StoredRoute

from millpond.apigateway.authorization import authorize
from millpond.apigateway.cors import Cors
from millpond.apigateway.exceptions import NoSuchRoute, RequestRefused, Unsupported
from millpond.apigateway.integrations import Integrations
from millpond.apigateway.payloads import Routed, answer_1_0, answer_2_0, event_1_0, event_2_0
from millpond.apigateway.requests import ApiAnswer, ApiRequest, refusal
from millpond.apigateway.routes import Route, best_match
from millpond.apigatewayv2.deployments import DeployedStage, Deployment, stages_of

_DEFAULT_STAGE = "$default"
_DEFAULT_ROUTE = "$default"


class HttpApi:
    """One HTTP API: as it is now, or as it was when what a stage serves was deployed.

    Args:
        api: As moto keeps it.
        integrations: Call what routes lead to.
    """

    def __init__(self, api: Api, account_id: str, region: str, integrations: Integrations) -> None:
        self._api = api
        self._account_id = account_id
        self._region = region
        self._integrations = integrations

    def answer(self, request: ApiRequest) -> tuple[ApiAnswer, DeployedStage | None]:
        """Answer a request; says also by which stage."""
        cors = Cors.of(self._api.cors_configuration)  # type: ignore[arg-type]  # moto keeps the object
        try:
            stage, path = self._stage(request.path)
        except RequestRefused as error:
            return refusal(error), None
        try:
            found = self._route(request, stage, path, cors)
            answer = found if isinstance(found, ApiAnswer) else self._integrate(*found, self._served(stage))
        except RequestRefused as error:
            answer = refusal(error)
        is_preflight = request.method == "OPTIONS" and answer.status == 204
        return (cors.on(answer, request) if cors and not is_preflight else answer), stage

    def _stage(self, path: str) -> tuple[DeployedStage, str]:
        """The stage that a path begins with and the rest of it, or the default stage and all of it."""
        name, _, rest = path.lstrip("/").partition("/")
        stages = stages_of(self._api)
        if name in stages and name != _DEFAULT_STAGE:
            stage, below = stages[name], "/" + rest
        elif _DEFAULT_STAGE in stages:
            stage, below = stages[_DEFAULT_STAGE], path
        else:
            raise NoSuchRoute
        return stage, below

    def _served(self, stage: DeployedStage) -> Api | Deployment:
        """What a stage serves; nothing until something is deployed to it, unless it deploys every change."""
        served = self._api if stage.auto_deploy else stage.deployment
        if served is None:
            raise NoSuchRoute
        return served

    def _route(
        self, request: ApiRequest, stage: DeployedStage, path: str, cors: Cors | None
    ) -> ApiAnswer | tuple[Routed, StoredRoute]:
        served = self._served(stage)
        routes = []
        for stored in served.routes.values():
            method, _, template = stored.route_key.partition(" ")
            if template:
                routes.append(Route(method, template, stored))
        match = best_match(routes, request.method, path)
        if request.method == "OPTIONS" and cors and (match is None or match.route.method == "ANY"):
            return cors.preflight(request)
        if match is not None:
            stored, variables = match.route.target, match.variables
        else:
            default = [stored for stored in served.routes.values() if stored.route_key == _DEFAULT_ROUTE]
            if not default:
                raise NoSuchRoute
            stored, variables = default[0], {}
        routed = Routed(
            request,
            self._account_id,
            self._region,
            stage.name,
            stored.route_key,
            path,
            variables,
            stage.stage_variables or {},
        )
        return routed, stored

    def _integrate(self, routed: Routed, stored: StoredRoute, served: Api | Deployment) -> ApiAnswer:
        known = authorize(
            stored.authorization_type,
            served.authorizers.get(stored.authorizer_id or ""),
            routed,
            self._integrations,
        )
        routed = replace(routed, authorizer=known)
        integration = served.integrations.get((stored.target or "").rpartition("/")[2])
        if integration is None:
            raise RequestRefused(500, "Internal Server Error")
        if integration.integration_type == "AWS_PROXY":
            return self._proxy(integration, routed)
        raise Unsupported(f"the integration type {integration.integration_type} of HTTP APIs")

    def _proxy(self, integration: StoredIntegration, routed: Routed) -> ApiAnswer:
        if integration.integration_subtype:
            if not integration.credentials_arn:
                raise RequestRefused(500, "Internal Server Error")
            parameters: Mapping[str, str] = integration.request_parameters or {}
            return self._integrations.call_service(
                integration.integration_subtype, parameters, integration.credentials_arn, routed
            )
        first_format = (integration.payload_format_version or "1.0") == "1.0"
        event: dict[str, Any] = event_1_0(routed, http_api=True) if first_format else event_2_0(routed)
        seconds = (integration.timeout_in_millis or 30_000) / 1000
        payload = self._integrations.invoke_function(
            integration.integration_uri, event, routed, integration.credentials_arn, seconds
        )
        try:
            return answer_1_0(payload) if first_format else answer_2_0(payload)
        except RequestRefused:
            raise RequestRefused(500, "Internal Server Error") from None
