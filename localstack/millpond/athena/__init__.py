"""Athena: SQL over the Glue Data Catalog, executed on DuckDB."""
