"""A local cloud over another S3: Athena reads and writes there, and nothing is kept here."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from function_factory import TRUST_LAMBDA, zip_of
from millpond.client import Endpoint, run_query
from millpond.server import process
from millpond.server.settings import ServerSettings
from millpond.testing.cloud import in_own_process


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """The S3 that objects are kept in; like LocalStack's it knows nobody's keys and asks for no rights."""
    with in_own_process(tmp_path_factory.mktemp("first"), enforce_iam=False) as running:
        yield running


@pytest.fixture(scope="module")
def other(cloud, tmp_path_factory):
    """A second local cloud, in a process of its own, over the S3 of the first."""
    data_dir = tmp_path_factory.mktemp("other-s3")
    running = process.start(ServerSettings(data_dir, port=0, s3_endpoint_url=cloud.endpoint_url))
    try:
        yield Endpoint(running.endpoint_url)
    finally:
        process.stop(data_dir)


@pytest.fixture
def workgroup(other, cloud, bucket):
    name = cloud.unique_name("wg")
    results = {"OutputLocation": f"s3://{bucket}/results/"}
    other.client("athena").create_work_group(Name=name, Configuration={"ResultConfiguration": results})
    return name


def keys(cloud, bucket, prefix):
    listed = cloud.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", [])]


def test_a_query_reads_files_of_the_other_s3_and_writes_its_result_there(other, cloud, bucket, workgroup):
    database = cloud.unique_name("db").replace("-", "_")
    cloud.client("s3").put_object(Bucket=bucket, Key="t/a.csv", Body=b"1,x\n2,y\n")
    for statement in (
        f"CREATE DATABASE {database}",
        f"CREATE EXTERNAL TABLE {database}.t (n int, s string) ROW FORMAT DELIMITED "
        f"FIELDS TERMINATED BY ',' LOCATION 's3://{bucket}/t/'",
    ):
        run_query(other, statement, None, workgroup)
    answer = run_query(other, f"SELECT sum(n), max(s) FROM {database}.t", None, workgroup)
    assert answer.rows == (("3", "y"),)
    assert answer.scanned_bytes == 8
    assert any(key.endswith(".csv") for key in keys(cloud, bucket, "results/"))


def test_a_result_is_encrypted_with_a_key_that_is_kept_beside_the_other_s3(other, cloud, bucket):
    key, name = cloud.client("kms").create_key()["KeyMetadata"]["Arn"], cloud.unique_name("wg")
    encrypted = {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    results = {"OutputLocation": f"s3://{bucket}/sealed/", "EncryptionConfiguration": encrypted}
    other.client("athena").create_work_group(Name=name, Configuration={"ResultConfiguration": results})
    assert run_query(other, "SELECT 42", None, name).rows == (("42",),)
    [result] = [key for key in keys(cloud, bucket, "sealed/") if key.endswith(".csv")]
    assert cloud.client("s3").head_object(Bucket=bucket, Key=result)["SSEKMSKeyId"] == key


def test_an_iceberg_table_lies_in_the_other_s3_alone(other, cloud, bucket, workgroup):
    database = cloud.unique_name("db").replace("-", "_")
    for statement in (
        f"CREATE DATABASE {database}",
        f"CREATE TABLE {database}.t WITH (table_type = 'ICEBERG', is_external = false, "
        f"location = 's3://{bucket}/ice/') AS SELECT 1 AS n",
        f"INSERT INTO {database}.t VALUES (41)",
        f"DELETE FROM {database}.t WHERE n = 1",
    ):
        run_query(other, statement, None, workgroup)
    assert run_query(other, f"SELECT n FROM {database}.t", None, workgroup).rows == (("41",),)
    assert any(key.endswith(".metadata.json") for key in keys(cloud, bucket, "ice/"))


def test_calls_of_s3_are_sent_to_the_other_one(other, cloud):
    with pytest.raises(ClientError, match=f"call the one at {cloud.endpoint_url}"):
        other.client("s3").list_buckets()


def test_functions_come_from_the_other_s3_and_find_it(other, cloud, bucket):
    iam, functions = other.client("iam"), other.client("lambda")
    trust = json.dumps(TRUST_LAMBDA)
    role = iam.create_role(RoleName=cloud.unique_name("role"), AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    source = (
        "import boto3\n"
        "def handle(event, context):\n"
        "    boto3.client('s3').put_object(Bucket=event['bucket'], Key='from-function', Body=b'x')\n"
    )
    cloud.client("s3").put_object(Bucket=bucket, Key="code.zip", Body=zip_of({"handler.py": source}))
    name = cloud.unique_name("function")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="handler.handle",
        Role=role,
        Code={"S3Bucket": bucket, "S3Key": "code.zip"},
    )
    answer = functions.invoke(FunctionName=name, Payload=f'{{"bucket": "{bucket}"}}')
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert keys(cloud, bucket, "from-function") == ["from-function"]
