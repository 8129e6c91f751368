"""What a job may do is what its role may do, where rights are enforced."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.glue.jobs.conftest import Jobs, role_for_jobs

from millpond.server import process
from millpond.server.settings import ServerSettings
from millpond.testing.cloud import RunningCloud

READ_SCRIPTS = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/scripts/*"}


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    data_dir = tmp_path_factory.mktemp("enforcing")
    running = process.start(ServerSettings(data_dir, port=0, enforce_iam=True))
    yield RunningCloud(running.endpoint_url)
    process.stop(data_dir)


@pytest.fixture
def code(enforcing: RunningCloud) -> str:
    name = enforcing.unique_name("code")
    enforcing.client("s3").create_bucket(Bucket=name)
    return name


def test_job_reads_and_writes_what_its_role_may(enforcing, code):
    write = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{code}/out/*"}
    jobs = Jobs(enforcing, code, role_for_jobs(enforcing, READ_SCRIPTS, write))
    job = jobs.define(
        f"""
        import boto3
        s3 = boto3.client("s3")
        s3.put_object(Bucket="{code}", Key="out/allowed", Body=b"1")
        s3.put_object(Bucket="{code}", Key="other/denied", Body=b"1")
        """
    )
    run = jobs.run(job)
    assert run["JobRunState"] == "FAILED"
    assert "AccessDenied" in run["ErrorMessage"]
    assert f'{code}/other/denied"' in run["ErrorMessage"]
    assert jobs.keys("out/") == ["out/allowed"]
    assert jobs.keys("other/") == []


def test_role_that_may_not_read_the_script_fails_the_launch(enforcing, code):
    nothing = {"Effect": "Allow", "Action": "glue:GetTable", "Resource": "*"}
    jobs = Jobs(enforcing, code, role_for_jobs(enforcing, nothing))
    run = jobs.run(jobs.define("print('never')"))
    assert run["ErrorMessage"].startswith("LAUNCH ERROR | Error downloading from S3 for bucket: " + code)


def test_role_that_does_not_trust_glue_is_not_taken_on(enforcing, code):
    role = role_for_jobs(enforcing)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    enforcing.client("iam").update_assume_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    run = Jobs(enforcing, code, role).run(Jobs(enforcing, code, role).define("print('never')"))
    assert run["JobRunState"] == "FAILED"
    assert f"glue.amazonaws.com cannot assume the role {role}" in run["ErrorMessage"]
