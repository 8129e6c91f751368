"""A stage that does not deploy by itself serves what was deployed to it, whatever became of the API."""

from __future__ import annotations

from typing import Any

import pytest

from function_factory import functions
from http_caller import call

__all__ = ["functions"]

ROUTE_KEY = "def handler(event, context):\n    return event['routeKey']\n"


class Shop:
    """An API with a route and a stage that nothing is deployed to yet."""

    def __init__(self, cloud: Any, functions: Any) -> None:
        self.client = cloud.client("apigatewayv2")
        api = self.client.create_api(Name=cloud.unique_name("api"), ProtocolType="HTTP")
        self.id, self.endpoint = api["ApiId"], api["ApiEndpoint"]
        name = functions.create(ROUTE_KEY)
        functions.client.add_permission(
            FunctionName=name,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
        made = self.client.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
            PayloadFormatVersion="2.0",
        )
        self.target = f"integrations/{made['IntegrationId']}"
        self.route("GET /orders")
        self.client.create_stage(ApiId=self.id, StageName="$default")

    def route(self, key: str) -> None:
        self.client.create_route(ApiId=self.id, RouteKey=key, Target=self.target)

    def deploy(self, **settings: str) -> str:
        return str(self.client.create_deployment(ApiId=self.id, **settings)["DeploymentId"])

    def get(self, path: str) -> tuple[int, str]:
        status, _, answer = call(self.endpoint + path, "GET", None, None)
        return status, answer.decode() if isinstance(answer, bytes) else answer


@pytest.fixture
def shop(cloud: Any, functions: Any) -> Shop:
    return Shop(cloud, functions)


def test_a_stage_serves_the_api_as_it_was_deployed(shop: Shop) -> None:
    assert shop.get("/orders")[0] == 404
    shop.deploy(StageName="$default")
    shop.route("GET /customers")
    assert shop.get("/orders") == (200, "GET /orders")
    assert shop.get("/customers")[0] == 404
    shop.client.update_stage(ApiId=shop.id, StageName="$default", DeploymentId=shop.deploy())
    assert shop.get("/customers") == (200, "GET /customers")


def test_deployments_are_told_and_forgotten(shop: Shop) -> None:
    first = shop.deploy(Description="first")
    second = shop.deploy(StageName="$default")
    listed = shop.client.get_deployments(ApiId=shop.id)["Items"]
    assert [item["DeploymentId"] for item in listed] == [second, first]
    found = shop.client.get_deployment(ApiId=shop.id, DeploymentId=first)
    assert (found["Description"], found["DeploymentStatus"]) == ("first", "DEPLOYED")
    assert shop.client.get_stage(ApiId=shop.id, StageName="$default")["DeploymentId"] == second
    with pytest.raises(shop.client.exceptions.BadRequestException, match="must be moved or deleted"):
        shop.client.delete_deployment(ApiId=shop.id, DeploymentId=second)
    shop.client.delete_deployment(ApiId=shop.id, DeploymentId=first)
    with pytest.raises(shop.client.exceptions.NotFoundException):
        shop.client.get_deployment(ApiId=shop.id, DeploymentId=first)


def test_a_stage_that_deploys_by_itself_takes_no_deployment(shop: Shop) -> None:
    deployed = shop.deploy()
    with pytest.raises(shop.client.exceptions.BadRequestException, match="AutoDeploy"):
        shop.client.create_stage(ApiId=shop.id, StageName="dev", AutoDeploy=True, DeploymentId=deployed)
    names = [stage["StageName"] for stage in shop.client.get_stages(ApiId=shop.id)["Items"]]
    assert names == ["$default"]
