"""binary functions: https://trino.io/docs/401/functions/binary.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS: tuple[Function, ...] = ()
