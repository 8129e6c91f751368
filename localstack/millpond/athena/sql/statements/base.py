"""What all statements have, and names that are not resolved yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from millpond.athena.sql.catalog import TableName
from millpond.athena.sql.exceptions import MissingSchemaName
from millpond.athena.sql.plan import Session

PropertyValue = str | int | float | bool | None | tuple["PropertyValue", ...]
"""A value of `WITH (name = value)`: `ARRAY[…]` is a tuple."""


@dataclass(frozen=True)
class QualifiedName:
    """A table's, view's or schema's name with one to three parts, as written, without its quotes."""

    parts: tuple[str, ...]
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)

    def resolve(self, session: Session) -> TableName:
        """The full name of a table, in lower case.

        Raises:
            MissingSchemaName: The name has no database and neither has the session.
            NotSupported: It is in a catalog that cannot be queried here.
        """
        catalog, database = session.catalog, session.database
        if len(self.parts) == 3:
            catalog, database = self.parts[0], self.parts[1]
        elif len(self.parts) == 2:
            database = self.parts[0]
        if database is None:
            raise MissingSchemaName(
                "Schema must be specified when session schema is not set", self.line, self.column
            )
        return TableName(session.data_catalogs.resolve(catalog), database.lower(), self.parts[-1].lower())

    def resolve_schema(self, session: Session) -> tuple[str, str]:
        """Catalog and database in lower case, for a name that names a schema (`[catalog.]schema`).

        Raises:
            NotSupported: It is in a catalog that cannot be queried here.
        """
        catalog = self.parts[0] if len(self.parts) > 1 else session.catalog
        return session.data_catalogs.resolve(catalog), self.parts[-1].lower()

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Statement:
    """What all statements have.

    Attributes:
        text: The statement as written, without comments before it and without its last `;`.
        parameter_count: How many `?` it has.
    """

    statement_type: ClassVar[str]
    substatement_type: ClassVar[str]

    text: str = field(default="", compare=False, kw_only=True)
    parameter_count: int = field(default=0, compare=False, kw_only=True)
