"""Tags of streams and of their consumers, by ARN."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def stream(cloud: Any) -> str:
    client, name = cloud.client("kinesis"), cloud.unique_name("stream")
    client.create_stream(StreamName=name, ShardCount=1, Tags={"team": "lake"})
    return str(client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])


def tags(cloud: Any, arn: str) -> dict[str, str]:
    found = cloud.client("kinesis").list_tags_for_resource(ResourceARN=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_stream_is_tagged_when_it_is_made_and_later(cloud: Any, stream: str) -> None:
    client = cloud.client("kinesis")
    client.tag_resource(ResourceARN=stream, Tags={"tier": "raw", "team": "platform"})
    assert tags(cloud, stream) == {"team": "platform", "tier": "raw"}
    client.untag_resource(ResourceARN=stream, TagKeys=["team", "never-there"])
    assert tags(cloud, stream) == {"tier": "raw"}


def test_tags_of_a_stream_are_the_same_by_name(cloud: Any, stream: str) -> None:
    by_name = cloud.client("kinesis").list_tags_for_stream(StreamName=stream.rpartition("/")[2])
    assert by_name["Tags"] == [{"Key": "team", "Value": "lake"}]


def test_consumer_has_tags_of_its_own(cloud: Any, stream: str) -> None:
    client = cloud.client("kinesis")
    made = client.register_stream_consumer(StreamARN=stream, ConsumerName="app", Tags={"for": "app"})
    assert tags(cloud, made["Consumer"]["ConsumerARN"]) == {"for": "app"}
    assert tags(cloud, stream) == {"team": "lake"}


def test_tags_of_what_is_not_there_are_refused(cloud: Any, stream: str) -> None:
    client = cloud.client("kinesis")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_tags_for_resource(ResourceARN=f"{stream}-none")
