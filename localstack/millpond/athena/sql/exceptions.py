"""What can be wrong with a statement, each with Athena's error code and text.

The category and type that `AthenaError` has for each code are in `millpond.athena.error_types`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from millpond.athena.sql.syntax import Position


class SqlError(Exception):
    """A statement that Athena refuses.

    Attributes:
        code: Trino's error code, which Athena puts before the message (`COLUMN_NOT_FOUND`).
        line: Where in the statement, from 1; None if it concerns the whole.
        column: Where in the line, from 1.
    """

    code = "GENERIC_USER_ERROR"

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    @classmethod
    def at(cls, position: Position, message: str) -> Self:
        """The error at a place of the statement."""
        return cls(message, position.line, position.column)

    def __str__(self) -> str:
        """Athena's wording: `COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved`."""
        place = f"line {self.line}:{self.column}: " if self.line is not None else ""
        return f"{self.code}: {place}{self.message}"


class InvalidType(SqlError):
    """A type that Athena does not know or cannot use there."""

    code = "TYPE_NOT_FOUND"


class InvalidDecimal(InvalidType):
    """A decimal of more digits than there are, or of more behind the point than it has."""

    code = "INVALID_FUNCTION_ARGUMENT"


class AthenaSyntaxError(SqlError):
    """A text that is no statement of Athena's grammar.

    Athena refuses it before it becomes a query execution: StartQueryExecution fails with
    InvalidRequestException, `AthenaErrorCode` MALFORMED_QUERY, and this text without a code.
    """

    code = "SYNTAX_ERROR"

    def __str__(self) -> str:
        """Athena's wording: `line 1:1: mismatched input 'SELEC'. Expecting: …`."""
        return f"line {self.line or 1}:{self.column or 1}: {self.message}"


class MissingSchemaName(SqlError):
    """A table's name without a database where the query context has none either."""

    code = "MISSING_SCHEMA_NAME"


class ColumnNotFound(SqlError):
    """A name that no relation in scope has."""

    code = "COLUMN_NOT_FOUND"


class AmbiguousName(SqlError):
    """A name that more than one relation in scope has."""

    code = "AMBIGUOUS_NAME"


class TypeMismatch(SqlError):
    """An operator, a function or a clause with a value of the wrong type."""

    code = "TYPE_MISMATCH"


class FunctionNotFound(SqlError):
    """A function that Athena does not have, or not for these types of arguments."""

    code = "FUNCTION_NOT_FOUND"


class ExpressionNotAggregate(SqlError):
    """An expression of a grouped query that is neither grouped nor an aggregate."""

    code = "EXPRESSION_NOT_AGGREGATE"


class NestedAggregation(SqlError):
    """An aggregate inside of an aggregate."""

    code = "NESTED_AGGREGATION"


class FunctionNotAggregate(SqlError):
    """DISTINCT, FILTER or ORDER BY in a call of a function that is no aggregate."""

    code = "FUNCTION_NOT_AGGREGATE"


class FunctionNotWindow(SqlError):
    """OVER behind a function that has no window."""

    code = "FUNCTION_NOT_WINDOW"


class MissingOver(SqlError):
    """A window function without OVER."""

    code = "MISSING_OVER"


class ExpressionNotScalar(SqlError):
    """An aggregate or a window function where only a scalar may stand."""

    code = "EXPRESSION_NOT_SCALAR"


class NotSupported(SqlError):
    """A feature that Athena has not, or that is not built here; the message names it."""

    code = "NOT_SUPPORTED"


class InvalidFunctionArgument(SqlError):
    """An argument outside of what a function takes."""

    code = "INVALID_FUNCTION_ARGUMENT"


class InvalidPath(SqlError):
    """A JSON path that is none."""

    code = "INVALID_PATH"


class InvalidLiteral(SqlError):
    """A literal whose text is no value of its type."""

    code = "INVALID_LITERAL"


class InvalidColumnReference(SqlError):
    """An ordinal of GROUP BY or ORDER BY that names no column, and the like."""

    code = "INVALID_COLUMN_REFERENCE"


class StaleView(SqlError):
    """A view whose query gives other columns by now than it was created with."""

    code = "VIEW_IS_STALE"


class InvalidView(SqlError):
    """A view that cannot be analysed: its query is wrong by now, or it contains itself."""

    code = "INVALID_VIEW"


class InvalidParameterUsage(SqlError):
    """More or fewer values than the statement has `?`."""

    code = "INVALID_PARAMETER_USAGE"


class DuplicateColumnName(SqlError):
    """One column name twice where each must be there once."""

    code = "DUPLICATE_COLUMN_NAME"


class DuplicateNamedQuery(SqlError):
    """A name of WITH that is there twice."""

    code = "DUPLICATE_NAMED_QUERY"


class MismatchedColumnAliases(SqlError):
    """A list of column names that is longer or shorter than what it names."""

    code = "MISMATCHED_COLUMN_ALIASES"


class MissingColumnAliases(SqlError):
    """A recursive query whose columns have no names."""

    code = "MISSING_COLUMN_ALIASES"


class MissingOrderBy(SqlError):
    """A clause that means nothing without ORDER BY."""

    code = "MISSING_ORDER_BY"


class InvalidWindowFrame(SqlError):
    """A frame of a window that ends before it begins, or that a function does not take."""

    code = "INVALID_WINDOW_FRAME"
