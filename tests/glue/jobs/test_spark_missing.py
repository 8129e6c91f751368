"""Spark jobs where Spark is not installed."""

from __future__ import annotations

import importlib.util

import pytest


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is not None, reason="PySpark is installed")
def test_spark_job_without_pyspark_says_how_to_get_it(jobs):
    run = jobs.run(jobs.define("import pyspark", Command={"Name": "glueetl"}))
    assert run["JobRunState"] == "FAILED"
    assert 'pip install "millpond[spark]"' in run["ErrorMessage"]
