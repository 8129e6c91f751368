"""The rights of a crawl: its role's, asked for before everything that it does.

A crawler reads objects and writes the catalog inside the local cloud's process; whether it may is decided as
if it had sent requests with its role's credentials.
"""

from __future__ import annotations

from collections.abc import Mapping

from millpond.iam.enforcement import AccessDeniedError, RoleNotAssumableError, installed, service_session
from millpond.iam.evaluation import Principal
from millpond.iam.principals import principal_of
from millpond.s3 import S3Location

_SERVICE = "glue.amazonaws.com"
_SESSION = "AWS-Crawler"


def role_arn(role: str, account_id: str) -> str:
    """The ARN of a crawler's `Role`, which may be a name with its path."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account_id}:role/{role.lstrip('/')}"


class CrawlerRole:
    """A role's session.

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
        self._glue = f"arn:aws:glue:{region}:{account_id}"
        self._logs = f"arn:aws:logs:{region}:{account_id}:log-group"
        self._principal: Principal | None = None
        if installed().enforced:
            source = f"{self._glue}:crawler/{crawler}"
            session = service_session(arn, _SERVICE, _SESSION, source_arn=source)
            self._principal = principal_of(session.access_key_id, session.session_token)

    def require_list(self, location: S3Location) -> None:
        """The right to list a prefix; raises `AccessDeniedError`, as all of these do."""
        prefix = {"s3:prefix": (location.key,)}
        self._require("s3:ListBucket", f"arn:aws:s3:::{location.bucket}", prefix)

    def may_read(self, location: S3Location) -> bool:
        """Whether it may read an object."""
        if self._principal is None:
            return True
        return installed().allows(
            self._principal, "s3:GetObject", f"arn:aws:s3:::{location.bucket}/{location.key}"
        )

    def require_glue(self, action: str, database: str, table: str = "") -> None:
        """The right to do something with a database, or with a table and all that it lies in."""
        self._require(f"glue:{action}", f"{self._glue}:catalog")
        self._require(f"glue:{action}", f"{self._glue}:database/{database}")
        if table:
            self._require(f"glue:{action}", f"{self._glue}:table/{database}/{table}")

    def require_logs(self, action: str, group: str, stream: str = "") -> None:
        """The right to write a log."""
        self._require(f"logs:{action}", f"{self._logs}:{group}:{f'log-stream:{stream}' if stream else ''}")

    def _require(
        self, action: str, resource: str, context: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        if self._principal is not None:
            installed().check(self._principal, action, resource, context)


__all__ = ["AccessDeniedError", "CrawlerRole", "RoleNotAssumableError", "role_arn"]
