"""The Data Catalog: moto's backend with names in lower case, versions that are checked, and one lock.

Requests come on many threads, and Athena, crawlers and jobs of the same process use the catalog at
the same time: whatever reads or changes it does so alone.
"""

from __future__ import annotations

import copy
import functools
import re
import threading
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

import moto.glue.models
from moto.glue.exceptions import PartitionAlreadyExistsException, TableAlreadyExistsException
from moto.glue.models import FakeDatabase, FakePartition, FakeTable, GlueBackend

from millpond.glue import crawlers, definitions, jobs, workflows
from millpond.glue.crawlers import CrawlerService
from millpond.glue.exceptions import InvalidInput
from millpond.glue.expressions import parse_expression
from millpond.glue.jobs import JobService
from millpond.glue.run_states import RunStates
from millpond.glue.runtime import GlueRuntime, GlueSettings
from millpond.glue.tables import CatalogTable
from millpond.glue.workflows import WorkflowService
from millpond.s3 import ObjectStorage

_Backend = TypeVar("_Backend", bound=type[GlueBackend])

_BARE_STAR = re.compile(r"(?<![.\])\\])\*")
"""A star that repeats nothing: clients such as awswrangler write `*orders*`."""

_CATALOG_METHODS = (
    "create_database",
    "get_database",
    "update_database",
    "get_databases",
    "delete_database",
    "create_table",
    "get_table",
    "get_tables",
    "delete_table",
    "update_table",
    "get_table_version",
    "get_table_versions",
    "delete_table_version",
    "create_partition",
    "get_partition",
    "get_partitions",
    "update_partition",
    "delete_partition",
    "batch_delete_table",
    "batch_get_partition",
    "batch_create_partition",
    "batch_update_partition",
    "batch_delete_partition",
)


def _one_at_a_time(backend: _Backend) -> _Backend:
    """Let the methods of the catalog hold the lock, those of moto as well as our own."""

    def locked(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(self: GlueService, *arguments: Any, **options: Any) -> Any:
            with self.lock:
                return method(self, *arguments, **options)

        return call

    for name in _CATALOG_METHODS:
        setattr(backend, name, locked(getattr(backend, name)))
    return backend


@_one_at_a_time
class GlueService(GlueBackend):
    """Glue of one account and region.

    Attributes:
        lock: Held while the catalog is read or changed.
        classifiers: By name, as GetClassifier answers them.
        rulesets: Of data quality, by name, as GetDataQualityRuleset answers them.
        crawler_service: The crawls.
        workflow_service: What triggers and workflows set off.
        run_states: Who runs jobs and crawlers, and who waits for their ends.
        job_service: The runs of jobs.
        runtime: What the runs of every account and region share; set when the service is installed.
    """

    runtime: ClassVar[GlueRuntime]

    def __init__(self, region_name: str, account_id: str) -> None:
        self.lock = threading.RLock()
        self.classifiers: dict[str, dict[str, Any]] = {}
        self.rulesets: dict[str, dict[str, Any]] = {}
        self.run_states = RunStates()
        super().__init__(region_name, account_id)
        self.crawler_service = CrawlerService(self)
        self.workflow_service = WorkflowService(self)
        self.job_service = JobService(account_id, region_name, self.get_job, self.run_states)

    @property
    def _url_module(self) -> Any:
        from millpond.glue import urls

        return urls

    def reset(self) -> None:
        """Start anew, as moto's tests do between each other."""
        self.crawler_service.close()
        self.workflow_service.close()
        super().reset()

    # ---- databases

    def create_database(
        self, database_name: str, database_input: dict[str, Any], tags: dict[str, str] | None = None
    ) -> FakeDatabase:
        """CreateDatabase."""
        name = _catalog_name(database_name)
        return super().create_database(name, {**database_input, "Name": name}, tags)

    def get_database(self, database_name: str) -> FakeDatabase:
        """GetDatabase."""
        return super().get_database(database_name.lower())

    def update_database(self, database_name: str, database_input: dict[str, Any]) -> None:
        """UpdateDatabase."""
        super().update_database(database_name.lower(), database_input)

    def delete_database(self, database_name: str) -> None:
        """DeleteDatabase, with all its tables."""
        super().delete_database(database_name.lower())

    # ---- tables

    def create_table(
        self,
        database_name: str,
        table_name: str,
        table_input: dict[str, Any],
        open_table_format_input: dict[str, Any] | None = None,
    ) -> CatalogTable:
        """CreateTable."""
        if open_table_format_input:
            raise InvalidInput(
                "OpenTableFormatInput is not supported locally: "
                "let Athena or an Iceberg client create the table."
            )
        name = _catalog_name(table_name)
        database = self.get_database(database_name)
        if name in database.tables:
            raise TableAlreadyExistsException
        kept = {**copy.deepcopy(table_input), "Name": name}
        table = CatalogTable(database.name, name, kept, self.account_id)
        database.tables[name] = table
        return table

    def get_table(self, database_name: str, table_name: str) -> CatalogTable:
        """GetTable."""
        return cast(CatalogTable, super().get_table(database_name, table_name.lower()))

    def get_tables(self, database_name: str, expression: str | None) -> list[FakeTable]:
        """GetTables; the expression has to match the whole of a name, and a bare `*` is any text.

        Raises:
            InvalidInput: The expression is no regular expression.
        """
        tables = super().get_tables(database_name, None)
        if not expression:
            return tables
        try:
            pattern = re.compile(_BARE_STAR.sub(".*", expression.lower()))
        except re.error as error:
            raise InvalidInput(f"Invalid Expression '{expression}': {error}") from None
        return [table for table in tables if pattern.fullmatch(table.name)]

    def delete_table(self, database_name: str, table_name: str) -> None:
        """DeleteTable, with its partitions and versions."""
        super().delete_table(database_name, table_name.lower())

    def update_table(
        self,
        database_name: str,
        table_name: str,
        table_input: dict[str, Any],
        version_id: str | None = None,
        skip_archive: bool = False,
    ) -> None:
        """UpdateTable.

        Raises:
            ConcurrentModification: The table's version is not `version_id` any more.
        """
        table = self.get_table(database_name, table_name)
        kept = {**copy.deepcopy(table_input), "Name": table.name}
        table.replace(kept, version_id, archive=not skip_archive)

    def get_table_versions(self, database_name: str, table_name: str) -> dict[str, dict[str, Any]]:
        """GetTableVersions, the latest first."""
        versions = super().get_table_versions(database_name, table_name)
        return dict(sorted(versions.items(), key=lambda version: -int(version[0])))

    # ---- partitions

    def create_partition(self, database_name: str, table_name: str, part_input: dict[str, Any]) -> None:
        """CreatePartition."""
        table = self.get_table(database_name, table_name)
        table.check_partition(part_input)
        table.create_partition(part_input)

    def batch_create_partition(
        self, database_name: str, table_name: str, partition_input: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """BatchCreatePartition: each partition is created or has its error."""
        table = self.get_table(database_name, table_name)
        errors = []
        for part_input in partition_input:
            try:
                table.check_partition(part_input)
                table.create_partition(part_input)
            except (PartitionAlreadyExistsException, InvalidInput) as error:
                errors.append(
                    {
                        "PartitionValues": part_input.get("Values") or [],
                        "ErrorDetail": {"ErrorCode": error.error_type, "ErrorMessage": error.message},
                    }
                )
        return errors

    def get_partitions(self, database_name: str, table_name: str, expression: str) -> list[FakePartition]:
        """The partitions that meet an expression; all if there is none."""
        table = self.get_table(database_name, table_name)
        holds = parse_expression(expression or "", table.partition_keys)
        return [partition for partition in table.partitions.values() if holds(partition.values)]


def install(settings: GlueSettings, storage: ObjectStorage) -> GlueRuntime:
    """Put this service in the place of moto's; once per process, before the first request."""
    GlueService.runtime = GlueRuntime(settings, storage)
    moto.glue.models.glue_backends.backend = GlueService
    definitions.install()
    crawlers.install()
    workflows.install()
    jobs.install(GlueService.runtime)
    return GlueService.runtime


def end_crawls() -> None:
    """Cancel all crawls, and wait a little for them to end."""
    for regions in list(moto.glue.models.glue_backends.values()):
        for service in list(regions.values()):
            if isinstance(service, GlueService):
                service.crawler_service.close()


def _catalog_name(name: str) -> str:
    """Glue keeps the names of databases and tables in lower case."""
    if not name or not name.strip() or len(name) > 255 or any(ord(c) < 32 for c in name):
        raise InvalidInput(f"Invalid name: '{name}'")
    return name.lower()
