"""Parts the events of each visitor into sessions: half an hour of silence ends one. A Glue Spark job.

For what outgrows one machine: a window over all events of a visitor, which Athena would have to sort at
every query. The job's bookmark tells which files of events are new; every day that they speak of is made anew
from all of its events, so that late ones fall into their sessions and a second run changes nothing. A day is
written to a folder of its own, and its partition is pointed to it last.

Arguments:
    --JOB_NAME                     Glue's own
    --raw_database, --raw_bucket   where the events lie, and where the sessions go

Python 3.11 and Spark 3.5, which is what Glue 5.0 has.
"""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING, Any

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import Window
from pyspark.sql import functions as f

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

EVENTS = "events"
SESSIONS = "event_sessions"
PARTITION_COLUMN = "session_date"
SILENCE_SECONDS = 30 * 60


def main(argv: list[str]) -> None:
    """Run the job."""
    arguments = getResolvedOptions(argv, ["JOB_NAME", "raw_database", "raw_bucket"])
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(arguments["JOB_NAME"], arguments)
    # Firehose and the compaction write times in different ways; all are moments in UTC.
    glue_context.spark_session.conf.set("spark.sql.parquet.inferTimestampNTZ.enabled", "false")
    bucket, database = arguments["raw_bucket"], arguments["raw_database"]
    days = _days_of(_new_events(glue_context, bucket))
    if days:
        events = _distinct(glue_context.spark_session.read.parquet(f"s3://{bucket}/{EVENTS}/"))
        partitions = Sessions(boto3.Session(), database, bucket)
        for day in days:
            partitions.replace(day, sessions_of(events.where(f.to_date("occurred_at") == f.lit(day))))
    # Last: a run that dies before is done again from its beginning.
    job.commit()


def sessions_of(events: DataFrame) -> DataFrame:
    """A row for each session of a day's events."""
    visitor = f.coalesce(f.col("customer_id").cast("string"), f.col("session_id"))
    in_order = Window.partitionBy("visitor").orderBy("occurred_at", "event_id")
    silence = f.col("occurred_at").cast("double") - f.lag("occurred_at").over(in_order).cast("double")
    begins = f.when(silence.isNull() | (silence > SILENCE_SECONDS), 1).otherwise(0)
    numbered = (
        events.withColumn("visitor", visitor)
        .withColumn("begins", begins)
        .withColumn("session_number", f.sum("begins").over(in_order).cast("int"))
    )
    return numbered.groupBy("visitor", "session_number").agg(
        f.max("customer_id").alias("customer_id"),
        f.min("occurred_at").alias("started_at"),
        f.max("occurred_at").alias("ended_at"),
        f.count("*").alias("events"),
        f.count(f.when(f.col("event_type") == "product_view", 1)).alias("product_views"),
        f.max(f.col("event_type") == "checkout").alias("has_checkout"),
    )


class Sessions:
    """The table of sessions, a partition a day."""

    def __init__(self, session: boto3.Session, database: str, bucket: str) -> None:
        self._glue = session.client("glue")
        self._bucket = session.resource("s3").Bucket(bucket)
        self._database = database

    def replace(self, day: datetime.date, sessions: DataFrame) -> None:
        """Make a day anew: write it beside the old one, point the partition to it, remove the old one."""
        prefix = f"{SESSIONS}/{PARTITION_COLUMN}={day.isoformat()}/"
        folder = f"{prefix}{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%S%f}/"
        sessions.coalesce(1).write.mode("overwrite").parquet(f"s3://{self._bucket.name}/{folder}")
        self._point(day, f"s3://{self._bucket.name}/{folder}")
        outdated = [
            item for item in self._bucket.objects.filter(Prefix=prefix) if not item.key.startswith(folder)
        ]
        for item in outdated:
            item.delete()

    def _point(self, day: datetime.date, location: str) -> None:
        names = {"DatabaseName": self._database, "TableName": SESSIONS}
        table = self._glue.get_table(DatabaseName=self._database, Name=SESSIONS)["Table"]
        storage = {**table["StorageDescriptor"], "Location": location}
        entry: dict[str, Any] = {"Values": [day.isoformat()], "StorageDescriptor": storage}
        try:
            self._glue.create_partition(**names, PartitionInput=entry)
        except self._glue.exceptions.AlreadyExistsException:
            self._glue.update_partition(**names, PartitionValueList=[day.isoformat()], PartitionInput=entry)


def _new_events(glue_context: GlueContext, bucket: str) -> DataFrame:
    """The events of files that no run has seen."""
    frame = glue_context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [f"s3://{bucket}/{EVENTS}/"], "recurse": True},
        format="parquet",
        transformation_ctx="new_events",
    )
    return frame.toDF()


def _days_of(events: DataFrame) -> list[datetime.date]:
    """The days on which events happened; none if there are no events, whose frame has no columns either."""
    if "occurred_at" not in events.columns:
        return []
    days = events.select(f.to_date("occurred_at").alias("day")).distinct().collect()
    return sorted(row.day for row in days)


def _distinct(events: DataFrame) -> DataFrame:
    """Each event once, as it came first."""
    arrivals = Window.partitionBy("event_id").orderBy("_ingested_at")
    return events.withColumn("arrival", f.row_number().over(arrivals)).where("arrival = 1").drop("arrival")


if __name__ == "__main__":
    main(sys.argv)
