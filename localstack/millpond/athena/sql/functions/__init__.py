"""Trino's functions: what they take, what they give, and how DuckDB says it.

One module per page of Trino's documentation, each with a table `FUNCTIONS`.
https://trino.io/docs/401/functions.html
"""
