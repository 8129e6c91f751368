"""After `up`, what boto3 reads of every resource of the lakehouse is what the program declared.

The declared side are the inputs that the program registered. The other side is read here, by other calls
and other code than the engine's, one reader for each type.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from millpond.testing import DeployedStack, RunningCloud

PROJECT = Path(__file__).parents[2]

Inputs = Mapping[str, Any]
Read = Callable[[RunningCloud, Inputs], dict[str, Any]]


def tags_of(pairs: list[Mapping[str, str]]) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in pairs}


def bucket(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    s3, name = cloud.client("s3"), declared["bucket"]
    s3.head_bucket(Bucket=name)
    # What `destroy` does is not known to S3.
    return {
        "bucket": name,
        "forceDestroy": declared["forceDestroy"],
        "tags": tags_of(s3.get_bucket_tagging(Bucket=name)["TagSet"]),
    }


def encryption(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_encryption(Bucket=declared["bucket"])
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    read = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": default["SSEAlgorithm"]}}
    if "KMSMasterKeyID" in default:
        read["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"] = default["KMSMasterKeyID"]
        read["bucketKeyEnabled"] = rule["BucketKeyEnabled"]
    return {"rules": [read]}


def public_access(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_public_access_block(Bucket=declared["bucket"])
    return {name[:1].lower() + name[1:]: on for name, on in found["PublicAccessBlockConfiguration"].items()}


def ownership(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_ownership_controls(Bucket=declared["bucket"])
    (rule,) = found["OwnershipControls"]["Rules"]
    return {"rule": {"objectOwnership": rule["ObjectOwnership"]}}


def bucket_policy(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_policy(Bucket=declared["bucket"])
    return {"policy": json.loads(found["Policy"])}


def versioning(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_versioning(Bucket=declared["bucket"])
    return {"versioningConfiguration": {"status": found["Status"]}}


LIFECYCLE = {
    "abortIncompleteMultipartUpload": lambda part: {"daysAfterInitiation": part["DaysAfterInitiation"]},
    "noncurrentVersionExpiration": lambda part: {"noncurrentDays": part["NoncurrentDays"]},
    "transitions": lambda part: [{"days": t["Days"], "storageClass": t["StorageClass"]} for t in part],
    "expiration": lambda part: {"days": part["Days"]},
    "filter": lambda part: {"prefix": part["Prefix"]},
    "status": str,
}


def lifecycle(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=declared["bucket"])["Rules"]
    rules = []
    for rule in found:
        parts = {name[:1].lower() + name[1:]: part for name, part in rule.items() if name != "ID"}
        rules.append({"id": rule["ID"], **{name: LIFECYCLE[name](part) for name, part in parts.items()}})
    return {"rules": rules}


def notification(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_notification_configuration(Bucket=declared["bucket"])
    queues = [
        {"id": queue["Id"], "queueArn": queue["QueueArn"], "events": queue["Events"]}
        for queue in found["QueueConfigurations"]
    ]
    assert found.keys() - {"ResponseMetadata"} == {"QueueConfigurations"}
    return {"queues": queues}


def database(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    glue, name = cloud.client("glue"), declared["name"]
    found = glue.get_database(Name=name)["Database"]
    arn = f"arn:aws:glue:us-east-1:000000000000:database/{name}"
    return {
        "name": found["Name"],
        "description": found["Description"],
        "locationUri": found["LocationUri"],
        "tags": glue.get_tags(ResourceArn=arn)["Tags"],
    }


def table(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("glue").get_table(DatabaseName=declared["databaseName"], Name=declared["name"])[
        "Table"
    ]
    storage = found["StorageDescriptor"]
    serde = storage["SerdeInfo"]

    def columns(of: list[Mapping[str, str]]) -> list[dict[str, str]]:
        names = {"Name": "name", "Type": "type", "Comment": "comment"}
        return [{names[key]: value for key, value in column.items() if key in names} for column in of]

    return {
        "name": found["Name"],
        "databaseName": found["DatabaseName"],
        "description": found["Description"],
        "tableType": found["TableType"],
        "parameters": found["Parameters"],
        "partitionKeys": columns(found["PartitionKeys"]),
        "storageDescriptor": {
            "location": storage["Location"],
            "inputFormat": storage["InputFormat"],
            "outputFormat": storage["OutputFormat"],
            "columns": columns(storage["Columns"]),
            "serDeInfo": {
                "serializationLibrary": serde["SerializationLibrary"],
                "parameters": serde["Parameters"],
            },
        },
    }


def workgroup(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    athena, name = cloud.client("athena"), declared["name"]
    found = athena.get_work_group(WorkGroup=name)["WorkGroup"]
    configuration = found["Configuration"]
    results = configuration["ResultConfiguration"]
    limit = configuration.get("BytesScannedCutoffPerQuery")
    arn = f"arn:aws:athena:us-east-1:000000000000:workgroup/{name}"
    return {
        "name": found["Name"],
        "description": found["Description"],
        "state": found["State"],
        "forceDestroy": declared["forceDestroy"],
        "configuration": {
            "enforceWorkgroupConfiguration": configuration["EnforceWorkGroupConfiguration"],
            "publishCloudwatchMetricsEnabled": configuration["PublishCloudWatchMetricsEnabled"],
            "engineVersion": {
                "selectedEngineVersion": configuration["EngineVersion"]["SelectedEngineVersion"]
            },
            "resultConfiguration": {
                "outputLocation": results["OutputLocation"],
                "encryptionConfiguration": {
                    "encryptionOption": results["EncryptionConfiguration"]["EncryptionOption"],
                    "kmsKeyArn": results["EncryptionConfiguration"]["KmsKey"],
                },
            },
            **({} if limit is None else {"bytesScannedCutoffPerQuery": limit}),
        },
        "tags": tags_of(athena.list_tags_for_resource(ResourceARN=arn)["Tags"]),
    }


def role(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    iam = cloud.client("iam")
    found = iam.get_role(RoleName=declared["name"])["Role"]
    attached = iam.list_attached_role_policies(RoleName=declared["name"])["AttachedPolicies"]
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    # Either it is below the boundary and has no rights but its own, or it is the deployer.
    assert bool(attached) == (boundary is None)
    return {
        **({"permissionsBoundary": boundary} if boundary else {}),
        "name": found["RoleName"],
        "path": found["Path"],
        "description": found.get("Description", ""),
        "maxSessionDuration": found["MaxSessionDuration"],
        "assumeRolePolicy": found["AssumeRolePolicyDocument"],
        "tags": tags_of(found["Tags"]),
    }


def role_policy(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    iam = cloud.client("iam")
    # It is the only one: a role can do nothing that no policy here says.
    assert iam.list_role_policies(RoleName=declared["role"])["PolicyNames"] == [declared["name"]]
    found = iam.get_role_policy(RoleName=declared["role"], PolicyName=declared["name"])
    return {"role": found["RoleName"], "name": found["PolicyName"], "policy": found["PolicyDocument"]}


QUEUE_NUMBERS = {
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "messageRetentionSeconds": "MessageRetentionPeriod",
}


def queue(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName=declared["name"])["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    redrive = {"redrivePolicy": json.loads(found["RedrivePolicy"])} if "RedrivePolicy" in found else {}
    # The local cloud's SQS takes it, and does not tell it.
    redrive |= {name: declared[name] for name in ("redriveAllowPolicy",) if name in declared}
    numbers = {name: int(found[attribute]) for name, attribute in QUEUE_NUMBERS.items() if name in declared}
    return {
        "name": found["QueueArn"].rpartition(":")[2],
        "sqsManagedSseEnabled": found["SqsManagedSseEnabled"] == "true",
        "tags": sqs.list_queue_tags(QueueUrl=url)["Tags"],
        **redrive,
        **numbers,
    }


def queue_policy(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    url = declared["queueUrl"]
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return {"queueUrl": url, "policy": json.loads(found["Attributes"]["Policy"])}


def log_group(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    logs = cloud.client("logs")
    (found,) = logs.describe_log_groups(logGroupNamePrefix=declared["name"])["logGroups"]
    arn = found["arn"].removesuffix(":*")
    return {
        "name": found["logGroupName"],
        "retentionInDays": found["retentionInDays"],
        "kmsKeyId": found["kmsKeyId"],
        "tags": logs.list_tags_for_resource(resourceArn=arn)["tags"],
    }


def function(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    functions = cloud.client("lambda")
    answer = functions.get_function(FunctionName=declared["name"])
    found = answer["Configuration"]
    digest = base64.b64decode(found["CodeSha256"]).hex()
    return {
        "name": found["FunctionName"],
        "description": found["Description"],
        "runtime": found["Runtime"],
        "handler": found["Handler"],
        "role": found["Role"],
        "timeout": found["Timeout"],
        "memorySize": found["MemorySize"],
        "packageType": found["PackageType"],
        "publish": found["Version"] != "$LATEST",
        "layers": [layer["Arn"] for layer in found["Layers"]],
        "environment": {"variables": found["Environment"]["Variables"]},
        "deadLetterConfig": {"targetArn": found.get("DeadLetterConfig", {}).get("TargetArn", "")},
        "reservedConcurrentExecutions": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions", -1),
        "code": digest,
        "tags": answer["Tags"],
    }


def event_source(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    functions = cloud.client("lambda")
    (found,) = functions.list_event_source_mappings(FunctionName=declared["functionName"])[
        "EventSourceMappings"
    ]
    return {
        "enabled": found["State"] == "Enabled",
        "eventSourceArn": found["EventSourceArn"],
        "functionName": found["FunctionArn"].rpartition(":")[2],
        "batchSize": found["BatchSize"],
        "functionResponseTypes": found["FunctionResponseTypes"],
        "scalingConfig": {"maximumConcurrency": found["ScalingConfig"]["MaximumConcurrency"]},
        "tags": functions.list_tags(Resource=found["EventSourceMappingArn"])["Tags"],
    }


def key(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    kms = cloud.client("kms")
    alias = next(a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/millpond-local-lake")
    found = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
    rotation = kms.get_key_rotation_status(KeyId=found["KeyId"])
    policy = kms.get_key_policy(KeyId=found["KeyId"], PolicyName="default")["Policy"]
    tags = kms.list_resource_tags(KeyId=found["KeyId"])["Tags"]
    return {
        "description": found["Description"],
        "enableKeyRotation": rotation["KeyRotationEnabled"],
        # Neither is told: the one by the local cloud, the other by KMS before the key is deleted.
        **{name: declared[name] for name in ("rotationPeriodInDays", "deletionWindowInDays")},
        "isEnabled": found["Enabled"],
        "policy": json.loads(policy),
        "tags": {tag["TagKey"]: tag["TagValue"] for tag in tags},
    }


def logging(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    found = cloud.client("s3").get_bucket_logging(Bucket=declared["bucket"])["LoggingEnabled"]
    return {"targetBucket": found["TargetBucket"], "targetPrefix": found["TargetPrefix"]}


def stream(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    kinesis, name = cloud.client("kinesis"), declared["name"]
    found = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return {
        "name": found["StreamName"],
        "streamModeDetails": {"streamMode": found["StreamModeDetails"]["StreamMode"]},
        "retentionPeriod": found["RetentionPeriodHours"],
        "encryptionType": found["EncryptionType"],
        "kmsKeyId": found["KeyId"],
        "shardLevelMetrics": [
            name for shard in found["EnhancedMonitoring"] for name in shard["ShardLevelMetrics"]
        ],
        "tags": tags_of(kinesis.list_tags_for_stream(StreamName=name)["Tags"]),
    }


def job(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    glue, name = cloud.client("glue"), declared["name"]
    found = glue.get_job(JobName=name)["Job"]
    read = {
        "name": found["Name"],
        "description": found["Description"],
        "roleArn": found["Role"],
        "command": {
            "name": found["Command"]["Name"],
            "pythonVersion": found["Command"]["PythonVersion"],
            "scriptLocation": found["Command"]["ScriptLocation"],
        },
        "defaultArguments": found["DefaultArguments"],
        "executionProperty": {"maxConcurrentRuns": found["ExecutionProperty"]["MaxConcurrentRuns"]},
        "timeout": found["Timeout"],
        "maxRetries": found["MaxRetries"],
        "tags": glue.get_tags(ResourceArn=f"arn:aws:glue:us-east-1:000000000000:job/{name}")["Tags"],
    }
    if "glueVersion" in declared:
        read |= {
            "glueVersion": found["GlueVersion"],
            "workerType": found["WorkerType"],
            "numberOfWorkers": found["NumberOfWorkers"],
        }
    else:
        read["maxCapacity"] = found["MaxCapacity"]
    return read


def crawler(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    glue, name = cloud.client("glue"), declared["name"]
    found = glue.get_crawler(Name=name)["Crawler"]
    policy = found["SchemaChangePolicy"]
    return {
        "name": found["Name"],
        "description": found["Description"],
        "role": found["Role"],
        "databaseName": found["DatabaseName"],
        "tablePrefix": found["TablePrefix"],
        "s3Targets": [{"path": target["Path"]} for target in found["Targets"]["S3Targets"]],
        "configuration": found["Configuration"],
        "recrawlPolicy": {"recrawlBehavior": found["RecrawlPolicy"]["RecrawlBehavior"]},
        "schemaChangePolicy": {
            "updateBehavior": policy["UpdateBehavior"],
            "deleteBehavior": policy["DeleteBehavior"],
        },
        "classifiers": found["Classifiers"],
        "tags": glue.get_tags(ResourceArn=f"arn:aws:glue:us-east-1:000000000000:crawler/{name}")["Tags"],
    }


def state_machine(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    machines, name = cloud.client("stepfunctions"), declared["name"]
    arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{name}"
    found = machines.describe_state_machine(stateMachineArn=arn)
    logging = found["loggingConfiguration"]
    tags = machines.list_tags_for_resource(resourceArn=arn)["tags"]
    return {
        "name": found["name"],
        "type": found["type"],
        "roleArn": found["roleArn"],
        "definition": json.loads(found["definition"]),
        "loggingConfiguration": {
            "level": logging["level"],
            "includeExecutionData": logging["includeExecutionData"],
            "logDestination": logging["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"],
        },
        "tags": {tag["key"]: tag["value"] for tag in tags},
    }


def alarm(cloud: RunningCloud, declared: Inputs) -> dict[str, Any]:
    (found,) = cloud.client("cloudwatch").describe_alarms(AlarmNames=[declared["name"]])["MetricAlarms"]
    names = {
        "name": "AlarmName",
        "alarmDescription": "AlarmDescription",
        "namespace": "Namespace",
        "metricName": "MetricName",
        "statistic": "Statistic",
        "comparisonOperator": "ComparisonOperator",
        "threshold": "Threshold",
        "period": "Period",
        "evaluationPeriods": "EvaluationPeriods",
        "treatMissingData": "TreatMissingData",
        "alarmActions": "AlarmActions",
        "okActions": "OKActions",
        "actionsEnabled": "ActionsEnabled",
    }
    tags = cloud.client("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    return {
        **{name: found[attribute] for name, attribute in names.items() if name in declared},
        "dimensions": {dimension["Name"]: dimension["Value"] for dimension in found["Dimensions"]},
        "tags": tags_of(tags),
    }


READERS: Mapping[str, Read] = {
    "aws:athena/workgroup:Workgroup": workgroup,
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:glue/crawler:Crawler": crawler,
    "aws:glue/job:Job": job,
    "aws:kinesis/stream:Stream": stream,
    "aws:kms/key:Key": key,
    "aws:s3/bucketLogging:BucketLogging": logging,
    "aws:sfn/stateMachine:StateMachine": state_machine,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:glue/catalogDatabase:CatalogDatabase": database,
    "aws:glue/catalogTable:CatalogTable": table,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:lambda/eventSourceMapping:EventSourceMapping": event_source,
    "aws:lambda/function:Function": function,
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
    "aws:s3/bucketNotification:BucketNotification": notification,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownership,
    "aws:s3/bucketPolicy:BucketPolicy": bucket_policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": public_access,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
    "aws:s3/bucketVersioning:BucketVersioning": versioning,
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_policy,
}


@pytest.fixture(scope="module")
def lakehouse(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedStack]:
    with cloud.deployed(PROJECT, tmp_path_factory.mktemp("state"), "local", {}, destroy=True) as stack:
        yield stack


def declared(stack: DeployedStack, type_: str) -> list[dict[str, Any]]:
    return [expected(item.inputs) for item in stack.deployment.state.resources() if item.type == type_]


def expected(inputs: Inputs) -> dict[str, Any]:
    """What the program declared, documents as objects and archives as digests; the region is the stack's."""
    result = {name: value for name, value in inputs.items() if name not in ("region", "tagsAll")}
    for name in ("policy", "assumeRolePolicy", "redrivePolicy", "redriveAllowPolicy", "definition"):
        if name in result:
            result[name] = json.loads(result[name])
    if "code" in result:
        result["code"] = result["code"].digest
    return result


def test_all_that_the_program_declares_is_deployed(lakehouse: DeployedStack) -> None:
    custom = [item for item in lakehouse.deployment.state.resources() if item.custom]
    deployed = [item.type for item in custom if item.type.startswith("aws:")]
    assert set(deployed) >= READERS.keys()
    components = [item for item in lakehouse.deployment.state.resources() if not item.custom]
    assert len(deployed) + len(components) - 1 == lakehouse.summary["created"]


@pytest.mark.parametrize("type_", READERS)
def test_what_is_read_is_what_was_declared(lakehouse: DeployedStack, cloud: RunningCloud, type_: str) -> None:
    resources = declared(lakehouse, type_)
    assert resources
    for resource in resources:
        found = READERS[type_](cloud, resource)
        # A part of a bucket is found by the bucket's name, which is not in the answer.
        address = {"bucket": resource["bucket"]} if "bucket" in resource else {}
        assert found | address == resource


def test_second_up_of_the_lakehouse_changes_nothing(lakehouse: DeployedStack) -> None:
    lakehouse.up()
    assert lakehouse.summary["unchanged"] == sum(lakehouse.summary.values())


def test_nothing_of_the_lakehouse_has_drifted(lakehouse: DeployedStack) -> None:
    from rich.console import Console

    shown = io.StringIO()
    lakehouse.deployment.refresh(Console(file=shown, width=200))
    changed = [line for line in shown.getvalue().splitlines() if line.startswith("~")]
    # Policies were attached after they were made, which Pulumi's own refresh tells too.
    assert [line for line in changed if "attachmentCount: 0 => 1" not in line] == []
