"""The runtime library: what a plan's SQL needs in DuckDB beyond DuckDB's own functions.

Each macro has a name that begins with `athena_`, so none hides a function of DuckDB's. Errors are
raised by a cast that fails (`athena_fail`): DuckDB's own `error()` cannot stand inside TRY. They are
put into Athena's words by `runtime_errors`.
"""

from __future__ import annotations

import duckdb

from millpond.athena.sql.macros import ALL


def install_library(connection: duckdb.DuckDBPyConnection) -> None:
    """Make a connection ready for plans: the library, and the session's settings that plans rely on.

    The library is created once per database, whose connections and cursors share it; the settings
    are those of a connection, so call this for each. It takes 15 ms for a new database and less than
    1 ms after that.
    """
    connection.execute("SET TimeZone = 'UTC'")
    try:
        connection.execute("SELECT athena_installed()")
    except duckdb.CatalogException:
        connection.execute(_SCRIPT)


_SCRIPT = ";".join(
    f"CREATE OR REPLACE MACRO {name} AS {body}"
    for name, body in {**ALL, "athena_installed()": "true"}.items()
)
