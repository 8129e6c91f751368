"""What stands in FROM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millpond.athena.sql.syntax.expressions import Expression, Identifier
from millpond.athena.sql.syntax.node import Node

if TYPE_CHECKING:
    from millpond.athena.sql.syntax.queries import Query


@dataclass(frozen=True)
class Table(Node):
    """A table, view or CTE by its name; `parts` as written, without quotes."""

    parts: tuple[str, ...]
    version_kind: str | None = None
    version: Expression | None = None


@dataclass(frozen=True)
class SubqueryRelation(Node):
    """`(query)` in FROM."""

    query: Query


@dataclass(frozen=True)
class Unnest(Node):
    """`UNNEST(a, b) [WITH ORDINALITY]`."""

    expressions: tuple[Expression, ...]
    with_ordinality: bool


@dataclass(frozen=True)
class Lateral(Node):
    """`LATERAL (query)`."""

    query: Query


@dataclass(frozen=True)
class TableFunction(Node):
    """`TABLE(name(arguments))`; named arguments as pairs of a lower-case name and a value."""

    name: str
    arguments: tuple[tuple[str | None, Expression], ...]


@dataclass(frozen=True)
class Aliased(Node):
    """`relation AS alias [(columns)]`."""

    relation: Relation
    alias: Identifier
    columns: tuple[Identifier, ...] | None


@dataclass(frozen=True)
class Sampled(Node):
    """`relation TABLESAMPLE BERNOULLI|SYSTEM (percent)`."""

    relation: Relation
    method: str
    percentage: Expression


@dataclass(frozen=True)
class Join(Node):
    """`kind` is inner, left, right, full or cross (a comma too); `on` and `using` exclude another."""

    kind: str
    left: Relation
    right: Relation
    on: Expression | None = None
    using: tuple[Identifier, ...] = ()


Relation = Table | SubqueryRelation | Unnest | Lateral | TableFunction | Aliased | Sampled | Join
