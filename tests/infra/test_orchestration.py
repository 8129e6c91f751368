"""Airflow on MWAA: what the stack deploys for it, with the deployer's rights alone, and takes away again."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from infra.dbt_manifest import build_manifest
from infra.exceptions import ManifestError
from infra.pipeline_alarms import pipeline_alarms
from rich.console import Console

from infra import dbt_manifest
from millpond.client import Endpoint
from millpond.deploy import Deployment
from millpond.testing import RunningCloud

PROJECT = Path(__file__).parents[2]
NAME = "millpond-local-airflow"
DEPLOYER = "millpond-local-deployer"
LINEAGE_TRANSPORT = '{"type": "http", "url": "https://lineage.example.com"}'
DBT_VARIABLES = dict.fromkeys(
    (
        "LAKE_RAW_DATABASE",
        "LAKE_MARTS_DATABASE",
        "LAKE_MARTS_BUCKET",
        "LAKE_RESULTS_BUCKET",
        "LAKE_DBT_WORKGROUP",
        "AWS_REGION",
    ),
    "lake",
)


@dataclass(frozen=True)
class Stack:
    """The lake, whose deployments are run by its deployer."""

    cloud: RunningCloud
    state: Path

    def up(self, *, airflow: bool, by: Endpoint | None = None) -> dict[str, int]:
        """Deploy it; returns how many resources were created, deleted and left alone."""
        config = {
            "millpond:airflowEnabled": str(airflow).lower(),
            "millpond:airflowLineageTransport": LINEAGE_TRANSPORT,
        }
        if by is not None and by.session_token is not None:
            keys = {"accessKey": by.access_key, "secretKey": by.secret_key, "token": by.session_token}
            config |= {f"aws:{name}": key for name, key in keys.items()}
        deployment = Deployment.open(PROJECT, "local", self.state, self.cloud.endpoint_url, config)
        return dict(deployment.up(Console(quiet=True)).summary)

    def destroy(self) -> None:
        deployment = Deployment.open(PROJECT, "local", self.state, self.cloud.endpoint_url)
        deployment.destroy(Console(quiet=True))

    def deployer(self) -> Endpoint:
        """Its session; for once, not a workflow of GitHub but the account may take the role."""
        iam, arn = self.cloud.client("iam"), f"arn:aws:iam::000000000000:role/{DEPLOYER}"
        trust = iam.get_role(RoleName=DEPLOYER)["Role"]["AssumeRolePolicyDocument"]
        account = {"AWS": "arn:aws:iam::000000000000:root"}
        wider = [*trust["Statement"], {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": account}]
        iam.update_assume_role_policy(
            RoleName=DEPLOYER, PolicyDocument=json.dumps({**trust, "Statement": wider})
        )
        try:
            return self.cloud.endpoint.assume(arn, "workflow")
        finally:
            iam.update_assume_role_policy(RoleName=DEPLOYER, PolicyDocument=json.dumps(trust))

    def network(self) -> dict[str, int]:
        """How many of its kinds EC2 has of the stack."""
        ec2 = self.cloud.client("ec2")
        own, running = (
            {"Name": "tag:environment", "Values": ["local"]},
            {"Name": "state", "Values": ["available"]},
        )
        endpoints = ec2.describe_vpc_endpoints(Filters=[own])["VpcEndpoints"]
        return {
            "vpc": len(ec2.describe_vpcs(Filters=[own])["Vpcs"]),
            "subnet": len(ec2.describe_subnets(Filters=[own])["Subnets"]),
            "route table": len(ec2.describe_route_tables(Filters=[own])["RouteTables"]),
            "security group": len(ec2.describe_security_groups(Filters=[own])["SecurityGroups"]),
            "internet gateway": len(ec2.describe_internet_gateways(Filters=[own])["InternetGateways"]),
            "gateway": len(ec2.describe_nat_gateways(Filter=[running])["NatGateways"]),
            "endpoint": len([each for each in endpoints if each["State"] == "available"]),
            "address": len(ec2.describe_addresses()["Addresses"]),
        }


@pytest.fixture(scope="module")
def stack(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The administrator makes the lake and the deployer, who then turns Airflow on."""
    made = Stack(cloud, tmp_path_factory.mktemp("state"))
    # The first call of EC2 loads it, which on a busy machine takes longer than clients wait before they ask
    # again: asking twice for a network would make two.
    made.network()
    try:
        made.up(airflow=False)
        made.up(airflow=True, by=made.deployer())
        yield made
    finally:
        made.destroy()


@pytest.fixture(scope="module")
def environment(stack: Stack) -> dict[str, Any]:
    return dict(stack.cloud.client("mwaa").get_environment(Name=NAME)["Environment"])


def test_environment_runs_the_version_of_the_laptop_in_the_role_that_the_lake_gives_it(
    environment: dict[str, Any],
) -> None:
    lock = (PROJECT / "requirements-airflow.lock").read_text()
    assert f"apache-airflow=={environment['AirflowVersion']} " in lock
    assert environment["ExecutionRoleArn"].endswith(":role/millpond-local-airflow")
    assert environment["Status"] == "AVAILABLE"


def test_environment_tells_lineage_where_the_stack_wants_it(environment: dict[str, Any]) -> None:
    options = environment["AirflowConfigurationOptions"]
    assert options["openlineage.transport"] == LINEAGE_TRANSPORT
    assert options["openlineage.namespace"] == "millpond-local-lake"


@pytest.mark.parametrize("part", ["Plugins", "Requirements", "StartupScript"])
def test_environment_names_the_version_that_lies_in_artifacts(
    stack: Stack, environment: dict[str, Any], part: str
) -> None:
    bucket = environment["SourceBucketArn"].rpartition(":")[2]
    head = stack.cloud.client("s3").head_object(Bucket=bucket, Key=environment[f"{part}S3Path"])
    assert environment[f"{part}S3ObjectVersion"] == head["VersionId"] != "null"


def test_uploaded_files_are_those_of_the_project(stack: Stack, environment: dict[str, Any]) -> None:
    s3, bucket = stack.cloud.client("s3"), environment["SourceBucketArn"].rpartition(":")[2]

    def content(key: str) -> bytes:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    dags, source = environment["DagS3Path"], PROJECT / "mwaa_dags"
    for file in (source / "dags").glob("*.py"):
        assert content(f"{dags}/{file.name}") == file.read_bytes()
    assert content(f"{dags}/requirements-dbt.lock") == (source / "requirements-dbt.lock").read_bytes()
    assert content(environment["StartupScriptS3Path"]) == (source / "startup.sh").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content(environment["PluginsS3Path"]))) as plugins:
        assert "lake_operations/failures.py" in plugins.namelist()
    manifest = json.loads(content(f"{dags}/dbt_athena/target/manifest.json"))
    assert "model.lake.monthly_revenue" in manifest["nodes"]
    assert manifest["sources"]["source.lake.shop.sales"]["schema"] == "millpond_local_raw"


def test_dags_are_told_all_that_they_ask_of_the_lake(environment: dict[str, Any]) -> None:
    asked = re.findall(
        r'environ\["LAKE_(\w+)"\]', (PROJECT / "mwaa_dags/plugins/lake_operations/lake.py").read_text()
    )
    options = environment["AirflowConfigurationOptions"]
    made_by_startup = {"DBT_EXECUTABLE", "DBT_PROJECT", "DBT_MANIFEST"}
    assert {f"lake.{name.lower()}" for name in set(asked) - made_by_startup} <= options.keys()
    assert options["lake.daily_sources"] == "sales"


def test_day_without_a_row_rings_only_where_airflow_runs_every_day(stack: Stack) -> None:
    name = "millpond-local-pipeline-ingest-batch-nothing-arrived"
    (alarm,) = stack.cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    rings = (alarm["ComparisonOperator"], alarm["Threshold"], alarm["TreatMissingData"], alarm["Period"])
    assert rings == ("LessThanThreshold", 1.0, "breaching", 86_400)
    assert not {"rings_below", "rings_without_data"} & {
        field
        for other in pipeline_alarms("pipelines", runs_daily=False)
        for field, on in vars(other).items()
        if on is True
    }


def test_workers_are_in_private_subnets_whose_way_out_is_a_gateway(
    stack: Stack, environment: dict[str, Any]
) -> None:
    ec2, subnets = stack.cloud.client("ec2"), environment["NetworkConfiguration"]["SubnetIds"]
    for subnet in subnets:
        of_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
        (table,) = ec2.describe_route_tables(Filters=of_subnet)["RouteTables"]
        (outside,) = [r for r in table["Routes"] if r.get("DestinationCidrBlock") == "0.0.0.0/0"]
        assert outside["NatGatewayId"].startswith("nat-")
    zones = {s["AvailabilityZone"] for s in ec2.describe_subnets(SubnetIds=subnets)["Subnets"]}
    assert len(zones) == 2


def test_deployer_touches_no_network_but_the_stacks(stack: Stack) -> None:
    admin, ec2 = stack.cloud.client("ec2"), stack.deployer().client("ec2")
    other = admin.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    own = [{"ResourceType": "subnet", "Tags": [{"Key": "environment", "Value": "local"}]}]
    try:
        for act in (
            lambda: ec2.create_subnet(VpcId=other, CidrBlock="10.30.1.0/24", TagSpecifications=own),
            lambda: ec2.create_tags(Resources=[other], Tags=own[0]["Tags"]),
            lambda: ec2.delete_vpc(VpcId=other),
            lambda: ec2.create_vpc(CidrBlock="10.31.0.0/16"),
        ):
            with pytest.raises(ClientError, match="not authorized"):
                act()
    finally:
        admin.delete_vpc(VpcId=other)


def test_second_deployment_changes_nothing(stack: Stack) -> None:
    summary = stack.up(airflow=True, by=stack.deployer())
    assert summary["unchanged"] == sum(summary.values())


def test_deployer_takes_all_of_it_away_again(stack: Stack) -> None:
    before = stack.network()
    assert (before["vpc"], before["subnet"], before["address"]) == (1, 3, 1)
    stack.up(airflow=False, by=stack.deployer())
    assert stack.network() == dict.fromkeys(before, 0)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        stack.cloud.client("mwaa").get_environment(Name=NAME)


def test_the_same_project_gives_the_same_manifest(tmp_path: Path) -> None:
    project = tmp_path / "dbt"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: lake\nprofile: lake\n")
    (project / "profiles.yml").write_bytes((PROJECT / "dbt_athena" / "profiles.yml").read_bytes())
    (project / "models" / "one.sql").write_text("select 1 as one")
    first = build_manifest(project, tmp_path / "first", DBT_VARIABLES)
    assert first.read_bytes() == build_manifest(project, tmp_path / "again", DBT_VARIABLES).read_bytes()
    (project / "models" / "two.sql").write_text("select * from {{ ref('one') }}")
    second = json.loads(build_manifest(project, tmp_path / "first", DBT_VARIABLES).read_text())
    assert second["parent_map"]["model.lake.two"] == ["model.lake.one"]


def test_project_that_dbt_cannot_parse_is_not_deployed(tmp_path: Path) -> None:
    project = tmp_path / "dbt"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: lake\nprofile: of-nobody\n")
    with pytest.raises(ManifestError, match="cannot parse"):
        build_manifest(project, tmp_path / "built", DBT_VARIABLES)
    assert not (tmp_path / "built").exists()


def test_without_dbt_the_deployment_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_manifest.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ManifestError, match="make setup"):
        build_manifest(PROJECT / "dbt_athena", tmp_path / "built", DBT_VARIABLES)


def test_dbts_environment_has_what_the_models_are_tested_with_and_no_more() -> None:
    def versions(lock: Path) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[^ ;]+", lock.read_text(), re.MULTILINE))

    lock = PROJECT / "mwaa_dags" / "requirements-dbt.lock"
    assert versions(lock) < versions(PROJECT / "requirements.lock")
    assert not {
        name for name in versions(lock) if name.startswith(("pulumi", "moto", "duckdb", "awswrangler"))
    }
    assert "://" not in lock.read_text()
    assert all("--hash=" in block for block in re.split(r"\n(?=\w)", lock.read_text().strip()))
