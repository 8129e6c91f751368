"""Brings the catalog up to what a crawl found, as far as the crawler's policies let it.

https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from moto.glue.exceptions import DatabaseNotFoundException, TableNotFoundException
from moto.glue.models import FakeTable

from millpond.glue.crawlers.changes import Added, Changes, Deleted, Updated
from millpond.glue.crawlers.exceptions import CrawlFailed
from millpond.glue.crawlers.log import CrawlLog, Level
from millpond.glue.crawlers.role import CrawlerRole
from millpond.glue.crawlers.settings import CrawlerSettings
from millpond.glue.crawlers.table_definitions import FoundPartition, FoundTable, with_hash

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_BATCH: Final = 100
_DEPRECATED: Final = "DEPRECATED_BY_CRAWLER"
_FUNDAMENTAL: Final = ("classification", "compressionType", "delimiter")
"""What cannot change in a table whose columns stay: its files would be read wrongly."""

_OWN_PARAMETERS: Final = frozenset(
    {
        "areColumnsQuoted",
        "averageRecordSize",
        "classification",
        "columnsOrdered",
        "compressionType",
        "customSerde",
        "delimiter",
        "exclusions",
        "grokCustomPatterns",
        "grokPattern",
        "jsonPath",
        "objectCount",
        "recordCount",
        "sizeKey",
        "skip.header.line.count",
        "typeOfData",
        _DEPRECATED,
    }
)
"""Parameters that a crawl sets anew or takes away; all others are the user's and stay."""

Input = dict[str, Any]


@dataclass(frozen=True)
class CrawledScope:
    """What a crawl has looked at.

    Attributes:
        locations: The include paths: `s3://bucket/folder/`.
        unreadable: Files that it could not read; their tables are not taken for gone.
    """

    locations: Collection[str]
    unreadable: Collection[str]

    def covers(self, location: str) -> bool:
        """Whether a table there would have been found."""
        return any(location.startswith(covered) for covered in self.locations) and not any(
            file.startswith(location) for file in self.unreadable
        )


class CatalogWriter:
    """Writes the tables of one crawl.

    Args:
        catalog: The catalog.
        settings: The crawler's.
        role: Must be allowed to do what is done.
        log: Where it is told.
        crawl_id: Which tables keep as `CRAWL_RUN_ID`.
    """

    def __init__(
        self,
        catalog: GlueService,
        settings: CrawlerSettings,
        role: CrawlerRole,
        log: CrawlLog,
        crawl_id: str,
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._role = role
        self._log = log
        self._crawl_id = crawl_id
        self.changes = Changes()

    # ---- S3 targets

    def write(self, found: Sequence[FoundTable], scope: CrawledScope) -> None:
        """Create, update and retire the tables of the crawler's database.

        Raises:
            CrawlFailed: There is no such database, or there are more tables than the crawler may make.
            AccessDeniedError: The role must not do what is needed.
        """
        database = self._settings.database
        self._role.require_glue("GetDatabase", database)
        try:
            self._catalog.get_database(database)
        except DatabaseNotFoundException as error:
            raise CrawlFailed(f"Database {database} not found.") from error
        most = self._settings.most_tables
        if most is not None and len(found) > most:
            raise CrawlFailed(
                f"The number of tables detected by crawler: {len(found)} is greater than the table threshold "
                f"value provided: {most}. Failing crawler without writing to Data Catalog."
            )
        with self._catalog.lock:
            existing = {table.name: table for table in self._catalog.get_tables(database, None)}
            names = self._names(found, existing)
            for name, table in names.items():
                self._write_table(database, name, table, existing.get(name))
            if not self._settings.new_folders_only:
                gone = [table for name, table in existing.items() if name not in names]
                self._retire(database, gone, scope)

    def _names(self, found: Sequence[FoundTable], existing: Mapping[str, FakeTable]) -> dict[str, FoundTable]:
        """The tables by the names that they have, or get."""
        names: dict[str, FoundTable] = {}
        for table in found:
            known = [name for name, other in existing.items() if name not in names and _is(other, table)]
            name = f"{self._settings.table_prefix}{table.base_name}".lower()
            if known:
                name = name if name in known else known[0]
            elif name in existing or name in names:
                name = with_hash(name, f"{table.location}{table.group.format.classification}")
            names[name] = table
        return names

    def _retire(self, database: str, tables: Iterable[FakeTable], scope: CrawledScope) -> None:
        """Do what is to be done with tables of this crawler whose files are gone."""
        for table in tables:
            definition = table.as_dict()
            ours = _parameters(definition).get("UPDATED_BY_CRAWLER") == self._settings.name
            if not ours or not scope.covers(_location(definition)):
                continue
            if self._settings.delete == "DELETE_FROM_DATABASE":
                self._role.require_glue("DeleteTable", database, Name=table.name)
                self._catalog.delete_table(database, table.name)
                self.changes.table(Deleted, table.name)
                self._log.write(Level.INFO, f"Deleted table {table.name} in database {database}")
            elif self._settings.delete == "DEPRECATE_IN_DATABASE":
                self._deprecate(database, table)
            else:
                self._log.write(
                    Level.INFO,
                    f"Table {table.name} has no matching schema at its location; it is left as it is.",
                )

    def _deprecate(self, database: str, table: FakeTable) -> None:
        definition = _input(table)
        if _DEPRECATED in _parameters(definition):
            return
        definition["Parameters"] = {**_parameters(definition), _DEPRECATED: str(int(time.time() * 1000))}
        self._update(database, table.name, definition)
        self._log.write(
            Level.INFO,
            f"Table {table.name} is marked deprecated because a matching schema was not found at the "
            "table's location.",
        )

    # ---- catalog targets

    def write_existing(self, database: str, name: str, found: FoundTable) -> None:
        """Bring a table up to its files; its name and its partition keys stay.

        Raises:
            CrawlFailed: There is no such table.
        """
        with self._catalog.lock:
            try:
                table = self._catalog.get_table(database, name)
            except (DatabaseNotFoundException, TableNotFoundException) as error:
                raise CrawlFailed(f"Table {database}.{name} not found.") from error
            self._write_table(database, name, found, table)

    # ---- one table

    def _write_table(self, database: str, name: str, found: FoundTable, existing: FakeTable | None) -> None:
        self._role.require_glue("GetTable", database, Name=name)
        wanted = found.table_input(name, self._settings.name, self._crawl_id)
        clash = {column["Name"] for column in wanted["StorageDescriptor"]["Columns"]}
        for key in clash & set(found.partition_keys):
            self._log.write(Level.WARN, f"Table {name} has a column and a partition key named {key}")
        if existing is None:
            self._role.require_glue("CreateTable", database, TableInput={"Name": name})
            self._catalog.create_table(database, name, wanted)
            self.changes.table(Added, name)
            self._log.write(Level.INFO, f"Created table {name} in database {database}")
        elif (existing.as_dict().get("Parameters") or {}).get("table_type"):
            self._log.write(Level.WARN, f"Table {name} is of a table format and was not created by a crawler")
            return
        else:
            self._change_table(database, existing, found, wanted)
        self._write_partitions(database, name, found)

    def _change_table(self, database: str, table: FakeTable, found: FoundTable, wanted: Input) -> None:
        old = _input(table)
        if self._settings.update == "LOG":
            if _columns(old) != _columns(wanted):
                self._log.write(
                    Level.INFO, f"The schema of table {table.name} has changed; it is left as it is."
                )
            return
        if self._settings.merge_new_columns:
            changed = [
                key for key in _FUNDAMENTAL if _parameters(old).get(key) != _parameters(wanted).get(key)
            ]
            if changed and "classification" in _parameters(old):
                self._deprecate(database, table)
                self._log.write(
                    Level.WARN, f"Table {table.name} has other files than before: {', '.join(changed)}"
                )
                return
            wanted = _with_new_columns(old, wanted)
        if not self._settings.new_folders_only and len(old.get("PartitionKeys") or ()) != len(
            found.partition_keys
        ):
            self._forget_partitions(database, table)
        else:
            wanted["PartitionKeys"] = old.get("PartitionKeys") or []
        new = _combined(old, wanted)
        if _comparable(new) != _comparable(old):
            self._update(database, table.name, new)
            self._log.write(Level.INFO, f"Updated table {table.name} in database {database}")

    def _update(self, database: str, name: str, definition: Input) -> None:
        self._role.require_glue("UpdateTable", database, TableInput={"Name": name})
        self._catalog.update_table(database, name, definition)
        self.changes.table(Updated, name)

    def _forget_partitions(self, database: str, table: FakeTable) -> None:
        """Partitions of other keys mean nothing any more."""
        values = [list(partition.values) for partition in table.partitions.values()]
        self._delete_partitions(database, table.name, values)

    # ---- partitions

    def _write_partitions(self, database: str, name: str, found: FoundTable) -> None:
        table = self._catalog.get_table(database, name)
        if found.partitions:
            self._role.require_glue("BatchGetPartition", database, name)
        if len(table.partition_keys) != len(found.partition_keys):
            self._log.write(
                Level.WARN,
                f"The folders of table {name} do not fit its partition keys; its partitions stay.",
            )
            return
        known = {tuple(partition.values): partition.as_dict() for partition in table.partitions.values()}
        inputs = {partition.values: self._partition_input(partition, table) for partition in found.partitions}
        new = [given for values, given in inputs.items() if values not in known]
        changed = [
            given
            for values, given in inputs.items()
            if values in known
            and self._settings.update != "LOG"
            and _comparable(known[values]) != _comparable(given)
        ]
        self._create_partitions(database, name, new)
        self._update_partitions(database, name, changed)
        if not self._settings.new_folders_only:
            gone = [list(values) for values in known if values not in inputs]
            self._retire_partitions(database, name, gone)

    def _partition_input(self, partition: FoundPartition, table: FakeTable) -> Input:
        given = partition.partition_input
        if self._settings.inherit_from_table:
            storage = table.as_dict()["StorageDescriptor"]
            inherited = ("Columns", "InputFormat", "OutputFormat", "SerdeInfo", "Compressed")
            given["StorageDescriptor"] |= {key: storage[key] for key in inherited if key in storage}
        return given

    def _create_partitions(self, database: str, name: str, inputs: Sequence[Input]) -> None:
        if not inputs:
            return
        self._role.require_glue("BatchCreatePartition", database, name)
        for batch in _batches(inputs):
            self._catalog.batch_create_partition(database, name, list(batch))
        values = ", ".join(f"[{', '.join(given['Values'])}]" for given in inputs)
        self.changes.partitions(Added, len(inputs))
        self._log.write(Level.INFO, f"Created partitions with values [{values}] for table {name}")

    def _update_partitions(self, database: str, name: str, inputs: Sequence[Input]) -> None:
        if not inputs:
            return
        self._role.require_glue("BatchUpdatePartition", database, name)
        for given in inputs:
            self._catalog.update_partition(database, name, given, given["Values"])
        self.changes.partitions(Updated, len(inputs))
        self._log.write(Level.INFO, f"Updated {len(inputs)} partitions of table {name}")

    def _retire_partitions(self, database: str, name: str, gone: Sequence[list[str]]) -> None:
        if self._settings.delete == "DELETE_FROM_DATABASE":
            self._delete_partitions(database, name, gone)
            return
        for values in gone:
            self._log.write(
                Level.INFO,
                f"Found partition of table {name} with partition values [{', '.join(values)}] with no "
                "matching schema at the partition's S3 location",
            )

    def _delete_partitions(self, database: str, name: str, gone: Sequence[list[str]]) -> None:
        if not gone:
            return
        self._role.require_glue("BatchDeletePartition", database, name)
        for values in gone:
            self._catalog.get_table(database, name).partitions.pop(str(values), None)
        self.changes.partitions(Deleted, len(gone))
        shown = ", ".join(f"[{', '.join(values)}]" for values in gone)
        self._log.write(Level.INFO, f"Deleted partitions with values [{shown}] of table {name}")


def _batches(inputs: Sequence[Input]) -> Iterable[Sequence[Input]]:
    return (inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH))


def _is(table: FakeTable, found: FoundTable) -> bool:
    """Whether a table of the catalog is the one that was found."""
    return _location(table.as_dict()).rstrip("/") == found.location.rstrip("/")


def _input(table: FakeTable) -> Input:
    """What a table was created with or last updated to."""
    definition = table.as_dict()
    added = ("DatabaseName", "CreateTime", "UpdateTime", "VersionId", "CatalogId")
    return {key: value for key, value in definition.items() if key not in added}


def _parameters(definition: Mapping[str, Any]) -> dict[str, str]:
    return dict(definition.get("Parameters") or {})


def _storage(definition: Mapping[str, Any]) -> dict[str, Any]:
    return dict(definition.get("StorageDescriptor") or {})


def _location(definition: Mapping[str, Any]) -> str:
    return str(_storage(definition).get("Location") or "")


def _columns(definition: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(column["Name"], column.get("Type", "")) for column in _storage(definition).get("Columns") or ()]


def _combined(old: Input, new: Input) -> Input:
    """The new definition, with what users added to the old one."""
    comments = {
        column["Name"]: column["Comment"]
        for column in _storage(old).get("Columns") or ()
        if column.get("Comment")
    }
    columns = [
        {**column, **({"Comment": comments[column["Name"]]} if column["Name"] in comments else {})}
        for column in _storage(new)["Columns"]
    ]
    return {
        **old,
        **new,
        "Owner": old.get("Owner", "owner"),
        "Retention": old.get("Retention", 0),
        "Parameters": _kept(_parameters(old)) | _parameters(new),
        "StorageDescriptor": {
            **_storage(new),
            "Columns": columns,
            "Parameters": _kept(_parameters(_storage(old))) | _parameters(_storage(new)),
        },
    }


def _kept(parameters: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in parameters.items() if key not in _OWN_PARAMETERS}


def _with_new_columns(old: Input, new: Input) -> Input:
    """The new definition with the old columns and formats, and the new columns behind them."""
    storage = _storage(old)
    names = {column["Name"] for column in storage.get("Columns") or ()}
    added = [column for column in _storage(new)["Columns"] if column["Name"] not in names]
    kept = {
        key: storage[key]
        for key in ("InputFormat", "OutputFormat", "SerdeInfo", "Location")
        if key in storage
    }
    return {
        **new,
        "StorageDescriptor": {**_storage(new), **kept, "Columns": [*(storage.get("Columns") or ()), *added]},
    }


def _comparable(definition: Mapping[str, Any]) -> Any:
    """What makes a table or a partition another one: all but the crawl that wrote it."""

    def without_run(parameters: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in parameters.items() if key != "CRAWL_RUN_ID"}

    storage = _storage(definition)
    return (
        storage | {"Parameters": without_run(_parameters(storage))},
        without_run(_parameters(definition)),
        definition.get("PartitionKeys"),
    )
