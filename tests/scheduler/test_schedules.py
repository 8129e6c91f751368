"""Schedules call their targets when they are due, under their role."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError


class Lab:
    """A queue, a role that may send to it, and schedules."""

    def __init__(self, cloud):
        self.cloud, self.scheduler, self.sqs = cloud, cloud.client("scheduler"), cloud.client("sqs")
        name = cloud.unique_name("schedule")
        self.queue = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        self.role = self.make_role(["sqs:SendMessage", "sqs:GetQueueUrl"], self.queue_arn)
        self.name = name
        self.clock = cloud.cloud.services.events.clock

    def make_role(self, actions, resource, service="scheduler.amazonaws.com"):
        iam, name = self.cloud.client("iam"), self.cloud.unique_name("role")
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        allow = {"Effect": "Allow", "Action": actions, "Resource": resource}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="allow", PolicyDocument=_policy(allow))
        return arn

    def create(self, expression, target=None, **settings):
        return self.scheduler.create_schedule(
            Name=self.name,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": self.queue_arn, "RoleArn": self.role} | (target or {}),
            **settings,
        )["ScheduleArn"]

    def in_(self, seconds):
        return (self.clock.now() + timedelta(seconds=seconds)).strftime("at(%Y-%m-%dT%H:%M:%S)")

    def receive(self):
        answer = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=10, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer["Messages"]]

    def is_quiet(self):
        return "Messages" not in self.sqs.receive_message(QueueUrl=self.queue)


def _policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def lab(cloud):
    lab = Lab(cloud)
    yield lab
    for schedule in lab.scheduler.list_schedules(NamePrefix=lab.name)["Schedules"]:
        lab.scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])


def test_a_target_gets_its_input_with_what_is_known_of_the_schedule(lab):
    text = '{"what": "<aws.scheduler.schedule-arn>", "when": "<aws.scheduler.scheduled-time>"}'
    moment = lab.in_(3600)
    arn = lab.create(moment, {"Input": text})
    assert lab.is_quiet()
    lab.clock.advance(timedelta(hours=1))
    [body] = lab.receive()
    assert json.loads(body) == {"what": arn, "when": moment[3:-1] + "Z"}


def test_a_rate_is_due_at_once_and_again(lab):
    lab.create("rate(1 hour)")
    [first] = lab.receive()
    lab.clock.advance(timedelta(hours=1))
    [second] = lab.receive()
    assert json.loads(first)["detail-type"] == "Scheduled Event"
    assert json.loads(first)["time"] < json.loads(second)["time"]


def test_a_schedule_that_is_over_is_deleted_if_it_asks_for_that(lab):
    lab.create(lab.in_(60), ActionAfterCompletion="DELETE")
    lab.clock.advance(timedelta(minutes=1))
    lab.receive()
    lab.cloud.wait_for.condition(
        lambda: not lab.scheduler.list_schedules(NamePrefix=lab.name)["Schedules"],
        "the schedule is deleted",
        lambda: "it is there",
    )


def test_a_schedule_keeps_to_its_period(lab):
    begin = lab.clock.now() + timedelta(days=1)
    lab.create("rate(1 hour)", StartDate=begin, EndDate=begin + timedelta(minutes=90))
    assert lab.is_quiet()
    for step in (timedelta(days=1), timedelta(hours=1)):
        lab.clock.advance(step)
        assert len(lab.receive()) == 1
    lab.clock.advance(timedelta(hours=1))
    assert lab.is_quiet()


def test_a_disabled_schedule_does_nothing(lab):
    lab.create("rate(1 minute)", State="DISABLED")
    lab.clock.advance(timedelta(minutes=2))
    assert lab.is_quiet()


def test_any_operation_can_be_called(lab):
    role = lab.make_role(["s3:CreateBucket"], "*")
    lab.create(
        lab.in_(60),
        {
            "Arn": "arn:aws:scheduler:::aws-sdk:s3:createBucket",
            "RoleArn": role,
            "Input": json.dumps({"Bucket": lab.name}),
        },
    )
    lab.clock.advance(timedelta(minutes=1))
    s3 = lab.cloud.client("s3")
    lab.cloud.wait_for.condition(
        lambda: lab.name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]],
        "the bucket is made",
        lambda: "there is none",
    )


def test_a_changed_schedule_is_due_when_it_says_now(lab):
    lab.create(lab.in_(60), {"Input": "old"})
    lab.scheduler.update_schedule(
        Name=lab.name,
        ScheduleExpression=lab.in_(3600),
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": lab.queue_arn, "RoleArn": lab.role, "Input": "new"},
        ActionAfterCompletion="DELETE",
    )
    assert lab.scheduler.get_schedule(Name=lab.name)["ActionAfterCompletion"] == "DELETE"
    lab.clock.advance(timedelta(hours=1))
    assert lab.receive() == ["new"]


def test_deleting_a_group_ends_its_schedules(lab):
    lab.scheduler.create_schedule_group(Name=lab.name)
    lab.create(lab.in_(60), GroupName=lab.name)
    lab.scheduler.delete_schedule_group(Name=lab.name)
    lab.clock.advance(timedelta(minutes=2))
    assert lab.is_quiet()


@pytest.mark.parametrize(
    ("expression", "target", "settings", "reason"),
    [
        ("cron(0 12 * * * *)", {}, {}, r"Invalid Schedule Expression cron\(0 12 \* \* \* \*\)\.$"),
        ("rate(5 seconds)", {}, {}, r"Invalid Schedule Expression rate\(5 seconds\)\.$"),
        ("rate( 5 minutes )", {}, {}, "Invalid Schedule Expression"),
        ("rate(5 minutes)", {}, {"ScheduleExpressionTimezone": "Mars/Olympus"}, "Invalid time zone"),
        (
            "rate(5 minutes)",
            {"Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c"},
            {},
            "cannot send events",
        ),
        ("rate(5 minutes)", {"Arn": "arn:aws:scheduler:::aws-sdk:glue"}, {}, "aws-sdk:service:apiAction"),
    ],
)
def test_a_schedule_that_cannot_work_is_refused(lab, expression, target, settings, reason):
    with pytest.raises(ClientError, match=reason):
        lab.create(expression, target, **settings)


def test_a_name_is_taken_once(lab):
    lab.create(lab.in_(3600))
    with pytest.raises(lab.scheduler.exceptions.ConflictException):
        lab.create(lab.in_(3600))
