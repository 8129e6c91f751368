r"""The syntax of LazySimpleSerDe: which characters part the values of a line, in both directions.

https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.hive.timestamps import TimestampFormats
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.types import SqlType


@dataclass(frozen=True)
class TextSyntax:
    """What parts the values of a line, and how one that is missing is spelled.

    Attributes:
        levels: The separator of fields, of a collection's items, of a map's key and value, and of what
            is nested in those: each level of nesting takes the next.
        escape: The character before a separator that is part of a value, if there is one.
        null: The text of NULL.
        timestamps: How timestamps are spelled (`timestamp.formats`).
    """

    levels: tuple[str, ...]
    escape: str | None
    null: str
    timestamps: TimestampFormats

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> TextSyntax:
        """From the SerDe's properties."""
        field = _character(parameters.get("field.delim") or parameters.get("serialization.format"), "\x01")
        item = _character(parameters.get("collection.delim") or parameters.get("colelction.delim"), "\x02")
        key = _character(parameters.get("mapkey.delim"), "\x03")
        deeper = "\x04\x05\x06\x07\x08"
        null = parameters.get("serialization.null.format", r"\N")
        escape = parameters.get("escape.delim") or None
        return cls((field, item, key, *deeper), escape, null, TimestampFormats.of(parameters))

    def protect(self, line: str) -> str:
        """DuckDB's expression for a line whose escaped separators have stand-ins, so that it can be split."""
        if self.escape is None:
            return line
        for character, stand_in in self._stand_ins:
            line = f"replace({line}, {literal(self.escape + character)}, {literal(stand_in)})"
        return line

    def value(self, text: str, type_: SqlType, level: int = 1) -> str:
        """DuckDB's expression for a value; `level` is what parts the items if it is a collection."""
        present = f"nullif({text}, {literal(self.null)})"
        if type_.name not in ("array", "map", "row"):
            return text_value(self._restore(present), type_, self.timestamps)
        if level + 1 >= len(self.levels):
            raise HiveUnsupportedFormat(f"LazySimpleSerDe cannot read the type {type_.trino}: it is too deep")
        items = f"string_split(nullif({present}, ''), {literal(self.levels[level])})"
        item = f"item{level}"
        if type_.name == "array":
            element = self.value(item, type_.elements[0], level + 1)
            return f"list_transform({items}, lambda {item}: {element})"
        if type_.name == "map":
            pair = f"string_split({item}, {literal(self.levels[level + 1])})"
            key = self.value(f"{pair}[1]", type_.elements[0], level + 2)
            value = self.value(f"{pair}[2]", type_.elements[1], level + 2)
            return _map(f"list_transform({items}, lambda {item}: {{'k': {key}, 'v': {value}}})")
        values = (
            self.value(f"{items}[{i}]", field.type, level + 1)
            for i, field in enumerate(type_.fields, start=1)
        )
        fields = ", ".join(
            f"{identifier(field.name or f'field{i}')} := {value}"
            for i, (field, value) in enumerate(zip(type_.fields, values, strict=True))
        )
        return f"CASE WHEN {present} IS NOT NULL THEN struct_pack({fields}) END"

    def text(self, value: str, type_: SqlType, level: int = 1) -> str:
        """DuckDB's expression for the text of a value, the reverse of `value`.

        Raises:
            NotSupported: It is nested too deep.
        """
        null = literal(self.null)
        if type_.name not in ("array", "map", "row"):
            return f"coalesce({self._escaped(plain_text(value, type_))}, {null})"
        if level + 1 >= len(self.levels):
            raise NotSupported(f"Writing the type {type_.trino} as text is not supported: it is too deep")
        separator, item = literal(self.levels[level]), f"item{level}"
        if type_.name == "row":
            fields = ", ".join(
                self.text(f"{value}.{identifier(field.name or f'field{i}')}", field.type, level + 1)
                for i, field in enumerate(type_.fields)
            )
            text = f"concat_ws({separator}, {fields})"
        elif type_.name == "array":
            element = self.text(item, type_.elements[0], level + 1)
            text = f"array_to_string(list_transform({value}, lambda {item}: {element}), {separator})"
        else:
            key = self.text(f"{item}.key", type_.elements[0], level + 2)
            entry = self.text(f"{item}.value", type_.elements[1], level + 2)
            pair = f"concat_ws({literal(self.levels[level + 1])}, {key}, {entry})"
            entries = f"list_transform(map_entries({value}), lambda {item}: {pair})"
            text = f"array_to_string({entries}, {separator})"
        return f"CASE WHEN {value} IS NULL THEN {null} ELSE {text} END"

    @property
    def _stand_ins(self) -> list[tuple[str, str]]:
        """Characters of Unicode's private use: for the escape, which comes first, and for the separators."""
        characters = dict.fromkeys((self.escape or "", *self.levels))
        return [(character, chr(0xF8E0 + i)) for i, character in enumerate(characters)]

    def _restore(self, text: str) -> str:
        if self.escape is None:
            return text
        text = f"replace({text}, {literal(self.escape)}, '')"
        for character, stand_in in self._stand_ins:
            text = f"replace({text}, {literal(stand_in)}, {literal(character)})"
        return text

    def _escaped(self, text: str) -> str:
        if self.escape is None:
            return text
        for character in dict.fromkeys((self.escape, *self.levels)):
            text = f"replace({text}, {literal(character)}, {literal(self.escape + character)})"
        return text


_ONLY_PLAIN = TimestampFormats()


def text_value(text: str, type_: SqlType, timestamps: TimestampFormats = _ONLY_PLAIN) -> str:
    """DuckDB's expression for a value that stands as text in a file; NULL where it does not fit."""
    if type_.name in ("varchar", "char"):
        return f"left({text}, {type_.parameters[0]})" if type_.parameters else text
    if type_.name == "timestamp":
        return timestamps.value(text)
    try:
        return TEXT_CASTS[type_.name](text, type_.duckdb)
    except KeyError:
        raise HiveUnsupportedFormat(f"The SerDe cannot read the type {type_.trino} from text") from None


def _integer(text: str, type_: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') THEN TRY_CAST({text} AS {type_}) END"


def _try_cast(text: str, type_: str) -> str:
    return f"TRY_CAST({text} AS {type_})"


def _boolean(text: str, type_: str) -> str:
    return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"


def _binary(text: str, type_: str) -> str:
    """Bytes are written in Base64; a text that is none stands for itself."""
    return f"coalesce(TRY(from_base64({text})), encode({text}))"


def _map(entries: str) -> str:
    """A map of entries: of those with the same key the first is kept, and none without a key."""
    keys = "list_transform(entries, lambda other: other.k)"
    kept = f"entry.k IS NOT NULL AND list_position({keys}, entry.k) = place"
    found = f"map_from_entries(list_filter(entries, lambda entry, place: {kept}))"
    return f"list_transform([{entries}], lambda entries: {found})[1]"


TEXT_CASTS: dict[str, Callable[[str, str], str]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _integer),
    **dict.fromkeys(("real", "double", "decimal", "date", "timestamp"), _try_cast),
    "boolean": _boolean,
    "varbinary": _binary,
}


def plain_text(value: str, type_: SqlType) -> str:
    """DuckDB's expression for a value as files have it in text: bytes in Base64, milliseconds."""
    if type_.name == "varbinary":
        return f"to_base64({value})"
    if type_.name == "timestamp":
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%g')"
    return f"CAST({value} AS VARCHAR)"


def _character(text: str | None, default: str) -> str:
    r"""A separator: the character itself, or its code as Hive stores it (`1`, `\001`)."""
    if not text:
        return default
    if text.startswith("\\") and text[1:].isdigit():
        return chr(int(text[1:], 8))
    if text == "\\t":
        return "\t"
    return chr(int(text)) if text.isdigit() and text != "0" and len(text) <= 3 else text
