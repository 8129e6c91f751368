"""What only the call that makes a resource tells: kept in the state, secret, and there on the next day."""

from __future__ import annotations

import boto3

from conftest import RunningCloud
from deploy.conftest import Stack

PROGRAM = """
    user = aws.iam.User("robot", force_destroy=True)
    key = aws.iam.AccessKey("robot", user=user.name, status="%s")
    pulumi.export("key", key.id)
    pulumi.export("secret", key.secret)
"""


def test_secret_of_access_key_is_the_one_that_works(stack: Stack, cloud: RunningCloud) -> None:
    made = stack.up(PROGRAM % "Active")
    assert made.secret_outputs == {"secret"}
    session = boto3.Session(made.outputs["key"], made.outputs["secret"], region_name="us-east-1")
    identity = session.client("sts", endpoint_url=cloud.endpoint_url).get_caller_identity()
    assert ":user/robot-" in identity["Arn"]


def test_secret_of_access_key_outlives_changes(stack: Stack) -> None:
    made = stack.up(PROGRAM % "Active")
    changed = stack.up(PROGRAM % "Inactive")
    assert changed.summary["updated"] == 1
    assert changed.outputs == made.outputs
    assert changed.secret_outputs == {"secret"}
