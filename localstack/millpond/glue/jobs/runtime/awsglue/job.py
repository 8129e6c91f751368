"""A job as its script initialises and commits it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .engine import bookmarks


class Job:
    """Keeps the job's bookmark when it is committed."""

    def __init__(self, glue_context_or_spark_session: Any) -> None:
        self._initialized = False

    def init(self, job_name: str, args: Mapping[str, Any] | None = None) -> None:
        """Begin the job."""
        self._initialized = True

    def isInitialized(self) -> bool:  # noqa: N802 - AWS's name
        """Whether `init` was called."""
        return self._initialized

    def commit(self) -> None:
        """Keep what the sources have read; without it, the next run reads it again."""
        bookmarks.current().commit()
