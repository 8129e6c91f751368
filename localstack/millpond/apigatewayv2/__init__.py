"""API Gateway's HTTP APIs: moto's, with stages that can be changed."""

from millpond.apigatewayv2.service import HttpApiService, install

__all__ = ["HttpApiService", "install"]
