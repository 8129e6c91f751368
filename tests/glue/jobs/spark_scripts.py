"""What scripts of Spark jobs begin with, and how they are run."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

needs_spark = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None, reason='needs PySpark: pip install "millpond[spark]"'
)

SPARK: dict[str, Any] = {"Command": {"Name": "glueetl", "PythonVersion": "3"}, "GlueVersion": "5.0"}

GLUE = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "bucket"])
glue = GlueContext(SparkContext.getOrCreate())
job = Job(glue)
job.init(args["JOB_NAME"], args)
"""


def succeeded(jobs: Any, script: str, arguments: dict[str, str] | None = None) -> dict[str, Any]:
    """Run a script, given the bucket's name, and see that it came to its end."""
    given = {"--bucket": jobs.bucket, **(arguments or {})}
    run: dict[str, Any] = jobs.run(jobs.define(script, given, **SPARK))
    assert run["JobRunState"] == "SUCCEEDED", (run.get("ErrorMessage"), jobs.log(run, "error"))
    return run
