"""What all functions and the infrastructure agree on: the contracts of the sources and the layout of raw.

Nothing here but the standard library: a function carries this package in its archive, without layers.
(`contract_files` reads YAML and `dbt_sources` writes it; both run where the project is deployed from.)
"""
