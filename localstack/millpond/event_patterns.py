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
        self._matches = _object(_nested_by_dots(document))

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event, as its target would see it, is wanted."""
        return self._matches(_nested_by_dots(event))


def _nested_by_dots(value: Any) -> Any:
    """The same with `{"a.b": 1}` written as `{"a": {"b": 1}}`: patterns do not tell the two apart."""
    if isinstance(value, list):
        return [_nested_by_dots(element) for element in value]
    if not isinstance(value, Mapping):
        return value
    nested: dict[str, Any] = {}
    for key, part in value.items():
        outermost, *names = key.split(".")
        inner = _nested_by_dots(part)
        for name in reversed(names):
            inner = {name: inner}
        _merge(nested, outermost, inner)
    return nested


def _merge(into: dict[str, Any], key: str, part: Any) -> None:
    known = into.get(key)
    if isinstance(known, dict) and isinstance(part, dict):
        for name, inner in part.items():
            _merge(known, name, inner)
    else:
        into[key] = part


def _object(pattern: Mapping[str, Any]) -> _Node:
    nodes = [_alternatives(part) if key == "$or" else _field(key, part) for key, part in pattern.items()]
    return lambda event: all(node(event) for node in nodes)


def _alternatives(patterns: Any) -> _Node:
    if not isinstance(patterns, list):
        raise InvalidEventPattern("It must be an Array followed with $or.")
    if not all(isinstance(pattern, dict) for pattern in patterns):
        raise InvalidEventPattern("Only JSON object is allowed in array of $or relationship.")
    if len(patterns) < 2:
        raise InvalidEventPattern("There must have at least 2 Objects in $or relationship.")
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
    if _is_number(expected):
        return lambda value: _is_number(value) and bool(value == expected)
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
        raise InvalidEventPattern(f"Consecutive wildcard characters at pos {text.index('**') + 1}")
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
    network = _network(_text("prefix", argument))  # that is how AWS names it in this place

    def contains(value: str) -> bool:
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return _on_text(contains)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    address, slash, mask = text.partition("/")
    if not slash or "/" in mask:
        raise InvalidEventPattern("Malformed CIDR, one '/' required")
    if not mask.isdecimal():
        raise InvalidEventPattern("Malformed CIDR, mask bits must be an integer")
    try:
        bits = ipaddress.ip_address(address).max_prefixlen
    except ValueError:
        raise InvalidEventPattern(f"Nonstandard IP address: {address}") from None
    if int(mask) > bits:
        raise InvalidEventPattern(f"IPv{4 if bits == 32 else 6} mask bits must be < {bits}")
    return ipaddress.ip_network(text, strict=False)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_LOWER, _UPPER = (">", ">="), ("<", "<=")


def _numeric(argument: Any) -> _Leaf:
    """One comparison, or a range from below: `["<", 5]`, `[">=", 0, "<", 10]`."""
    if not isinstance(argument, list):
        raise InvalidEventPattern("Value of numeric must be an array.")
    sign = argument[0] if argument else "]"
    if not isinstance(sign, str) or not argument:
        raise InvalidEventPattern(f"Invalid member in numeric match: {sign}")
    if sign not in _COMPARISONS:
        raise InvalidEventPattern(f"Unrecognized numeric range operator: {sign}")
    comparisons = [_comparison(sign, argument[1:2])]
    if len(argument) > 2:
        if sign not in _LOWER:
            raise InvalidEventPattern("Too many elements in numeric expression")
        top = argument[2]
        if not isinstance(top, str):
            raise InvalidEventPattern(f"Bad value in numeric range: {top}")
        if top not in _UPPER:
            raise InvalidEventPattern(f"Bad numeric range operator: {top}")
        comparisons.append(_comparison(top, argument[3:4]))
    if len(argument) > 4:
        raise InvalidEventPattern("Too many terms in numeric range expression")
    return lambda value: _is_number(value) and all(compare(value, bound) for compare, bound in comparisons)


def _comparison(sign: str, bounds: Sequence[Any]) -> tuple[Callable[[Any, Any], bool], Any]:
    if not bounds or not _is_number(bounds[0]):
        raise InvalidEventPattern(f"Value of {'equals' if sign == '=' else sign} must be numeric")
    return _COMPARISONS[sign], bounds[0]


def _anything_but(argument: Any) -> _Leaf:
    """Every value but these; a field that is not there has none."""
    if isinstance(argument, dict):
        ((name, excluded),) = argument.items() if len(argument) == 1 else ((None, None),)
        if name not in _NEGATABLE:
            raise InvalidEventPattern(f"Unsupported anything-but pattern: {name}")
        values = excluded if isinstance(excluded, list) else [excluded]
        for value in values:
            _check_excluded(cast(str, name), value)
        leaves = [_OPERATORS[cast(str, name)](value) for value in values]
    else:
        values = argument if isinstance(argument, list) else [argument]
        if not all(isinstance(value, str) or _is_number(value) for value in values):
            raise InvalidEventPattern(
                "Inside anything but list, start|null|boolean is not supported."
                if isinstance(argument, list)
                else _ANYTHING_BUT_WHAT
            )
        if len({isinstance(value, str) for value in values}) != 1:
            raise InvalidEventPattern(
                "Inside anything but list, either all values are number or string, "
                "mixed type is not supported"
            )
        leaves = [_equal_to(value) for value in values]
    return lambda value: value is not ABSENT and not any(leaf(value) for leaf in leaves)


_NEGATABLE = ("equals-ignore-case", "prefix", "suffix", "wildcard")
_ANYTHING_BUT_WHAT = "Value of anything-but must be an array or single string/number value."


def _check_excluded(name: str, value: Any) -> None:
    """Refuse what stands in an operator within anything-but, where some have words of their own."""
    if name in ("prefix", "suffix"):
        if isinstance(value, dict):
            raise InvalidEventPattern(_ANYTHING_BUT_WHAT)
        if not isinstance(value, str):
            raise InvalidEventPattern("prefix/suffix match pattern must be a string")
        if not value:
            raise InvalidEventPattern("Null prefix/suffix not allowed")
    if name == "equals-ignore-case" and not isinstance(value, str):
        raise InvalidEventPattern(
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
        )


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
