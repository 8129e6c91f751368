"""DeleteObjects of which some objects are denied: these are told as errors, and the others are deleted.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.request_body import Environ
from millpond.iam.evaluation import Decision

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# What vouches for a body that is then another.
_DIGESTS = ("HTTP_CONTENT_MD5", "HTTP_CONTENT_ENCODING", "HTTP_X_AMZ_CONTENT_SHA256")
_CHECKSUMS = "HTTP_X_AMZ_CHECKSUM_"


@dataclass(frozen=True)
class DeniedDeletion:
    """An object, or one version of it, that the caller may not delete.

    Attributes:
        key: The object's key.
        version_id: The version; empty where the object itself is meant.
        message: Why not, in AWS's words.
    """

    key: str
    version_id: str
    message: str


def names_objects(call: ServiceCall) -> bool:
    """Whether each of what a call would delete has one key, and one version at most: else it is refused."""
    named = _objects(call)
    return bool(named) and all(
        isinstance(each, Mapping)
        and isinstance(each.get("Key"), str)
        and isinstance(each.get("VersionId"), str | None)
        for each in named
    )


def denied_deletions(call: ServiceCall, decisions: Iterable[Decision]) -> tuple[DeniedDeletion, ...]:
    """What of a call is denied.

    Args:
        call: A call of DeleteObjects.
        decisions: Those that were against it.
    """
    messages = {
        (decision.request.action, decision.request.resource): decision.message(quote_resource=True)
        for decision in decisions
    }
    return tuple(
        DeniedDeletion(str(each.get("Key", "")), str(each.get("VersionId") or ""), message)
        for each in _objects(call)
        if (message := messages.get(_asked(call, each))) is not None
    )


def leave_out(denied: Sequence[DeniedDeletion], call: ServiceCall, environ: Environ) -> bool:
    """Make the request one for the other objects; false if there are none."""
    kept_out = {(each.key, each.version_id) for each in denied}
    left = [
        each
        for each in _objects(call)
        if (str(each.get("Key", "")), str(each.get("VersionId") or "")) not in kept_out
    ]
    quiet = call.parameters["Delete"].get("Quiet")
    objects = "".join(f"<Object>{_elements(each)}</Object>" for each in left)
    body = f"<Delete>{objects}{_elements({'Quiet': quiet} if quiet else {})}</Delete>".encode()
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    for name in [name for name in environ if name in _DIGESTS or name.startswith(_CHECKSUMS)]:
        del environ[name]
    return bool(left)


def with_errors(answer: bytes, denied: Iterable[DeniedDeletion]) -> bytes:
    """What S3 has answered for the others, with what was denied.

    Args:
        answer: A `DeleteResult`; empty if nothing was left to be deleted.
        denied: What was denied.
    """
    result = ElementTree.fromstring(answer or f'<DeleteResult xmlns="{_NAMESPACE}"/>')  # noqa: S314 - our own
    space = result.tag.partition("}")[0] + "}" if result.tag.startswith("{") else ""
    for each in denied:
        error = ElementTree.SubElement(result, f"{space}Error")
        told = {
            "Key": each.key,
            "VersionId": each.version_id,
            "Code": "AccessDenied",
            "Message": each.message,
        }
        for name, text in told.items():
            if text:
                ElementTree.SubElement(error, space + name).text = text
    written: bytes = ElementTree.tostring(
        result, "UTF-8", xml_declaration=True, default_namespace=space.strip("{}") or None
    )
    return written


def _objects(call: ServiceCall) -> Sequence[Mapping[str, Any]]:
    named: Sequence[Mapping[str, Any]] = call.parameters.get("Delete", {}).get("Objects", ())
    return named


def _asked(call: ServiceCall, named: Mapping[str, Any]) -> tuple[str, str]:
    action = "s3:DeleteObjectVersion" if named.get("VersionId") else "s3:DeleteObject"
    return action, f"arn:{call.partition}:s3:::{call.parameters.get('Bucket', '*')}/{named.get('Key', '')}"


def _elements(texts: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(text))}</{name}>" for name, text in texts.items())
