"""GlueContext: where a script's frames come from and go to.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping
from typing import Any, Final

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext

from .data_sink import DataSink
from .data_source import DataSource
from .dynamicframe import DynamicFrame, DynamicFrameCollection
from .engine.files import schema_of
from .engine.formats import DataFormat, read_format, table_format
from .engine.purge import purge_path, purge_table
from .engine.s3 import glue_client
from .engine.sources import read_paths, read_table
from .exceptions import NotSupportedLocally

_FORMAT_CONNECTIONS: Final = ("avro", "csv", "json", "orc", "parquet")
"""Connection types that are formats, of files in S3."""
_NOT_THERE: Final = frozenset(
    {
        "add_ingestion_time_columns",
        "cancel_transaction",
        "commit_transaction",
        "extract_jdbc_conf",
        "forEachBatch",
        "getSampleStreamingDynamicFrame",
        "getStreamingSource",
        "start_transaction",
        "transition_s3_path",
        "transition_table",
        "write_dynamic_frame_from_jdbc_conf",
        "write_from_jdbc_conf",
    }
)
"""Methods on AWS that need other services than S3, or a stream."""


class GlueContext:
    """Glue's functions, and those of Spark's SQLContext."""

    def __init__(self, sparkContext: SparkContext | None = None, **options: Any) -> None:  # noqa: N803
        context = sparkContext or SparkContext.getOrCreate()
        self.spark_session = SparkSession.builder.getOrCreate()
        self._sc = context
        self._sql = SQLContext(context, self.spark_session)
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.create_data_frame = DataFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)
        self.write_data_frame = DataFrameWriter(self)

    def __getattr__(self, name: str) -> Any:
        """What SQLContext has: `sql`, `read`, `table`, `createDataFrame`, ..."""
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _NOT_THERE:
            raise NotSupportedLocally(f"GlueContext.{name}")
        return getattr(self._sql, name)

    @property
    def sparkSession(self) -> SparkSession:  # noqa: N802
        """The session."""
        return self.spark_session

    # ---- reading

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **_: Any,
    ) -> DynamicFrame:
        """The objects under S3 paths."""
        data_format = _s3_format(connection_type, format, format_options or {})
        source = read_paths(self.spark_session, data_format, connection_options or {}, transformation_ctx)
        frame = source.frame.where(push_down_predicate) if push_down_predicate else source.frame
        return DynamicFrame(frame, self, transformation_ctx, source.errors)

    def create_dynamic_frame_from_catalog(
        self,
        database: str,
        table_name: str,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **_: Any,
    ) -> DynamicFrame:
        """The objects of a table's partitions."""
        options = additional_options or {}
        source = read_table(
            self.spark_session, database, table_name, push_down_predicate, transformation_ctx, options
        )
        return DynamicFrame(source.frame, self, table_name, source.errors)

    def create_dynamic_frame_from_rdd(
        self, data: Any, name: str, schema: Any = None, sample_ratio: float | None = None, *_: Any, **__: Any
    ) -> DynamicFrame:
        """The records of an RDD."""
        return DynamicFrame(self.spark_session.createDataFrame(data, schema, sample_ratio), self, name)

    def create_data_frame_from_catalog(self, *arguments: Any, **options: Any) -> DataFrame:
        """As `create_dynamic_frame_from_catalog`, as a DataFrame."""
        return self.create_dynamic_frame_from_catalog(*arguments, **options).toDF()

    def create_data_frame_from_options(self, *arguments: Any, **options: Any) -> DataFrame:
        """As `create_dynamic_frame_from_options`, as a DataFrame."""
        return self.create_dynamic_frame_from_options(*arguments, **options).toDF()

    def create_sample_dynamic_frame_from_catalog(
        self, *arguments: Any, num: int, sample_options: Mapping[str, Any] | None = None, **options: Any
    ) -> DynamicFrame:
        """The first records of `create_dynamic_frame_from_catalog`."""
        return self._sample(self.create_dynamic_frame_from_catalog(*arguments, **options), num)

    def create_sample_dynamic_frame_from_options(
        self, *arguments: Any, num: int, sample_options: Mapping[str, Any] | None = None, **options: Any
    ) -> DynamicFrame:
        """The first records of `create_dynamic_frame_from_options`."""
        return self._sample(self.create_dynamic_frame_from_options(*arguments, **options), num)

    def _sample(self, frame: DynamicFrame, num: int) -> DynamicFrame:
        return DynamicFrame(frame.with_choices.limit(num), self, frame.name)

    def getSource(  # noqa: N802
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> DataSource:
        """What reads frames from a folder."""
        source = DataSource(self, connection_type, transformation_ctx, options)
        if format:
            source.setFormat(format)
        return source

    def get_catalog_schema_as_spark_schema(
        self, database: str, table_name: str, catalog_id: str | None = None
    ) -> Any:
        """The columns of a table as Spark's type."""
        table = glue_client().get_table(DatabaseName=database, Name=table_name)["Table"]
        return schema_of([*table["StorageDescriptor"]["Columns"], *(table.get("PartitionKeys") or [])])

    # ---- writing

    def getSink(  # noqa: N802
        self,
        connection_type: str,
        format: str | None = None,
        transformation_ctx: str = "",
        **options: Any,
    ) -> DataSink:
        """What writes frames to a folder."""
        if connection_type not in ("s3", *_FORMAT_CONNECTIONS):
            raise NotSupportedLocally(f"The connection type {connection_type}")
        sink = DataSink(options)
        name = format or (connection_type if connection_type != "s3" else None)
        if name:
            sink.setFormat(name)
        return sink

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame | DynamicFrameCollection,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> Any:
        """Append a frame to a folder in S3."""
        sink = self.getSink(connection_type, format, transformation_ctx, **(connection_options or {}))
        name = format or (connection_type if connection_type != "s3" else None)
        if name:
            sink.setFormat(name, **(format_options or {}))
        return sink.write(frame)

    write_from_options = write_dynamic_frame_from_options

    def write_dynamic_frame_from_catalog(
        self,
        frame: DynamicFrame,
        database: str,
        table_name: str,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **_: Any,
    ) -> Any:
        """Append a frame to a table: where its partitions go, `partitionKeys` must say, as on AWS."""
        table = glue_client().get_table(DatabaseName=database, Name=table_name)["Table"]
        options = {**(additional_options or {}), "path": table["StorageDescriptor"]["Location"]}
        sink = DataSink(options, table_format(table))
        sink.setCatalogInfo(database, table_name)
        return sink.write(frame)

    def write_data_frame_from_catalog(
        self, frame: DataFrame, database: str, table_name: str, *arguments: Any, **options: Any
    ) -> Any:
        """As `write_dynamic_frame_from_catalog`, of a DataFrame."""
        self.write_dynamic_frame_from_catalog(
            DynamicFrame(frame, self), database, table_name, *arguments, **options
        )
        return frame

    # ---- besides

    def purge_s3_path(
        self, s3_path: str, options: Mapping[str, Any] | None = None, transformation_ctx: str = ""
    ) -> None:
        """Delete the objects under a path that are older than `retentionPeriod` hours."""
        purge_path(s3_path, options or {})

    def purge_table(
        self,
        database: str,
        table_name: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        catalog_id: str | None = None,
    ) -> None:
        """Delete a table's objects that are older than `retentionPeriod` hours, and partitions left empty."""
        purge_table(self.spark_session, database, table_name, options or {})

    def get_logger(self) -> GlueLogger:
        """What writes to the job's error log."""
        return GlueLogger()


class GlueLogger:
    """Log lines as Glue's own logger writes them."""

    def debug(self, message: Any) -> None:
        """Nothing, as at Glue's own level."""

    def info(self, message: Any) -> None:
        """A line."""
        self._write("INFO", message)

    def warn(self, message: Any) -> None:
        """A warning."""
        self._write("WARN", message)

    def error(self, message: Any) -> None:
        """An error."""
        self._write("ERROR", message)

    def _write(self, level: str, message: Any) -> None:
        now = datetime.datetime.now(datetime.UTC)
        print(
            f"{now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03} {level} GlueLogger: {message}",
            file=sys.stderr,
        )


class _Access:
    """The part of a GlueContext that reads or writes."""

    def __init__(self, glue_context: GlueContext) -> None:
        self._context = glue_context


class DynamicFrameReader(_Access):
    """`GlueContext.create_dynamic_frame`."""

    def from_options(self, *arguments: Any, **options: Any) -> DynamicFrame:
        """See `create_dynamic_frame_from_options`."""
        return self._context.create_dynamic_frame_from_options(*arguments, **options)

    def from_catalog(self, *arguments: Any, **options: Any) -> DynamicFrame:
        """See `create_dynamic_frame_from_catalog`."""
        return self._context.create_dynamic_frame_from_catalog(*arguments, **_database_named(options))

    def from_rdd(self, *arguments: Any, **options: Any) -> DynamicFrame:
        """See `create_dynamic_frame_from_rdd`."""
        return self._context.create_dynamic_frame_from_rdd(*arguments, **options)


class DataFrameReader(_Access):
    """`GlueContext.create_data_frame`."""

    def from_options(self, *arguments: Any, **options: Any) -> DataFrame:
        """See `create_data_frame_from_options`."""
        return self._context.create_data_frame_from_options(*arguments, **options)

    def from_catalog(self, *arguments: Any, **options: Any) -> DataFrame:
        """See `create_data_frame_from_catalog`."""
        return self._context.create_data_frame_from_catalog(*arguments, **_database_named(options))


class DynamicFrameWriter(_Access):
    """`GlueContext.write_dynamic_frame`."""

    def from_options(self, *arguments: Any, **options: Any) -> Any:
        """See `write_dynamic_frame_from_options`."""
        return self._context.write_dynamic_frame_from_options(*arguments, **options)

    def from_catalog(self, *arguments: Any, **options: Any) -> Any:
        """See `write_dynamic_frame_from_catalog`."""
        return self._context.write_dynamic_frame_from_catalog(*arguments, **_database_named(options))

    def from_jdbc_conf(self, *_: Any, **__: Any) -> Any:
        """Refused."""
        raise NotSupportedLocally("write_dynamic_frame.from_jdbc_conf")


class DataFrameWriter(_Access):
    """`GlueContext.write_data_frame`."""

    def from_catalog(self, *arguments: Any, **options: Any) -> Any:
        """See `write_data_frame_from_catalog`."""
        return self._context.write_data_frame_from_catalog(*arguments, **_database_named(options))


def _database_named(options: dict[str, Any]) -> dict[str, Any]:
    """`name_space` is `database`, as scripts of old call it."""
    if "name_space" not in options:
        return options
    if options.get("database") is not None:
        raise ValueError("Parameter name_space and database are both specified, choose one.")
    named = {name: value for name, value in options.items() if name != "name_space"}
    return {**named, "database": options["name_space"]}


def _s3_format(connection_type: str, name: str | None, options: Mapping[str, Any]) -> DataFormat:
    if connection_type in _FORMAT_CONNECTIONS:
        return read_format(connection_type, options)
    if connection_type not in ("s3", "file"):
        raise NotSupportedLocally(f"The connection type {connection_type}")
    return read_format(name, options)
