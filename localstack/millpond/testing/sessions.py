"""boto3 sessions whose clients go to one endpoint unless they are told otherwise."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from millpond.client import Endpoint


class EndpointSession(boto3.Session):
    """A session for libraries that take one (`boto3_session=`): it brings the endpoint along."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint.access_key, endpoint.secret_key, endpoint.session_token, endpoint.region)
        self._endpoint_url = endpoint.url

    def client(self, *arguments: Any, **options: Any) -> Any:
        """A client, as boto3 makes it."""
        return super().client(*arguments, **self._at_endpoint(options))

    def resource(self, *arguments: Any, **options: Any) -> Any:
        """A resource, as boto3 makes it."""
        return super().resource(*arguments, **self._at_endpoint(options))

    def _at_endpoint(self, options: dict[str, Any]) -> dict[str, Any]:
        """Libraries pass `endpoint_url=None` on when nobody gave them one."""
        given = options.get("config")
        return {
            **options,
            "endpoint_url": options.get("endpoint_url") or self._endpoint_url,
            "config": _CONFIG.merge(given) if given else _CONFIG,
        }


# Some operations put a name of their own before the host's (`api.` for MWAA), which an address has not.
_CONFIG = Config(inject_host_prefix=False)
