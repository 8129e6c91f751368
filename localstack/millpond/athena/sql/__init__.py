"""Athena's SQL: from the text of a statement to a typed plan in DuckDB's dialect.

Nothing in this package reads a catalog, a file or a clock: the catalog's tables come in
through `catalog.CatalogReader` and a plan goes out.
"""
