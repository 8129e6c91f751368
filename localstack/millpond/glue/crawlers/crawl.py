"""One crawl from start to end: list, classify, group, write.

https://docs.aws.amazon.com/glue/latest/dg/add-crawler.html#crawler-workflow
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from moto.glue.exceptions import DatabaseNotFoundException, TableNotFoundException

from millpond.glue.crawlers.catalog_writer import CatalogWriter, CrawledScope
from millpond.glue.crawlers.changes import Changes
from millpond.glue.crawlers.classifiers import ClassifierChain, Sample
from millpond.glue.crawlers.data_formats import UNKNOWN, ClassifiedFile
from millpond.glue.crawlers.exceptions import CrawlCancelled, CrawlFailed, UnreadableFile
from millpond.glue.crawlers.grouping import CrawledFile, GroupingOptions, TableGroup, group_files
from millpond.glue.crawlers.log import CrawlLog, Level
from millpond.glue.crawlers.role import AccessDeniedError, CrawlerRole, RoleNotAssumableError
from millpond.glue.crawlers.settings import CatalogTarget, CrawlerSettings, S3Target
from millpond.glue.crawlers.table_definitions import FoundTable, describe
from millpond.s3 import S3Location, StoredObjectHandle
from millpond.s3.exceptions import BucketNotFound, InvalidLocation, StorageError

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_diagnostics = logging.getLogger(__name__)

_SHOWN_FILES: Final = 200


@dataclass
class CrawlMemory:
    """What a crawler knows of its last crawl: the files of each folder, for crawls of new folders only."""

    files: dict[str, dict[str, CrawledFile]] = field(default_factory=dict)


class Crawl:
    """A run of a crawler.

    Args:
        service: The catalog, and where the objects are.
        settings: The crawler's.
        classifiers: The crawler's.
        crawl_id: The run's id.
        memory: Of the crawler; is brought up to date at the end.
        cancelled: Ends the crawl at the next file once it is set.
    """

    def __init__(
        self,
        service: GlueService,
        settings: CrawlerSettings,
        classifiers: ClassifierChain,
        crawl_id: str,
        memory: CrawlMemory,
        cancelled: threading.Event,
    ) -> None:
        self._service = service
        self._settings = settings
        self._classifiers = classifiers
        self._crawl_id = crawl_id
        self._memory = memory
        self._cancelled = cancelled
        self._unreadable: list[str] = []

    def run(self) -> Changes:
        """Crawl all targets and write what was found.

        Raises:
            CrawlFailed: With the message for LastCrawl.
            CrawlCancelled: It was asked to stop; nothing was written.
        """
        account_id, region, name = self._service.account_id, self._service.region_name, self._settings.name
        try:
            self._role = CrawlerRole(self._settings.role, account_id, region, name)
            self._log = CrawlLog(self._role, account_id, region, name, self._crawl_id)
            self._log.open()
        except RoleNotAssumableError as error:
            raise CrawlFailed(
                "Service is unable to assume provided role. Please verify role's TrustPolicy"
            ) from error
        except AccessDeniedError as error:
            raise CrawlFailed(str(error)) from error
        self._log.write(Level.BENCHMARK, f"Running Start Crawl for Crawler {name}")
        try:
            return self._write(self._found_tables())
        except CrawlCancelled:
            self._log.write(Level.INFO, "The crawl was cancelled; nothing was written to the catalog")
            raise
        except (AccessDeniedError, StorageError) as error:
            self._log.write(Level.ERROR, str(error))
            raise CrawlFailed(str(error)) from error
        except CrawlFailed as error:
            self._log.write(Level.ERROR, str(error))
            raise
        except Exception as error:  # the crawl must end, and whoever reads its log must see why
            _diagnostics.exception("Crawl %s of %s failed", self._crawl_id, name)
            self._log.write(Level.ERROR, f"Internal Service Exception: {error!r}")
            raise CrawlFailed("Internal Service Exception") from error
        finally:
            self._log.write(Level.BENCHMARK, "Crawler has finished running and is in state READY")

    # ---- find

    def _found_tables(self) -> list[tuple[CatalogTarget | S3Target, str, FoundTable]]:
        """The tables of each target; of a catalog target with the name of the table that it is."""
        found: list[tuple[CatalogTarget | S3Target, str, FoundTable]] = []
        roots: set[tuple[str, str]] = set()
        for target in self._settings.s3_targets:
            for table in self._tables_of(target, self._settings.grouping):
                # Include paths may contain each other; a folder is one table all the same.
                if (table.location, table.group.format.classification) not in roots:
                    roots.add((table.location, table.group.format.classification))
                    found.append((target, "", table))
        for catalog_target in self._settings.catalog_targets:
            for name in catalog_target.tables:
                table_found = self._catalog_table(catalog_target.database, name)
                if table_found is not None:
                    found.append((catalog_target, name, table_found))
        return found

    def _catalog_table(self, database: str, name: str) -> FoundTable | None:
        self._role.require_glue("GetTable", database, Name=name)
        try:
            definition = self._service.get_table(database, name).as_dict()
        except (DatabaseNotFoundException, TableNotFoundException) as error:
            raise CrawlFailed(f"Table {database}.{name} not found.") from error
        location = (definition.get("StorageDescriptor") or {}).get("Location") or ""
        try:
            target = S3Target(S3Location.parse(location).as_folder)
        except InvalidLocation as error:
            raise CrawlFailed(f"Table {database}.{name} has no location in S3: '{location}'") from error
        tables = self._tables_of(target, self._settings.grouping)
        whole = [table for table in tables if table.root == target.location.key]
        if not whole:
            self._log.write(Level.INFO, f"No table like {name} was found at {location}; it is left as it is.")
            return None
        return max(whole, key=lambda table: len(table.group.files))

    def _tables_of(self, target: S3Target, grouping: GroupingOptions) -> list[FoundTable]:
        target, handles = self._listed(target)
        files = [file for file in self._classified(target, handles) if file is not None]
        groups = group_files(files, target.location.key, grouping)
        self._tell_left_out(target.location.bucket, files, groups)
        return [
            describe(
                target.location.bucket,
                group,
                target.exclude_patterns,
                inherit=self._settings.inherit_from_table,
            )
            for group in groups
        ]

    def _listed(self, target: S3Target) -> tuple[S3Target, list[StoredObjectHandle]]:
        """The objects of a target; a path without a slash at its end is a file, or else a folder."""
        location = target.location
        self._role.require_list(location)
        try:
            handles = self._service.runtime.storage.list(location)
        except BucketNotFound as error:
            raise CrawlFailed(f"The specified bucket does not exist: {location.bucket}") from error
        if not any(handle.location.key == location.key for handle in handles):
            location = location.as_folder
            target = replace(target, location=location)
        is_folder = not location.key or location.key.endswith("/")
        return target, [
            handle
            for handle in handles
            if handle.location.key.startswith(location.key)
            and (is_folder or handle.location.key == location.key)
            and _is_data(handle)
            and target.includes(handle.location.key)
        ]

    def _classified(
        self, target: S3Target, handles: Iterable[StoredObjectHandle]
    ) -> Iterator[CrawledFile | None]:
        folders: dict[str, list[StoredObjectHandle]] = {}
        for handle in handles:
            folders.setdefault(f"{handle.location.bucket}/{_folder(handle.location.key)}", []).append(handle)
        for folder, members in folders.items():
            if self._settings.new_folders_only and folder in self._memory.files:
                yield from self._memory.files[folder].values()
                continue
            files: dict[str, CrawledFile] = {}
            like: ClassifiedFile | None = None
            for number, handle in enumerate(members):
                if self._cancelled.is_set():
                    raise CrawlCancelled
                if target.sample_size is None or number < target.sample_size or like is None:
                    found = self._classify(handle)
                    like = like or found
                else:
                    found = like
                if found is not None:
                    files[handle.location.key] = CrawledFile(handle.location.key, handle.size, found)
            self._memory.files[folder] = files
            yield from files.values()

    def _classify(self, handle: StoredObjectHandle) -> ClassifiedFile | None:
        """What a file is; None if it cannot be read, which the log then tells."""
        try:
            self._role.require_read(handle.location)
            return self._classifiers.classify(Sample(handle.location.key, handle.path, handle.size))
        except AccessDeniedError as error:
            reason = (
                f"Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied): {error}"
            )
        except (UnreadableFile, StorageError, OSError) as error:
            reason = str(error)
        self._unreadable.append(str(handle.location))
        self._log.write(
            Level.ERROR,
            f"Error {reason} retrieving file at {handle.location}. Tables created did not infer schemas from "
            "this file.",
        )
        return None

    def _tell_left_out(self, bucket: str, files: Sequence[CrawledFile], groups: Sequence[TableGroup]) -> None:
        grouped = {file.key for group in groups for file in group.files}
        left_out = [file.key for file in files if file.key not in grouped]
        unknown = [group.root for group in groups if group.format == UNKNOWN]
        for root in unknown:
            self._log.write(Level.WARN, f"The classification of s3://{bucket}/{root} is UNKNOWN")
        if left_out:
            self._log.write(
                Level.INFO,
                "Some files do not match the schema detected. Remove or exclude the following files from the "
                f"crawler (truncated to first {_SHOWN_FILES} files): "
                + ", ".join(f"s3://{bucket}/{key}" for key in left_out[:_SHOWN_FILES]),
            )

    # ---- write

    def _write(self, found: Sequence[tuple[CatalogTarget | S3Target, str, FoundTable]]) -> Changes:
        settings = self._settings
        self._log.write(
            Level.BENCHMARK,
            f"Classification complete, writing results to database {settings.database or 'of each table'}",
        )
        configured = f"SchemaChangePolicy {settings.schema_change_policy}."
        if settings.configuration_text:
            configured = (
                f"Configuration {settings.configuration_text} and {configured} Note that values in the "
                "Configuration override values in the SchemaChangePolicy for S3 Targets."
            )
        self._log.write(Level.INFO, f"Crawler configured with {configured}")
        writer = CatalogWriter(self._service, settings, self._role, self._log, self._crawl_id)
        if settings.s3_targets:
            locations = [str(target.location) for target in settings.s3_targets]
            writer.write([table for _, _, table in found], CrawledScope(locations, self._unreadable))
        for target, name, table in found:
            if isinstance(target, CatalogTarget):
                writer.write_existing(target.database, name, table)
        self._log.write(Level.BENCHMARK, "Finished writing to Catalog")
        if self._unreadable:
            self._log.write(Level.WARN, f"{len(self._unreadable)} files could not be read")
        for line in writer.changes.lines():
            self._log.write(Level.INFO, line)
        return writer.changes


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


def _is_data(handle: StoredObjectHandle) -> bool:
    """Whether an object holds data: no marker of a folder, and nothing that Hive's readers pass over."""
    name = handle.location.key.rpartition("/")[2]
    return handle.size > 0 and bool(name) and not name.startswith(("_", "."))
