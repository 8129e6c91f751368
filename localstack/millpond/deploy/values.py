"""Property values: as Pulumi sends them over the wire, as the engine keeps them, as state stores them.

Inside the engine a property is plain Python (numbers that are whole are `int`), with two additions:
`UNKNOWN`, for what a preview cannot know yet, and `Blob`, for an asset or archive. Secrecy is kept
beside the values, by the name of the top-level property, so that no code has to unwrap anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import struct_pb2

Properties = Mapping[str, Any]

UNKNOWN_ON_WIRE: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - it marks secrets, it is none
ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"


class _Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "<known after up>"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Blob:
    """An asset or archive; two are equal when their bytes are. One read from state has no content."""

    kind: str
    digest: str
    content: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def data(self) -> bytes:
        """The bytes, of a blob that the program gave."""
        if self.content is None:
            raise ValueError(f"the content of this {self.kind} is not kept in the state")
        return self.content


@dataclass(frozen=True)
class Decoded:
    """A whole set of properties from the wire."""

    properties: dict[str, Any]
    secrets: frozenset[str]


def has_unknowns(value: Any) -> bool:
    """Whether anything inside a value is known only after the run."""
    if isinstance(value, Mapping):
        return any(has_unknowns(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknowns(item) for item in value)
    return value is UNKNOWN


def equal(old: Any, new: Any) -> bool:
    """Whether two values mean the same: JSON documents are compared by content, not by spelling."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(equal(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(equal, old, new))
    if isinstance(old, str) and isinstance(new, str) and old[:1] == new[:1] and old[:1] in ("{", "["):
        try:
            return bool(json.loads(old) == json.loads(new))
        except ValueError:
            return old == new
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)


def to_wire(properties: Properties, secrets: frozenset[str] = frozenset()) -> struct_pb2.Struct:
    """Properties as Pulumi's SDK reads them. Blobs are left out: the program has its own."""
    struct = struct_pb2.Struct()
    for name, value in properties.items():
        if not isinstance(value, Blob):
            encoded = _encode(value)
            if name in secrets:
                encoded = {SIGNATURE_KEY: SECRET_SIGNATURE, "value": encoded}
            struct.update({name: encoded})
    return struct


def _encode(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_ON_WIRE
    if isinstance(value, Mapping):
        return {key: _encode(item) for key, item in value.items() if not isinstance(item, Blob)}
    if isinstance(value, list | tuple):
        return [_encode(item) for item in value]
    return value


def to_state(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, Blob):
        return {f"${value.kind}": value.digest}
    if isinstance(value, Mapping):
        return {key: to_state(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_state(item) for item in value]
    return value


def from_state(value: Any) -> Any:
    """The inverse of `to_state`."""
    if isinstance(value, dict):
        if len(value) == 1:
            (key, item), *_ = value.items()
            if key in ("$asset", "$archive"):
                return Blob(key[1:], item)
        return {key: from_state(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_state(item) for item in value]
    return value
