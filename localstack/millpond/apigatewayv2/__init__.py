"""API Gateway's HTTP APIs: moto's, with deployments and with stages that can be changed."""

from millpond.apigatewayv2.deployments import DeployedStage, Deployment
from millpond.apigatewayv2.service import HttpApiService, install

__all__ = ["DeployedStage", "Deployment", "HttpApiService", "install"]
