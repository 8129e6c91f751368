"""Asynchronous invocations: tried again, given up, and reported."""

from __future__ import annotations

import json
from typing import Any

from function_factory import FORWARD, Functions, Queues, variables

RAISE = "def handler(event, context): raise ValueError('poison')"


def send(functions: Functions, name: str, event: Any) -> None:
    answer = functions.client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""


def test_event_is_accepted_at_once_and_run_later(functions: Functions, queues: Queues) -> None:
    out = queues.create()
    name = functions.create(FORWARD, Timeout=20, **variables(OUT=out.url))
    send(functions, name, {"file": "sales.csv"})
    assert [json.loads(body) for body in out.bodies()] == [{"file": "sales.csv"}]


def test_event_that_fails_is_tried_three_times_and_ends_in_the_dead_letter_queue(
    cloud, functions: Functions, queues: Queues
) -> None:
    dead = queues.create()
    name = functions.create(RAISE, DeadLetterConfig={"TargetArn": dead.arn})
    send(functions, name, {"file": "poison.csv"})
    [letter] = dead.receive(1, seconds=20)
    assert json.loads(letter["Body"]) == {"file": "poison.csv"}
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert attributes["ErrorCode"] == "200"
    assert attributes["ErrorMessage"] == "poison"
    logs = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="START")
    starts = [event["message"] for event in logs["events"] if event["message"].startswith("START")]
    assert len(starts) == 3
    assert {line.split()[2] for line in starts} == {attributes["RequestID"]}


def test_dead_letters_may_go_to_a_topic(cloud, functions: Functions, queues: Queues) -> None:
    dead, sns = queues.create(), cloud.client("sns")
    topic = sns.create_topic(Name=cloud.unique_name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=dead.arn)
    name = functions.create(RAISE, DeadLetterConfig={"TargetArn": topic})
    functions.client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    send(functions, name, {"n": 1})
    [message] = [json.loads(body) for body in dead.bodies()]
    assert json.loads(message["Message"]) == {"n": 1}
    assert message["MessageAttributes"]["ErrorMessage"] == {"Type": "String", "Value": "poison"}


def test_failure_destination_gets_a_record(functions: Functions, queues: Queues) -> None:
    failures = queues.create()
    name = functions.create(RAISE)
    functions.client.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": failures.arn}},
    )
    send(functions, name, {"n": 1})
    [message] = failures.receive()
    record = json.loads(message["Body"])
    assert record["requestPayload"] == {"n": 1}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responsePayload"]["errorMessage"] == "poison"
    assert record["responseContext"]["functionError"] == "Unhandled"


def test_success_destination_gets_the_result(functions: Functions, queues: Queues) -> None:
    successes = queues.create()
    name = functions.create("def handler(event, context): return event['n'] + 1")
    functions.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": successes.arn}}
    )
    send(functions, name, {"n": 1})
    [message] = successes.receive()
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert record["responsePayload"] == 2


def test_destination_may_be_a_function(functions: Functions, queues: Queues) -> None:
    out = queues.create()
    listener = functions.create(FORWARD, Timeout=20, **variables(OUT=out.url))
    name = functions.create("def handler(event, context): return 'done'")
    functions.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnSuccess": {"Destination": functions.arn(listener)}}
    )
    send(functions, name, {})
    assert json.loads(out.bodies()[0])["responsePayload"] == "done"


def test_events_wait_while_the_function_is_at_its_own_limit(functions: Functions, queues: Queues) -> None:
    out = queues.create()
    slow = FORWARD + "        import time; time.sleep(0.5)\n"
    name = functions.create(slow, Timeout=20, **variables(OUT=out.url))
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    for number in range(3):
        send(functions, name, {"n": number})
    assert [json.loads(body)["n"] for body in out.bodies(3)] == [0, 1, 2]


def test_events_of_a_function_that_reserves_nothing_are_given_up_at_once(
    functions: Functions, queues: Queues
) -> None:
    failures, dead = queues.create(), queues.create()
    name = functions.create(RAISE, DeadLetterConfig={"TargetArn": dead.arn})
    functions.client.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": failures.arn}}
    )
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    send(functions, name, {"n": 1})
    [record] = [json.loads(body) for body in failures.bodies()]
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in record
    assert dead.bodies() == ['{"n": 1}']


def test_a_function_that_hangs_does_not_hold_up_another(functions: Functions, queues: Queues) -> None:
    out = queues.create()
    slow = functions.create("import time\ndef handler(event, context): time.sleep(5)", Timeout=10)
    functions.client.put_function_concurrency(FunctionName=slow, ReservedConcurrentExecutions=1)
    quick = functions.create(FORWARD, Timeout=20, **variables(OUT=out.url))
    for _ in range(20):
        send(functions, slow, {})
    send(functions, quick, {"n": 1})
    assert len(out.bodies(seconds=4)) == 1
