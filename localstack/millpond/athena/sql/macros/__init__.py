"""SQL macros for what Trino does otherwise than DuckDB, a module per topic, each a table `MACROS`.

A key is a macro's name with its parameters, a value its body. A body may use what is created before
it: `library` gives the order.
"""
