"""A statement's tokens, and the cursor that a grammar moves over them.

sqlglot cuts the text into tokens; keywords stay plain words here, because what is a keyword depends
on the place. The cursor remembers what was looked for at the furthest place that it reached, from
which Trino's message is made: `line 1:10: mismatched input 'FORM'. Expecting: ',', 'FROM', …`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token as SqlglotToken
from sqlglot.tokenizer_core import TokenType
from sqlglot.tokens import Tokenizer

from millpond.athena.sql.exceptions import AthenaSyntaxError, SqlError
from millpond.athena.sql.nesting import refuse_deep_parentheses
from millpond.athena.sql.syntax import Position

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Token:
    """One token.

    Attributes:
        kind: `word`, `quoted` (an identifier), `backquoted`, `string`, `unicode`, `binary`,
            `number`, `symbol` or `end`.
        text: What it means: without quotes, escapes resolved.
        raw: As written.
        upper: `text` in upper case for a word, `text` for a symbol, empty for the rest.
        start: Offset of its first character.
        end: Offset behind its last character.
    """

    kind: str
    text: str
    raw: str
    upper: str
    start: int
    end: int
    position: Position


class _TrinoTokenizer(Tokenizer):
    KEYWORDS = {  # noqa: RUF012 - sqlglot's declaration
        "||": TokenType.DPIPE,
        "->": TokenType.ARROW,
        "=>": TokenType.FARROW,
        "<>": TokenType.NEQ,
        "!=": TokenType.NEQ,
        "<=": TokenType.LTE,
        ">=": TokenType.GTE,
    }
    QUOTES = ["'"]  # noqa: RUF012
    IDENTIFIERS = ['"', "`"]  # noqa: RUF012
    STRING_ESCAPES = ["'"]  # noqa: RUF012
    BYTE_STRINGS = [("x'", "'"), ("X'", "'")]  # noqa: RUF012 - unlike hex strings with any content
    UNICODE_STRINGS = [("u&'", "'"), ("U&'", "'")]  # noqa: RUF012
    COMMENTS = ["--", ("/*", "*/")]  # noqa: RUF012


class _HiveTokenizer(_TrinoTokenizer):
    QUOTES = ["'", '"']  # noqa: RUF012
    IDENTIFIERS = ["`"]  # noqa: RUF012
    STRING_ESCAPES = ["\\"]  # noqa: RUF012
    BYTE_STRINGS = []  # noqa: RUF012
    UNICODE_STRINGS = []  # noqa: RUF012


_TOKENIZERS = {"trino": _TrinoTokenizer, "hive": _HiveTokenizer}

_KINDS = {
    TokenType.VAR: "word",
    TokenType.IDENTIFIER: "quoted",
    TokenType.STRING: "string",
    TokenType.BYTE_STRING: "binary",
    TokenType.UNICODE_STRING: "unicode",
    TokenType.NUMBER: "number",
}

_HIVE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a", "%": "\\%", "_": "\\_"}

RESERVED_WORDS = frozenset(
    {
        "ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE",
        "CURRENT_CATALOG", "CURRENT_DATE", "CURRENT_PATH", "CURRENT_ROLE", "CURRENT_SCHEMA",
        "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DEALLOCATE", "DELETE", "DESCRIBE",
        "DISTINCT", "DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXECUTE", "EXISTS", "EXTRACT", "FALSE",
        "FOR", "FROM", "FULL", "GROUP", "GROUPING", "HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO",
        "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY", "JSON_VALUE", "LEFT",
        "LIKE", "LISTAGG", "LOCALTIME", "LOCALTIMESTAMP", "NATURAL", "NORMALIZE", "NOT", "NULL", "ON",
        "OR", "ORDER", "OUTER", "PREPARE", "RECURSIVE", "RIGHT", "ROLLUP", "SELECT", "SKIP", "TABLE",
        "THEN", "TRIM", "TRUE", "UESCAPE", "UNION", "UNNEST", "USING", "VALUES", "WHEN", "WHERE", "WITH",
    }
)  # fmt: skip
"""Words that cannot be names without quotes: https://trino.io/docs/401/language/reserved.html."""


def tokenize(text: str, dialect: str) -> tuple[Token, ...]:
    """The tokens of a text, the last one of kind `end`; `dialect` is `trino` or `hive`.

    Raises:
        AthenaSyntaxError: A quote or a comment is not closed.
    """
    lines = [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]

    def position(offset: int) -> Position:
        line = bisect_right(lines, offset)
        return Position(line, offset - lines[line - 1] + 1)

    def token(source: SqlglotToken) -> Token:
        raw = text[source.start : source.end + 1]
        kind = _KINDS.get(source.token_type, "symbol")
        meaning, upper = source.text, ""
        if kind == "word":
            upper = meaning.upper()
        elif kind == "symbol":
            upper = meaning
        elif kind == "quoted" and raw[0] == "`":
            kind = "backquoted"
        elif kind == "string" and dialect == "hive":
            meaning = _unescape_hive(raw[1:-1])
        return Token(kind, meaning, raw, upper, source.start, source.end + 1, position(source.start))

    try:
        tokens = [token(source) for source in _TOKENIZERS[dialect]().tokenize(text)]
    except TokenError as error:
        raise AthenaSyntaxError(str(error).split("\n")[0]) from error
    tokens.append(Token("end", "<EOF>", "<EOF>", "", len(text), len(text), position(len(text))))
    return tuple(tokens)


def _unescape_hive(raw: str) -> str:
    r"""What a string of Hive's grammar means: backslash escapes, `\001` and `\u0041` among them."""
    result, i = [], 0
    while i < len(raw):
        if raw[i] != "\\" or i + 1 == len(raw):
            result.append(raw[i])
            i += 1
            continue
        octal = raw[i + 1 : i + 4]
        if len(octal) == 3 and octal[0] in "01" and all(digit in "01234567" for digit in octal):
            result.append(chr(int(octal, 8)))
            i += 4
        elif raw[i + 1] == "u" and len(raw) >= i + 6:
            result.append(chr(int(raw[i + 2 : i + 6], 16)))
            i += 6
        else:
            result.append(_HIVE_ESCAPES.get(raw[i + 1], raw[i + 1]))
            i += 2
    return "".join(result)


class TokenStream:
    """The cursor. Grammars are subclasses; a method per rule, which leaves the cursor behind it.

    Attributes:
        parameter_count: The `?` met so far.
    """

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.parameter_count = 0
        self._tokens = tokenize(text, dialect)
        refuse_deep_parentheses(token.upper for token in self._tokens)
        self._index = 0
        self._furthest = 0
        self._expected: set[str] = set()

    @property
    def token(self) -> Token:
        """The token at the cursor."""
        return self._tokens[self._index]

    @property
    def position(self) -> Position:
        """The place of the token at the cursor."""
        return self._tokens[self._index].position

    def peek(self, distance: int = 1) -> Token:
        """The token that many behind the cursor."""
        return self._tokens[min(self._index + distance, len(self._tokens) - 1)]

    def at(self, *words: str) -> bool:
        """Whether the next tokens are these words or symbols."""
        for distance, word in enumerate(words):
            if self.peek(distance).upper != word:
                self.expecting(f"'{word}'", distance)
                return False
        return True

    def at_any(self, *words: str) -> bool:
        """Whether the next token is one of these words or symbols."""
        found = [self.at(word) for word in words]  # all are looked for, so that an error names all
        return any(found)

    def take(self, *words: str) -> bool:
        """Move behind these words if they are next."""
        if self.at(*words):
            self._index += len(words)
            return True
        return False

    def take_any(self, *words: str) -> str | None:
        """Move behind one of these words, whichever is next, and give it."""
        word = self.token.upper
        if self.at_any(*words):
            self._index += 1
            return word
        return None

    def expect(self, *words: str) -> Token:
        """Move behind these words, which must be next; gives the first one's token."""
        token = self.token
        if not self.take(*words):
            raise self.mismatch()
        return token

    def expect_any(self, *words: str) -> str:
        """Move behind one of these words, which must be next."""
        word = self.take_any(*words)
        if word is None:
            raise self.mismatch()
        return word

    def advance(self) -> Token:
        """Move by one token and give it."""
        token = self.token
        self._index += 1
        return token

    def expecting(self, what: str, distance: int = 0) -> None:
        """Remember what would have been right here, for an error's text."""
        index = self._index + distance
        if index > self._furthest:
            self._furthest, self._expected = index, set()
        if index == self._furthest:
            self._expected.add(what)

    def mismatch(self, *expected: str) -> AthenaSyntaxError:
        """The error at the furthest place that was reached."""
        for what in expected:
            self.expecting(what)
        token = self._tokens[self._furthest]
        return AthenaSyntaxError.at(
            token.position, f"mismatched input '{token.raw}'. Expecting: {', '.join(sorted(self._expected))}"
        )

    def error(self, message: str, at: Position | None = None) -> AthenaSyntaxError:
        """An error with its own words."""
        at = at or self.position
        return AthenaSyntaxError.at(at, message)

    def end(self) -> None:
        """Expect the end of the statement; a `;` may stand before it."""
        while self.token.upper == ";":
            self._index += 1
        if self.token.kind != "end":
            raise self.mismatch("<EOF>")

    def attempt(self, rule: Callable[[], _Result]) -> _Result | None:
        """Try a rule: if the text does not follow it, the cursor stays where it is."""
        index, parameters = self._index, self.parameter_count
        try:
            return rule()
        except AthenaSyntaxError:
            self._index, self.parameter_count = index, parameters
            return None

    def comma_list(self, rule: Callable[[], _Result]) -> tuple[_Result, ...]:
        """One or more of a rule, with commas between."""
        items = [rule()]
        while self.take(","):
            items.append(rule())
        return tuple(items)

    def in_parentheses(self, rule: Callable[[], _Result]) -> tuple[_Result, ...]:
        """A comma list in parentheses."""
        self.expect("(")
        items = self.comma_list(rule)
        self.expect(")")
        return items

    def string(self) -> str:
        """A string literal."""
        if self.token.kind != "string":
            raise self.mismatch("<string>")
        return self.advance().text

    def integer(self) -> int:
        """An integer literal."""
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.mismatch("<integer>")
        return int(self.advance().text)

    def slice_text(self, start: Token) -> str:
        """The text from a token to the one before the cursor."""
        return self.text[start.start : self._tokens[self._index - 1].end] if self._index else ""


def placed(error: SqlError, position: Position) -> SqlError:
    """An error that came without a place, now with it."""
    if error.line is None:
        error.line, error.column = position.line, position.column
    return error
