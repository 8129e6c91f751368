"""The suites of the API and of each table format once more, in process: moto's `mock_aws`, without HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SUITES = (
    "test_catalog_statements",
    "test_hive_formats",
    "test_hive_json",
    "test_hive_tables",
    "test_iceberg_metadata",
    "test_iceberg_tables",
    "test_partitions",
    "test_queries_api",
    "test_results",
    "test_statistics",
    "test_workgroups",
)


@pytest.mark.skipif("MILLPOND_ATHENA_TARGET" in os.environ, reason="this is that run")
def test_the_same_suites_pass_under_mock_aws() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(str(HERE / f"{suite}.py") for suite in SUITES),
        ],
        cwd=HERE.parent.parent,
        env={**os.environ, "MILLPOND_ATHENA_TARGET": "mock_aws"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed.group(1)) > 150
