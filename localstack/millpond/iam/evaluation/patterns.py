"""Wildcards in actions, resources and condition values.

`*` stands for any number of characters, `?` for one. In an ARN each of the parts between colons is
compared on its own; the last part, the resource's name, may have colons of its own.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_ARN_PARTS: Final = 6
_ANYTHING: Final = "*"

# A wildcard that was written as `${*}` or `${?}`, or that came out of a variable, stands for itself. Until a
# pattern is compiled it is kept as a character of Unicode's private use area.
LITERAL_ASTERISK: Final = "\ue000"
LITERAL_QUESTION_MARK: Final = "\ue001"
_LITERALS: Final = str.maketrans({LITERAL_ASTERISK: "*", LITERAL_QUESTION_MARK: "?"})
_PROTECTED: Final = str.maketrans({"*": LITERAL_ASTERISK, "?": LITERAL_QUESTION_MARK})


def protect(value: str) -> str:
    """A value whose asterisks and question marks are no wildcards."""
    return value.translate(_PROTECTED)


def as_text(pattern: str) -> str:
    """What a pattern says to an operator that knows no wildcards."""
    return pattern.translate(_LITERALS)


def _glob(pattern: str, any_run: str = ".*", any_one: str = ".") -> str:
    """A pattern in the language of regular expressions."""
    translated = {"*": any_run, "?": any_one, LITERAL_ASTERISK: r"\*", LITERAL_QUESTION_MARK: r"\?"}
    return "".join(translated.get(character) or re.escape(character) for character in pattern)


def _resource_expression(pattern: str) -> str:
    """A `Resource`: a `*` that ends a part of the ARN reaches beyond the colon, any other does not."""
    *head, last = pattern.split(":", _ARN_PARTS - 1)
    if len(head) < _ARN_PARTS - 1:
        return _glob(pattern)
    parts = []
    for part in head:
        if part.endswith("*"):
            parts.append(_glob(part[:-1], "[^:]*", "[^:]") + ".*")
        else:
            parts.append(_glob(part, "[^:]*", "[^:]"))
    return ":".join([*parts, _glob(last)])


def _arn_expression(pattern: str) -> str:
    """An `ArnLike`: each part on its own."""
    *head, last = pattern.split(":", _ARN_PARTS - 1)
    if len(head) < _ARN_PARTS - 1:
        return _glob(pattern) if pattern == _ANYTHING else r"(?!)"
    return ":".join([*(_glob(part, "[^:]*", "[^:]") for part in head), _glob(last)])


@lru_cache(maxsize=4096)
def text_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern of a `StringLike`; compare with `fullmatch`."""
    return re.compile(_glob(pattern), re.DOTALL)


@lru_cache(maxsize=4096)
def resource_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern of a `Resource`; compare with `fullmatch`."""
    return re.compile(_resource_expression(pattern), re.DOTALL)


@lru_cache(maxsize=4096)
def arn_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern of an `ArnLike`; compare with `fullmatch`."""
    return re.compile(_arn_expression(pattern), re.DOTALL)


def _has_wildcard(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def literal_beginning(pattern: str) -> str:
    """What stands before a pattern's first wildcard, and so at the beginning of all that it matches."""
    return as_text(re.split(r"[*?]", pattern, maxsplit=1)[0])


@dataclass(frozen=True)
class PatternList:
    """Several patterns, of which one must match; compiled into one set and one expression."""

    everything: bool
    exact: frozenset[str]
    expression: re.Pattern[str] | None

    def matches(self, value: str) -> bool:
        """Whether one of them matches."""
        if self.everything or value in self.exact:
            return True
        return self.expression is not None and self.expression.fullmatch(value) is not None


def _pattern_list(patterns: Iterable[str], expressions: dict[str, str]) -> PatternList:
    known = tuple(patterns)
    joined = "|".join(expressions.values())
    return PatternList(
        everything=_ANYTHING in known,
        exact=frozenset(as_text(pattern) for pattern in known if pattern not in expressions),
        expression=re.compile(joined, re.DOTALL) if joined else None,
    )


def action_patterns(actions: Iterable[str]) -> PatternList:
    """Actions, whose case is of no matter: compare with one in lower case."""
    lower = [action.lower() for action in actions]
    return _pattern_list(lower, {each: _glob(each) for each in lower if _has_wildcard(each)})


def resource_patterns(resources: Iterable[str]) -> PatternList:
    """Resources without variables."""
    known = list(resources)
    return _pattern_list(known, {each: _resource_expression(each) for each in known if _has_wildcard(each)})
