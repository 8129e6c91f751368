"""What becomes of a table's definition when a crawl finds other columns or other files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from moto.glue.models import FakeTable

DEPRECATED: Final = "DEPRECATED_BY_CRAWLER"
_RUN: Final = "CRAWL_RUN_ID"
_FUNDAMENTAL: Final = ("classification", "compressionType", "delimiter")
_FORMATS: Final = ("InputFormat", "OutputFormat", "SerdeInfo")
_OWN_PARAMETERS: Final = frozenset(
    {
        "areColumnsQuoted",
        "averageRecordSize",
        "classification",
        "columnsOrdered",
        "compressionType",
        "customSerde",
        "delimiter",
        "exclusions",
        "grokCustomPatterns",
        "grokPattern",
        "jsonPath",
        "objectCount",
        "recordCount",
        "sizeKey",
        "skip.header.line.count",
        "typeOfData",
        DEPRECATED,
    }
)
"""Parameters that a crawl sets anew or takes away; all others are the user's and stay."""

Definition = dict[str, Any]
"""A table or partition as the API has it."""


def definition_of(table: FakeTable) -> Definition:
    """What a table was created with or last updated to."""
    added = ("DatabaseName", "CreateTime", "UpdateTime", "VersionId", "CatalogId")
    return {key: value for key, value in table.as_dict().items() if key not in added}


def parameters(definition: Mapping[str, Any]) -> dict[str, str]:
    """The parameters, none if there are none."""
    return dict(definition.get("Parameters") or {})


def storage(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The storage descriptor, an empty one if there is none."""
    return dict(definition.get("StorageDescriptor") or {})


def location(definition: Mapping[str, Any]) -> str:
    """Where it lies."""
    return str(storage(definition).get("Location") or "")


def columns(definition: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The columns' names and types."""
    return [(column["Name"], column.get("Type", "")) for column in storage(definition).get("Columns") or ()]


def combined(old: Definition, new: Definition) -> Definition:
    """The new definition, with what users added to the old one: parameters, comments, owner."""
    comments = {
        column["Name"]: {"Comment": column["Comment"]}
        for column in storage(old).get("Columns") or ()
        if column.get("Comment")
    }
    described = [{**column, **comments.get(column["Name"], {})} for column in storage(new)["Columns"]]
    return {
        **old,
        **new,
        "Owner": old.get("Owner", "owner"),
        "Retention": old.get("Retention", 0),
        "Parameters": _users(parameters(old)) | parameters(new),
        "StorageDescriptor": {
            **storage(new),
            "Columns": described,
            "Parameters": _users(parameters(storage(old))) | parameters(storage(new)),
        },
    }


def deprecated(definition: Definition, milliseconds: int) -> Definition:
    """The definition, marked as one whose files are gone since a time."""
    return {**definition, "Parameters": {**parameters(definition), DEPRECATED: str(milliseconds)}}


def with_formats_of(old: Definition, new: Definition) -> Definition:
    """The new definition, read and written as the old one is, if that says how."""
    kept = {key: value for key, value in storage(old).items() if key in _FORMATS}
    return {**new, "StorageDescriptor": {**storage(new), **kept}} if "SerdeInfo" in kept else new


def with_new_columns(old: Definition, new: Definition) -> Definition:
    """The new definition with the old columns and formats, and the new columns behind them."""
    there = storage(old).get("Columns") or []
    names = {column["Name"] for column in there}
    added = [column for column in storage(new)["Columns"] if column["Name"] not in names]
    kept = with_formats_of(old, new)
    return {**kept, "StorageDescriptor": {**storage(kept), "Columns": [*there, *added]}}


def fundamental_changes(old: Definition, new: Definition) -> list[str]:
    """What cannot change in a table whose columns and formats stay: its files would be read wrongly."""
    before, after = parameters(old), parameters(new)
    if "classification" not in before:
        return []
    return [key for key in _FUNDAMENTAL if before.get(key) != after.get(key)]


def differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two definitions of a table or partition tell different things, whichever crawl wrote them."""
    return bool(_told(one) != _told(other))


def _told(definition: Mapping[str, Any]) -> Any:
    described = storage(definition)
    return (
        described | {"Parameters": _without_run(parameters(described))},
        _without_run(parameters(definition)),
        definition.get("PartitionKeys"),
    )


def _users(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in given.items() if key not in _OWN_PARAMETERS}


def _without_run(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in given.items() if key != _RUN}
