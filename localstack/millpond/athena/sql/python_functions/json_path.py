"""SQL's JSON path language, `lax $.children[*]?(@ > 10)`: parsed once, evaluated to a sequence of items.

https://trino.io/docs/401/functions/json.html#json-path-language. A path is parsed into nested functions from
an input to its items. JSON numbers with a fraction are `Decimal`, so that nothing is lost.
"""

from __future__ import annotations

import math
import operator as operators
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>"(?:[^"]|"")*")"""
    r"""|(?P<name>\$?[A-Za-z_][\w]*)|(?P<symbol>\.\.|&&|\|\||==|<>|!=|<=|>=|[-$@.,*/%+()\[\]?!<>]))"""
)


class JsonPathError(Exception):
    """A path that cannot be evaluated on this input: what ON ERROR is for."""


class JsonPathSyntaxError(Exception):
    """A text that is no path."""


@dataclass(frozen=True)
class Context:
    """What a path's parts see: the input, the variables, the item of a filter, the last index."""

    root: Any
    variables: dict[str, Any]
    item: Any = None
    last: int | None = None


Path = Callable[[Context], list[Any]]
Predicate = Callable[[Context], bool | None]


@lru_cache(maxsize=256)
def parse_path(text: str) -> Path:
    """The path that a text means.

    Raises:
        JsonPathSyntaxError: It means none.
    """
    match = re.match(r"\s*(lax|strict)\b", text)
    if match is None:
        raise JsonPathSyntaxError(f"Failed to parse JSON path: {text}")
    return _Parser(text[match.end() :], match[1] == "lax").path()


class _Parser:
    """A recursive descent, from sums down to accessors."""

    def __init__(self, text: str, lax: bool) -> None:
        self.lax = lax
        self._tokens = list(_tokens(text))
        self._at = 0

    def path(self) -> Path:
        result = self._sum()
        if self._at != len(self._tokens):
            raise self._error()
        return result

    # ---- tokens

    def _peek(self, distance: int = 0) -> str:
        at = self._at + distance
        return self._tokens[at] if at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *symbols: str) -> str:
        return self._next() if self._peek() in symbols and self._peek() else ""

    def _expect(self, symbol: str) -> None:
        if self._next() != symbol:
            raise self._error()

    def _error(self) -> JsonPathSyntaxError:
        return JsonPathSyntaxError(f"Failed to parse JSON path near '{self._peek() or self._peek(-1)}'")

    # ---- arithmetic

    def _sum(self) -> Path:
        left = self._product()
        while operator := self._take("+", "-"):
            left = _arithmetic(operator, left, self._product())
        return left

    def _product(self) -> Path:
        left = self._signed()
        while operator := self._take("*", "/", "%"):
            left = _arithmetic(operator, left, self._signed())
        return left

    def _signed(self) -> Path:
        if operator := self._take("+", "-"):
            operand = self._signed()
            sign = -1 if operator == "-" else 1
            return lambda context: [sign * _number(item) for item in operand(context)]
        return self._accessors()

    # ---- accessors

    def _accessors(self) -> Path:
        path = self._primary()
        while True:
            if self._take(".."):
                path = _descendants(path, self._member_name())
            elif self._take("."):
                path = self._member(path)
            elif self._take("["):
                path = self._subscripts(path)
            elif self._take("?"):
                self._expect("(")
                predicate = self._disjunction()
                self._expect(")")
                path = _filter(path, predicate, self.lax)
            else:
                return path

    def _member_name(self) -> str:
        token = self._next()
        if token.startswith('"'):
            return token[1:-1].replace('""', '"')
        if not re.fullmatch(r"\w+", token):
            raise self._error()
        return token

    def _member(self, path: Path) -> Path:
        if self._take("*"):
            return _members(path, self.lax)
        if self._peek(1) == "(" and self._peek() in _METHODS:
            method, unwraps = _METHODS[self._next()]
            self._expect("(")
            self._expect(")")
            return _method(path, method, unwraps and self.lax, self.lax)
        return _member(path, self._member_name(), self.lax)

    def _subscripts(self, path: Path) -> Path:
        if self._take("*"):
            self._expect("]")
            return _elements(path, self.lax)
        bounds = [self._subscript()]
        while self._take(","):
            bounds.append(self._subscript())
        self._expect("]")
        return _subscripts(path, bounds, self.lax)

    def _subscript(self) -> tuple[Path, Path | None]:
        start = self._sum()
        return start, self._sum() if self._take("to") else None

    def _primary(self) -> Path:
        word = self._next()
        if word == "$":
            return lambda context: [context.root]
        if word == "@":
            return lambda context: [context.item]
        if word == "last":
            return _last
        if word in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[word]
            return lambda context: [constant]
        if word.startswith("$"):
            return lambda context: [_variable(context, word[1:])]
        if word.startswith('"'):
            text = word[1:-1].replace('""', '"')
            return lambda context: [text]
        if word[:1].isdigit():
            number = int(word) if word.isdigit() else Decimal(word)
            return lambda context: [number]
        if word == "(":
            inner = self._sum()
            self._expect(")")
            return inner
        self._at -= 1
        raise self._error()

    # ---- predicates

    def _disjunction(self) -> Predicate:
        terms = [self._conjunction()]
        while self._take("||"):
            terms.append(self._conjunction())
        return terms[0] if len(terms) == 1 else _any_of(terms)

    def _conjunction(self) -> Predicate:
        terms = [self._negation()]
        while self._take("&&"):
            terms.append(self._negation())
        return terms[0] if len(terms) == 1 else _all_of(terms)

    def _negation(self) -> Predicate:
        if self._take("!"):
            operand = self._negation()
            return lambda context: None if (found := operand(context)) is None else not found
        return self._predicate()

    def _predicate(self) -> Predicate:
        if self._take("exists"):
            self._expect("(")
            path = self._sum()
            self._expect(")")
            return _exists(path)
        start = self._at
        if self._take("("):
            try:
                inner = self._disjunction()
                self._expect(")")
            except JsonPathSyntaxError:
                self._at = start
            else:
                if self._peek() == "is" and self._peek(1) == "unknown":
                    self._at += 2
                    return lambda context: inner(context) is None
                if self._peek() in (")", "&&", "||"):
                    return inner
                self._at = start
        left = self._sum()
        if self._take("starts"):
            self._expect("with")
            return _comparison("starts", left, self._sum(), self.lax)
        operator = self._take("==", "<>", "!=", "<", ">", "<=", ">=")
        if not operator:
            raise self._error()
        return _comparison(operator, left, self._sum(), self.lax)


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise JsonPathSyntaxError(f"Failed to parse JSON path at '{text[at:]}'")
        yield match[0].strip()
        at = match.end()


# ---- what the parts do


def _unwrapped(items: list[Any], lax: bool) -> list[Any]:
    """In lax mode an array stands for its elements."""
    if not lax:
        return items
    return [part for item in items for part in (item if isinstance(item, list) else [item])]


def _last(context: Context) -> list[Any]:
    if context.last is None:
        raise JsonPathError("accessing the last array index with no enclosing array")
    return [context.last]


def _variable(context: Context, name: str) -> Any:
    if name not in context.variables:
        raise JsonPathError(f"no value passed for parameter {name}")
    return context.variables[name]


def _number(item: Any) -> Any:
    if isinstance(item, bool) or not isinstance(item, (int, float, Decimal)):
        raise JsonPathError("invalid item type. Expected: NUMBER")
    return item


def _arithmetic(operator: str, left: Path, right: Path) -> Path:
    def evaluate(context: Context) -> list[Any]:
        first, second = left(context), right(context)
        if len(first) != 1 or len(second) != 1:
            raise JsonPathError("arithmetic binary expression requires singleton operands")
        a, b = _number(first[0]), _number(second[0])
        if operator in "/%" and b == 0:
            raise JsonPathError("division by zero")
        if operator == "+":
            return [a + b]
        if operator == "-":
            return [a - b]
        if operator == "*":
            return [a * b]
        whole = isinstance(a, int) and isinstance(b, int)
        if operator == "%":
            return [int(math.fmod(a, b)) if whole else a % b]
        return [abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if whole else a / b]

    return evaluate


def _member(path: Path, name: str, lax: bool) -> Path:
    def evaluate(context: Context) -> list[Any]:
        found = []
        for item in _unwrapped(path(context), lax):
            if isinstance(item, dict) and name in item:
                found.append(item[name])
            elif not lax:
                raise JsonPathError(f"missing member '{name}' in JSON object")
        return found

    return evaluate


def _members(path: Path, lax: bool) -> Path:
    def evaluate(context: Context) -> list[Any]:
        found: list[Any] = []
        for item in _unwrapped(path(context), lax):
            if isinstance(item, dict):
                found.extend(item.values())
            elif not lax:
                raise JsonPathError("invalid item type. Expected: OBJECT")
        return found

    return evaluate


def _descendants(path: Path, name: str) -> Path:
    def walk(item: Any) -> Iterator[Any]:
        if isinstance(item, dict):
            if name in item:
                yield item[name]
            for child in item.values():
                yield from walk(child)
        elif isinstance(item, list):
            for child in item:
                yield from walk(child)

    return lambda context: [found for item in path(context) for found in walk(item)]


def _elements(path: Path, lax: bool) -> Path:
    def evaluate(context: Context) -> list[Any]:
        found: list[Any] = []
        for item in path(context):
            if isinstance(item, list):
                found.extend(item)
            elif lax:
                found.append(item)
            else:
                raise JsonPathError("invalid item type. Expected: ARRAY")
        return found

    return evaluate


def _subscripts(path: Path, bounds: list[tuple[Path, Path | None]], lax: bool) -> Path:
    def evaluate(context: Context) -> list[Any]:
        found: list[Any] = []
        for item in path(context):
            if not isinstance(item, list) and not lax:
                raise JsonPathError("invalid item type. Expected: ARRAY")
            items = item if isinstance(item, list) else [item]
            inner = Context(context.root, context.variables, context.item, len(items) - 1)
            for low_path, high_path in bounds:
                low = _index(low_path(inner))
                high = low if high_path is None else _index(high_path(inner))
                if not lax and (low < 0 or high >= len(items) or low > high):
                    raise JsonPathError("structural error: invalid array subscript")
                found.extend(items[max(low, 0) : high + 1] if high >= 0 else [])
        return found

    return evaluate


def _index(items: list[Any]) -> int:
    if len(items) != 1:
        raise JsonPathError("array subscript 'from' value must be singleton numeric")
    return int(_number(items[0]))


def _method(path: Path, method: Callable[[Any], Any], unwraps: bool, lax: bool) -> Path:
    def evaluate(context: Context) -> list[Any]:
        found: list[Any] = []
        for number, item in enumerate(_unwrapped(path(context), unwraps)):
            if method is _size and not isinstance(item, list) and not lax:
                raise JsonPathError("invalid item type. Expected: ARRAY")
            if method is _keyvalue:
                found.extend({**pair, "id": number} for pair in _keyvalue(item))
            else:
                found.append(method(item))
        return found

    return evaluate


def _size(item: Any) -> int:
    return len(item) if isinstance(item, list) else 1


def _keyvalue(item: Any) -> list[dict[str, Any]]:
    if not isinstance(item, dict):
        raise JsonPathError("invalid item type. Expected: OBJECT")
    return [{"name": name, "value": value} for name, value in item.items()]


def _double(item: Any) -> float:
    try:
        return float(item if isinstance(item, str) else _number(item))
    except ValueError:
        raise JsonPathError(f"cannot convert {item} to double") from None


def type_name(item: Any) -> str:
    """The kind of an item, as `type()` gives it."""
    if item is None:
        return "null"
    if isinstance(item, bool):
        return "boolean"
    if isinstance(item, str):
        return "string"
    return "array" if isinstance(item, list) else "object" if isinstance(item, dict) else "number"


def _rounded(round_: Callable[[Any], int]) -> Callable[[Any], Any]:
    def method(item: Any) -> Any:
        whole = round_(_number(item))
        return whole if isinstance(item, int) else type(item)(whole)

    return method


_METHODS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    # name: what it does, whether it takes an array apart in lax mode
    "double": (_double, True),
    "ceiling": (_rounded(math.ceil), True),
    "floor": (_rounded(math.floor), True),
    "abs": (lambda item: abs(_number(item)), True),
    "keyvalue": (_keyvalue, True),
    "type": (type_name, False),
    "size": (_size, False),
}


# ---- predicates: None is unknown


def _filter(path: Path, predicate: Predicate, lax: bool) -> Path:
    def evaluate(context: Context) -> list[Any]:
        return [
            item
            for item in _unwrapped(path(context), lax)
            if predicate(Context(context.root, context.variables, item, context.last)) is True
        ]

    return evaluate


def _any_of(terms: list[Predicate]) -> Predicate:
    def evaluate(context: Context) -> bool | None:
        found = [term(context) for term in terms]
        return True if True in found else None if None in found else False

    return evaluate


def _all_of(terms: list[Predicate]) -> Predicate:
    def evaluate(context: Context) -> bool | None:
        found = [term(context) for term in terms]
        return False if False in found else None if None in found else True

    return evaluate


def _exists(path: Path) -> Predicate:
    def evaluate(context: Context) -> bool | None:
        try:
            return bool(path(context))
        except JsonPathError:
            return None

    return evaluate


def _comparison(operator: str, left: Path, right: Path, lax: bool) -> Predicate:
    def evaluate(context: Context) -> bool | None:
        try:
            pairs = [(a, b) for a in _unwrapped(left(context), lax) for b in _unwrapped(right(context), lax)]
        except JsonPathError:
            return None
        found, failed = False, False
        for a, b in pairs:
            result = _compare(operator, a, b)
            if result is None:
                if lax and not found:
                    return None
                failed = True
            elif result:
                if lax:
                    return True
                found = True
        return None if failed else found

    return evaluate


def _compare(operator: str, a: Any, b: Any) -> bool | None:
    kinds = type_name(a), type_name(b)
    if operator == "starts":
        return bool(a.startswith(b)) if kinds == ("string", "string") else None
    if "null" in kinds:
        return kinds == ("null", "null") and operator in ("==", "<=", ">=")
    if kinds[0] != kinds[1] or kinds[0] in ("array", "object"):
        return None
    return bool(_COMPARISONS[operator](a, b))


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operators.eq,
    "<>": operators.ne,
    "!=": operators.ne,
    "<": operators.lt,
    ">": operators.gt,
    "<=": operators.le,
    ">=": operators.ge,
}
