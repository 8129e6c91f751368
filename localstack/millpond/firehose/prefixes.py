"""Where objects go: prefixes with expressions, and names.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
"""

from __future__ import annotations

import re
import secrets
import uuid
import zoneinfo
from collections.abc import Mapping
from datetime import datetime, tzinfo

from millpond.firehose.exceptions import InvalidArgument

_EXPRESSION = re.compile(r"!\{(\w+):([^}]*)\}")
_NAMESPACES = ("firehose", "timestamp", "partitionKeyFromQuery", "partitionKeyFromLambda")
_DEFAULT_TIME = "yyyy/MM/dd/HH/"
# Java's letters; a run of a letter that is not here is refused when the stream is made.
_LETTERS = {
    "yyyy": "%Y",
    "YYYY": "%G",
    "yy": "%y",
    "MM": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "dd": "%d",
    "DDD": "%j",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
    "SSS": "",
    "a": "%p",
    "EEE": "%a",
    "ww": "%V",
}
_PATTERN = re.compile(r"'([^']*)'|([A-Za-z])\2*")


def check_prefix(prefix: str, *, for_errors: bool, dynamic: bool) -> None:
    """Make sure that a prefix can be written out.

    Raises:
        InvalidArgument: An expression is not known, or not allowed in this prefix.
    """
    if len(prefix) > 1024:
        raise InvalidArgument("Prefix must be at most 1024 characters long.")
    found = [(match[1], match[2]) for match in _EXPRESSION.finditer(prefix)]
    for namespace, content in found:
        if namespace not in _NAMESPACES:
            raise InvalidArgument(f"Prefix contains an unknown namespace {namespace}.")
        if namespace == "timestamp":
            for match in _PATTERN.finditer(content):
                if match[2] and match[0] not in _LETTERS:
                    raise InvalidArgument(f"The timestamp format {content} has the unknown part {match[0]}.")
        if namespace.startswith("partitionKey") and (for_errors or not dynamic):
            raise InvalidArgument(
                f"!{{{namespace}:{content}}} needs dynamic partitioning and is not for error prefixes."
            )
    names = {content for namespace, content in found if namespace == "firehose"}
    if not for_errors and "error-output-type" in names:
        raise InvalidArgument("Prefix cannot contain !{firehose:error-output-type}.")
    if for_errors and found and "error-output-type" not in names:
        raise InvalidArgument("ErrorOutputPrefix must contain !{firehose:error-output-type}.")


def time_zone(name: str | None) -> tzinfo:
    """The zone of a destination's timestamps.

    Raises:
        InvalidArgument: There is no such zone.
    """
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise InvalidArgument(f"CustomTimeZone {name} is not a valid time zone.") from None


def written_prefix(
    prefix: str, arrived_at: datetime, keys: Mapping[str, str], error_type: str | None = None
) -> str:
    """A prefix with its expressions; without any, the time is added.

    Args:
        prefix: As the destination has it.
        arrived_at: Of the oldest record, in the destination's zone.
        keys: Of dynamic partitioning.
        error_type: For an error prefix.
    """
    if not _EXPRESSION.search(prefix):
        error = f"{error_type}/" if error_type else ""
        return f"{prefix}{error}{_time(arrived_at, _DEFAULT_TIME)}"

    def value(match: re.Match[str]) -> str:
        namespace, content = match[1], match[2]
        if namespace == "timestamp":
            return _time(arrived_at, content)
        if namespace == "firehose":
            return error_type or "" if content == "error-output-type" else secrets.token_urlsafe(8)[:11]
        return keys[content]

    return _EXPRESSION.sub(value, prefix)


def object_name(stream: str, version: str, moment: datetime, extension: str) -> str:
    """The name of an object below its prefix."""
    return f"{stream}-{version}-{moment:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}{extension}"


def _time(moment: datetime, pattern: str) -> str:
    def written(match: re.Match[str]) -> str:
        if match[2] is None:
            return match[1] or "'"
        if match[0] == "SSS":
            return f"{moment.microsecond // 1000:03}"
        return moment.strftime(_LETTERS[match[0]])

    return _PATTERN.sub(written, pattern)
