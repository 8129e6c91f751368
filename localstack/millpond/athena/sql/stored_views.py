"""Whether a stored view still gives the columns that it was created with, and in their types.

A view keeps the names and types of its columns. When what it reads has changed since, Trino refuses it
rather than give something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from millpond.athena.sql.catalog import Column
from millpond.athena.sql.coercion import can_coerce
from millpond.athena.sql.relations import RelationPlan
from millpond.athena.sql.scope import Field


def staleness(stored: Sequence[Column], fields: Sequence[Field]) -> str | None:
    """Why a view's query no longer fits its columns, in Trino's words; None if it does."""
    if len(stored) != len(fields):
        return (
            f"stored view column count ({len(stored)}) does not match column count derived from the view "
            f"query analysis ({len(fields)})"
        )
    for position, (column, field) in enumerate(zip(stored, fields, strict=True)):
        projected = f"of type {field.type.trino} projected from query view at position {position}"
        kept = f"column [{column.name}] of type {column.type.trino} stored in view definition"
        if field.name is None:
            return f"a column {projected} has no name"
        if field.name != column.name.lower():
            return f"column [{field.name}] {projected} has a different name from {kept}"
        if not can_coerce(field.type, column.type):
            return f"column [{field.name}] {projected} cannot be coerced to {kept}"
    return None


def as_declared(plan: RelationPlan, stored: Sequence[Column]) -> RelationPlan:
    """A view's relation with its columns in the types that are stored."""
    return RelationPlan(
        plan.sql,
        tuple(
            field
            if field.type.duckdb == column.type.duckdb
            else replace(field, type=column.type, sql=f"CAST({field.sql} AS {column.type.duckdb})")
            for field, column in zip(plan.fields, stored, strict=True)
        ),
    )
