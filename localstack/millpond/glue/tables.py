"""A table of the Data Catalog: moto's, with AWS's rules for versions."""

from __future__ import annotations

from typing import Any

from moto.glue.models import FakeTable

from millpond.glue.exceptions import ConcurrentModification, EntityNotFound, InvalidInput


class CatalogTable(FakeTable):
    """A table; versions count from 0.

    https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html
    """

    def __init__(self, database: str, name: str, table_input: dict[str, Any], catalog_id: str) -> None:
        super().__init__(database, name, table_input, catalog_id)
        self._current_version = 0
        self.versions = {"0": table_input}
        self.updated_time = self.created_time

    @property
    def current_version(self) -> str:
        """The `VersionId` that GetTable answers."""
        return str(self._current_version)

    @property
    def partition_keys(self) -> list[dict[str, Any]]:
        """The columns of the partitions."""
        return list(self.versions[self.current_version].get("PartitionKeys") or ())

    def replace(self, table_input: dict[str, Any], expected_version: str | None, archive: bool) -> None:
        """Give the table a new version; the old one stays in its history if `archive` is true.

        Raises:
            ConcurrentModification: The current version is not the one that was expected.
        """
        replaced = self.current_version
        if expected_version is not None and expected_version != replaced:
            raise ConcurrentModification
        self.update(table_input)
        if not archive:
            del self.versions[replaced]

    def delete_version(self, version_id: str) -> None:
        """Forget an older version.

        Raises:
            EntityNotFound: There is none of that number.
            InvalidInput: It is the current one.
        """
        if version_id not in self.versions:
            raise EntityNotFound("Version not found.")
        if version_id == self.current_version:
            raise InvalidInput(f"Version {version_id} is the current one and cannot be deleted.")
        del self.versions[version_id]

    def check_partition(self, partition_input: dict[str, Any]) -> None:
        """A partition has a value for each key.

        Raises:
            InvalidInput: It has more or fewer.
        """
        if len(partition_input.get("Values") or ()) != len(self.partition_keys):
            raise InvalidInput("The number of partition keys do not match the number of partition values")
