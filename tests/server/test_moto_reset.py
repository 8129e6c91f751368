"""`mock_aws` ends while something runs: it ends, too, and waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

PROGRAM = """
    import pathlib
    import sys

    import boto3
    from moto import mock_aws

    from millpond.testing import WaitFor
    from millpond.testing.moto_services import moto_services

    with moto_services(pathlib.Path(sys.argv[1])):
        with mock_aws():
            boto3.client("s3").create_bucket(Bucket="lake")
            athena = boto3.client("athena")
            where = {"ResultConfiguration": {"OutputLocation": "s3://lake/"}}
            first = athena.start_query_execution(QueryString="SELECT 1", **where)["QueryExecutionId"]
            WaitFor(boto3.client).query(first)
            for number in range(60):
                athena.start_query_execution(QueryString=f"SELECT {number}", **where)
        with mock_aws():
            athena = boto3.client("athena")
            print(len(athena.list_query_executions()["QueryExecutionIds"]), "queries left")
"""


def test_mock_ends_while_queries_write_their_results(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path)],
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["0 queries left"], done.stderr[-2000:]
