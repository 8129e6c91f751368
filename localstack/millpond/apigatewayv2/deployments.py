"""Deployments: what an API was when it was deployed, and the stages that serve that.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
"""

from __future__ import annotations

import copy
import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException
from moto.apigatewayv2.models import Api, Authorizer, Integration, Route, Stage
from moto.core.utils import iso_8601_datetime_without_milliseconds


class DeploymentNotFound(APIGatewayV2Error):
    """An API has no such deployment."""

    code = 404

    def __init__(self, deployment_id: str) -> None:
        super().__init__("NotFoundException", f"Invalid Deployment identifier specified {deployment_id}")


class DeploymentInUse(BadRequestException):
    """A stage serves it."""

    def __init__(self) -> None:
        super().__init__("Active stages pointing to this deployment must be moved or deleted")


class DeployedByItself(BadRequestException):
    """A stage that deploys every change cannot be held at one deployment."""

    def __init__(self) -> None:
        super().__init__("Deployment ID cannot be set on a stage that has AutoDeploy enabled")


@dataclass
class Deployment:
    """What an API was at one moment; later changes of the API are not in it."""

    id: str
    description: str | None
    created: datetime.datetime
    routes: Mapping[str, Route]
    integrations: Mapping[str, Integration]
    authorizers: Mapping[str, Authorizer]

    @classmethod
    def of(cls, api: Api, description: str | None) -> Deployment:
        """An API as it is now."""
        return cls(
            id=uuid.uuid4().hex[:6],
            description=description,
            created=datetime.datetime.now(),
            routes=copy.deepcopy(api.routes),
            integrations=copy.deepcopy(api.integrations),
            authorizers=copy.deepcopy(api.authorizers),
        )

    def to_json(self) -> dict[str, Any]:
        """The form that the API answers with."""
        described = {"description": self.description} if self.description else {}
        return {
            "autoDeployed": False,
            "createdDate": iso_8601_datetime_without_milliseconds(self.created),
            "deploymentId": self.id,
            "deploymentStatus": "DEPLOYED",
            **described,
        }


class DeployedStage(Stage):
    """Takes moto's place: knows the deployment that it serves unless it deploys every change by itself."""

    deployment: Deployment | None = None

    def to_json(self) -> dict[str, Any]:
        """The form that the API answers with."""
        deployed = {"deploymentId": self.deployment.id} if self.deployment else {}
        return {**super().to_json(), **deployed}

    def serve(self, deployment: Deployment) -> None:
        """Serve a deployment from now on.

        Raises:
            DeployedByItself: The stage deploys every change.
        """
        if self.auto_deploy:
            raise DeployedByItself
        self.deployment = deployment


def stages_of(api: Api) -> dict[str, DeployedStage]:
    """The stages of an API by name: `install` has moto make no others."""
    return cast("dict[str, DeployedStage]", api.stages)
