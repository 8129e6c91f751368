"""HTTP APIs of one account and region."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

import moto.apigateway.urls
import moto.apigatewayv2.models
from moto.apigatewayv2.models import Api, ApiGatewayV2Backend, Stage

from millpond.apigateway.addresses import base_url


class HttpApiService(ApiGatewayV2Backend):
    """moto's, with stages that can be changed and APIs whose address is this cloud's.

    Attributes:
        endpoint_url: The cloud's; set when the service is installed.
    """

    endpoint_url: ClassVar[str]

    def create_api(self, *arguments: Any, **given: Any) -> Api:
        """CreateApi: the answer says where the API really is."""
        api = super().create_api(*arguments, **given)
        api.api_endpoint = base_url(self.endpoint_url, api.api_id)
        return api

    @property
    def _url_module(self) -> Any:
        from millpond.apigatewayv2 import urls

        return urls

    def update_stage(self, api_id: str, stage_name: str, changes: Mapping[str, Any]) -> Stage:
        """UpdateStage: what is given is set, the rest stays; settings of routes are merged by route.

        Raises:
            StageNotFound: There is no such stage.
        """
        stage: Stage = self.get_stage(api_id, stage_name)
        for parameter, attribute in _CHANGEABLE.items():
            if parameter in changes:
                setattr(stage, attribute, changes[parameter])
        for parameter, attribute in _MERGED.items():
            merged = {**(getattr(stage, attribute) or {}), **changes.get(parameter, {})}
            setattr(stage, attribute, {name: value for name, value in merged.items() if value != ""})
        stage.updated = datetime.datetime.now()
        return stage


_CHANGEABLE = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "clientCertificateId": "client_certificate_id",
    "description": "description",
}
_MERGED = {
    "defaultRouteSettings": "default_route_settings",
    "routeSettings": "route_settings",
    # A variable is taken away by setting it to nothing.
    "stageVariables": "stage_variables",
}


def install(endpoint_url: str) -> None:
    """Put this service in the place of moto's; before the first request."""
    HttpApiService.endpoint_url = endpoint_url
    from millpond.apigatewayv2 import urls

    moto.apigatewayv2.models.apigatewayv2_backends.backend = HttpApiService
    # Requests for HTTP APIs are signed for the service of REST APIs, and routed by its addresses.
    moto.apigateway.urls.url_paths.update(urls.url_paths)
