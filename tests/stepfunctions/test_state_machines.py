"""State machines run: what comes out of their tasks, under which rights, and how it is told."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from function_factory import functions

__all__ = ["functions"]


class Machines:
    """Machines of one test, under a role that may do what the test says."""

    def __init__(self, cloud):
        self.cloud, self.client = cloud, cloud.client("stepfunctions")
        self.made = []

    def role(self, *actions, service="states.amazonaws.com", sources=True):
        iam, name = self.cloud.client("iam"), self.cloud.unique_name("role")
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }
        if sources:
            machine = "arn:aws:states:*:000000000000:stateMachine:*"
            trust["Condition"] = {"ArnLike": {"aws:SourceArn": machine}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        if actions:
            allow = _policy({"Effect": "Allow", "Action": actions, "Resource": "*"})
            iam.put_role_policy(RoleName=name, PolicyName="allow", PolicyDocument=allow)
        return arn

    def create(self, states, role=None, **settings):
        names = list(states)
        for name, following in zip(names, [*names[1:], None], strict=True):
            if states[name]["Type"] not in ("Choice", "Succeed", "Fail") and "Next" not in states[name]:
                states[name] |= {"Next": following} if following else {"End": True}
        return self.client.create_state_machine(
            name=self.cloud.unique_name("machine"),
            definition=json.dumps({"StartAt": names[0], "States": states}),
            roleArn=role or self.role(),
            **settings,
        )["stateMachineArn"]

    def start(self, machine, given=None):
        given = json.dumps(given or {})
        return self.client.start_execution(stateMachineArn=machine, input=given)["executionArn"]

    def end_of(self, execution):
        def ended():
            answer = self.client.describe_execution(executionArn=execution)
            return answer if answer["status"] != "RUNNING" else None

        return self.cloud.wait_for.condition(ended, "the execution ends", lambda: "it runs")

    def run(self, machine, given=None):
        return self.end_of(self.start(machine, given))


def _policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def machines(cloud):
    return Machines(cloud)


def test_a_machine_computes(machines):
    machine = machines.create(
        {
            "Add": {"Type": "Pass", "Parameters": {"list.$": "States.Array($.a, $.b)"}},
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.list",
                "ItemProcessor": {
                    "StartAt": "Double",
                    "States": {"Double": {"Type": "Pass", "End": True}},
                },
                "Next": "Choose",
            },
            "Choose": {
                "Type": "Choice",
                "Choices": [{"Variable": "$[0]", "NumericEquals": 1, "Next": "Good"}],
                "Default": "Bad",
            },
            "Good": {"Type": "Succeed"},
            "Bad": {"Type": "Fail", "Error": "Bad", "Cause": "no one"},
        }
    )
    done = machines.run(machine, {"a": 1, "b": 2})
    assert (done["status"], json.loads(done["output"])) == ("SUCCEEDED", [1, 2])
    failed = machines.run(machine, {"a": 5, "b": 2})
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "Bad", "no one")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.rows[0].cells[1].text", "b"),
        ("$.rows[*].id", [1, 2]),
        ("$.rows[0:1].id", [1]),
        ("$.rows[?(@.id == 2)].id", [2]),
        ("$..text", ["a", "b"]),
        ("$.rows[?(@.id == 7)]", []),
        ("$.rows[0].cells", [{"text": "a"}, {"text": "b"}]),
        ("$['a:b']", "colon"),
    ],
)
def test_a_path_finds_one_value_or_a_list(machines, path, found):
    machine = machines.create({"Take": {"Type": "Pass", "Parameters": {"found.$": path}}})
    given = {"rows": [{"id": 1, "cells": [{"text": "a"}, {"text": "b"}]}, {"id": 2}], "a:b": "colon"}
    assert json.loads(machines.run(machine, given)["output"]) == {"found": found}


def test_a_task_invokes_a_function_and_retries_it(machines, functions):
    function = functions.create(
        "tries = []\n"
        "def handler(event, context):\n"
        "    tries.append(1)\n"
        "    if len(tries) < 3:\n"
        "        raise ValueError('not yet')\n"
        "    return {'tries': len(tries), 'got': event}\n"
    )
    retry = {"ErrorEquals": ["ValueError"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1.0}
    machine = machines.create(
        {
            "Call": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": function, "Payload.$": "$"},
                "ResultSelector": {"answer.$": "$.Payload"},
                "Retry": [retry],
            }
        },
        machines.role("lambda:InvokeFunction"),
    )
    done = machines.run(machine, {"file": "a.csv"})
    assert json.loads(done["output"]) == {"answer": {"tries": 3, "got": {"file": "a.csv"}}}


def test_a_task_waits_for_a_query(machines, cloud, bucket):
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Parameters": {
            "QueryString.$": "$.sql",
            "ResultConfiguration": {"OutputLocation": f"s3://{bucket}/results/"},
        },
        "ResultPath": "$.query",
    }
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::athena:getQueryResults",
        "Parameters": {"QueryExecutionId.$": "$.query.QueryExecution.QueryExecutionId"},
        "ResultSelector": {"value.$": "$.ResultSet.Rows[1].Data[0].VarCharValue"},
    }
    machine = machines.create({"Start": start, "Read": read}, machines.role("athena:*", "s3:*", "glue:*"))
    done = machines.run(machine, {"sql": "SELECT 6 * 7"})
    assert json.loads(done["output"]) == {"value": "42"}
    failed = machines.run(machine, {"sql": "SELECT 1 / 0"})
    assert (failed["status"], failed["error"]) == ("FAILED", "States.TaskFailed")
    assert "DIVISION_BY_ZERO" in failed["cause"]


def test_a_task_waits_for_a_job(machines, cloud, bucket):
    glue, name = cloud.client("glue"), cloud.unique_name("job")
    cloud.client("s3").put_object(Bucket=bucket, Key="job.py", Body=b"print('done')")
    glue.create_job(
        Name=name,
        Role=machines.role("s3:GetObject", "logs:*", service="glue.amazonaws.com", sources=False),
        Command={"Name": "pythonshell", "ScriptLocation": f"s3://{bucket}/job.py", "PythonVersion": "3.9"},
    )
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": name},
    }
    machine = machines.create({"Run": run}, machines.role("glue:StartJobRun", "glue:GetJobRun"))
    output = json.loads(machines.run(machine)["output"])
    assert (output["JobName"], output["JobRunState"]) == (name, "SUCCEEDED")
    assert output["StartedOn"] <= output["CompletedOn"]


def test_any_operation_of_the_sdk_can_be_a_task(machines, bucket):
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket": bucket, "Key": "from-a-machine", "Body.$": "$.text"},
        "ResultPath": None,
    }
    get = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": bucket, "Key": "from-a-machine"},
        "ResultSelector": {"read.$": "$.Body"},
    }
    machine = machines.create({"Put": put, "Get": get}, machines.role("s3:PutObject", "s3:GetObject"))
    # Step Functions writes JSON, also of a text.
    assert json.loads(machines.run(machine, {"text": "hello"})["output"]) == {"read": '"hello"'}
    body = machines.cloud.client("s3").get_object(Bucket=bucket, Key="from-a-machine")["Body"].read()
    assert body == b'"hello"'


def test_objects_are_sent_as_their_json_where_a_service_takes_text(machines, cloud):
    queue = cloud.client("sqs").create_queue(QueueName=cloud.unique_name("objects"))["QueueUrl"]
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"day.$": "$.day"}},
    }
    ended = machines.run(machines.create({"Send": send}, machines.role("sqs:SendMessage")), {"day": "today"})
    assert ended["status"] == "SUCCEEDED"
    [message] = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"]) == {"day": "today"}


def test_a_machine_waits_for_another_one(machines):
    inner = machines.create({"Add": {"Type": "Pass", "Parameters": {"of.$": "$.day"}}})
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": inner, "Input": {"day.$": "$.day"}},
    }
    role = machines.role("states:StartExecution", "states:DescribeExecution", "events:*")
    output = json.loads(machines.run(machines.create({"Run": run}, role), {"day": "today"})["output"])
    assert (output["Status"], output["Output"]) == ("SUCCEEDED", {"of": "today"})


def test_a_task_has_the_rights_of_the_machines_role_and_no_others(machines, bucket):
    get = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Parameters": {"Bucket": bucket},
    }
    failed = machines.run(machines.create({"List": get}, machines.role("s3:GetObject")))
    assert failed["status"] == "FAILED"
    assert "is not authorized to perform: s3:ListBucket" in failed["cause"]


def test_a_role_that_does_not_trust_step_functions_is_refused(machines):
    with pytest.raises(ClientError, match="authorized to assume the provided role"):
        machines.create({"Pass": {"Type": "Pass"}}, machines.role(service="glue.amazonaws.com"))


def test_a_task_that_waits_for_its_token_goes_on_with_what_it_is_given(machines, cloud):
    queue = cloud.client("sqs").create_queue(QueueName=cloud.unique_name("tokens"))["QueueUrl"]
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
    }
    machine = machines.create({"Ask": ask}, machines.role("sqs:SendMessage"))
    execution = machines.start(machine)
    [message] = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    machines.client.send_task_success(taskToken=message["Body"], output='{"approved": true}')
    assert json.loads(machines.end_of(execution)["output"]) == {"approved": True}


def test_an_execution_can_be_stopped(machines):
    machine = machines.create({"Wait": {"Type": "Wait", "Seconds": 600}})
    execution = machines.start(machine)
    machines.client.stop_execution(executionArn=execution, error="Enough", cause="tired")
    assert machines.end_of(execution)["status"] == "ABORTED"


def test_the_same_name_and_input_is_the_same_execution(machines):
    machine = machines.create({"Wait": {"Type": "Wait", "Seconds": 600}})
    start = {"stateMachineArn": machine, "name": "day", "input": "{}"}
    first = machines.client.start_execution(**start)
    assert machines.client.start_execution(**start)["executionArn"] == first["executionArn"]
    with pytest.raises(machines.client.exceptions.ExecutionAlreadyExists):
        machines.client.start_execution(**start | {"input": '{"other": 1}'})
    machines.client.stop_execution(executionArn=first["executionArn"])


def test_the_history_comes_in_pages_from_either_end(machines):
    execution = machines.run(machines.create({"One": {"Type": "Pass"}, "Two": {"Type": "Pass"}}))[
        "executionArn"
    ]
    pages = machines.client.get_paginator("get_execution_history")
    events = [
        event for page in pages.paginate(executionArn=execution, maxResults=2) for event in page["events"]
    ]
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    last = machines.client.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)
    assert last["events"][0]["type"] == "ExecutionSucceeded"


def test_an_express_machine_answers_its_caller(machines, cloud):
    machine = machines.create({"Pass": {"Type": "Pass", "Result": {"fast": True}}}, type="EXPRESS")
    # Express machines are called at a host of their own, which an IP has not.
    client = cloud.session.client("stepfunctions", config=Config(inject_host_prefix=False))
    answer = client.start_sync_execution(stateMachineArn=machine, input="{}")
    assert (answer["status"], json.loads(answer["output"])) == ("SUCCEEDED", {"fast": True})
    standard = machines.create({"Pass": {"Type": "Pass"}})
    with pytest.raises(client.exceptions.StateMachineTypeNotSupported):
        client.start_sync_execution(stateMachineArn=standard)


def test_a_machine_logs_and_tells_the_bus(machines, cloud):
    logs, events, sqs = cloud.client("logs"), cloud.client("events"), cloud.client("sqs")
    group, name = f"/aws/vendedlogs/states/{cloud.unique_name('m')}", cloud.unique_name("rule")
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    machine = machines.create(
        {"Pass": {"Type": "Pass"}},
        loggingConfiguration={
            "level": "ALL",
            "includeExecutionData": True,
            "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
        },
    )
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": _policy(allow)})
    pattern = {
        "source": ["aws.states"],
        "detail": {"stateMachineArn": [machine], "status": ["SUCCEEDED"]},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": queue_arn}])
    machines.run(machine, {"day": "today"})
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert json.loads(message["Body"])["detail"]["output"] == '{"day":"today"}'
    lines = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert [line["type"] for line in lines][-1] == "ExecutionSucceeded"
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        (
            {"Run": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"}},
            "does not run tasks of ecs",
        ),
        (
            {"Run": {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync"}},
            "does not run tasks of batch",
        ),
        ({"Run": {"Type": "Task", "Resource": "arn:aws:states:::athena:dance"}}, "not a valid resource ARN"),
        ({"Run": {"Type": "Tusk"}}, "Invalid State Machine Definition"),
        (
            {"Run": {"Type": "Pass", "QueryLanguage": "JSONata"}},
            "does not evaluate the query language JSONata",
        ),
        (
            {"Run": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:work"}},
            "does not run activities",
        ),
    ],
)
def test_a_definition_that_cannot_run_is_refused(machines, states, reason):
    with pytest.raises(ClientError, match=reason):
        machines.create(states)


def test_a_second_machine_of_one_name_is_refused_unless_it_is_the_same(machines):
    role, client = machines.role(), machines.client
    machine = machines.create({"Pass": {"Type": "Pass"}}, role)
    described = client.describe_state_machine(stateMachineArn=machine)
    same = {"name": described["name"], "definition": described["definition"], "roleArn": role}
    assert client.create_state_machine(**same)["stateMachineArn"] == machine
    with pytest.raises(ClientError, match=f"State Machine Already Exists: '{machine}'"):
        client.create_state_machine(
            **same | {"definition": described["definition"].replace('"End"', '"Comment": "other", "End"')}
        )


def test_versions_of_machines_are_not_executed(machines):
    machine = machines.create({"Pass": {"Type": "Pass"}}, publish=True)
    with pytest.raises(ClientError, match="does not execute versions and aliases of machines"):
        machines.client.start_execution(stateMachineArn=f"{machine}:1")


def test_a_definition_can_be_checked_alone(machines):
    check = machines.client.validate_state_machine_definition
    good = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}
    assert check(definition=json.dumps(good))["result"] == "OK"
    assert check(definition="{}")["diagnostics"][0]["message"]


def test_the_interpreter_does_not_load_ec2():
    program = "import sys, millpond.stepfunctions.service; print('moto.ec2' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "False"


def test_a_machine_that_goes_hides_no_other_from_a_search(machines):
    from millpond.stepfunctions.service import services

    first, second = (machines.create({"Pass": {"Type": "Pass"}}) for _ in range(2))
    # As another request searches that has come as far as the first one.
    search = iter(services.of("000000000000", "us-east-1").state_machines)
    assert first in (machine.arn for machine in search)
    machines.client.delete_state_machine(stateMachineArn=first)
    assert second in [machine.arn for machine in search]
