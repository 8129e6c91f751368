"""REST APIs of one account and region: moto keeps them, mended where it stumbles."""

from __future__ import annotations

import json
from typing import Any, cast

from moto.apigateway import urls
from moto.apigateway.exceptions import RestAPINotFound
from moto.apigateway.models import APIGatewayBackend, Integration, RestAPI, apigateway_backends
from moto.apigateway.responses import APIGatewayResponse
from moto.core.common_types import TYPE_RESPONSE


class RestApiService(APIGatewayBackend):
    """API Gateway's REST APIs, as they are set up."""

    @property
    def _url_module(self) -> Any:
        return urls

    def delete_rest_api(self, function_id: str) -> RestAPI:
        """DeleteRestApi.

        Raises:
            RestAPINotFound: There is no such API.
        """
        if function_id not in self.apis:
            raise RestAPINotFound
        return super().delete_rest_api(function_id)

    def import_rest_api(self, api_doc: dict[str, Any], fail_on_warnings: bool) -> RestAPI:
        """ImportRestApi: a description of what it describes need not say what that is for."""
        info = {"description": "", **api_doc.get("info", {})}
        return super().import_rest_api({**api_doc, "info": info}, fail_on_warnings)

    def put_integration(  # type: ignore[override]  # its optional members go through as they are
        self,
        function_id: str,
        resource_id: str,
        method_type: str,
        integration_type: str,
        uri: str | None = None,
        integration_method: str | None = None,
        **given: Any,
    ) -> Integration:
        """PutIntegration: one that mocks leads to no address, which imported descriptions leave out."""
        return super().put_integration(
            function_id,
            resource_id,
            method_type,
            integration_type,
            cast(str, uri),
            cast(str, integration_method),
            **given,
        )


class RestApiSetup(APIGatewayResponse):
    """The operations that set REST APIs up."""

    def create_rest_api(self) -> TYPE_RESPONSE:
        """Make an API; moto forgets which of its media types are binary."""
        status, headers, body = super().create_rest_api()
        made = self.backend.apis.get(json.loads(body).get("id"))
        if made is not None and (binary := self._get_param("binaryMediaTypes")):
            made.binaryMediaTypes = list(binary)
            body = json.dumps(made.to_dict())
        return status, headers, body


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    apigateway_backends.backend = RestApiService
    urls.url_paths["{0}/restapis$"] = RestApiSetup.dispatch
