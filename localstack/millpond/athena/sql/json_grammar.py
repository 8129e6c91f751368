"""Trino's grammar of JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_ARRAY and JSON_OBJECT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.syntax import Expression
from millpond.athena.sql.types import SqlType

if TYPE_CHECKING:
    from millpond.athena.sql.expression_grammar import ExpressionGrammar

_ENCODINGS = ("UTF8", "UTF16", "UTF32")


def path_call(grammar: ExpressionGrammar) -> Expression:
    """`JSON_VALUE(input, 'path' [PASSING …] [RETURNING …] [… ON EMPTY] [… ON ERROR])` and its like."""
    token = grammar.advance()
    grammar.expect("(")
    value = _input(grammar)
    grammar.expect(",")
    path = grammar.string()
    passing: tuple[syntax.JsonArgument, ...] = ()
    if grammar.take("PASSING"):
        passing = grammar.comma_list(lambda: _argument(grammar))
    returning, encoding = _returning(grammar)
    wrapper = _wrapper(grammar)
    omits_quotes = False
    if grammar.at_any("KEEP", "OMIT"):
        omits_quotes = grammar.advance().upper == "OMIT"
        grammar.expect("QUOTES")
        if grammar.take("ON"):
            grammar.expect("SCALAR")
            grammar.expect("STRING")
    fallbacks: dict[str, syntax.JsonFallback] = {}
    while not grammar.at(")"):
        fallback = _fallback(grammar)
        grammar.expect("ON")
        fallbacks[grammar.expect_any("EMPTY", "ERROR")] = fallback
    grammar.expect(")")
    return syntax.JsonPathCall(
        token.position,
        token.upper.lower(),
        value,
        path,
        passing,
        returning,
        encoding,
        wrapper,
        omits_quotes,
        fallbacks.get("EMPTY"),
        fallbacks.get("ERROR"),
    )


def constructor(grammar: ExpressionGrammar) -> Expression:
    """`JSON_ARRAY(item, … [NULL|ABSENT ON NULL] [RETURNING …])`, `JSON_OBJECT(key : item, …)`."""
    token = grammar.advance()
    name = token.upper.lower()
    grammar.expect("(")
    keys: list[Expression] = []
    items: list[syntax.JsonInput] = []
    while not grammar.at_any(")", "RETURNING", "ABSENT", "WITH", "WITHOUT"):
        if name == "json_object":
            keys.append(_key(grammar))
        items.append(_input(grammar))
        if not grammar.take(","):
            break
    absent = name == "json_array"
    if grammar.at_any("NULL", "ABSENT"):
        absent = grammar.advance().upper == "ABSENT"
        grammar.expect("ON", "NULL")
    unique = False
    if grammar.at_any("WITH", "WITHOUT"):
        unique = grammar.advance().upper == "WITH"
        grammar.expect("UNIQUE")
        grammar.take("KEYS")
    returning, encoding = _returning(grammar)
    grammar.expect(")")
    return syntax.JsonConstructor(
        token.position, name, tuple(keys), tuple(items), absent, unique, returning, encoding
    )


def _input(grammar: ExpressionGrammar) -> syntax.JsonInput:
    expression = grammar.expression()
    if not grammar.take("FORMAT"):
        return syntax.JsonInput(expression)
    return syntax.JsonInput(expression, _json_format(grammar))


def _json_format(grammar: ExpressionGrammar) -> str:
    grammar.expect("JSON")
    return grammar.expect_any(*_ENCODINGS) if grammar.take("ENCODING") else "UTF8"


def _argument(grammar: ExpressionGrammar) -> syntax.JsonArgument:
    value = _input(grammar)
    grammar.expect("AS")
    name = grammar.identifier()
    return syntax.JsonArgument(name.value if name.quoted else name.value.upper(), value)


def _key(grammar: ExpressionGrammar) -> Expression:
    if grammar.at("KEY") and grammar.peek().upper not in (":", "VALUE"):
        grammar.advance()
    key = grammar.expression()
    grammar.expect_any(":", "VALUE")
    return key


def _returning(grammar: ExpressionGrammar) -> tuple[SqlType | None, str]:
    if not grammar.take("RETURNING"):
        return None, "UTF8"
    type_ = grammar.simple_type()
    return type_, _json_format(grammar) if grammar.take("FORMAT") else "UTF8"


def _wrapper(grammar: ExpressionGrammar) -> str:
    if not grammar.at_any("WITH", "WITHOUT"):
        return "without"
    kind = grammar.advance().upper.lower()
    if kind == "with":
        kind = (grammar.take_any("CONDITIONAL", "UNCONDITIONAL") or "UNCONDITIONAL").lower()
    grammar.take("ARRAY")
    grammar.expect("WRAPPER")
    return kind


def _fallback(grammar: ExpressionGrammar) -> syntax.JsonFallback:
    kind = grammar.expect_any("NULL", "ERROR", "DEFAULT", "EMPTY", "TRUE", "FALSE", "UNKNOWN").lower()
    if kind == "default":
        return syntax.JsonFallback(kind, grammar.expression())
    if kind == "empty":
        return syntax.JsonFallback(f"empty {grammar.expect_any('ARRAY', 'OBJECT').lower()}")
    return syntax.JsonFallback(kind)
