"""Trino's grammar of expressions: `SqlBase.g4`, from `expression` down to `primaryExpression`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from millpond.athena.sql import special_form_grammar, syntax
from millpond.athena.sql.exceptions import InvalidType
from millpond.athena.sql.syntax import Expression, Identifier, Position
from millpond.athena.sql.token_stream import RESERVED_WORDS, Token, TokenStream, placed
from millpond.athena.sql.types import SqlType, parse_type

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_QUERY_STARTS = ("SELECT", "WITH", "VALUES", "TABLE")
_INTERVAL_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
_NO_PARENTHESES = {
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "CURRENT_USER",
    "CURRENT_CATALOG",
    "CURRENT_SCHEMA",
}
_HIVE_ONLY_TYPES = {"string", "float", "binary", "struct"}
_MANY = range(2, 1_000_000)
_ARITIES = {
    # functions that are syntax in Trino: with how many arguments, and what the parser says else
    "if": (range(2, 4), "Invalid number of arguments for 'if' function"),
    "nullif": (range(2, 3), "Invalid number of arguments for 'nullif' function"),
    "coalesce": (_MANY, "The 'coalesce' function must have at least two arguments"),
    "try": (range(1, 2), "The 'try' function must have exactly one argument"),
    "format": (_MANY, "The 'format' function must have at least two arguments"),
}
_UNSUPPORTED_SYNTAX = {
    "CURRENT_PATH",
    "CURRENT_ROLE",
}


class ExpressionGrammar(TokenStream):
    """The rules for expressions. `query` comes from the grammar of queries."""

    if TYPE_CHECKING:

        def query(self) -> syntax.Query:
            """A query, from WITH to LIMIT."""

    # ---- names

    def identifier(self) -> Identifier:
        """A name, quoted or not reserved."""
        token = self.token
        if token.kind == "backquoted":
            raise self.error(
                "backquoted identifiers are not supported; use double quotes to quote identifiers"
            )
        if not self._is_name(token):
            if token.kind == "number" and self.peek().kind == "word" and self.peek().start == token.end:
                raise self.error(
                    "identifiers must not start with a digit; surround the identifier with double quotes"
                )
            raise self.mismatch("<identifier>")
        self.advance()
        return Identifier(token.position, token.text, token.kind == "quoted")

    def qualified_name(self) -> tuple[str, ...]:
        """`a.b.c`."""
        parts = [self.identifier().value]
        while self.take("."):
            parts.append(self.identifier().value)
        return tuple(parts)

    def _is_name(self, token: Token) -> bool:
        return token.kind == "quoted" or (token.kind == "word" and token.upper not in RESERVED_WORDS)

    # ---- boolean expressions

    def expression(self) -> Expression:
        """An expression of any kind."""
        return self._logical("OR", lambda: self._logical("AND", self._negation))

    def _logical(self, operator: str, operand: Callable[[], Expression]) -> Expression:
        position = self.position
        terms = [operand()]
        while self.take(operator):
            terms.append(operand())
        return syntax.Logical(position, operator, tuple(terms)) if len(terms) > 1 else terms[0]

    def _negation(self) -> Expression:
        position = self.position
        if self.token.upper == "NOT":
            self.advance()
            return syntax.Unary(position, "NOT", self._negation())
        return self._predicate()

    def _predicate(self) -> Expression:
        position = self.position
        left = self.value()
        operator_position = self.position
        operator = self.take_any(*_COMPARISONS)
        if operator is not None:
            name = _COMPARISONS[operator]
            if self.token.upper in ("ALL", "ANY", "SOME") and self.peek().upper == "(":
                quantifier = "ALL" if self.advance().upper == "ALL" else "ANY"
                return syntax.QuantifiedComparison(operator_position, name, quantifier, left, self.subquery())
            return syntax.Comparison(operator_position, name, left, self.value())
        if self.take("IS"):
            negated = self.take("NOT")
            if self.take("DISTINCT", "FROM"):
                result: Expression = syntax.Comparison(position, "IS DISTINCT FROM", left, self.value())
            else:
                self.expect("NULL")
                result = syntax.IsNull(position, left)
            return syntax.Unary(position, "NOT", result) if negated else result
        negated = self.take("NOT")
        if self.take("BETWEEN"):
            low = self.value()
            self.expect("AND")
            result = syntax.Between(operator_position if not negated else position, left, low, self.value())
        elif self.take("IN"):
            result = self._in(operator_position, left)
        elif self.take("LIKE"):
            pattern = self.value()
            result = syntax.Like(position, left, pattern, self.value() if self.take("ESCAPE") else None)
        elif negated:
            raise self.mismatch()
        else:
            return left
        return syntax.Unary(position, "NOT", result) if negated else result

    def _in(self, position: Position, operand: Expression) -> Expression:
        if self.peek().upper in _QUERY_STARTS:
            return syntax.InQuery(position, operand, self.subquery())
        return syntax.InList(position, operand, self.in_parentheses(self.expression))

    def subquery(self) -> syntax.Query:
        """`(query)`."""
        self.expect("(")
        query = self.query()
        self.expect(")")
        return query

    # ---- values

    def value(self) -> Expression:
        """A value expression: without AND, OR, NOT and predicates."""
        return self._operators(
            ("||",),
            lambda: self._operators(("+", "-"), lambda: self._operators(("*", "/", "%"), self._signed)),
        )

    def _operators(self, operators: tuple[str, ...], operand: Callable[[], Expression]) -> Expression:
        left = operand()
        while True:
            position = self.position
            operator = self.take_any(*operators)
            if operator is None:
                return left
            left = syntax.Binary(position, operator, left, operand())

    def _signed(self) -> Expression:
        position = self.position
        if self.token.upper in ("-", "+"):
            return syntax.Unary(position, self.advance().upper, self._signed())
        value = self._postfixed()
        # `AT` alone is an alias.
        while self.take("AT", "TIME", "ZONE"):
            zone = self._postfixed()
            value = syntax.AtTimeZone(position, value, zone)
        return value

    def _postfixed(self) -> Expression:
        value = self._primary()
        while True:
            position = self.position
            if self.take("["):
                value = syntax.Subscript(position, value, self.value())
                self.expect("]")
            elif self.token.upper == "." and self.peek(1).upper != "*" and self.take("."):
                value = syntax.Dereference(value.position, value, self.identifier())
            else:
                return value

    def _primary(self) -> Expression:
        token = self.token
        if token.kind in ("string", "binary", "number", "unicode"):
            return self._literal(self.advance())
        if token.upper == "." and self.peek().kind == "number" and self.peek().start == token.end:
            self.advance()
            text = "0." + self.advance().text
            return syntax.Literal(token.position, "double" if "e" in text.lower() else "decimal", text)
        if token.upper == "?":
            self.advance()
            self.parameter_count += 1
            return syntax.Parameter(token.position, self.parameter_count - 1)
        if token.upper == "(":
            return self._parenthesized()
        special = special_form_grammar.FORMS.get(token.upper)
        if special is not None:
            word_alone, form = special
            if not word_alone or self.peek().upper in ("(", "["):
                return form(self)
        if token.upper in _NO_PARENTHESES:
            return self._without_parentheses()
        if token.upper in _UNSUPPORTED_SYNTAX:
            raise self.error(f"{token.upper} is not supported by this Athena")
        if not self._is_name(token) and token.kind != "backquoted":
            if not (token.upper in ("LEFT", "RIGHT") and self.peek().upper == "("):
                raise self.mismatch("<expression>")
            return self.identifier()
        if token.upper == "INTERVAL" and (self.peek().kind == "string" or self.peek().upper in ("-", "+")):
            return self._interval()
        if token.upper == "DOUBLE" and self.peek().upper == "PRECISION" and self.peek(2).kind == "string":
            self.advance()
            self.advance()
            return syntax.TypedLiteral(token.position, "double", self.string())
        if token.kind == "word" and self.peek().kind == "string":
            self.advance()
            return syntax.TypedLiteral(token.position, token.text.lower(), self.string())
        if self.peek().upper == "->":
            return self._lambda()
        return self.name_or_call()

    def _literal(self, token: Token) -> Expression:
        if token.kind == "string":
            return syntax.Literal(token.position, "string", token.text)
        if token.kind == "binary":
            digits = re.sub(r"\s", "", token.text).upper()
            if not re.fullmatch(r"([0-9A-F]{2})*", digits):
                raise self.error("Binary literal must contain an even number of digits", token.position)
            return syntax.Literal(token.position, "binary", digits)
        if token.kind == "unicode":
            escape = self.string() if self.take("UESCAPE") else "\\"
            return syntax.Literal(token.position, "string", self._decode_unicode(token, escape))
        kind = "double" if "e" in token.text.lower() else "decimal" if "." in token.text else "integer"
        following = self.token
        if following.kind == "word" and following.start == token.end:
            raise self.error(
                "identifiers must not start with a digit; surround the identifier with double quotes",
                token.position,
            )
        return syntax.Literal(token.position, kind, token.text)

    def _decode_unicode(self, token: Token, escape: str) -> str:
        mark = re.escape(escape)
        pattern = f"{mark}(?:({mark})|\\+([0-9a-fA-F]{{6}})|([0-9a-fA-F]{{4}}))"

        def character(match: re.Match[str]) -> str:
            return escape if match[1] else chr(int(match[2] or match[3], 16))

        decoded = re.sub(pattern, character, token.text)
        if escape in re.sub(pattern, "", token.text):
            raise self.error("Incomplete escape sequence", token.position)
        return decoded

    def _interval(self) -> Expression:
        position = self.advance().position
        sign = -1 if self.take("-") else 1
        self.take("+")
        value = self.string()
        unit = self.expect_any(*_INTERVAL_UNITS)
        to_unit = self.expect_any(*_INTERVAL_UNITS) if self.take("TO") else None
        return syntax.IntervalLiteral(position, value, sign, unit.lower(), to_unit and to_unit.lower())

    def _parenthesized(self) -> Expression:
        position = self.position
        if self._at_lambda_parameters():
            return self._lambda()
        distance = 1
        while self.peek(distance).upper == "(":
            distance += 1
        if self.peek(distance).upper in _QUERY_STARTS:
            query = self.attempt(self.subquery)
            if query is not None:
                return syntax.ScalarSubquery(position, query)
        items = self.in_parentheses(self.expression)
        return syntax.RowConstructor(position, items) if len(items) > 1 else items[0]

    def _at_lambda_parameters(self) -> bool:
        distance = 1
        while self.peek(distance).upper == "," or self._is_name(self.peek(distance)):
            distance += 1
        return self.peek(distance).upper == ")" and self.peek(distance + 1).upper == "->"

    def _lambda(self) -> Expression:
        position = self.position
        if self.take("("):
            parameters: tuple[Identifier, ...] = ()
            if not self.take(")"):
                parameters = self.comma_list(self.identifier)
                self.expect(")")
        else:
            parameters = (self.identifier(),)
        self.expect("->")
        return syntax.Lambda(position, parameters, self.expression())

    # ---- calls

    def name_or_call(self) -> Expression:
        """A column, or a call of a function, whose name may be qualified."""
        distance = 1
        while self.peek(distance).upper == "." and self._is_name(self.peek(distance + 1)):
            distance += 2
        if self.peek(distance).upper != "(":
            return self.identifier()
        position = self.position
        parts = self.qualified_name()
        return self._call(position, ".".join(parts).lower())

    def _call(self, position: Position, name: str) -> Expression:
        call = self._any_call(position, name)
        if isinstance(call, syntax.FunctionCall) and name in _ARITIES:
            allowed, message = _ARITIES[name]
            if len(call.arguments) not in allowed:
                raise self.error(message, position)
        return call

    def _any_call(self, position: Position, name: str) -> Expression:
        self.expect("(")
        if self.take("*"):
            self.expect(")")
            return self.call_suffix(syntax.FunctionCall(position, name, (), star=True))
        if self.take(")"):
            return self.call_suffix(syntax.FunctionCall(position, name, ()))
        distinct = self.take("DISTINCT")
        if not distinct:
            self.take("ALL")
        arguments = self.comma_list(self.expression)
        order_by = self.comma_list(self.sort_item) if self.take("ORDER", "BY") else ()
        self.expect(")")
        return self.call_suffix(
            syntax.FunctionCall(position, name, arguments, distinct=distinct, order_by=order_by)
        )

    def call_suffix(self, call: syntax.FunctionCall) -> Expression:
        """What may follow a call: FILTER, IGNORE NULLS, OVER."""
        condition = None
        if self.token.upper == "FILTER" and self.peek().upper == "(":
            self.advance()
            self.expect("(")
            self.expect("WHERE")
            condition = self.expression()
            self.expect(")")
        nulls = None
        if self.token.upper in ("IGNORE", "RESPECT") and self.peek().upper == "NULLS":
            nulls = self.advance().upper.lower()
            self.advance()
        window: syntax.WindowSpecification | str | None = None
        if self.take("OVER"):
            window = self.window_specification() if self.at("(") else self.identifier().lower
        if condition is not None or nulls is not None or window is not None:
            call = syntax.FunctionCall(
                call.position,
                call.name,
                call.arguments,
                call.star,
                call.distinct,
                call.order_by,
                condition,
                nulls,
                window,
            )
        return _as_reduce(call) if call.name == "reduce_agg" and len(call.arguments) == 4 else call

    def sort_item(self) -> syntax.SortItem:
        """`expression [ASC|DESC] [NULLS FIRST|LAST]`."""
        position = self.position
        expression = self.expression()
        direction = self.take_any("ASC", "DESC")
        nulls_first = self.expect_any("FIRST", "LAST") == "FIRST" if self.take("NULLS") else None
        return syntax.SortItem(position, expression, direction == "DESC", nulls_first)

    def window_specification(self) -> syntax.WindowSpecification:
        """`( [name] [PARTITION BY …] [ORDER BY …] [frame] )`."""
        position = self.expect("(").position
        base = None
        if self._is_name(self.token) and self.token.upper not in ("PARTITION", "ROWS", "RANGE", "GROUPS"):
            base = self.identifier().lower
        partition_by = self.comma_list(self.expression) if self.take("PARTITION", "BY") else ()
        order_by = self.comma_list(self.sort_item) if self.take("ORDER", "BY") else ()
        frame = None
        frame_position = self.position
        unit = self.take_any("ROWS", "RANGE", "GROUPS")
        if unit is not None:
            if self.take("BETWEEN"):
                start = self._frame_bound()
                self.expect("AND")
                frame = syntax.Frame(frame_position, unit, start, self._frame_bound())
            else:
                frame = syntax.Frame(frame_position, unit, self._frame_bound(), None)
        self.expect(")")
        return syntax.WindowSpecification(position, base, partition_by, order_by, frame)

    def _frame_bound(self) -> syntax.FrameBound:
        position = self.position
        if self.take("UNBOUNDED"):
            return syntax.FrameBound(
                position, f"unbounded {self.expect_any('PRECEDING', 'FOLLOWING').lower()}", None
            )
        if self.take("CURRENT", "ROW"):
            return syntax.FrameBound(position, "current row", None)
        value = self.expression()
        return syntax.FrameBound(position, self.expect_any("PRECEDING", "FOLLOWING").lower(), value)

    # ---- types and constants

    def _without_parentheses(self) -> Expression:
        token = self.advance()
        arguments: tuple[Expression, ...] = ()
        if self.token.upper == "(":
            self.advance()
            position = self.position
            arguments = (syntax.Literal(position, "integer", str(self.integer())),)
            self.expect(")")
        return syntax.FunctionCall(token.position, token.upper.lower(), arguments)

    def type(self) -> SqlType:
        """A type, in Trino's spelling."""
        start = self.token
        if start.kind not in ("word", "quoted"):
            raise self.mismatch("<type>")
        depth = 0
        words: list[str] = []
        while self.token.kind != "end" and (depth or self.token.upper not in (")", ",")):
            depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(self.token.upper, 0)
            token = self.advance()
            bare_decimal = token.upper == "DECIMAL" and self.token.upper != "("
            words.append("decimal(38,0)" if bare_decimal else token.raw)
        text = " ".join(words)
        if start.text.lower() in _HIVE_ONLY_TYPES or start.kind == "quoted":
            raise InvalidType.at(start.position, f"Unknown type: {start.text}")
        try:
            return parse_type(text)
        except InvalidType as error:
            raise placed(error, start.position) from error

    def simple_type(self) -> SqlType:
        """A type that is one word, or two, with numbers in parentheses: what stands after RETURNING."""
        start = self.token
        words = [self.advance().raw]
        if self.at("PRECISION"):
            words.append(self.advance().raw)
        if self.at("("):
            while not self.at(")"):
                words.append(self.advance().raw)
            words.append(self.advance().raw)
        try:
            return parse_type(" ".join(words))
        except InvalidType as error:
            raise placed(error, start.position) from error


def _as_reduce(call: syntax.FunctionCall) -> syntax.FunctionCall:
    """`reduce_agg(x, s, f, g)` as `reduce(array_agg(x) FILTER (WHERE x IS NOT NULL), s, f, s -> s)`."""
    position = call.position
    value, start, step, _ = call.arguments
    present: Expression = syntax.Unary(position, "NOT", syntax.IsNull(position, value))
    if call.filter is not None:
        present = syntax.Logical(position, "AND", (call.filter, present))
    items = replace(call, name="array_agg", arguments=(value,), filter=present)
    state = Identifier(position, "state", quoted=False)
    return syntax.FunctionCall(
        position, "reduce", (items, start, step, syntax.Lambda(position, (state,), state))
    )
