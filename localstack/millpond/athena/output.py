"""Where a statement's result lies under the output location.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
"""

from __future__ import annotations

from millpond.athena.sql import statements
from millpond.s3 import S3Location


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
