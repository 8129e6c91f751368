"""Crawlers, jobs, triggers, rules and topics: as declared, and changed in place."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conftest import RunningCloud
from deploy.conftest import Stack
from millpond.deploy import Deployment

PROGRAM = Path(__file__).parent / "programs" / "pipeline"


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
    assert sum(summary.values()) == summary["unchanged"]


def test_crawler(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    crawler = cloud.client("glue").get_crawler(Name="pipeline-landing")["Crawler"]
    (target,) = crawler["Targets"]["S3Targets"]
    assert target["Path"] == f"s3://{outputs['data']}/in/"
    assert target["Exclusions"] == ["**.tmp"]
    assert crawler["SchemaChangePolicy"] == {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}


def test_job(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    job = cloud.client("glue").get_job(JobName="pipeline-compact")["Job"]
    assert job["Command"] == {
        "Name": "pythonshell",
        "PythonVersion": "3.9",
        "ScriptLocation": f"s3://{outputs['data']}/jobs/compact.py",
    }
    assert job["DefaultArguments"] == {"--library-set": "analytics"}
    assert job["MaxCapacity"] == 0.0625
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 2}


def test_trigger_runs_by_the_clock(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    trigger = cloud.client("glue").get_trigger(Name="pipeline-nightly")["Trigger"]
    assert trigger["WorkflowName"] == "pipeline-daily"
    assert trigger["State"] == "ACTIVATED"
    assert trigger["Actions"] == [{"JobName": "pipeline-compact", "Arguments": {"--day": "yesterday"}}]


def test_topic_and_subscription(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    sns = cloud.client("sns")
    (found,) = sns.list_subscriptions_by_topic(TopicArn=outputs["topic"])["Subscriptions"]
    assert (found["Protocol"], found["Endpoint"]) == ("sqs", outputs["inbox"])
    attributes = sns.get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    assert attributes["RawMessageDelivery"] == "true"


def test_rule_and_target(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    events = cloud.client("events")
    assert events.describe_rule(Name="pipeline-hourly")["ScheduleExpression"] == "rate(1 hour)"
    (target,) = events.list_targets_by_rule(Rule="pipeline-hourly")["Targets"]
    assert target["Arn"] == outputs["inbox"]
    assert target["InputTransformer"]["InputPathsMap"] == {"at": "$.time"}


def test_bucket_logging(outputs: dict[str, Any], cloud: RunningCloud) -> None:
    found = cloud.client("s3").get_bucket_logging(Bucket=outputs["data"])["LoggingEnabled"]
    assert (found["TargetBucket"], found["TargetPrefix"]) == (outputs["logs"], "data/")


def test_workgroup_changes_in_place(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("workgroup")
    program = f"""
        aws.athena.Workgroup("w", name="{name}", tags={{"round": "%s"}}, configuration={{
            "bytes_scanned_cutoff_per_query": %d,
            "result_configuration": {{"output_location": "s3://results/"}},
        }})
    """
    stack.up(program % ("one", 20_000_000))
    assert stack.up(program % ("two", 30_000_000)).summary["updated"] == 1
    athena = cloud.client("athena")
    configuration = athena.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 30_000_000
    assert configuration["ResultConfiguration"]["OutputLocation"] == "s3://results/"


def test_roles_and_policies_change_in_place(stack: Stack, cloud: RunningCloud) -> None:
    program = """
        policy = aws.iam.Policy("p", policy={"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "s3:%s", "Resource": "*"}]})
        role = aws.iam.Role("r", assume_role_policy=TRUST, description="%s", managed_policy_arns=[policy.arn])
        pulumi.export("role", role.name)
        pulumi.export("policy", policy.arn)
    """
    first = stack.up(program % ("GetObject", "one"))
    second = stack.up(program % ("PutObject", "two"))
    assert (second.summary["updated"], second.outputs) == (2, first.outputs)
    iam = cloud.client("iam")
    assert iam.get_role(RoleName=second.outputs["role"])["Role"]["Description"] == "two"
    policy = iam.get_policy(PolicyArn=second.outputs["policy"])["Policy"]
    document = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
    assert document["PolicyVersion"]["Document"]["Statement"][0]["Action"] == "s3:PutObject"


def test_table_changes_in_place(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("shop").replace("-", "_")
    program = f"""
        database = aws.glue.CatalogDatabase("d", name="{name}")
        aws.glue.CatalogTable("t", name="orders", database_name=database.name, storage_descriptor={{
            "location": "s3://raw/orders/",
            "columns": [{{"name": "id", "type": "%s"}}],
        }})
    """
    stack.up(program % "int")
    assert stack.up(program % "bigint").summary["updated"] == 1
    table = cloud.client("glue").get_table(DatabaseName=name, Name="orders")["Table"]
    assert table["StorageDescriptor"]["Columns"] == [{"Name": "id", "Type": "bigint"}]


def test_forgotten_workgroup_and_query_are_made_again(stack: Stack, cloud: RunningCloud) -> None:
    name = cloud.unique_name("workgroup")
    stack.up(f"""
        group = aws.athena.Workgroup("w", name="{name}", force_destroy=True)
        aws.athena.NamedQuery("q", name="count", workgroup=group.name, database="raw", query="select 1")
    """)
    athena = cloud.client("athena")
    athena.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)
    assert stack.up().summary["created"] == 2
    (query,) = athena.list_named_queries(WorkGroup=name)["NamedQueryIds"]
    assert athena.get_named_query(NamedQueryId=query)["NamedQuery"]["QueryString"] == "select 1"
    assert stack.destroy().summary["deleted"] == 2
