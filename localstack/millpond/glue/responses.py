"""Glue's wire format: what the Data Catalog answers in pages, and its limits; the rest is moto's.

https://docs.aws.amazon.com/glue/latest/webapi/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.glue.models import FakePartition, FakeTable, glue_backends

from millpond.glue.crawlers.responses import CrawlersApi
from millpond.glue.definitions import DefinitionsApi
from millpond.glue.exceptions import GlueRefusal, InvalidInput, UnsupportedOperation, ValidationFailed
from millpond.glue.jobs.responses import JobRunsApi
from millpond.glue.pages import page
from millpond.glue.service import GlueService
from millpond.glue.workflows.responses import WorkflowsApi

_LONGEST_LISTS: Mapping[str, int] = {
    "PartitionInputList": 100,
    "PartitionsToDelete": 25,
    "PartitionsToGet": 1000,
    "TablesToDelete": 100,
    "VersionIds": 100,
}
"""How many items a request may have; of BatchUpdatePartition's `Entries` there may be 100 too."""


class GlueApi(CrawlersApi, WorkflowsApi, JobRunsApi, DefinitionsApi):
    """The operations."""

    @property
    def glue_backend(self) -> GlueService:
        """The service of the caller's account and region."""
        service = glue_backends[self.current_account][self.region]
        assert isinstance(service, GlueService)  # noqa: S101 - install() put the class there
        return service

    def call_action(self) -> Any:
        """Refuse what is not there, and requests that are larger than AWS takes, in Glue's own protocol."""
        operation = self._get_action()
        if operation and camelcase_to_underscores(operation) not in method_names_from_class(type(self)):
            return _refusal(UnsupportedOperation(operation))
        try:
            parameters: Any = self.parameters
        except ValueError:
            return _refusal(ValidationFailed("The request's body is no JSON."))
        if not isinstance(parameters, dict):
            return _refusal(ValidationFailed("The request's body is no JSON object."))
        for name, longest in _LONGEST_LISTS.items():
            if len(parameters.get(name) or ()) > longest:
                member = name[0].lower() + name[1:]
                return _refusal(
                    ValidationFailed(
                        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: "
                        f"Member must have length less than or equal to {longest}"
                    )
                )
        return super().call_action()

    # ---- databases

    def get_databases(self) -> ActionResult:
        """A page of the databases."""
        found, token = self._page([d.as_dict() for d in self.glue_backend.get_databases()], 100)
        return ActionResult({"DatabaseList": found, **token})

    # ---- tables

    def get_tables(self) -> ActionResult:
        """A page of a database's tables, by name."""
        tables = self.glue_backend.get_tables(
            self._required("DatabaseName"), self.parameters.get("Expression")
        )
        found, token = self._page(sorted(tables, key=lambda table: table.name), 100)
        return ActionResult({"TableList": [self._table(table) for table in found], **token})

    def search_tables(self) -> ActionResult:
        """The tables whose name, columns, comments or properties contain a text.

        Filters and sorting are refused.
        """
        for option in ("Filters", "SortCriteria"):
            if self.parameters.get(option):
                raise UnsupportedOperation(f"SearchTables with {option}")
        text = (self.parameters.get("SearchText") or "").strip('"').lower()
        backend = self.glue_backend
        databases = backend.get_databases()
        tables = [table for database in databases for table in backend.get_tables(database.name, None)]
        matching = [table.as_dict() for table in tables if text in _searchable(table)]
        found, token = self._page(matching, 1000)
        return ActionResult({"TableList": found, **token})

    def update_table(self) -> ActionResult:
        """Give a table a new version, if nobody else did first."""
        if self.parameters.get("UpdateOpenTableFormatInput"):
            raise UnsupportedOperation("UpdateTable with UpdateOpenTableFormatInput")
        table_input = self._required("TableInput")
        if not table_input.get("Name"):
            raise InvalidInput("TableInput.Name must not be null")
        self.glue_backend.update_table(
            self._required("DatabaseName"),
            table_input["Name"],
            table_input,
            self.parameters.get("VersionId"),
            bool(self.parameters.get("SkipArchive")),
        )
        return EmptyResult()

    def get_table_versions(self) -> ActionResult:
        """A page of a table's versions, the latest first."""
        versions = self.glue_backend.get_table_versions(
            self._required("DatabaseName"), self._required("TableName")
        )
        entries = [{"Table": table, "VersionId": version} for version, table in versions.items()]
        found, token = self._page(entries, 100)
        return ActionResult({"TableVersions": found, **token})

    def get_table_version(self) -> ActionResult:
        """One version of a table, the current one if none is named."""
        database, name = self._required("DatabaseName"), self._required("TableName")
        current = self.glue_backend.get_table(database, name).current_version
        version = self.parameters.get("VersionId") or current
        return ActionResult(self.glue_backend.get_table_version(database, name, version))

    def batch_delete_table_version(self) -> ActionResult:
        """Forget older versions of a table."""
        database, name = self._required("DatabaseName"), self._required("TableName")
        self.glue_backend.get_table(database, name)
        errors = []
        for version in self._required("VersionIds"):
            try:
                self.glue_backend.delete_table_version(database, name, version)
            except GlueRefusal as error:
                detail = {"ErrorCode": error.error_type, "ErrorMessage": error.message}
                errors.append({"TableName": name, "VersionId": version, "ErrorDetail": detail})
        return ActionResult({"Errors": errors} if errors else {})

    # ---- partitions

    def get_partitions(self) -> ActionResult:
        """A page of a table's partitions that meet `Expression`."""
        partitions = self.glue_backend.get_partitions(
            self._required("DatabaseName"),
            self._required("TableName"),
            self.parameters.get("Expression") or "",
        )
        segment = self.parameters.get("Segment")
        if segment:
            partitions = partitions[int(segment["SegmentNumber"]) :: int(segment["TotalSegments"])]
        found, token = self._page(partitions, 1000)
        without_columns = bool(self.parameters.get("ExcludeColumnSchema"))
        return ActionResult({"Partitions": [_partition(p, without_columns) for p in found], **token})

    # ---- parameters and pages

    def _required(self, name: str) -> Any:
        value = self.parameters.get(name)
        if value is None:
            member = name[0].lower() + name[1:]
            raise ValidationFailed(
                f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: "
                "Member must not be null"
            )
        return value

    def _page(self, items: list[Any], largest: int) -> tuple[list[Any], dict[str, str]]:
        return page(items, self.parameters.get("MaxResults"), self.parameters.get("NextToken"), largest)

    def _table(self, table: FakeTable) -> dict[str, Any]:
        """A table as GetTables answers it: all, or the attributes that were asked for."""
        found = table.as_dict()
        asked = self.parameters.get("AttributesToGet")
        if not asked:
            return found
        names = {_ATTRIBUTES[attribute] for attribute in asked if attribute in _ATTRIBUTES}
        return {name: value for name, value in found.items() if name in {"Name", *names}}


_ATTRIBUTES = {"NAME": "Name", "TABLE_TYPE": "TableType"}


def _partition(partition: FakePartition, without_columns: bool) -> dict[str, Any]:
    found = partition.as_dict()
    if without_columns and "StorageDescriptor" in found:
        storage = found["StorageDescriptor"]
        found["StorageDescriptor"] = {name: value for name, value in storage.items() if name != "Columns"}
    return found


def _searchable(table: FakeTable) -> str:
    found = table.as_dict()
    stored = (found.get("StorageDescriptor") or {}).get("Columns") or []
    columns = [*stored, *(found.get("PartitionKeys") or [])]
    texts = [found["DatabaseName"], found["Name"], found.get("Description") or ""]
    texts += [text for column in columns for text in (column["Name"], column.get("Comment") or "")]
    texts += [str(text) for item in (found.get("Parameters") or {}).items() for text in item]
    return "\n".join(texts).lower()


def _refusal(refusal: GlueRefusal) -> tuple[int, dict[str, str], Any]:
    return 400, {"Content-Type": "application/x-amz-json-1.1", "status": "400"}, refusal.description
