"""The policy in a browser's form: what an upload must be like to be the one that was signed.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_INVALID = "Invalid according to Policy: "
# The fields that a policy need not speak of; nor need it of those that begin with `x-ignore-`.
_FREE = frozenset({"awsaccesskeyid", "signature", "policy", "file", "x-amz-signature"})


@dataclass(frozen=True)
class Upload:
    """What a form brings.

    Attributes:
        bucket: Where to.
        fields: The form's fields but for the file, by their names in lower case.
        size: Of the file, in bytes.
    """

    bucket: str
    fields: Mapping[str, str]
    size: int

    def value(self, name: str) -> str:
        """The value of a field, or what a condition calls so; empty where there is none."""
        return self.bucket if name == "bucket" else self.fields.get(name, "")


@dataclass(frozen=True)
class Broken:
    """Why an upload is not what was signed: S3's code, status and message."""

    code: str
    status: int
    message: str


@dataclass(frozen=True)
class Condition:
    """One condition.

    Attributes:
        text: As the policy has it.
        name: Of the field that it is about, in lower case; empty for the size of the file.
        holds: Whether an upload meets it.
    """

    text: str
    name: str
    holds: Callable[[Upload], bool]


@dataclass(frozen=True)
class SizeRange:
    """How large the file may be, in bytes."""

    least: int
    most: int


def why_not_signed(upload: Upload, now: datetime.datetime) -> Broken | None:
    """Why the policy that comes with a signed form does not let its upload pass; `None` if it does."""
    if not upload.fields.get("policy"):
        return _denied("the form has no policy")
    try:
        document = json.loads(base64.b64decode(upload.fields["policy"]))
        ends = datetime.datetime.fromisoformat(document["expiration"])
        conditions = list(_conditions(document["conditions"]))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        return Broken("InvalidPolicyDocument", 400, f"{_INVALID}Invalid JSON.")
    if ends.replace(tzinfo=ends.tzinfo or datetime.UTC) <= now:
        return _denied("Policy expired.")
    for condition in conditions:
        if isinstance(condition, SizeRange):
            if upload.size > condition.most:
                message = "Your proposed upload exceeds the maximum allowed size"
                return Broken("EntityTooLarge", 400, message)
            if upload.size < condition.least:
                message = "Your proposed upload is smaller than the minimum allowed size"
                return Broken("EntityTooSmall", 400, message)
        elif not condition.holds(upload):
            return _denied(f"Policy Condition failed: {condition.text}")
    return _extra_fields(upload, {each.name for each in conditions if isinstance(each, Condition)})


def _extra_fields(upload: Upload, known: set[str]) -> Broken | None:
    """What the policy does not speak of was not signed."""
    for name in upload.fields:
        if name not in known | _FREE and not name.startswith("x-ignore-"):
            return _denied(f"Extra input fields: {name}")
    return None


def _conditions(listed: Any) -> Iterator[Condition | SizeRange]:
    for given in listed:
        if isinstance(given, dict):
            for name, value in given.items():
                yield _equals(name.lower(), str(value))
            continue
        operator, first, second = given
        if operator.lower() == "content-length-range":
            yield SizeRange(int(first), int(second))
        elif operator.lower() == "eq":
            yield _equals(first.lower().removeprefix("$"), str(second))
        elif operator.lower() == "starts-with":
            yield _starts_with(first.lower().removeprefix("$"), str(second))
        else:
            raise ValueError(operator)


def _equals(name: str, value: str) -> Condition:
    text = json.dumps(["eq", f"${name}", value])
    return Condition(text, name, lambda upload: upload.value(name) == value)


def _starts_with(name: str, value: str) -> Condition:
    text = json.dumps(["starts-with", f"${name}", value])

    def holds(upload: Upload) -> bool:
        given = upload.value(name)
        # Of several content types each must begin so.
        parts = given.split(",") if name == "content-type" else [given]
        return all(part.startswith(value) for part in parts)

    return Condition(text, name, holds)


def _denied(problem: str) -> Broken:
    return Broken("AccessDenied", 403, _INVALID + problem)
