"""A run that is killed at any moment: the next one finishes what it began, and nothing is made twice."""

from __future__ import annotations

import pytest

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_failures import run_killed

# From the first to the second, one resource is changed, one replaced, one deleted, and one is made.
BEFORE = """
    aws.sqs.Queue("changed", name="{name}-changed", delay_seconds=1)
    aws.iam.Role("replaced", name_prefix="{name}-replaced-", path="/one/", assume_role_policy=TRUST)
    aws.sqs.Queue("deleted", name="{name}-deleted")
"""
AFTER = """
    changed = aws.sqs.Queue("changed", name="{name}-changed", delay_seconds=2)
    role = aws.iam.Role("replaced", name_prefix="{name}-replaced-", path="/two/", assume_role_policy=TRUST)
    made = aws.sqs.Queue("made", name="{name}-made", tags={{"role": role.name}})
    pulumi.export("changed", changed.url)
"""
# Every operation is written down when it begins and when it ends, and what was made is read back.
WRITES = 14


@pytest.mark.parametrize("at", range(1, WRITES + 1))
def test_next_run_finishes_what_a_killed_one_began(stack: Stack, cloud: RunningCloud, at: int) -> None:
    name = cloud.unique_name("kill")
    stack.up(BEFORE.format(name=name))
    stack.write(AFTER.format(name=name))
    run_killed(stack, "up", "after", at)
    url = stack.up().outputs["changed"]
    sqs, iam = cloud.client("sqs"), cloud.client("iam")
    urls = sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]
    assert sorted(url.rpartition("/")[2] for url in urls) == [f"{name}-changed", f"{name}-made"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert found["Attributes"]["DelaySeconds"] == "2"
    listed = iam.get_paginator("list_roles").paginate().search("Roles[]")
    roles = [role for role in listed if role["RoleName"].startswith(name)]
    assert [role["Path"] for role in roles] == ["/two/"]
    state = stack.state()
    assert (state["pending"], state["doomed"]) == ([], [])
