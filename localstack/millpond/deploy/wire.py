"""Reads the properties that a Pulumi program sends, its assets and archives included."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict

from millpond.deploy.archives import read_archive, read_asset
from millpond.deploy.values import (
    ARCHIVE_SIGNATURE,
    ASSET_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    UNKNOWN_ON_WIRE,
    Decoded,
)


def decode(struct: struct_pb2.Struct, directory: Path) -> Decoded:
    """Properties from the wire; relative paths of assets start at `directory`.

    A property that is null was not given. The wire has no order of names; here they are in that of the
    alphabet, so that two runs tell the same in the same words.
    """
    reader = _Reader(directory)
    properties: dict[str, Any] = {}
    secrets: set[str] = set()
    for name, raw in sorted(MessageToDict(struct).items()):
        reader.met_secret = False
        value = reader.value(raw)
        if value is not None:
            properties[name] = value
            if reader.met_secret:
                secrets.add(name)
    return Decoded(properties, frozenset(secrets))


class _Reader:
    """Walks one property and notes whether it met a secret."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.met_secret = False

    def value(self, raw: Any) -> Any:
        if isinstance(raw, Mapping):
            signature = raw.get(SIGNATURE_KEY)
            if signature is None:
                items = {key: self.value(item) for key, item in sorted(raw.items())}
                return {key: item for key, item in items.items() if item is not None}
            return self._special(signature, raw)
        if isinstance(raw, list):
            return [self.value(item) for item in raw]
        if isinstance(raw, float) and raw.is_integer():
            return int(raw)
        return UNKNOWN if raw == UNKNOWN_ON_WIRE else raw

    def _special(self, signature: str, raw: Mapping[str, Any]) -> Any:
        if signature == SECRET_SIGNATURE:
            self.met_secret = True
            return self.value(raw.get("value"))
        if signature == ASSET_SIGNATURE:
            return read_asset(raw, self._directory)
        if signature == ARCHIVE_SIGNATURE:
            return read_archive(raw, self._directory)
        raise ValueError(f"a property of an unknown kind came from the program (signature {signature})")
