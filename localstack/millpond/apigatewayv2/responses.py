"""The wire format of HTTP APIs: what moto does not answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.apigatewayv2.responses import ApiGatewayV2Response

from millpond.apigatewayv2.service import HttpApiService


class HttpApiApi(ApiGatewayV2Response):
    """The operations."""

    @property
    def _service(self) -> HttpApiService:
        service = apigatewayv2_backends[self.current_account][self.region]
        assert isinstance(service, HttpApiService)  # noqa: S101 - install() put the class there
        return service

    def update_stage(self) -> tuple[int, dict[str, str], str]:
        """Change a stage."""
        *_, api_id, _stages, name = self.path.split("/")
        changes: dict[str, Any] = json.loads(self.body)
        return 200, {}, json.dumps(self._service.update_stage(api_id, unquote(name), changes).to_json())

    def create_deployment(self) -> tuple[int, dict[str, str], str]:
        """Deploy an API as it is."""
        *_, api_id, _deployments = self.path.split("/")
        wanted: dict[str, Any] = json.loads(self.body or "{}")
        made = self._service.create_deployment(api_id, wanted.get("description"), wanted.get("stageName"))
        return 201, {}, json.dumps(made.to_json())

    def get_deployments(self) -> tuple[int, dict[str, str], str]:
        """The deployments of an API."""
        *_, api_id, _deployments = self.path.split("/")
        found = self._service.get_deployments(api_id)
        return 200, {}, json.dumps({"items": [deployment.to_json() for deployment in found]})

    def get_deployment(self) -> tuple[int, dict[str, str], str]:
        """One deployment."""
        *_, api_id, _deployments, deployment_id = self.path.split("/")
        return 200, {}, json.dumps(self._service.get_deployment(api_id, deployment_id).to_json())

    def update_deployment(self) -> tuple[int, dict[str, str], str]:
        """Describe a deployment otherwise."""
        *_, api_id, _deployments, deployment_id = self.path.split("/")
        deployment = self._service.get_deployment(api_id, deployment_id)
        deployment.description = json.loads(self.body or "{}").get("description", deployment.description)
        return 200, {}, json.dumps(deployment.to_json())

    def delete_deployment(self) -> tuple[int, dict[str, str], str]:
        """Forget a deployment that no stage serves."""
        *_, api_id, _deployments, deployment_id = self.path.split("/")
        self._service.delete_deployment(api_id, deployment_id)
        return 204, {}, ""

    def get_authorizers(self) -> tuple[int, dict[str, str], str]:
        """The authorizers of an API."""
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [found.to_json() for found in api.authorizers.values()]})
