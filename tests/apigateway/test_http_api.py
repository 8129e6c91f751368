"""HTTP APIs answer: routes, events, cross-origin rules, authorization, other services behind them."""

from __future__ import annotations

import base64
import json

import pytest

from function_factory import functions
from http_caller import call

__all__ = ["functions"]

ECHO = (
    "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"
)


class Apis:
    """APIs of one test."""

    def __init__(self, cloud, functions):
        self.cloud, self.functions, self.client = cloud, functions, cloud.client("apigatewayv2")
        self.id = self.endpoint = None

    def create(self, stage="$default", **settings):
        api = self.client.create_api(Name=self.cloud.unique_name("api"), ProtocolType="HTTP", **settings)
        self.id, self.endpoint = api["ApiId"], api["ApiEndpoint"]
        self.client.create_stage(
            ApiId=self.id, StageName=stage, AutoDeploy=True, StageVariables={"env": "test"}
        )

    def function(self, source=ECHO, *, allowed=True):
        name = self.functions.create(source)
        if allowed:
            self.functions.client.add_permission(
                FunctionName=name,
                StatementId="api",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{self.id}/*/*",
            )
        return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"

    def route(self, key, uri=None, route=None, **integration):
        defaults = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
        if uri:
            defaults["IntegrationUri"] = uri
        made = self.client.create_integration(ApiId=self.id, **defaults | integration)
        target = f"integrations/{made['IntegrationId']}"
        self.client.create_route(ApiId=self.id, RouteKey=key, Target=target, **route or {})

    def call(self, path, method="GET", body=None, headers=None):
        return call(self.endpoint + path, method, body, headers)


@pytest.fixture
def apis(cloud, functions):
    return Apis(cloud, functions)


def test_a_function_gets_the_request_in_format_2_0(apis):
    apis.create()
    apis.route("POST /shops/{shop}/events/{rest+}", apis.function())
    body = json.dumps({"id": 1}).encode()
    headers = {"Content-Type": "application/json", "X-Trace": "t", "Cookie": "a=1; b=2"}
    status, _, answer = apis.call("/shops/north%20west/events/a/b?tag=x&tag=y&q=", "POST", body, headers)
    event = json.loads(answer)
    context = event.pop("requestContext")
    assert status == 200
    assert event.pop("headers")["x-trace"] == "t"
    assert event == {
        "version": "2.0",
        "routeKey": "POST /shops/{shop}/events/{rest+}",
        "rawPath": "/shops/north west/events/a/b",
        "rawQueryString": "tag=x&tag=y&q=",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {"tag": "x,y", "q": ""},
        "pathParameters": {"shop": "north west", "rest": "a/b"},
        "stageVariables": {"env": "test"},
        "body": '{"id": 1}',
        "isBase64Encoded": False,
    }
    assert (context["http"]["method"], context["stage"], context["apiId"]) == ("POST", "$default", apis.id)


def test_a_function_gets_the_request_in_format_1_0(apis):
    apis.create(stage="prod")
    apis.route("GET /items/{id}", apis.function(), PayloadFormatVersion="1.0")
    event = json.loads(apis.call("/prod/items/7?a=1&a=2")[2])
    assert event["version"] == "1.0"
    assert (event["path"], event["resource"]) == ("/prod/items/7", "/items/{id}")
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["pathParameters"] == {"id": "7"}
    assert event["body"] is None


def test_what_is_no_text_arrives_in_base64(apis):
    apis.create()
    apis.route("PUT /files", apis.function())
    event = json.loads(apis.call("/files", "PUT", b"\x00\xff", {"Content-Type": "application/gzip"})[2])
    assert event["isBase64Encoded"]
    assert base64.b64decode(event["body"]) == b"\x00\xff"


@pytest.mark.parametrize(
    ("returned", "status", "content_type", "body"),
    [
        (
            "{'statusCode': 201, 'body': 'made', 'headers': {'X-Id': 7}}",
            201,
            "text/plain; charset=utf-8",
            b"made",
        ),
        ("{'a': 1}", 200, "application/json", b'{"a":1}'),
        ("'plain'", 200, "application/json", b"plain"),
        (
            "{'statusCode': 200, 'isBase64Encoded': True, 'body': 'AP8=', 'headers': {'Content-Type': 'a'}}",
            200,
            "a",
            b"\x00\xff",
        ),
        ("{'statusCode': 'many'}", 500, "application/json", b'{"message": "Internal Server Error"}'),
    ],
)
def test_a_function_answers(apis, returned, status, content_type, body):
    apis.create()
    apis.route("GET /", apis.function(f"def handler(event, context):\n    return {returned}\n"))
    answered, headers, content = apis.call("/")
    assert (answered, headers["Content-Type"], content) == (status, content_type, body)


def test_the_most_specific_route_is_taken(apis):
    apis.create()
    for key in ("GET /a/b", "GET /a/{x}", "ANY /a/{x}", "GET /{all+}", "$default"):
        source = f"def handler(event, context):\n    return {key!r}\n"
        apis.route(key, apis.function(source))
    taken = {
        path: apis.call(path, method)[2].decode()
        for path, method in {
            "/a/b": "GET",
            "/a/c": "GET",
            "/a/d": "POST",
            "/x/y/z": "GET",
            "/x": "PUT",
        }.items()
    }
    assert taken == {
        "/a/b": "GET /a/b",
        "/a/c": "GET /a/{x}",
        "/a/d": "ANY /a/{x}",
        "/x/y/z": "GET /{all+}",
        "/x": "$default",
    }


def test_what_leads_nowhere_is_not_found(apis):
    apis.create(stage="prod")
    apis.route("GET /there", apis.function())
    for path in ("/prod/elsewhere", "/there", "/dev/there"):
        assert apis.call(path)[::2] == (404, b'{"message": "Not Found"}')
    assert call(f"{apis.cloud.endpoint_url}/_aws/execute-api/unknown/x")[0] == 404


def test_an_api_answers_at_its_host_too(apis):
    apis.create()
    apis.route("GET /", apis.function())
    host = f"{apis.id}.execute-api.us-east-1.amazonaws.com"
    event = json.loads(call(f"{apis.cloud.endpoint_url}/", headers={"Host": host})[2])
    assert event["requestContext"]["domainPrefix"] == apis.id


def test_a_function_that_fails_or_is_slow_is_told_as_on_aws(apis):
    apis.create()
    apis.route("GET /fail", apis.function("def handler(event, context):\n    raise ValueError\n"))
    slow = apis.function("import time\ndef handler(event, context):\n    time.sleep(2)\n")
    apis.route("GET /slow", slow, TimeoutInMillis=100)
    assert apis.call("/fail")[::2] == (500, b'{"message": "Internal Server Error"}')
    assert apis.call("/slow")[::2] == (503, b'{"message": "Service Unavailable"}')


def test_browsers_of_other_origins_are_answered(apis):
    apis.create(
        CorsConfiguration={
            "AllowOrigins": ["https://shop.example"],
            "AllowMethods": ["POST"],
            "AllowHeaders": ["content-type"],
            "MaxAge": 60,
        }
    )
    apis.route("POST /", apis.function())
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    status, headers, _ = apis.call("/", "OPTIONS", headers=asked)
    assert (status, headers["access-control-allow-origin"]) == (204, "https://shop.example")
    assert headers["access-control-allow-methods"] == "POST"
    assert apis.call("/", "POST", b"x", asked)[1]["access-control-allow-origin"] == "https://shop.example"
    strange = apis.call("/", "POST", b"x", {"Origin": "https://other.example"})[1]
    assert strange["access-control-allow-origin"] is None


def test_an_authorizer_decides(apis):
    apis.create()
    decide = (
        "def handler(event, context):\n"
        "    token = event['identitySource'][0]\n"
        "    return {'isAuthorized': token == 'good', 'context': {'user': 'ann'}}\n"
    )
    authorizer = apis.client.create_authorizer(
        ApiId=apis.id,
        Name="tokens",
        AuthorizerType="REQUEST",
        AuthorizerUri=apis.function(decide),
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
        IdentitySource=["$request.header.Authorization"],
    )
    guarded = {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer["AuthorizerId"]}
    apis.route("GET /", apis.function(), guarded)
    assert apis.call("/")[0] == 401
    assert apis.call("/", headers={"Authorization": "bad"})[0] == 403
    event = json.loads(apis.call("/", headers={"Authorization": "good"})[2])
    assert event["requestContext"]["authorizer"] == {"lambda": {"user": "ann"}}


def test_a_route_can_lead_to_a_queue(apis, cloud):
    queue = cloud.client("sqs").create_queue(QueueName=cloud.unique_name("queue"))["QueueUrl"]
    iam, name = cloud.client("iam"), cloud.unique_name("role")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    allow = {"Version": "2012-10-17", "Statement": send}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=json.dumps(allow))
    apis.create()
    apis.route(
        "POST /",
        IntegrationSubtype="SQS-SendMessage",
        CredentialsArn=role,
        PayloadFormatVersion="1.0",
        RequestParameters={"QueueUrl": queue, "MessageBody": "$request.body"},
    )
    status, _, answer = apis.call("/", "POST", b"hello")
    [message] = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert (status, message["Body"]) == (200, "hello")
    assert json.loads(answer)["MessageId"] == message["MessageId"]


def test_a_stage_logs_its_requests(apis, cloud):
    group = f"/aws/api/{cloud.unique_name('log')}"
    cloud.client("logs").create_log_group(logGroupName=group)
    apis.create()
    apis.client.update_stage(
        ApiId=apis.id,
        StageName="$default",
        AccessLogSettings={
            "DestinationArn": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}",
            "Format": "$context.httpMethod $context.path $context.status",
        },
    )
    apis.route("GET /there", apis.function())
    apis.call("/there")
    apis.call("/elsewhere")
    events = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    assert [event["message"] for event in events] == ["GET /there 200", "GET /elsewhere 404"]


def test_what_the_local_cloud_does_not_do_is_named(apis):
    apis.create()
    apis.route("GET /", "https://example.com", IntegrationType="HTTP_PROXY", IntegrationMethod="GET")
    status, _, body = apis.call("/")
    assert (status, b"HTTP_PROXY" in body) == (501, True)
