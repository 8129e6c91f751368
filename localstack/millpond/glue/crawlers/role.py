"""The rights of a crawl: its role's, asked for before everything that it does.

A crawler reads objects and writes the catalog inside the local cloud's process; whether it may is decided as
if it had sent requests with its role's credentials.
"""

from __future__ import annotations

from typing import Any

from millpond.iam.enforcement import AccessDeniedError, RoleNotAssumableError, check_trust, role_actor
from millpond.s3 import S3Location

__all__ = ["AccessDeniedError", "CrawlerRole", "RoleNotAssumableError", "role_arn"]

_SERVICE = "glue.amazonaws.com"
_SESSION = "AWS-Crawler"


def role_arn(role: str, account_id: str) -> str:
    """The ARN of a crawler's `Role`, which may be a name with its path."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account_id}:role/{role.lstrip('/')}"


class CrawlerRole:
    """A role's session; all methods raise `AccessDeniedError` if the role must not do what they ask for.

    Args:
        role: The crawler's `Role`.
        account_id: Of the crawler.
        region: Of the crawler.
        crawler: Its name.

    Raises:
        RoleNotAssumableError: There is no such role, or it does not trust Glue.
    """

    def __init__(self, role: str, account_id: str, region: str, crawler: str) -> None:
        arn = role_arn(role, account_id)
        check_trust(arn, _SERVICE, source_arn=f"arn:aws:glue:{region}:{account_id}:crawler/{crawler}")
        self._actor = role_actor(arn, _SESSION, region)

    def require_list(self, location: S3Location) -> None:
        """The right to list a prefix."""
        self._actor.check("s3", "ListObjectsV2", Bucket=location.bucket, Prefix=location.key)

    def require_read(self, location: S3Location) -> None:
        """The right to read an object, and to use the key that it is encrypted with."""
        self._actor.check("s3", "GetObject", Bucket=location.bucket, Key=location.key)

    def require_glue(self, operation: str, database: str, table: str = "", **parameters: Any) -> None:
        """The right to do something with a database, or with a table and all that it lies in.

        Args:
            operation: As Glue's API calls it.
            database: The database.
            table: The table.
            parameters: Those that the operation names a table by, in the place of `TableName`.
        """
        named = parameters or ({"TableName": table} if table else {"Name": database})
        self._actor.check("glue", operation, DatabaseName=database, **named)

    def require_logs(self, operation: str, group: str, stream: str = "") -> None:
        """The right to write a log."""
        named = {"logStreamName": stream} if stream else {}
        self._actor.check("logs", operation, logGroupName=group, **named)
