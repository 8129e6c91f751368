"""What the parts of a JSON path do: members, elements, arithmetic, methods, predicates.

Each makes a function from what a path sees to its items; `json_path` puts them together.
"""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class JsonPathError(Exception):
    """A path that cannot be evaluated on this input: what ON ERROR is for."""


@dataclass(frozen=True)
class Context:
    """What a path's parts see: the input, the variables, the item of a filter, the last index."""

    root: Any
    variables: dict[str, Any]
    item: Any = None
    last: int | None = None


Path = Callable[[Context], list[Any]]
Predicate = Callable[[Context], bool | None]


def _unwrapped(items: list[Any], lax: bool) -> list[Any]:
    """In lax mode an array stands for its elements."""
    if not lax:
        return items
    return [part for item in items for part in (item if isinstance(item, list) else [item])]


def last(context: Context) -> list[Any]:
    """`last`: the index of the last element of the array around."""
    if context.last is None:
        raise JsonPathError("accessing the last array index with no enclosing array")
    return [context.last]


def variable(context: Context, name: str) -> Any:
    """`$name`: the value that PASSING gave."""
    if name not in context.variables:
        raise JsonPathError(f"no value passed for parameter {name}")
    return context.variables[name]


def number(item: Any) -> Any:
    """An item that has to be a number."""
    if isinstance(item, bool) or not isinstance(item, (int, float, Decimal)):
        raise JsonPathError("invalid item type. Expected: NUMBER")
    return item


def arithmetic(operator: str, left: Path, right: Path) -> Path:
    """`left + right` and its like: each side has to be one number."""

    def evaluate(context: Context) -> list[Any]:
        first, second = left(context), right(context)
        if len(first) != 1 or len(second) != 1:
            raise JsonPathError("arithmetic binary expression requires singleton operands")
        a, b = number(first[0]), number(second[0])
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


def member(path: Path, name: str, lax: bool) -> Path:
    """`.name`: that member of each object."""

    def evaluate(context: Context) -> list[Any]:
        found = []
        for item in _unwrapped(path(context), lax):
            if isinstance(item, dict) and name in item:
                found.append(item[name])
            elif not lax:
                raise JsonPathError(f"missing member '{name}' in JSON object")
        return found

    return evaluate


def members(path: Path, lax: bool) -> Path:
    """`.*`: all members of each object."""

    def evaluate(context: Context) -> list[Any]:
        found: list[Any] = []
        for item in _unwrapped(path(context), lax):
            if isinstance(item, dict):
                found.extend(item.values())
            elif not lax:
                raise JsonPathError("invalid item type. Expected: OBJECT")
        return found

    return evaluate


def descendants(path: Path, name: str) -> Path:
    """`..name`: the members of that name at any depth."""

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


def elements(path: Path, lax: bool) -> Path:
    """`[*]`: all elements of each array."""

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


def subscripts(path: Path, bounds: list[tuple[Path, Path | None]], lax: bool) -> Path:
    """`[1, 3 to last]`: some elements of each array."""

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
    return int(number(items[0]))


def method(path: Path, method: Callable[[Any], Any], unwraps: bool, lax: bool) -> Path:
    """`.size()` and its like, of each item."""

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
        return float(item if isinstance(item, str) else number(item))
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
        whole = round_(number(item))
        return whole if isinstance(item, int) else type(item)(whole)

    return method


METHODS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    # name: what it does, whether it takes an array apart in lax mode
    "double": (_double, True),
    "ceiling": (_rounded(math.ceil), True),
    "floor": (_rounded(math.floor), True),
    "abs": (lambda item: abs(number(item)), True),
    "keyvalue": (_keyvalue, True),
    "type": (type_name, False),
    "size": (_size, False),
}
"""The methods of items, each with whether it stands for an array's elements in lax mode."""


# ---- predicates: None is unknown


def filtered(path: Path, predicate: Predicate, lax: bool) -> Path:
    """`? (predicate)`: the items for which it is true."""

    def evaluate(context: Context) -> list[Any]:
        return [
            item
            for item in _unwrapped(path(context), lax)
            if predicate(Context(context.root, context.variables, item, context.last)) is True
        ]

    return evaluate


def any_of(terms: list[Predicate]) -> Predicate:
    """`a || b`."""

    def evaluate(context: Context) -> bool | None:
        found = [term(context) for term in terms]
        return True if True in found else None if None in found else False

    return evaluate


def all_of(terms: list[Predicate]) -> Predicate:
    """`a && b`."""

    def evaluate(context: Context) -> bool | None:
        found = [term(context) for term in terms]
        return False if False in found else None if None in found else True

    return evaluate


def exists(path: Path) -> Predicate:
    """`exists(path)`: whether the path gives any item; unknown if it fails."""

    def evaluate(context: Context) -> bool | None:
        try:
            return bool(path(context))
        except JsonPathError:
            return None

    return evaluate


def comparison(operator: str, left: Path, right: Path, lax: bool) -> Predicate:
    """`left == right` and its like, and `starts with`: true if it is for any two items."""

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
