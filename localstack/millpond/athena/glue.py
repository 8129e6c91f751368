"""The Glue Data Catalog in the same process: moto's backend behind typed values.

Everything that Athena reads from or writes to the catalog goes through here. Glue's own
structures (`TableInput`, `PartitionInput`) are copied on the way in and out, since moto hands
out what it keeps.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.glue.exceptions import (
    DatabaseAlreadyExistsException,
    DatabaseNotFoundException,
    EntityNotFoundException,
    PartitionAlreadyExistsException,
    TableAlreadyExistsException,
)
from moto.glue.models import FakePartition, GlueBackend, glue_backends

from millpond.athena.exceptions import AlreadyExists, SchemaNotFound, TableNotFound

_READ_ONLY_FIELDS = frozenset(
    (
        "DatabaseName",
        "CatalogId",
        "VersionId",
        "CreateTime",
        "UpdateTime",
        "CreatedBy",
        "IsRegisteredWithLakeFormation",
    )
)


@dataclass(frozen=True)
class GlueColumn:
    """A column as the catalog stores it: its type in Hive's spelling."""

    name: str
    type: str
    comment: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, column: Mapping[str, Any]) -> GlueColumn:
        """From the API's `Column`."""
        return cls(
            str(column["Name"]),
            str(column.get("Type") or "string"),
            column.get("Comment"),
            column.get("Parameters") or {},
        )

    @property
    def as_input(self) -> dict[str, Any]:
        """As the API's `Column`."""
        comment = {"Comment": self.comment} if self.comment else {}
        parameters = {"Parameters": dict(self.parameters)} if self.parameters else {}
        return {"Name": self.name, "Type": self.type, **comment, **parameters}


@dataclass(frozen=True)
class StorageDescriptor:
    """Where the files of a table or partition lie and how they are read."""

    location: str = ""
    columns: tuple[GlueColumn, ...] = ()
    input_format: str = ""
    output_format: str = ""
    serde: str = ""
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    bucket_columns: tuple[str, ...] = ()
    bucket_count: int = -1
    compressed: bool = False

    @classmethod
    def read(cls, descriptor: Mapping[str, Any]) -> StorageDescriptor:
        """From the API's `StorageDescriptor`."""
        serde = descriptor.get("SerdeInfo") or {}
        return cls(
            location=descriptor.get("Location") or "",
            columns=tuple(GlueColumn.read(c) for c in descriptor.get("Columns") or ()),
            input_format=descriptor.get("InputFormat") or "",
            output_format=descriptor.get("OutputFormat") or "",
            serde=serde.get("SerializationLibrary") or "",
            serde_parameters=serde.get("Parameters") or {},
            bucket_columns=tuple(descriptor.get("BucketColumns") or ()),
            bucket_count=int(descriptor.get("NumberOfBuckets") or -1),
            compressed=bool(descriptor.get("Compressed")),
        )

    @property
    def as_input(self) -> dict[str, Any]:
        """As the API's `StorageDescriptor`."""
        return {
            "Columns": [c.as_input for c in self.columns],
            "Location": self.location,
            "InputFormat": self.input_format,
            "OutputFormat": self.output_format,
            "Compressed": self.compressed,
            "NumberOfBuckets": self.bucket_count,
            "SerdeInfo": {"SerializationLibrary": self.serde, "Parameters": dict(self.serde_parameters)},
            "BucketColumns": list(self.bucket_columns),
            "SortColumns": [],
            "Parameters": {},
            "StoredAsSubDirectories": False,
        }


@dataclass(frozen=True)
class GlueTable:
    """A table or view of the catalog; `definition` is what GetTable answers."""

    database: str
    name: str
    table_type: str
    storage: StorageDescriptor
    partition_keys: tuple[GlueColumn, ...]
    parameters: Mapping[str, str]
    view_text: str | None
    definition: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def is_view(self) -> bool:
        """Whether it is a view, of Athena or of Hive."""
        return self.table_type == "VIRTUAL_VIEW"

    @property
    def is_iceberg(self) -> bool:
        """Whether it is an Iceberg table."""
        return self.parameters.get("table_type", "").upper() == "ICEBERG"

    @property
    def input(self) -> dict[str, Any]:
        """Its `TableInput`, to be changed and given to `update_table`."""
        return {k: copy.deepcopy(v) for k, v in self.definition.items() if k not in _READ_ONLY_FIELDS}


@dataclass(frozen=True)
class GluePartition:
    """A registered partition of a table."""

    values: tuple[str, ...]
    storage: StorageDescriptor
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_input(self) -> dict[str, Any]:
        """As the API's `PartitionInput`."""
        return {
            "Values": list(self.values),
            "StorageDescriptor": self.storage.as_input,
            "Parameters": dict(self.parameters),
        }


@dataclass(frozen=True)
class GlueDatabase:
    """A database of the catalog."""

    name: str
    description: str
    location: str
    parameters: Mapping[str, str]


class GlueCatalog:
    """The catalog of one account and region. Names are in lower case, as Glue stores them."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def databases(self) -> list[GlueDatabase]:
        """All databases, by name."""
        return sorted((_database(d.name, d.input) for d in self._glue.get_databases()), key=lambda d: d.name)

    def database(self, name: str) -> GlueDatabase:
        """One database.

        Raises:
            SchemaNotFound: There is none of that name.
        """
        try:
            found = self._glue.get_database(name)
        except DatabaseNotFoundException:
            raise SchemaNotFound(f"Schema '{name}' does not exist") from None
        return _database(found.name, found.input)

    def has_database(self, name: str) -> bool:
        """Whether a database exists."""
        return name in self._glue.databases

    def create_database(
        self, name: str, description: str, location: str, parameters: Mapping[str, str]
    ) -> None:
        """Create a database.

        Raises:
            AlreadyExists: There is one of that name.
        """
        database_input: dict[str, Any] = {"Name": name, "Parameters": dict(parameters)}
        if description:
            database_input["Description"] = description
        if location:
            database_input["LocationUri"] = location
        try:
            self._glue.create_database(name, database_input)
        except DatabaseAlreadyExistsException:
            raise AlreadyExists(f"Schema '{name}' already exists") from None

    def update_database(self, database: GlueDatabase) -> None:
        """Replace a database's description, location and parameters."""
        self._glue.update_database(
            database.name,
            {
                "Name": database.name,
                "Description": database.description,
                "LocationUri": database.location,
                "Parameters": dict(database.parameters),
            },
        )

    def delete_database(self, name: str) -> None:
        """Delete a database and what is in it."""
        self._glue.delete_database(name)

    def tables(self, database: str, pattern: str | None = None) -> list[GlueTable]:
        """The tables and views of a database, by name; with a pattern, those that GetTables finds with it.

        Raises:
            SchemaNotFound: There is no such database.
        """
        try:
            found = self._glue.get_tables(database, pattern)
        except DatabaseNotFoundException:
            raise SchemaNotFound(f"Schema '{database}' does not exist") from None
        return sorted((_table(t.as_dict()) for t in found), key=lambda t: t.name)

    def table(self, database: str, name: str) -> GlueTable:
        """One table or view.

        Raises:
            SchemaNotFound: There is no such database.
            TableNotFound: The database has no such table.
        """
        try:
            return _table(self._glue.get_table(database, name).as_dict())
        except DatabaseNotFoundException:
            raise SchemaNotFound(f"Schema '{database}' does not exist") from None
        except EntityNotFoundException:
            raise TableNotFound(f"Table 'awsdatacatalog.{database}.{name}' does not exist") from None

    def find_table(self, database: str, name: str) -> GlueTable | None:
        """One table or view, or None if the database or the table does not exist."""
        try:
            return self.table(database, name)
        except (SchemaNotFound, TableNotFound):
            return None

    def create_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        """Create a table from a `TableInput`.

        Raises:
            AlreadyExists: There is one of that name.
            SchemaNotFound: There is no such database.
        """
        name = table_input["Name"]
        try:
            self._glue.create_table(database, name, copy.deepcopy(dict(table_input)))
        except TableAlreadyExistsException:
            raise AlreadyExists(f"Table 'awsdatacatalog.{database}.{name}' already exists") from None
        except DatabaseNotFoundException:
            raise SchemaNotFound(f"Schema '{database}' does not exist") from None

    def update_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        """Give a table a new version."""
        self._glue.update_table(database, table_input["Name"], copy.deepcopy(dict(table_input)))

    def delete_table(self, database: str, name: str) -> None:
        """Delete a table or view; its files stay."""
        self._glue.delete_table(database, name)

    def partitions(self, table: GlueTable) -> list[GluePartition]:
        """All registered partitions of a table."""
        found = self._glue.get_table(table.database, table.name).partitions
        return [_partition(p) for p in list(found.values())]

    def create_partitions(
        self, table: GlueTable, partitions: Iterable[GluePartition]
    ) -> list[tuple[str, ...]]:
        """Register partitions; answers the values of those that were there already."""
        errors = self._glue.batch_create_partition(
            table.database, table.name, [p.as_input for p in partitions]
        )
        return [tuple(error["PartitionValues"]) for error in errors]

    def replace_partition(self, table: GlueTable, old: tuple[str, ...], new: GluePartition) -> None:
        """Give a partition other values or another location.

        Raises:
            AlreadyExists: Another partition has those values.
        """
        try:
            # moto's annotation calls the old values a text, and its code takes the list of them.
            self._glue.update_partition(table.database, table.name, new.as_input, list(old))  # type: ignore[arg-type]
        except PartitionAlreadyExistsException:
            raise AlreadyExists(f"Partition already exists: {list(new.values)}") from None

    def delete_partition(self, table: GlueTable, values: tuple[str, ...]) -> bool:
        """Forget a partition; False if it is not registered."""
        errors = self._glue.batch_delete_partition(table.database, table.name, [{"Values": list(values)}])
        return not errors

    @property
    def _glue(self) -> GlueBackend:
        return glue_backends[self._account_id][self._region]


def _database(name: str, database_input: Mapping[str, Any]) -> GlueDatabase:
    return GlueDatabase(
        name,
        database_input.get("Description") or "",
        database_input.get("LocationUri") or "",
        database_input.get("Parameters") or {},
    )


def _table(definition: dict[str, Any]) -> GlueTable:
    definition = copy.deepcopy(definition)
    return GlueTable(
        database=definition["DatabaseName"],
        name=definition["Name"],
        table_type=definition.get("TableType") or "",
        storage=StorageDescriptor.read(definition.get("StorageDescriptor") or {}),
        partition_keys=tuple(GlueColumn.read(c) for c in definition.get("PartitionKeys") or ()),
        parameters=definition.get("Parameters") or {},
        view_text=definition.get("ViewOriginalText"),
        definition=definition,
    )


def _partition(partition: FakePartition) -> GluePartition:
    found = partition.as_dict()
    return GluePartition(
        tuple(str(v) for v in found["Values"]),
        StorageDescriptor.read(found.get("StorageDescriptor") or {}),
        found.get("Parameters") or {},
    )
