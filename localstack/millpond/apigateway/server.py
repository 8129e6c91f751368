"""Answers requests for APIs, ahead of the services' own addresses."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from typing import TYPE_CHECKING

from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends

from millpond.apigateway.access_logs import log_access
from millpond.apigateway.addresses import address_of
from millpond.apigateway.exceptions import NoSuchRoute, RequestRefused
from millpond.apigateway.http_api import HttpApi
from millpond.apigateway.integrations import Integrations
from millpond.apigateway.requests import ApiAnswer, ApiRequest, refusal, request_of
from millpond.apigateway.rest_api import RestApi
from millpond.role_clients import RoleClients

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_BODYLESS = {204, 304}


class ApiServer:
    """The APIs of every account and region.

    Args:
        clients: With which integrations call services under a role.
    """

    def __init__(self, clients: RoleClients) -> None:
        self._integrations = Integrations(clients)

    def is_addressed(self, environ: WSGIEnvironment) -> bool:
        """Whether a request is for an API."""
        return address_of(environ) is not None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request that is for an API."""
        address = address_of(environ)
        assert address is not None  # noqa: S101 - the caller asks first
        try:
            answer = self._answer(request_of(environ, *address))
        except RequestRefused as error:
            answer = refusal(error)
        status = f"{answer.status} {http.client.responses.get(answer.status, 'Unknown')}"
        headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
        body = b"" if answer.status in _BODYLESS or environ["REQUEST_METHOD"] == "HEAD" else answer.body
        if answer.status not in _BODYLESS:
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(status, headers)
        return [body]

    def shutdown(self) -> None:
        """Call nothing any more."""
        self._integrations.shutdown()

    def _answer(self, request: ApiRequest) -> ApiAnswer:
        for account_id, regions in apigatewayv2_backends.items():
            for region, backend in regions.items():
                if request.api_id in backend.apis:
                    api = HttpApi(backend.apis[request.api_id], account_id, region, self._integrations)
                    answer, stage = api.answer(request)
                    answer = answer.with_headers([("Apigw-Requestid", request.id)])
                    if stage is not None:
                        log_access(stage.access_log_settings, stage.name, request, answer)
                    return answer
        for rest_regions in apigateway_backends.values():
            for rest in rest_regions.values():
                if request.api_id in rest.apis:
                    return RestApi(rest.apis[request.api_id], rest, self._integrations).answer(request)
        raise NoSuchRoute
