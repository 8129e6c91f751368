"""The Data Catalog in Spark SQL, for jobs that ask for it by `--enable-glue-datacatalog`.

Spark keeps a catalog of its own in memory. Before a statement is run, the databases and tables that it names
are brought there as Glue has them; after one that changes something, what it changed is brought to Glue:
tables, columns and partitions. So Spark itself resolves names, prunes partitions and plans writes.
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from pyspark.sql import DataFrame, DataFrameReader, DataFrameWriter, SparkSession
from pyspark.sql.catalog import Catalog

from ..exceptions import NotSupportedLocally
from .formats import DataFormat, storage_of, table_format
from .s3 import glue_client

_NAMED: Final = re.compile(r"Unresolved(Relation|Table|TableOrView|View|Identifier|Namespace) \[([^\]]*)\]")
"""A name in a parsed plan that is not resolved yet."""
_CHANGES: Final = re.compile(r"\b(insert|create|drop|alter|truncate|msck|repair|replace)\b", re.IGNORECASE)
_SHOWN: Final = re.compile(r"^\s*show\s+(tables|databases|schemas|views)\b", re.IGNORECASE)
_MANAGED: Final = "MANAGED_TABLE"
_AT_ONCE: Final = 100
"""Partitions of one request or statement."""

Name = tuple[str, str]
"""Of a database and a table."""
Values = tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """A table as both catalogs have it.

    Attributes:
        statement: That made it in Spark's, from what Glue has; a change on Glue's side is seen by it.
        shape: As Spark describes it; a change on Spark's side is seen by it.
        partitions: The values of its partitions.
    """

    statement: str
    shape: str
    partitions: frozenset[Values]


class DataCatalog:
    """What Spark's catalog and Glue's have in common."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark
        self._run: Callable[[str], DataFrame] = functools.partial(_ORIGINAL_SQL, spark)
        self._session = spark._jsparkSession.sessionState()
        self._known: dict[Name, _Known] = {}
        self._databases: dict[str, str] = {}

    # ---- from Glue

    def bring_named(self, statement: str) -> None:
        """Bring what a statement names."""
        tree = self._session.sqlParser().parsePlan(statement).toString()
        for kind, listed in _NAMED.findall(tree):
            parts = [part.strip().lower() for part in listed.split(",") if part.strip()]
            if kind == "Namespace":
                self.bring_database(parts[-1] if parts else self._current_database)
            elif parts:
                self.bring_table(parts[-1], parts[-2] if len(parts) > 1 else None)
        if _SHOWN.match(statement):
            self.bring_all()

    def bring_all(self) -> None:
        """Bring all databases, and the tables of those that are there already."""
        for page in glue_client().get_paginator("get_databases").paginate():
            for database in page["DatabaseList"]:
                self._make_database(database)
        for name in sorted(self._databases):
            for table in _tables(name):
                if _readable(table):
                    self._bring(name, table)

    def bring_database(self, name: str) -> None:
        """Bring a database, if there is one of the name."""
        try:
            self._make_database(glue_client().get_database(Name=name)["Database"])
        except ClientError as error:
            _check_missing(error)

    def bring_table(self, table: str, database: str | None = None) -> None:
        """Bring a table, if there is one of the name, with the partitions that it has now."""
        name = database or self._current_database
        if name not in self._databases:
            self.bring_database(name)
        try:
            found = glue_client().get_table(DatabaseName=name, Name=table)["Table"]
        except ClientError as error:
            _check_missing(error)
            if (name, table) in self._known:
                self._forget((name, table))
                del self._known[name, table]
            return
        self._bring(name, found)

    @property
    def _current_database(self) -> str:
        return str(self._session.catalog().getCurrentDatabase())

    def _make_database(self, database: dict[str, Any]) -> None:
        name = database["Name"]
        location = database.get("LocationUri")
        where = f" LOCATION {_text(location)}" if location else ""
        self._run(f"CREATE DATABASE IF NOT EXISTS {_quoted(name)}{where}")
        self._databases[name] = location or ""

    def _bring(self, database: str, table: dict[str, Any]) -> None:
        name = (database, table["Name"])
        if table.get("TableType") == "VIRTUAL_VIEW":
            raise NotSupportedLocally(f"Spark on the view {database}.{table['Name']}")
        data_format = _spark_format(table)
        keys = table.get("PartitionKeys") or []
        statement = self._create_statement(name, table, data_format)
        partitions = dict(_partitions(name)) if keys else {}
        known = self._known.get(name)
        if known and (known.statement, known.partitions) == (statement, frozenset(partitions)):
            return
        self._forget(name)
        with self._without_objects():
            self._run(statement)
            self._add_partitions(name, [key["Name"] for key in keys], partitions)
        self._known[name] = _Known(statement, self._shape(name), frozenset(partitions))

    def _create_statement(self, name: Name, table: dict[str, Any], data_format: DataFormat) -> str:
        """What makes a table in Spark's catalog: managed if Spark made it, else external."""
        keys = table.get("PartitionKeys") or []
        storage = table["StorageDescriptor"]
        columns = ", ".join(f"`{column['Name']}` {column['Type']}" for column in [*storage["Columns"], *keys])
        options = ", ".join(f"{_text(key)} {_text(value)}" for key, value in data_format.options.items())
        statement = f"CREATE TABLE {_quoted(*name)} ({columns}) USING {data_format.name}"
        if options:
            statement += f" OPTIONS ({options})"
        if keys:
            statement += f" PARTITIONED BY ({', '.join(_quoted(key['Name']) for key in keys)})"
        usual = f"{self._databases[name[0]].rstrip('/')}/{name[1]}"
        if table.get("TableType") == _MANAGED and storage["Location"].rstrip("/") == usual:
            return statement
        return f"{statement} LOCATION {_text(storage['Location'])}"

    def _forget(self, name: Name) -> None:
        with self._without_objects():
            self._run(f"DROP TABLE IF EXISTS {_quoted(*name)}")

    @contextlib.contextmanager
    def _without_objects(self) -> Iterator[None]:
        """Change Spark's catalog alone: it would look into managed tables' folders, and delete them."""
        jvm: Any = self._spark._jvm
        jvm.millpond.S3FileSystem.setDetached(True)
        try:
            yield
        finally:
            jvm.millpond.S3FileSystem.setDetached(False)

    def _add_partitions(self, name: Name, keys: Sequence[str], partitions: dict[Values, str]) -> None:
        for part in _chunks(list(partitions.items())):
            clauses = [
                "PARTITION ("
                + ", ".join(f"`{key}` = {_text(value)}" for key, value in zip(keys, values, strict=True))
                + f") LOCATION {_text(location)}"
                for values, location in part
            ]
            self._run(f"ALTER TABLE {_quoted(*name)} ADD IF NOT EXISTS {' '.join(clauses)}")

    # ---- to Glue

    def take_changes(self) -> None:
        """Bring to Glue what a statement changed in Spark's catalog."""
        catalog = self._session.catalog()
        names = {str(item) for item in _items(catalog.listDatabases())}
        for database in sorted(names - self._databases.keys() - {"default"}):
            location = catalog.getDatabaseMetadata(database).locationUri().toString()
            glue_client().create_database(DatabaseInput={"Name": database, "LocationUri": location})
            self._databases[database] = location
        for database in sorted(self._databases.keys() - names):
            glue_client().delete_database(Name=database)
            del self._databases[database]
            self._known = {name: known for name, known in self._known.items() if name[0] != database}
        for database in sorted(self._databases):
            tables = {str(item.table()) for item in _items(catalog.listTables(database))}
            for table in sorted(tables):
                self._take_table((database, table))
            for name in [name for name in self._known if name[0] == database and name[1] not in tables]:
                glue_client().delete_table(DatabaseName=name[0], Name=name[1])
                del self._known[name]

    def _take_table(self, name: Name) -> None:
        metadata = self._metadata(name)
        if metadata is None:
            return
        shape = self._shape(name)
        known = self._known.get(name)
        keys = [str(item) for item in _items(metadata.partitionColumnNames())]
        if known is None or known.shape != shape:
            given = _table_input(name, metadata, keys)
            if known is None:
                glue_client().create_table(DatabaseName=name[0], TableInput=given)
            else:
                glue_client().update_table(DatabaseName=name[0], TableInput=given)
        partitions = self._spark_partitions(name, keys) if keys else {}
        before = known.partitions if known else frozenset()
        table = glue_client().get_table(DatabaseName=name[0], Name=name[1])["Table"]
        storage = table["StorageDescriptor"]
        for part in _chunks([values for values in partitions if values not in before]):
            inputs = [
                {"Values": list(values), "StorageDescriptor": {**storage, "Location": partitions[values]}}
                for values in part
            ]
            glue_client().batch_create_partition(
                DatabaseName=name[0], TableName=name[1], PartitionInputList=inputs
            )
        for values in sorted(before - set(partitions)):
            glue_client().delete_partition(
                DatabaseName=name[0], TableName=name[1], PartitionValues=list(values)
            )
        statement = self._create_statement(name, table, _spark_format(table))
        self._known[name] = _Known(statement, shape, frozenset(partitions))

    def _metadata(self, name: Name) -> Any:
        """Spark's description of a table, None for temporary views."""
        catalog = self._session.catalog()
        jvm: Any = self._spark._jvm
        identifier = jvm.org.apache.spark.sql.catalyst.TableIdentifier(
            name[1], jvm.scala.Option.apply(name[0])
        )
        if not catalog.tableExists(identifier):
            return None
        return catalog.getTableMetadata(identifier)

    def _shape(self, name: Name) -> str:
        metadata = self._metadata(name)
        keys = ",".join(str(item) for item in _items(metadata.partitionColumnNames()))
        return f"{metadata.location().toString()} {metadata.schema().json()} {keys}"

    def _spark_partitions(self, name: Name, keys: Sequence[str]) -> dict[Values, str]:
        jvm: Any = self._spark._jvm
        identifier = jvm.org.apache.spark.sql.catalyst.TableIdentifier(
            name[1], jvm.scala.Option.apply(name[0])
        )
        found = self._session.catalog().listPartitions(identifier, jvm.scala.Option.apply(None))
        return {
            tuple(str(item.spec().apply(key)) for key in keys): str(item.location().toString()).rstrip("/")
            + "/"
            for item in _items(found)
        }


_ORIGINAL_SQL: Final = SparkSession.sql


def use_data_catalog() -> None:
    """Let what names a table see Glue's: `sql`, `table`, `saveAsTable`, `insertInto` and `catalog`."""
    setattr(SparkSession, "sql", _sql)  # noqa: B010 - to a type checker, a method cannot be assigned
    for owner, method, changes in (
        (SparkSession, "table", False),
        (DataFrameReader, "table", False),
        (DataFrameWriter, "saveAsTable", True),
        (DataFrameWriter, "insertInto", True),
        (Catalog, "tableExists", False),
        (Catalog, "getTable", False),
        (Catalog, "refreshTable", False),
    ):
        setattr(owner, method, _naming_a_table(getattr(owner, method), changes=changes))
    for method in ("listDatabases", "listTables", "databaseExists", "setCurrentDatabase"):
        setattr(Catalog, method, _naming_all(getattr(Catalog, method)))


def _sql(self: SparkSession, sqlQuery: str, *arguments: Any, **options: Any) -> DataFrame:  # noqa: N803
    catalog = _catalog(self)
    # Statements with parameters name their tables in the text all the same.
    catalog.bring_named(sqlQuery)
    try:
        return _ORIGINAL_SQL(self, sqlQuery, *arguments, **options)
    finally:
        # A statement that fails may have changed something all the same.
        if _CHANGES.search(sqlQuery):
            catalog.take_changes()


def _naming_a_table(original: Callable[..., Any], *, changes: bool) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(self: Any, name: str, *arguments: Any, **options: Any) -> Any:
        catalog = _catalog(_session_of(self))
        parts = [part.strip("`").lower() for part in name.split(".")]
        database = arguments[0] if arguments and original.__name__ == "tableExists" else None
        catalog.bring_table(parts[-1], parts[-2] if len(parts) > 1 else database)
        if not changes:
            return original(self, name, *arguments, **options)
        try:
            return original(self, name, *arguments, **options)
        finally:
            catalog.take_changes()

    return call


def _naming_all(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        _catalog(_session_of(self)).bring_all()
        return original(self, *arguments, **options)

    return call


def _session_of(owner: Any) -> SparkSession:
    if isinstance(owner, SparkSession):
        return owner
    return getattr(owner, "_spark", None) or owner._sparkSession


@functools.cache
def _catalog(spark: SparkSession) -> DataCatalog:
    return DataCatalog(spark)


def _table_input(name: Name, metadata: Any, keys: Sequence[str]) -> dict[str, Any]:
    provider = metadata.provider()
    if provider.isEmpty() or str(provider.get()).lower() not in ("parquet", "orc", "json", "csv"):
        raise NotSupportedLocally(f"A table that is stored as {provider.toString()}")
    options = {str(item._1()): str(item._2()) for item in _items(metadata.storage().properties().toSeq())}
    storage, parameters = storage_of(DataFormat(str(provider.get()).lower(), options))
    columns = [
        {"Name": str(field.name()).lower(), "Type": str(field.dataType().catalogString())}
        for field in metadata.schema().fields()
    ]
    wanted = {key.lower() for key in keys}
    location = str(metadata.location().toString())
    if not location.startswith("s3"):
        raise ValueError(f"The database {name[0]} has no LocationUri: a table in it needs a path")
    return {
        "Name": name[1],
        "TableType": _MANAGED if metadata.tableType().name() == "MANAGED" else "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": [column for column in columns if column["Name"] in wanted],
        "StorageDescriptor": {
            **storage,
            "Columns": [column for column in columns if column["Name"] not in wanted],
            "Location": location,
        },
    }


def _tables(database: str) -> Iterator[dict[str, Any]]:
    for page in glue_client().get_paginator("get_tables").paginate(DatabaseName=database):
        yield from page["TableList"]


def _spark_format(table: dict[str, Any]) -> DataFormat:
    """What Spark's own SQL reads a table with, which has no Avro."""
    found = table_format(table)
    if found.name == "avro":
        raise NotSupportedLocally(f"Spark SQL on the Avro table {table['Name']}")
    return found


def _readable(table: dict[str, Any]) -> bool:
    """Whether a table can be listed: one that cannot be read here must not break a listing."""
    if table.get("TableType") == "VIRTUAL_VIEW":
        return False
    try:
        _spark_format(table)
    except NotSupportedLocally:
        return False
    return True


def _partitions(name: Name) -> Iterator[tuple[Values, str]]:
    pages = glue_client().get_paginator("get_partitions")
    for page in pages.paginate(DatabaseName=name[0], TableName=name[1]):
        for item in page["Partitions"]:
            yield tuple(item["Values"]), item["StorageDescriptor"]["Location"]


def _items(sequence: Any) -> list[Any]:
    """What a Scala sequence has."""
    return [sequence.apply(index) for index in range(sequence.size())]


def _chunks(items: list[Any]) -> Iterable[list[Any]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _quoted(*parts: str) -> str:
    return ".".join(f"`{part}`" for part in parts)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _check_missing(error: ClientError) -> None:
    if error.response["Error"]["Code"] != "EntityNotFoundException":
        raise error
