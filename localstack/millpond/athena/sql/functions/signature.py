"""A function's declaration, `split_part(varchar, varchar, bigint) -> varchar`, and its matching.

In a declaration a capital letter is any type (`array(T)`), a small letter in parentheses is any
number (`varchar(x)`, `decimal(p,s)`), `function(A, R)` is a lambda, `T...` repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from millpond.athena.sql.coercion import as_decimal, can_coerce, common_type, is_integer
from millpond.athena.sql.types import RowField, SqlType
from millpond.athena.sql.value import Value


@dataclass(frozen=True)
class Pattern:
    """A type with variables in it; `parameters` are numbers or the letters that stand for them."""

    name: str
    parameters: tuple[str, ...] = ()
    elements: tuple[Pattern, ...] = ()

    @property
    def is_variable(self) -> bool:
        """Whether it is a capital letter that stands for any type."""
        return len(self.name) == 1 and self.name.isupper()

    @property
    def is_lambda(self) -> bool:
        """Whether it is a function."""
        return self.name == "function"


Bindings = dict[str, SqlType | int | None]
Renderer = Callable[[Sequence[Value]], str]


@dataclass(frozen=True)
class Function:
    """One overload of a function.

    Attributes:
        signature: Its declaration.
        sql: DuckDB's SQL: a template with `{0}`, `{1}` and `{args}` for the arguments (an
            aggregate's has `{distinct}`, `{order}` and `{suffix}` too), or what makes it.
        kind: `scalar`, `aggregate` or `window`.
        result: Where the result's type follows no pattern: what computes it.
    """

    signature: str
    sql: str | Renderer
    kind: str = "scalar"
    result: Callable[[Sequence[SqlType]], SqlType] | None = None
    _lazy: dict[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The function's name."""
        return self.signature.partition("(")[0].strip()

    @cached_property
    def _parsed(self) -> tuple[tuple[Pattern, ...], bool, Pattern]:
        return _parse_signature(self.signature)

    @property
    def parameters(self) -> tuple[Pattern, ...]:
        """The patterns of its arguments."""
        return self._parsed[0]

    @property
    def variadic(self) -> bool:
        """Whether the last argument repeats."""
        return self._parsed[1]

    @property
    def returns(self) -> Pattern:
        """The pattern of its result."""
        return self._parsed[2]

    def pattern_of(self, index: int) -> Pattern | None:
        """The pattern of an argument, None if there are too many arguments."""
        if index < len(self.parameters):
            return self.parameters[index]
        return self.parameters[-1] if self.variadic else None

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        if self.variadic:
            return count >= len(self.parameters) - 1
        return count == len(self.parameters)


def longest(length: Callable[..., int]) -> Callable[[Sequence[SqlType]], SqlType]:
    """The varchar of a result whose length `length` computes from the arguments' lengths."""

    def result(types: Sequence[SqlType]) -> SqlType:
        most = length(*(type_.parameters[0] if type_.parameters else _UNBOUNDED for type_ in types))
        return SqlType("varchar", () if most >= _UNBOUNDED else (most,))

    return result


_UNBOUNDED = 2**31 - 1
"""The length of a varchar without one, as Trino counts."""


def match(pattern: Pattern, type_: SqlType, bindings: Bindings) -> int | None:
    """How far an argument's type is from a pattern: 0 is exact, None is no match.

    Variables are bound in `bindings` as they are met.
    """
    if pattern.is_variable:
        bound = bindings.get(pattern.name)
        if bound is None or bound == type_:
            bindings[pattern.name] = type_
            return 0
        assert isinstance(bound, SqlType)  # noqa: S101 - capital letters are bound to types only
        common = common_type(bound, type_)
        if common is None:
            return None
        bindings[pattern.name] = common
        return 1
    if type_.name == "unknown":
        return 1
    if pattern.name != type_.name:
        return _match_other(pattern, type_, bindings)
    if pattern.elements:
        if pattern.name == "row":
            return 0
        return _match_elements(pattern, type_, bindings)
    for letter, number in zip(pattern.parameters, type_.parameters or (None,) * 9, strict=False):
        if letter.isdigit() and pattern.name == "varchar" and (number is None or number > int(letter)):
            return None
        if letter.isalpha():
            previous = bindings.get(letter)
            bindings[letter] = max(previous, number) if isinstance(previous, int) and number else number
    return 0


def _match_elements(pattern: Pattern, type_: SqlType, bindings: Bindings) -> int | None:
    cost = 0
    for element_pattern, element in zip(pattern.elements, type_.elements, strict=True):
        element_cost = match(element_pattern, element, bindings)
        if element_cost is None:
            return None
        cost += element_cost
    return cost


_DISTANCE = {
    # from: to which, in the order in which Trino prefers them
    "tinyint": ("smallint", "integer", "bigint", "decimal", "real", "double"),
    "smallint": ("integer", "bigint", "decimal", "real", "double"),
    "integer": ("bigint", "decimal", "real", "double"),
    "bigint": ("decimal", "real", "double"),
    "decimal": ("double", "real"),
    "real": ("double",),
    "date": ("timestamp", "timestamp with time zone"),
    "timestamp": ("timestamp with time zone",),
}


def _match_other(pattern: Pattern, type_: SqlType, bindings: Bindings) -> int | None:
    preference = _DISTANCE.get(type_.name, ())
    if pattern.name not in preference:
        return None
    if pattern.name == "decimal" and is_integer(type_):
        match(pattern, as_decimal(type_), bindings)
    return 1 + preference.index(pattern.name)


def substitute(pattern: Pattern, bindings: Bindings) -> SqlType:
    """The type that a pattern is once its variables are bound; what is unbound is `unknown`."""
    if pattern.is_variable:
        bound = bindings.get(pattern.name)
        return bound if isinstance(bound, SqlType) else SqlType("unknown")
    numbers = []
    for letter in pattern.parameters:
        number = int(letter) if letter.isdigit() else bindings.get(letter)
        if isinstance(number, int):
            numbers.append(number)
    elements = tuple(substitute(element, bindings) for element in pattern.elements)
    if pattern.name == "row":
        return SqlType("row", fields=tuple(RowField(None, element) for element in elements))
    if pattern.name in ("timestamp", "timestamp with time zone") and not numbers:
        numbers = [3]
    if pattern.name == "decimal" and not numbers:
        # What NULL becomes.
        numbers = [1, 0]
    return SqlType(pattern.name, tuple(numbers), elements)


def argument_type(pattern: Pattern, given: SqlType, bindings: Bindings) -> SqlType:
    """The type that an argument is converted to before the call."""
    if pattern.name in ("timestamp", "timestamp with time zone", "time") and given.name == pattern.name:
        return given
    if pattern.name == given.name in ("varchar", "char"):
        return given
    target = substitute(pattern, bindings)
    return target if given != target and (given.name == "unknown" or can_coerce(given, target)) else given


def _parse_signature(text: str) -> tuple[tuple[Pattern, ...], bool, Pattern]:
    match_ = re.fullmatch(r"\s*[\w$]+\s*\((?P<parameters>.*)\)\s*->\s*(?P<result>.*?)\s*", text)
    if match_ is None:
        raise ValueError(f"Not a declaration of a function: {text}")
    parameters = _split(match_["parameters"])
    variadic = bool(parameters) and parameters[-1].endswith("...")
    return (
        tuple(_parse_pattern(parameter.removesuffix("...")) for parameter in parameters),
        variadic,
        _parse_pattern(match_["result"]),
    )


def _parse_pattern(text: str) -> Pattern:
    text = text.strip()
    zone = " with time zone" if text.endswith(" with time zone") else ""
    text = text.removesuffix(" with time zone")
    name, parenthesis, inner = text.partition("(")
    if not parenthesis:
        return Pattern(name + zone)
    items = _split(inner.rstrip()[:-1])
    if name in ("array", "map", "row", "function", "qdigest"):
        return Pattern(name, elements=tuple(map(_parse_pattern, items)))
    return Pattern(name + zone, parameters=tuple(items))


def _split(text: str) -> list[str]:
    """The items of a comma list, commas in parentheses left alone."""
    items, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            items.append(text[start:i].strip())
            start = i + 1
    items.append(text[start:].strip())
    return [item for item in items if item]
