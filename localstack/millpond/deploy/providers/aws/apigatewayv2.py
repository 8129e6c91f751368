"""HTTP APIs: routes, what they call, and stages."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api as Cloud
from millpond.deploy.providers.aws.crud import ID, CrudResource, Lookup, Operations
from millpond.deploy.providers.aws.declaration import Inputs, Naming, Outputs


class Api(CrudResource):
    """An API; its id is part of its address."""

    type = "aws:apigatewayv2/api:Api"
    service = "apigatewayv2"
    operations = Operations("CreateApi", "GetApi", "DeleteApi", "UpdateApi")
    properties = frozenset(
        {
            "apiKeySelectionExpression",
            "corsConfiguration",
            "credentialsArn",
            "description",
            "disableExecuteApiEndpoint",
            "ipAddressType",
            "name",
            "protocolType",
            "routeKey",
            "routeSelectionExpression",
            "target",
            "version",
        }
    )
    replaces = frozenset({"protocolType"})
    naming = Naming("name", longest=128)
    tagged = True
    key: ClassVar = {"ApiId": ID}
    id_path = "ApiId"
    lookup = Lookup("GetApis", "Items", {"name": "Name"}, "ApiId")
    outputs: ClassVar = {"apiEndpoint": "ApiEndpoint", "ipAddressType": "IpAddressType || 'ipv4'"}
    defaults: ClassVar = {
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "routeSelectionExpression": "$request.method $request.path",
        "description": "",
    }

    def read(self, api: Cloud, id_: str, inputs: Inputs) -> Outputs | None:
        found = super().read(api, id_, inputs) or {}
        return {
            **found,
            "arn": f"arn:{api.partition}:apigateway:{api.region}::/apis/{id_}",
            "executionArn": api.arn("execute-api", id_),
        }

    def change(self, api: Cloud, id_: str, old: Inputs, new: Inputs) -> None:
        super().change(api, id_, old, new)
        if "corsConfiguration" in old and "corsConfiguration" not in new:
            api.client("apigatewayv2").delete_cors_configuration(ApiId=id_)


class Route(CrudResource):
    """A method and a path, and where they lead."""

    type = "aws:apigatewayv2/route:Route"
    service = "apigatewayv2"
    operations = Operations("CreateRoute", "GetRoute", "DeleteRoute", "UpdateRoute")
    properties = frozenset(
        {
            "apiId",
            "apiKeyRequired",
            "authorizationScopes",
            "authorizationType",
            "authorizerId",
            "modelSelectionExpression",
            "operationName",
            "requestModels",
            "requestParameters",
            "routeKey",
            "routeResponseSelectionExpression",
            "target",
        }
    )
    replaces = frozenset({"apiId"})
    key: ClassVar = {"ApiId": "apiId", "RouteId": ID}
    id_path = "RouteId"
    lookup = Lookup("GetRoutes", "Items", {"routeKey": "RouteKey"}, "RouteId", {"ApiId": "apiId"})
    defaults: ClassVar = {"apiKeyRequired": False, "authorizationType": "NONE"}

    def request(self, api: Cloud, inputs: Inputs) -> dict[str, Any]:
        given = super().request(api, inputs)
        if "requestParameters" in given:
            given["requestParameters"] = {
                item["requestParameterKey"]: {"required": item["required"]}
                for item in given["requestParameters"]
            }
        return given


class Integration(CrudResource):
    """What an API calls."""

    type = "aws:apigatewayv2/integration:Integration"
    service = "apigatewayv2"
    operations = Operations("CreateIntegration", "GetIntegration", "DeleteIntegration", "UpdateIntegration")
    properties = frozenset(
        {
            "apiId",
            "connectionId",
            "connectionType",
            "contentHandlingStrategy",
            "credentialsArn",
            "description",
            "integrationMethod",
            "integrationSubtype",
            "integrationType",
            "integrationUri",
            "passthroughBehavior",
            "payloadFormatVersion",
            "requestParameters",
            "requestTemplates",
            "responseParameters",
            "templateSelectionExpression",
            "timeoutMilliseconds",
            "tlsConfig",
        }
    )
    replaces = frozenset({"apiId", "integrationType", "integrationSubtype"})
    key: ClassVar = {"ApiId": "apiId", "IntegrationId": ID}
    id_path = "IntegrationId"
    lookup = Lookup(
        "GetIntegrations",
        "Items",
        {"integrationUri": "IntegrationUri", "integrationType": "IntegrationType"},
        "IntegrationId",
        {"ApiId": "apiId"},
    )
    renames: ClassVar = {"TimeoutInMillis": "timeoutMilliseconds"}
    outputs: ClassVar = {
        "integrationResponseSelectionExpression": "IntegrationResponseSelectionExpression || ''",
        "timeoutMilliseconds": "TimeoutInMillis",
    }
    defaults: ClassVar = {"connectionType": "INTERNET", "payloadFormatVersion": "1.0"}

    def request(self, api: Cloud, inputs: Inputs) -> dict[str, Any]:
        given = super().request(api, inputs)
        if "responseParameters" in given:
            given["responseParameters"] = {
                item["statusCode"]: item["mappings"] for item in given["responseParameters"]
            }
        return given


class Stage(CrudResource):
    """A deployment of an API under a name of its own; `$default` is the API's root."""

    type = "aws:apigatewayv2/stage:Stage"
    service = "apigatewayv2"
    operations = Operations("CreateStage", "GetStage", "DeleteStage", "UpdateStage")
    properties = frozenset(
        {
            "accessLogSettings",
            "apiId",
            "autoDeploy",
            "clientCertificateId",
            "defaultRouteSettings",
            "deploymentId",
            "description",
            "name",
            "routeSettings",
            "stageVariables",
        }
    )
    replaces = frozenset({"apiId", "name"})
    # A stage that deploys by itself has another deployment after each change of the API.
    echoes = frozenset({"deploymentId"})
    naming = Naming("name", longest=128)
    tagged = True
    key: ClassVar = {"ApiId": "apiId", "StageName": "name"}
    renames: ClassVar = {"StageName": "name"}
    defaults: ClassVar = {"autoDeploy": False, "description": "", "stageVariables": {}, "routeSettings": []}

    def request(self, api: Cloud, inputs: Inputs) -> dict[str, Any]:
        given = super().request(api, inputs)
        given["routeSettings"] = {
            item["routeKey"]: {name: value for name, value in item.items() if name != "routeKey"}
            for item in given["routeSettings"]
        }
        return given

    def read(self, api: Cloud, id_: str, inputs: Inputs) -> Outputs | None:
        answer = self.answer(api, id_, inputs)
        api_id, path = inputs["apiId"], "" if id_ == "$default" else id_
        endpoint = api.client("apigatewayv2").get_api(ApiId=api_id)["ApiEndpoint"]
        return {
            "arn": f"arn:{api.partition}:apigateway:{api.region}::/apis/{api_id}/stages/{id_}",
            "executionArn": api.arn("execute-api", f"{api_id}/{id_}"),
            "invokeUrl": f"{endpoint}/{path}",
            **({} if "deploymentId" in inputs else {"deploymentId": answer.get("DeploymentId", "")}),
        }


class Deployment(CrudResource):
    """What an API is now, for stages to serve; another one is made when `triggers` change."""

    type = "aws:apigatewayv2/deployment:Deployment"
    service = "apigatewayv2"
    operations = Operations("CreateDeployment", "GetDeployment", "DeleteDeployment", "UpdateDeployment")
    properties = frozenset({"apiId", "description", "triggers"})
    replaces = frozenset({"apiId", "triggers"})
    unsent = frozenset({"triggers"})
    key: ClassVar = {"ApiId": "apiId", "DeploymentId": ID}
    id_path = "DeploymentId"
    lookup = Lookup(
        "GetDeployments", "Items", {"description": "Description"}, "DeploymentId", {"ApiId": "apiId"}
    )
    outputs: ClassVar = {"autoDeployed": "AutoDeployed"}
    defaults: ClassVar = {"description": ""}


class Authorizer(CrudResource):
    """Who decides whether a call may go through."""

    type = "aws:apigatewayv2/authorizer:Authorizer"
    service = "apigatewayv2"
    operations = Operations("CreateAuthorizer", "GetAuthorizer", "DeleteAuthorizer", "UpdateAuthorizer")
    properties = frozenset(
        {
            "apiId",
            "authorizerCredentialsArn",
            "authorizerPayloadFormatVersion",
            "authorizerResultTtlInSeconds",
            "authorizerType",
            "authorizerUri",
            "enableSimpleResponses",
            "identitySources",
            "jwtConfiguration",
            "name",
        }
    )
    replaces = frozenset({"apiId"})
    naming = Naming("name", longest=128)
    key: ClassVar = {"ApiId": "apiId", "AuthorizerId": ID}
    id_path = "AuthorizerId"
    outputs: ClassVar = {"authorizerResultTtlInSeconds": "AuthorizerResultTtlInSeconds || `0`"}
    lookup = Lookup("GetAuthorizers", "Items", {"name": "Name"}, "AuthorizerId", {"ApiId": "apiId"})
    renames: ClassVar = {"IdentitySource": "identitySources", "Audience": "audiences"}


RESOURCES: Final = (Api, Route, Integration, Deployment, Stage, Authorizer)
