"""AWS clients with which a service acts under a role that its customer has given it.

EventBridge, Scheduler, Step Functions and the like call other services with the rights of a role. Here they
call this cloud's own endpoint, so that every such call is decided and answered as any other.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from millpond.iam.enforcement import service_session

# A session that is about to end is not given out any more.
_REST = datetime.timedelta(minutes=5)
_CONFIG = Config(
    retries={"max_attempts": 1},
    max_pool_connections=32,
    s3={"addressing_style": "path"},
    read_timeout=900,
    parameter_validation=True,
    # MWAA's operations have names of their own before the host's, which an address has not.
    inject_host_prefix=False,
)


@dataclass(frozen=True)
class ServiceRole:
    """A role, and who takes it on for what.

    Attributes:
        arn: The role.
        principal: The service's, as `events.amazonaws.com`.
        session_name: What the session is called.
        source_arn: What the service acts for, such as a rule.
    """

    arn: str
    principal: str
    session_name: str
    source_arn: str | None = None


class RoleClients:
    """Clients by service, region and role; made when first asked for and kept while their session lasts.

    Args:
        endpoint_url: This cloud's.
        other_endpoints: Where the services answer that this cloud leaves to others.
    """

    def __init__(self, endpoint_url: str, other_endpoints: Mapping[str, str]) -> None:
        self._endpoint_url = endpoint_url
        self._other_endpoints = other_endpoints
        self._lock = threading.Lock()
        self._session: Any = get_session()
        self._clients: dict[tuple[str, str, ServiceRole], tuple[datetime.datetime, Any]] = {}

    def client(self, service: str, region: str, role: ServiceRole) -> Any:
        """A botocore client of a service.

        Raises:
            RoleNotAssumableError: There is no such role, or it does not trust the service.
        """
        key = (service, region, role)
        with self._lock:
            good_until, client = self._clients.get(key, (None, None))
            if good_until is None or good_until < datetime.datetime.now(datetime.UTC):
                good_until, client = self._new(service, region, role)
                self._clients[key] = good_until, client
            return client

    def forget(self) -> None:
        """Give out no client any more that was made before, for roles may have changed."""
        with self._lock:
            self._clients.clear()

    def _new(self, service: str, region: str, role: ServiceRole) -> tuple[datetime.datetime, Any]:
        credentials = service_session(role.arn, role.principal, role.session_name, source_arn=role.source_arn)
        client = self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self._other_endpoints.get(service, self._endpoint_url),
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=_CONFIG,
        )
        return credentials.expiration - _REST, client
