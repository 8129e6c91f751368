"""Brings the catalog up to what a crawl found, as far as the crawler's policies let it.

https://docs.aws.amazon.com/glue/latest/dg/crawler-schema-changes-prevent.html
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.glue.exceptions import DatabaseNotFoundException, TableNotFoundException
from moto.glue.models import FakeTable

from millpond.glue.crawlers.changes import Added, Changes, Deleted, Updated
from millpond.glue.crawlers.exceptions import CrawlFailed
from millpond.glue.crawlers.log import CrawlLog, Level
from millpond.glue.crawlers.partition_writer import PartitionWriter
from millpond.glue.crawlers.role import CrawlerRole
from millpond.glue.crawlers.settings import CrawlerSettings
from millpond.glue.crawlers.table_changes import (
    DEPRECATED,
    Definition,
    columns,
    combined,
    definition_of,
    deprecated,
    differ,
    fundamental_changes,
    location,
    parameters,
    with_formats_of,
    with_new_columns,
)
from millpond.glue.crawlers.table_definitions import FoundTable, with_hash

if TYPE_CHECKING:
    from millpond.glue.service import GlueService


@dataclass(frozen=True)
class CrawledScope:
    """What a crawl has looked at.

    Attributes:
        locations: The include paths: `s3://bucket/folder/`.
        unreadable: Files that it could not read; their tables are not taken for gone.
    """

    locations: Collection[str]
    unreadable: Collection[str]

    def covers(self, place: str) -> bool:
        """Whether a table there would have been found."""
        looked_at = any(f"{place}/".startswith(f"{each.rstrip('/')}/") for each in self.locations)
        return looked_at and not any(file.startswith(place) for file in self.unreadable)


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
        self._partitions = PartitionWriter(catalog, settings, role, log, self.changes)

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
            name = f"{self._settings.table_prefix}{table.base_name}".lower()
            there = {
                other: definition.as_dict()
                for other, definition in existing.items()
                if other not in names and _lies_at(definition.as_dict(), table.location)
            }
            ours = [other for other, definition in there.items() if self._is_ours(definition)]
            if name not in there and ours:
                name = ours[0]
            elif name not in there and (name in existing or name in names):
                name = with_hash(name, f"{table.location}{table.group.format.classification}")
            names[name] = table
        return names

    def _is_ours(self, definition: Mapping[str, Any]) -> bool:
        return parameters(definition).get("UPDATED_BY_CRAWLER") == self._settings.name

    def _retire(self, database: str, tables: Iterable[FakeTable], scope: CrawledScope) -> None:
        """Do what is to be done with tables of this crawler whose files are gone."""
        for table in tables:
            definition = table.as_dict()
            if not self._is_ours(definition) or not scope.covers(location(definition)):
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
        definition = definition_of(table)
        if DEPRECATED in parameters(definition):
            return
        self._update(database, table.name, deprecated(definition, int(time.time() * 1000)))
        self._log.write(
            Level.INFO,
            f"Table {table.name} is marked deprecated because a matching schema was not found at the "
            "table's location.",
        )

    # ---- catalog targets

    def write_existing(self, database: str, name: str, found: FoundTable) -> None:
        """Bring a table up to its files; its name, its partition keys and its formats stay.

        Raises:
            CrawlFailed: There is no such table.
        """
        with self._catalog.lock:
            try:
                table = self._catalog.get_table(database, name)
            except (DatabaseNotFoundException, TableNotFoundException) as error:
                raise CrawlFailed(f"Table {database}.{name} not found.") from error
            self._write_table(database, name, found, table, keep_formats=True)

    # ---- one table

    def _write_table(
        self,
        database: str,
        name: str,
        found: FoundTable,
        existing: FakeTable | None,
        *,
        keep_formats: bool = False,
    ) -> None:
        self._role.require_glue("GetTable", database, Name=name)
        wanted = found.table_input(name, self._settings.name, self._crawl_id)
        for key in {column for column, _ in columns(wanted)} & set(found.partition_keys):
            self._log.write(Level.WARN, f"Table {name} has a column and a partition key named {key}")
        if existing is None:
            self._role.require_glue("CreateTable", database, TableInput={"Name": name})
            self._catalog.create_table(database, name, wanted)
            self.changes.table(Added, name)
            self._log.write(Level.INFO, f"Created table {name} in database {database}")
        elif parameters(existing.as_dict()).get("table_type"):
            self._log.write(Level.WARN, f"Table {name} is of a table format and was not created by a crawler")
            return
        else:
            old = definition_of(existing)
            self._change_table(
                database, existing, found, with_formats_of(old, wanted) if keep_formats else wanted
            )
        self._partitions.write(database, name, found)

    def _change_table(self, database: str, table: FakeTable, found: FoundTable, wanted: Definition) -> None:
        old = definition_of(table)
        if self._settings.update == "LOG":
            if columns(old) != columns(wanted):
                self._log.write(
                    Level.INFO, f"The schema of table {table.name} has changed; it is left as it is."
                )
            return
        if self._settings.merge_new_columns:
            changed = fundamental_changes(old, wanted)
            if changed:
                self._deprecate(database, table)
                self._log.write(
                    Level.WARN, f"Table {table.name} has other files than before: {', '.join(changed)}"
                )
                return
            wanted = with_new_columns(old, wanted)
        keys = old.get("PartitionKeys") or []
        if len(keys) == len(found.partition_keys):
            # Users give keys better names and types than folders have.
            wanted["PartitionKeys"] = keys
        else:
            # Partitions of other keys mean nothing any more.
            values = [list(partition.values) for partition in table.partitions.values()]
            self._partitions.delete(database, table.name, values)
        new = combined(old, wanted)
        if differ(new, old):
            self._update(database, table.name, new)
            self._log.write(Level.INFO, f"Updated table {table.name} in database {database}")

    def _update(self, database: str, name: str, definition: Definition) -> None:
        self._role.require_glue("UpdateTable", database, TableInput={"Name": name})
        self._catalog.update_table(database, name, definition)
        self.changes.table(Updated, name)


def _lies_at(definition: Mapping[str, Any], place: str) -> bool:
    return location(definition).rstrip("/") == place.rstrip("/")
