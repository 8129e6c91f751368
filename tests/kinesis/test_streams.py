"""Streams keep records in order, by shard, for as long as they say."""

from __future__ import annotations

import datetime

import pytest
from botocore.exceptions import ClientError


class TestStream:
    """A stream of one test."""

    __test__ = False

    def __init__(self, cloud, shards=1):
        self.client, self.name = cloud.client("kinesis"), cloud.unique_name("stream")
        self.client.create_stream(StreamName=self.name, ShardCount=shards)

    def put(self, *texts, key="k"):
        entries = [{"Data": text.encode(), "PartitionKey": key} for text in texts]
        return self.client.put_records(StreamName=self.name, Records=entries)["Records"]

    def shards(self):
        return self.client.list_shards(StreamName=self.name)["Shards"]

    def iterator(self, shard="shardId-000000000000", kind="TRIM_HORIZON", **where):
        return self.client.get_shard_iterator(
            StreamName=self.name, ShardId=shard, ShardIteratorType=kind, **where
        )["ShardIterator"]

    def read(self, iterator, **options):
        answer = self.client.get_records(ShardIterator=iterator, **options)
        return [record["Data"].decode() for record in answer["Records"]], answer.get("NextShardIterator")


@pytest.fixture
def stream(cloud):
    return TestStream(cloud)


def test_records_are_read_in_their_order_and_in_pieces(stream):
    stream.put("a", "b", "c")
    first, iterator = stream.read(stream.iterator(), Limit=2)
    stream.put("d")
    rest, iterator = stream.read(iterator)
    nothing, _ = stream.read(iterator)
    assert (first, rest, nothing) == (["a", "b"], ["c", "d"], [])


def test_an_iterator_begins_where_it_is_told(stream):
    numbers = [answer["SequenceNumber"] for answer in stream.put("a", "b", "c")]
    after = stream.iterator(kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[0])
    at = stream.iterator(kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2])
    latest = stream.iterator(kind="LATEST")
    future = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    later = stream.iterator(kind="AT_TIMESTAMP", Timestamp=future)
    stream.put("d")
    assert [stream.read(i)[0] for i in (after, at, latest, later)] == [
        ["b", "c", "d"],
        ["c", "d"],
        ["d"],
        ["d"],
    ]
    assert len(numbers[0]) == 56


def test_a_key_leads_to_one_shard(cloud):
    stream = TestStream(cloud, shards=4)
    shards = {answer["ShardId"] for answer in stream.put("a", "b", "c", key="same")}
    spread = {stream.put("x", key=str(number))[0]["ShardId"] for number in range(40)}
    assert (len(shards), len(spread)) == (1, 4)


def test_a_split_shard_is_read_to_its_end_and_then_its_children(stream):
    stream.put("old")
    middle = str(2**127)
    stream.client.split_shard(
        StreamName=stream.name, ShardToSplit="shardId-000000000000", NewStartingHashKey=middle
    )
    stream.put("new")
    old, end = stream.read(stream.iterator())
    children = [shard["ShardId"] for shard in stream.shards() if shard.get("ParentShardId")]
    new = [text for child in children for text in stream.read(stream.iterator(child))[0]]
    assert (old, end, new) == (["old"], None, ["new"])


def test_merged_shards_lead_to_one(cloud):
    stream = TestStream(cloud, shards=2)
    stream.client.merge_shards(
        StreamName=stream.name,
        ShardToMerge="shardId-000000000000",
        AdjacentShardToMerge="shardId-000000000001",
    )
    answers = {stream.put("x", key=str(number))[0]["ShardId"] for number in range(10)}
    assert answers == {"shardId-000000000002"}


def test_a_record_that_is_too_long_is_refused(stream):
    with pytest.raises(ClientError, match="1048576"):
        stream.put("x" * 1_048_577)


def test_consumers_with_enhanced_fan_out_are_refused_by_name(stream, cloud):
    arn = stream.client.describe_stream_summary(StreamName=stream.name)["StreamDescriptionSummary"][
        "StreamARN"
    ]
    consumer = stream.client.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    with pytest.raises(ClientError, match="SubscribeToShard"):
        stream.client.subscribe_to_shard(
            ConsumerARN=consumer["ConsumerARN"],
            ShardId="shardId-000000000000",
            StartingPosition={"Type": "LATEST"},
        )


def test_a_stream_without_a_number_of_shards_scales_by_itself_from_four(cloud):
    kinesis, name = cloud.client("kinesis"), cloud.unique_name("stream")
    kinesis.create_stream(StreamName=name)
    described = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    assert described["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}
    assert described["OpenShardCount"] == 4
