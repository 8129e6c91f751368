"""What can be wrong with a statement, each with Athena's error code and text.

`AthenaError` of GetQueryExecution has a category (1 system, 2 user, 3 other) and a type:
https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
"""

from __future__ import annotations


class SqlError(Exception):
    """A statement that Athena refuses.

    Attributes:
        code: Trino's error code, which Athena puts before the message (`COLUMN_NOT_FOUND`).
        error_type: `AthenaError.ErrorType`.
        line: Where in the statement, from 1; None if it concerns the whole.
        column: Where in the line, from 1.
    """

    code = "GENERIC_USER_ERROR"
    error_type = 1006

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        """Athena's wording: `COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved`."""
        place = f"line {self.line}:{self.column}: " if self.line is not None else ""
        return f"{self.code}: {place}{self.message}"


class InvalidType(SqlError):
    """A type that Athena does not know or cannot use there."""

    code = "TYPE_NOT_FOUND"
