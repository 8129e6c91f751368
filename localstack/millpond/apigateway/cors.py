"""Cross-origin requests, as an HTTP API's `CorsConfiguration` wants them answered.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from millpond.apigateway.requests import ApiAnswer, ApiRequest


@dataclass(frozen=True)
class Cors:
    """Who may call from where; in `CorsConfiguration` everything is optional."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    request_headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    max_age: int | None = None
    credentials: bool = False

    @classmethod
    def of(cls, configuration: Mapping[str, Any] | None) -> Cors | None:
        """Read a configuration; None if there is none."""
        if not configuration:
            return None
        return cls(
            tuple(configuration.get("allowOrigins") or ()),
            tuple(configuration.get("allowMethods") or ()),
            tuple(configuration.get("allowHeaders") or ()),
            tuple(configuration.get("exposeHeaders") or ()),
            configuration.get("maxAge"),
            bool(configuration.get("allowCredentials")),
        )

    def preflight(self, request: ApiRequest) -> ApiAnswer:
        """The answer to a browser that asks before it calls."""
        headers = self._origin_headers(request)
        if headers:
            if self.methods:
                headers.append(("access-control-allow-methods", ",".join(self.methods)))
            if self.request_headers:
                headers.append(("access-control-allow-headers", ",".join(self.request_headers)))
            if self.max_age is not None:
                headers.append(("access-control-max-age", str(self.max_age)))
        return ApiAnswer(204, tuple(headers))

    def on(self, answer: ApiAnswer, request: ApiRequest) -> ApiAnswer:
        """An answer with what the browser wants to see; what the integration says about it does not count."""
        headers = self._origin_headers(request)
        if headers and self.exposed_headers:
            headers.append(("access-control-expose-headers", ",".join(self.exposed_headers)))
        return answer.with_headers(headers)

    def _origin_headers(self, request: ApiRequest) -> list[tuple[str, str]]:
        origin = request.header("origin")
        if not origin or not any(_matches(allowed, origin) for allowed in self.origins):
            return []
        anybody = "*" in self.origins and not self.credentials
        headers = [("access-control-allow-origin", "*" if anybody else origin)]
        if self.credentials:
            headers.append(("access-control-allow-credentials", "true"))
        return headers


def _matches(allowed: str, origin: str) -> bool:
    """`*`, a scheme with everything below it (`https://*`), or one origin."""
    return allowed == origin or (allowed.endswith("*") and origin.startswith(allowed[:-1]))
