"""The command line: what goes to which stream, and which exit code comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


def millpond(*arguments: str, cwd, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "millpond", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_version_goes_to_standard_output(tmp_path):
    result = millpond("--version", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.strip().count(".") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("query",),
        ("query", "select 1", "--csv", "--json"),
        ("serve", "--port", "99999"),
    ],
)
def test_wrong_usage_exits_with_2(tmp_path, arguments):
    result = millpond(*arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("up",), "no Pulumi.yaml"),
        (("status",), "millpond start"),
        (("logs",), "millpond start"),
        (("demo", "--data", "."), "No sales files"),
    ],
)
def test_a_failure_exits_with_1_and_one_message(tmp_path, arguments, message):
    project = {"demo": "--project"}.get(arguments[0])
    result = millpond(*arguments, *([project, "."] if project else []), cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_datagen_tells_its_files_as_json(tmp_path):
    result = millpond("datagen", "--days", "2", "--out", "shop", "--json", cwd=tmp_path)
    assert result.returncode == 0
    assert (
        json.loads(result.stdout)["sales"]["files"] == len(list((tmp_path / "shop" / "sales").iterdir())) >= 2
    )


def test_a_query_through_the_command_line_is_csv_on_standard_output(cloud, bucket, tmp_path):
    name = cloud.unique_name("group")
    configuration = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/r/"}}
    cloud.client("athena").create_work_group(Name=name, Configuration=configuration)
    sql = "select 1 as a, 'x,y' as b"
    result = millpond(
        "query", sql, "--csv", "--workgroup", name, cwd=tmp_path, AWS_ENDPOINT_URL=cloud.endpoint_url
    )
    assert (result.returncode, result.stdout) == (0, 'a,b\n1,"x,y"\n')
