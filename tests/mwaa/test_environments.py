"""Environments are kept, changed and refused as AWS does; what needs a running Airflow is refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": ["airflow.amazonaws.com", "airflow-env.amazonaws.com"]},
        }
    ],
}


@dataclass(frozen=True)
class Place:
    """An account with all that an environment needs."""

    cloud: RunningCloud
    mwaa: Any
    name: str
    request: dict[str, Any]
    requirements: str
    """The version of `requirements.txt`."""

    def create(self, **changes: Any) -> None:
        self.mwaa.create_environment(**{**self.request, "Name": self.name, **changes})

    def get(self) -> dict[str, Any]:
        return self.mwaa.get_environment(Name=self.name)["Environment"]


@pytest.fixture
def place(cloud: RunningCloud) -> Iterator[Place]:
    name = cloud.unique_name("airflow")
    ec2, s3, mwaa = cloud.client("ec2"), cloud.client("s3"), cloud.client("mwaa")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{part}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for part, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName=name, Description="Airflow", VpcId=vpc)["GroupId"]
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    version = s3.put_object(Bucket=name, Key="requirements.txt", Body=b"duckdb\n")["VersionId"]
    request = {
        "SourceBucketArn": f"arn:aws:s3:::{name}",
        "DagS3Path": "dags",
        "ExecutionRoleArn": role["Role"]["Arn"],
        "NetworkConfiguration": {
            "SubnetIds": [subnet["Subnet"]["SubnetId"] for subnet in subnets],
            "SecurityGroupIds": [group],
        },
    }
    yield Place(cloud, mwaa, name, request, version)
    if name in mwaa.list_environments()["Environments"]:
        mwaa.delete_environment(Name=name)


def test_environment_is_read_as_it_was_put(place: Place) -> None:
    given = {
        "AirflowVersion": "2.10.3",
        "EnvironmentClass": "mw1.medium",
        "MinWorkers": 2,
        "MaxWorkers": 5,
        "RequirementsS3Path": "requirements.txt",
        "RequirementsS3ObjectVersion": place.requirements,
        "AirflowConfigurationOptions": {"core.default_task_retries": "3"},
        "WebserverAccessMode": "PUBLIC_ONLY",
    }
    place.create(**given, Tags={"owner": "data"})
    found = place.get()
    assert {name: found[name] for name in given} == given
    assert {name: found[name] for name in place.request} == place.request
    assert (found["Status"], found["Tags"]) == ("AVAILABLE", {"owner": "data"})
    assert found["Arn"] == f"arn:aws:airflow:us-east-1:000000000000:environment/{place.name}"


def test_right_hangs_on_the_tags_of_an_environment(place: Place) -> None:
    place.create(Tags={"team": "lake"})
    condition = {"StringEquals": {"aws:ResourceTag/team": "lake"}}
    allowed = {"Effect": "Allow", "Action": "airflow:GetEnvironment", "Resource": "*", "Condition": condition}
    trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    iam, name = place.cloud.client("iam"), place.cloud.unique_name("role")
    documents = [json.dumps({"Version": "2012-10-17", "Statement": each}) for each in (trusted, allowed)]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="tagged", PolicyDocument=documents[1])
    mwaa = place.cloud.session_for_role(role).client("mwaa")
    assert mwaa.get_environment(Name=place.name)["Environment"]["Name"] == place.name
    place.mwaa.untag_resource(ResourceArn=place.get()["Arn"], tagKeys=["team"])
    with pytest.raises(ClientError, match="airflow:GetEnvironment"):
        mwaa.get_environment(Name=place.name)


def test_what_is_not_given_is_filled_in_as_on_aws(place: Place) -> None:
    place.create()
    found = place.get()
    assert found["EnvironmentClass"] == "mw1.small"
    assert (found["MinWorkers"], found["MaxWorkers"], found["Schedulers"]) == (1, 10, 2)
    assert found["LoggingConfiguration"]["TaskLogs"] == {"Enabled": True, "LogLevel": "INFO"}
    assert not found["LoggingConfiguration"]["WorkerLogs"]["Enabled"]


def test_no_address_is_made_up_for_what_does_not_run(place: Place) -> None:
    place.create()
    invented = {"WebserverUrl", "CeleryExecutorQueue", "DatabaseVpcEndpointService", "ServiceRoleArn"}
    assert not invented & place.get().keys()


def test_update_sets_what_is_given_and_leaves_the_rest(place: Place) -> None:
    place.create(
        RequirementsS3Path="requirements.txt", LoggingConfiguration={"WorkerLogs": log("ERROR", enabled=True)}
    )
    place.mwaa.update_environment(
        Name=place.name,
        MaxWorkers=3,
        RequirementsS3Path="",
        LoggingConfiguration={"TaskLogs": log("DEBUG", enabled=True)},
    )
    found = place.get()
    assert (found["MaxWorkers"], found["DagS3Path"]) == (3, "dags")
    assert "RequirementsS3Path" not in found
    levels = {kind: logs["LogLevel"] for kind, logs in found["LoggingConfiguration"].items()}
    assert (levels["TaskLogs"], levels["WorkerLogs"]) == ("DEBUG", "ERROR")


def log(level: str, *, enabled: bool) -> dict[str, Any]:
    return {"Enabled": enabled, "LogLevel": level}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"AirflowVersion": "1.10.12"}, "Airflow version 1.10.12 is not supported"),
        ({"EnvironmentClass": "mw2.small"}, "Environment class mw2.small is not valid"),
        ({"MinWorkers": 6, "MaxWorkers": 5}, "MinWorkers must not be greater than MaxWorkers"),
        ({"MaxWorkers": 26}, "MaxWorkers must be between 1 and 25 for environment class mw1.small"),
        ({"Schedulers": 1}, "Schedulers must be between 2 and 5"),
        ({"EnvironmentClass": "mw1.micro", "MaxWorkers": 2}, "MaxWorkers must be 1 for environment class"),
        ({"WeeklyMaintenanceWindowStart": "SUN:1:00"}, "at 'weeklyMaintenanceWindowStart' failed to satisfy"),
        ({"SourceBucketArn": "arn:aws:s3:::no-such-bucket-here"}, "no-such-bucket-here does not exist"),
        ({"ExecutionRoleArn": "arn:aws:iam::000000000000:role/none"}, "role/none does not exist"),
        ({"RequirementsS3Path": "none.txt"}, "there is no object none.txt"),
        ({"KmsKey": "00000000-1111-2222-3333-444444444444"}, "The KMS key .* does not exist"),
        (
            {"Teams": {"one": {"SourceBucketArn": "arn:aws:s3:::lake", "DagS3Path": "dags"}}},
            "Teams is not supported locally",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_definition_that_cannot_be_is_refused(place: Place, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ClientError, match=told) as caught:
        place.create(**changes)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert place.name not in place.mwaa.list_environments()["Environments"]


def test_version_of_a_file_has_to_be_there(place: Place) -> None:
    place.create(RequirementsS3Path="requirements.txt", RequirementsS3ObjectVersion=place.requirements)
    with pytest.raises(ClientError, match=r"no object requirements.txt in bucket .* in version gone"):
        place.mwaa.update_environment(Name=place.name, RequirementsS3ObjectVersion="gone")
    assert place.get()["RequirementsS3ObjectVersion"] == place.requirements


def test_bucket_has_to_keep_versions(place: Place, bucket: str) -> None:
    with pytest.raises(ClientError, match="must have versioning enabled"):
        place.create(SourceBucketArn=f"arn:aws:s3:::{bucket}")


def test_subnets_have_to_be_in_two_zones(place: Place) -> None:
    network = place.request["NetworkConfiguration"]
    with pytest.raises(ClientError, match="must be in different availability zones"):
        place.create(NetworkConfiguration={**network, "SubnetIds": network["SubnetIds"][:1] * 2})


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"SubnetIds": ["subnet-1", "subnet-2"]}, "subnet ID 'subnet-1' does not exist"),
        ({"SecurityGroupIds": ["sg-1"]}, "security group 'sg-1' does not exist"),
    ],
)
def test_network_has_to_be_there(place: Place, part: dict[str, list[str]], told: str) -> None:
    with pytest.raises(ClientError, match=told):
        place.create(NetworkConfiguration={**place.request["NetworkConfiguration"], **part})


def test_name_is_taken_once(place: Place) -> None:
    place.create()
    with pytest.raises(ClientError, match="already exists"):
        place.create()


def test_tags_are_set_and_taken_away(place: Place) -> None:
    place.create(Tags={"owner": "data", "zone": "raw"})
    arn = place.get()["Arn"]
    place.mwaa.tag_resource(ResourceArn=arn, Tags={"owner": "lake"})
    place.mwaa.untag_resource(ResourceArn=arn, tagKeys=["zone"])
    assert place.mwaa.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"owner": "lake"}


def test_environments_are_listed_in_pages(place: Place) -> None:
    for number in range(3):
        place.create(Name=f"{place.name}-{number}")
    pages = place.mwaa.get_paginator("list_environments").paginate(PaginationConfig={"PageSize": 2})
    names = [name for page in pages for name in page["Environments"] if name.startswith(place.name)]
    assert names == [f"{place.name}-{number}" for number in range(3)]
    for name in names:
        place.mwaa.delete_environment(Name=name)


def test_deleted_environment_is_not_found(place: Place) -> None:
    place.create()
    place.mwaa.delete_environment(Name=place.name)
    with pytest.raises(place.mwaa.exceptions.ResourceNotFoundException):
        place.get()


@pytest.mark.parametrize("operation", ["create_cli_token", "create_web_login_token"])
def test_token_for_an_airflow_that_does_not_run_is_refused(place: Place, operation: str) -> None:
    place.create()
    with pytest.raises(ClientError, match="no Airflow runs behind it"):
        getattr(place.mwaa, operation)(Name=place.name)


def test_rest_api_of_an_airflow_that_does_not_run_is_refused(place: Place) -> None:
    place.create()
    with pytest.raises(ClientError, match="InvokeRestApi is not supported locally"):
        place.mwaa.invoke_rest_api(Name=place.name, Path="/dags", Method="GET")
