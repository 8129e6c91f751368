"""Delivery streams write what they are given: when, where, in which form, and what becomes of the rest."""

from __future__ import annotations

import base64
import datetime
import gzip
import io
import json
import zoneinfo

import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError

from function_factory import functions

__all__ = ["functions"]


class Lab:
    """A bucket, a role that may write to it, and delivery streams."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.firehose, self.s3, self.glue = (cloud.client(name) for name in ("firehose", "s3", "glue"))
        self.bucket = cloud.unique_name("lake")
        self.s3.create_bucket(Bucket=self.bucket)
        self.role = self.make_role("s3:PutObject", "glue:GetTable", "lambda:InvokeFunction", "kinesis:*")
        self.clock = cloud.cloud.services.events.clock
        self.name = cloud.unique_name("stream")

    def make_role(self, *actions):
        iam, name = self.cloud.client("iam"), self.cloud.unique_name("role")
        trust = {"Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
        allow = _policy({"Action": list(actions), "Resource": "*"})
        iam.put_role_policy(RoleName=name, PolicyName="allow", PolicyDocument=allow)
        return arn

    def create(self, interval=0, size=5, source=None, **settings):
        destination = {
            "RoleARN": self.role,
            "BucketARN": f"arn:aws:s3:::{self.bucket}",
            "BufferingHints": {"IntervalInSeconds": interval, "SizeInMBs": size},
        }
        kind = {"DeliveryStreamType": "DirectPut"}
        if source:
            configuration = {"KinesisStreamARN": source, "RoleARN": self.role}
            kind = {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": configuration,
            }
        self.firehose.create_delivery_stream(
            DeliveryStreamName=self.name,
            ExtendedS3DestinationConfiguration=destination | settings,
            **kind,
        )

    def put(self, *texts):
        records = [{"Data": text.encode()} for text in texts]
        return self.firehose.put_record_batch(DeliveryStreamName=self.name, Records=records)

    def keys(self, count=1, prefix=""):
        return self.cloud.wait_for.objects(self.bucket, prefix, count)

    def read(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def make_table(self, columns):
        database = self.cloud.unique_name("db").replace("-", "_")
        self.glue.create_database(DatabaseInput={"Name": database})
        described = [{"Name": name, "Type": type_} for name, type_ in columns.items()]
        self.glue.create_table(
            DatabaseName=database,
            TableInput={"Name": "events", "StorageDescriptor": {"Columns": described}},
        )
        return {
            "SchemaConfiguration": {
                "DatabaseName": database,
                "TableName": "events",
                "RoleARN": self.role,
                "Region": "us-east-1",
            },
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        }


def _policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


@pytest.fixture
def lab(cloud):
    lab = Lab(cloud)
    yield lab
    if lab.name in lab.firehose.list_delivery_streams(Limit=10_000)["DeliveryStreamNames"]:
        lab.firehose.delete_delivery_stream(DeliveryStreamName=lab.name)


def test_records_are_written_one_after_another_under_the_hour(lab):
    lab.create()
    lab.put("a\n", "b\n")
    [key] = lab.keys()
    assert lab.read(key) == b"a\nb\n"
    prefix = datetime.datetime.now(datetime.UTC).strftime("%Y/%m/%d/")
    assert key.startswith(prefix)
    assert f"/{lab.name}-1-" in key


def test_records_wait_for_the_interval(lab):
    lab.create(interval=300)
    lab.put("a")
    assert lab.s3.list_objects_v2(Bucket=lab.bucket)["KeyCount"] == 0
    lab.clock.advance(datetime.timedelta(seconds=300))
    [key] = lab.keys()
    assert lab.read(key) == b"a"


def test_records_wait_no_longer_when_there_are_enough(lab):
    lab.create(interval=900, size=1)
    half = "x" * 600_000
    lab.put(half)
    lab.put(half)
    [key] = lab.keys()
    assert len(lab.read(key)) == 1_200_000


def test_prefixes_tell_the_time_of_a_zone_and_files_are_compressed(lab):
    lab.create(
        Prefix="raw/day=!{timestamp:yyyy-MM-dd}/!{firehose:random-string}/",
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        CustomTimeZone="Asia/Tokyo",
        CompressionFormat="GZIP",
    )
    lab.put("a")
    [key] = lab.keys()
    day = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%d")
    assert key.startswith(f"raw/day={day}/")
    assert key.endswith(".gz")
    assert gzip.decompress(lab.read(key)) == b"a"


def test_a_function_changes_drops_and_refuses_records(lab, functions):
    source = """
import base64
def handler(event, context):
    def answer(record):
        text = base64.b64decode(record["data"]).decode()
        result = {"drop": "Dropped", "bad": "ProcessingFailed"}.get(text, "Ok")
        data = base64.b64encode(text.upper().encode()).decode()
        return {"recordId": record["recordId"], "result": result, "data": data}
    return {"records": [answer(record) for record in event["records"]]}
"""
    function = functions.create(source)
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    lab.create(
        Prefix="good/",
        ErrorOutputPrefix="bad/!{firehose:error-output-type}/",
        ProcessingConfiguration=_processors(("Lambda", {"LambdaArn": arn})),
    )
    lab.put("a", "drop", "b", "bad")
    [good] = lab.keys(prefix="good/")
    [bad] = lab.keys(prefix="bad/")
    assert lab.read(good) == b"AB"
    error = json.loads(lab.read(bad))
    assert bad.startswith("bad/processing-failed/")
    assert base64.b64decode(error["rawData"]) == b"bad"
    assert error["arrivalTimestamp"] <= error["attemptEndingTimestamp"]
    del error["rawData"], error["arrivalTimestamp"], error["attemptEndingTimestamp"]
    assert error == {
        "attemptsMade": 1,
        "errorCode": "Lambda.ProcessingFailedStatus",
        "errorMessage": "ProcessingFailed status set for record",
        "lambdaArn": arn,
    }


@pytest.mark.parametrize(
    ("returned", "code", "attempts"),
    [
        ("raise ValueError('poison')", "Lambda.FunctionError", 2),
        ("return {'records': []}", "Lambda.MissingRecordId", 1),
        ("return 'none'", "Lambda.JsonProcessingException", 1),
    ],
)
def test_records_that_a_function_says_nothing_of_are_kept_with_the_reason(
    lab, functions, returned, code, attempts
):
    function = functions.create(f"def handler(event, context): {returned}")
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    processor = ("Lambda", {"LambdaArn": arn, "NumberOfRetries": "1"})
    lab.create(ErrorOutputPrefix="bad/", ProcessingConfiguration=_processors(processor))
    lab.put("a")
    [bad] = lab.keys(prefix="bad/")
    error = json.loads(lab.read(bad))
    assert (error["errorCode"], error["attemptsMade"]) == (code, attempts)
    assert base64.b64decode(error["rawData"]) == b"a"


def test_records_become_parquet_by_the_tables_schema(lab):
    columns = {
        "id": "bigint",
        "name": "string",
        "price": "decimal(10,2)",
        "at": "timestamp",
        "day": "date",
        "tags": "array<string>",
        "more": "struct<a:int,b:map<string,double>>",
    }
    lab.create(size=64, Prefix="rows/", DataFormatConversionConfiguration=lab.make_table(columns))
    full = {
        "ID": 1,
        "name": "x",
        "price": "9.90",
        "at": "2026-01-31T10:00:00Z",
        "day": "2026-01-31",
        "tags": ["a", "b"],
        "more": {"a": 5, "b": {"k": 1.5}},
        "unknown": True,
    }
    lab.put(json.dumps(full), '{"id": 2}')
    [key] = lab.keys(prefix="rows/")
    first, second = pyarrow.parquet.read_table(io.BytesIO(lab.read(key))).to_pylist()
    assert key.endswith(".parquet")
    assert second == {**dict.fromkeys(columns), "id": 2}
    assert (first["id"], str(first["price"]), first["tags"]) == (1, "9.90", ["a", "b"])
    assert (first["at"], first["day"]) == (datetime.datetime(2026, 1, 31, 10), datetime.date(2026, 1, 31))
    assert first["more"] == {"a": 5, "b": [("k", 1.5)]}


def test_records_that_do_not_fit_the_schema_are_kept_with_the_reason(lab):
    lab.create(
        size=64,
        Prefix="rows/",
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        DataFormatConversionConfiguration=lab.make_table({"id": "int"}),
    )
    lab.put('{"id": 1}', '{"id": "many"}', "no json", "[1]")
    [rows] = lab.keys(prefix="rows/")
    [errors] = lab.keys(prefix="errors/format-conversion-failed/")
    assert pyarrow.parquet.read_table(io.BytesIO(lab.read(rows))).to_pylist() == [{"id": 1}]
    lines = [json.loads(line) for line in lab.read(errors).splitlines()]
    kept = {base64.b64decode(line["rawData"]).decode(): line["lastErrorCode"] for line in lines}
    assert kept == {
        '{"id": "many"}': "DataFormatConversion.ParseError",
        "no json": "DataFormatConversion.MalformedData",
        "[1]": "DataFormatConversion.MalformedData",
    }
    assert lines[0]["dataCatalogTable"]["tableName"] == "events"


def test_keys_of_the_records_lead_to_partitions(lab):
    query = {"MetadataExtractionQuery": "{shop:.shop.id}", "JsonParsingEngine": "JQ-1.6"}
    lab.create(
        size=64,
        Prefix="shop=!{partitionKeyFromQuery:shop}/",
        ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
        DynamicPartitioningConfiguration={"Enabled": True},
        ProcessingConfiguration=_processors(("MetadataExtraction", query), ("AppendDelimiterToRecord", {})),
    )
    lab.put('{"shop": {"id": 1}}', '{"shop": {"id": 2}}', '{"shop": {"id": 1}}', '{"none": 1}')
    [one] = lab.keys(prefix="shop=1/")
    [two] = lab.keys(prefix="shop=2/")
    lab.keys(prefix="errors/metadata-extraction-failed/")
    assert lab.read(one) == b'{"shop": {"id": 1}}\n' * 2
    assert lab.read(two) == b'{"shop": {"id": 2}}\n'


def test_a_stream_is_read(lab):
    kinesis = lab.cloud.client("kinesis")
    kinesis.create_stream(StreamName=lab.name, ShardCount=2)
    source = f"arn:aws:kinesis:us-east-1:000000000000:stream/{lab.name}"
    lab.create(source=source, interval=1)
    entries = [{"Data": f"{number},".encode(), "PartitionKey": str(number)} for number in range(20)]
    kinesis.put_records(StreamName=lab.name, Records=entries)

    def delivered():
        listed = lab.s3.list_objects_v2(Bucket=lab.bucket).get("Contents", [])
        texts = "".join(lab.read(found["Key"]).decode() for found in listed)
        return sorted(int(text) for text in texts.split(",") if text)

    lab.cloud.wait_for.condition(
        lambda: delivered() == list(range(20)), "all records are delivered", lambda: str(delivered())
    )
    with pytest.raises(ClientError, match="KinesisStreamAsSource"):
        lab.put("x")


def test_what_cannot_be_written_now_is_written_later(lab):
    lab.s3.delete_bucket(Bucket=lab.bucket)
    lab.create()
    lab.put("a")
    lab.cloud.wait_for.condition(
        lambda: lab.cloud.cloud.services.delivery_streams.buffers, "there is a buffer", lambda: "none"
    )
    lab.s3.create_bucket(Bucket=lab.bucket)
    lab.clock.advance(datetime.timedelta(seconds=10))
    [key] = lab.keys()
    assert lab.read(key) == b"a"


def test_a_deleted_stream_delivers_what_it_has_taken(lab):
    lab.create(interval=900)
    lab.put("a")
    lab.firehose.delete_delivery_stream(DeliveryStreamName=lab.name)
    [key] = lab.keys()
    assert lab.read(key) == b"a"


def _processors(*steps):
    return {
        "Enabled": True,
        "Processors": [
            {
                "Type": kind,
                "Parameters": [
                    {"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()
                ],
            }
            for kind, parameters in steps
        ],
    }


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"Prefix": "a/!{time:yyyy}/"}, "unknown namespace time"),
        ({"Prefix": "!{timestamp:qq}/"}, "unknown part"),
        ({"Prefix": "!{partitionKeyFromQuery:x}/"}, "needs dynamic partitioning"),
        ({"ErrorOutputPrefix": "e/!{timestamp:yyyy}/"}, "error-output-type"),
        ({"CompressionFormat": "HADOOP_SNAPPY"}, "HADOOP_SNAPPY"),
        ({"DynamicPartitioningConfiguration": {"Enabled": True}}, "at least 64"),
        ({"ProcessingConfiguration": _processors(("Decompression", {}))}, "Decompression"),
    ],
)
def test_a_destination_that_cannot_work_is_refused(lab, settings, reason):
    with pytest.raises(ClientError, match=reason):
        lab.create(**settings)


def test_destinations_other_than_s3_are_refused_by_name(lab):
    endpoint = {
        "EndpointConfiguration": {"Url": "https://example.com"},
        "S3Configuration": {"RoleARN": lab.role, "BucketARN": f"arn:aws:s3:::{lab.bucket}"},
    }
    with pytest.raises(ClientError, match="delivers to S3 only"):
        lab.firehose.create_delivery_stream(
            DeliveryStreamName=lab.name, HttpEndpointDestinationConfiguration=endpoint
        )
