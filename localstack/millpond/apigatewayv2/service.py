"""HTTP APIs of one account and region."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

import moto.apigateway.urls
import moto.apigatewayv2.models
from moto.apigatewayv2.models import Api, ApiGatewayV2Backend

from millpond.apigateway.addresses import base_url
from millpond.apigatewayv2.deployments import (
    DeployedByItself,
    DeployedStage,
    Deployment,
    DeploymentInUse,
    DeploymentNotFound,
    stages_of,
)
from millpond.moto_models import stand_in


class HttpApiService(ApiGatewayV2Backend):
    """moto's, with deployments, stages that can be changed and APIs whose address is this cloud's.

    Attributes:
        endpoint_url: The cloud's; set when the service is installed.
    """

    endpoint_url: ClassVar[str]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._deployments: dict[str, dict[str, Deployment]] = {}

    def create_api(self, *arguments: Any, **given: Any) -> Api:
        """CreateApi: the answer says where the API really is."""
        api = super().create_api(*arguments, **given)
        api.api_endpoint = base_url(self.endpoint_url, api.api_id)
        return api

    @property
    def _url_module(self) -> Any:
        from millpond.apigatewayv2 import urls

        return urls

    def delete_api(self, api_id: str) -> None:
        """DeleteApi: its deployments go with it."""
        super().delete_api(api_id)
        self._deployments.pop(api_id, None)

    def create_deployment(
        self, api_id: str, description: str | None = None, stage_name: str | None = None
    ) -> Deployment:
        """CreateDeployment: the API as it is now, served by a stage at once if one is named.

        Raises:
            ApiNotFound: There is no such API.
            StageNotFound: There is no such stage.
            DeployedByItself: The stage deploys every change.
        """
        deployment = Deployment.of(self.get_api(api_id), description)
        if stage_name:
            self.get_stage(api_id, stage_name)
            stages_of(self.get_api(api_id))[stage_name].serve(deployment)
        self._deployments.setdefault(api_id, {})[deployment.id] = deployment
        return deployment

    def get_deployments(self, api_id: str) -> list[Deployment]:
        """GetDeployments: the newest first."""
        self.get_api(api_id)
        return list(reversed(self._deployments.get(api_id, {}).values()))

    def get_deployment(self, api_id: str, deployment_id: str) -> Deployment:
        """GetDeployment.

        Raises:
            DeploymentNotFound: The API has none with this id.
        """
        self.get_api(api_id)
        found = self._deployments.get(api_id, {}).get(deployment_id)
        if found is None:
            raise DeploymentNotFound(deployment_id)
        return found

    def delete_deployment(self, api_id: str, deployment_id: str) -> None:
        """DeleteDeployment.

        Raises:
            DeploymentNotFound: The API has none with this id.
            DeploymentInUse: A stage serves it.
        """
        deployment = self.get_deployment(api_id, deployment_id)
        if any(stage.deployment is deployment for stage in stages_of(self.get_api(api_id)).values()):
            raise DeploymentInUse
        del self._deployments[api_id][deployment_id]

    def create_stage(self, api_id: str, config: dict[str, Any]) -> DeployedStage:
        """CreateStage.

        Raises:
            DeploymentNotFound: The API has none with the id that is given.
            DeployedByItself: A deployment is given for a stage that deploys every change.
        """
        wanted = config.get("deploymentId")
        deployment = self.get_deployment(api_id, wanted) if wanted else None
        stage = stages_of(self.get_api(api_id))[super().create_stage(api_id, config).name]
        if deployment is not None:
            try:
                stage.serve(deployment)
            except DeployedByItself:
                self.delete_stage(api_id, stage.name)
                raise
        return stage

    def update_stage(self, api_id: str, stage_name: str, changes: Mapping[str, Any]) -> DeployedStage:
        """UpdateStage: what is given is set, the rest stays; settings of routes are merged by route.

        Raises:
            StageNotFound: There is no such stage.
            DeploymentNotFound: The API has none with the id that is given.
            DeployedByItself: A deployment is given for a stage that deploys every change.
        """
        self.get_stage(api_id, stage_name)
        stage = stages_of(self.get_api(api_id))[stage_name]
        wanted = changes.get("deploymentId")
        deployment = self.get_deployment(api_id, wanted) if wanted else None
        if deployment is not None and changes.get("autoDeploy", stage.auto_deploy):
            raise DeployedByItself
        for parameter, attribute in _CHANGEABLE.items():
            if parameter in changes:
                setattr(stage, attribute, changes[parameter])
        for parameter, attribute in _MERGED.items():
            merged = {**(getattr(stage, attribute) or {}), **changes.get(parameter, {})}
            setattr(stage, attribute, {name: value for name, value in merged.items() if value != ""})
        if deployment is not None:
            stage.serve(deployment)
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

    stand_in(moto.apigatewayv2.models, "Stage", DeployedStage)
    moto.apigatewayv2.models.apigatewayv2_backends.backend = HttpApiService
    # Requests for HTTP APIs are signed for the service of REST APIs, and routed by its addresses.
    moto.apigateway.urls.url_paths.update(urls.url_paths)
