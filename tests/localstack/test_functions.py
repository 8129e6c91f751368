"""LocalStack's Lambda with its functions run by Millpond: what LocalStack's users see of it."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest

from function_factory import zip_of

_names = (f"function-{number}" for number in itertools.count())


class Functions:
    """Functions of one role in LocalStack."""

    def __init__(self, clouds: Any) -> None:
        self.clouds = clouds
        self.client = clouds.client("lambda")
        iam = clouds.client("iam")
        self._role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument="{}")["Role"]["Arn"]

    def create(self, body: str, **settings: Any) -> str:
        """A function whose handler has this body, once it can be invoked."""
        name = next(_names)
        self.client.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="handler.handle",
            Role=self._role,
            Code={"ZipFile": code(body)},
            **settings,
        )
        self.client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return name

    def update(self, name: str, body: str) -> None:
        self.client.update_function_code(FunctionName=name, ZipFile=code(body))
        self.client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})

    def invoke(self, name: str, event: Any = None, **options: Any) -> tuple[Any, dict[str, Any]]:
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(event), **options)
        return json.load(answer["Payload"]), answer


def code(body: str) -> bytes:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return zip_of({"handler.py": f"import os, boto3\ndef handle(event, context):\n{lines}"})


@pytest.fixture(scope="module")
def functions(clouds) -> Functions:
    return Functions(clouds)


def test_a_function_finds_each_service_where_it_is(functions, clouds):
    name = functions.create(
        "return [boto3.client(s).meta.endpoint_url for s in ('s3', 'sqs', 'athena', 'glue')]"
    )
    urls, _ = functions.invoke(name)
    assert urls == [clouds.localstack_url] * 2 + [clouds.millpond_url] * 2


def test_a_function_has_its_own_settings(functions):
    name = functions.create(
        "return [os.environ['COLOUR'], context.function_name, context.memory_limit_in_mb, event]",
        Environment={"Variables": {"COLOUR": "blue"}},
        MemorySize=192,
    )
    answer, _ = functions.invoke(name, {"n": 1})
    assert answer == ["blue", name, "192", {"n": 1}]


def test_an_exception_is_a_function_error_with_its_log(functions):
    name = functions.create("print('before'); raise ValueError('wrong')")
    payload, answer = functions.invoke(name, LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "wrong")
    assert "before" in base64.b64decode(answer["LogResult"]).decode()


def test_a_time_limit_is_kept(functions):
    name = functions.create("import time; time.sleep(30)", Timeout=1)
    payload, answer = functions.invoke(name)
    assert answer["FunctionError"] == "Unhandled"
    assert "timed out after 1.00 seconds" in payload["errorMessage"]


def test_new_code_runs_and_a_published_version_keeps_its_own(functions):
    name = functions.create("return 'old'")
    version = functions.client.publish_version(FunctionName=name)["Version"]
    functions.update(name, "return 'new'")
    functions.client.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=version)
    assert functions.invoke(name)[0] == "new"
    assert functions.invoke(name, Qualifier=version)[0] == "old"


def test_all_of_the_output_stands_in_localstacks_log_group(functions, clouds):
    name = functions.create("print('a line of', event)\nfor n in range(2000): print('more', n)")
    logs = clouds.client("logs")
    logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    functions.invoke(name, "news")

    def is_logged() -> bool:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        messages = [event["message"].strip() for event in events]
        return "a line of news" in messages and "more 1999" in messages

    clouds.wait_until(is_logged)


def test_an_asynchronous_invocation_that_fails_ends_in_the_dead_letter_queue(functions, clouds):
    sqs = clouds.client("sqs")
    queue = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name = functions.create("raise ValueError('wrong')", DeadLetterConfig={"TargetArn": arn})
    functions.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    functions.client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 1}')
    messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages", [])
    assert [json.loads(message["Body"]) for message in messages] == [{"n": 1}]


def test_a_layer_of_the_users_own_is_there(functions):
    layer = functions.client.publish_layer_version(
        LayerName="own", Content={"ZipFile": zip_of({"python/own_layer.py": "VALUE = 42\n"})}
    )
    name = functions.create("import own_layer\nreturn own_layer.VALUE", Layers=[layer["LayerVersionArn"]])
    assert functions.invoke(name)[0] == 42


def test_a_public_layer_that_millpond_has_is_there(functions):
    arn = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:18"
    name = functions.create("import aws_lambda_powertools as p\nreturn p.__name__", Layers=[arn])
    assert functions.invoke(name)[0] == "aws_lambda_powertools"


def test_a_layer_that_nobody_has_makes_the_function_fail_with_the_reason(functions):
    arn = "arn:aws:lambda:us-east-1:123456789012:layer:nobodys:1"
    name = next(_names)
    functions.client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="handler.handle",
        Role="arn:aws:iam::000000000000:role/functions",
        Code={"ZipFile": code("return 1")},
        Layers=[arn],
    )
    state: dict[str, Any] = {}

    def has_failed() -> bool:
        state.update(functions.client.get_function_configuration(FunctionName=name))
        return state["State"] == "Failed"

    functions.clouds.wait_until(has_failed)
    assert "does not exist here" in state["StateReason"]


def test_a_deleted_function_is_gone_from_both(functions, clouds):
    name = functions.create("return 1")
    in_millpond = type(clouds.endpoint)(clouds.millpond_url).client("lambda")
    assert in_millpond.get_function(FunctionName=name)
    functions.client.delete_function(FunctionName=name)

    def is_gone() -> bool:
        return name not in [f["FunctionName"] for f in in_millpond.list_functions()["Functions"]]

    clouds.wait_until(is_gone)
