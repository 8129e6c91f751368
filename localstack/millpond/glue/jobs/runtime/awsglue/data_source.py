"""What `GlueContext.getSource` gives."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .dynamicframe import DynamicFrame

if TYPE_CHECKING:
    from .context import GlueContext


class DataSource:
    """Reads a frame, once it is told the format."""

    def __init__(
        self, glue_context: GlueContext, connection_type: str, name: str, options: Mapping[str, Any]
    ) -> None:
        self._context = glue_context
        self._connection_type = connection_type
        self._options = options
        self._format: tuple[str | None, Mapping[str, Any]] = (None, {})
        self.name = name

    def setFormat(self, format: str, **options: Any) -> None:  # noqa: N802
        """In what format the objects are."""
        self._format = format, options

    def getFrame(self, **options: Any) -> DynamicFrame:  # noqa: N802
        """The frame; `minPartitions` and `targetPartitions` change nothing."""
        return self._context.create_dynamic_frame_from_options(
            self._connection_type, self._options, *self._format, transformation_ctx=self.name
        )

    def getSampleFrame(self, num: int, **options: Any) -> DynamicFrame:  # noqa: N802
        """A frame of the first records."""
        frame = self.getFrame()
        return DynamicFrame(frame.with_choices.limit(num), self._context, self.name)
