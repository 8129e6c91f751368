"""The types of Athena SQL, and their three spellings: Trino's, Hive's and DuckDB's.

Trino's is what a query and `ColumnInfo` use, Hive's is what the Glue Data Catalog
stores, DuckDB's is what runs. A type is one immutable value, `SqlType`.

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
https://trino.io/docs/401/language/types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from millpond.athena.sql.exceptions import InvalidDecimal, InvalidType
from millpond.athena.sql.quoting import quote_name


@dataclass(frozen=True)
class RowField:
    """One field of a `row` type; `name` is None for an anonymous field."""

    name: str | None
    type: SqlType


@dataclass(frozen=True)
class SqlType:
    """One type of Athena SQL.

    Attributes:
        name: Trino's base name: `integer`, `decimal`, `timestamp with time zone`, `array`, …
        parameters: Numbers in parentheses: length, precision, precision and scale.
        elements: The element type of an array or a quantile digest, or the key and value types of a map.
        fields: The fields of a row.
    """

    name: str
    parameters: tuple[int, ...] = ()
    elements: tuple[SqlType, ...] = ()
    fields: tuple[RowField, ...] = ()

    @property
    def trino(self) -> str:
        """The type as Trino's `typeof` spells it: `array(row(a integer, b varchar))`."""
        if self.name in ("array", "map", "qdigest"):
            return f"{self.name}({', '.join(element.trino for element in self.elements)})"
        if self.name == "row":
            fields = (f"{f.name} {f.type.trino}" if f.name else f.type.trino for f in self.fields)
            return f"row({', '.join(fields)})"
        if not self.parameters:
            return _TRINO_SPELLING.get(self.name, self.name)
        numbers = f"({','.join(map(str, self.parameters))})"
        if self.name.endswith(" with time zone"):
            return f"{self.name.removesuffix(' with time zone')}{numbers} with time zone"
        return f"{self.name}{numbers}"

    @property
    def hive(self) -> str:
        """The type as the Glue Data Catalog stores it: `array<struct<a:int,b:string>>`.

        Raises:
            InvalidType: Hive has no such type (`time`, `json`, an interval, …).
        """
        if self.name == "array":
            return f"array<{self.elements[0].hive}>"
        if self.name == "map":
            return f"map<{self.elements[0].hive},{self.elements[1].hive}>"
        if self.name == "row":
            fields = (f"{f.name or f'field{i}'}:{f.type.hive}" for i, f in enumerate(self.fields))
            return f"struct<{','.join(fields)}>"
        if self.name == "varchar":
            return f"varchar({self.parameters[0]})" if self.parameters else "string"
        if self.name in ("decimal", "char"):
            return f"{self.name}({','.join(map(str, self.parameters))})"
        try:
            return _HIVE_OF_TRINO[self.name]
        except KeyError:
            raise InvalidType(f"Unsupported Hive type: {self.trino}") from None

    @property
    def duckdb(self) -> str:
        """The type that holds such values in DuckDB.

        Raises:
            InvalidType: DuckDB has no type for it.
        """
        if self.name == "array":
            return f"{self.elements[0].duckdb}[]"
        if self.name == "map":
            return f"MAP({self.elements[0].duckdb}, {self.elements[1].duckdb})"
        if self.name == "row":
            fields = (
                f"{quote_name(f.name or f'field{i}')} {f.type.duckdb}" for i, f in enumerate(self.fields)
            )
            return f"STRUCT({', '.join(fields)})"
        if self.name == "decimal":
            return f"DECIMAL({self.parameters[0]}, {self.parameters[1]})"
        if self.name == "timestamp" and self.parameters and self.parameters[0] > 6:
            return "TIMESTAMP_NS"
        try:
            return _DUCKDB_OF_TRINO[self.name]
        except KeyError:
            raise InvalidType(f"Unsupported type: {self.trino}") from None


BOOLEAN = SqlType("boolean")
TINYINT = SqlType("tinyint")
SMALLINT = SqlType("smallint")
INTEGER = SqlType("integer")
BIGINT = SqlType("bigint")
REAL = SqlType("real")
DOUBLE = SqlType("double")
VARCHAR = SqlType("varchar")
VARBINARY = SqlType("varbinary")
DATE = SqlType("date")
TIMESTAMP = SqlType("timestamp", (3,))
TIMESTAMP_WITH_TIME_ZONE = SqlType("timestamp with time zone", (3,))
JSON = SqlType("json")
UNKNOWN = SqlType("unknown")


def decimal(precision: int, scale: int) -> SqlType:
    """`decimal(precision, scale)`."""
    return SqlType("decimal", (precision, scale))


def array(element: SqlType) -> SqlType:
    """`array(element)`."""
    return SqlType("array", elements=(element,))


def map_of(key: SqlType, value: SqlType) -> SqlType:
    """`map(key, value)`."""
    return SqlType("map", elements=(key, value))


def row(*fields: tuple[str | None, SqlType]) -> SqlType:
    """`row(name type, …)`."""
    return SqlType("row", fields=tuple(RowField(name, type_) for name, type_ in fields))


SKETCHES = ("hyperloglog", "p4hyperloglog", "qdigest", "setdigest", "tdigest")
"""The types of sketches, which are bytes and may be cast to varbinary and back."""

_TRINO_SPELLING = {
    "hyperloglog": "HyperLogLog",
    "p4hyperloglog": "P4HyperLogLog",
    "setdigest": "SetDigest",
}

_HIVE_OF_TRINO = {
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "integer": "int",
    "bigint": "bigint",
    "real": "float",
    "double": "double",
    "varbinary": "binary",
    "date": "date",
    "timestamp": "timestamp",
}

_DUCKDB_OF_TRINO = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "date": "DATE",
    "time": "TIME",
    "time with time zone": "TIMETZ",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "json": "JSON",
    "uuid": "UUID",
    "ipaddress": "BLOB",
    **dict.fromkeys(SKETCHES, "BLOB"),
    "interval year to month": "INTERVAL",
    "interval day to second": "INTERVAL",
    "unknown": '"NULL"',
}

_SIMPLE_NAMES = {
    **{trino: trino for trino in _DUCKDB_OF_TRINO},
    **{hive: trino for trino, hive in _HIVE_OF_TRINO.items()},
    "string": "varchar",
}


@lru_cache(maxsize=10_000)
def parse_type(text: str) -> SqlType:
    """Read a type in Trino's or Hive's spelling, whichever it is.

    A bare `char` has one character; a bare `decimal` is `decimal(10,0)` as Hive has it; a bare `timestamp`
    has milliseconds, as Athena reads it from Hive tables.

    Raises:
        InvalidType: The text is no type of Athena.
    """
    parser = _TypeParser(text)
    result = parser.type()
    parser.expect_end()
    return result


class _TypeParser:
    """A recursive descent over one type; positions are offsets in `text`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def type(self) -> SqlType:
        name = self._word().lower()
        if name in ("array", "map", "qdigest"):
            elements = self._list(self.type)
            if len(elements) != (2 if name == "map" else 1):
                raise self._error()
            return SqlType(name, elements=tuple(elements))
        if name in ("row", "struct"):
            field = self._hive_field if self._peek() == "<" else self._trino_field
            return SqlType("row", fields=tuple(self._list(field)))
        numbers = tuple(self._list(self._number)) if self._peek() == "(" else ()
        if name == "double" and self._take_words("precision"):
            return DOUBLE
        if name == "interval":
            for span in ("year to month", "day to second"):
                if self._take_words(*span.split()):
                    return SqlType(f"interval {span}")
            raise self._error()
        if name in ("timestamp", "time"):
            zone = " with time zone" if self._take_words("with", "time", "zone") else ""
            return SqlType(name + zone, numbers or ((3,) if name == "timestamp" else ()))
        if name == "decimal":
            precision, scale = (*(numbers or (10,)), 0)[:2]
            if not 0 < precision <= _MAXIMUM_PRECISION:
                raise InvalidDecimal(
                    f"DECIMAL precision must be in range [1, {_MAXIMUM_PRECISION}]: {precision}"
                )
            if scale > precision:
                raise InvalidDecimal(f"DECIMAL scale must be in range [0, precision ({precision})]: {scale}")
            return decimal(precision, scale)
        if name == "char":
            return SqlType(name, numbers or (1,))
        try:
            return SqlType(_SIMPLE_NAMES[name], numbers)
        except KeyError:
            raise InvalidType(f"Unknown type: {name}") from None

    def expect_end(self) -> None:
        if self._peek():
            raise self._error()

    def _trino_field(self) -> RowField:
        start = self._at
        name = self._word()
        if self._peek() in (",", ")", "("):
            self._at = start
            return RowField(None, self.type())
        return RowField(name, self.type())

    def _hive_field(self) -> RowField:
        name = self._word()
        self._take(":")
        return RowField(name, self.type())

    def _list(self, item: Callable[[], _Item]) -> list[_Item]:
        closing = {"(": ")", "<": ">"}.get(self._peek())
        if closing is None:
            raise self._error()
        self._at += 1
        items = [item()]
        while self._peek() == ",":
            self._at += 1
            items.append(item())
        self._take(closing)
        return items

    def _number(self) -> int:
        word = self._word()
        if not word.isdigit():
            raise self._error()
        return int(word)

    def _word(self) -> str:
        match = _WORD.match(self._text, self._at)
        if match is None:
            raise self._error()
        self._at = match.end()
        return (match["quoted"] or match["plain"]).replace('""', '"')

    def _take_words(self, *words: str) -> bool:
        start = self._at
        for word in words:
            if not self._peek().isalpha() or self._word().lower() != word:
                self._at = start
                return False
        return True

    def _take(self, symbol: str) -> None:
        if self._peek() != symbol:
            raise self._error()
        self._at += 1

    def _peek(self) -> str:
        """The next character that is no space, or an empty string at the end."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _error(self) -> InvalidType:
        return InvalidType(f"Unknown type: {self._text}")


_MAXIMUM_PRECISION = 38
_Item = TypeVar("_Item")
_WORD = re.compile(r'\s*(?:[`"](?P<quoted>(?:[^`"]|"")+)[`"]|(?P<plain>[\w$.@-]+))')
