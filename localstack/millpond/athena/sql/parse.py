"""From the text of a statement to its dataclass.

Athena is two engines behind one door: Hive's grammar for tables, schemas and partitions, Trino's for
whatever contains a query. The first words tell which. Both grammars are our own, over sqlglot's
tokens: sqlglot's parser is made to read many dialects and to forgive, so it takes what Athena
refuses (`a::int`, QUALIFY, two adjacent strings), rewrites functions as it reads, and keeps no
places of operators. Here a text that is not Athena's grammar is refused, with Athena's words.
"""

from __future__ import annotations

import re

from millpond.athena.sql import syntax
from millpond.athena.sql.hive_grammar import HiveGrammar
from millpond.athena.sql.nesting import deep_statements
from millpond.athena.sql.statements import Query, Statement
from millpond.athena.sql.trino_grammar import TrinoGrammar


def parse_statement(text: str) -> Statement:
    """Read one statement; comments before it and a `;` behind it may be there.

    Raises:
        AthenaSyntaxError: It is not in Athena's grammar; `str()` of it is Athena's text.
        SqlError: A type in it is unknown.
    """
    grammar = HiveGrammar if _is_hive(text) else TrinoGrammar
    with deep_statements():
        return grammar(text).statement()


def parse_query(text: str) -> Query:
    """Read one query, such as a view's."""
    grammar = TrinoGrammar(text)
    query = grammar._query_statement()
    grammar.end()
    return query


def parse_expression(text: str) -> syntax.Expression:
    """Read one expression, such as a value of ExecutionParameters."""
    grammar = TrinoGrammar(text)
    expression = grammar.expression()
    grammar.end()
    return expression


_COMMENT_OR_SPACE = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_HIVE_START = re.compile(
    r"""(?: alter | msck | describe | desc | show
          | drop \s+ (?: table | schema | database )
          | create \s+ (?: external | schema | database ) ) \b""",
    re.IGNORECASE | re.VERBOSE,
)
_CREATE_TABLE = re.compile(r"create\s+table\b", re.IGNORECASE)
_QUERY_AFTER_AS = re.compile(r"\bas\s*(?:\(|(?:select|with|values|table)\b)", re.IGNORECASE)
_QUOTED_OR_COMMENT = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`[^`]*`|--[^\n]*|/\*.*?\*/""", re.DOTALL
)


def _is_hive(text: str) -> bool:
    start = _COMMENT_OR_SPACE.match(text)
    body = text[start.end() if start else 0 :]
    if _HIVE_START.match(body):
        return True
    # CREATE TABLE is Hive's unless a query makes it.
    return bool(_CREATE_TABLE.match(body)) and not _QUERY_AFTER_AS.search(_QUOTED_OR_COMMENT.sub(" ", body))
