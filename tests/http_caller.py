"""Plain HTTP, as a browser or another program sends it."""

from __future__ import annotations

import urllib.error
import urllib.request


def call(url, method="GET", body=None, headers=None):
    """Status, headers and body of an answer."""
    request = urllib.request.Request(url, body, headers or {}, method=method)  # noqa: S310 - the cloud's
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()
