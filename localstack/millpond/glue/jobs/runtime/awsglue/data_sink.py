"""What `GlueContext.getSink` gives."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .dynamicframe import DynamicFrame, DynamicFrameCollection
from .engine.formats import DataFormat, write_format
from .engine.sinks import CatalogUpdate, write
from .exceptions import NotSupportedLocally

_KNOWN_OPTIONS: Final = frozenset(
    {
        "compression",
        "enableUpdateCatalog",
        "groupFiles",
        "groupSize",
        "partitionKeys",
        "path",
        "updateBehavior",
        "useFrameName",
    }
)


class DataSink:
    """Writes frames to a folder in S3 and, if it is told to, the table to the Data Catalog."""

    def __init__(self, options: Mapping[str, Any], data_format: DataFormat | None = None) -> None:
        unknown = set(options) - _KNOWN_OPTIONS
        if unknown:
            raise NotSupportedLocally(f"The sink's option {sorted(unknown)[0]}")
        if not options.get("path"):
            raise ValueError("connection_options has no path")
        self._options = options
        self._format = data_format
        self._catalog: tuple[str, str] | None = None

    def setFormat(self, format: str, **options: Any) -> None:  # noqa: N802
        """In what format it writes."""
        compression = self._options.get("compression")
        given = {**options, "compression": compression} if compression else options
        self._format = write_format(format, given)

    def setCatalogInfo(  # noqa: N802
        self,
        catalogDatabase: str,  # noqa: N803
        catalogTableName: str,  # noqa: N803
        catalogId: str = "",  # noqa: N803
    ) -> None:
        """Which table it is, for `enableUpdateCatalog`."""
        self._catalog = (catalogDatabase, catalogTableName)

    def setAccumulableSize(self, size: int) -> None:  # noqa: N802
        """Changes nothing."""

    def writeFrame(self, dynamic_frame: DynamicFrame, info: str = "") -> DynamicFrame:  # noqa: N802
        """Append a frame; nothing is written of one that is empty."""
        self._write(dynamic_frame.with_choices, str(self._options["path"]))
        return dynamic_frame

    def writeDataFrame(self, data_frame: Any, glue_context: Any, info: str = "") -> Any:  # noqa: N802
        """Append a DataFrame."""
        self._write(data_frame, str(self._options["path"]))
        return data_frame

    def write(self, dynamic_frame_or_dfc: DynamicFrame | DynamicFrameCollection, info: str = "") -> Any:
        """Append a frame, or those of a collection, each in a folder of its name."""
        if isinstance(dynamic_frame_or_dfc, DynamicFrame):
            return self.writeFrame(dynamic_frame_or_dfc, info)
        if not isinstance(dynamic_frame_or_dfc, DynamicFrameCollection):
            raise TypeError(
                "dynamic_frame_or_dfc must be an instance of DynamicFrame or DynamicFrameCollection. "
                f"Got {type(dynamic_frame_or_dfc)}"
            )
        for name in dynamic_frame_or_dfc:
            path = f"{str(self._options['path']).rstrip('/')}/{name}"
            self._write(dynamic_frame_or_dfc[name].with_choices, path)
        return dynamic_frame_or_dfc

    def _write(self, frame: Any, path: str) -> None:
        if self._format is None:
            raise ValueError("The sink has no format: call setFormat")
        if not frame.columns or frame.isEmpty():
            return
        keys = self._options.get("partitionKeys") or []
        update = None
        if _true(self._options.get("enableUpdateCatalog")):
            if self._catalog is None:
                raise ValueError("enableUpdateCatalog needs setCatalogInfo")
            behavior = str(self._options.get("updateBehavior") or "UPDATE_IN_DATABASE")
            update = CatalogUpdate(*self._catalog, adds_columns=behavior == "UPDATE_IN_DATABASE")
        write(frame, path, self._format, keys, update)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
