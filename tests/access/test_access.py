"""What the record tells about roles: used, unused, denied, and what would have been enough."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from iam.enforcement.conftest import act_as, allow
from millpond.access.check import check
from millpond.access.exceptions import InvalidReasons
from millpond.access.reasons import read_reasons
from millpond.access.report import report
from millpond.client.access_record import read_page

__all__ = ["act_as"]


def millpond(cloud: Any, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command against the cloud."""
    environment = {**os.environ, "AWS_ENDPOINT_URL": cloud.endpoint_url, "COLUMNS": "200"}
    command = [sys.executable, "-m", "millpond", "access", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture
def reader(bucket: str, act_as: Any) -> Any:
    """A role with more than it uses."""
    objects = {"Sid": "Objects", **allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/*")}
    role = act_as(objects, {"Sid": "Queues", **allow("sqs:*", "*")})
    role.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    return role


def test_used_and_unused_are_told_by_statement(cloud, reader) -> None:
    [role] = json.loads(millpond(cloud, "--role", reader.name, "--json").stdout)["roles"]
    objects, queues = role["grants"]
    assert [(use["action"], use["count"]) for use in objects["uses"]] == [("s3:PutObject", 1)]
    assert (objects["statement"], objects["unused"]) == ("Objects", ["s3:GetObject"])
    assert (queues["statement"], queues["unused"]) == ("Queues", ["Queues"])


def test_proposal_is_enough_and_no_more(cloud, bucket: str, reader) -> None:
    [role] = json.loads(millpond(cloud, "--role", reader.name, "--json").stdout)["roles"]
    assert role["proposal"]["Statement"] == [
        {
            "Sid": "Objects",
            "Effect": "Allow",
            "Action": ["s3:PutObject"],
            "Resource": [f"arn:aws:s3:::{bucket}/*"],
        }
    ]
    reader.grant(*role["proposal"]["Statement"])
    reader.client("s3").put_object(Bucket=bucket, Key="b", Body=b"")


def test_check_passes_when_every_unused_grant_has_a_reason(cloud, reader, tmp_path: Path) -> None:
    failed = millpond(cloud, "--role", reader.name, "--check")
    assert (failed.returncode, "2 grants are unused without a reason" in failed.stderr) == (1, True)
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("role-*:\n  Objects:\n    s3:GetObject: to look at it\n  Queues: for later\n")
    passed = millpond(cloud, "--role", reader.name, "--check", "--reasons", str(reasons))
    assert passed.returncode == 0, passed.stderr
    assert "to look at it" in passed.stdout


@pytest.mark.parametrize(("action", "counts"), [("s3:DeleteBucket", True), ("s3:PutObject", False)])
def test_reason_that_depends_on_the_run_counts_unless_it_happened(
    cloud, bucket: str, reader, tmp_path: Path, action: str, counts: bool
) -> None:
    reasons = tmp_path / "reasons.yaml"
    condition = f"unless: {action} arn:aws:s3:::{bucket}*"
    reasons.write_text(f"{reader.name}:\n  Objects:\n    reason: nothing to read\n    {condition}\n")
    found = check(report(read_page(cloud.endpoint_url)), read_reasons(reasons))
    [objects] = [each for each in found.unused if (each.role, each.statement) == (reader.name, "Objects")]
    assert (objects.reason is not None) is counts


def test_check_fails_upon_a_denial(cloud, bucket: str, reader, tmp_path: Path) -> None:
    with pytest.raises(ClientError):
        reader.client("s3").delete_object(Bucket=bucket, Key="a")
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("role-*: for a test\n")
    failed = millpond(cloud, "--role", reader.name, "--check", "--reasons", str(reasons))
    assert (failed.returncode, "1 calls of roles were denied" in failed.stderr) == (1, True)
    assert "s3:DeleteObject" in failed.stdout


def test_reasons_that_cannot_be_read_are_told(cloud, tmp_path: Path) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("role-*: 3\n")
    failed = millpond(cloud, "--reasons", str(reasons))
    assert (failed.returncode, "neither a reason nor statements" in failed.stderr) == (1, True)


def test_role_that_is_named_twice_is_told(tmp_path: Path) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text("role-a: for later\nrole-b: for later\nrole-a: for now\n")
    with pytest.raises(InvalidReasons, match="'role-a' is there twice"):
        read_reasons(reasons)


@pytest.mark.parametrize("statement", ["{}", "3", "{a: 3}", "{reason: why, unless: s3:PutObject}"])
def test_statement_without_a_reason_is_told(tmp_path: Path, statement: str) -> None:
    reasons = tmp_path / "reasons.yaml"
    reasons.write_text(f"role-*: {{Objects: {statement}}}\n")
    with pytest.raises(InvalidReasons, match=r"role-\*, Objects"):
        read_reasons(reasons)
