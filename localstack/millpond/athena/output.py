"""Where a statement's result lies: under the output location, or kept by Athena itself.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
https://docs.aws.amazon.com/athena/latest/ug/managed-results.html
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from millpond.athena.sql import statements
from millpond.s3 import ObjectStorage, S3Location


class ResultFile(Protocol):
    """A file of rows, readable as long as it is held."""

    @property
    def path(self) -> Path:
        """Where it lies."""


class ResultTarget(Protocol):
    """Takes the files of one query's result."""

    def new_path(self) -> Path:
        """A path to write rows to."""

    def put_rows(self, path: Path) -> ResultFile:
        """Take over the file at a path as the result."""

    def put_text(self, text: str, suffix: str = "") -> S3Location | None:
        """Put a text as the result, or beside it under a longer name; answers where it lies, if anywhere."""


@dataclass(frozen=True)
class S3Output:
    """The object that GetQueryExecution names as OutputLocation, and its neighbours."""

    storage: ObjectStorage
    location: S3Location

    def new_path(self) -> Path:
        """See `ResultTarget`."""
        return self.storage.new_staging_path(".csv")

    def put_rows(self, path: Path) -> ResultFile:
        """See `ResultTarget`."""
        return self.storage.put(self.location, path)

    def put_text(self, text: str, suffix: str = "") -> S3Location:
        """See `ResultTarget`."""
        location = S3Location(self.location.bucket, f"{self.location.key}{suffix}")
        self.storage.put(location, text.encode())
        return location


@dataclass(frozen=True)
class ManagedOutput:
    """Managed query results: no object; GetQueryResults alone gives the rows."""

    storage: ObjectStorage

    def new_path(self) -> Path:
        """See `ResultTarget`."""
        return self.storage.new_staging_path(".csv")

    def put_rows(self, path: Path) -> ResultFile:
        """See `ResultTarget`."""
        kept = self.new_path()
        path.rename(kept)
        return _KeptFile(kept)

    def put_text(self, text: str, suffix: str = "") -> None:
        """See `ResultTarget`."""


class _KeptFile:
    """A file that goes when nobody holds it any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        weakref.finalize(self, path.unlink, missing_ok=True)


def output_object(statement: statements.Statement, folder: S3Location, query_id: str) -> S3Location:
    """The object that GetQueryExecution names: `.csv` for rows, `.txt` for text, a prefix for tables."""
    if isinstance(statement, statements.CreateTableAsSelect):
        key = f"tables/{query_id}"
    elif isinstance(statement, statements.Query | statements.Execute):
        key = f"{query_id}.csv"
    elif statement.statement_type == "DML" and not isinstance(statement, statements.Explain):
        key = query_id
    else:
        key = f"{query_id}.txt"
    return S3Location(folder.bucket, folder.key + key)
