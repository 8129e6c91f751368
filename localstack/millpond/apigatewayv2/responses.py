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

    def update_stage(self) -> tuple[int, dict[str, str], str]:
        """Change a stage."""
        service = apigatewayv2_backends[self.current_account][self.region]
        assert isinstance(service, HttpApiService)  # noqa: S101 - install() put the class there
        *_, api_id, _stages, name = self.path.split("/")
        changes: dict[str, Any] = json.loads(self.body)
        return 200, {}, json.dumps(service.update_stage(api_id, unquote(name), changes).to_json())

    def get_authorizers(self) -> tuple[int, dict[str, str], str]:
        """The authorizers of an API."""
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [found.to_json() for found in api.authorizers.values()]})
