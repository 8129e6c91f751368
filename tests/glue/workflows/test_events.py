"""Workflows that EventBridge starts, and what crawlers tell EventBridge."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def send(chains: Any) -> Any:
    """Sends events to a workflow through a rule of EventBridge; returns their ids."""

    def send(workflow: str, count: int) -> list[str]:
        cloud = chains.lake.cloud
        events, name = cloud.client("events"), cloud.unique_name("rule")
        arn = f"arn:aws:glue:us-east-1:000000000000:workflow/{workflow}"
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn, "RoleArn": _role(cloud, arn)}])
        entry = {"Source": name, "DetailType": "file", "Detail": "{}"}
        return [answer["EventId"] for answer in events.put_events(Entries=[entry] * count)["Entries"]]

    return send


def _role(cloud: Any, workflow_arn: str) -> str:
    iam, name = cloud.client("iam"), cloud.unique_name("role")
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    notify = {"Effect": "Allow", "Action": "glue:notifyEvent", "Resource": workflow_arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [notify]})
    iam.put_role_policy(RoleName=name, PolicyName="notify", PolicyDocument=policy)
    return str(arn)


def test_event_starts_the_workflow_and_the_run_knows_it(chains: Any, send: Any) -> None:
    workflow, crawler = chains.workflow(), chains.crawler()
    chains.trigger("EVENT", [crawler], WorkflowName=workflow)
    sent = send(workflow, 1)
    chains.wait_for_crawls(crawler)
    (run,) = chains.glue.get_workflow_runs(Name=workflow)["Runs"]
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == sent


def test_batch_of_events_starts_the_workflow_once(chains: Any, send: Any) -> None:
    workflow, crawler = chains.workflow(), chains.crawler()
    batching = {"BatchSize": 3, "BatchWindow": 900}
    chains.trigger("EVENT", [crawler], WorkflowName=workflow, EventBatchingCondition=batching)
    sent = send(workflow, 2)
    assert chains.glue.get_workflow_runs(Name=workflow)["Runs"] == []
    sent += send(workflow, 1)
    chains.wait_for_crawls(crawler)
    (run,) = chains.glue.get_workflow_runs(Name=workflow)["Runs"]
    assert sorted(json.loads(run["WorkflowRunProperties"]["aws:eventIds"])) == sorted(sent)
    assert run["StartingEventBatchCondition"]["BatchSize"] == 3


def test_batch_that_is_not_full_starts_the_workflow_at_the_end_of_its_window(chains: Any, send: Any) -> None:
    workflow, crawler = chains.workflow(), chains.crawler()
    batching = {"BatchSize": 3, "BatchWindow": 1}
    chains.trigger("EVENT", [crawler], WorkflowName=workflow, EventBatchingCondition=batching)
    sent = send(workflow, 1)
    chains.wait_for_crawls(crawler)
    (run,) = chains.glue.get_workflow_runs(Name=workflow)["Runs"]
    assert json.loads(run["WorkflowRunProperties"]["aws:eventIds"]) == sent


def test_crawler_tells_eventbridge_of_its_states(chains: Any) -> None:
    cloud, crawler = chains.lake.cloud, chains.crawler()
    events, sqs, name = cloud.client("events"), cloud.client("sqs"), cloud.unique_name("states")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {"source": ["aws.glue"], "detail": {"crawlerName": [crawler]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    chains.lake.run(crawler)
    states: list[str] = []

    def received() -> bool:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        states.extend(json.loads(each["Body"])["detail"]["state"] for each in found.get("Messages", []))
        return len(states) >= 2

    cloud.wait_for.condition(received, "two events", lambda: str(states))
    assert sorted(states) == ["Started", "Succeeded"]
