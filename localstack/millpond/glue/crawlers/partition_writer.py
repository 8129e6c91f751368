"""Brings a table's partitions up to the folders that a crawl found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from moto.glue.models import FakeTable

from millpond.glue.crawlers.changes import Added, Changes, Deleted, Updated
from millpond.glue.crawlers.log import CrawlLog, Level
from millpond.glue.crawlers.role import CrawlerRole
from millpond.glue.crawlers.settings import CrawlerSettings
from millpond.glue.crawlers.table_changes import Definition, differ, with_new_columns
from millpond.glue.crawlers.table_definitions import FoundPartition, FoundTable

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_INHERITED: Final = ("Columns", "InputFormat", "OutputFormat", "SerdeInfo", "Compressed")


class PartitionWriter:
    """Writes the partitions of one crawl; see `CatalogWriter`, which holds the catalog's lock meanwhile."""

    def __init__(
        self,
        catalog: GlueService,
        settings: CrawlerSettings,
        role: CrawlerRole,
        log: CrawlLog,
        changes: Changes,
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._role = role
        self._log = log
        self._changes = changes

    def write(self, database: str, name: str, found: FoundTable) -> None:
        """Create, update and retire the partitions of a table.

        Raises:
            AccessDeniedError: The role must not do what is needed.
        """
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
        wanted = {partition.values: self._definition(partition, table) for partition in found.partitions}
        self._create(database, name, [given for values, given in wanted.items() if values not in known])
        if self._settings.update != "LOG":
            updated = {
                values: self._merged(known[values], given)
                for values, given in wanted.items()
                if values in known
            }
            changed = [given for values, given in updated.items() if differ(known[values], given)]
            self._update(database, name, changed)
        if not self._settings.new_folders_only:
            self._retire(database, name, [list(values) for values in known if values not in wanted])

    def delete(self, database: str, name: str, gone: Sequence[list[str]]) -> None:
        """Delete partitions by their values."""
        if not gone:
            return
        self._role.require_glue("BatchDeletePartition", database, name)
        table = self._catalog.get_table(database, name)
        for values in gone:
            table.partitions.pop(str(values), None)
        self._changes.partitions(Deleted, len(gone))
        self._log.write(Level.INFO, f"Deleted partitions with values [{_shown(gone)}] of table {name}")

    def _definition(self, partition: FoundPartition, table: FakeTable) -> Definition:
        given = partition.partition_input
        if self._settings.inherit_from_table:
            of_table: dict[str, Any] = table.as_dict()["StorageDescriptor"]
            given["StorageDescriptor"] |= {key: of_table[key] for key in _INHERITED if key in of_table}
        return given

    def _merged(self, old: Definition, new: Definition) -> Definition:
        """The partition with the columns that it has and the new ones, where columns are to stay."""
        keeps = self._settings.merge_new_columns and not self._settings.inherit_from_table
        return with_new_columns(old, new) if keeps else new

    def _create(self, database: str, name: str, inputs: list[Definition]) -> None:
        if not inputs:
            return
        self._role.require_glue("BatchCreatePartition", database, name)
        self._catalog.batch_create_partition(database, name, inputs)
        self._changes.partitions(Added, len(inputs))
        values = _shown([given["Values"] for given in inputs])
        self._log.write(Level.INFO, f"Created partitions with values [{values}] for table {name}")

    def _update(self, database: str, name: str, inputs: list[Definition]) -> None:
        if not inputs:
            return
        self._role.require_glue("BatchUpdatePartition", database, name)
        for given in inputs:
            self._catalog.update_partition(database, name, given, given["Values"])
        self._changes.partitions(Updated, len(inputs))
        values = _shown([given["Values"] for given in inputs])
        self._log.write(Level.INFO, f"Updated partitions with values [{values}] for table {name}")

    def _retire(self, database: str, name: str, gone: Sequence[list[str]]) -> None:
        if self._settings.delete == "DELETE_FROM_DATABASE":
            self.delete(database, name, gone)
            return
        for values in gone:
            self._log.write(
                Level.INFO,
                f"Found partition of table {name} with partition values [{', '.join(values)}] with no "
                "matching schema at the partition's S3 location",
            )


def _shown(values: Sequence[list[str]]) -> str:
    return ", ".join(f"[{', '.join(each)}]" for each in values)
