"""Trino's grammar of expressions that begin with a word of their own: CASE, CAST, EXTRACT, TRIM, LISTAGG."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from millpond.athena.sql import json_grammar, syntax
from millpond.athena.sql.exceptions import AthenaSyntaxError
from millpond.athena.sql.syntax import Expression

if TYPE_CHECKING:
    from millpond.athena.sql.expression_grammar import ExpressionGrammar


def constant(grammar: ExpressionGrammar) -> Expression:
    """`NULL`, `TRUE`, `FALSE`."""
    token = grammar.advance()
    if token.upper == "NULL":
        return syntax.Literal(token.position, "null", "null")
    return syntax.Literal(token.position, "boolean", token.upper.lower())


def case(grammar: ExpressionGrammar) -> Expression:
    """`CASE [operand] WHEN … THEN … [ELSE …] END`."""
    position = grammar.advance().position
    operand = None if grammar.token.upper == "WHEN" else grammar.expression()
    clauses = []
    while grammar.take("WHEN"):
        condition = grammar.expression()
        grammar.expect("THEN")
        clauses.append(syntax.WhenClause(condition, grammar.expression()))
    if not clauses:
        raise grammar.mismatch()
    default = grammar.expression() if grammar.take("ELSE") else None
    grammar.expect("END")
    return syntax.Case(position, operand, tuple(clauses), default)


def cast(grammar: ExpressionGrammar) -> Expression:
    """`CAST(value AS type)` and TRY_CAST."""
    token = grammar.advance()
    grammar.expect("(")
    operand = grammar.expression()
    grammar.expect("AS")
    type_ = grammar.type()
    grammar.expect(")")
    return syntax.Cast(token.position, operand, type_, token.upper == "TRY_CAST")


def extract(grammar: ExpressionGrammar) -> Expression:
    """`EXTRACT(field FROM value)`."""
    position = grammar.advance().position
    grammar.expect("(")
    field = grammar.identifier()
    if field.lower not in syntax.EXTRACTED:
        raise AthenaSyntaxError.at(field.position, f"Invalid EXTRACT field: {field.value}")
    grammar.expect("FROM")
    operand = grammar.value()
    grammar.expect(")")
    return syntax.Extract(position, field.lower, operand)


def position_of(grammar: ExpressionGrammar) -> Expression:
    """`POSITION(needle IN haystack)`."""
    position = grammar.advance().position
    grammar.expect("(")
    needle = grammar.value()
    grammar.expect("IN")
    haystack = grammar.value()
    grammar.expect(")")
    return syntax.FunctionCall(position, "strpos", (haystack, needle))


def substring(grammar: ExpressionGrammar) -> Expression:
    """`SUBSTRING(text FROM start [FOR length])`, with commas too."""
    position = grammar.advance().position
    grammar.expect("(")
    arguments = [grammar.expression()]
    if grammar.take("FROM"):
        arguments.append(grammar.value())
        if grammar.take("FOR"):
            arguments.append(grammar.value())
    else:
        while grammar.take(","):
            arguments.append(grammar.expression())
    grammar.expect(")")
    return syntax.FunctionCall(position, "substring", tuple(arguments))


def trim(grammar: ExpressionGrammar) -> Expression:
    """`TRIM([BOTH|LEADING|TRAILING] [characters] FROM text)`, with commas too."""
    position = grammar.advance().position
    grammar.expect("(")
    sides = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim", None: "trim"}
    name = sides[grammar.take_any("BOTH", "LEADING", "TRAILING")]
    if grammar.take("FROM"):
        arguments: tuple[Expression, ...] = (grammar.value(),)
    else:
        first = grammar.value()
        if grammar.take("FROM"):
            arguments = (grammar.value(), first)
        else:
            arguments = (first, grammar.value()) if grammar.take(",") else (first,)
    grammar.expect(")")
    return syntax.FunctionCall(position, name, arguments)


def normalize(grammar: ExpressionGrammar) -> Expression:
    """`NORMALIZE(text [, form])`."""
    position = grammar.advance().position
    grammar.expect("(")
    value = grammar.value()
    form = grammar.expect_any("NFD", "NFC", "NFKD", "NFKC") if grammar.take(",") else "NFC"
    grammar.expect(")")
    return syntax.FunctionCall(position, "normalize", (value, syntax.Literal(position, "string", form)))


def listagg(grammar: ExpressionGrammar) -> Expression:
    """`LISTAGG(value [, separator]) WITHIN GROUP (ORDER BY …)`."""
    position = grammar.advance().position
    grammar.expect("(")
    distinct = grammar.take("DISTINCT")
    value = grammar.expression()
    separator: Expression = syntax.Literal(position, "string", "")
    if grammar.take(","):
        separator = syntax.Literal(grammar.position, "string", grammar.string())
    if grammar.take("ON"):
        # A text of more than 1048576 bytes fails or is cut off there; here none is too long.
        grammar.expect("OVERFLOW")
        if grammar.expect_any("ERROR", "TRUNCATE") == "TRUNCATE":
            if grammar.token.kind == "string":
                grammar.advance()
            grammar.expect_any("WITH", "WITHOUT")
            grammar.expect("COUNT")
    grammar.expect(")")
    grammar.expect("WITHIN", "GROUP")
    grammar.expect("(")
    grammar.expect("ORDER", "BY")
    order_by = grammar.comma_list(grammar.sort_item)
    grammar.expect(")")
    call = syntax.FunctionCall(position, "listagg", (value, separator), distinct=distinct, order_by=order_by)
    return grammar.call_suffix(call)


def exists(grammar: ExpressionGrammar) -> Expression:
    """`EXISTS (query)`."""
    position = grammar.advance().position
    return syntax.Exists(position, grammar.subquery())


def array(grammar: ExpressionGrammar) -> Expression:
    """`ARRAY[…]`."""
    if grammar.peek().upper == "(":
        return grammar.name_or_call()
    position = grammar.advance().position
    grammar.expect("[")
    items: tuple[Expression, ...] = ()
    if not grammar.take("]"):
        items = grammar.comma_list(grammar.expression)
        grammar.expect("]")
    return syntax.ArrayConstructor(position, items)


def row(grammar: ExpressionGrammar) -> Expression:
    """`ROW(…)`."""
    position = grammar.advance().position
    return syntax.RowConstructor(position, grammar.in_parentheses(grammar.expression))


def grouping(grammar: ExpressionGrammar) -> Expression:
    """`GROUPING(a, b)`."""
    position = grammar.advance().position
    return syntax.Grouping(position, grammar.in_parentheses(grammar.expression))


FORMS: dict[str, tuple[bool, Callable[[ExpressionGrammar], Expression]]] = {
    # word: (whether it is a name like any other unless a parenthesis follows, its rule)
    "NULL": (False, constant),
    "TRUE": (False, constant),
    "FALSE": (False, constant),
    "CASE": (False, case),
    "CAST": (False, cast),
    "TRY_CAST": (True, cast),
    "EXTRACT": (False, extract),
    "POSITION": (True, position_of),
    "SUBSTRING": (True, substring),
    "TRIM": (False, trim),
    "NORMALIZE": (False, normalize),
    "LISTAGG": (False, listagg),
    "EXISTS": (False, exists),
    "ARRAY": (True, array),
    "ROW": (True, row),
    "GROUPING": (False, grouping),
    "JSON_VALUE": (True, json_grammar.path_call),
    "JSON_QUERY": (True, json_grammar.path_call),
    "JSON_EXISTS": (True, json_grammar.path_call),
    "JSON_ARRAY": (True, json_grammar.constructor),
    "JSON_OBJECT": (True, json_grammar.constructor),
}
