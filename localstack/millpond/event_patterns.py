"""Event patterns: which events somebody wants to see.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

A pattern is read once into a tree of predicates. Lambda's filter criteria are written in the same language.
"""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from millpond.exceptions import InvalidEventPattern

# Whether the value of one field, or its absence, is what the pattern asks for.
_Leaf = Callable[[Any], bool]
# Whether an object is.
_Node = Callable[[Mapping[str, Any]], bool]

ABSENT: Any = object()


class EventPattern:
    """A pattern, ready to be matched.

    Raises:
        InvalidEventPattern: The text is no pattern.
    """

    def __init__(self, text: str) -> None:
        try:
            document = json.loads(text)
        except ValueError:
            raise InvalidEventPattern("Filter is not valid JSON") from None
        if not isinstance(document, dict):
            raise InvalidEventPattern("Filter is not an object")
        if not document:
            raise InvalidEventPattern("Empty objects are not allowed")
        self._matches = _object(document)

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event, as its target would see it, is wanted."""
        return self._matches(event)


def _object(pattern: Mapping[str, Any]) -> _Node:
    nodes = [_alternatives(part) if key == "$or" else _field(key, part) for key, part in pattern.items()]
    return lambda event: all(node(event) for node in nodes)


def _alternatives(patterns: Any) -> _Node:
    if not isinstance(patterns, list) or len(patterns) < 2 or not all(isinstance(p, dict) for p in patterns):
        raise InvalidEventPattern("$or must be an array of at least two objects")
    nodes = [_object(pattern) for pattern in patterns]
    return lambda event: any(node(event) for node in nodes)


def _field(key: str, pattern: Any) -> _Node:
    if isinstance(pattern, dict):
        if not pattern:
            raise InvalidEventPattern("Empty objects are not allowed")
        return _nested(key, _object(pattern))
    if isinstance(pattern, list):
        if not pattern:
            raise InvalidEventPattern("Empty arrays are not allowed")
        leaves = [_leaf(part) for part in pattern]
        return lambda event: any(_holds(leaf, event.get(key, ABSENT)) for leaf in leaves)
    raise InvalidEventPattern(f'"{key}" must be an object or an array')


def _nested(key: str, node: _Node) -> _Node:
    """An object, or an array of which one object is as the pattern asks for."""

    def matches(event: Mapping[str, Any]) -> bool:
        value = event.get(key, {})
        candidates = value if isinstance(value, list) else [value]
        return any(node(candidate) for candidate in candidates if isinstance(candidate, Mapping)) or (
            not any(isinstance(candidate, Mapping) for candidate in candidates) and node({})
        )

    return matches


def _holds(leaf: _Leaf, value: Any) -> bool:
    """A field with several values is as asked for if one of them is."""
    if isinstance(value, list):
        return any(leaf(element) for element in value) if value else leaf(ABSENT)
    return leaf(value)


def _leaf(part: Any) -> _Leaf:
    if isinstance(part, dict):
        if len(part) != 1:
            raise InvalidEventPattern("Only one key allowed in match expression")
        ((name, argument),) = part.items()
        if name not in _OPERATORS:
            raise InvalidEventPattern(f"Unrecognized match type {name}")
        return _OPERATORS[name](argument)
    if isinstance(part, list):
        raise InvalidEventPattern("Match value must be String, number, true, false, or null")
    return _equal_to(part)


def _equal_to(expected: Any) -> _Leaf:
    # A number is compared as it is written, so that 1 is neither 1.0 nor true.
    return lambda value: value is not ABSENT and type(value) is type(expected) and bool(value == expected)


def _on_text(test: Callable[[str], bool]) -> _Leaf:
    return lambda value: isinstance(value, str) and test(value)


def _equals_ignore_case(argument: Any) -> _Leaf:
    expected = _text("equals-ignore-case", argument).casefold()
    return _on_text(lambda value: value.casefold() == expected)


def _prefix(argument: Any) -> _Leaf:
    start, fold = _affix("prefix", argument)
    return _on_text(lambda value: fold(value).startswith(start))


def _suffix(argument: Any) -> _Leaf:
    end, fold = _affix("suffix", argument)
    return _on_text(lambda value: fold(value).endswith(end))


def _affix(name: str, argument: Any) -> tuple[str, Callable[[str], str]]:
    """The text to look for, and what to do to a value before."""
    if isinstance(argument, dict) and list(argument) == ["equals-ignore-case"]:
        return _text(name, argument["equals-ignore-case"]).casefold(), str.casefold
    return _text(name, argument), str


def _wildcard(argument: Any) -> _Leaf:
    text = _text("wildcard", argument)
    if "**" in text:
        raise InvalidEventPattern("Consecutive wildcard characters at pos " + str(text.index("**")))
    parts = (
        ".*" if part == "*" else re.escape(part.replace("\\*", "*").replace("\\\\", "\\"))
        for part in re.findall(r"(?:\\.|[^*\\])+|\*", text)
    )
    pattern = re.compile("".join(parts), re.DOTALL)
    return _on_text(lambda value: pattern.fullmatch(value) is not None)


def _exists(argument: Any) -> _Leaf:
    if not isinstance(argument, bool):
        raise InvalidEventPattern("exists match pattern must be either true or false.")
    return lambda value: (value is not ABSENT and not isinstance(value, Mapping)) is argument


def _cidr(argument: Any) -> _Leaf:
    try:
        network = ipaddress.ip_network(_text("cidr", argument), strict=False)
    except ValueError:
        raise InvalidEventPattern(f"Malformed CIDR, {argument}") from None

    def contains(value: str) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return _on_text(contains)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


def _numeric(argument: Any) -> _Leaf:
    """One comparison, or two that make a range: `["<", 5]`, `[">=", 0, "<", 10]`."""
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise InvalidEventPattern("Value of numeric must be an array of one or two comparisons.")
    comparisons = []
    for sign, bound in zip(argument[::2], argument[1::2], strict=True):
        if sign not in _COMPARISONS:
            raise InvalidEventPattern(f"Unrecognized numeric range operator: {sign}")
        if not _is_number(bound):
            raise InvalidEventPattern(f"Value of {sign} must be numeric")
        comparisons.append((_COMPARISONS[sign], bound))
    return lambda value: _is_number(value) and all(compare(value, bound) for compare, bound in comparisons)


def _anything_but(argument: Any) -> _Leaf:
    """Every value but these; a field that is not there has none."""
    if isinstance(argument, dict):
        ((name, excluded),) = argument.items() if len(argument) == 1 else ((None, None),)
        if name not in _NEGATABLE:
            raise InvalidEventPattern(f"Unsupported anything-but pattern: {name}")
        make = _OPERATORS[cast(str, name)]
        leaves = [make(part) for part in (excluded if isinstance(excluded, list) else [excluded])]
    else:
        values = argument if isinstance(argument, list) else [argument]
        if not values or not all(isinstance(value, str) or _is_number(value) for value in values):
            raise InvalidEventPattern("Value of anything-but must be an array or single string/number value.")
        leaves = [_equal_to(value) for value in values]
    return lambda value: value is not ABSENT and not any(leaf(value) for leaf in leaves)


_NEGATABLE = ("equals-ignore-case", "prefix", "suffix", "wildcard")

_OPERATORS: dict[str, Callable[[Any], _Leaf]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(name: str, argument: Any) -> str:
    if not isinstance(argument, str):
        raise InvalidEventPattern(f"{name} match pattern must be a string")
    return argument


def any_matches(patterns: Sequence[EventPattern], event: Mapping[str, Any]) -> bool:
    """Whether one of several patterns wants an event; without any, every event is wanted."""
    return not patterns or any(pattern.matches(event) for pattern in patterns)
