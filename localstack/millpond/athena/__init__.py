"""Athena: SQL over the Glue Data Catalog, executed on DuckDB."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import moto.athena.models

from millpond.athena.engine import Engine, EngineSettings
from millpond.athena.service import AthenaService
from millpond.s3 import ObjectStorage

if TYPE_CHECKING:
    import duckdb

__all__ = ["AthenaInstallation", "AthenaService", "install"]


@dataclass(frozen=True)
class AthenaInstallation:
    """The engine that all regions share, for the server to end."""

    engine: Engine

    def shutdown(self) -> None:
        """Cancel all queries and let go of the engine."""
        for regions in list(moto.athena.models.athena_backends.values()):
            for service in list(regions.values()):
                if isinstance(service, AthenaService):
                    service.close()
        self.engine.close()


def install(storage: ObjectStorage, spill_folder: Path) -> AthenaInstallation:
    """Put this service in the place of moto's; once per process, before the first request."""
    folders = (storage.files_directory, storage.new_staging_path().parent)
    engine = Engine(EngineSettings(folders, spill_folder), _define_functions)
    make_service = functools.partial(AthenaService, storage=storage, engine=engine)
    moto.athena.models.athena_backends.backend = make_service  # type: ignore[assignment]  # called like a class
    return AthenaInstallation(engine)


def _define_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """What the engine needs beyond DuckDB's own functions."""
    from millpond.athena.iceberg.hashes import install_hashes
    from millpond.athena.sql.library import install_library

    install_library(connection)
    install_hashes(connection)
