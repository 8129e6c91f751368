"""Records that could not be read or made: they are dropped, counted, and can be looked at.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession, types

from .records import conformed, schema_of_all, without_nulls

_TEXT = types.StringType()
_FIELDS = types.StructType(
    [
        types.StructField("callsite", types.StructType().add("site", _TEXT).add("info", _TEXT)),
        types.StructField("msg", _TEXT),
        types.StructField("stackTrace", _TEXT),
        types.StructField("input", _TEXT),
        types.StructField("bytesread", types.LongType()),
        types.StructField("source", _TEXT),
    ]
)


def error_record(
    message: str, text: str = "", trace: str = "", record: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What is known of an error.

    Args:
        message: What went wrong.
        text: What could not be read.
        trace: Where it was raised.
        record: What could not be handled.
    """
    return {
        "callsite": {"site": "", "info": ""},
        "msg": message,
        "stackTrace": trace,
        "input": text,
        "bytesread": len(text.encode()),
        "source": "",
        "dynamicRecord": record,
    }


def errors_frame(spark: SparkSession, errors: Any) -> DataFrame:
    """The errors of an RDD, each in the field `error`; no RDD is no errors."""
    records: Any = _TEXT  # of nothing: Parquet has no structs without fields
    if errors is not None:
        found = without_nulls(schema_of_all(errors.map(lambda error: error["dynamicRecord"] or {})))
        records = found if found.fields else _TEXT
    schema = types.StructType(
        [
            types.StructField(
                "error", types.StructType([*_FIELDS, types.StructField("dynamicRecord", records)])
            )
        ]
    )
    rows = [] if errors is None else errors.map(lambda error: conformed({"error": error}, schema))
    return spark.createDataFrame(rows, schema, verifySchema=False)
