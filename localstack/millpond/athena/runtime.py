"""Runs one query: gives it the engine's cursor and the catalog, and finds its statement's handler.

Heavy libraries come in with this module, so that a server in which nobody queries stays light.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from millpond.athena import iceberg
from millpond.athena.catalog import AthenaCatalog
from millpond.athena.context import QueryContext
from millpond.athena.dispatch import handle
from millpond.athena.encryption import EncryptingObjectStorage
from millpond.athena.engine import Engine
from millpond.athena.exceptions import HiveFilesystemError, QueryCancelled
from millpond.athena.execution import QueryExecution, QueryRequest
from millpond.athena.glue import GlueCatalog
from millpond.athena.hive.bad_data import bad_data
from millpond.athena.parquet_columns import ParquetFooters
from millpond.athena.results import QueryResult
from millpond.athena.rights import AuthorizedGlueCatalog, OutputDenied, actor_of, denied
from millpond.athena.run import StatementRun
from millpond.athena.sql.runtime_errors import translate_error
from millpond.iam.enforcement import AccessDeniedError
from millpond.iam.enforcement.keys import find_key
from millpond.iam.enforcement.storage import AuthorizedObjectStorage
from millpond.s3 import ObjectStorage
from millpond.s3.exceptions import StorageError
from millpond.s3.remote import RemoteObjectStorage

if TYPE_CHECKING:
    from millpond.athena.service import AthenaService


class QueryRuntime:
    """What the queries of one account and region share."""

    def __init__(self, service: AthenaService, storage: ObjectStorage, engine: Engine) -> None:
        self._service = service
        self._storage = storage
        self._engine = engine
        self._footers = ParquetFooters()
        self._opening = threading.Lock()
        self._iceberg: iceberg.IcebergCatalog | None = None

    def run(self, execution: QueryExecution) -> QueryResult:
        """Run a query to its end.

        Raises:
            SqlError: It fails.
            QueryCancelled: It was stopped.
        """
        request = execution.request
        storage, glue, iceberg_tables = self._as_seen_by(request)
        with self._engine.session() as session:
            execution.attach(session)
            context = QueryContext(
                query_id=request.query_id,
                session=session,
                storage=storage,
                glue=glue,
                iceberg_tables=iceberg_tables,
                footers=self._footers,
                scan_limit=request.scan_limit,
            )
            catalog = AthenaCatalog(context)
            try:
                with context.releasing(), _in_athenas_words(context):
                    return handle(StatementRun(request, context, catalog, self._service), request.statement)
            except AccessDeniedError as error:
                raise denied(error, request.output_object) from error
            except StorageError as error:
                raise HiveFilesystemError(str(error)) from error
            finally:
                execution.detach()

    def _as_seen_by(
        self, request: QueryRequest
    ) -> tuple[ObjectStorage, GlueCatalog, Callable[[], iceberg.IcebergCatalog]]:
        """The objects and the catalog with the rights of the caller, and as the query encrypts them.

        Raises:
            OutputDenied: There is no such key.
        """
        service = self._service
        actor = actor_of(request.caller, service.account_id, service.region_name)
        if not actor.authorizer.enforced and request.encryption is None:
            return self._storage, service.glue, self._iceberg_tables
        storage: ObjectStorage = AuthorizedObjectStorage(self._storage, actor)
        if request.encryption is not None:
            key = request.encryption.key
            # Another S3's keys are kept beside it, and it refuses one that is not there itself.
            here = not isinstance(self._storage, RemoteObjectStorage)
            if here and key is not None and find_key(key, service.account_id, service.region_name) is None:
                raise OutputDenied(request.output_object)
            storage = EncryptingObjectStorage(storage, request.encryption)
        glue = AuthorizedGlueCatalog(service.account_id, service.region_name, actor)
        return storage, glue, lambda: self._iceberg_tables().with_rights(storage, actor)

    def _iceberg_tables(self) -> iceberg.IcebergCatalog:
        with self._opening:
            if self._iceberg is None:
                service = self._service
                self._iceberg = iceberg.IcebergCatalog(self._storage, service.account_id, service.region_name)
            return self._iceberg


@contextmanager
def _in_athenas_words(context: QueryContext) -> Iterator[None]:
    """What DuckDB says while a query runs, as Athena says it; no file of this machine is named."""
    try:
        yield
    except duckdb.InterruptException:
        raise QueryCancelled from None
    except duckdb.Error as error:
        bad = bad_data(context, error)
        if bad is not None:
            raise bad from error
        translated = translate_error(error)
        translated.message = context.with_locations(translated.message)
        raise translated from error
