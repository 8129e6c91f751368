"""Athena's SQL: from the text of a statement to a typed plan in DuckDB's dialect.

Nothing in this package reads a catalog, a file or a clock: the catalog's tables come in
through `catalog.CatalogReader` and a plan goes out. Nothing reaches DuckDB that the analysis did not
understand: a plan's SQL is made piece by piece here, never copied from the statement.

A statement goes one way through:

* `parse` reads it (`token_stream`, `expression_grammar`, `special_form_grammar`, `json_grammar`,
  `query_grammar`, `trino_grammar`, `hive_grammar`) into one of `statements`, whose queries are trees of
  `syntax`.
* `planner.plan_query`, `row_changes.plan_row_changes` and `row_changes.plan_insert` analyse it:
  `queries` and `select` take a query apart, `relations` its FROM, `grouping` its GROUP BY,
  `expressions` everything else, with `operators`, `casts`, `literals`, `calls`, `windows`.
  Names are looked up in `scope`, types meet in `coercion`, each expression becomes a `value.Value`.
* `functions` has Trino's functions as tables, a module per page of its documentation.
* `binding` gives a name to what a macro would compute several times.
* `plan` is what comes out. To run it, a connection needs `library.install_library`, which creates
  `macros`; what DuckDB then complains of, `runtime_errors` says in Trino's words.
"""
