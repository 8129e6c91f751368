"""How DuckDB's dialect writes names and texts that a statement's author chose."""

from __future__ import annotations

from millpond.athena.sql.exceptions import NotSupported


def quote_name(name: str) -> str:
    """A name as a quoted identifier; DuckDB takes no NUL, which nobody's column has in its name."""
    if "\0" in name:
        raise NotSupported("NUL in a name is not supported here")
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as a string literal; DuckDB's have no NUL in them."""
    if "\0" in text:
        return f"({' || chr(0) || '.join(map(quote_text, text.split(chr(0))))})"
    return "'" + text.replace("'", "''") + "'"
