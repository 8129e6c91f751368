"""Rules deliver: what a target gets, when, and what becomes of what it does not take."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from function_factory import functions

__all__ = ["functions"]

LINES = [{"sku": "a"}, {"sku": "b"}]
PATTERN = json.dumps({"source": ["shop"], "detail": {"total": [{"numeric": [">", 100]}]}})


class Bus:
    """A bus of this test with one queue to look into."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.events, self.sqs = cloud.client("events"), cloud.client("sqs")
        self.name = cloud.unique_name("bus")
        self.arn = self.events.create_event_bus(Name=self.name)["EventBusArn"]
        self.queue, self.queue_arn = self.make_queue()

    def make_queue(self, **attributes):
        name = self.cloud.unique_name("queue") + (".fifo" if attributes else "")
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        self.allow(url, arn)
        return url, arn

    def allow(self, url, arn):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    def rule(self, name="rule", pattern=PATTERN, **target):
        self.events.put_rule(Name=name, EventBusName=self.name, EventPattern=pattern)
        target = {"Id": "1", "Arn": self.queue_arn} | target
        self.events.put_targets(Rule=name, EventBusName=self.name, Targets=[target])

    def put(self, total, **changes):
        entry = {
            "EventBusName": self.name,
            "Source": "shop",
            "DetailType": "Order",
            "Detail": json.dumps(
                {"total": total, "customer": 'Ann "A"', "lines": [{"sku": "a"}, {"sku": "b"}]}
            ),
        }
        [answer] = self.events.put_events(Entries=[entry | changes])["Entries"]
        return answer

    def receive(self, url=None):
        answer = self.sqs.receive_message(
            QueueUrl=url or self.queue, MessageAttributeNames=["All"], WaitTimeSeconds=10
        )
        [message] = answer["Messages"]
        return message

    def is_empty(self):
        return "Messages" not in self.sqs.receive_message(QueueUrl=self.queue)


@pytest.fixture
def bus(cloud):
    return Bus(cloud)


def test_an_event_that_matches_arrives_whole(bus):
    bus.rule()
    bus.put(50)
    put = bus.put(150, Resources=["arn:one"])
    event = json.loads(bus.receive()["Body"])
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": put["EventId"],
        "detail-type": "Order",
        "source": "shop",
        "account": "000000000000",
        "region": "us-east-1",
        "resources": ["arn:one"],
        "detail": {"total": 150, "customer": 'Ann "A"', "lines": LINES},
    }
    assert bus.is_empty()


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        ({"Input": '{"constant": true}'}, '{"constant": true}'),
        ({"InputPath": "$.detail.lines[1]"}, '{"sku":"b"}'),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {
                        "total": "$.detail.total",
                        "who": "$.detail.customer",
                        "no": "$.detail.x",
                    },
                    "InputTemplate": '{"total": <total>, "who": <who>, "text": "<who> paid <total><no>"}',
                }
            },
            '{"total": 150, "who": "Ann \\"A\\"", "text": "Ann \\"A\\" paid 150"}',
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"type": "$.detail-type", "skus": "$.detail.lines[*].sku"},
                    "InputTemplate": '"<type> of <skus> by <aws.events.rule-name>"',
                }
            },
            '"Order of [a,b] by rule"',
        ),
    ],
)
def test_a_target_gets_the_input_that_it_asks_for(bus, settings, body):
    bus.rule(**settings)
    bus.put(150)
    assert bus.receive()["Body"] == body


def test_a_template_may_hold_the_event_whose_fields_have_other_names_there(bus):
    bus.rule(InputTransformer={"InputTemplate": '{"event": <aws.events.event>}'})
    put = bus.put(150)
    event = json.loads(bus.receive()["Body"])["event"]
    assert (event["detailType"], event["id"]) == ("Order", put["EventId"])
    assert "detail" not in event


def test_a_template_that_comes_to_no_json_delivers_nothing(bus):
    paths = {"lines": "$.detail.lines", "total": "$.detail.total"}
    bus.rule("quoted", InputTransformer={"InputPathsMap": paths, "InputTemplate": '{"lines": "<lines>"}'})
    bus.rule("plain", InputTransformer={"InputPathsMap": paths, "InputTemplate": '{"lines": <lines>}'})
    bus.put(150)
    assert json.loads(bus.receive()["Body"]) == {"lines": LINES}
    assert bus.is_empty()


def test_events_in_the_name_of_aws_are_refused(bus):
    bus.rule(pattern='{"source": [{"prefix": "aws."}]}')
    answer = bus.put(150, Source="aws.s3")
    assert answer == {
        "ErrorCode": "NotAuthorizedForSourceException",
        "ErrorMessage": "Not authorized for the source.",
    }
    assert bus.is_empty()


def test_targets_are_listed_in_pages(bus):
    bus.rule()
    targets = [{"Id": str(number), "Arn": bus.queue_arn} for number in range(1, 4)]
    bus.events.put_targets(Rule="rule", EventBusName=bus.name, Targets=targets)
    first = bus.events.list_targets_by_rule(Rule="rule", EventBusName=bus.name, Limit=2)
    rest = bus.events.list_targets_by_rule(Rule="rule", EventBusName=bus.name, NextToken=first["NextToken"])
    assert [target["Id"] for target in [*first["Targets"], *rest["Targets"]]] == ["1", "2", "3"]


def test_a_disabled_rule_delivers_nothing_until_it_is_enabled(bus):
    bus.rule()
    bus.events.disable_rule(Name="rule", EventBusName=bus.name)
    bus.put(150)
    bus.events.enable_rule(Name="rule", EventBusName=bus.name)
    bus.put(151)
    assert json.loads(bus.receive()["Body"])["detail"]["total"] == 151
    assert bus.is_empty()


def test_a_fifo_queue_gets_its_group(bus):
    url, arn = bus.make_queue(FifoQueue="true", ContentBasedDeduplication="true")
    bus.rule(Arn=arn, SqsParameters={"MessageGroupId": "orders"})
    bus.put(150)
    assert json.loads(bus.receive(url)["Body"])["detail"]["total"] == 150


def test_a_function_and_a_log_group_are_targets(bus, cloud, functions):
    function = functions.create("def handler(event, context):\n    print('saw', event['detail']['total'])\n")
    functions.client.add_permission(
        FunctionName=function,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    group = f"/aws/events/{cloud.unique_name('orders')}"
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName=group)
    bus.rule(Arn=f"arn:aws:lambda:us-east-1:000000000000:function:{function}")
    bus.rule("second", Arn=f"arn:aws:logs:us-east-1:000000000000:log-group:{group}")
    bus.put(150)

    def lines(group, pattern):
        return logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]

    cloud.wait_for.log_line(group, "total")
    assert json.loads(lines(group, "")[0]["message"])["detail"]["total"] == 150
    cloud.wait_for.log_line(f"/aws/lambda/{function}", "saw 150")


def test_one_bus_passes_events_on_to_another(bus, cloud):
    other = Bus(cloud)
    other.rule()
    bus.rule(Arn=other.arn)
    bus.put(150)
    assert json.loads(other.receive()["Body"])["detail"]["total"] == 150


def test_what_cannot_be_delivered_lies_in_the_dead_letter_queue(bus):
    missing = "arn:aws:sqs:us-east-1:000000000000:missing"
    bus.rule(Arn=missing, DeadLetterConfig={"Arn": bus.queue_arn})
    bus.put(150)
    message = bus.receive()
    assert json.loads(message["Body"])["detail"]["total"] == 150
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert attributes["TARGET_ARN"] == missing
    assert attributes["RULE_ARN"].endswith(f"{bus.name}/rule")
    assert "missing" in attributes["ERROR_MESSAGE"]


def test_a_schedule_comes_due(bus, cloud):
    name = cloud.unique_name("rule")
    bus.events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
    bus.events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": bus.queue_arn}])
    arn = bus.events.describe_rule(Name=name)["Arn"]
    cloud.cloud.services.events.clock.advance(timedelta(minutes=1))
    event = json.loads(bus.receive()["Body"])
    assert (event["source"], event["detail-type"], event["resources"]) == (
        "aws.events",
        "Scheduled Event",
        [arn],
    )
    bus.events.remove_targets(Rule=name, Ids=["1"])
    bus.events.delete_rule(Name=name)


def test_an_archive_keeps_events_and_replays_those_of_a_period(bus):
    bus.events.create_archive(ArchiveName=bus.name[:48], EventSourceArn=bus.arn, EventPattern=PATTERN)
    old = datetime(2026, 1, 1, tzinfo=UTC)
    bus.put(150, Time=old)
    bus.put(151, Time=old + timedelta(days=1))
    bus.rule()
    bus.events.start_replay(
        ReplayName=bus.name,
        EventSourceArn=bus.events.describe_archive(ArchiveName=bus.name[:48])["EventSourceArn"].replace(
            "event-bus/" + bus.name, "archive/" + bus.name[:48]
        ),
        EventStartTime=old + timedelta(hours=1),
        EventEndTime=old + timedelta(days=2),
        Destination={"Arn": bus.arn},
    )
    event = json.loads(bus.receive()["Body"])
    assert (event["detail"]["total"], event["replay-name"]) == (151, bus.name)
    assert bus.is_empty()


def test_one_bad_entry_does_not_hold_up_the_others(bus):
    bus.rule()
    answers = bus.events.put_events(
        Entries=[
            {"EventBusName": bus.name, "Source": "shop", "DetailType": "Order", "Detail": "[1]"},
            {"EventBusName": bus.name, "Source": "shop", "DetailType": "Order", "Detail": '{"total": 500}'},
        ]
    )
    assert answers["FailedEntryCount"] == 1
    assert answers["Entries"][0]["ErrorCode"] == "MalformedDetail"
    assert json.loads(bus.receive()["Body"])["detail"] == {"total": 500}


@pytest.mark.parametrize("pattern", ["[]", "1", '{"source": "shop"}', '{"source": ["shop"'])
def test_a_rule_with_what_is_no_pattern_is_refused(bus, pattern):
    with pytest.raises(ClientError) as refused:
        bus.events.put_rule(Name=bus.name, EventBusName=bus.name, EventPattern=pattern)
    assert refused.value.response["Error"]["Code"] == "InvalidEventPatternException"


def test_a_pattern_can_be_tried_out(bus):
    event = json.dumps(
        {
            "id": "1",
            "account": "1",
            "source": "shop",
            "time": "2026-01-01T00:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail-type": "Order",
            "detail": {"total": 500},
        }
    )
    assert bus.events.test_event_pattern(EventPattern=PATTERN, Event=event)["Result"]
    assert not bus.events.test_event_pattern(EventPattern='{"source": ["other"]}', Event=event)["Result"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (
            {"Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c"},
            "cannot send events to arn:aws:ecs",
        ),
        ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "RoleArn is required"),
        ({"Input": "{"}, "JSON syntax error"),
        ({"Input": "1", "InputPath": "$"}, "Only one of"),
        ({"InputPath": "detail"}, "Invalid JSON path"),
        ({"Id": "no/id"}, "Value 'no/id' at 'targets.1.member.id' failed to satisfy constraint"),
        ({"InputTransformer": {"InputTemplate": '"<x>"'}}, "contains invalid placeholder x"),
    ],
)
def test_a_target_that_cannot_work_is_refused(bus, target, reason):
    with pytest.raises(ClientError, match=reason):
        bus.rule(**target)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"EventPattern": '{"source": "shop"}'}, "must be an object or an array"),
        ({"ScheduleExpression": "cron(0 12 * * * *)"}, r"Parameter ScheduleExpression is not valid\.$"),
        ({"ScheduleExpression": "rate(1 minutes)"}, "not valid"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(cloud, rule, reason):
    with pytest.raises(ClientError, match=reason):
        cloud.client("events").put_rule(Name="wrong", **rule)
