"""Athena: SQL over the Glue Data Catalog, executed on DuckDB."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import moto.athena.models

from millpond.athena.engine import Engine, EngineSettings
from millpond.athena.service import AthenaService
from millpond.s3 import ObjectStorage

__all__ = ["AthenaInstallation", "AthenaService", "install"]


@dataclass
class AthenaInstallation:
    """The engine that all regions share, for the server to end."""

    engine: Engine
    _warming: threading.Thread | None = None

    def warm_up(self) -> None:
        """Do once, in the background, what the first query would wait for: half a second of imports."""
        if self._warming is not None:
            return
        self._warming = threading.Thread(target=self._warm_up, name="athena-warm-up", daemon=True)
        self._warming.start()

    def _warm_up(self) -> None:
        import_module("millpond.athena.runtime")
        with self.engine.session() as session:
            session.rows("SELECT 1")

    def shutdown(self) -> None:
        """Cancel all queries and let go of the engine."""
        if self._warming is not None:
            self._warming.join()
        self.end_queries()
        self.engine.close()

    def end_queries(self) -> None:
        """Cancel all queries, and wait for them to end."""
        for regions in list(moto.athena.models.athena_backends.values()):
            for service in list(regions.values()):
                if isinstance(service, AthenaService):
                    service.close()


def install(storage: ObjectStorage, spill_folder: Path) -> AthenaInstallation:
    """Put this service in the place of moto's; once per process, before the first request."""
    folders = (storage.files_directory, storage.new_staging_path().parent)
    engine = Engine(EngineSettings(folders, spill_folder))
    make_service = functools.partial(AthenaService, storage=storage, engine=engine)
    moto.athena.models.athena_backends.backend = make_service  # type: ignore[assignment]  # called like a class
    return AthenaInstallation(engine)
