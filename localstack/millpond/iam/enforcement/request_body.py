"""What a request carries besides its headers: the body, a browser's form, the query; all stay readable."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from moto.core.request import Request

Environ = dict[str, Any]


def body_of(environ: Environ) -> bytes:
    """A request's body, put back for whoever reads it next."""
    length: str = environ.get("CONTENT_LENGTH") or ""
    if length and not length.isdigit():
        environ["CONTENT_LENGTH"] = "0"  # whoever reads it would wait for a body without an end
        return b""
    if not length and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length)) if length else environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else body


def json_of(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body; an empty one where there is none, which the service will complain of."""
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, Mapping) else {}


def browsers_form(environ: Environ) -> dict[str, str]:
    """The fields of a browser's upload by a form, in lower case, without its file."""
    content_type: str = environ.get("CONTENT_TYPE") or ""
    if environ["REQUEST_METHOD"] != "POST" or not content_type.startswith("multipart/form-data"):
        return {}
    body_of(environ)
    fields = {name.lower(): value for name, value in Request(environ).form.items()}
    environ["wsgi.input"].seek(0)
    return fields


def size_of_upload(environ: Environ) -> int:
    """How many bytes the file of a browser's upload has; 0 where there is none."""
    body_of(environ)
    file = Request(environ).files.get("file")
    size = 0 if file is None else file.stream.seek(0, io.SEEK_END)
    environ["wsgi.input"].seek(0)
    return size


def query_of(environ: Environ) -> dict[str, str]:
    """The parameters of a request's query."""
    text: str = environ.get("QUERY_STRING", "")
    return dict(parse_qsl(text, keep_blank_values=True)) if text else {}
