"""Which operation of S3 a request is, by its shape.

To match a path against all of S3's is what costs most of deciding on a request, and objects are what most
requests are for. What S3 goes by is little: the method, whether a bucket or an object is named, and some
names in the query and among the headers. moto's router is asked once for each such shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from moto.core.model import ServiceModel

# Paths that can be read in one way only, at hosts that are not named after a bucket.
_PATH = re.compile(r"/(?P<bucket>[a-z0-9][a-z0-9.-]*)(?:/(?P<key>[^/?#](?:[^?#]*[^/?#])?))?")
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::\d+)?")

Shape = tuple[str, bool, tuple[tuple[str, str | None], ...], tuple[str, ...]]
"""Method, whether an object is named, what the query has that S3 goes by, and which such headers."""


class ObjectRoutes:
    """The operations of the shapes that have been seen.

    Args:
        model: AWS's model of S3, which says what in a query or header makes an operation.
    """

    def __init__(self, model: ServiceModel) -> None:
        operations = [model.operation_model(name) for name in model.operation_names]
        self._values: dict[str, set[str]] = {}
        self._headers: dict[str, None] = {}
        for operation in operations:
            for name, value in operation.http_trait.query_args.items():
                self._values.setdefault(name, set()).update(() if value is None else (value,))
            for name in getattr(operation.input_shape, "required_query_args", ()):
                self._values.setdefault(name, set())
            for name in getattr(operation.input_shape, "required_headers", ()):
                self._headers[f"HTTP_{name.upper().replace('-', '_')}"] = None
        self._operations: dict[Shape, str] = {}

    def read(
        self, environ: Mapping[str, Any], query: Mapping[str, Sequence[str]]
    ) -> tuple[Shape, dict[str, str]] | None:
        """A request's shape, and the bucket and key that it names; `None` where only the router can tell."""
        found = _PATH.fullmatch(environ.get("RAW_URI", "").partition("?")[0] or environ["PATH_INFO"])
        if found is None or not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
            return None
        bucket, key = found.groups()
        if key is not None and "//" in key:
            return None
        named = {"Bucket": bucket} if key is None else {"Bucket": bucket, "Key": unquote(key)}
        asked = tuple(
            (name, self._value(name, query[name])) for name in sorted(query) if name in self._values
        )
        headers = tuple(name for name in self._headers if name in environ)
        return (environ["REQUEST_METHOD"], key is not None, asked, headers), named

    def operation(self, shape: Shape) -> str | None:
        """The operation of requests of a shape, if it is known."""
        return self._operations.get(shape)

    def learn(self, shape: Shape, operation: str) -> None:
        """Keep what the router has said of a request of this shape."""
        self._operations[shape] = operation

    def _value(self, name: str, values: Sequence[str]) -> str | None:
        """A value that makes a difference; any other is as good as none."""
        return values[0] if values[0] in self._values[name] else None
