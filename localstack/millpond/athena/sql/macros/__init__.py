"""SQL macros for what Trino does otherwise than DuckDB, a module per topic, each a table `MACROS`.

A key is a macro's name with its parameters, a value its body. A body may use what is created before
it: `ALL` has them in that order.
"""

from __future__ import annotations

from millpond.athena.sql.macros import (
    arrays,
    dates,
    errors,
    from_text,
    json,
    maps,
    matching,
    numbers,
    strings,
    to_text,
    zones,
)

ALL: dict[str, str] = {
    name: body
    for module in (errors, zones, numbers, to_text, from_text, arrays, maps, strings, matching, json, dates)
    for name, body in module.MACROS.items()
}
"""Every macro, each behind those that it uses."""
