"""What callers ask of STS, checked against the constraints that AWS's model of the service has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import botocore.session
from botocore.model import ServiceModel, Shape

from millpond.sts.exceptions import ValidationError

_PLAIN_POLICY_LENGTH: Final = 2048
_POLICY_ARNS: Final = 10


@dataclass(frozen=True)
class Limits:
    """What a caller wants a new session to be limited to and known by.

    Attributes:
        duration_seconds: How long it lasts; `None` for the operation's default.
        policy: A session policy as a document, empty for none.
        policy_arns: Managed policies that are session policies.
        tags: The session's own.
        transitive_tag_keys: Tags that sessions begun from it have too.
        source_identity: `aws:SourceIdentity` from here on.
    """

    duration_seconds: int | None = None
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""

    @property
    def has_policies(self) -> bool:
        """Whether session policies were passed."""
        return bool(self.policy or self.policy_arns)

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Limits:
        """Those among an operation's parameters."""
        return cls(
            parameters.get("DurationSeconds"),
            parameters.get("Policy") or "",
            tuple(each["arn"] for each in parameters.get("PolicyArns") or ()),
            _tags(parameters.get("Tags") or ()),
            tuple(parameters.get("TransitiveTagKeys") or ()),
            parameters.get("SourceIdentity") or "",
        )


def validate(operation: str, parameters: Mapping[str, Any]) -> None:
    """Hold an operation's parameters against the model's constraints.

    Raises:
        ValidationError: Some do not meet them; the message names each.
    """
    shape = _model().operation_model(operation).input_shape
    assert shape is not None  # noqa: S101 - every operation that is asked for here has an input
    problems = [
        f"Value '{value}' at '{_lower_camel(name)}' failed to satisfy constraint: {constraint}"
        for name, value in parameters.items()
        if value is not None and name in shape.members
        for constraint in _unmet(shape.members[name], value)
    ]
    if len(parameters.get("Policy") or "") > _PLAIN_POLICY_LENGTH and not any(
        "'policy'" in p for p in problems
    ):
        problems.append(_too_long("policy", parameters["Policy"], _PLAIN_POLICY_LENGTH))
    if len(parameters.get("PolicyArns") or ()) > _POLICY_ARNS:
        problems.append(_too_long("policyArns", parameters["PolicyArns"], _POLICY_ARNS))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise ValidationError(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")


def _too_long(name: str, value: Any, most: int) -> str:
    constraint = f"Member must have length less than or equal to {most}"
    return f"Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"


def _tags(listed: Any) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in listed:
        if tag["Key"].lower() in (key.lower() for key in tags):
            raise ValidationError("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        tags[tag["Key"]] = tag["Value"]
    return tags


def _unmet(shape: Shape, value: Any) -> list[str]:
    """The constraints of a shape that a value does not meet, in AWS's words."""
    least, most, pattern = (shape.metadata.get(name) for name in ("min", "max", "pattern"))
    is_number = isinstance(value, int)
    size = value if is_number else len(value)
    what = "value" if is_number else "length"
    unmet = []
    if least is not None and size < least:
        unmet.append(f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        unmet.append(f"Member must have {what} less than or equal to {most}")
    # The model's patterns of free text are written for Java, whose code points Python spells otherwise.
    if pattern and "\\u" not in pattern and isinstance(value, str) and not re.fullmatch(pattern, value):
        unmet.append(f"Member must satisfy regular expression pattern: {pattern}")
    return unmet


def _lower_camel(name: str) -> str:
    return name[0].lower() + name[1:]


@lru_cache(maxsize=1)
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("sts")
