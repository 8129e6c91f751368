"""url functions: https://trino.io/docs/401/functions/url.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS: tuple[Function, ...] = ()
