"""REST APIs answer."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from tests.apigateway.test_http_api import call

from function_factory import functions

__all__ = ["functions"]


# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
CONTEXT = {
    "accountId",
    "apiId",
    "deploymentId",
    "domainName",
    "domainPrefix",
    "extendedRequestId",
    "httpMethod",
    "identity",
    "path",
    "protocol",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "resourceId",
    "resourcePath",
    "stage",
}

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""


@pytest.fixture
def rest(cloud, functions):
    """A REST API with `GET /items/{id}` for a function and `GET /health` that is mocked."""
    client = cloud.client("apigateway")
    api = client.create_rest_api(name=cloud.unique_name("rest"))["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    items = client.create_resource(restApiId=api, parentId=root, pathPart="items")["id"]
    item = client.create_resource(restApiId=api, parentId=items, pathPart="{id}")["id"]
    health = client.create_resource(restApiId=api, parentId=root, pathPart="health")["id"]
    name = functions.create(ECHO)
    functions.client.add_permission(
        FunctionName=name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    uri = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    invoke = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{uri}/invocations"
    here = {"restApiId": api, "resourceId": item, "httpMethod": "GET"}
    client.put_method(**here, authorizationType="NONE", apiKeyRequired=True)
    client.put_integration(**here, type="AWS_PROXY", integrationHttpMethod="POST", uri=invoke)
    here = {"restApiId": api, "resourceId": health, "httpMethod": "GET"}
    client.put_method(**here, authorizationType="NONE")
    client.put_integration(**here, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_integration_response(
        **here, statusCode="200", responseTemplates={"application/json": '{"ok": true}'}
    )
    client.create_deployment(restApiId=api, stageName="prod", variables={"env": "x"})
    client.create_api_key(name=api, value=f"{api:k<20}", enabled=True)
    return f"{cloud.endpoint_url}/_aws/execute-api/{api}", f"{api:k<20}"


def test_an_api_is_made_of_a_description(cloud):
    client = cloud.client("apigateway")
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {
            "default": {"statusCode": "200", "responseTemplates": {"application/json": '{"ok": true}'}}
        },
    }
    get = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": integration}
    description = {"openapi": "3.0.1", "info": {"title": "pets"}, "paths": {"/pets": {"get": get}}}
    api = client.import_rest_api(body=json.dumps(description).encode())["id"]
    assert "/pets" in [resource["path"] for resource in client.get_resources(restApiId=api)["items"]]


@pytest.mark.parametrize(
    ("operation", "request_of", "code"),
    [
        ("delete_rest_api", {"restApiId": "missing"}, "NotFoundException"),
        ("get_client_certificates", {}, "NotImplemented"),
        ("get_documentation_parts", {"restApiId": "missing"}, "NotImplemented"),
    ],
)
def test_what_is_not_there_is_told_in_the_services_own_protocol(cloud, operation, request_of, code):
    with pytest.raises(ClientError) as refused:
        getattr(cloud.client("apigateway"), operation)(**request_of)
    assert refused.value.response["Error"]["Code"] == code


def test_a_function_gets_the_request(rest):
    url, key = rest
    status, _, body = call(f"{url}/prod/items/7?a=1&a=2", headers={"x-api-key": key})
    event = json.loads(body)
    assert status == 200
    assert (event["path"], event["resource"], event["httpMethod"]) == ("/items/7", "/items/{id}", "GET")
    assert event["pathParameters"] == {"id": "7"}
    assert event["headers"]["X-Api-Key"] == key
    assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert {*event["requestContext"]} == CONTEXT
    assert event["requestContext"]["identity"]["user"] is None
    assert event["requestContext"]["domainPrefix"] == event["requestContext"]["apiId"]
    assert not {"Connection", "Content-Length"} & event["headers"].keys()
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["stageVariables"] == {"env": "x"}
    assert event["requestContext"]["path"] == "/prod/items/7"


def test_a_key_is_asked_for(rest):
    assert call(f"{rest[0]}/prod/items/7")[::2] == (403, b'{"message": "Forbidden"}')


def test_a_mocked_method_answers_what_was_written(rest):
    assert call(f"{rest[0]}/prod/health")[::2] == (200, b'{"ok": true}')


def test_what_leads_nowhere_is_told_as_on_aws(rest):
    status, headers, _ = call(f"{rest[0]}/prod/elsewhere")
    assert (status, headers["x-amzn-ErrorType"]) == (403, "MissingAuthenticationTokenException")
    assert call(f"{rest[0]}/dev/health")[0] == 403


class ProxyApi:
    """A REST API whose every request goes to one function, which answers what the request's body says."""

    def __init__(self, cloud, functions, **settings):
        self.client = cloud.client("apigateway")
        self.id = self.client.create_rest_api(name=cloud.unique_name("proxy"), **settings)["id"]
        root = self.client.get_resources(restApiId=self.id)["items"][0]["id"]
        self.resource = self.client.create_resource(restApiId=self.id, parentId=root, pathPart="{proxy+}")[
            "id"
        ]
        name = functions.create("import json\ndef handler(event, context): return json.loads(event['body'])")
        functions.allow(name, "apigateway.amazonaws.com")
        arn = functions.arn(name)
        self.invoke = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        self.url = f"{cloud.endpoint_url}/_aws/execute-api/{self.id}/prod/any"

    def serve(self, integration_method="POST", **method):
        here = {"restApiId": self.id, "resourceId": self.resource, "httpMethod": "ANY"}
        self.client.put_method(**here, authorizationType="NONE", **method)
        self.client.put_integration(
            **here, type="AWS_PROXY", integrationHttpMethod=integration_method, uri=self.invoke
        )
        self.client.create_deployment(restApiId=self.id, stageName="prod")
        return self

    def answer(self, returned, query="", **headers):
        return call(self.url + query, "POST", json.dumps(returned).encode(), headers)


@pytest.fixture
def proxy(cloud, functions):
    return ProxyApi(cloud, functions, binaryMediaTypes=["image/png"]).serve()


RETURNED = [
    ({}, 200, b""),
    ({"statusCode": 200}, 200, b""),
    ({"body": "text"}, 200, b"text"),
    ({"statusCode": 200, "wrongValue": "value"}, 502, b'{"message": "Internal server error"}'),
    ({"statusCode": 200, "body": {"no": "text"}}, 502, b'{"message": "Internal server error"}'),
    (None, 502, b'{"message": "Internal server error"}'),
]


def test_what_a_function_returns_must_be_an_answer(proxy):
    for returned, status, body in RETURNED:
        answered, headers, content = proxy.answer(returned)
        assert (answered, content, headers["Content-Type"]) == (status, body, "application/json"), returned


def test_binary_answers_are_given_to_those_who_take_them(proxy):
    returned = {"body": "iVBORw==", "isBase64Encoded": True, "headers": {"Content-Type": "image/png"}}
    for accept, body in (("image/png", b"\x89PNG"), ("image/jpeg", b"iVBORw=="), ("image/*", b"iVBORw==")):
        assert proxy.answer(returned, Accept=accept)[2] == body, accept


def test_parameters_that_a_validator_asks_for_must_be_there(cloud, functions):
    api = ProxyApi(cloud, functions)
    validator = api.client.create_request_validator(
        restApiId=api.id, name="parameters", validateRequestParameters=True
    )["id"]
    required = {"method.request.querystring.day": True, "method.request.header.X-Shop": True}
    api.serve(requestValidatorId=validator, requestParameters=required)
    status, _, body = api.answer({"body": "ok"})
    assert (status, json.loads(body)["message"]) == (
        400,
        "Missing required request parameters: [day, X-Shop]",
    )
    assert api.answer({"body": "ok"}, "?day=1", **{"X-Shop": "a"})[2] == b"ok"


def test_functions_are_invoked_by_post_only(cloud, functions):
    status, _, body = ProxyApi(cloud, functions).serve(integration_method="GET").answer({"body": "ok"})
    assert (status, body) == (500, b'{"message": "Internal server error"}')
