"""S3's requests by their shape: never another operation than moto's router, which dispatches them, finds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from moto.core.request import Request
from moto.core.routing import get_router_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder

from millpond.iam.enforcement.request_body import Environ
from millpond.iam.enforcement.rest_requests import RestRequests

PATHS = (
    "/",
    "/lake",
    "/lake/",
    "/lake//",
    "//lake/a",
    "/lake/a",
    "/lake/a/b=1/c.parquet",
    "/lake/a/",
    "/lake/a//b",
    "/lake//a",
    "/lake/a%2Fb%20c%3F",
    "/lake/%2e%2e/a",
    "/Lake/a",
    "/la_ke/a",
    "/WriteGetObjectResponse",
)
METHODS = ("GET", "PUT", "POST", "DELETE")
QUERIES = (
    "",
    "list-type=2",
    "list-type=1",
    "list-type=1&list-type=2",
    "prefix=a&delimiter=%2F",
    "uploads",
    "uploadId=1&partNumber=2",
    "versionId=3",
    "tagging",
    "acl",
    "policy",
    "delete",
    "x-id=GetObject",
    "attributes",
)
HEADERS = ({}, {"x-amz-copy-source": "other/a"}, {"x-amz-object-attributes": "ETag"})
HOSTS = ("127.0.0.1:4566", "other.s3.amazonaws.com", "lake.localhost:4566")


def requests() -> Iterator[Environ]:
    for path, method, query, headers, host in itertools.product(PATHS, METHODS, QUERIES, HEADERS, HOSTS):
        environ = EnvironBuilder(path="/", method=method, query_string=query, headers=headers).get_environ()
        yield {**environ, "RAW_URI": f"{path}?{query}" if query else path, "HTTP_HOST": host}


def test_shape_of_a_request_leads_to_what_the_router_finds() -> None:
    model = get_service_model("s3")
    router, read = get_router_class("s3", "rest-xml")(model), RestRequests(model, ("rest-xml",)).read
    seen = set()
    for environ in requests():
        try:
            operation, named = router.match(Request(environ))
            expected = operation.name, named
        except NotFound:
            expected = None
        found = read(environ)
        asked = (environ["REQUEST_METHOD"], environ["RAW_URI"], environ["HTTP_HOST"])
        if expected is None or found is None:
            assert found == expected, asked
        else:
            assert (found[0], {name: found[1].get(name) for name in named}) == expected, asked
            seen.add(found[0])
    assert len(seen) > 30
