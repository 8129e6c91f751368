"""What Athena refuses: at its API (botocore's exceptions), and while a query runs (`AthenaError`).

https://docs.aws.amazon.com/athena/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
"""

from __future__ import annotations

import json

from moto.core.exceptions import JsonRESTError

from millpond.athena.sql.exceptions import SqlError


class InvalidRequest(JsonRESTError):
    """`InvalidRequestException`: the request itself is wrong.

    AWS says why in `AthenaErrorCode`, and again in `ErrorCode`.
    """

    code = 400
    reason = "INVALID_INPUT"

    def __init__(self, message: str) -> None:
        super().__init__("InvalidRequestException", message)
        self.description = json.dumps(
            {
                "__type": self.error_type,
                "AthenaErrorCode": self.reason,
                "ErrorCode": self.reason,
                "Message": message,
            }
        )


class MalformedQuery(InvalidRequest):
    """The statement is none of Athena's."""

    reason = "MALFORMED_QUERY"


class QueryExecutionNotFound(InvalidRequest):
    """No query has this id."""

    reason = "QUERY_EXECUTION_NOT_FOUND"

    def __init__(self, query_id: str) -> None:
        super().__init__(f"QueryExecution {query_id} was not found")


class InvalidQueryExecutionState(InvalidRequest):
    """The query has no results: it failed, was cancelled or still runs."""

    reason = "INVALID_QUERY_EXECUTION_STATE"


class IdempotentParameterMismatch(InvalidRequest):
    """A ClientRequestToken that came with another query before."""

    reason = "IDEMPOTENT_PARAMETER_MISMATCH"

    def __init__(self) -> None:
        super().__init__("Idempotent parameters do not match")


class NamedQueryNotFound(InvalidRequest):
    """No saved query has this id."""

    reason = "NAMED_QUERY_NOT_FOUND"

    def __init__(self, query_id: str) -> None:
        super().__init__(f"NamedQuery {query_id} was not found")


class ResourceNotFound(JsonRESTError):
    """`ResourceNotFoundException`: a prepared statement or a tagged resource does not exist."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


class MetadataError(JsonRESTError):
    """`MetadataException`: the data catalog answered with an error."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("MetadataException", message)


class UnsupportedOperation(JsonRESTError):
    """An operation of Athena's API that the local cloud does not have."""

    code = 400

    def __init__(self, operation: str) -> None:
        super().__init__("UnknownOperationException", f"Athena's {operation} is not supported locally.")


class QueryFailed(SqlError):
    """A query that fails while it runs, for a reason that is not in its text."""


class InternalError(QueryFailed):
    """The local cloud itself is at fault."""

    code = "GENERIC_INTERNAL_ERROR"


class SchemaNotFound(QueryFailed):
    """A database that is not in the Glue catalog."""

    code = "SCHEMA_NOT_FOUND"


class TableNotFound(QueryFailed):
    """A table that is not in the Glue catalog."""

    code = "TABLE_NOT_FOUND"


class AlreadyExists(QueryFailed):
    """A table or schema of that name is there already."""

    code = "ALREADY_EXISTS"


class HiveMetastoreError(QueryFailed):
    """The catalog describes a table in a way that cannot be read."""

    code = "HIVE_METASTORE_ERROR"


class HivePartitionSchemaMismatch(QueryFailed):
    """A partition declares a column with a type that cannot be read as the table's."""

    code = "HIVE_PARTITION_SCHEMA_MISMATCH"


class HiveInvalidPartitionValue(QueryFailed):
    """A partition has a value that is none of its column's type."""

    code = "HIVE_INVALID_PARTITION_VALUE"


class HiveUnsupportedFormat(QueryFailed):
    """A SerDe or file format that is not supported."""

    code = "HIVE_UNSUPPORTED_FORMAT"


class HiveBadData(QueryFailed):
    """A file's content does not fit the table's declaration."""

    code = "HIVE_BAD_DATA"


class HiveFilesystemError(QueryFailed):
    """A location cannot be read or written."""

    code = "HIVE_FILESYSTEM_ERROR"


class HiveInvalidTableProperty(QueryFailed):
    """A property of CREATE TABLE that Athena does not know, or with a wrong value."""

    code = "INVALID_TABLE_PROPERTY"


class HiveColumnOrderMismatch(QueryFailed):
    """A new table whose partition columns are not its last ones."""

    code = "HIVE_COLUMN_ORDER_MISMATCH"


class HiveTooManyOpenPartitions(QueryFailed):
    """CTAS or INSERT would write more than 100 partitions at once.

    https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html
    """

    code = "HIVE_TOO_MANY_OPEN_PARTITIONS"

    def __init__(self) -> None:
        super().__init__("Exceeded limit of 100 open writers for partitions/buckets")


class IcebergTooManyOpenPartitions(QueryFailed):
    """The same limit for an Iceberg table."""

    code = "ICEBERG_TOO_MANY_OPEN_PARTITIONS"

    def __init__(self) -> None:
        super().__init__("Exceeded limit of 100 open writers for partitions")


class PathNotEmpty(QueryFailed):
    """CTAS into a location that holds objects already."""

    code = "HIVE_PATH_ALREADY_EXISTS"

    def __init__(self, location: str) -> None:
        super().__init__(f"Target directory for table already exists: {location}")


class IcebergFilesystemError(QueryFailed):
    """An Iceberg table cannot be made where it is to lie."""

    code = "ICEBERG_FILESYSTEM_ERROR"


class IcebergSplitError(QueryFailed):
    """A data file that the table's metadata names cannot be read."""

    code = "ICEBERG_CANNOT_OPEN_SPLIT"


class InvalidTableVersion(QueryFailed):
    """Time travel to a snapshot that the table does not have."""

    code = "INVALID_ARGUMENTS"


class IcebergCommitError(QueryFailed):
    """Another writer committed first; dbt-athena retries upon this type."""

    code = "ICEBERG_COMMIT_ERROR"


class MergeMatchedMultipleRows(QueryFailed):
    """A MERGE in which more than one source row matches a row of the target."""

    code = "MERGE_TARGET_ROW_MULTIPLE_MATCHES"

    def __init__(self) -> None:
        super().__init__("One MERGE target table row matched more than one source row")


class QueryCancelled(Exception):
    """The query was stopped by StopQueryExecution or by the server's end."""

    reason: str | None = None


class ScanLimitExceeded(QueryCancelled):
    """The query would read more than its workgroup's `BytesScannedCutoffPerQuery`."""

    reason = "Query cancelled! : Bytes scanned limit was exceeded"
