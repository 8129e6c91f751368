"""The `Expression` of GetPartitions: conditions on partition keys, compared by the keys' types.

A condition is parsed to a function of a partition's values. Values are typed only when they are
compared, so that a value that does not fit its key's type fails only the request that needs it;
Hive's name for NULL meets no comparison.

https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
"""

from __future__ import annotations

import datetime
import decimal
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from millpond.glue.exceptions import InvalidInput, InvalidState

NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"

Condition = Callable[[Sequence[str]], bool]
"""Whether the values of a partition meet it."""

_DEEPEST_NESTING = 100


def parse_expression(text: str, keys: Sequence[Mapping[str, Any]]) -> Condition:
    """A condition on the partition keys of a table.

    Args:
        text: The expression; an empty one holds for all partitions.
        keys: The table's `PartitionKeys`.

    Raises:
        InvalidInput: It cannot be parsed, names no key, or compares with a value of another type.
    """
    if not text.strip():
        return lambda values: True
    return _Parser(text, keys).parse()


@dataclass(frozen=True)
class _Key:
    """A partition key in a condition: its place among the values, and its type."""

    place: int
    type: str

    def of(self, values: Sequence[str]) -> Any:
        """Its value in a partition, None for NULL."""
        text = values[self.place]
        if text == NULL_VALUE:
            return None
        try:
            return _typed(self.type, text)
        except ValueError as error:
            raise InvalidState(str(error)) from None

    def literal(self, text: str) -> Any:
        """A literal that is compared with it."""
        try:
            return _typed(self.type, text)
        except ValueError as error:
            raise InvalidInput(str(error)) from None


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<number>[+-]?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<word>[\w.]+)|`(?P<quoted>[^`]+)`|(?P<symbol><>|!=|<=|>=|[=<>(),]))"
)


class _Parser:
    """A recursive descent over the tokens of one expression."""

    def __init__(self, text: str, keys: Sequence[Mapping[str, Any]]) -> None:
        self._text = text
        self._keys = {
            str(key["Name"]).lower(): _Key(place, str(key.get("Type") or "string"))
            for place, key in enumerate(keys)
        }
        self._tokens = self._split(text)
        self._at = 0
        self._depth = 0

    def parse(self) -> Condition:
        condition = self._either()
        if self._at < len(self._tokens):
            raise self._unsupported()
        return condition

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens, at, end = [], 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._unsupported()
            kind = str(match.lastgroup)
            tokens.append((kind, match[kind]))
            at = match.end()
        return tokens

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._takes("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda values: any(part(values) for part in parts)

    def _both(self) -> Condition:
        parts = [self._negation()]
        while self._takes("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda values: all(part(values) for part in parts)

    def _negation(self) -> Condition:
        if self._takes("NOT"):
            negated = self._nested(self._negation)
            return lambda values: not negated(values)
        if self._is("("):
            self._at += 1
            inner = self._nested(self._either)
            self._expect(")")
            return inner
        return self._predicate()

    def _nested(self, parse: Callable[[], Condition]) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST_NESTING:
            raise self._unsupported()
        condition = parse()
        self._depth -= 1
        return condition

    def _predicate(self) -> Condition:
        key = self._key()
        if self._takes("IS"):
            negated = self._takes("NOT")
            self._expect("NULL")
            return lambda values: (key.of(values) is None) != negated
        negated = self._takes("NOT")
        if self._takes("IN"):
            return self._in(key, negated)
        if self._takes("BETWEEN"):
            return self._between(key, negated)
        if self._takes("LIKE"):
            return self._like(key, negated)
        kind, symbol = self._next()
        if negated or kind != "symbol" or symbol not in _COMPARISONS:
            raise self._unsupported()
        compare, literal = _COMPARISONS[symbol], key.literal(self._literal())
        return lambda values: (value := key.of(values)) is not None and compare(value, literal)

    def _in(self, key: _Key, negated: bool) -> Condition:
        self._expect("(")
        literals = {key.literal(self._literal())}
        while self._takes(","):
            literals.add(key.literal(self._literal()))
        self._expect(")")
        return lambda values: (value := key.of(values)) is not None and (value in literals) != negated

    def _between(self, key: _Key, negated: bool) -> Condition:
        low = key.literal(self._literal())
        self._expect("AND")
        high = key.literal(self._literal())
        return lambda values: (value := key.of(values)) is not None and (low <= value <= high) != negated

    def _like(self, key: _Key, negated: bool) -> Condition:
        if _base(key.type) not in _TEXTS:
            raise InvalidInput(f"'{key.type}' data type doesn't support operation 'LIKE'")
        kind, text = self._next()
        if kind != "text":
            raise self._unsupported()
        pattern = re.compile(
            "".join({"%": ".*", "_": "."}.get(c, re.escape(c)) for c in _unquoted(text)), re.DOTALL
        )
        return lambda values: (
            (value := key.of(values)) is not None and (pattern.fullmatch(value) is not None) != negated
        )

    def _key(self) -> _Key:
        kind, name = self._next()
        if kind not in ("word", "quoted", "text") or name.startswith("'"):
            raise self._unsupported()
        if kind == "text":
            name = _unquoted(name)
        try:
            return self._keys[name.lower()]
        except KeyError:
            raise InvalidInput(f"Invalid partition expression! '{name}' is no partition key") from None

    def _literal(self) -> str:
        kind, text = self._next()
        if kind == "word" and text.upper() in ("DATE", "TIMESTAMP"):
            kind, text = self._next()
        if kind == "number" or (kind == "word" and text.lower() in ("true", "false")):
            return text
        if kind == "text":
            return _unquoted(text)
        if (kind, text) == ("symbol", "("):
            inner = self._literal()
            self._expect(")")
            return inner
        raise self._unsupported()

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._unsupported()
        self._at += 1
        return self._tokens[self._at - 1]

    def _is(self, word: str) -> bool:
        if self._at >= len(self._tokens):
            return False
        kind, text = self._tokens[self._at]
        return kind in ("word", "symbol") and text.upper() == word

    def _takes(self, word: str) -> bool:
        found = self._is(word)
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            raise self._unsupported()

    def _unsupported(self) -> InvalidInput:
        return InvalidInput(f"Unsupported expression '{self._text}'")


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


_TEXTS = frozenset(("string", "varchar", "char"))
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d{1,9})?)?")


def _base(type_: str) -> str:
    return type_.partition("(")[0].strip().lower()


def _typed(type_: str, text: str) -> Any:
    """A value in its key's type.

    Raises:
        ValueError: It is none of that type.
        InvalidInput: Keys of that type cannot be compared.
    """
    try:
        convert = _TYPES[_base(type_)]
    except KeyError:
        raise InvalidInput(f"Unknown type : '{type_}'") from None
    return convert(text)


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f'"{text}" is not an integer.') from None


def _decimal(text: str) -> decimal.Decimal:
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:
        raise ValueError(f"{text} is not a decimal.") from None


def _date(text: str) -> datetime.date:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError(f"{text} is not a date.") from None


def _timestamp(text: str) -> tuple[datetime.datetime, int]:
    """The second and the nanoseconds, since Hive's timestamps are finer than Python's."""
    if _TIMESTAMP.fullmatch(text) is None:
        raise ValueError(
            f"Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff] {text} is not a timestamp."
        )
    seconds, _, fraction = text.partition(".")
    return datetime.datetime.fromisoformat(seconds), int(fraction.ljust(9, "0"))


_TYPES: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint", "long"), _integer),
    **dict.fromkeys(("decimal", "float", "double"), _decimal),
    **dict.fromkeys(_TEXTS, str),
    "boolean": str.lower,
    "date": _date,
    "timestamp": _timestamp,
}
