"""What a file's columns are, and how alike the columns of two files are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from millpond.glue.crawlers.column_types import ColumnType, merged

SIMILAR = 0.7
"""Columns in common, twice their number over that of all: how alike schemas of one table must be.

AWS documents the 70 % for the share of folders that must be alike, and no measure of likeness; this is ours.
https://repost.aws/knowledge-center/glue-crawler-detect-schema
"""


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: As the catalog has it, in lower case.
        type: Its type.
        source_name: As the file has it.
    """

    name: str
    type: ColumnType
    source_name: str

    @classmethod
    def named(cls, source_name: str, type_: ColumnType) -> Column:
        """A column by the name that it has in a file."""
        return cls(source_name.lower(), type_, source_name)

    def to_dict(self) -> dict[str, Any]:
        """The column in the catalog."""
        return {"Name": self.name, "Type": str(self.type)}


@dataclass(frozen=True)
class Schema:
    """Columns in their order, each name once."""

    columns: tuple[Column, ...] = ()

    @classmethod
    def of(cls, columns: Iterable[Column]) -> Schema:
        """A schema of columns, of which those of one name become one."""
        by_name: dict[str, Column] = {}
        for column in columns:
            seen = by_name.get(column.name)
            by_name[column.name] = (
                Column(seen.name, merged(seen.type, column.type), seen.source_name) if seen else column
            )
        return cls(tuple(by_name.values()))

    def merged_with(self, other: Schema) -> Schema:
        """All columns of both, this one's first."""
        return self if self == other else Schema.of((*self.columns, *other.columns))

    def is_similar_to(self, other: Schema) -> bool:
        """Whether both can be the schema of files of one table."""
        ours, theirs = ({column.name for column in schema.columns} for schema in (self, other))
        if not ours or not theirs:
            return ours == theirs
        return 2 * len(ours & theirs) / (len(ours) + len(theirs)) > SIMILAR


def merge_all(schemas: Iterable[Schema]) -> Schema:
    """All columns of all, in the order in which they are first seen."""
    return reduce(Schema.merged_with, dict.fromkeys(schemas), Schema())
