"""Conditions of a statement: operators with their qualifiers, over keys of one or several values.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Final

from millpond.iam.evaluation.exceptions import MalformedPolicyError
from millpond.iam.evaluation.operators import OPERATORS, Operator
from millpond.iam.evaluation.variables import Template, read

_IF_EXISTS: Final = "ifexists"
_NULL: Final = "null"

Context = Mapping[str, tuple[str, ...]]
"""The request's condition keys in lower case, with their values."""


class Quantifier(Enum):
    """How many of the request's values must compare; the value is the prefix in lower case."""

    NONE = ""
    ANY = "foranyvalue:"
    ALL = "forallvalues:"


@dataclass(frozen=True)
class NullCheck:
    """`Null`: whether the request has the key at all."""

    name: str
    key: str
    absent: bool

    @property
    def names(self) -> frozenset[str]:
        """The condition keys that it reads, as the policy spells them."""
        return frozenset({self.name})

    def holds(self, context: Context) -> bool:
        """Whether the condition is met; a key with an empty value is there."""
        return (not context.get(self.key)) is self.absent


@dataclass(frozen=True)
class Comparison:
    """An operator on one key; all conditions of a statement must be met.

    Attributes:
        operator: What compares.
        quantifier: `ForAnyValue` or `ForAllValues`.
        if_exists: Met when the request does not have the key.
        name: The condition key as the policy spells it.
        key: The condition key in lower case.
        values: The policy's values, of which one must compare; none, if the operator is negated.
    """

    operator: Operator
    quantifier: Quantifier
    if_exists: bool
    name: str
    key: str
    values: tuple[str | Template, ...]

    @property
    def names(self) -> frozenset[str]:
        """The condition keys that it reads, as the policy spells them."""
        templates = (value.names for value in self.values if isinstance(value, Template))
        return frozenset({self.name}).union(*templates)

    def holds(self, context: Context) -> bool:
        """Whether the condition is met."""
        actual = context.get(self.key, ())
        if self.quantifier is not Quantifier.NONE:
            # To a set operator an empty text is no value.
            actual = tuple(filter(None, actual))
        if not actual:
            return self._holds_without_value()
        expected = self._expected(context)
        if self.quantifier is Quantifier.ANY:
            return any(self._compares(each, expected) is not self.operator.negated for each in actual)
        if self.quantifier is Quantifier.ALL:
            return all(self._compares(each, expected) is not self.operator.negated for each in actual)
        return any(self._compares(each, expected) for each in actual) is not self.operator.negated

    def _holds_without_value(self) -> bool:
        if self.if_exists or self.quantifier is Quantifier.ALL:
            return True
        return self.operator.negated and self.quantifier is Quantifier.NONE

    def _expected(self, context: Context) -> tuple[str, ...]:
        """The policy's values; one whose variables have no value compares with nothing."""
        if self._fixed is not None:
            return self._fixed
        resolved = (value if isinstance(value, str) else value.resolve(context) for value in self.values)
        return tuple(value for value in resolved if value is not None)

    @cached_property
    def _fixed(self) -> tuple[str, ...] | None:
        """The policy's values if they are the same for every request."""
        texts = tuple(value for value in self.values if isinstance(value, str))
        return texts if len(texts) == len(self.values) else None

    def _compares(self, actual: str, expected: tuple[str, ...]) -> bool:
        holds = self.operator.holds
        for each in expected:  # noqa: SIM110 - a generator costs more than most comparisons do
            if holds(actual, each):
                return True
        return False


Condition = Comparison | NullCheck


def read_conditions(block: Any, *, has_variables: bool) -> tuple[Condition, ...]:
    """The conditions of a statement's `Condition`.

    Raises:
        MalformedPolicyError: It is none, or names an operator that does not exist.
    """
    if not isinstance(block, Mapping):
        raise MalformedPolicyError("Syntax errors in policy.")
    conditions: list[Condition] = []
    for name, keys in block.items():
        if not isinstance(keys, Mapping):
            raise MalformedPolicyError("Syntax errors in policy.")
        for key, values in keys.items():
            conditions.append(_condition(name, key, _texts(values), has_variables))
    return tuple(conditions)


def _condition(name: str, key: str, values: tuple[str, ...], has_variables: bool) -> Condition:
    quantifier, bare = _split_quantifier(name.lower())
    if_exists = bare.endswith(_IF_EXISTS)
    bare = bare.removesuffix(_IF_EXISTS)
    if bare == _NULL and not if_exists:
        if len(values) != 1 or values[0].lower() not in ("true", "false"):
            raise MalformedPolicyError("Syntax errors in policy.")
        return NullCheck(key, key.lower(), absent=values[0].lower() == "true")
    operator = OPERATORS.get(bare)
    if operator is None:
        raise MalformedPolicyError(f"Invalid Condition type : {name}.")
    readable = has_variables and operator.takes_variables
    templates = tuple(read(value, has_variables=readable) for value in values)
    return Comparison(operator, quantifier, if_exists, key, key.lower(), templates)


def _split_quantifier(name: str) -> tuple[Quantifier, str]:
    for quantifier in (Quantifier.ANY, Quantifier.ALL):
        if name.startswith(quantifier.value):
            return quantifier, name.removeprefix(quantifier.value)
    return Quantifier.NONE, name


def _texts(values: Any) -> tuple[str, ...]:
    """A value or a list of values, as texts: JSON's numbers and truth values are allowed."""
    listed = values if isinstance(values, list | tuple) else [values]
    return tuple(_text(value) for value in listed)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedPolicyError("Syntax errors in policy.")
