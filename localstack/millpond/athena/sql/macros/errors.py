"""Errors of running queries, in the form that `runtime_errors` reads."""

from __future__ import annotations

MACROS = {
    "athena_fail(code, message)": "CAST('athena!' || code || '!' || message AS INTEGER)",
    "athena_fail_text(code, message)": "CAST(athena_fail(code, message) AS VARCHAR)",
    "athena_bad_cast(value, type_name)": """
        athena_fail('INVALID_CAST_ARGUMENT', 'Cannot cast ''' || value || ''' to ' || type_name)
    """,
    "athena_bad_argument(message)": "athena_fail('INVALID_FUNCTION_ARGUMENT', message)",
}
