"""Deletes what is old under a path, or of a table with the partitions of which nothing is left."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from pyspark.sql import SparkSession

from ..exceptions import NotSupportedLocally
from .s3 import delete, glue_client, source_objects
from .sources import partitions_of

_AFTER_HOURS: Final = 168
_KNOWN: Final = frozenset({"excludeStorageClasses", "partitionPredicate", "retentionPeriod"})


def purge_path(uri: str, options: Mapping[str, Any]) -> bool:
    """Delete the objects under a path that are older than `retentionPeriod` hours; whether none is left."""
    unknown = set(options) - _KNOWN
    if unknown:
        raise NotSupportedLocally(f"The option {min(unknown)} of a purge")
    hours = float(options.get("retentionPeriod", _AFTER_HOURS))
    oldest = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)
    limit = oldest.isoformat(timespec="microseconds")
    kept = set(options.get("excludeStorageClasses") or ())
    found = source_objects(uri)
    old = [item for item in found if item.modified <= limit and item.storage_class not in kept]
    delete(old)
    return len(old) == len(found)


def purge_table(spark: SparkSession, database: str, name: str, options: Mapping[str, Any]) -> None:
    """Delete the old objects of a table, of the partitions that meet `partitionPredicate`."""
    table = glue_client().get_table(DatabaseName=database, Name=name)["Table"]
    if not table.get("PartitionKeys"):
        purge_path(table["StorageDescriptor"]["Location"], options)
        return
    for partition in partitions_of(spark, table, str(options.get("partitionPredicate") or "")):
        if purge_path(partition.location, options):
            glue_client().delete_partition(
                DatabaseName=database, TableName=name, PartitionValues=list(partition.values)
            )
