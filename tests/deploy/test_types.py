"""After `up`, what boto3 reads of every resource is what the program declared."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conftest import RunningCloud
from millpond.deploy import Deployment

PROGRAM = Path(__file__).parent / "programs" / "lake"
RAW, LANDING = "lake-raw-000000000000", "lake-landing-000000000000"


@pytest.fixture(scope="module")
def deployment(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    state = tmp_path_factory.mktemp("state")
    deployed = Deployment.open(PROGRAM, "test", state, endpoint_url=cloud.endpoint_url)
    deployed.up(Console(file=io.StringIO()))
    yield deployed
    deployed.destroy(Console(file=io.StringIO()))


@pytest.fixture
def outputs(deployment: Deployment) -> dict[str, Any]:
    return deployment.outputs()


def test_second_up_finds_nothing_to_do(deployment: Deployment) -> None:
    summary = deployment.up(Console(file=io.StringIO())).summary
    assert summary["unchanged"] > 30
    assert sum(summary.values()) == summary["unchanged"]


def test_bucket_parts(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    s3 = cloud.client("s3")
    assert s3.get_bucket_versioning(Bucket=RAW)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=RAW)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": outputs["key"],
    }
    block = s3.get_public_access_block(Bucket=RAW)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    controls = s3.get_bucket_ownership_controls(Bucket=RAW)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    tags = s3.get_bucket_tagging(Bucket=RAW)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"zone": "raw", "owner": "data"}


def test_lifecycle(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    (rule,) = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=RAW)["Rules"]
    assert rule["Filter"] == {"And": {"Prefix": "in/", "Tags": [{"Key": "keep", "Value": "no"}]}}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_bucket_policy_and_notification(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    s3, sqs = cloud.client("s3"), cloud.client("sqs")
    policy = json.loads(s3.get_bucket_policy(Bucket=LANDING)["Policy"])
    assert policy["Statement"][0]["Resource"] == [f"arn:aws:s3:::{LANDING}", f"arn:aws:s3:::{LANDING}/*"]
    assert policy["Statement"][0]["Principal"] == "*"
    queue = sqs.get_queue_attributes(QueueUrl=outputs["queue"], AttributeNames=["QueueArn"])
    (found,) = s3.get_bucket_notification_configuration(Bucket=LANDING)["QueueConfigurations"]
    assert found["QueueArn"] == queue["Attributes"]["QueueArn"]
    assert found["Events"] == ["s3:ObjectCreated:*"]
    (rule,) = found["Filter"]["Key"]["FilterRules"]
    assert (rule["Name"].lower(), rule["Value"]) == ("prefix", "in/")


def test_object(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    found = cloud.client("s3").get_object(Bucket=RAW, Key="README.md")
    assert found["Body"].read() == b"# Raw data\n"
    assert found["ContentType"] == "text/markdown"


def test_roles_and_policies(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    iam, role = cloud.client("iam"), outputs["role"]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == f"arn:aws:s3:::{RAW}/*"
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [outputs["policy"]]


def test_queues(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=outputs["queue"], AttributeNames=["All"])
    attributes = found["Attributes"]
    assert attributes["VisibilityTimeout"] == "120"
    redrive = {"deadLetterTargetArn": outputs["dead"], "maxReceiveCount": 3}
    assert json.loads(attributes["RedrivePolicy"]) == redrive
    assert json.loads(attributes["Policy"])["Statement"][0]["Action"] == "sqs:SendMessage"


def test_function(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    client = cloud.client("lambda")
    found = client.get_function(FunctionName="ingest")
    configuration = found["Configuration"]
    assert configuration["Timeout"] == 60
    assert configuration["Environment"] == {"Variables": {"RAW": RAW}}
    assert configuration["DeadLetterConfig"] == {"TargetArn": outputs["dead"]}
    assert found["Tags"] == {"owner": "data"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 2}
    statement = json.loads(client.get_policy(FunctionName="ingest")["Policy"])["Statement"][0]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert client.get_function_event_invoke_config(FunctionName="ingest")["MaximumRetryAttempts"] == 1
    (mapping,) = client.list_event_source_mappings(FunctionName="ingest")["EventSourceMappings"]
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_log_group(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    found = cloud.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/ingest")
    assert [group["retentionInDays"] for group in found["logGroups"]] == [7]


def test_catalog(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    glue = cloud.client("glue")
    assert glue.get_database(Name="raw")["Database"]["Description"] == "As it came"
    table = glue.get_table(DatabaseName="raw", Name="orders")["Table"]
    assert table["Parameters"] == {"classification": "parquet"}
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    descriptor = table["StorageDescriptor"]
    assert descriptor["Location"] == f"s3://{RAW}/orders/"
    assert [column["Type"] for column in descriptor["Columns"]] == ["bigint", "decimal(12,2)"]
    assert descriptor["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")


def test_workgroup(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    found = cloud.client("athena").get_work_group(WorkGroup="analysts")["WorkGroup"]["Configuration"]
    assert found["EnforceWorkGroupConfiguration"] is True
    assert found["BytesScannedCutoffPerQuery"] == 10_000_000_000
    assert found["ResultConfiguration"] == {
        "OutputLocation": f"s3://{RAW}/results/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": outputs["key"]},
    }


def test_key(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    kms = cloud.client("kms")
    assert kms.describe_key(KeyId=outputs["key"])["KeyMetadata"]["Description"] == "Lake data"
    assert kms.get_key_rotation_status(KeyId=outputs["key"])["KeyRotationEnabled"] is True
    (alias,) = kms.list_aliases(KeyId=outputs["key"])["Aliases"]
    assert alias["AliasName"].startswith("alias/lake-")
