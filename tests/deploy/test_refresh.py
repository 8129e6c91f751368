"""What others changed in the cloud is seen, recorded, and put right by the next run."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from conftest import RunningCloud
from deploy.conftest import Stack
from deploy.test_up import BUCKET, bucket_tags, exists, queue_attributes
from millpond.deploy import Deployment

QUEUE = 'q = aws.sqs.Queue("q", visibility_timeout_seconds=60)\npulumi.export("url", q.url)\n'
PROGRAMS = Path(__file__).parent / "programs"


FUNCTION = (
    'role = aws.iam.Role("r", assume_role_policy=TRUST, managed_policy_arns='
    '["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"])\n'
    'code = pulumi.AssetArchive({{"app.py": pulumi.StringAsset("def handler(event, context): pass")}})\n'
    'function = aws.lambda_.Function("f", name="{name}", role=role.arn, code=code, handler="app.handler",'
    ' runtime="python3.12")\n'
)
OTHER_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:us-east-1:000000000000:{name}"


def key_of(cloud: RunningCloud, description: str) -> str:
    kms = cloud.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return next(str(key["KeyId"]) for key in keys if key["Description"] == description)


def mapping_of(cloud: RunningCloud, function: str) -> str:
    (found,) = cloud.client("lambda").list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    return str(found["UUID"])


def refresh(stack: Stack) -> dict[str, int]:
    return stack.open().refresh(stack.console).summary


def test_refresh_records_what_others_changed(stack: Stack, cloud: RunningCloud) -> None:
    url = stack.up(QUEUE).outputs["url"]
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    assert refresh(stack)["updated"] == 1
    assert "visibilityTimeoutSeconds: 60 => 5" in stack.shown
    assert stack.state()["resources"][1]["inputs"]["visibilityTimeoutSeconds"] == 5
    assert queue_attributes(cloud, url)["VisibilityTimeout"] == "5"


def test_up_with_refresh_puts_right_what_others_changed(stack: Stack, cloud: RunningCloud) -> None:
    url = stack.up(QUEUE).outputs["url"]
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    assert stack.up().summary["updated"] == 0
    assert stack.open().up(stack.console, refresh=True).summary["updated"] == 1
    assert queue_attributes(cloud, url)["VisibilityTimeout"] == "60"


def test_refresh_forgets_what_is_gone(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up(BUCKET).outputs["name"]
    cloud.client("s3").delete_bucket(Bucket=name)
    assert refresh(stack)["deleted"] == 1
    assert "it is gone from the cloud" in stack.shown
    assert [item["type"] for item in stack.state()["resources"]] == ["pulumi:pulumi:Stack"]
    assert exists(cloud, stack.up().outputs["name"])


def test_refresh_changes_nothing_in_the_cloud_or_in_an_exact_state(stack: Stack) -> None:
    stack.up(BUCKET + QUEUE)
    before = stack.state_path.read_text()
    assert refresh(stack) == {"created": 0, "updated": 0, "replaced": 0, "deleted": 0, "unchanged": 2}
    assert stack.state_path.read_text() == before


@pytest.mark.parametrize(
    ("declared", "change", "path"),
    [
        pytest.param(
            'aws.s3.Bucket("b", bucket="{name}", tags={{"zone": "raw"}})',
            lambda cloud, name: cloud.client("s3").put_bucket_tagging(
                Bucket=name, Tagging={"TagSet": [{"Key": "zone", "Value": "other"}]}
            ),
            "tagsAll.zone: raw => other",
            id="tags",
        ),
        pytest.param(
            'aws.iam.Role("r", name="{name}", assume_role_policy=TRUST, description="mine")',
            lambda cloud, name: cloud.client("iam").update_role(RoleName=name, Description="theirs"),
            "description: mine => theirs",
            id="role",
        ),
        pytest.param(
            'aws.cloudwatch.LogGroup("l", name="{name}", retention_in_days=7)',
            lambda cloud, name: cloud.client("logs").delete_retention_policy(logGroupName=name),
            "retentionInDays: 7 => 0",
            id="retention",
        ),
        pytest.param(
            'aws.s3.BucketVersioning("v", bucket=aws.s3.Bucket("b", bucket="{name}").id,'
            ' versioning_configuration={{"status": "Enabled"}})',
            lambda cloud, name: cloud.client("s3").put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Suspended"}
            ),
            "versioningConfiguration.status: Enabled => Suspended",
            id="versioning",
        ),
        pytest.param(
            'aws.athena.Workgroup("w", name="{name}", description="mine")',
            lambda cloud, name: cloud.client("athena").update_work_group(
                WorkGroup=name, Description="theirs"
            ),
            "description: mine => theirs",
            id="workgroup",
        ),
        pytest.param(
            'aws.kms.Key("k", description="{name}", enable_key_rotation=True)',
            lambda cloud, name: cloud.client("kms").disable_key_rotation(KeyId=key_of(cloud, name)),
            "enableKeyRotation: True => False",
            id="key",
        ),
        pytest.param(
            'aws.sns.Topic("t", name="{name}", display_name="mine")',
            lambda cloud, name: cloud.client("sns").set_topic_attributes(
                TopicArn=arn("sns", name), AttributeName="DisplayName", AttributeValue="theirs"
            ),
            "displayName: mine => theirs",
            id="topic",
        ),
        pytest.param(
            'aws.cloudwatch.EventRule("r", name="{name}", schedule_expression="rate(1 hour)")',
            lambda cloud, name: cloud.client("events").disable_rule(Name=name),
            "state: ENABLED => DISABLED",
            id="rule",
        ),
        pytest.param(
            'rule = aws.cloudwatch.EventRule("r", name="{name}", schedule_expression="rate(1 hour)")\n'
            'queue = aws.sqs.Queue("q", name="{name}")\n'
            'aws.cloudwatch.EventTarget("t", rule=rule.name, target_id="q", arn=queue.arn, input="1")',
            lambda cloud, name: cloud.client("events").put_targets(
                Rule=name, Targets=[{"Id": "q", "Arn": arn("sqs", name), "Input": "2"}]
            ),
            "input: 1 => 2",
            id="target",
        ),
        pytest.param(
            'aws.iam.Policy("p", name="{name}", policy=POLICY)',
            lambda cloud, name: cloud.client("iam").create_policy_version(
                PolicyArn=f"arn:aws:iam::000000000000:policy/{name}",
                PolicyDocument=OTHER_POLICY,
                SetAsDefault=True,
            ),
            "policy: {",
            id="policy",
        ),
        pytest.param(
            'aws.glue.CatalogDatabase("d", name="{name}", description="mine")',
            lambda cloud, name: cloud.client("glue").update_database(
                Name=name, DatabaseInput={"Name": name, "Description": "theirs"}
            ),
            "description: mine => theirs",
            id="database",
        ),
        pytest.param(
            'database = aws.glue.CatalogDatabase("d", name="{name}")\n'
            'aws.glue.CatalogTable("t", name="t", database_name=database.name, description="mine",'
            ' storage_descriptor={{"columns": [{{"name": "id", "type": "int"}}]}})',
            lambda cloud, name: cloud.client("glue").update_table(
                DatabaseName=name,
                TableInput={
                    "Name": "t",
                    "Description": "mine",
                    "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}]},
                },
            ),
            "storageDescriptor.columns",
            id="table",
        ),
        pytest.param(
            FUNCTION + 'queue = aws.sqs.Queue("q", name="{name}")\n'
            'aws.lambda_.EventSourceMapping("m", event_source_arn=queue.arn, function_name=function.name,'
            " batch_size=5)",
            lambda cloud, name: cloud.client("lambda").update_event_source_mapping(
                UUID=mapping_of(cloud, name), BatchSize=7
            ),
            "batchSize: 5 => 7",
            id="event-source",
        ),
        pytest.param(
            FUNCTION + 'aws.lambda_.FunctionEventInvokeConfig("c", function_name=function.name,'
            " maximum_retry_attempts=1)",
            lambda cloud, name: cloud.client("lambda").update_function_event_invoke_config(
                FunctionName=name, MaximumRetryAttempts=2
            ),
            "maximumRetryAttempts: 1 => 2",
            id="retries",
        ),
    ],
)
def test_drift_is_told_by_its_property(stack: Stack, cloud: RunningCloud, declared, change, path) -> None:
    name = cloud.unique_name("drift")
    stack.up(declared.format(name=name))
    change(cloud, name)
    assert refresh(stack)["updated"] == 1
    assert path in stack.shown
    assert stack.up().summary["updated"] == 1
    assert refresh(stack)["updated"] == 0


@pytest.mark.parametrize("program", ["lake", "pipeline"])
def test_nothing_that_was_just_deployed_has_drifted(cloud: RunningCloud, tmp_path: Path, program) -> None:
    console = Console(file=io.StringIO(), width=200)
    deployed = Deployment.open(PROGRAMS / program, "test", tmp_path, endpoint_url=cloud.endpoint_url)
    deployed.up(console)
    try:
        assert deployed.refresh(console).changes == 0, console.file.getvalue()  # type: ignore[attr-defined]
    finally:
        deployed.destroy(console)


def test_tags_stay_where_nobody_changed_them(stack: Stack, cloud: RunningCloud) -> None:
    name = stack.up(BUCKET).outputs["name"]
    refresh(stack)
    assert stack.up().summary["unchanged"] == 1
    assert bucket_tags(cloud, name) == {"zone": "raw"}
