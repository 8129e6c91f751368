"""CREATE TABLE, CREATE TABLE AS SELECT and INSERT INTO for Iceberg tables.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyiceberg.table import CreateTableTransaction

from millpond.athena.exceptions import (
    AlreadyExists,
    HiveFilesystemError,
    HiveInvalidTableProperty,
    IcebergFilesystemError,
)
from millpond.athena.glue import GlueTable
from millpond.athena.hive.scan import parse_location
from millpond.athena.iceberg.properties import COMMENT, is_known, stored
from millpond.athena.iceberg.transforms import partition_spec
from millpond.athena.iceberg.types import iceberg_schema
from millpond.athena.iceberg.write import append, committing, write_data_files
from millpond.athena.run import StatementRun
from millpond.athena.sql.catalog import Column, TableName
from millpond.athena.sql.statements import PropertyValue
from millpond.s3 import S3Location

_STRUCTURAL = frozenset(("table_type", "is_external", "location", "partitioning", "format_version"))


@dataclass(frozen=True)
class IcebergTableProperties:
    """What a new Iceberg table is made with.

    Attributes:
        location: Its folder.
        partitioning: The transforms as text.
        properties: Its properties, by Iceberg's names where Athena has others.
    """

    location: str
    partitioning: tuple[str, ...]
    properties: Mapping[str, str]

    @classmethod
    def read(cls, given: Mapping[str, PropertyValue]) -> IcebergTableProperties:
        """From `WITH (…)`.

        Raises:
            HiveInvalidTableProperty: Athena knows no such property, or `location` is missing.
            NotSupported: The format is not Parquet.
        """
        for name in given:
            if name not in _STRUCTURAL and not is_known(name):
                raise HiveInvalidTableProperty(
                    f"Catalog 'awsdatacatalog' table property '{name}' does not exist"
                )
        if str(given.get("is_external", "false")).lower() == "true":
            raise HiveInvalidTableProperty("is_external must be false for Iceberg tables")
        location = given.get("location")
        if not location:
            raise HiveInvalidTableProperty(
                "Table location can not be null: the property 'location' is missing"
            )
        partitioning = given.get("partitioning") or ()
        items = partitioning if isinstance(partitioning, tuple) else (partitioning,)
        kept = stored({name: value for name, value in given.items() if name not in _STRUCTURAL})
        return cls(
            str(location),
            tuple(str(item) for item in items),
            {"format-version": "2", **stored({"write_compression": "zstd"}), **kept},
        )

    def commented(self, comment: str | None) -> IcebergTableProperties:
        """The same for a table with a comment."""
        return replace(self, properties={**self.properties, COMMENT: comment}) if comment else self


def begin_table(
    run: StatementRun, name: TableName, columns: Sequence[Column], properties: IcebergTableProperties
) -> CreateTableTransaction:
    """A table that exists once its transaction commits.

    Raises:
        AlreadyExists: There is a table of that name.
        HiveFilesystemError: The location's bucket does not exist.
    """
    context = run.context
    context.glue.database(name.database)
    if context.glue.find_table(name.database, name.table) is not None:
        raise AlreadyExists(f"Table 'awsdatacatalog.{name.database}.{name.table}' already exists")
    location = parse_location(properties.location)
    if not context.storage.has_bucket(location.bucket):
        raise HiveFilesystemError(f"The specified bucket does not exist: {location.bucket}")
    schema = iceberg_schema(columns)
    return context.iceberg.create_table_transaction(
        (name.database, name.table),
        schema,
        location=str(location).rstrip("/"),
        partition_spec=partition_spec(properties.partitioning, schema),
        properties=dict(properties.properties),
    )


def create_iceberg_table(
    run: StatementRun, name: TableName, columns: Sequence[Column], properties: IcebergTableProperties
) -> None:
    """Commit a table without rows."""
    with committing():
        begin_table(run, name, columns, properties).commit_transaction()


def create_iceberg_table_as(
    run: StatementRun,
    name: TableName,
    sql: str,
    columns: Sequence[Column],
    properties: IcebergTableProperties,
) -> tuple[int, list[S3Location]]:
    """Write a query's rows and commit the table with them; answers the number of rows and the files.

    Raises:
        IcebergFilesystemError: There are objects at the location already.
    """
    location = parse_location(properties.location).as_folder
    transaction = begin_table(run, name, columns, properties)
    if run.context.storage.list(location):
        raise IcebergFilesystemError(
            f"Cannot create a table on a non-empty location: {properties.location}, set "
            "'iceberg.unique-table-location=true' in your Iceberg catalog properties to use unique location "
            "for every table."
        )
    metadata = transaction.table_metadata
    files = write_data_files(run.context, metadata, transaction._table.location_provider(), sql)
    append(transaction, files)
    with committing():
        transaction.commit_transaction()
    return sum(f.record_count for f in files), [S3Location.parse(f.file_path) for f in files]


def insert_into_iceberg_table(run: StatementRun, table: GlueTable, sql: str) -> tuple[int, list[S3Location]]:
    """Add a query's rows in a new snapshot; `sql` gives all of the table's columns."""
    opened = run.context.open_iceberg(table)
    files = write_data_files(run.context, opened.metadata, opened.location_provider(), sql)
    if files:
        with committing():
            transaction = opened.transaction()
            append(transaction, files)
            transaction.commit_transaction()
    return sum(f.record_count for f in files), [S3Location.parse(f.file_path) for f in files]
