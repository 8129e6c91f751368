"""SQL's JSON path language, `lax $.children[*]?(@ > 10)`: parsed once, evaluated to a sequence of items.

https://trino.io/docs/401/functions/json.html#json-path-language. A path is parsed into nested functions from
an input to its items. JSON numbers with a fraction are `Decimal`, so that nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from millpond.athena.sql.python_functions import json_path_steps as steps
from millpond.athena.sql.python_functions.json_path_steps import Path, Predicate

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>"(?:[^"]|"")*")"""
    r"""|(?P<name>\$?[A-Za-z_][\w]*)|(?P<symbol>\.\.|&&|\|\||==|<>|!=|<=|>=|[-$@.,*/%+()\[\]?!<>]))"""
)


class JsonPathSyntaxError(Exception):
    """A text that is no path."""


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
            left = steps.arithmetic(operator, left, self._product())
        return left

    def _product(self) -> Path:
        left = self._signed()
        while operator := self._take("*", "/", "%"):
            left = steps.arithmetic(operator, left, self._signed())
        return left

    def _signed(self) -> Path:
        if operator := self._take("+", "-"):
            operand = self._signed()
            sign = -1 if operator == "-" else 1
            return lambda context: [sign * steps.number(item) for item in operand(context)]
        return self._accessors()

    # ---- accessors

    def _accessors(self) -> Path:
        path = self._primary()
        while True:
            if self._take(".."):
                path = steps.descendants(path, self._member_name())
            elif self._take("."):
                path = self._member(path)
            elif self._take("["):
                path = self._subscripts(path)
            elif self._take("?"):
                self._expect("(")
                predicate = self._disjunction()
                self._expect(")")
                path = steps.filtered(path, predicate, self.lax)
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
            return steps.members(path, self.lax)
        if self._peek(1) == "(" and self._peek() in steps.METHODS:
            method, unwraps = steps.METHODS[self._next()]
            self._expect("(")
            self._expect(")")
            return steps.method(path, method, unwraps and self.lax, self.lax)
        return steps.member(path, self._member_name(), self.lax)

    def _subscripts(self, path: Path) -> Path:
        if self._take("*"):
            self._expect("]")
            return steps.elements(path, self.lax)
        bounds = [self._subscript()]
        while self._take(","):
            bounds.append(self._subscript())
        self._expect("]")
        return steps.subscripts(path, bounds, self.lax)

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
            return steps.last
        if word in ("true", "false", "null"):
            constant = {"true": True, "false": False, "null": None}[word]
            return lambda context: [constant]
        if word.startswith("$"):
            return lambda context: [steps.variable(context, word[1:])]
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
        return terms[0] if len(terms) == 1 else steps.any_of(terms)

    def _conjunction(self) -> Predicate:
        terms = [self._negation()]
        while self._take("&&"):
            terms.append(self._negation())
        return terms[0] if len(terms) == 1 else steps.all_of(terms)

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
            return steps.exists(path)
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
            return steps.comparison("starts", left, self._sum(), self.lax)
        operator = self._take("==", "<>", "!=", "<", ">", "<=", ">=")
        if not operator:
            raise self._error()
        return steps.comparison(operator, left, self._sum(), self.lax)


def _tokens(text: str) -> Iterator[str]:
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise JsonPathSyntaxError(f"Failed to parse JSON path at '{text[at:]}'")
        yield match[0].strip()
        at = match.end()
