"""Functions get a stream's records in batches and in order, and again if they fail."""

from __future__ import annotations

import base64
import json

import pytest
from botocore.exceptions import ClientError

# Writes each batch, as the texts of its records, to a queue; fails where the test says so.
FORWARD = """
import base64, boto3, json, os
sqs = boto3.client("sqs")

def handler(event, context):
    texts = [base64.b64decode(record["kinesis"]["data"]).decode() for record in event["Records"]]
    sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(texts))
    bad = [r["kinesis"]["sequenceNumber"] for r, text in zip(event["Records"], texts) if "bad" in text]
    if bad and os.environ.get("PARTIAL"):
        return {"batchItemFailures": [{"itemIdentifier": bad[0]}]}
    if bad:
        raise ValueError(bad)
"""


class Source:
    """A stream, and a function that says what it got."""

    def __init__(self, cloud, functions):
        self.cloud, self.functions = cloud, functions
        self.kinesis, self.sqs = cloud.client("kinesis"), cloud.client("sqs")
        self.name = cloud.unique_name("stream")
        self.kinesis.create_stream(StreamName=self.name, ShardCount=1)
        self.arn = f"arn:aws:kinesis:us-east-1:000000000000:stream/{self.name}"
        self.queue = self.sqs.create_queue(QueueName=cloud.unique_name("batches"))["QueueUrl"]

    def map(self, variables=None, **settings):
        given = {"QUEUE": self.queue} | (variables or {})
        function = self.functions.create(FORWARD, Environment={"Variables": given}, Timeout=10)
        defaults = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 10}
        return self.functions.client.create_event_source_mapping(
            FunctionName=function, **{"EventSourceArn": self.arn} | defaults | settings
        )

    def put(self, *texts):
        entries = [{"Data": text.encode(), "PartitionKey": "k"} for text in texts]
        self.kinesis.put_records(StreamName=self.name, Records=entries)

    def batches(self, count, queue=None):
        found = []
        while len(found) < count:
            answer = self.sqs.receive_message(
                QueueUrl=queue or self.queue, WaitTimeSeconds=10, MaxNumberOfMessages=10
            )
            assert "Messages" in answer, f"only {found}"
            for message in answer["Messages"]:
                self.sqs.delete_message(QueueUrl=queue or self.queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        return found


@pytest.fixture
def source(cloud, functions):
    return Source(cloud, functions)


def test_records_come_in_batches_and_in_order(source):
    source.put(*(str(number) for number in range(25)))
    source.map()
    texts = [text for batch in source.batches(3) for text in batch]
    assert texts == [str(number) for number in range(25)]
    source.put("later")
    assert source.batches(1) == [["later"]]


def test_the_latest_position_leaves_out_what_was_there(source):
    source.put("before")
    source.map(StartingPosition="LATEST")
    source.put("after")
    assert source.batches(1) == [["after"]]


def test_a_window_gathers_records(source):
    source.map(MaximumBatchingWindowInSeconds=1)
    source.put("a")
    source.put("b")
    assert source.batches(1) == [["a", "b"]]


def test_filters_choose_records(source):
    pattern = {"data": {"kind": ["order"]}}
    source.map(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    source.put('{"kind": "click"}', '{"kind": "order", "id": 1}', "no json")
    assert source.batches(1) == [['{"kind": "order", "id": 1}']]


def test_a_poison_record_is_found_by_halves_and_told_of(source):
    lost = source.sqs.create_queue(QueueName=source.cloud.unique_name("lost"))["QueueUrl"]
    destination = f"arn:aws:sqs:us-east-1:000000000000:{lost.rpartition('/')[2]}"
    source.put("a", "bad", "c", "d")
    source.map(
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )
    [note] = source.batches(1, lost)
    assert note["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert note["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert note["KinesisBatchInfo"]["batchSize"] == 1
    assert note["KinesisBatchInfo"]["startSequenceNumber"] == note["KinesisBatchInfo"]["endSequenceNumber"]
    batches = source.batches(6)
    assert batches[0] == ["a", "bad", "c", "d"]
    assert ["a"] in batches
    assert ["c", "d"] in batches


def test_only_what_failed_and_what_follows_is_tried_again(source):
    source.put("a", "bad", "c")
    source.map({"PARTIAL": "1"}, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1)
    assert source.batches(2) == [["a", "bad", "c"], ["bad", "c"]]


def test_children_of_a_split_shard_follow_it(source):
    source.put("parent")
    source.kinesis.split_shard(
        StreamName=source.name,
        ShardToSplit="shardId-000000000000",
        NewStartingHashKey=str(2**127),
    )
    source.put("child")
    source.map()
    assert source.batches(2) == [["parent"], ["child"]]


def test_a_changed_mapping_goes_on_where_it_was(source):
    mapping = source.map()
    source.put("a")
    source.batches(1)
    update = source.functions.client.update_event_source_mapping
    update(UUID=mapping["UUID"], Enabled=False)
    source.put("b")
    update(UUID=mapping["UUID"], Enabled=True, BatchSize=5)
    assert source.batches(1) == [["b"]]


def test_a_deleted_mapping_reads_no_more(source):
    mapping = source.map()
    source.put("a")
    source.batches(1)
    source.functions.client.delete_event_source_mapping(UUID=mapping["UUID"])
    source.put("b")
    assert "Messages" not in source.sqs.receive_message(QueueUrl=source.queue, WaitTimeSeconds=1)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/none"}, "Stream not found"),
        ({"ParallelizationFactor": 2}, "ParallelizationFactor"),
        ({"TumblingWindowInSeconds": 10}, "TumblingWindowInSeconds"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "StartingPositionTimestamp"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "[]"}]}}, "Invalid filter pattern definition."),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::lost"}}},
            "does not support buckets",
        ),
        ({"StartingPosition": "SOMEWHERE"}, "Member must satisfy enum value set"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(source, settings, reason):
    with pytest.raises(ClientError, match=reason):
        source.map(**settings)


DEFAULTS = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
}


def test_a_mapping_is_shown_with_what_holds_where_nothing_is_said(source):
    made = source.map()
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert made["State"] == "Creating"
    assert made["LastProcessingResult"] == "No records processed"
    source.put("a")

    def shown_as_working() -> dict | None:
        told = source.functions.client.get_event_source_mapping(UUID=made["UUID"])
        return told if told["LastProcessingResult"] == "OK" else None

    shown = source.cloud.wait_for.condition(shown_as_working, "the mapping's first batch")
    assert shown["State"] == "Enabled"
    assert {name: shown[name] for name in DEFAULTS} == DEFAULTS


def test_an_event_is_as_lambda_makes_it(source):
    seen = "import json\ndef handler(event, context):\n    print(json.dumps(event['Records'][0]))\n"
    function = source.functions.create(seen)
    source.functions.client.create_event_source_mapping(
        FunctionName=function, EventSourceArn=source.arn, StartingPosition="TRIM_HORIZON"
    )
    source.put("hello")
    line = source.cloud.wait_for.log_line(f"/aws/lambda/{function}", "kinesisSchemaVersion")
    record = json.loads(line)
    assert base64.b64decode(record["kinesis"]["data"]) == b"hello"
    assert record["eventID"] == f"shardId-000000000000:{record['kinesis']['sequenceNumber']}"
    assert (record["eventName"], record["eventSourceARN"]) == ("aws:kinesis:record", source.arn)
