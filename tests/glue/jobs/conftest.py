"""A bucket, a role, and jobs that run scripts which are written in the test."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from millpond.glue.jobs import JobService

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
_ENDED = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")


@dataclass(frozen=True)
class Jobs:
    """Makes jobs and follows their runs."""

    cloud: Any
    bucket: str
    role: str

    @property
    def glue(self) -> Any:
        return self.cloud.client("glue")

    @property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    def upload(self, key: str, content: str | bytes) -> str:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return f"s3://{self.bucket}/{key}"

    def define(self, script: str, arguments: dict[str, str] | None = None, **settings: Any) -> str:
        """A Python shell job, unless `Command` says otherwise."""
        name = str(self.cloud.unique_name("job"))
        location = self.upload(f"scripts/{name}.py", textwrap.dedent(script))
        command = {"Name": "pythonshell", "PythonVersion": "3.9", **settings.pop("Command", {})}
        self.glue.create_job(
            Name=name,
            Role=self.role,
            Command={**command, "ScriptLocation": location},
            DefaultArguments=arguments or {},
            **settings,
        )
        return name

    def start(self, job: str, **arguments: Any) -> str:
        return str(self.glue.start_job_run(JobName=job, **arguments)["JobRunId"])

    def run(self, job: str, **arguments: Any) -> dict[str, Any]:
        """Start a run and wait for its end."""
        return self.ended(job, self.start(job, **arguments))

    def ended(self, job: str, run_id: str, seconds: float = 180) -> dict[str, Any]:
        state: dict[str, Any] = {}

        def over() -> bool:
            state.update(self.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])
            return state["JobRunState"] in _ENDED

        self.cloud.wait_for.condition(over, f"{run_id} has ended", lambda: str(state), seconds)
        return state

    def content(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode())

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]

    def query(self, sql: str, database: str) -> list[tuple[str, ...]]:
        """A query's rows as Athena answers them."""
        group = str(self.cloud.unique_name("wg"))
        location = {"OutputLocation": f"s3://{self.bucket}/results/"}
        self.cloud.client("athena").create_work_group(
            Name=group, Configuration={"ResultConfiguration": location}
        )
        return [tuple(row) for row in self.cloud.query(sql, database, group).rows]

    def log(self, run: dict[str, Any], kind: str) -> str:
        """What a run printed (`output`) or what went wrong (`error`)."""
        group = f"{run['LogGroupName']}/{kind}"
        events = self.cloud.client("logs").get_log_events(logGroupName=group, logStreamName=run["Id"])
        return "\n".join(event["message"] for event in events["events"])


def role_for_jobs(cloud: Any, *statements: dict[str, Any]) -> str:
    """A role that jobs may take on: for all of the lake, unless statements say what for."""
    role = cloud.unique_name("role")
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
    lake = {"Effect": "Allow", "Action": ["s3:*", "glue:*", "athena:*"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": list(statements) or [lake]}
    iam.put_role_policy(RoleName=role, PolicyName="lake", PolicyDocument=json.dumps(policy))
    return str(arn)


@pytest.fixture
def jobs(cloud: Any, bucket: str) -> Jobs:
    return Jobs(cloud, bucket, role_for_jobs(cloud))


@pytest.fixture
def database(cloud: Any, jobs: Jobs) -> str:
    name = str(cloud.unique_name("db")).replace("-", "_")
    location = f"s3://{jobs.bucket}/{name}/"
    cloud.client("glue").create_database(DatabaseInput={"Name": name, "LocationUri": location})
    return name


@pytest.fixture
def short_minutes() -> Iterator[None]:
    """A minute of a time-out takes a second."""
    runner = JobService.runner
    kept, runner.settings = runner.settings, dataclasses.replace(runner.settings, seconds_per_minute=1.0)
    yield
    runner.settings = kept
