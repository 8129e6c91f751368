"""Exclude patterns: globs over the part of an object's key that follows the include path.

https://docs.aws.amazon.com/glue/latest/dg/define-crawler-choose-data-sources.html#crawler-data-stores-exclude
"""

from __future__ import annotations

import re

from millpond.glue.exceptions import InvalidInput


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """What a pattern matches, as a regular expression for the whole of a relative key.

    `*` and `?` stay inside a folder, `**` does not; `[a-c]`, `[!a-c]` and `{csv,json}` are known, and
    groups are not nested.

    Raises:
        InvalidInput: A bracket or a brace is not closed, or braces are nested.
    """
    return re.compile(_Translation(pattern.strip()).regex(), re.DOTALL)


class _Translation:
    """Walks a pattern once."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def regex(self) -> str:
        parts, in_group = [], False
        while self._at < len(self._pattern):
            char = self._next()
            if char == "{":
                if in_group:
                    raise self._wrong("groups cannot be nested")
                in_group = True
                parts.append("(?:")
            elif char == "}" and in_group:
                in_group = False
                parts.append(")")
            elif char == "," and in_group:
                parts.append("|")
            else:
                parts.append(self._single(char))
        if in_group:
            raise self._wrong("a brace is not closed")
        return "".join(parts)

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _single(self, char: str) -> str:
        if char == "*":
            if self._pattern[self._at : self._at + 1] == "*":
                self._at += 1
                return ".*"
            return "[^/]*"
        if char == "?":
            return "[^/]"
        if char == "[":
            return self._bracket()
        if char == "\\" and self._at < len(self._pattern):
            return re.escape(self._next())
        return re.escape(char)

    def _bracket(self) -> str:
        negated = self._pattern[self._at : self._at + 1] == "!"
        start = self._at + negated
        end = self._pattern.find("]", start + 1)
        if end < 0:
            raise self._wrong("a bracket is not closed")
        self._at = end + 1
        # The hyphen keeps its meaning; where it stands first it is itself, in regular expressions too.
        content = re.sub(r"([\\\[\]^&~|])", r"\\\1", self._pattern[start:end])
        return f"(?!/)[{'^' if negated else ''}{content}]"

    def _wrong(self, reason: str) -> InvalidInput:
        return InvalidInput(f"Invalid exclude pattern '{self._pattern}': {reason}")
