"""PyIceberg's Glue catalog over the Glue backend and the objects of the same process.

Other Iceberg clients see the same tables through Glue's API: a table is a Glue table whose
parameters point to the current metadata file, and a commit replaces that pointer if nobody else
did first.
"""

from __future__ import annotations

import copy
import functools
from typing import Any, NoReturn, cast

from moto.glue.exceptions import AlreadyExistsException, EntityNotFoundException
from moto.glue.models import glue_backends
from pyiceberg.catalog.glue import GlueCatalog as PyIcebergGlueCatalog
from pyiceberg.io import FileIO
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.typedef import EMPTY_DICT, Properties

from millpond.athena.exceptions import TableNotFound
from millpond.athena.glue import GlueTable
from millpond.athena.iceberg.file_io import ObjectStorageFileIO
from millpond.glue import GlueService
from millpond.glue.exceptions import ConcurrentModification
from millpond.iam.enforcement import Actor
from millpond.s3 import ObjectStorage, S3Location
from millpond.s3.exceptions import StorageError

METADATA_LOCATION = "metadata_location"

_CACHED_TABLES = 512


class IcebergCatalog(PyIcebergGlueCatalog):
    """The Iceberg tables of one account and region."""

    def __init__(self, storage: ObjectStorage, account_id: str, region: str) -> None:
        super().__init__("awsdatacatalog", client=_GlueClient(account_id, region))  # type: ignore[arg-type]  # all it calls
        self._storage = storage
        self._io = ObjectStorageFileIO(storage)
        self._metadata = functools.lru_cache(_CACHED_TABLES)(self._read_metadata)

    def open_table(self, table: GlueTable) -> Table:
        """A table as its current metadata file describes it.

        Raises:
            TableNotFound: The metadata file is gone.
        """
        location = table.parameters.get(METADATA_LOCATION, "")
        try:
            # The path stands for one version of the object: another one at the same key is read anew.
            path = self._storage.get(S3Location.parse(location)).path
        except StorageError as error:
            raise TableNotFound(
                f"Iceberg table {table.database}.{table.name} has no readable metadata: {error}"
            ) from None
        metadata = self._metadata(location, str(path))
        return Table((table.database, table.name), metadata, location, self._io, self)

    def with_rights(self, storage: ObjectStorage, actor: Actor) -> IcebergCatalog:
        """The same tables as one caller may use them.

        Args:
            storage: The objects with his rights.
            actor: Asked before each use of the Glue catalog.
        """
        limited = copy.copy(self)
        limited._storage = storage
        limited._io = ObjectStorageFileIO(storage)
        limited.glue = _GlueClient(actor.account, actor.region, actor)  # type: ignore[assignment]  # all it calls
        return limited

    def _read_metadata(self, location: str, path: str) -> TableMetadata:
        return FromInputFile.table_metadata(self._io.new_input(location))

    def _load_file_io(self, properties: Properties = EMPTY_DICT, location: str | None = None) -> FileIO:
        return self._io


class _Exceptions:
    """The exceptions of a Glue client, as PyIceberg looks them up."""

    AlreadyExistsException = AlreadyExistsException
    EntityNotFoundException = EntityNotFoundException

    ConcurrentModificationException = ConcurrentModification

    class InvalidInputException(Exception):
        """Never raised here."""


class _GlueClient:
    """As much of a Glue client as PyIceberg's catalog calls, without HTTP.

    https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html
    """

    exceptions = _Exceptions

    def __init__(self, account_id: str, region: str, actor: Actor | None = None) -> None:
        self._account_id = account_id
        self._region = region
        self._actor = actor

    def _check(self, operation: str, **parameters: Any) -> None:
        if self._actor is not None:
            self._actor.check("glue", operation, **parameters)

    def get_database(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self._check("GetDatabase", Name=Name)
        return {"Database": _without_nones(self._glue.get_database(Name).as_dict())}

    def get_databases(self) -> dict[str, Any]:
        self._check("GetDatabases")
        return {"DatabaseList": [_without_nones(d.as_dict()) for d in self._glue.get_databases()]}

    def get_tables(self, *, DatabaseName: str) -> dict[str, Any]:  # noqa: N803
        self._check("GetTables", DatabaseName=DatabaseName)
        return {"TableList": [copy.deepcopy(t.as_dict()) for t in self._glue.get_tables(DatabaseName, None)]}

    def get_table(self, *, DatabaseName: str, Name: str) -> dict[str, Any]:  # noqa: N803
        self._check("GetTable", DatabaseName=DatabaseName, Name=Name)
        return {"Table": copy.deepcopy(self._glue.get_table(DatabaseName, Name).as_dict())}

    def create_table(self, *, DatabaseName: str, TableInput: dict[str, Any]) -> None:  # noqa: N803
        self._check("CreateTable", DatabaseName=DatabaseName, TableInput=TableInput)
        self._glue.create_table(DatabaseName, TableInput["Name"], _described(TableInput))

    def update_table(
        self,
        *,
        DatabaseName: str,  # noqa: N803
        TableInput: dict[str, Any],  # noqa: N803
        VersionId: str,  # noqa: N803
        SkipArchive: bool = False,  # noqa: N803
    ) -> None:
        self._check("UpdateTable", DatabaseName=DatabaseName, TableInput=TableInput)
        described = _described(TableInput)
        self._glue.update_table(DatabaseName, TableInput["Name"], described, VersionId, SkipArchive)

    def delete_table(self, *, DatabaseName: str, Name: str) -> None:  # noqa: N803
        self._check("DeleteTable", DatabaseName=DatabaseName, Name=Name)
        self._glue.delete_table(DatabaseName, Name)

    @property
    def _glue(self) -> GlueService:
        return cast(GlueService, glue_backends[self._account_id][self._region])

    def __getattr__(self, name: str) -> NoReturn:
        raise NotImplementedError(
            f"PyIceberg called {name} of the Glue client, which is not there in process"
        )


def _described(table_input: dict[str, Any]) -> dict[str, Any]:
    """A table's comment is its description in Glue, as of Iceberg's own Glue catalog."""
    comment = table_input["Parameters"].get("comment")
    return {**table_input, "Description": comment} if comment else table_input


def _without_nones(database: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in database.items() if value is not None}
