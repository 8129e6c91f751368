"""What names mean at a place in a query: fields of relations, and the scopes around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from millpond.athena.sql.catalog import TableName, TableVersion
from millpond.athena.sql.exceptions import AmbiguousName, ColumnNotFound
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.value import Value
from millpond.athena.sql.zones import PER_VALUE, Zone


@dataclass
class Scan:
    """A table that the query reads, while the plan is made: `used` grows with each name resolved."""

    placeholder: str
    alias: str
    table: TableName
    columns: tuple[str, ...]
    used: set[str] = field(default_factory=set)
    filters: list[str] = field(default_factory=list)
    version: TableVersion | None = None


@dataclass(frozen=True)
class Field:
    """One column of a relation.

    Attributes:
        name: The name in lower case, None if it has none.
        label: The name as written, for the result's header.
        type: Its type.
        sql: How DuckDB's SQL refers to it.
        qualifiers: What may stand before the name: the alias, or table, database and catalog.
        scan: The table that it comes from directly.
        hidden: `*` leaves it out.
        zone: The zone of a timestamp with time zone, see `Value`.
        optional: An outer join may give NULL in its place, so no condition on it may be moved
            before the join.
    """

    name: str | None
    label: str | None
    type: SqlType
    sql: str
    qualifiers: tuple[str, ...] = ()
    scan: Scan | None = None
    hidden: bool = False
    zone: Zone | None = None
    optional: bool = False

    def answers_to(self, qualifiers: tuple[str, ...], name: str) -> bool:
        """Whether `qualifiers.name` may mean this field."""
        if self.name != name:
            return False
        return not qualifiers or self.qualifiers[len(self.qualifiers) - len(qualifiers) :] == qualifiers

    def value(self) -> Value:
        """The field as an expression."""
        if self.zone == PER_VALUE:
            zone = Zone(f"struct_extract({self.sql}, 'zone')")
            return Value(f"struct_extract({self.sql}, 'at')", self.type, zone=zone)
        return Value(self.sql, self.type, zone=self.zone)


@dataclass(frozen=True)
class Scope:
    """The fields that may be named, and the scope around for what they do not answer.

    Attributes:
        translate: In a grouped query, what an outer field is after the grouping.
    """

    fields: tuple[Field, ...]
    parent: Scope | None = None
    translate: Callable[[Field, Position], Value] | None = None

    def resolve(self, qualifiers: tuple[str, ...], name: str, position: Position) -> Value | None:
        """What a name means, or None if nothing here or around has it.

        Raises:
            AmbiguousName: More than one field has it.
        """
        found = [item for item in self.fields if item.answers_to(qualifiers, name)]
        if len(found) > 1:
            raise AmbiguousName.at(position, f"Column '{name}' is ambiguous")
        if found:
            if found[0].scan is not None:
                found[0].scan.used.add(found[0].name or "")
            if self.translate is not None:
                return self.translate(found[0], position)
            return found[0].value()
        return self.parent.resolve(qualifiers, name, position) if self.parent else None

    def has_relation(self, qualifiers: tuple[str, ...]) -> bool:
        """Whether `qualifiers.*` means a relation here."""
        return any(self.of_relation(qualifiers))

    def of_relation(self, qualifiers: tuple[str, ...]) -> tuple[Field, ...]:
        """The fields of the relation that the qualifiers name."""
        return tuple(
            item
            for item in self.fields
            if item.qualifiers[max(0, len(item.qualifiers) - len(qualifiers)) :] == qualifiers
        )


def not_found(label: str, position: Position) -> ColumnNotFound:
    """Trino's error for a name that means nothing."""
    return ColumnNotFound.at(position, f"Column '{label}' cannot be resolved")
