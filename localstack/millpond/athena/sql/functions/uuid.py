"""UUID functions: https://trino.io/docs/401/functions/uuid.html."""

from __future__ import annotations

from millpond.athena.sql.functions.signature import Function

FUNCTIONS = (Function("uuid() -> uuid", "gen_random_uuid()"),)
