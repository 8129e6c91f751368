"""Iceberg tables: PyIceberg keeps the metadata and commits, DuckDB reads and writes the data files."""
