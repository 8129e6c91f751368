"""Prepares the process of a Spark job before its script runs, and ends Spark after it.

The script makes its own `SparkContext` or session, as on AWS; all that it needs to know is in Spark's
configuration file, which only this process reads.
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pyspark import SparkContext
from pyspark.sql import SparkSession

from .bookmarks import Bookmark, use
from .java_classes import class_folder, compile_classes

_FILE_SYSTEM: Final = "millpond.S3FileSystem"


def prepare(plan: Mapping[str, Any]) -> None:
    """Start the JVM that Spark will run in."""
    spark = plan["spark"]
    classes = class_folder(Path(spark["classes"]))
    configuration = _configuration(spark, classes)
    lines = [f"{name} {value}" for name, value in configuration.items()]
    (Path(os.environ["SPARK_CONF_DIR"]) / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
    SparkContext._ensure_initialized()
    compile_classes(classes, SparkContext._gateway, Path(os.environ["SPARK_HOME"]))
    folder = Path(plan["outcome"]).parent
    use(Bookmark(spark["bookmark"], folder / "bookmark-committed.json"))
    if spark["catalog"]:
        from .spark_catalog import use_data_catalog

        use_data_catalog()


def finish(folder: Path) -> None:
    """Leave Spark's counters for the metrics, and end it."""
    context = SparkContext._active_spark_context
    if context is None:
        return
    (folder / "metrics.json").write_text(json.dumps(_counters(context)))
    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()
    context.stop()


def _configuration(spark: Mapping[str, Any], classes: Path) -> dict[str, str]:
    cores = os.cpu_count() or 1
    class_path = [str(classes), *spark["jars"]]
    return {
        "spark.master": "local[*]",
        "spark.app.name": spark["app_name"],
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraClassPath": os.pathsep.join(class_path),
        "spark.driver.extraJavaOptions": f"-Duser.timezone=UTC -Djava.io.tmpdir={spark['temporary']}",
        "spark.hadoop.fs.millpond.endpoint": spark["s3_endpoint_url"],
        "spark.hadoop.fs.millpond.region": os.environ["AWS_REGION"],
        "spark.hadoop.fs.millpond.staging": f"{spark['temporary']}/s3",
        **{f"spark.hadoop.fs.{scheme}.impl": _FILE_SYSTEM for scheme in ("s3", "s3a", "s3n")},
        # What is committed becomes visible with the job's commit, and no marker files with it, as in Glue.
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "1",
        "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.session.timeZone": "UTC",
        # 200 make sense for many machines.
        "spark.sql.shuffle.partitions": str(2 * cores),
        "spark.sql.warehouse.dir": f"file:{spark['temporary']}/warehouse",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **spark["configuration"],
    }


def _counters(context: Any) -> dict[str, float]:
    """What Spark has counted of the driver, which in one process is all."""
    store = context._jsc.sc().statusStore()
    driver = store.executorSummary("driver")
    return {
        "bytesRead": float(driver.totalInputBytes()),
        "elapsedTime": float(driver.totalDuration()),
        "numCompletedTasks": float(driver.completedTasks()),
        "numFailedTasks": float(driver.failedTasks()),
        "shuffleBytesWritten": float(driver.totalShuffleWrite()),
        "shuffleLocalBytesRead": float(driver.totalShuffleRead()),
    }
